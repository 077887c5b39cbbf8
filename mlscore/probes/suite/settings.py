"""Where pytest would look for tests, and by which names: read from the project's own configuration files."""

from __future__ import annotations

import configparser
import fnmatch
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlscore.core.evidence import Diagnostic, Location, Severity

if TYPE_CHECKING:
    from mlscore.project.tree import Tree

# pytest takes the first of these that exists and has its section, in this order; pytest.ini counts even when empty.
_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
_INI_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest"}


@dataclass(frozen=True, slots=True)
class SuiteSettings:
    """pytest's own settings about what is collected; the defaults are pytest's. `origin` names the file they are from.

    Patterns of files are matched against the name, or the whole path when they hold a slash; patterns of classes and
    functions are prefixes, or globs when they hold one of `*?[`.
    """

    testpaths: tuple[str, ...] = ()
    python_files: tuple[str, ...] = ("test_*.py", "*_test.py")
    python_classes: tuple[str, ...] = ("Test",)
    python_functions: tuple[str, ...] = ("test",)
    norecursedirs: tuple[str, ...] = (
        "*.egg", ".*", "_darcs", "build", "CVS", "dist", "node_modules", "venv", "{arch}",
    )  # fmt: skip
    origin: str | None = None
    diagnostics: tuple[Diagnostic, ...] = field(default=())

    def is_test_file(self, path: str) -> bool:
        """Whether pytest would collect the file at `path` (relative, forward slashes) by its name."""
        name = path.rpartition("/")[2]
        return any(
            fnmatch.fnmatchcase(path, f"*/{p.lstrip('/')}") or fnmatch.fnmatchcase(path, p.lstrip("/"))
            if "/" in p
            else fnmatch.fnmatchcase(name, p)
            for p in self.python_files
        )

    def is_recursed(self, path: str) -> bool:
        """Whether pytest would enter every folder on the way to `path`."""
        *folders, _ = path.split("/")
        for depth, folder in enumerate(folders, 1):
            whole = "/".join(folders[:depth])
            for pattern in self.norecursedirs:
                if (
                    fnmatch.fnmatchcase(f"/{whole}", f"*/{pattern}")
                    if "/" in pattern
                    else (fnmatch.fnmatchcase(folder, pattern))
                ):
                    return False
        return True

    def is_test_class(self, name: str) -> bool:
        """Whether pytest would collect a plain class of this name."""
        return _named(name, self.python_classes)

    def is_test_function(self, name: str) -> bool:
        """Whether pytest would collect a function of this name."""
        return _named(name, self.python_functions)


def _named(name: str, patterns: tuple[str, ...]) -> bool:
    return any(
        name.startswith(p) or (any(c in p for c in "*?[") and fnmatch.fnmatchcase(name, p)) for p in patterns if p
    )


def read_settings(tree: Tree) -> SuiteSettings:
    """pytest's settings for the project at the tree's root, from the first file pytest would take.

    A file that cannot be read gives the defaults and a diagnostic.
    """
    for name in _FILES:
        if not tree.has(name):
            continue
        text = tree.text(name)
        if text is None:
            return _unreadable(name, "it is not UTF-8 text")
        try:
            found = _toml(name, text) if name.endswith(".toml") else _ini(name, text)
        except (ValueError, configparser.Error) as error:
            return _unreadable(name, str(error).replace("\n", " "))
        if found is not None:
            return _settings(found, name)
    return SuiteSettings()


def _toml(name: str, text: str) -> dict[str, Any] | None:
    import tomllib

    data: Any = tomllib.loads(text)
    if name != "pyproject.toml":
        found = data.get("pytest", data)
        return found if isinstance(found, dict) else {}
    tool = data.get("tool", {})
    native = tool.get("pytest") if isinstance(tool, dict) else None
    if not isinstance(native, dict):
        return None
    options = native.get("ini_options")
    return options if isinstance(options, dict) else {k: v for k, v in native.items() if k != "ini_options"}


def _ini(name: str, text: str) -> dict[str, Any] | None:
    parser = configparser.RawConfigParser(strict=False)
    # configparser lower-cases keys; pytest's are lower case already.
    parser.read_string(text)
    section = _INI_SECTIONS.get(name, "pytest")
    if not parser.has_section(section):
        return {} if name.endswith("pytest.ini") else None
    return dict(parser.items(section))


def _settings(found: dict[str, Any], name: str) -> SuiteSettings:
    lists: dict[str, Any] = {}
    for key in ("testpaths", "python_files", "python_classes", "python_functions", "norecursedirs"):
        value = found.get(key)
        if isinstance(value, str):
            lists[key] = tuple(shlex.split(value.replace("\n", " "), comments=False))
        elif isinstance(value, list):
            lists[key] = tuple(str(v) for v in value)
    return SuiteSettings(**lists, origin=name)


def _unreadable(name: str, reason: str) -> SuiteSettings:
    problem = Diagnostic(
        Severity.WARNING,
        "pytest-settings-unreadable",
        f"{name} cannot be read, so pytest's default names are used: {reason}",
        Location(name),
        help=f"mend {name}; pytest itself will fail on it too",
    )
    return SuiteSettings(diagnostics=(problem,))

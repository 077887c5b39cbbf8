"""How far a run reaches: which of the suite's marked tests its arguments and options left out, and why."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mlscore.collect.cases import Case
from mlscore.collect.static import marked_cases, skipped_module
from mlscore.core.placement import Conventions
from mlscore.probes.suite.settings import SuiteSettings
from mlscore.project.tree import Tree


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument that names a part of the suite: a path relative to the project's root, names inside the file, and
    whether it takes only one set of a test's parameters.
    """

    path: str
    names: tuple[str, ...] = ()
    one_set: bool = False

    @classmethod
    def read(cls, text: str, relative: Callable[[str], str]) -> Argument:
        """The argument as typed; `relative` turns its path into one that is relative to the project's root."""
        place, _, rest = text.partition("::")
        names, bracket, _ = rest.partition("[")
        return cls(relative(place), tuple(names.split("::")) if names else (), bool(bracket))

    def covers(self, case: Case) -> bool:
        """Whether the argument makes pytest collect this test, with one set of its parameters at least."""
        if self.names:
            return case.path == self.path and tuple(case.qualname.split(".")[: len(self.names)]) == self.names
        return _within(case.path, self.path)


class Reach:
    """Compares what a run was asked to collect with the marked tests that a bare `pytest` would find."""

    def __init__(
        self, config: pytest.Config, root: Path, conventions: Conventions, rubric_ids: tuple[str, ...]
    ) -> None:
        self._config = config
        self._root = os.path.realpath(root)
        self._conventions = conventions
        self._rubric_ids = rubric_ids
        self._tree = Tree(root)

    def left_out(self, collected: Iterable[Case]) -> tuple[Case, ...]:
        """Marked tests that were never collected, each with the reason; `collected` are those that were.

        Read from the files without running them, and only when an argument or option narrows the run.
        """
        if not self._is_narrowed():
            return ()
        settings = self._settings()
        found: list[Case] = []
        here = frozenset((case.path, case.qualname) for case in collected)
        for case in self._marked(settings, self._suite(settings)):
            reason, part = self._why(case, here)
            if reason:
                # A test of which one set of parameters ran is not the same case as the test whole.
                nodeid = f"{case.nodeid}[...]" if part else case.nodeid
                found.append(replace(case, nodeid=nodeid, detail=reason))
        return tuple(found)

    def skipped(self, path: str, reason: str) -> tuple[Case, ...]:
        """The marked tests of a file that skipped itself while it was collected."""
        return skipped_module(self._marked(self._settings(), [path]), reason)

    def _marked(self, settings: SuiteSettings, paths: Iterable[str]) -> tuple[Case, ...]:
        cases = marked_cases(self._tree, settings, paths, self._conventions, self._rubric_ids)
        return tuple(case for case in cases if case.placement.items)

    def _is_narrowed(self) -> bool:
        config = self._config
        source = config.args_source
        return bool(
            source is pytest.Config.ArgsSource.ARGS
            or (
                source is not pytest.Config.ArgsSource.TESTPATHS
                and self._path(config.invocation_params.dir) != self._path(config.rootpath)
            )
            or config.getoption("ignore", None)
            or config.getoption("ignore_glob", None)
            or config.getoption("lf", False)
        )

    def _settings(self) -> SuiteSettings:
        config = self._config
        # Without a configuration file, pytest takes the folder that its arguments have in common for its root.
        base = self._path(config.rootpath) if config.inipath is not None else ""
        testpaths = tuple(str(p) for p in config.getini("testpaths"))
        return SuiteSettings(
            testpaths=tuple(f"{base}/{p}" if base else p for p in testpaths) or ((base,) if base else ()),
            python_files=tuple(config.getini("python_files")),
            python_classes=tuple(config.getini("python_classes")),
            python_functions=tuple(config.getini("python_functions")),
            norecursedirs=tuple(config.getini("norecursedirs")),
        )

    def _suite(self, settings: SuiteSettings) -> list[str]:
        """The files a bare `pytest` would collect tests from; a folder with a configuration of its own is not ours."""
        files = self._tree.files()
        foreign = tuple(
            folder + "/" for file in files if (folder := _folder_configured_by(file)) and self._is_ours(file)
        )
        roots = [root.strip("/").removeprefix("./") for root in settings.testpaths]
        found = [
            path
            for path in files
            if settings.is_test_file(path) and settings.is_recursed(path) and not path.startswith(foreign)
        ]
        inside = [p for p in found if any(_within(p, r) or fnmatch.fnmatchcase(p, f"{r}/*") for r in roots)]
        return inside or found

    def _is_ours(self, file: str) -> bool:
        return file.endswith("mlscore.toml") or "[tool.mlscore]" in (self._tree.text(file) or "")

    def _why(self, case: Case, collected: frozenset[tuple[str, str]]) -> tuple[str, bool]:
        """Why a test was not collected ("" when it was), and whether a part of its parameters was."""
        config = self._config
        for ignored in config.getoption("ignore", None) or ():
            if _within(case.path, self._argument(ignored)):
                return f"left out by --ignore={ignored}", False
        for pattern in config.getoption("ignore_glob", None) or ():
            glob = self._argument(pattern)
            if fnmatch.fnmatch(case.path, glob) or fnmatch.fnmatch(case.path, f"{glob}/*"):
                return f"left out by --ignore-glob={pattern}", False
        if config.getoption("pyargs", False):
            # Arguments are names of packages: what was collected tells more than they do.
            covered, whole = any(path == case.path for path, _ in collected), True
        else:
            arguments = [Argument.read(text, self._argument) for text in config.args]
            covering = [argument for argument in arguments if argument.covers(case)]
            covered, whole = bool(covering), not all(argument.one_set for argument in covering)
        if not covered:
            return f"not among the arguments: {shown(config.args)}", False
        if not whole:
            return f"some of its parameters are not among the arguments: {shown(config.args)}", True
        if config.getoption("lf", False) and (case.path, case.qualname) not in collected:
            return "left out by --last-failed", False
        return "", False

    def _argument(self, path: str) -> str:
        return self._path(self._config.invocation_params.dir / path)

    def _path(self, path: Path) -> str:
        """A path relative to the project's root with forward slashes; "" for the root and for what lies above it."""
        relative = os.path.relpath(os.path.realpath(path), self._root).replace(os.sep, "/")
        return "" if relative == "." or set(relative.split("/")) == {".."} else relative


def shown(arguments: Iterable[str]) -> str:
    """The first few arguments, for a sentence."""
    given = list(arguments)
    return " ".join(given[:3]) + (f" and {len(given) - 3} more" if len(given) > 3 else "")


def _within(path: str, folder: str) -> bool:
    return folder in ("", path) or path.startswith(folder + "/")


def _folder_configured_by(file: str) -> str:
    """The folder below the root that a configuration file configures, "" for none."""
    folder, _, name = file.rpartition("/")
    return folder if name in ("mlscore.toml", "pyproject.toml") else ""

"""How far a run reaches: which of the suite's marked tests its arguments and options left out, and why."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mlscore.collect.cases import Case
from mlscore.collect.static import marked_cases, skipped_module
from mlscore.core.placement import Conventions
from mlscore.probes.suite.settings import SuiteSettings
from mlscore.project.tree import Tree
from mlscore.pytest_plugin.narrowing import not_named

_BY_IGNORE = "left out by --ignore"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument that names a part of the suite: a path relative to the project's root, and names inside the file."""

    path: str
    names: tuple[str, ...] = ()

    @classmethod
    def read(cls, text: str, relative: Callable[[str], str]) -> Argument:
        """The argument as typed; `relative` turns its path into one that is relative to the project's root."""
        place, _, rest = text.partition("::")
        names = rest.partition("[")[0]
        return cls(relative(place), tuple(names.split("::")) if names else ())

    def covers(self, case: Case) -> bool:
        """Whether the argument makes pytest collect this test, with one set of its parameters at least."""
        if self.names:
            return case.path == self.path and tuple(case.qualname.split(".")[: len(self.names)]) == self.names
        return _within(case.path, self.path)


@dataclass(frozen=True, slots=True)
class Reached:
    """The marked tests that a run left out as far as their files tell, and the places of which the run tells the rest.

    Both are relative to the project's root; a place is a folder or a file, "" for the whole suite.
    """

    left_out: tuple[Case, ...] = ()
    whole: tuple[str, ...] = ()


class Reach:
    """Compares what a run was asked to collect with the marked tests that a bare `pytest` would find."""

    def __init__(
        self, session: pytest.Session, root: Path, conventions: Conventions, rubric_ids: tuple[str, ...]
    ) -> None:
        self._session = session
        self._config = session.config
        self._root = os.path.realpath(root)
        self._conventions = conventions
        self._rubric_ids = rubric_ids
        self._tree = Tree(root)

    def reached(self, files: Collection[str], unopened: Iterable[str]) -> Reached:
        """What a run left out that opened these files, but for these classes in them.

        Read from the files without running them, and only when an argument or option narrows the run.
        """
        arguments = self._arguments()
        whole = {argument.path: None for argument in arguments if not argument.names}
        # What was opened to run a test or two in it has told of all of them.
        whole.update({path: None for path in files if not any(_within(path, place) for place in whole)})
        if not self._is_narrowed():
            return Reached(whole=tuple(whole))
        opened, closed = frozenset(files), frozenset(unopened)
        settings = self._settings()
        found: list[Case] = []
        ignored: dict[str, bool] = {}
        for case in self._marked(settings, self._suite(settings)):
            reason = self._why(case, arguments, _is_known(case, opened, closed))
            if not reason:
                continue
            if not reason.startswith(_BY_IGNORE):
                if case.path not in ignored:
                    ignored[case.path] = self._is_ignored(case.path)
                if ignored[case.path]:
                    continue
            found.append(replace(case, detail=reason, guess=True))
        # A bare run would not open these either: there is nothing to tell of them.
        whole.update({path: None for path, yes in ignored.items() if yes})
        return Reached(tuple(found), tuple(whole))

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

    def _arguments(self) -> tuple[Argument, ...]:
        """What pytest was asked to collect: its arguments, or the place in which it looks without any."""
        config = self._config
        if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
            return (Argument(self._path(config.rootpath)),)
        if config.args_source is not pytest.Config.ArgsSource.ARGS:
            return (Argument(self._path(config.invocation_params.dir)),)
        if config.getoption("pyargs", False):
            # Arguments are names of packages: what was opened tells more than they do.
            return ()
        return tuple(Argument.read(text, self._argument) for text in config.args)

    def _why(self, case: Case, arguments: Iterable[Argument], known: bool) -> str:
        """Why a test was not collected, "" when it was or when pytest found that it is not there; `known` says so."""
        config = self._config
        for ignored in config.getoption("ignore", None) or ():
            if _within(case.path, self._argument(ignored)):
                return f"{_BY_IGNORE}={ignored}"
        for pattern in config.getoption("ignore_glob", None) or ():
            glob = self._argument(pattern)
            if fnmatch.fnmatch(case.path, glob) or fnmatch.fnmatch(case.path, f"{glob}/*"):
                return f"{_BY_IGNORE}-glob={pattern}"
        if known:
            return ""
        if not any(argument.covers(case) for argument in arguments):
            return not_named(config)
        return "left out by --last-failed" if config.getoption("lf", False) else ""

    def _is_ignored(self, path: str) -> bool:
        """Whether a bare `pytest` would pass over a file because a conftest or a plugin asks for it."""
        full = Path(self._root, path)
        for place in (*reversed(full.parents), full):
            if place.is_relative_to(self._config.rootpath) and place != self._config.rootpath:
                hook = self._session.gethookproxy(place.parent)
                if hook.pytest_ignore_collect(collection_path=place, config=self._config):
                    return True
        from mlscore.probes.automation.conftest_rules import Conftests

        # Conftests of folders that this run has not entered are read, not run.
        plugins = self._config.pluginmanager
        return Conftests(self._tree).ignores(path, but=lambda file: plugins.has_plugin(str(Path(self._root, file))))

    def _argument(self, path: str) -> str:
        return self._path(self._config.invocation_params.dir / path)

    def _path(self, path: Path) -> str:
        """A path relative to the project's root with forward slashes; "" for the root and for what lies above it."""
        relative = os.path.relpath(os.path.realpath(path), self._root).replace(os.sep, "/")
        return "" if relative == "." or set(relative.split("/")) == {".."} else relative


def _is_known(case: Case, opened: frozenset[str], closed: frozenset[str]) -> bool:
    """Whether pytest has opened the place of a test, so that it was found there if it is there at all."""
    names = case.qualname.split(".")
    inside = ("::".join((case.path, *names[:depth])) for depth in range(1, len(names)))
    return case.path in opened and closed.isdisjoint(inside)


def _within(path: str, folder: str) -> bool:
    return folder in ("", path) or path.startswith(folder + "/")


def _folder_configured_by(file: str) -> str:
    """The folder below the root that a configuration file configures, "" for none."""
    folder, _, name = file.rpartition("/")
    return folder if name in ("mlscore.toml", "pyproject.toml") else ""

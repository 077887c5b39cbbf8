"""Test cases of JUnit files that the plugin did not write: matched with the suite's source, and placed if possible."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from mlscore.collect.cases import Case
from mlscore.collect.junit_xml import ForeignCase, JunitFile
from mlscore.collect.phases import TOLERATED
from mlscore.core.evidence import Outcome
from mlscore.core.placement import EMPTY, NUMBERED_NAME, Mark, Placement, place
from mlscore.project.tree import Tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlscore.probes.suite.reader import StaticTest
    from mlscore.probes.suite.settings import SuiteSettings
    from mlscore.project.config import Config

# Of tests that name no item, so many are listed: `mlscore map` reads a suite of thousands better than files of outcomes.
MOST_UNPLACED = 100


@dataclass(slots=True)
class Placed:
    """The cases that mean something to the rubric, and the files that could not be collected."""

    cases: list[Case] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Home:
    """Where a class name leads: a path, the classes inside that file, and the tests of its source where there is one."""

    path: str
    classes: tuple[str, ...]
    tests: dict[str, StaticTest]


class ForeignPlacer:
    """Places test cases by their marks in the source, their properties, names and files; each source is read once."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._tree = Tree(config.root)
        self._ids = tuple(item.id for item in config.rubric.items)
        self._paths = frozenset(self._tree.files())
        self._named: dict[str, list[str]] = {}
        for path in self._paths:
            if path.endswith(".py"):
                self._named.setdefault(path.rpartition("/")[2], []).append(path)
        self._homes: dict[tuple[str, str | None], _Home] = {}
        self._sources: dict[str, dict[str, StaticTest]] = {}
        self._settings: SuiteSettings | None = None
        self._unplaced: set[str] = set()

    def place(self, file: JunitFile) -> Placed:
        """The cases of one file's foreign test cases, those left out of which nothing can be said."""
        placed = Placed()
        for (classname, path, time), names in file.plain.items():
            home, at = self._home(classname, path), _time(time)
            for name in self._speaking(home, names):
                self._add(placed, home, ForeignCase(name, Outcome.PASSED, ""), at)
        for (classname, path, time), cases in file.foreign.items():
            for case in cases:
                if case.collection:
                    self._uncollected(placed, classname, path, case)
                else:
                    self._add(placed, self._home(classname, path), case, _time(time))
        return placed

    def _speaking(self, home: _Home, names: list[str]) -> Iterable[str]:
        """Of tests that only have a name, those of which that name or their file says something."""
        if home.tests or self._config.conventions.names:
            return names
        if self._left <= 0:
            return ()
        if self._place(home, "test", None, ()) is not EMPTY:
            return dict.fromkeys(name.partition("[")[0] for name in names)
        return filter(NUMBERED_NAME.match, names)

    def _add(self, placed: Placed, home: _Home, case: ForeignCase, at: str | None) -> None:
        test, bracket, parameters = case.name.partition("[")
        qualname = ".".join((*home.classes, test))
        source = home.tests.get(qualname)
        wanted = self._config.conventions.properties
        given = tuple(p for p in case.properties if p[0] in wanted) if wanted else ()
        nodeid = "::".join((home.path, *home.classes, test))
        listed = self._left <= 0 or nodeid in self._unplaced
        if listed and source is None and not given and not self._config.conventions.names:
            return
        placement = self._place(home, test, source, given)
        if placement.items:
            nodeid += bracket + parameters
        elif placement is EMPTY or listed:
            return
        else:
            self._unplaced.add(nodeid)
        tolerated = case.outcome is Outcome.PASSED and source is not None and any(map(_tolerates_failure, source.marks))
        placed.cases.append(
            Case(
                nodeid=nodeid,
                path=home.path,
                line=None if source is None else source.location.line,
                qualname=qualname,
                outcome=Outcome.SKIPPED if tolerated else case.outcome,
                placement=placement,
                detail=TOLERATED if tolerated else case.detail,
                markers=() if source is None else tuple(dict.fromkeys(mark.name for mark in source.marks)),
                at=at,
            )
        )

    @property
    def _left(self) -> int:
        """How many more tests without an item are listed."""
        return MOST_UNPLACED - len(self._unplaced)

    def _place(
        self, home: _Home, test: str, source: StaticTest | None, given: tuple[tuple[str, str], ...]
    ) -> Placement:
        return place(
            () if source is None else source.marks,
            docstring=None if source is None else source.docstring,
            name=test,
            path=home.path,
            conventions=self._config.conventions,
            rubric_ids=self._ids,
            properties=given,
        )

    def _home(self, classname: str, file: str | None) -> _Home:
        key = (classname, file)
        if key not in self._homes:
            path, classes = self._locate(classname, file)
            self._homes[key] = _Home(path, classes, self._source(path) if path in self._paths else {})
        return self._homes[key]

    def _locate(self, classname: str, file: str | None) -> tuple[str, tuple[str, ...]]:
        """pytest's class names are the file's path with dots, then the classes; other runners' are a guess."""
        parts = tuple(part for part in classname.split(".") if part)
        if file is not None:
            path = file.replace("\\", "/").removeprefix("./")
            stem = tuple(path.removesuffix(".py").split("/"))
            return path, parts[len(stem) :] if parts[: len(stem)] == stem else tuple(
                p for p in parts if p[:1].isupper()
            )
        for length in range(len(parts), 0, -1):
            if f"{parts[length - 1]}.py" not in self._named:
                continue
            path = "/".join(parts[:length]) + ".py"
            if path in self._paths:
                return path, parts[length:]
            # pytest may have run in a folder below the project's.
            below = [p for p in self._named[f"{parts[length - 1]}.py"] if p.endswith(f"/{path}")]
            if len(below) == 1:
                return below[0], parts[length:]
        length = next((n for n, part in enumerate(parts) if n and part[:1].isupper()), len(parts))
        return "/".join(parts[:length]) + (".py" if parts else ""), parts[length:]

    def _source(self, path: str) -> dict[str, StaticTest]:
        if path not in self._sources:
            # Imported for files whose source is there: without it there is nothing to read.
            from mlscore.probes.suite.reader import read_suite

            suite = read_suite(self._tree, self._suite_settings(), under=(path,))
            self._sources[path] = {".".join((*test.classes, test.name)): test for test in suite.tests}
        return self._sources[path]

    def _suite_settings(self) -> SuiteSettings:
        if self._settings is None:
            from mlscore.probes.suite.settings import read_settings

            self._settings = read_settings(self._tree)
        return self._settings

    def _uncollected(self, placed: Placed, classname: str, file: str | None, case: ForeignCase) -> None:
        """pytest tells of a file it could not collect, or that skipped itself, as a test case without a class."""
        path, _ = self._locate(".".join(part for part in (classname, case.name) if part), file)
        if case.outcome is not Outcome.SKIPPED:
            placed.errors.append(path)
            return
        from mlscore.collect.static import marked_cases, skipped_module

        found = marked_cases(self._tree, self._suite_settings(), [path], self._config.conventions, self._ids)
        placed.cases += [c for c in skipped_module(found, _skip_reason(case.detail)) if c.placement.items]


def _tolerates_failure(mark: Mark) -> bool:
    """Whether a mark is an xfail without condition and not strict; plain JUnit XML does not tell of it."""
    return mark.name == "xfail" and not mark.args and not {"condition", "strict"} & mark.kwargs.keys()


def _skip_reason(text: str) -> str:
    """The reason in pytest's text for a skipped module, which is a tuple of path, line and reason as Python writes it."""
    import ast

    try:
        return str(ast.literal_eval(text)[2]).removeprefix("Skipped: ")
    except (ValueError, SyntaxError, IndexError, TypeError, MemoryError, RecursionError):
        return text


@lru_cache(maxsize=256)
def _time(text: str | None) -> str | None:
    """A suite's time stamp in UTC; one without a time zone says no more than the day."""
    try:
        time = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    if time.tzinfo is None:
        return time.date().isoformat()
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

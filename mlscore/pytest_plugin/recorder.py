"""In the process that runs the tests: finds the marked ones, and lets each report of theirs carry its evidence."""

from __future__ import annotations

import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from mlscore.collect.cases import PROPERTY, Case, from_property, to_property
from mlscore.collect.phases import Phase, Phases
from mlscore.core.evidence import Outcome
from mlscore.core.placement import MARKER
from mlscore.pytest_plugin.figures import FIGURES, RAN
from mlscore.pytest_plugin.finds import Finds
from mlscore.pytest_plugin.items import ItemReader, Ruler
from mlscore.pytest_plugin.narrowing import takes_single_tests, why_deselected, why_not_taken
from mlscore.pytest_plugin.trouble import Trouble
from mlscore.pytest_plugin.uncollected import uncollected

if TYPE_CHECKING:
    from mlscore.pytest_plugin.checks import Checks

MOST_PROBLEMS = 20


@dataclass(slots=True)
class Attempt:
    """One attempt at a marked test: the how-manieth it is, when it began, and its phases so far."""

    number: int = 1
    at: str | None = None
    phases: Phases = field(default_factory=Phases)


@dataclass(slots=True)
class Collection:
    """What collecting found.

    `chosen` are the tests with items that are to run, by pytest's node id; `left_out` those that are not; `unplaced` the
    tests without an item, once each; `problems` the marks gone wrong. `files` were opened, so that all their tests are
    known, but for those in the classes `unopened`; both are relative to the project's root.
    """

    chosen: dict[str, Case] = field(default_factory=dict)
    left_out: list[Case] = field(default_factory=list)
    unplaced: dict[str, Case] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)

    def to_text(self) -> str:
        """The collection as text, for the way from a worker of pytest-xdist to its controller."""
        return json.dumps(
            {
                "chosen": {nodeid: to_property(case) for nodeid, case in self.chosen.items()},
                "left_out": [to_property(case) for case in self.left_out],
                "unplaced": [to_property(case) for case in self.unplaced.values()],
                "problems": self.problems,
                "files": self.files,
                "unopened": self.unopened,
            }
        )

    @classmethod
    def from_text(cls, text: str) -> Collection:
        """The collection behind the text that `to_text` gave."""
        data = json.loads(text)
        chosen = {nodeid: told.case for nodeid, t in data["chosen"].items() if (told := from_property(t)) is not None}
        left_out = [told.case for t in data["left_out"] if (told := from_property(t)) is not None]
        unplaced = [told.case for t in data["unplaced"] if (told := from_property(t)) is not None]
        placeless = {case.nodeid: case for case in unplaced}
        return cls(chosen, left_out, placeless, data["problems"], data["files"], data["unopened"])


class Recorder:
    """Finds the marked tests once collection is over; `teller` is there from then on, if there are any."""

    def __init__(self, config: pytest.Config, ruler: Ruler, trouble: Trouble, checks: Checks | None = None) -> None:
        self._config = config
        self._reader = ItemReader(ruler)
        self._trouble = trouble
        self._checks = checks
        self._foreign = bool(ruler.conventions.markers)
        self.finds = Finds()
        self.collection: Collection | None = None
        self.teller: Teller | None = None
        # Every test that is to run, and how many marks of its own it had then, where it had any.
        self._items: dict[str, pytest.Item] = {}
        self._marks: dict[str, int] = {}

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, items: list[pytest.Item]
    ) -> Generator[None, Any, Any]:
        """Read the marks after every other plugin and conftest has had its turn, of the tests they left out too.

        Configured checks join the tests before that, so that they are selected and ordered as tests are.
        """
        left_out = self._add_checks(session, items)
        before = list(items)
        result = yield
        try:
            with uncollected():
                self._read(before, items)
            if self.collection is not None:
                self.collection.left_out += left_out
        except Exception as error:
            self._trouble.note(error)
            return result
        if self.collection is not None and self.collection.problems:
            if hasattr(self._config, "workerinput"):
                # The controller ends the session with this error; until then the worker runs nothing.
                items.clear()
            else:
                raise pytest.UsageError(mark_error(self.collection.problems))
        return result

    def _add_checks(self, session: pytest.Session, items: list[pytest.Item]) -> list[Case]:
        """Add the configured checks to the tests; the cases of those that this run leaves out."""
        if self._checks is None:
            return []
        from mlscore.pytest_plugin.checks import left_out, why_left_out

        found = self._checks.items(session)
        reason = why_left_out(self._config)
        if reason:
            return left_out(found, reason)
        items += found
        return []

    def _read(self, before: Sequence[pytest.Item], items: Sequence[pytest.Item]) -> None:
        collection = Collection()
        problems: dict[str, None] = {}
        told: dict[str, pytest.Item] = {}
        for item in items:
            case, wrong = self._reader.read(item)
            if case is None:
                continue
            if wrong:
                problems.update(dict.fromkeys(f"{_place(case)}: {p}" for p in case.placement.problems))
            if not case.placement.items:
                collection.unplaced.setdefault(case.nodeid, case)
            else:
                item.user_properties.append((PROPERTY, to_property(case)))
                collection.chosen[item.nodeid] = case
                told[item.nodeid] = item
        if len(before) != len(items) or any(a is not b for a, b in zip(before, items, strict=True)):
            kept = set(map(id, items))
            for item in before:
                if id(item) in kept:
                    continue
                case, wrong = self._reader.read(item)
                if case is None:
                    continue
                if wrong:
                    problems.update(dict.fromkeys(f"{_place(case)}: {p}" for p in case.placement.problems))
                if case.placement.items:
                    reason = why_deselected(self._config, item.nodeid)
                    collection.left_out.append(replace(case, detail=reason))
        self._look_around(collection, before)
        collection.problems = list(problems)
        self.collection = collection
        if self._reader.ruler.conventions.properties:
            # Only when a test has run is it known whether it records a property that places it.
            told = {item.nodeid: item for item in items}
        if told:
            self.teller = Teller(self._reader, self._trouble, told, collection.chosen)
        self._items = {item.nodeid: item for item in items}
        self._marks = {item.nodeid: len(item.own_markers) for item in items if item.own_markers}

    def _look_around(self, collection: Collection, chosen: Sequence[pytest.Item]) -> None:
        """Take down what the collectors opened, and the tests they found there that this run does not take."""
        base = self._reader.ruler.base
        collection.files = [base + nodeid for nodeid in self.finds.files()]
        if not takes_single_tests(self._config):
            return
        collection.unopened = [base + nodeid for nodeid in self.finds.unopened()]
        partly = {(case.path, case.qualname) for case in collection.chosen.values()}
        for item in self.finds.beside(chosen):
            case, _ = self._reader.read(item)
            if case is not None and case.placement.items:
                reason = why_not_taken(self._config, partly=(case.path, case.qualname) in partly)
                collection.left_out.append(replace(case, detail=reason))

    def concerns(self, report: pytest.TestReport) -> bool:
        """Whether a report can be of a marked test, by what it carries; where foreign marks count, any can.

        Its node id would tell as well, but pytest puts that together anew each time.
        """
        return bool(MARKER in report.keywords or report.user_properties or self._foreign)

    def marked_late(self, nodeid: str) -> bool:
        """Whether a test has got a mark since it was collected (`request.node.add_marker`); its case is then read anew."""
        item = self._items.get(nodeid)
        if item is None or len(item.own_markers) == self._marks.get(nodeid, 0):
            return False
        self._marks[nodeid] = len(item.own_markers)
        try:
            self._read_anew(item)
        except Exception as error:
            self._trouble.note(error)
        return True

    def _read_anew(self, item: pytest.Item) -> None:
        case, _ = self._reader.read(item)
        if case is None or self.collection is None:
            return
        if not case.placement.items and not case.placement.problems:
            self.collection.unplaced.setdefault(case.nodeid, case)
            return
        # A mark that cannot be read comes too late to stop the run: the report warns of it.
        self.collection.chosen[item.nodeid] = case
        if self.teller is None:
            self.teller = Teller(self._reader, self._trouble, {}, self.collection.chosen)
        self.teller.listen(item)


class Teller:
    """Keeps the `mlscore` property of each marked test's reports up to date, phase by phase."""

    def __init__(
        self, reader: ItemReader, trouble: Trouble, items: dict[str, pytest.Item], cases: dict[str, Case]
    ) -> None:
        self._reader = reader
        self._trouble = trouble
        self._items = items
        self._cases = cases
        self._attempts: dict[str, Attempt] = {}
        self._properties = frozenset(reader.ruler.conventions.properties)

    def listen(self, item: pytest.Item) -> None:
        """Let the reports of a test that was marked late be told as well."""
        self._items[item.nodeid] = item

    def tell(self, report: pytest.TestReport) -> None:
        """Called when a report is final, and before anybody writes it down or sends it on."""
        if report.nodeid in self._items:
            try:
                self._tell(self._items[report.nodeid], report)
            except Exception as error:
                self._trouble.note(error)

    def _tell(self, item: pytest.Item, report: pytest.TestReport) -> None:
        attempt = self._attempts.setdefault(report.nodeid, Attempt())
        attempt.at = attempt.at or _time(report.start)
        attempt.phases.add(
            Phase(str(report.when), outcome_of(report), message_of(report), getattr(report, "wasxfail", None))
        )
        if report.when == "teardown":
            # Subtests of a rerun are logged before its setup: an attempt begins where the one before it ends.
            self._attempts[report.nodeid] = Attempt(attempt.number + 1)
        case = self._cases.get(report.nodeid) or self._placed_by_property(item, report)
        if case is None:
            return
        outcome, detail = attempt.phases.outcome()
        figures = item.stash.get(FIGURES, None)
        values = figures.values if figures is not None else ()
        ran = item.stash.get(RAN, None)
        if ran is not None:
            values = ran.case.values
            if outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR):
                # What the check says of itself is shorter than what pytest shows, and it alone knows that it is hollow.
                outcome, detail = ran.case.outcome, ran.case.detail
        told = replace(
            case,
            outcome=outcome,
            detail=_with_reruns(outcome, detail, attempt.number - 1),
            values=values,
            at=attempt.at,
        )
        text = to_property(told, attempt=attempt.number)
        _put(item.user_properties, text)
        _put(report.user_properties, text)
        if report.when == "teardown" and figures is not None:
            # A rerun must not show the figures of the attempt before it.
            del item.stash[FIGURES]

    def _placed_by_property(self, item: pytest.Item, report: pytest.TestReport) -> Case | None:
        """The case of a test that a property recorded while it ran places at an item."""
        given = tuple((k, v) for k, v in report.user_properties if k in self._properties)
        return self._reader.read(item, given)[0] if given else None


def outcome_of(report: pytest.TestReport) -> str:
    """A report's outcome in pytest's words; an attempt that is to be rerun has failed."""
    outcome: str = report.outcome
    return "failed" if outcome == "rerun" else outcome


def message_of(report: pytest.TestReport) -> str:
    """What a report says went wrong, or why it was skipped."""
    longrepr: Any = report.longrepr
    if longrepr is None:
        return ""
    if isinstance(longrepr, tuple):
        return str(longrepr[2])
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message)
    # A fixture that does not exist has no crash to point at, but its error in one line.
    return str(getattr(longrepr, "errorstring", longrepr))


def mark_error(problems: Sequence[str]) -> str:
    """The usage error that lists every mark gone wrong, up to `MOST_PROBLEMS`."""
    count = len(problems)
    head = f"mlscore: {count} {'mark' if count == 1 else 'marks'} cannot be read"
    lines = [f"  {problem}" for problem in problems[:MOST_PROBLEMS]]
    if count > MOST_PROBLEMS:
        lines.append(f"  and {count - MOST_PROBLEMS} more")
    return "\n".join([head, *lines])


def _place(case: Case) -> str:
    return case.path if case.line is None else f"{case.path}:{case.line}"


def _with_reruns(outcome: Outcome, detail: str, reruns: int) -> str:
    if not reruns:
        return detail
    times = f"{reruns} {'rerun' if reruns == 1 else 'reruns'}"
    return f"{outcome.value} after {times}: {detail}" if detail else f"{outcome.value} after {times}"


def _put(properties: list[tuple[str, object]], text: str) -> None:
    for place, (name, _) in enumerate(properties):
        if name == PROPERTY:
            properties[place] = (PROPERTY, text)
            return
    properties.append((PROPERTY, text))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""A test's outcome as the plugin and a JUnit file both tell it, and the properties in which it travels."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlscore.core.evidence import Outcome, Value
from mlscore.core.placement import Placement

if TYPE_CHECKING:
    from mlscore.core.report import RunFacts

PROPERTY = "mlscore"
PROPERTY_VERSION = 1

# Of several outcomes of one test (phases, jobs of a matrix), the first of these that is among them counts.
GRAVITY = (
    Outcome.FAILED,
    Outcome.ERROR,
    Outcome.PASSED,
    Outcome.HOLLOW,
    Outcome.SKIPPED,
    Outcome.NOT_RUN,
    Outcome.UNKNOWN,
)
_RAN = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.HOLLOW})


@dataclass(frozen=True, slots=True)
class Case:
    """One test with its outcome over setup, call and teardown.

    With items, it is one set of a test's parameters; a test that names no item is listed once, without parameters.
    `path` is relative to the project's root with forward slashes, `qualname` is `Class.test` or `test` without
    parameters, `detail` says why in a few words, `ci` names the CI system it ran in (None: none), `at` is an ISO time,
    `check` names the kind of built-in check that it is ("" for a test). A `guess` was read from its file by a run that
    never opened it: whether pytest would find such a test there, and with which parameters, is not known.
    """

    nodeid: str
    path: str
    line: int | None
    qualname: str
    outcome: Outcome
    placement: Placement
    detail: str = ""
    markers: tuple[str, ...] = ()
    values: tuple[Value, ...] = ()
    at: str | None = None
    ci: str | None = None
    check: str = ""
    guess: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A case as one test report told it, and which attempt at the test that was (from 1; reruns make more)."""

    case: Case
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class SuiteFacts:
    """What one pytest run says of itself beside its tests' own reports.

    `tests` ran to an outcome. `silent` are the cases that no report tells: not run, in a skipped module, lost with a
    crashed worker, or without an item. `errors` are files that could not be collected. `whole` are the places (folders and
    files, "" for the whole suite) of which the run tells every test that is there: of guesses, its own alone stand.
    """

    tests: int = 0
    silent: tuple[Case, ...] = ()
    partial: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    interrupted: str | None = None
    ci: str | None = None
    whole: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every case that means something to the rubric, and the facts of the run or runs they come from."""

    cases: tuple[Case, ...]
    run: RunFacts


def run_facts(
    kind: str,
    cases: Iterable[Case],
    *,
    ci: str | None,
    tests: int,
    partial: Iterable[str] = (),
    errors: Iterable[str] = (),
    interrupted: str | None = None,
) -> RunFacts:
    """The facts of a run, with what follows from its cases: how many marked tests ran, which items were not reached."""
    # Imported here: the workers of a distributed run need nothing of the report.
    from mlscore.core.report import RunFacts

    marked = 0
    unreached: dict[str, None] = {}
    for case in cases:
        if case.outcome in _RAN:
            marked += bool(case.placement.items)
        elif case.outcome is Outcome.NOT_RUN:
            unreached.update(dict.fromkeys(case.placement.items))
    return RunFacts(
        kind=kind,
        ci=ci,
        tests=tests,
        marked=marked,
        partial=tuple(dict.fromkeys(partial)),
        unreached=tuple(unreached),
        errors=tuple(dict.fromkeys(errors)),
        interrupted=interrupted,
    )


def settle(case: Case, vetoes: Mapping[Outcome, str]) -> Case:
    """The case after what its reports say beside its own property: a failure or an error outweighs everything else."""
    for outcome in (Outcome.FAILED, Outcome.ERROR):
        if case.outcome is outcome:
            return case
        if outcome in vetoes:
            return replace(case, outcome=outcome, detail=vetoes[outcome])
    return case


def to_property(case: Case, *, attempt: int = 1) -> str:
    """The value of the `mlscore` user property that carries a case into test reports and JUnit XML."""
    return json.dumps({"v": PROPERTY_VERSION, **_to_data(case, attempt)}, ensure_ascii=True, separators=(",", ":"))


def from_property(text: str) -> Told | None:
    """The case behind a property written by `to_property`, or None when the text is not such a property."""
    try:
        data = json.loads(text)
        return _from_data(data) if data["v"] == PROPERTY_VERSION else None
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def to_suite_property(facts: SuiteFacts) -> str:
    """The value of the test suite's own `mlscore` property: what its test cases alone do not tell."""
    data: dict[str, object] = {
        "v": PROPERTY_VERSION,
        "tests": facts.tests,
        "silent": [_to_data(case) for case in facts.silent],
        "partial": list(facts.partial),
        "errors": list(facts.errors),
        "interrupted": facts.interrupted,
        "ci": facts.ci,
        "whole": list(facts.whole),
    }
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


def from_suite_property(text: str) -> SuiteFacts | None:
    """The facts behind a property written by `to_suite_property`, or None when the text is not such a property."""
    try:
        data = json.loads(text)
        if data["v"] != PROPERTY_VERSION:
            return None
        return SuiteFacts(
            tests=int(data["tests"]),
            silent=tuple(_from_data(d).case for d in data["silent"]),
            partial=_texts(data["partial"]),
            errors=_texts(data["errors"]),
            interrupted=_text(data["interrupted"]),
            ci=_text(data["ci"]),
            # Files that were written before this was told have none.
            whole=_texts(data.get("whole", [])),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return None


def _to_data(case: Case, attempt: int = 1) -> dict[str, object]:
    placement = case.placement
    data: dict[str, object] = {
        "id": case.nodeid,
        "path": case.path,
        "line": case.line,
        "name": case.qualname,
        "items": list(placement.items),
        "outcome": case.outcome.value,
    }
    optional: dict[str, object] = {
        "detail": case.detail,
        "attempt": attempt if attempt > 1 else None,
        "section": placement.section,
        "suggested": placement.suggested,
        "why": placement.why,
        "manual": placement.manual,
        "problems": list(placement.problems),
        "markers": list(case.markers),
        "values": [[v.name, v.value, v.unit, v.threshold] for v in case.values],
        "at": case.at,
        "ci": case.ci,
        "check": case.check,
        "guess": case.guess,
    }
    data.update({key: value for key, value in optional.items() if value})
    return data


def _from_data(data: dict[str, object]) -> Told:
    line = data["line"]
    attempt = data.get("attempt", 1)
    placement = Placement(
        items=_texts(data["items"]),
        section=_text(data.get("section")),
        suggested=_text(data.get("suggested")),
        why=_text(data.get("why")) or "",
        problems=_texts(data.get("problems", [])),
        manual=data.get("manual") is True,
    )
    case = Case(
        nodeid=_wanted(data["id"]),
        path=_wanted(data["path"]),
        line=line if isinstance(line, int) else None,
        qualname=_wanted(data["name"]),
        outcome=Outcome(_wanted(data["outcome"])),
        placement=placement,
        detail=_text(data.get("detail")) or "",
        markers=_texts(data.get("markers", [])),
        values=_values(data.get("values", [])),
        at=_text(data.get("at")),
        ci=_text(data.get("ci")),
        check=_text(data.get("check")) or "",
        guess=data.get("guess") is True,
    )
    return Told(case, attempt if isinstance(attempt, int) and attempt > 0 else 1)


def _values(data: object) -> tuple[Value, ...]:
    if not isinstance(data, list):
        raise TypeError
    return tuple(
        Value(_wanted(name), _figure(value), _text(unit), _figure(threshold)) for name, value, unit, threshold in data
    )


def _figure(data: object) -> int | float | str | None:
    if data is None or isinstance(data, bool | int | float | str):
        return data
    raise TypeError


def _texts(data: object) -> tuple[str, ...]:
    if not isinstance(data, list):
        raise TypeError
    return tuple(_wanted(text) for text in data)


def _wanted(data: object) -> str:
    if not isinstance(data, str):
        raise TypeError
    return data


def _text(data: object) -> str | None:
    return None if data is None else _wanted(data)

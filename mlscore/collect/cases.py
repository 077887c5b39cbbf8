"""A test's outcome as the plugin and a JUnit file both tell it, and the property in which it travels."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mlscore.core.evidence import Outcome, Value
from mlscore.core.placement import Placement
from mlscore.core.report import RunFacts

PROPERTY = "mlscore"
PROPERTY_VERSION = 1


@dataclass(frozen=True, slots=True)
class Case:
    """One test with its outcome over setup, call and teardown.

    `path` is relative to the project's root with forward slashes, `qualname` is `Class.test` or `test` without
    parameters, `detail` says why in a few words, `ci` names the CI system it ran in (None: none), `at` is an ISO time.
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


@dataclass(frozen=True, slots=True)
class Gathered:
    """Every case that means something to the rubric, and the facts of the run or runs they come from."""

    cases: tuple[Case, ...]
    run: RunFacts


def to_property(case: Case) -> str:
    """The value of the `mlscore` user property that carries a case's placement and figures into JUnit XML."""
    placement = case.placement
    data: dict[str, object] = {
        "v": PROPERTY_VERSION,
        "id": case.nodeid,
        "path": case.path,
        "line": case.line,
        "name": case.qualname,
        "items": list(placement.items),
    }
    optional: dict[str, object] = {
        "section": placement.section,
        "suggested": placement.suggested,
        "why": placement.why,
        "manual": placement.manual,
        "problems": list(placement.problems),
        "markers": list(case.markers),
        "values": [[v.name, v.value, v.unit, v.threshold] for v in case.values],
        "ci": case.ci,
    }
    data.update({key: value for key, value in optional.items() if value})
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


def from_property(text: str, *, outcome: Outcome, detail: str, at: str | None) -> Case | None:
    """The case behind a property written by `to_property`, or None when the text is not such a property."""
    try:
        data = json.loads(text)
        if not isinstance(data, dict) or data.get("v") != PROPERTY_VERSION:
            return None
        placement = Placement(
            items=tuple(str(i) for i in data["items"]),
            section=data.get("section"),
            suggested=data.get("suggested"),
            why=str(data.get("why", "")),
            problems=tuple(str(p) for p in data.get("problems", ())),
            manual=bool(data.get("manual", False)),
        )
        return Case(
            nodeid=str(data["id"]),
            path=str(data["path"]),
            line=data["line"] if isinstance(data["line"], int) else None,
            qualname=str(data["name"]),
            outcome=outcome,
            placement=placement,
            detail=detail,
            markers=tuple(str(m) for m in data.get("markers", ())),
            values=tuple(Value(str(v[0]), v[1], v[2], v[3]) for v in data.get("values", ())),
            at=at,
            ci=data.get("ci"),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None

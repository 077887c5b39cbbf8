"""A schema held against each window of time, with tolerances learnt from the clean windows of a reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.bounds import Learnt, learn
from mlscore.checks.schema.check import opened
from mlscore.checks.schema.examples import MOST
from mlscore.checks.schema.judge import columns_of, example_texts, has_pattern
from mlscore.checks.schema.plan import Plan, Task, make_plan
from mlscore.checks.schema.read import read_schema
from mlscore.checks.schema.shapes import Schema, Unmapped, label
from mlscore.errors import InputError, UsageError
from mlscore.tables import conditions as c
from mlscore.tables.shapes import UNDATED, Kind, TableOptions, TimeBlocks, Unit
from mlscore.tables.table import Table

MOST_WINDOWS = 400
FEW_WINDOWS = 5
_SECONDS = {Unit.HOUR: 3_600, Unit.DAY: 86_400, Unit.WEEK: 604_800, Unit.MONTH: 2_629_746, Unit.YEAR: 31_556_952}
_ROWS = "rows"


@dataclass(frozen=True, slots=True)
class InvariantResult:
    """One rule over the windows of the current data.

    `since` names the first window in which it is broken (its first moment, in UTC), `broken` how many of `windows` are,
    `violations` the rows that break it in those windows, `checked` the values in them, and `worst` the largest share of
    a window. `learnt` is the share of the reference's clean windows, `allowed` the share that was allowed in the first
    broken window (or the last one).
    """

    column: str | None
    rule: str
    windows: int
    broken: int
    since: str | None
    violations: int
    checked: int
    worst: float
    learnt: float
    allowed: float
    examples: tuple[str, ...] = ()
    note: str = ""
    origin: str = ""
    warns: bool = False

    @property
    def id(self) -> str:
        """The rule with its column."""
        return label(self.column, self.rule)

    @property
    def passed(self) -> bool:
        """Whether it holds in every window."""
        return self.since is None

    def to_json(self) -> dict[str, Any]:
        """The result as JSON knows it."""
        return {
            "column": self.column,
            "rule": self.rule,
            "violations": self.violations,
            "rows": self.checked,
            "passed": self.passed,
            "since": self.since,
            "windows": self.windows,
            "broken": self.broken,
            "worst": self.worst,
            "learnt": self.learnt,
            "allowed": self.allowed,
            "examples": list(self.examples),
            "note": self.note or None,
            "origin": self.origin or None,
            "warns": self.warns,
        }


@dataclass(frozen=True, slots=True)
class InvariantReport:
    """A schema over windows of the current data, each a `unit` long; `left_out` names the reference's unclean windows."""

    schema: str
    reference: str
    current: str
    unit: str
    reference_windows: int
    rules: tuple[InvariantResult, ...]
    unknown: tuple[Unmapped, ...] = ()
    left_out: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def broken(self) -> tuple[InvariantResult, ...]:
        """The rules that are broken in some window, the earliest first."""
        found = [rule for rule in self.rules if not rule.passed and not rule.warns]
        return tuple(sorted(found, key=lambda rule: (rule.since or "", -rule.worst)))

    @property
    def passed(self) -> bool:
        """Whether every rule holds in every window."""
        return not self.broken

    def to_json(self) -> dict[str, Any]:
        """The report as JSON knows it."""
        return {
            "schema": self.schema,
            "reference": self.reference,
            "current": self.current,
            "unit": self.unit,
            "passed": self.passed,
            "rules": [rule.to_json() for rule in self.rules],
            "unknown": [
                {"column": u.column, "rule": u.rule, "reason": u.reason, "origin": u.origin or None}
                for u in self.unknown
            ],
            "left_out": list(self.left_out),
            "hollow": self.hollow,
        }


def check_invariants(
    schema: object,
    reference: object,
    current: object,
    *,
    time: str,
    unit: Unit | str | None = None,
    false_alarms: float = 0.01,
    root: Path | None = None,
    environment: str | None = None,
    examples: int = MOST,
    options: TableOptions | None = None,
) -> InvariantReport:
    """Hold each window of the current data against a schema, with tolerances learnt from the reference's clean windows.

    `time` is the column by which both are cut into windows of one `unit` (hour, day, week, month, year; by default the
    finest that makes at most 400 windows). `false_alarms` is the chance that clean data alarms at all, over all rules
    and windows; a rule that names a share of its own is never held to less. Types and missing columns are never
    tolerated. Uniqueness is asked within each window. Row counts and checks that only their own library can run are not
    counted by window, and named. Raises InputError where something cannot be read, UsageError for a share that is none.
    """
    if not 0 < false_alarms < 1:
        raise UsageError(f"the share of false alarms lies between 0 and 1, not at {false_alarms}")
    read = read_schema(schema, root=root, environment=environment)
    with opened(reference, options) as before, opened(current, options) as now:
        chosen = Unit(unit) if unit is not None else _unit(before, time)
        past = _Counted.of(read, before, TimeBlocks(time, chosen))
        present = _Counted.of(read, now, TimeBlocks(time, chosen))
        tasks = [task for task in present.plan.tasks if _by_window(task)]
        alarm = false_alarms / max(1, len(tasks) * len(present.windows))
        results, left_out = [], set()
        for task in tasks:
            learnt = past.learnt(task)
            left_out |= {past.windows[number] for number in learnt.left_out}
            result = present.judge(task, learnt, alarm)
            if not result.passed and examples > 0:
                found = _examples(now, task, TimeBlocks(time, chosen), str(result.since), examples)
                result = replace(result, examples=found)
            results.append(result)
        structural = [present.structural(task) for task in present.plan.tasks if _structural(task)]
        report = InvariantReport(
            schema=read.source,
            reference=str(before.source),
            current=str(now.source),
            unit=chosen.value,
            reference_windows=len(past.windows),
            rules=(*structural, *results),
            unknown=(*present.plan.unmapped, *_unknown(past, present)),
            left_out=tuple(sorted(left_out)),
        )
    return replace(report, hollow=_hollow(read, report, past, present))


def _unit(table: Table, time: str) -> Unit:
    """The finest unit that cuts the span into at most MOST_WINDOWS. Raises InputError for a column without times."""
    column = next((one for one in table.columns if one.name == time), None)
    if column is None or column.kind not in (Kind.DATE, Kind.DATETIME):
        found = "there is no column" if column is None else f"no times, but {column.kind.value} values, in the column"
        raise InputError(
            f"{found} {time!r}", where=str(table.source), hint="name the column of dates or times by which to cut"
        )
    profile = table.profile([time], bins=1, top=0).columns[0]
    if not isinstance(profile.minimum, str) or not isinstance(profile.maximum, str):
        raise InputError(f"every time in {time!r} is missing", where=str(table.source), hint="name another column")
    span = datetime.fromisoformat(profile.maximum) - datetime.fromisoformat(profile.minimum)
    floor = Unit.DAY if column.kind is Kind.DATE else Unit.HOUR
    for unit, seconds in _SECONDS.items():
        if seconds >= _SECONDS[floor] and span.total_seconds() / seconds <= MOST_WINDOWS - 1:
            return unit
    return Unit.YEAR


def _structural(task: Task) -> bool:
    return task.broken or (
        task.condition is None and not isinstance(task.rule, (shapes.RowCount, shapes.Custom)) and not task.seen
    )


def _by_window(task: Task) -> bool:
    return task.condition is not None and not task.broken


class _Counted:
    """A table's violations by window."""

    def __init__(self, plan: Plan, counted: Mapping[str, Mapping[str, int]], failed: Mapping[str, str]) -> None:
        self.plan = plan
        self.undated = counted.get(UNDATED, {}).get(_ROWS, 0)
        self.windows = [name for name in counted if name != UNDATED]
        self.counted = counted
        self.failed = failed

    @classmethod
    def of(cls, schema: Schema, table: Table, blocks: TimeBlocks) -> _Counted:
        plan = make_plan(schema, table.columns)
        asked: dict[str, c.Condition] = {_ROWS: c.Every(())}
        asked |= {f"missing {name}": condition for name, condition in plan.missing.items()}
        asked |= {_key(task): task.condition for task in plan.tasks if _by_window(task) and task.condition is not None}
        patterns = {name: condition for name, condition in asked.items() if has_pattern(condition)}
        try:
            return cls(plan, table.violations_by(asked, blocks), {})
        except InputError:
            if not patterns:
                raise
        counted = table.violations_by({name: one for name, one in asked.items() if name not in patterns}, blocks)
        failed: dict[str, str] = {}
        for name, condition in patterns.items():
            try:
                for window, found in table.violations_by({name: condition}, blocks).items():
                    counted[window] |= found
            except InputError as error:
                failed[name] = error.what
        return cls(plan, counted, failed)

    def pairs(self, task: Task) -> Iterator[tuple[str, int, int]]:
        """Window, violations and values checked."""
        for window in self.windows:
            found = self.counted[window]
            missing = found.get(f"missing {task.column}", 0)
            about_missing = isinstance(task.rule, (shapes.Present, shapes.Finite, shapes.Unique))
            checked = found[_ROWS] - (0 if about_missing or task.rule.missing_breaks else missing)
            yield window, found.get(_key(task), 0), checked

    def learnt(self, task: Task) -> Learnt:
        pairs = list(self.pairs(task))
        return learn([violations for _, violations, _ in pairs], [checked for _, _, checked in pairs])

    def judge(self, task: Task, learnt: Learnt, alarm: float) -> InvariantResult:
        since, broken, violations, values, worst, allowed = None, 0, 0, 0, 0.0, task.rule.tolerated
        for window, found, checked in self.pairs(task):
            limit = max(learnt.bound(checked, alarm), int(task.rule.tolerated * checked))
            share = found / checked if checked else 0.0
            worst = max(worst, share)
            if since is None:
                allowed = limit / checked if checked else allowed
            if found > limit:
                since = window if since is None else since
                broken, violations, values = broken + 1, violations + found, values + checked
        return InvariantResult(
            column=task.column,
            rule=task.name,
            windows=len(self.windows),
            broken=broken,
            since=since,
            violations=violations,
            checked=values,
            worst=worst,
            learnt=learnt.share,
            allowed=allowed,
            note=task.note,
            origin=task.rule.origin,
            warns=task.rule.warns,
        )

    def structural(self, task: Task) -> InvariantResult:
        """A rule on the table's make-up: it holds in every window or in none."""
        rows = sum(self.counted[window][_ROWS] for window in self.windows) + self.undated
        broken = task.broken or task.all_break
        return InvariantResult(
            column=task.column,
            rule=task.name,
            windows=len(self.windows),
            broken=len(self.windows) if broken else 0,
            since=(self.windows[0] if self.windows else UNDATED) if broken else None,
            violations=rows if broken else 0,
            checked=rows,
            worst=1.0 if broken else 0.0,
            learnt=0.0,
            allowed=0.0,
            note=task.note,
            origin=task.rule.origin,
            warns=task.rule.warns,
        )


def _key(task: Task) -> str:
    return f"rule {label(task.column, task.name)}"


def _examples(table: Table, task: Task, blocks: TimeBlocks, since: str, most: int) -> tuple[str, ...]:
    columns = columns_of(task)
    if task.condition is None or isinstance(task.rule, shapes.Present) or not columns:
        return ()
    later = c.Compare(blocks.column, c.Operator.AT_LEAST, datetime.fromisoformat(since))
    if isinstance(task.condition, c.Repeated):
        return example_texts(columns, table.repeated_by(task.condition, blocks, later, most * 3), most)
    return example_texts(columns, table.rows_where(c.Every((task.condition, later)), most * 3, columns), most)


def _unknown(past: _Counted, present: _Counted) -> Iterator[Unmapped]:
    for task in present.plan.tasks:
        if not _by_window(task) and not _structural(task):
            yield Unmapped(
                task.column, task.name, "not counted by window; the schema check counts it", task.rule.origin
            )
        elif _key(task) in present.failed:
            yield Unmapped(task.column, task.name, present.failed[_key(task)], task.rule.origin)
    if present.undated:
        yield Unmapped(None, "time", f"{present.undated:,} rows have no time, so they are in no window")
    known = {_key(task) for task in past.plan.tasks if _by_window(task)}
    for task in present.plan.tasks:
        if _by_window(task) and _key(task) not in known:
            why = "the reference says nothing of it, so nothing but the rule's own share is tolerated"
            yield Unmapped(task.column, task.name, why, task.rule.origin)
    if len(past.windows) < FEW_WINDOWS:
        why = f"the reference has {len(past.windows)} windows, too few to say how much they differ"
        yield Unmapped(None, "tolerances", why)


def _hollow(schema: Schema, report: InvariantReport, past: _Counted, present: _Counted) -> str | None:
    if schema.hollow is not None:
        return schema.hollow
    if not report.rules:
        return "no rule of the schema could be judged by window"
    if not present.windows:
        return "no row of the current data has a time, so there is no window"
    if not past.windows:
        return "no row of the reference has a time, so nothing was learnt"
    return None

"""Checks that only their own library can run: on a sample, or on every row, in batches where no row needs the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.plan import Task
from mlscore.checks.schema.report import SAMPLE, RuleResult
from mlscore.checks.schema.shapes import Ran, Unmapped
from mlscore.tables.extras import need

if TYPE_CHECKING:
    from mlscore.tables.table import Table

CUSTOM_ROWS = 100_000
BATCH = 100_000
_TRIED = 5_000  # rows on which a function is tried in other company
_MEGABYTE = 1_000_000


@dataclass(slots=True)
class _Count:
    """What one check has said so far; `stopped` is why nothing more is asked of it."""

    task: Task
    rule: shapes.Custom
    rows: int = 0
    batches: int = 0
    violations: int = 0
    per_row: bool = True
    stopped: str | None = None

    def add(self, frame: Any) -> bool:
        """Run it on a frame; False where it spoke of the frame as a whole."""
        ran = _run(self.rule, frame, self.task.column)
        if isinstance(ran, str):
            self.stopped = ran
            return True
        self.rows, self.batches = self.rows + len(frame), self.batches + 1
        self.violations, self.per_row = self.violations + ran.violations, ran.per_row
        return ran.per_row


def run_customs(
    tasks: Sequence[Task], table: Table, rows: int, most_rows: int | None, most: float, seed: int
) -> tuple[list[RuleResult], list[Unmapped]]:
    """Run the checks of a table of `rows` rows on a sample of `most_rows`, or with None on all rows.

    On all rows, checks that judge each value by itself are run in batches, and so are functions whose answers about a
    row stay the same whatever rows stand beside it, which is tried. All others are given all rows at once; where these do
    not fit into the table's memory limit, the check is named as unknown. `most` is the share tolerated of rules that
    name none. Raises InputError where the table cannot be read.
    """
    if not tasks:
        return [], []
    need("pandas", package="pandas")
    counts = [_Count(task, task.rule) for task in tasks if isinstance(task.rule, shapes.Custom)]
    if most_rows is None:
        _on_all(counts, table, rows)
    else:
        frame = table.sample(most_rows, seed).to_pandas()
        for one in counts:
            one.add(frame)
    results: list[RuleResult] = []
    refused: list[Unmapped] = []
    for one in counts:
        if one.stopped is not None:
            refused.append(Unmapped(one.task.column, one.rule.name, one.stopped, one.rule.origin))
        else:
            results.append(_result(one, rows, most))
    return results, refused


def _result(one: _Count, rows: int, most: float) -> RuleResult:
    rule = one.rule
    tolerated = (rule.tolerated or most) if one.per_row else 0.0
    judged = "all rows" if one.rows >= rows else f"{SAMPLE} {one.rows:,} of {rows:,} rows"
    if one.batches > 1:
        judged += f", in {one.batches:,} batches"
    return RuleResult(
        column=one.task.column,
        rule=rule.name,
        topic=rule.topic,
        violations=one.violations,
        rows=one.rows,
        checked=one.rows if one.per_row else 1,
        passed=one.violations == 0 or (one.rows > 0 and one.violations / one.rows <= tolerated),
        tolerated=tolerated,
        warns=rule.warns,
        note=f"run by pandera on {rule.unit}",
        origin=rule.origin,
        judged=judged,
    )


def _on_all(counts: Sequence[_Count], table: Table, rows: int) -> None:
    """Each check on every row: one pass in batches for all that can be run so, then those that need all rows at once."""
    at_once: list[_Count] = []
    limit = table.engine.options.memory_mb * _MEGABYTE
    sizes: dict[str, float] = {}
    alone = [str(one.task.column) for one in counts] if all(one.rule.alone for one in counts) else None
    columns = None if alone is None else list(dict.fromkeys(alone))
    for number, frame in enumerate(_frames(table, BATCH, columns)):
        if number == 0:
            sizes = _sizes(frame, rows)
            if len(frame) < rows:
                at_once = [one for one in counts if not one.rule.each and _looks_beside(one, frame)]
        for one in counts:
            if one.stopped is None and one not in at_once and not one.add(frame) and len(frame) < rows:
                at_once.append(one)  # it judged rows by themselves when it was tried, and does not any more
    for one in at_once:
        wide = sum(size for name, size in sizes.items() if not one.rule.alone or name == one.task.column)
        if wide > limit:
            one.stopped = (
                f"it judges rows beside each other, and all {rows:,} at once take some {wide / _MEGABYTE:,.0f} MB, "
                f"more than the limit of {limit / _MEGABYTE:,.0f} MB"
            )
            continue
        frame, *_ = _frames(table, max(1, rows), [str(one.task.column)] if one.rule.alone else None)
        one.rows = one.batches = one.violations = 0
        one.add(frame)


def _frames(table: Table, rows: int, columns: Sequence[str] | None) -> Iterator[Any]:
    return (batch.to_pandas() for batch in table.batches(rows, columns))


def _sizes(frame: Any, rows: int) -> dict[str, float]:
    """About how many bytes all rows of each column take, by those of some."""
    used = frame.memory_usage(deep=True, index=False)
    return {str(name): float(used[name]) / max(1, len(frame)) * rows for name in frame.columns}


def _looks_beside(one: _Count, frame: Any) -> bool:
    """Whether a function's answer about a row changes with the rows beside it: fewer, twice as many, in another order."""
    head = frame.iloc[:_TRIED].reset_index(drop=True)
    size = len(head)
    cut = [0, *sorted({1, size // 7, size // 3, size // 2}), size]
    parts = [(start, head.iloc[start:end].reset_index(drop=True)) for start, end in pairwise(cut)]
    whole = _run(one.rule, head, one.task.column)
    turned = _run(one.rule, head.iloc[::-1].reset_index(drop=True), one.task.column)
    doubled = _run(one.rule, need("pandas").concat([head, head], ignore_index=True), one.task.column)
    pieces = [(start, _run(one.rule, part, one.task.column)) for start, part in parts if len(part)]
    for ran in (whole, turned, doubled, *(piece for _, piece in pieces)):
        if isinstance(ran, str) or not ran.per_row:
            return True
    assert isinstance(whole, Ran)
    return not (
        _failed(turned) == {size - 1 - number for number in whole.failed}
        and _failed(doubled) == whole.failed | {size + number for number in whole.failed}
        and {start + number for start, piece in pieces for number in _failed(piece)} == whole.failed
    )


def _failed(ran: Ran | str) -> frozenset[int]:
    return ran.failed if isinstance(ran, Ran) else frozenset()


def _run(rule: shapes.Custom, frame: Any, column: str | None) -> Ran | str:
    """What the check said, or why it could not be run."""
    try:
        return rule.run((frame[[column]] if rule.alone else frame).copy(), column)
    except Exception as error:
        return f"pandera could not run it: {type(error).__name__}: {str(error)[:200]}"

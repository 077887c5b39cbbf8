"""From rows that break a relation to the smallest pair: simple values first, then the smallest change."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlscore.checks.feature_code.batches import Batch, cell
from mlscore.checks.feature_code.report import MASKED
from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.checks.feature_code.shrink import shrink
from mlscore.checks.feature_code.values import simple
from mlscore.checks.metamorphic.changes import Change
from mlscore.checks.metamorphic.rows import changed
from mlscore.checks.metamorphic.shapes import Pair
from mlscore.errors import InputError
from mlscore.tables.shapes import Scalar

MOST_SHOWN = 8
MOST_ROWS = 5
NEAREST = 10
Broken = Callable[[Batch, Batch], tuple[bool, str, str]]  # whether it is broken; the answers before and after, in words


def smallest_pair(
    batch: Batch,
    place: int,
    way: Change,
    rules: Sequence[ColumnRule],
    values: Mapping[str, Sequence[Any]],
    broken: Broken,
    seconds: float,
) -> Pair | None:
    """One row and the same changed, found within `seconds`. None where it is not broken by a row alone.

    `values` of a column are put in for real ones that no simple value can stand for, the nearest first.
    """
    row = batch.take([place])

    def fails(one: Batch, change: Change) -> bool:
        other, places = changed(one, change)
        try:
            return bool(places) and broken(one, other)[0]
        except InputError:
            return False

    if not fails(row, way):
        return None
    begun = time.monotonic()
    row = shrink(row, rules, lambda one: fails(one, way), seconds / 2)
    for name in way.apply(_cells(row)) or {}:
        if row.real[name]:
            tries = (row.put(name, 0, near) for near in _nearest(row.columns[name][0], values[name]))
            row = next((one for one in tries if fails(one, way)), row)
    for change in way.smaller(_cells(row)):
        if time.monotonic() - begun > seconds:
            break
        if fails(row, change):
            way = change
            break
    other, _ = changed(row, way)
    _, before, after = broken(row, other)
    moved = [name for name, held in row.columns.items() if held != other.columns[name]]
    return _pair(f"changing {' and '.join(moved)}", row, other, rules, moved, (before, after))


def smallest_batch(batch: Batch, rules: Sequence[ColumnRule], broken: Broken, seconds: float) -> Pair | None:
    """The fewest rows whose answers hang on their order, and the simplest. None where reversing them is not enough."""

    def fails(one: Batch) -> bool:
        try:
            return one.rows > 1 and broken(one, _reversed(one))[0]
        except InputError:
            return False

    if not fails(batch):
        return None
    small = shrink(batch, rules, fails, seconds)
    _, before, after = broken(small, _reversed(small))
    shown = small.take(range(min(small.rows, MOST_ROWS)))
    return _pair(f"reversing a batch of {small.rows} rows", shown, shown, rules, [], (before, after))


def _cells(row: Batch) -> dict[str, Any]:
    return {name: values[0] for name, values in row.columns.items()}


def _nearest(own: Any, values: Sequence[Any]) -> list[Any]:
    """The values nearest to one, where they are numbers."""
    if isinstance(own, bool) or not isinstance(own, (int, float)):
        return []
    return sorted(values, key=lambda value: abs(value - own))[:NEAREST]


def _reversed(batch: Batch) -> Batch:
    return batch.take(list(range(batch.rows))[::-1])


def _pair(
    change: str, one: Batch, other: Batch, rules: Sequence[ColumnRule], moved: Sequence[str], answers: tuple[str, str]
) -> Pair:
    told = [rule for rule in rules if rule.name in moved or not _plainest(one, rule)]
    told.sort(key=lambda rule: rule.name not in moved)
    shown = told[:MOST_SHOWN]

    def cells(of: Batch) -> tuple[tuple[Scalar, ...], ...]:
        return tuple(
            tuple(
                MASKED
                if place in one.real[rule.name] and (of is one or rule.name not in moved or _tells(rule))
                else cell(of.columns[rule.name][place])
                for rule in shown
            )
            for place in range(of.rows)
        )

    return Pair(change, tuple(rule.name for rule in shown), cells(one), cells(other), answers, len(rules) - len(shown))


def _tells(rule: ColumnRule) -> bool:
    """Whether what a real value was changed to may tell of it: in all columns but those of a few common values."""
    return rule.opaque or rule.allowed is None


def _plainest(batch: Batch, rule: ColumnRule) -> bool:
    first = simple(rule)[:1]
    return (
        bool(first)
        and not batch.real[rule.name]
        and all(not absent(v) and v == first[0] for v in batch.columns[rule.name])
    )

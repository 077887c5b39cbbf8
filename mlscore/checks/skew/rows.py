"""Causes that one pair alone does not show: the value of the row before, the value of another column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.checks.skew.guess import Guess, near
from mlscore.checks.skew.report import Cause
from mlscore.tables.conditions import Compare, Every, Literal, Missing, Not, Operator
from mlscore.tables.shapes import Kind, Scalar

if TYPE_CHECKING:
    from mlscore.tables.table import Table

ROWS = 2_000  # in a run of neighbouring rows
FARTHEST = 7  # rows between a value and the row it belongs to
LEAST_ROWS = 5
LEAST_HELD = 0.9
LEAST_STALE = 0.7
_BOUNDS = 1_000


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring examples of both sides, in order: of each column the served and the recomputed values."""

    served: Mapping[str, Sequence[Scalar]]
    recomputed: Mapping[str, Sequence[Scalar]]
    rows: int


def neighbours(
    served: Table, recomputed: Table, on: Sequence[str], order: str, columns: Sequence[str], seed: int = 0
) -> Run:
    """Up to some 2,000 examples that follow each other in `order`, of ids that stand once on both sides."""
    names = list(dict.fromkeys((*on, order, *columns)))
    sides = []
    bounds = _bounds(recomputed, order, seed)
    for table in (served, recomputed):
        condition = Every((Not(Missing(order)), *bounds))
        found = table.rows_where(condition, 4 * ROWS, names)
        by_id: dict[tuple[Scalar, ...], dict[str, Scalar]] = {}
        twice = set()
        for row in found:
            key = tuple(str(row[name]) for name in on)
            twice |= {key} & by_id.keys()
            by_id[key] = row
        sides.append({key: row for key, row in by_id.items() if key not in twice})
    left, right = sides
    keys = sorted(left.keys() & right.keys(), key=lambda key: _sortable(right[key][order]))[:ROWS]
    return Run(
        {name: [left[key][name] for key in keys] for name in columns},
        {name: [right[key][name] for key in keys] for name in columns},
        len(keys),
    )


def _bounds(table: Table, order: str, seed: int) -> tuple[Compare, ...]:
    """Conditions that hold for about ROWS neighbouring rows; none where the table has no more."""
    rows = table.count()
    if rows <= 2 * ROWS:
        return ()
    drawn = [value for value in table.sample(_BOUNDS, seed, [order]).column(0).to_pylist() if value is not None]
    drawn.sort()
    if not drawn:
        return ()
    first = len(drawn) * 2 // 5
    last = min(len(drawn) - 1, first + max(1, len(drawn) * ROWS // rows))
    low: Literal = drawn[first]
    high: Literal = drawn[last]
    return Compare(order, Operator.AT_LEAST, low), Compare(order, Operator.AT_MOST, high)


def _sortable(value: Scalar) -> tuple[bool, float, str]:
    number = float(value) if isinstance(value, (int, float)) else 0.0
    return isinstance(value, str), number, str(value)


def row_causes(
    run: Run,
    name: str,
    order: str,
    pairs: Sequence[tuple[Scalar, Scalar]],
    kinds: Mapping[str, Kind],
    rivals: Sequence[str],
    owners: Sequence[str],
) -> list[Guess]:
    """Guesses at a lag within `order`, at a stale value and at swapped columns.

    `rivals` are the other columns that differ: of two that were swapped both do. `owners` are columns within whose values
    rows may follow each other (a lag of each customer's rows).
    """
    served, recomputed = run.served[name], run.recomputed[name]
    differs = [place for place in range(run.rows) if not _same(served[place], recomputed[place])]
    if len(differs) < LEAST_ROWS or len({str(recomputed[place]) for place in differs}) < LEAST_ROWS:
        return []
    found = []
    for owner in (None, *owners):
        lag = _lag(run, name, owner, differs)
        if lag is not None:
            rows = f"{abs(lag)} row{'' if abs(lag) == 1 else 's'} {'before' if lag > 0 else 'after'}"
            within = f" of the same {owner!r}" if owner else ""
            says = f"served is the value of {rows}{within}, in the order of {order!r}: a lagged join"
            found.append(_of_share(Cause.LAG, says, len(pairs), 1.0, lag))
            break
    for owner in (None, *owners):
        stale = _stale(run, name, owner, differs)
        if stale:
            within = f" of the same {owner!r}" if owner else ""
            says = f"served keeps the value of the row before{within}, in the order of {order!r}: stale"
            found.append(_of_share(Cause.STALE, says, len(pairs), stale, None))
            break
    for other in rivals:
        if other == name or kinds[other] is not kinds[name]:
            continue
        held = sum(_same(served[place], run.recomputed[other][place]) for place in differs)
        if held >= LEAST_HELD * len(differs):
            says = f"served is what {other!r} should be: two columns are swapped"
            found.append(_of_share(Cause.SWAPPED, says, len(pairs), held / len(differs), other))
    return found


def _positions(run: Run, owner: str | None) -> dict[int, tuple[list[int], int]]:
    """For each row the rows of its owner, in order, and its number among them; empty where the column owns no rows."""
    groups: dict[Scalar, list[int]] = {}
    for place in range(run.rows):
        groups.setdefault(run.recomputed[owner][place] if owner else None, []).append(place)
    if owner and not 1 < len(groups) <= run.rows / LEAST_ROWS:
        return {}
    return {place: (group, number) for group in groups.values() for number, place in enumerate(group)}


def _lag(run: Run, name: str, owner: str | None, differs: Sequence[int]) -> int | None:
    """By how many rows the served values come late (early: below 0), among all rows or among those of one owner."""
    position = _positions(run, owner)
    served, recomputed = run.served[name], run.recomputed[name]
    for lag in sorted((step for step in range(-FARTHEST, FARTHEST + 1) if step), key=lambda step: (abs(step), -step)):
        looked_at = held = 0
        for place in differs if position else ():
            group, number = position[place]
            if 0 <= number - lag < len(group):
                looked_at += 1
                held += _same(served[place], recomputed[group[number - lag]])
        if looked_at >= LEAST_ROWS and held >= LEAST_HELD * looked_at:
            return lag
    return None


def _stale(run: Run, name: str, owner: str | None, differs: Sequence[int]) -> float:
    """The share of differing rows whose served value is that of the row before; 0.0 where it is too small."""
    position = _positions(run, owner)
    served, recomputed = run.served[name], run.recomputed[name]
    kept = 0
    for place in differs if position else ():
        group, number = position[place]
        before = group[number - 1]
        if number and _same(served[place], served[before]):
            # Where the recomputed value did not change either, the one before differs as well.
            kept += not _same(recomputed[place], recomputed[before]) or not _same(served[before], recomputed[before])
    distinct = len({str(served[place]) for place in differs})
    return kept / len(differs) if kept >= LEAST_STALE * len(differs) and distinct > 1 else 0.0


def _of_share(cause: Cause, says: str, pairs: int, share: float, figure: Scalar) -> Guess:
    """A guess that explains a share of the pairs: which of them, the rows it was read from do not tell."""
    explained = round(pairs * share)
    return Guess(cause, says, tuple(place < explained for place in range(pairs)), figure)


def _same(a: Scalar, b: Scalar) -> bool:
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or near(float(a), float(b)) or (a != a and b != b)
    return a == b

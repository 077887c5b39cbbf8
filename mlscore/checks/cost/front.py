"""The Pareto front: which units another one dominates, being surely no dearer, surely cheaper in part, and more useful."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlscore.checks.cost.shapes import Unit
from mlscore.checks.intervals import Interval

SAME, SAME_MB = 0.1, 1.0  # differences of memory that say nothing: relative, and in megabytes


def with_front(units: Sequence[Unit]) -> list[Unit]:
    """The units, each with its place; one without any cost, or without a gain, has none."""
    found = []
    for unit in units:
        if unit.gain is None or not costs(unit):
            found.append(unit)
            continue
        above = [other for other in units if other is not unit and dominates(other, unit)]
        best = max(above, key=lambda one: one.gain.value if one.gain else 0.0, default=None)
        found.append(replace(unit, front=best is None, dominated_by=None if best is None else best.name))
    return found


def costs(unit: Unit) -> dict[str, Interval]:
    """What is known of a unit's cost, each kind with the limits between which it lies."""
    found = {}
    if unit.row is not None:
        found["latency"] = unit.row.median
    if unit.memory is not None:
        half = max(SAME * unit.memory, SAME_MB) / 2
        found["memory"] = Interval(unit.memory, unit.memory - half, unit.memory + half)
    if unit.missing is not None:
        found["missing"] = unit.missing
    if unit.instability is not None:
        found["instability"] = unit.instability
    if unit.sources is not None:
        found["sources"] = Interval(unit.sources, unit.sources, unit.sources)
    return found


def dominates(one: Unit, other: Unit) -> bool:
    """Whether one surely gains more than the other, is surely cheaper in something, and dearer for certain in nothing.

    Where a cost of the other is known that the one's is not, nobody can say.
    """
    if one.gain is None or other.gain is None or not one.gain.low > other.gain.high:
        return False
    mine, theirs = costs(one), costs(other)
    if set(mine) != set(theirs):
        return False
    cheaper = any(mine[kind].high < theirs[kind].low for kind in mine)
    dearer = any(mine[kind].low > theirs[kind].high for kind in mine)
    return cheaper and not dearer

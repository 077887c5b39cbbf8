"""Faults by which dates and times go wrong: zone, day and month, time of day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mlscore.faults import settings
from mlscore.faults.arrays import Rows, Values, local_days, merged
from mlscore.faults.base import CellFault, Fault
from mlscore.faults.kinds import TIMES, ColumnKind

_TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_STAMPS = frozenset({ColumnKind.DATETIME})
_LIMIT = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeZoneShift(CellFault):
    """Times moved by some hours."""

    id: ClassVar[str] = "time-zone-shift"
    title: ClassVar[str] = "Time-zone shift"
    does: ClassVar[str] = "Moves timestamps by `hours`; the zone of the column stays as it says. Nulls stay."
    incident: ClassVar[str] = (
        "Local times are taken for UTC after a move to another server, or the other way round: hours of day and "
        "days shift, and events seem to come before their causes."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _STAMPS
    needs: ClassVar[str] = "none of its times can be moved that far"

    hours: float = settings.amount(
        2.0, "by how many hours, not 0; parts of an hour are rounded to seconds", forbidden=0
    )

    def say(self) -> str:
        """Names the hours."""
        return f"moved by {self.hours:+g} hours"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All times moved, but those that would leave the type's range."""
        step = round(self.hours * 3600) * _TICKS[values.array.type.unit]
        old = values.integers()
        if abs(step) >= _LIMIT:
            return values.array
        room = (old < _LIMIT - step) if step > 0 else (old >= -_LIMIT - step)
        return values.of(np.where(room, old + np.where(room, step, 0), old))


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMonthSwap(CellFault):
    """Day and month take each other's place."""

    id: ClassVar[str] = "day-month-swap"
    title: ClassVar[str] = "Day and month swapped"
    does: ClassVar[str] = (
        "Swaps day and month of dates and timestamps where the day could be a month: 3 April becomes 4 March. "
        "Others and nulls stay; so does the time of day, in the column's own zone."
    )
    incident: ClassVar[str] = (
        "Dates as text go from one locale to another: up to the 12th of a month they are read the wrong way "
        "round, from the 13th on rightly."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = TIMES
    phrase: ClassVar[str] = "with day and month swapped"
    needs: ClassVar[str] = "it has no date whose day could be another month"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All dates swapped that can be."""
        days = local_days(values)
        dates = days.astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        day = (dates - months).astype(np.int64)  # from 0
        month = months.astype(np.int64) % 12  # from 0
        firsts = (months.astype(np.int64) - month + day).astype("datetime64[M]").astype("datetime64[D]")
        moved = np.where(day < 12, firsts.astype(np.int64) + month, days)
        return shifted(values, moved - days)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostTimeOfDay(CellFault):
    """Times become midnight."""

    id: ClassVar[str] = "lost-time-of-day"
    title: ClassVar[str] = "Lost time of day"
    does: ClassVar[str] = "Sets timestamps to the start of their day, in the column's own zone. Nulls stay."
    incident: ClassVar[str] = (
        "Timestamps pass through a date column on their way: every event of a day happens at midnight."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _STAMPS
    phrase: ClassVar[str] = "set to midnight"
    needs: ClassVar[str] = "all its times are midnight already"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All times at the start of their day."""
        return zoned(_days(local_days(values), values), values)


def shifted(values: Values, days: Rows) -> pa.Array:
    """Dates or timestamps moved by whole days, the local time of day kept."""
    if values.kind is ColumnKind.DATE:
        return values.of((values.integers() + days).astype(np.int32))
    wall = pc.local_timestamp(values.array) if values.array.type.tz else values.array
    ticks = np.asarray(wall.cast(pa.int64()).fill_null(0)).astype(np.int64)
    moved = zoned(ticks + days * 86_400 * _TICKS[values.array.type.unit], values)
    # Only what moves: a time that stays may be the second of two equal wall times.
    return merged(values.array, moved, np.flatnonzero(days))


def zoned(ticks: Rows, values: Values) -> pa.Array:
    """Local ticks as timestamps of the column's type; of a wall time that occurs twice or never, the earliest meant."""
    unit, zone = values.array.type.unit, values.array.type.tz
    wall = pa.array(ticks, mask=~values.valid).cast(pa.timestamp(unit))
    if not zone:
        return wall
    return pc.assume_timezone(wall, zone, ambiguous="earliest", nonexistent="earliest")


def _days(days: Rows, values: Values) -> Rows:
    return days * 86_400 * _TICKS[values.array.type.unit]


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (TimeZoneShift(), DayMonthSwap(), LostTimeOfDay())

"""Blocks of time: which unit suits a span, which block a moment is in, and the blocks between two of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.tables.shapes import Unit

# As many blocks as the finest unit may make: a year of days, two weeks of hours.
MOST_BLOCKS = 400
SECONDS = {Unit.HOUR: 3_600, Unit.DAY: 86_400, Unit.WEEK: 604_800, Unit.MONTH: 2_629_746, Unit.YEAR: 31_556_952}
_MONDAY = 4  # 1970-01-05, in days since 1970-01-01

Ints = NDArray[np.int64]


def unit_for(first: float, last: float) -> Unit:
    """The finest unit that cuts the span between two moments, in seconds since 1970, into at most MOST_BLOCKS."""
    for unit, seconds in SECONDS.items():
        if (last - first) / seconds <= MOST_BLOCKS - 1:
            return unit
    return Unit.YEAR


def number(seconds: NDArray[np.float64], unit: Unit) -> Ints:
    """The number of the block that each moment (seconds since 1970 in UTC) is in, counted from 1970."""
    whole = np.floor(seconds).astype(np.int64)
    match unit:
        case Unit.HOUR | Unit.DAY:
            return whole // SECONDS[unit]
        case Unit.WEEK:
            return (whole // 86_400 - _MONDAY) // 7
        case _:
            code = "datetime64[M]" if unit is Unit.MONTH else "datetime64[Y]"
            return np.asarray(whole.astype("datetime64[s]").astype(code).astype(np.int64))


def name(block: int, unit: Unit) -> str:
    """The first moment of a block by its number, `2013-01-31T00:00:00`."""
    match unit:
        case Unit.HOUR | Unit.DAY:
            moment = np.datetime64(block * SECONDS[unit], "s")
        case Unit.WEEK:
            moment = np.datetime64((block * 7 + _MONDAY) * 86_400, "s")
        case _:
            moment = np.datetime64(block, "M" if unit is Unit.MONTH else "Y").astype("datetime64[s]")
    return str(moment)


def number_of(name: str, unit: Unit) -> int:
    """The number of the block of that name."""
    moment: Any = np.datetime64(name, "s")
    return int(number(np.array([moment.astype(np.int64)], dtype=np.float64), unit)[0])


def between(first: str, last: str, unit: Unit) -> tuple[str, ...]:
    """The names of all blocks from one to another, both included."""
    return tuple(name(block, unit) for block in range(number_of(first, unit), number_of(last, unit) + 1))

"""Columns of a sample as numpy arrays: numbers, moments, texts, and the answers to a facet's question about them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.tables.shapes import Kind

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DAY = 86_400.0


def missing(column: Any) -> Mask:
    """Which rows of an Arrow column are null."""
    return np.asarray(column.is_null().to_numpy())


def numbers(column: Any) -> Floats:
    """An Arrow column of integers or decimals as floats; null becomes NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return np.asarray(pc.cast(column, pa.float64(), safe=False).to_numpy(), dtype=np.float64)


def moments(column: Any) -> Floats:
    """An Arrow column of dates or times as seconds since 1970 in UTC; null becomes NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_date(kind):
        column, zone = pc.cast(column, pa.timestamp("s")), None
    else:
        zone = kind.tz
    micro = pc.cast(pc.cast(column, pa.timestamp("us", tz=zone), safe=False), pa.int64())
    return np.asarray(pc.cast(micro, pa.float64(), safe=False).to_numpy(), dtype=np.float64) / 1e6


def texts(column: Any) -> list[str | None]:
    """An Arrow column as texts, a boolean as true and false."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    values = pc.cast(column, pa.string()).to_pylist()
    return list(values)


def as_moments(column: Any, kind: Kind) -> Floats | None:
    """The moments of a column of dates or times, None of another."""
    return moments(column) if kind in (Kind.DATE, Kind.DATETIME) else None


def hours(seconds: Floats) -> Floats:
    """The hour of the day of each moment, 0 to 23."""
    return np.asarray(np.floor(np.mod(seconds, DAY) / 3_600), dtype=np.float64)


def weekdays(seconds: Floats) -> Floats:
    """The day of the week of each moment, 0 (Monday) to 6."""
    return np.asarray(np.mod(np.floor(seconds / DAY) + 3, 7), dtype=np.float64)


def days_of_month(seconds: Floats) -> Floats:
    """The day of the month of each moment, 1 to 31."""
    known = np.isfinite(seconds)
    result = np.full(len(seconds), np.nan)
    moment = np.floor(seconds[known]).astype(np.int64).astype("datetime64[s]")
    first = moment.astype("datetime64[M]").astype("datetime64[D]")
    result[known] = (moment.astype("datetime64[D]") - first).astype(np.int64) + 1
    return result


OPENING = 2  # letters: they put texts in order, and tell of a person no more than initials do


def opening(text: str | None) -> float:
    """The first letters of a text as a number that grows in alphabetical order (of code points); NaN for no text."""
    if text is None:
        return np.nan
    number = 0
    for place in range(OPENING):
        number = number * 0x110000 + (ord(text[place]) + 1 if place < len(text) else 0)
    return float(number)


LETTERS = ("empty", "padded", "no letters", "lower", "upper", "mixed", "beyond ASCII")


def lettering(text: str | None) -> str | None:
    """How a text is written: which of LETTERS it is, the first that fits."""
    if text is None:
        return None
    if not text:
        return "empty"
    if text[0].isspace() or text[-1].isspace():
        return "padded"
    if not text.isascii():
        return "beyond ASCII"
    if text.islower():
        return "lower"
    if text.isupper():
        return "upper"
    return "mixed" if any(letter.isalpha() for letter in text) else "no letters"

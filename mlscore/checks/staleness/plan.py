"""Cutting rows by time: which windows models are judged on, and on which days models of growing age are trained."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mlscore.checks.staleness.shapes import Plan
from mlscore.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Numbers = npt.NDArray[np.float64]

ORIGINS, AGES = 5, 6
FEWEST_ORIGINS = 2
_SHARE = 0.45  # of the span that is trained on, where nothing says how long
_SECONDS = 86_400.0
_MICROSECONDS = 1e6 * _SECONDS


def days_of(rows: pa.Table, time: str) -> Numbers:
    """The moment of each row, in days since 1970 in UTC; NaN where there is none.

    Raises InputError where the column is missing or holds no dates.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if time not in rows.column_names:
        raise InputError(
            f'there is no column "{time}", the time of the rows', hint=f"there are {', '.join(rows.column_names[:12])}"
        )
    column = rows.column(time)
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_dictionary(kind):
        column = column.cast(pa.string())
    elif not (pa.types.is_date(kind) or pa.types.is_timestamp(kind)):
        raise InputError(f'"{time}" holds {kind} values, not dates', hint="name a column of dates or times")
    try:
        moments = column.cast(pa.timestamp("us", tz=getattr(kind, "tz", None))).cast(pa.int64())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise InputError(f'"{time}" holds what is no date: {error}', hint="write dates as 2026-01-31") from None
    there = np.asarray(pc.is_valid(moments).to_numpy(zero_copy_only=False), dtype=bool)
    numbers = np.asarray(pc.fill_null(moments, 0).to_numpy(zero_copy_only=False), dtype=float)
    return np.asarray(np.where(there, numbers / _MICROSECONDS, np.nan), dtype=float)


def day_name(day: float) -> str:
    """A moment as ISO 8601 writes it: the date alone where it is midnight."""
    from datetime import UTC, datetime, timedelta

    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=round(day * _SECONDS))
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return text.removesuffix("T00:00:00")


def plan_for(
    first: float,
    last: float,
    *,
    step: float | None = None,
    origins: int | None = None,
    ages: int | None = None,
    train: float | None = None,
    max_age: float | None = None,
) -> Plan | str:
    """The cuts of rows from the day `first` to `last`; what is missing, in words, where the rows do not suffice.

    Where nothing says how long a step is, six steps reach a fifth beyond `max_age`, or windows and ages take somewhat more
    than half of the time. Windows become fewer, down to two, where time is short and nobody said how many there must be.
    """
    count = ages or AGES
    span = last - first
    wanted = origins or ORIGINS
    if step is None:
        step = 1.2 * max_age / count if max_age is not None else span * (1 - _SHARE) / (wanted + count)
        step = (
            float(math.floor(step)) if step >= 2 and max_age is None else float(math.ceil(step)) if step >= 1 else step
        )
    least = train if train is not None else step
    fewest = wanted if origins is not None else FEWEST_ORIGINS
    for number in range(wanted, fewest - 1, -1):
        left = span - (number + count) * step
        enough = train if train is not None else max(step, span / 4 if number > fewest else step)
        if step > 0 and left >= enough - 1e-9:
            return Plan(last, step, number, count, left if train is None else train)
    need = (fewest + count) * step + least
    return (
        f"the rows span {span:.4g} days, and {fewest} windows and {count} ages of {step:.4g} days each, with {least:.4g} "
        f"days of training, take {need:.4g}: {need - span:.4g} more are missing"
    )


def cut(rows: Any, days: Numbers, begins: float, ends: float) -> Any:
    """The rows from one moment to before another."""
    import pyarrow as pa

    return rows.filter(pa.array((days >= begins) & (days < ends)))

"""The schema of the schedule once more as a pandera schema, so that mlscore can generate schedules from it.

Made from `flights.schema`, which stays the only place where a range is written. Training and serving do not need pandera.
"""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

from flights.data import load
from flights.schema import Column, schedule_schema

TYPES = {"integer": "int64", "number": "float64", "text": "str", "time": "str"}


def declared(column: Column) -> pa.Column:
    """Return the pandera column of one expectation; it allows missing values when the expectation does."""
    checks = [pa.Check.isin(column.values)] if column.values else []
    if column.kind in ("integer", "number"):
        checks.append(pa.Check.in_range(column.low, column.high))
    return pa.Column(TYPES[column.kind], checks, nullable=column.nulls > 0)


def real_dates(table: pd.DataFrame) -> pd.Series:
    """Return which rows have a day that the calendar knows: the columns alone allow the 31st of June."""
    return pd.to_datetime(table[["year", "month", "day"]], errors="coerce").notna()


SCHEDULE = pa.DataFrameSchema(
    {name: declared(column) for name, column in schedule_schema(load("airlines")).items()},
    checks=pa.Check(real_dates),
)

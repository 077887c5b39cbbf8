"""What the inputs may look like: types, ranges, nulls and categories, checked before training and before serving.

The ranges began as the minimum and maximum of the first half of 2013 and were then widened or narrowed by what the
quantities mean: a humidity ends at 100 %, a clock at 23:59, and a wind of 1048 mph is a fault whatever the data say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from flights.data import flight_ids

if TYPE_CHECKING:
    from collections.abc import Mapping

ORIGINS = ("EWR", "JFK", "LGA")
FEWEST_DAILY_FLIGHTS = 120
"""Fewer departures from one airport on one day mean an incomplete file (2013's quietest day has 171)."""


class SchemaError(ValueError):
    """A table does not meet its schema; the message lists every problem found."""


@dataclass(frozen=True, slots=True)
class Column:
    """Expectations of one column: `kind`, inclusive bounds, allowed values, and tolerated shares of exceptions."""

    kind: str
    low: float = float("-inf")
    high: float = float("inf")
    values: tuple[str, ...] = ()
    nulls: float = 0.0
    outside: float = 0.0


WEATHER: dict[str, Column] = {
    "origin": Column("text", values=ORIGINS),
    "time_hour": Column("time"),
    "dewp": Column("number", -40, 85, nulls=0.01),
    "humid": Column("number", 0, 100, nulls=0.01),
    "wind_dir": Column("number", 0, 360, nulls=0.1),
    "wind_speed": Column("number", 0, 120, nulls=0.01, outside=0.001),
    "precip": Column("number", 0, 4, nulls=0.01),
    "pressure": Column("number", 950, 1060, nulls=0.25),
    "visib": Column("number", 0, 10, nulls=0.01),
}

MISSING_BY_DAY = {"pressure": 0.85, "wind_dir": 0.2}
"""Tolerated shares where a single day may lack much: in storms the pressure is often not reported (0.79 on 8 May)."""

FEATURE_TABLE: dict[str, Column] = {
    "carrier": Column("text"),
    "dest": Column("text"),
    "clock": Column("number", 0, 24),
    "congestion": Column("number", 1, 80),
    **{
        name: Column("number", column.low, column.high, nulls=MISSING_BY_DAY.get(name, 0.06))
        for name, column in WEATHER.items()
        if column.kind == "number"
    },
}


def schedule_schema(airlines: pd.DataFrame) -> dict[str, Column]:
    """Return the schema of a schedule; the carriers are those of the airlines' register."""
    return {
        "year": Column("integer", 2013, 2013),
        "month": Column("integer", 1, 12),
        "day": Column("integer", 1, 31),
        "hour": Column("integer", 0, 23),
        "minute": Column("integer", 0, 59),
        "sched_dep_time": Column("integer", 0, 2359),
        "carrier": Column("text", values=tuple(airlines["carrier"])),
        "flight": Column("integer", 1, 9999),
        "origin": Column("text", values=ORIGINS),
        "dest": Column("text"),
        "time_hour": Column("time"),
    }


def problems(table: pd.DataFrame, schema: Mapping[str, Column]) -> list[str]:
    """Return a sentence per column that breaks its expectations; an empty list means that all are met."""
    if table.empty:
        return ["the table has no rows"]
    found = []
    for name, column in schema.items():
        if name not in table.columns:
            found.append(f"{name}: the column is missing")
        else:
            found += [f"{name}: {text}" for text in _column_problems(table[name], column)]
    return found


def schedule_problems(flights: pd.DataFrame, airlines: pd.DataFrame) -> list[str]:
    """Return what is wrong with a schedule: each column, and then what only several columns together show."""
    found = problems(flights, schedule_schema(airlines))
    if found:
        return found
    if not (flights["hour"] * 100 + flights["minute"]).equals(flights["sched_dep_time"]):
        found.append("hour, minute: they differ from sched_dep_time")
    offset = (pd.to_datetime(flights["time_hour"]).dt.hour - flights["hour"]) % 24
    if not offset.isin([4, 5]).all():
        found.append("time_hour: not 4 or 5 hours ahead of the local hour, so it is not the UTC time of New York")
    repeated = int(flight_ids(flights).duplicated().sum())
    if repeated:
        found.append(f"{repeated} flights occur more than once")
    daily = flights.groupby(["month", "day", "origin"]).size().unstack(fill_value=0).reindex(columns=ORIGINS)
    for (month, day), counts in daily.fillna(0).iterrows():
        thin = [f"{origin} {int(counts[origin])}" for origin in ORIGINS if counts[origin] < FEWEST_DAILY_FLIGHTS]
        if thin:
            found.append(f"2013-{month:02}-{day:02} is not whole, departures: {', '.join(thin)}")
    return found


def check(found: list[str], what: str) -> None:
    """Raise `SchemaError` when there are problems; `what` names the table in the message."""
    if found:
        listed = "\n".join(f"  {text}" for text in found[:20])
        more = f"\n  … and {len(found) - 20} more" if len(found) > 20 else ""
        raise SchemaError(f"{what} does not meet its schema:\n{listed}{more}")


def _column_problems(values: pd.Series, column: Column) -> list[str]:
    found = []
    nulls = values.isna().mean()
    if nulls > column.nulls:
        found.append(f"{nulls:.1%} missing, at most {column.nulls:.1%} allowed")
    present = values.dropna()
    if column.kind == "time":
        broken = int(pd.to_datetime(present, errors="coerce", utc=True).isna().sum())
        return [*found, f"{broken} values are no time"] if broken else found
    if column.kind == "text":
        if not all(isinstance(value, str) for value in present.unique()):
            return [*found, "not text"]
        unknown = sorted(set(present.unique()) - set(column.values)) if column.values else []
        return [*found, f"unknown values {', '.join(unknown[:5])}"] if unknown else found
    if not pd.api.types.is_numeric_dtype(present) or pd.api.types.is_bool_dtype(present):
        return [*found, "not a number"]
    if column.kind == "integer" and not pd.api.types.is_integer_dtype(present):
        found.append("not whole numbers")
    outside = present[~present.between(column.low, column.high)]
    if len(outside) > column.outside * len(values):
        found.append(f"{len(outside)} values outside {column.low:g} to {column.high:g}, such as {outside.iloc[0]:g}")
    return found

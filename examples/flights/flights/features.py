"""From a schedule and the weather to the table a model sees: the one feature code for training and serving."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from flights.data import flight_ids, schedule
from flights.schema import WEATHER

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAD = pd.Timedelta(hours=2)
"""Predictions are made this long before the scheduled hour of departure; nothing later may enter a feature."""

OLDEST_WEATHER = pd.Timedelta(hours=6)
"""An observation older than this, at prediction time, counts as missing."""

GROUPS: dict[str, tuple[str, ...]] = {
    "airline and route": ("carrier", "dest"),
    "time of day": ("clock",),
    "traffic": ("congestion",),
    "weather": ("dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"),
}
FEATURES: tuple[str, ...] = tuple(name for group in GROUPS.values() for name in group)
CATEGORICAL = ("carrier", "dest")

BANNED: dict[str, str] = {
    "dep_time": "known only after departure",
    "dep_delay": "known only after departure",
    "arr_time": "known only after arrival",
    "arr_delay": "the label is made from it",
    "air_time": "known only after arrival",
    "late": "the label",
    "tailnum": "the table holds the aircraft that flew, which may not be the one planned",
    "flight": "a number that airlines reassign",
    "year": "constant in training",
    "month": "the months served are never those of training",
    "day": "identifies days, so that single storms are learnt by heart",
    "time_hour": "identifies days, so that single storms are learnt by heart",
}


class BannedFeatureError(ValueError):
    """A column that no model may see is among the features."""


def check_requirements(columns: Iterable[str]) -> None:
    """Raise `BannedFeatureError`, with the reason, when a column is banned; training and serving both call this."""
    found = [f"{name} ({BANNED[name]})" for name in columns if name in BANNED]
    if found:
        raise BannedFeatureError(f"no model may see: {', '.join(found)}")


def clock(flights: pd.DataFrame) -> pd.Series:
    """Scheduled local time of departure in hours, 0 up to 24."""
    return flights["hour"] + flights["minute"] / 60


def congestion(flights: pd.DataFrame) -> pd.Series:
    """Departures scheduled from the same airport in the same hour, this one included; needs whole days."""
    return flights.groupby(["origin", "time_hour"])["flight"].transform("size")


def weather_known(flights: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Return, for each flight, the last weather observed at its origin `LEAD` before its scheduled hour.

    Observations outside the physical range of the schema (there is one: a wind of 1048 mph) count as missing.
    """
    columns = list(GROUPS["weather"])
    observed = weather[["origin"]].assign(observed=pd.to_datetime(weather["time_hour"]))
    for name in columns:
        observed[name] = weather[name].where(weather[name].between(WEATHER[name].low, WEATHER[name].high))
    wanted = flights[["origin"]].assign(known=pd.to_datetime(flights["time_hour"]) - LEAD, row=range(len(flights)))
    joined = pd.merge_asof(
        wanted.sort_values("known", kind="stable"),
        observed.sort_values("observed", kind="stable"),
        left_on="known",
        right_on="observed",
        by="origin",
        tolerance=OLDEST_WEATHER,
    )
    return joined.sort_values("row")[columns].set_axis(flights.index)


def build(flights: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Return one row of `FEATURES` per scheduled flight, in the input's order, indexed by flight id.

    Columns of `flights` beyond the schedule are dropped first, so that an outcome cannot leak in.
    """
    check_requirements(FEATURES)
    flights = schedule(flights)
    table = weather_known(flights, weather).assign(
        carrier=flights["carrier"],
        dest=flights["dest"],
        clock=clock(flights),
        congestion=congestion(flights),
    )
    return table[list(FEATURES)].set_axis(flight_ids(flights))

"""The tables that mlscore's checks look at: what the model was trained on, judged on and has served, and the raw inputs.

`[tool.mlscore.data]` and the checks in pyproject.toml name these functions. A row of the feature tables is a flight with
its id, its scheduled local time and its features; those of the past also have the label.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pandas as pd

from flights import data, features, predict, schema, train

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

AUTUMN = (9, 10)
PUERTO_RICO = ("BQN", "PSE", "SJU")
"""Destinations by which inclusion is judged: the only trace of people in the data."""


@cache
def raw(name: str) -> pd.DataFrame:
    """Return a raw table, read once for all checks."""
    return data.load(name)


@cache
def scheduled() -> pd.Series:
    """Return the scheduled local time of departure by flight id, of the whole year."""
    flights = raw("flights")
    times = pd.to_datetime(flights[["year", "month", "day", "hour", "minute"]])
    return pd.Series(times.to_numpy(), index=data.flight_ids(flights), name="scheduled")


@cache
def recomputed() -> pd.DataFrame:
    """Return features and label of every flight that arrived, as the training code makes them: the whole year at once."""
    table, late = train.labelled(raw("flights"), raw("weather"))
    return with_time(table.assign(late=late))


def training() -> pd.DataFrame:
    """Return the flights that the model may be fitted on."""
    return in_months(recomputed(), data.FIT_MONTHS)


def judged() -> pd.DataFrame:
    """Return the flights on which the gate judges a candidate."""
    return in_months(recomputed(), data.GATE_MONTHS)


def judged_by_airport() -> pd.DataFrame:
    """Return the flights on which the gate judges, with the airport that they leave from; the model is not given it."""
    table = judged()
    return table.assign(origin=table["id"].str[-3:])


def learnt() -> pd.DataFrame:
    """Return what the model is fitted on: its features and the label."""
    return training()[[*features.FEATURES, "late"]]


def past() -> pd.DataFrame:
    """Return what was known of the features before the first batch was served, as serving sees them: without labels."""
    return in_months(scheduled_features(), (*data.FIT_MONTHS, *data.GATE_MONTHS))


def serving() -> pd.DataFrame:
    """Return the features of the served months, without the days that the batch refused."""
    table = in_months(scheduled_features(), data.SERVING_MONTHS)
    return table[~table["scheduled"].dt.date.isin(refused_days())]


def autumn() -> pd.DataFrame:
    """Return the features served in September and October, the two months that follow on `past`."""
    return in_months(serving(), AUTUMN)


def refused_days() -> list[date]:
    """Return the served days whose features break the schema, so that `flights.predict` refuses them."""
    table = in_months(scheduled_features(), data.SERVING_MONTHS)
    days = table.groupby(table["scheduled"].dt.date)
    return [day for day, rows in days if schema.problems(rows, schema.FEATURE_TABLE)]


@cache
def served_log() -> pd.DataFrame:
    """Return what serving logged: features built month by month from the schedule alone, of one flight in twenty."""
    months = (data.schedule(data.in_months(raw("flights"), [month])) for month in data.SERVING_MONTHS)
    return with_time(pd.concat([predict.logged(features.build(month, raw("weather"))) for month in months]))


@cache
def scheduled_features() -> pd.DataFrame:
    """Return the features of every scheduled flight, cancelled ones too: when they are served nobody knows."""
    return with_time(features.build(raw("flights"), raw("weather")))


def flights() -> pd.DataFrame:
    """Return the departures of the year, with what became known later."""
    return raw("flights")


def schedule() -> pd.DataFrame:
    """Return the schedule of the year as it arrives."""
    return data.schedule(raw("flights"))


def weather() -> pd.DataFrame:
    """Return the observations of the year as they arrive."""
    return raw("weather")


def audit() -> pd.DataFrame:
    """Return the features of training beside what must not be told from them: whether a flight goes to Puerto Rico."""
    table = training().drop(columns=["scheduled", "late"])
    return table.assign(puerto_rico=table["dest"].isin(PUERTO_RICO))


def model_features() -> list[str]:
    """Return the names of the columns that the model sees."""
    return list(features.FEATURES)


def september() -> pd.DataFrame:
    """Return the schedule of the first served month."""
    return data.schedule(data.in_months(raw("flights"), [9]))


@cache
def september_weather() -> pd.DataFrame:
    """Return the observations of the first served month."""
    return data.in_months(raw("weather"), [9])


def weather_known(schedule: pd.DataFrame) -> pd.DataFrame:
    """Return the weather features of these flights, from the observations of September."""
    return features.weather_known(schedule, september_weather())


def with_time(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(scheduled=scheduled().reindex(table.index)).reset_index()


def in_months(table: pd.DataFrame, months: Iterable[int]) -> pd.DataFrame:
    return table[table["scheduled"].dt.month.isin(list(months))]

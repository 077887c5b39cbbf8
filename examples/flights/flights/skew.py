"""Training-serving skew: served features, logged with their flight ids, against the training code's own.

Run `python -m flights.skew predictions-features.csv`; exit code 1 when any value differs.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from flights import data, train
from flights.features import CATEGORICAL

if TYPE_CHECKING:
    from collections.abc import Sequence

TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Skew:
    """How many of the compared flights differ, and in which features; cancelled flights have no training row."""

    compared: int
    flights: int
    features: dict[str, int]


def compare(served: pd.DataFrame, training: pd.DataFrame) -> Skew:
    """Compare feature values of the flights in both tables; two missing values are equal."""
    common = served.index.intersection(training.index)
    differing = pd.DataFrame(index=common)
    for name in training.columns:
        if name not in served.columns:
            differing[name] = True
            continue
        left, right = served.loc[common, name], training.loc[common, name]
        if name in CATEGORICAL:
            differing[name] = left.astype(str).to_numpy() != right.astype(str).to_numpy()
        else:
            differing[name] = ~np.isclose(left.to_numpy(float), right.to_numpy(float), 0, TOLERANCE, equal_nan=True)
    counts = {str(name): int(count) for name, count in differing.sum().items() if count}
    return Skew(len(common), int(differing.any(axis=1).sum()), counts)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the number of skewed flights and features of a served log."""
    parser = argparse.ArgumentParser(prog="python -m flights.skew", description=__doc__.splitlines()[0])
    parser.add_argument("log", type=Path, help="the features that flights.predict logged")
    options = parser.parse_args(argv)
    training, _ = train.labelled(data.load("flights"), data.load("weather"))
    skew = compare(pd.read_csv(options.log, index_col="id"), training)
    print(f"{skew.flights} of {skew.compared} served flights differ from training")
    for name, count in skew.features.items():
        print(f"  {name}: {count}")
    return 1 if skew.flights or not skew.compared else 0


if __name__ == "__main__":
    raise SystemExit(main())

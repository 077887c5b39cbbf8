"""How good predictions are: overall, by slice, and by feature.

Run `python -m flights.evaluate predictions.csv outcomes.csv` to compare served predictions with what happened.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

if TYPE_CHECKING:
    from collections.abc import Sequence

FEWEST_ROWS = 300
"""A slice with fewer labelled flights is not judged: its ROC AUC would be mostly chance."""

PUERTO_RICO = ("BQN", "PSE", "SJU")


class Predictor(Protocol):
    """Anything that gives a probability per row of a feature table."""

    def probability(self, table: pd.DataFrame) -> np.ndarray: ...


def metrics(late: pd.Series, probability: np.ndarray) -> dict[str, float]:
    """Return ROC AUC, log loss, Brier score, and the late share beside the mean probability.

    `late` needs both classes. Log loss of always saying the late share is given as `log_loss_constant`.
    """
    share = float(late.mean())
    return {
        "rows": len(late),
        "late_share": share,
        "mean_probability": float(np.mean(probability)),
        "roc_auc": float(roc_auc_score(late, probability)),
        "log_loss": float(log_loss(late, probability)),
        "log_loss_constant": float(log_loss(late, np.full(len(late), share))),
        "brier": float(brier_score_loss(late, probability)),
    }


def slices(late: pd.Series, probability: np.ndarray, by: pd.Series) -> dict[str, dict[str, float]]:
    """Return the metrics of each value of `by` that has at least `FEWEST_ROWS` rows and both classes."""
    scores = pd.Series(probability, index=late.index)
    keys = pd.Series(by.to_numpy(), index=late.index)
    result = {}
    for value, rows in late.groupby(keys):
        if len(rows) >= FEWEST_ROWS and rows.nunique() == 2:
            result[str(value)] = metrics(rows, scores[rows.index].to_numpy())
    return result


def report(late: pd.Series, probability: np.ndarray, table: pd.DataFrame) -> dict[str, dict]:
    """Return the metrics overall and by carrier, origin and destination group."""
    origin = late.index.to_series().str[-3:]
    territory = pd.Series(np.where(table["dest"].isin(PUERTO_RICO), "Puerto Rico", "elsewhere"), index=table.index)
    return {
        "overall": metrics(late, probability),
        "carrier": slices(late, probability, table["carrier"]),
        "origin": slices(late, probability, origin),
        "territory": slices(late, probability, territory),
    }


def permutation_loss(
    model: Predictor,
    table: pd.DataFrame,
    late: pd.Series,
    *,
    seed: int,
    repeats: int = 1,
    columns: Sequence[str] | None = None,
) -> dict[str, float]:
    """Return, by column, the ROC AUC lost when its values are shuffled among the rows (mean of the repeats)."""
    generator = np.random.default_rng(seed)
    whole = roc_auc_score(late, model.probability(table))
    lost = {}
    for name in table.columns if columns is None else columns:
        shuffled = table.copy()
        scores = []
        for _ in range(repeats):
            shuffled[name] = table[name].to_numpy()[generator.permutation(len(table))]
            scores.append(roc_auc_score(late, model.probability(shuffled)))
        lost[name] = float(whole - np.mean(scores))
    return lost


def main(argv: Sequence[str] | None = None) -> int:
    """Join predictions and outcomes by flight id, print the metrics as JSON and optionally write them."""
    parser = argparse.ArgumentParser(prog="python -m flights.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("predictions", type=Path, help="what flights.predict wrote")
    parser.add_argument("outcomes", type=Path, help="what flights.data wrote: id, late")
    parser.add_argument("--output", type=Path, help="also write the metrics to this JSON file")
    options = parser.parse_args(argv)
    predictions = pd.read_csv(options.predictions, index_col="id")
    outcomes = pd.read_csv(options.outcomes, index_col="id")
    joined = predictions.join(outcomes, how="inner")
    if joined.empty:
        print("no flight is in both files: predictions and outcomes are of different periods")
        return 1
    text = json.dumps(report(joined["late"], joined["probability"].to_numpy(), joined), indent=2)
    if options.output:
        options.output.write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

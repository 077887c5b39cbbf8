"""The search for hyperparameters, on the training images alone; `python -m digits.search` writes docs/trials.json.

Folds are five blocks of images in the order of their collection, as the split into training and judging is.
"""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from statistics import fmean

import numpy as np

from digits import data, network

HIDDEN = (64, 128, 256, 512)
ALPHA = (0.0001, 0.001, 0.01)
FOLDS = 5


def accuracies(hidden: int, alpha: float) -> list[float]:
    """Return the share of right answers on each fold, learnt from the other four."""
    table = data.training()
    pixels, digits = table[list(data.PIXELS)].to_numpy(), table["digit"].to_numpy()
    found = []
    for block in np.array_split(np.arange(len(table)), FOLDS):
        others = np.setdiff1d(np.arange(len(table)), block)
        trained, _ = network.fit(*network.augmented(pixels[others], digits[others]), hidden=hidden, alpha=alpha)
        found.append(float((trained.predict(pixels[block] / data.INK) == digits[block]).mean()))
    return found


def main() -> None:
    """Try every point of the grid, and write the trials as scikit-learn's cv_results_ has them."""
    grid = list(itertools.product(HIDDEN, ALPHA))
    trials = [accuracies(*point) for point in grid]
    columns = {
        "param_hidden": [hidden for hidden, _ in grid],
        "param_alpha": [alpha for _, alpha in grid],
        **{f"split{fold}_test_accuracy": [one[fold] for one in trials] for fold in range(FOLDS)},
        "mean_test_accuracy": [fmean(one) for one in trials],
    }
    Path("docs/trials.json").write_text(json.dumps(columns, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

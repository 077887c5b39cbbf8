"""The decision whether a model may serve; run `python -m digits.gate MODEL`: exit code 1 with the objections against it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from digits import data
from digits.predict import predict

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ERRORS = 0.08
MOST_ERRORS_OF_A_DIGIT = 0.2


def objections(model: Path) -> list[str]:
    """Return the reasons against a model, judged on the images that no training sees; none means that it may serve."""
    table = data.judged()
    labels, shares = predict(model, table[list(data.PIXELS)].to_numpy())
    if not np.isfinite(shares).all():
        return ["probabilities are NaN or infinite"]
    wrong = labels != table["digit"].to_numpy()
    found = []
    if wrong.mean() > MOST_ERRORS:
        found.append(f"{wrong.mean():.1%} errors, {MOST_ERRORS:.0%} allowed")
    for digit, rows in table.assign(wrong=wrong).groupby("digit"):
        if rows["wrong"].mean() > MOST_ERRORS_OF_A_DIGIT:
            found.append(f"{rows['wrong'].mean():.1%} errors with {digit}, {MOST_ERRORS_OF_A_DIGIT:.0%} allowed")
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Judge a model's file from the command line."""
    parser = argparse.ArgumentParser(prog="python -m digits.gate", description=__doc__.partition(";")[0])
    parser.add_argument("model", type=Path)
    found = objections(parser.parse_args(argv).model)
    if found:
        print("digits: the model is refused:", *found, sep="\n  ", file=sys.stderr)
        return 1
    print("no objection")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

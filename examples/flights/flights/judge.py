"""The gate as a command: judges a model's file as training would, and neither stores nor promotes anything.

Run `python -m flights.judge MODEL --serving OTHER`: exit code 0 when it may serve, 1 with the objections when it may not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from flights import data, model, train

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Judge from the command line; a file that is no model raises, and so is refused too."""
    parser = argparse.ArgumentParser(prog="python -m flights.judge", description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, help="the candidate, a skops file")
    parser.add_argument("--serving", type=Path, help="the model that serves now, which it must not fall behind")
    options = parser.parse_args(argv)
    serving = None if options.serving is None else model.load(options.serving)
    rows = train.prepare(*map(data.load, ("flights", "weather", "airlines")))
    judgement = train.judge(model.load(options.model), rows, serving)
    if judgement.objections:
        print("flights: the candidate is refused:", *judgement.objections, sep="\n  ", file=sys.stderr)
        return 1
    print(f"no objection: ROC AUC {judgement.evaluation['overall']['roc_auc']:.4f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

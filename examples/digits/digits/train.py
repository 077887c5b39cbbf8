"""Train the network, judge it, and write it with its log; run `python -m digits.train`."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from digits import data, gate, network

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Train from the command line: exit code 1, and no file written, when the gate refuses."""
    parser = argparse.ArgumentParser(prog="python -m digits.train", description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path("models/digits.onnx"), help="the ONNX file to write")
    parser.add_argument("--epochs", type=int, default=network.EPOCHS)
    options = parser.parse_args(argv)
    table = data.training()
    pixels, digits = table[list(data.PIXELS)].to_numpy(), table["digit"].to_numpy()
    found = data.problems(pixels)
    if found:
        print("digits: the images are refused:", *found, sep="\n  ", file=sys.stderr)
        return 1
    trained, losses = network.fit(*network.augmented(pixels, digits), epochs=options.epochs)
    candidate = options.output.with_suffix(".candidate.onnx")
    network.save(trained, candidate)
    objections = gate.objections(candidate)
    if objections:
        candidate.unlink()
        print("digits: the candidate is refused:", *objections, sep="\n  ", file=sys.stderr)
        return 1
    candidate.replace(options.output)
    with options.output.with_name("training-log.csv").open("w", encoding="utf-8", newline="") as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(["epoch", "loss"])
        lines.writerows((number, f"{loss:.6f}") for number, loss in enumerate(losses, 1))
    print(f"{options.output} written")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

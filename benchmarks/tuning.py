"""How often the check `tuning` is wrong: settings that are equal, settings that are worse, and optima near an edge.

`python -m benchmarks.tuning [--runs 400] [--write]` prints the table; `--write` puts it into docs/models/tuning.md.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

from benchmarks.__main__ import with_table
from mlscore.checks import check_tuning
from mlscore.checks.tuning.shapes import Range, Trial, Trials

DOCS = Path(__file__).parents[1] / "docs" / "models" / "tuning.md"
START, END = "<!-- detection:start -->", "<!-- detection:end -->"
SETTINGS, STEPS, DRAWS = 12, 7, 40
DISTANCES = (2, 3, 4, 6, 10)


def _trial(number: int, params: dict[str, str | float], folds: tuple[float, ...]) -> Trial:
    return Trial(str(number), params, sum(folds) / len(folds), folds)


def choice(seed: int, better: float, folds: int) -> bool:
    """Whether a setting in use is refused beside others that are its equals, but for one that is so much better."""
    draw = random.Random(seed)
    trials = []
    for number in range(SETTINGS):
        gain = better if number == SETTINGS - 1 else 0.0
        trials.append(_trial(number, {"kind": f"k{number}"}, tuple(gain + draw.gauss(0, 1) for _ in range(folds))))
    return not check_tuning(Trials(tuple(trials), "score", True), {"the model": {"kind": "k0"}}).passed


def edge(seed: int, optimum: float, folds: int) -> bool:
    """Whether the best of a grid from 0 to 6 is said to be at its edge, when scores fall off as a parabola."""
    draw = random.Random(seed)
    trials = []
    for number in range(STEPS):
        score = -((number - optimum) ** 2)
        trials.append(_trial(number, {"x": float(number)}, tuple(score + draw.gauss(0, 1) for _ in range(folds))))
    best = max(trials, key=lambda one: one.value)
    report = check_tuning(Trials(tuple(trials), "score", True), {"the model": best.params})
    return any("end of what was tried" in one for one in report.findings)


def drawn(seed: int) -> bool:
    """The same for 40 numbers drawn from 0 to 1 without noise, the optimum not in the outer tenths."""
    draw = random.Random(seed)
    optimum = draw.uniform(0.1, 0.9)
    xs = [draw.random() for _ in range(DRAWS)]
    trials = tuple(Trial(str(number), {"x": x}, -((x - optimum) ** 2)) for number, x in enumerate(xs))
    best = max(trials, key=lambda one: one.value)
    report = check_tuning(Trials(trials, "score", True, {"x": Range(0, 1)}), {"the model": best.params})
    return not report.passed


def measure(runs: int) -> list[str]:
    """The lines of the table."""
    lines = ["| search | 3 folds | 5 folds | 10 folds |", "|---|---:|---:|---:|"]

    def line(what: str, counts: list[int]) -> None:
        lines.append(f"| {what} | {' | '.join(f'{count} of {runs}' for count in counts)} |")

    def chosen(better: float) -> list[int]:
        return [sum(choice(seed, better, folds) for seed in range(runs)) for folds in (3, 5, 10)]

    line("healthy: the setting in use is as good as all others", chosen(0))
    for better in DISTANCES:
        line(f"one setting is better by {better} deviations of a fold", chosen(better))
    for what, optimum in (
        ("healthy: the optimum is in the middle of the range", 3.0),
        ("healthy: the optimum is one step from its end", 5.0),
        ("the optimum is two steps beyond its end", 8.0),
    ):
        line(what, [sum(edge(seed, optimum, folds) for seed in range(runs)) for folds in (3, 5, 10)])
    count = sum(drawn(seed) for seed in range(runs))
    lines.append(f"| healthy: {DRAWS} drawn numbers, no noise known | {count} of {runs} | | |")
    return lines


def main() -> int:
    """Print the table, and write it into the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=400)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = measure(options.runs)
    print("\n".join(lines))
    if options.write:
        text = with_table(DOCS.read_text(encoding="utf-8"), "\n".join(lines), START, END)
        DOCS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

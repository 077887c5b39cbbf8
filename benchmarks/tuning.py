"""How often the check `tuning` is wrong: settings that are equal, settings that are worse, and optima near an edge.

`python -m benchmarks tuning --write` puts the table into docs/models/tuning.md.
"""

from __future__ import annotations

import random

from mlscore.checks import check_tuning
from mlscore.checks.tuning.shapes import Range, Trial, Trials

RUNS, QUICK_RUNS = 400, 10
FALSE_ALARMS, DETECTION = 0.05, 0.95  # the check's own chance of a false alarm
CLEAR = 10  # deviations of a fold: what must be found
SETTINGS, STEPS, DRAWS = 12, 7, 40
DISTANCES = (2, 3, 4, 6, 10)
FOLDS = (3, 5, 10)
HEALTHY = "healthy: the setting in use is as good as all others"


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


Measured = dict[str, list[int]]


def measure(runs: int) -> Measured:
    """How many of the runs alarm, with 3, 5 and 10 folds."""

    def chosen(better: float) -> list[int]:
        return [sum(choice(seed, better, folds) for seed in range(runs)) for folds in FOLDS]

    found = {HEALTHY: chosen(0)}
    for better in DISTANCES:
        found[f"one setting is better by {better} deviations of a fold"] = chosen(better)
    for what, optimum in (
        ("healthy: the optimum is in the middle of the range", 3.0),
        ("healthy: the optimum is one step from its end", 5.0),
        ("the optimum is two steps beyond its end", 8.0),
    ):
        found[what] = [sum(edge(seed, optimum, folds) for seed in range(runs)) for folds in FOLDS]
    found[f"healthy: {DRAWS} drawn numbers, no noise known"] = [sum(drawn(seed) for seed in range(runs))]
    return found


def run(quick: bool) -> dict[str, object]:
    """Rows for `python -m benchmarks`: false alarms and finds over all numbers of folds, and the page's table."""
    runs = QUICK_RUNS if quick else RUNS
    found = measure(runs)
    rows = [_row(what, found[what], runs, alarm=False) for what in found if what.startswith("healthy")]
    clear = (f"one setting is better by {CLEAR} deviations of a fold", "the optimum is two steps beyond its end")
    rows += [_row(what, found[what], runs, alarm=True) for what in clear]
    lines = ["| search | 3 folds | 5 folds | 10 folds |", "|---|---:|---:|---:|"]
    for what, counts in found.items():
        cells = [f"{count} of {runs}" for count in counts]
        lines.append(f"| {what} | {' | '.join([*cells, *[''] * (len(FOLDS) - len(cells))])} |")
    page = {"path": "docs/models/tuning.md", "section": "detection", "text": "\n".join(lines)}
    return {"rows": rows, "page": page}


def _row(what: str, counts: list[int], runs: int, *, alarm: bool) -> dict[str, object]:
    """A row of one kind of search: alarms, which are to be few, or finds, which are to be many."""
    # Of three folds the noise can hardly be told: what must be found is found from five on.
    judged = counts[1:] if alarm else counts
    share = sum(judged) / (runs * len(judged))
    return {
        "what": f"tuning: {'found from 5 folds on' if alarm else 'false alarms'}, {what}",
        "figure": round(100 * share, 2),
        "unit": "%",
        "sign": "≥" if alarm else "≤",
        "limit": 100 * (DETECTION if alarm else FALSE_ALARMS),
        "met": share >= DETECTION if alarm else share <= FALSE_ALARMS,
        "detail": f"{', '.join(map(str, counts))} of {runs}" + (" with 3, 5, 10 folds" if len(counts) > 1 else ""),
    }

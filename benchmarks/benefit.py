"""The benefit of features beside scikit-learn's permutation importance: predictions, verdicts, time on the same number."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import pyarrow as pa
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegression

from mlscore.checks import check_benefit
from mlscore.checks.benefit.answers import answers_of, truth_of
from mlscore.checks.benefit.permute import permute
from mlscore.checks.benefit.shapes import BenefitReport, Verdict
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task

USEFUL, NEEDLESS = 12, 8
TRAINING, ROWS, QUICK_ROWS = 4_000, 20_000, 2_000
TABLES = 2  # for each model
TURNS = 3
REPEATS = 5  # scikit-learn's default
FEWER, AGREEMENT = 3, 0.95
TRAININGS, ALARMS, DETECTION = 67, 0.01, 0.95  # of each model
MODELS = {
    "forest of 50 trees": lambda: RandomForestClassifier(50, max_depth=10, random_state=0),
    "boosting of 50 trees": lambda: HistGradientBoostingClassifier(max_iter=50, random_state=0),
    "logistic regression": LogisticRegression,
}

SMALL = (
    lambda: RandomForestClassifier(20, max_depth=6, random_state=0),
    lambda: HistGradientBoostingClassifier(max_iter=30, random_state=0),
    LogisticRegression,
)


class Fitted(Predictor):
    """A fitted classifier in this process, so that both sides pay the same for a prediction."""

    def __init__(self, model: Any, features: list[str]) -> None:
        self.model, self.features, self.classes = model, tuple(features), (0, 1)
        self.task, self.provenance = Task.BINARY, Provenance("estimator")

    def predict(self, rows: pa.Table, *, finite: bool = True) -> Prediction:
        """The probabilities, and the likelier class."""
        shares = self.model.predict_proba(np.column_stack([rows.column(name).to_numpy() for name in self.features]))
        return Prediction(shares.argmax(axis=1), shares, self.classes)

    def close(self) -> None:
        """It holds nothing."""


def run(quick: bool) -> dict[str, object]:
    """Both sides in turn on the same models and rows, in this process."""
    rows, tables = (QUICK_ROWS, 1) if quick else (ROWS, TABLES)
    lines: list[dict[str, object]] = []
    found: dict[str, object] = {}
    for name, make in MODELS.items():
        figures = [_pair(make(), rows, seed) for seed in range(tables)]
        ours, theirs = (sum(one[side] for one in figures) for side in ("ours", "theirs"))
        decided, same, right, clearly, both, features = (
            sum(one[key] for one in figures) for key in ("decided", "same", "right", "theirs right", "both", "features")
        )
        times = [one["ratio"] for one in figures]
        whole = statistics.median(one["whole"] for one in figures)
        what = f"{name}, {tables} × {rows:,} rows × {USEFUL + NEEDLESS} features"
        lines += [
            {
                "what": f"permutation importance, {what}: scikit-learn's predictions / ours",
                "figure": round(theirs / ours, 1),
                "unit": "×",
                "sign": "≥",
                "limit": FEWER,
                "met": theirs >= FEWER * ours,
                "detail": f"{ours:,.0f} beside {theirs:,.0f} predicted rows, {REPEATS} repeats",
            },
            {
                "what": f"permutation importance, {what}: verdicts as scikit-learn's where those are right",
                "figure": round(both / max(1, clearly), 3),
                "unit": "",
                "sign": "≥",
                "limit": AGREEMENT,
                "met": both >= AGREEMENT * clearly,
                "detail": f"of {decided:.0f} verdicts, {features - decided:.0f} more undecided, {same:.0f} are the same, "
                f"{right:.0f} of ours are right and {clearly:.0f} of scikit-learn's (mean - 2 standard deviations > 0)",
            },
            {
                "what": f"permutation importance, {what}: time on the same number of predictions, ours / scikit-learn's",
                "figure": round(statistics.median(times), 2),
                "unit": "×",
                "limit": 1,
                "met": statistics.median(times) <= 1,
                "detail": f"each feature on all rows once; {len(times)} models, {min(times):.2f} to {max(times):.2f}; "
                f"{whole:.2f} with the check's other work: reading, each feature alone",
            },
        ]
        found[name] = figures
    return {"rows": [*lines, *_quality(1 if quick else TRAININGS)], "found": found}


def _quality(trainings: int) -> list[dict[str, object]]:
    """False alarms of healthy retrainings, and how many needless and leaking features are found."""
    lines: list[dict[str, object]] = []
    for what, rows, many in (
        ("healthy retrainings that fail", 10_000, trainings),
        ("needless features found", 10_000, max(1, trainings // 3)),
        ("needless features found", 30_000, max(1, trainings // 3)),
        ("leaking features named", 10_000, max(1, trainings // 3)),
    ):
        hit = undecided = 0
        for number, make in enumerate(SMALL):
            for seed in range(many):
                x, y = planted(1_000 * number + seed, 2_000, what)
                seen, label = planted(500_000 + 1_000 * number + seed, rows, what)
                names = [f"f{place}" for place in range(x.shape[1])]
                table = pa.table({**{name: seen[:, place] for place, name in enumerate(names)}, "late": label})
                report = check_benefit(Fitted(make().fit(x, y), names), table, label="late")
                last = names[-1]
                found = last in [one.feature for one in report.suspects]
                if what.startswith("needless"):
                    found = [one.name for one in report.needless] == [last]
                hit += not report.passed if what.startswith("healthy") else found
                undecided += any(one.verdict is Verdict.UNDECIDED for one in report.benefits)
        tried = many * len(SMALL)
        alarms = what.startswith("healthy")
        lines.append(
            {
                "what": f"benefit of features: {what}, {rows:,} validation rows",
                "figure": round(hit / tried, 3),
                "unit": "",
                "sign": "≤" if alarms else "≥",
                "limit": ALARMS if alarms else DETECTION,
                "met": hit <= ALARMS * tried if alarms else hit >= DETECTION * tried,
                "detail": f"{hit} of {tried}, with something undecided in {undecided}; "
                "forests, boosting and logistic regressions trained on 2,000 rows",
            }
        )
    return lines


def planted(seed: int, rows: int, what: str) -> tuple[Any, Any]:
    """Six useful features, two of which go together, and one more: none, one that tells nothing, or the label itself."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 6))
    x[:, 5] = x[:, 4] + 0.3 * random.normal(size=rows)
    y = (x @ np.array([1, 0.8, 0.6, 0.5, 0.4, 0.4]) + random.logistic(size=rows) > 0).astype(int)
    if what.startswith("needless"):
        x = np.column_stack([x, random.normal(size=rows)])
    elif what.startswith("leaking"):
        x = np.column_stack([x, y + random.normal(0, 0.01, rows)])
    return x, y


def _pair(model: Any, rows: int, seed: int) -> dict[str, float]:
    x, y = draw(seed, TRAINING)
    seen, label = draw(10_000 + seed, rows)
    names = [f"f{number}" for number in range(x.shape[1])]
    model.fit(x, y)
    table = pa.table({**{name: seen[:, place] for place, name in enumerate(names)}, "late": label})
    predictor = Fitted(model, names)
    report = check_benefit(predictor, table, label="late", most_rows=rows)
    theirs = permutation_importance(model, seen, label, scoring="roc_auc", n_repeats=REPEATS, random_state=0)
    clear = theirs.importances_mean - 2 * theirs.importances_std > 0
    # The same number: every feature on all rows once, by either side in turn; the whole check beside them.
    seconds: dict[str, list[float]] = {"ours": [], "theirs": [], "whole": []}
    for _ in range(TURNS):
        for side, each in seconds.items():
            start = time.perf_counter()
            if side == "ours":
                assert _permuted(predictor, table, names) == rows * len(names)
            elif side == "whole":
                check_benefit(predictor, table, label="late", most_rows=rows, first=rows, repeats=1, groups=[])
            else:
                permutation_importance(model, seen, label, scoring="roc_auc", n_repeats=1, random_state=0)
            each.append(time.perf_counter() - start)
    median = {side: statistics.median(each) for side, each in seconds.items()}
    return {
        "ours": report.predicted,
        "theirs": rows * (1 + REPEATS * len(names)),
        "ratio": median["ours"] / median["theirs"],
        "whole": median["whole"] / median["theirs"],
        "features": len(names),
        **_verdicts(report, clear),
    }


def _permuted(predictor: Predictor, table: pa.Table, names: list[str]) -> int:
    made = predictor.predict(table)
    truth = truth_of(table["late"].combine_chunks(), made, predictor, "AUC")
    base = answers_of(made, truth, truth.values)
    groups = [(name,) for name in names]
    _, predicted = permute(
        predictor, table, truth, base, groups, (), 0.002, 2.0, alpha=0.05, seed=0, start=table.num_rows, repeats=1
    )
    return predicted


def _verdicts(report: BenefitReport, clear: Any) -> dict[str, float]:
    decided = same = right = clearly = both = 0
    for one in report.benefits:
        if one.verdict is Verdict.UNDECIDED:
            continue
        place = int(one.features[0][1:])
        good = one.verdict is Verdict.BENEFICIAL
        known = place < USEFUL
        decided, same, right = decided + 1, same + (good == clear[place]), right + (good == known)
        clearly, both = clearly + (clear[place] == known), both + (good == clear[place] == known)
    return {"decided": decided, "same": same, "right": right, "theirs right": clearly, "both": both}


def draw(seed: int, rows: int) -> tuple[Any, Any]:
    """Independent features of which the first dozen tell the label, from much to little, and labels."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, USEFUL + NEEDLESS))
    weights = np.concatenate([np.linspace(1.0, 0.35, USEFUL), np.zeros(NEEDLESS)])
    return x, (x @ weights + random.logistic(size=rows) > 0).astype(int)

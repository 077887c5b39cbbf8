"""The quality gate: false alarms on healthy retrainings, and detection of every fault of models at its stated size.

`python -m benchmarks gate --write` puts the table into docs/models/quality-gate.md.
"""

from __future__ import annotations

import os
import sys
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlscore.checks import check_quality
from mlscore.errors import InputError
from mlscore.faults.models import ModelFault, model_catalogue

RUNS, TRIES = 200, 40
FALSE_ALARMS, DETECTION = 0.01, 0.95
NO_WORSE = "seed-removed"  # makes another model, which nothing refuses rightly
TRAINING, VALIDATION = 2_000, 4_000
FEATURES = ["a", "b", "c", "d", "shop"]
MODELS = {
    "logistic regression": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "naive Bayes": GaussianNB,
    "forest of 20 trees": lambda: RandomForestClassifier(20, max_depth=6, random_state=0),
}


def drawn(seed: int, rows: int, drift: float = 0.0) -> tuple[pd.DataFrame, Any]:
    """Rows of one process, and their labels. With drift, what tells the label moves from one feature to another in time."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal((0, 50, 3, 0), (1, 10, 2, 0.1), (rows, 4)), columns=FEATURES[:4])
    frame["shop"] = random.integers(0, 8, rows)
    time = np.linspace(-drift, drift, rows)
    score = (1 - time) * frame["a"] + (1 + time) * (frame["b"] - 50) / 10 - (frame["c"] - 3) / 3
    return frame, np.where(score + random.normal(0, 0.8, rows) > 0, "yes", "no")


def refused(candidate: Any, previous: Any, rows: pd.DataFrame, truth: Any) -> bool:
    """Whether the gate, as it is by default, refuses the candidate."""
    table = pa.table({"late": truth, "now": candidate.predict(rows), "before": previous.predict(rows)})
    return not check_quality(table, label="late", against="now", previous="before").passed


def alarms(name: str, runs: int) -> int:
    """How many healthy retrainings of a kind of model are refused."""
    make, judged = MODELS[name], drawn(1, VALIDATION)
    released = make().fit(*drawn(2, TRAINING))
    return sum(refused(make().fit(*drawn(100 + n, TRAINING)), released, *judged) for n in range(runs))


def caught(name: str, fault: ModelFault, tries: int) -> tuple[int, int]:
    """How many models with a fault are refused beside the same without it, of how many that it fits."""
    # Old weights are bad where the world changes.
    drift = 1.0 if fault.id == "stale-weights" else 0.0
    other = drawn(3, 2 * VALIDATION, drift) if drift else drawn(1, VALIDATION)
    judged = (other[0][-VALIDATION:], other[1][-VALIDATION:])
    found, able = 0, 0
    for n in range(tries):
        rows, labels = drawn(1_000 + n, TRAINING, drift)
        model = MODELS[name]().fit(rows, labels)
        try:
            broken = fault.apply(model, rows, labels, seed=n).model
        except InputError:
            continue
        able += 1
        found += refused(broken, model, *judged)
    return found, able


def run(quick: bool) -> dict[str, object]:
    """Rows for `python -m benchmarks`: false alarms and detection by kind of model, and the page's table."""
    runs, tries = (2, 1) if quick else (RUNS, TRIES)
    wrong = {name: alarms(name, runs) for name in MODELS}
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for name in MODELS:
        found[name] = {fault.id: caught(name, fault, tries) for fault in model_catalogue()}
        if sys.stderr.isatty():
            print(name, wrong[name], found[name], file=sys.stderr)
    rows: list[dict[str, object]] = []
    for name in MODELS:
        rows.append(
            {
                "what": f"false alarms of the quality gate, {name}",
                "figure": round(100 * wrong[name] / runs, 2),
                "unit": "%",
                "limit": 100 * FALSE_ALARMS,
                "met": wrong[name] <= FALSE_ALARMS * runs,
                "detail": f"{wrong[name]} of {runs} healthy retrainings",
            }
        )
        counted = {fault: pair for fault, pair in found[name].items() if pair[1] and fault != NO_WORSE}
        missed = [fault for fault, (hits, able) in counted.items() if hits < DETECTION * able]
        rows.append(
            {
                "what": f"faults that the quality gate refuses in 95 % of tries or more, {name}",
                "figure": len(counted) - len(missed),
                "unit": "",
                "sign": "≥",
                "limit": len(counted),
                "met": not missed,
                "detail": f"missed: {', '.join(missed)}" if missed else f"{tries} tries each, none missed",
            }
        )
    lines = ["| candidate | " + " | ".join(MODELS) + " |", "|---|" + "---:|" * len(MODELS)]
    lines.append("| healthy retraining | " + " | ".join(f"{wrong[name]} of {runs}" for name in MODELS) + " |")
    for fault in model_catalogue():
        pairs = [found[name][fault.id] for name in MODELS]
        cells = [f"{hits} of {able}" if able else "does not fit" for hits, able in pairs]
        lines.append(f"| {fault.id} | " + " | ".join(cells) + " |")
    page = {"path": "docs/models/quality-gate.md", "section": "detection", "text": "\n".join(lines)}
    return {"rows": rows, "page": page}

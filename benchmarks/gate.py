"""The quality gate: false alarms on healthy retrainings, and detection of every fault of models at its stated size.

`python -m benchmarks.model_faults [--runs 200] [--tries 40] [--write]` prints the table; `--write` puts it into
docs/models/quality-gate.md.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
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

from benchmarks.__main__ import with_table
from mlscore.checks import check_quality
from mlscore.errors import InputError
from mlscore.faults.models import model_catalogue

DOCS = Path(__file__).parents[1] / "docs" / "models" / "quality-gate.md"
START, END = "<!-- detection:start -->", "<!-- detection:end -->"
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


def measure(runs: int, tries: int) -> list[str]:
    """The table's lines."""
    judged = drawn(1, VALIDATION)
    lines = ["| candidate | " + " | ".join(MODELS) + " |", "|---|" + "---:|" * len(MODELS)]
    alarms, caught = [], {fault.id: [] for fault in model_catalogue()}  # type: ignore[var-annotated]
    for name, make in MODELS.items():
        released = make().fit(*drawn(2, TRAINING))
        wrong = sum(refused(make().fit(*drawn(100 + n, TRAINING)), released, *judged) for n in range(runs))
        alarms.append(f"{wrong} of {runs}")
        for fault in model_catalogue():
            # Old weights are bad where the world changes; without a seed a model is another, and not a worse one.
            drift = 1.0 if fault.id == "stale-weights" else 0.0
            found, able = 0, 0
            for n in range(tries):
                rows, labels = drawn(1_000 + n, TRAINING, drift)
                model = make().fit(rows, labels)
                try:
                    broken = fault.apply(model, rows, labels, seed=n).model
                except InputError:
                    continue
                able += 1
                other = drawn(3, 2 * VALIDATION, drift)
                late = (other[0][-VALIDATION:], other[1][-VALIDATION:])
                found += refused(broken, model, *(late if drift else judged))
            caught[fault.id].append(f"{found} of {able}" if able else "does not fit")
        print(name, alarms[-1], {key: told[-1] for key, told in caught.items()}, file=sys.stderr)
    lines.append("| healthy retraining | " + " | ".join(alarms) + " |")
    lines += [f"| {key} | " + " | ".join(told) + " |" for key, told in caught.items()]
    return lines


def main() -> int:
    """Print the table, and write it into the page when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--tries", type=int, default=40)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    lines = measure(options.runs, options.tries)
    print("\n".join(lines))
    if options.write:
        text = with_table(DOCS.read_text(encoding="utf-8"), "\n".join(lines), START, END)
        DOCS.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

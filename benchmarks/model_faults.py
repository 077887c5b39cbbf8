"""Checks on models: false alarms on healthy retrainings, and detection of every fault of models at its stated size.

`python -m benchmarks model_faults --write` puts the table into docs/models/detection.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

# Small trees and tables: a second thread takes longer to wake than it helps.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.ensemble import RandomForestClassifier

from benchmarks.model_files import Repository, Training
from mlscore.checks import (
    check_benefit,
    check_fairness,
    check_quality,
    check_simpler,
    check_slices,
    check_stability,
)
from mlscore.checks.intervals import share
from mlscore.checks.stability.weights import look
from mlscore.errors import InputError
from mlscore.faults.models import model_catalogue
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.tables.shapes import TableOptions

RUNS, TRIES = 200, 40
TRAINING, VALIDATION = 2_000, 4_000
FEATURES = ["a", "b", "c", "d", "shop"]
CLASSES = ("no", "yes")
FALSE_ALARMS, DETECTION = 0.01, 0.95
ONE_THREAD = TableOptions(threads=1)
# Which checks are to catch which fault. None is the whole of what a check is for.
CLAIMS: dict[str, tuple[str, ...]] = {
    "untrained": ("quality-gate", "simpler-model"),
    "one-class": ("quality-gate", "simpler-model"),
    "nan-weights": ("quality-gate", "stability"),
    "quantised": ("quality-gate",),
    "label-shuffled": ("quality-gate", "simpler-model"),
    "off-by-one": ("quality-gate", "simpler-model"),
    "leaked-label": ("quality-gate", "feature-benefit"),
    "previous-better": ("quality-gate",),
    "seed-removed": ("reproducible",),
    "feature-swap": ("quality-gate", "simpler-model"),
    "preprocessing-mismatch": ("quality-gate",),
    "stale-weights": ("quality-gate", "provenance"),
    "slice-collapse": ("quality-gate", "slices", "fairness"),
}
CHANGING = "stale-weights"  # old weights are bad where the world changes
LEAKING = "leaked-label"


def drawn(seed: int, rows: int, drift: float = 0.0) -> tuple[pd.DataFrame, Any]:
    """Rows of one process that no simple model learns, and their labels; with drift, what tells the label moves in time."""
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.uniform(-2, 2, (rows, 4)), columns=FEATURES[:4])
    frame["shop"] = random.integers(0, 8, rows).astype(float)
    time = np.linspace(-drift, drift, rows)
    waves = 2 * (1 - time) * np.cos(2 * frame["a"]) + 2 * (1 + time) * np.cos(2 * frame["b"])
    score = waves + 1.2 * frame["c"] * frame["d"] + 1.5 * np.where(frame["shop"] % 2 == 0, 1, -1)
    return frame, np.where(score + random.normal(0, 0.8, rows) > 0, "yes", "no")


def trained(seed: int, drift: float = 0.0) -> tuple[Any, pd.DataFrame, Any]:
    """A forest with the rows and labels it learned from."""
    rows, labels = drawn(seed, TRAINING, drift)
    return RandomForestClassifier(20, min_samples_leaf=3, random_state=0).fit(rows, labels), rows, labels


class Here(Predictor):
    """A model in this process."""

    def __init__(self, model: Any) -> None:
        self.model, self.features, self.classes = model, tuple(FEATURES), CLASSES
        self.task, self.provenance = Task.BINARY, Provenance("estimator")

    def predict(self, rows: pa.Table, *, finite: bool = True) -> Prediction:
        """Labels and probabilities."""
        frame = rows.select(FEATURES).to_pandas()
        return Prediction(self.model.predict(frame), self.model.predict_proba(frame), CLASSES)

    def inside(self, function: str, request: Mapping[str, Any], *, limit: float | None = None) -> Any:
        """The model's weights, which is all that is asked here."""
        return look(self.model, request)

    def close(self) -> None:
        """It holds nothing."""


@dataclass(frozen=True)
class Case:
    """A candidate beside the release before it: what it learned from, and the rows on which it is judged.

    `leaks`: the label leaks into what it learned from, and that is what must be found.
    """

    candidate: Any
    previous: Any
    learned: tuple[pd.DataFrame, Any]
    judged: tuple[pd.DataFrame, Any]
    leaks: bool = False

    @cached_property
    def table(self) -> pa.Table:
        """The judged rows with labels and both answers."""
        table = labelled(*self.judged).append_column("now", pa.array(self.candidate.predict(self.judged[0])))
        return table.append_column("before", pa.array(self.previous.predict(self.judged[0])))


def labelled(rows: pd.DataFrame, labels: Any) -> pa.Table:
    """Rows with their labels."""
    return pa.Table.from_pandas(rows, preserve_index=False).append_column("late", pa.array(labels))


def _gate(case: Case) -> bool:
    return not check_quality(case.table, label="late", against="now", previous="before", options=ONE_THREAD).passed


def _simpler(case: Case) -> bool:
    known = labelled(*case.learned)
    found = check_simpler(
        known, case.table, label="late", prediction="now", features=FEATURES, positive="yes", options=ONE_THREAD
    )
    return not found.passed


def _slices(case: Case) -> bool:
    found = check_slices(
        case.table, label="late", against="now", previous="before", columns=FEATURES, options=ONE_THREAD
    )
    return not found.passed


def _fairness(case: Case) -> bool:
    found = check_fairness(
        case.table,
        definition="accuracy parity",
        label="late",
        prediction="now",
        positive="yes",
        protected=FEATURES,
        ranges={name: [1.6] for name in FEATURES[:4]},
        intersections=False,
        limit=0.2,
        options=ONE_THREAD,
    )
    return not found.passed


def _stability(case: Case) -> bool:
    rows = pa.Table.from_pandas(case.judged[0][:1_000], preserve_index=False)
    return not check_stability(Here(case.candidate), rows).passed


def _benefit(case: Case) -> bool:
    # What leaks does so in all data that the project has: those it learned from show it.
    found = check_benefit(Here(case.candidate), labelled(*case.learned), label="late", options=ONE_THREAD)
    return bool(found.suspects) if case.leaks else not found.passed


ON_CASES: dict[str, Callable[[Case], bool]] = {
    "quality-gate": _gate,
    "simpler-model": _simpler,
    "slices": _slices,
    "fairness": _fairness,
    "stability": _stability,
    "feature-benefit": _benefit,
}


@dataclass
class Count:
    """How often a check alarmed, of how many."""

    alarms: int = 0
    of: int = 0

    def add(self, alarm: bool) -> None:
        """One more."""
        self.alarms += alarm
        self.of += 1

    def __str__(self) -> str:
        found = share(self.alarms, self.of)
        return f"{self.alarms} of {self.of}, {found.low:.1%} to {found.high:.1%}"


def healthy(runs: int) -> dict[str, Count]:
    """Alarms on retrainings on other rows of the same process."""
    counts = {name: Count() for name in (*ON_CASES, "reproducible", "provenance")}
    released, *_ = trained(2)
    judged = drawn(1, VALIDATION)
    with Training() as training, Repository() as repository:
        for number in range(runs):
            candidate, *learned = trained(10_000 + number)
            case = Case(candidate, released, (learned[0], learned[1]), judged)
            for name, alarms in ON_CASES.items():
                counts[name].add(alarms(case))
            counts["reproducible"].add(training.differs(number, seeded=True))
            counts["provenance"].add(repository.refused(number, stale=False))
            _say("healthy retrainings", number, runs)
    return counts


def faulty(tries: int) -> dict[tuple[str, str], Count]:
    """Alarms on models with each fault, of the checks that are to catch it."""
    counts = {(fault, check): Count() for fault, checks in CLAIMS.items() for check in checks}
    judged = drawn(1, VALIDATION)
    with Training() as training, Repository() as repository:
        for number in range(tries):
            seed = 20_000 + number
            usual, moving = trained(seed), trained(seed, 1.0)
            late = tuple(part[-VALIDATION:] for part in drawn(3, 2 * VALIDATION, 1.0))
            for fault in model_catalogue():
                model, rows, labels = moving if fault.id == CHANGING else usual
                case = Case(model, model, (rows, labels), late if fault.id == CHANGING else judged)  # type: ignore[arg-type]
                if set(CLAIMS[fault.id]) & set(ON_CASES):
                    try:
                        broken = fault.apply(model, rows, labels, seed=number)
                    except InputError:
                        continue
                    leaks = fault.id == LEAKING
                    case = replace(case, candidate=broken.model, learned=(broken.rows, broken.labels), leaks=leaks)
                for check in CLAIMS[fault.id]:
                    if check == "reproducible":
                        alarm = training.differs(number, seeded=False)
                    elif check == "provenance":
                        alarm = repository.refused(number, stale=True)
                    else:
                        alarm = ON_CASES[check](case)
                    counts[fault.id, check].add(alarm)
            _say("faults", number, tries)
    return counts


def _say(what: str, number: int, of: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{what}: {number + 1}/{of}", end="", file=sys.stderr)


def run(quick: bool) -> dict[str, object]:
    """Rows for `python -m benchmarks`: false alarms by check, detection by fault and check; and the page's table."""
    alarms, found = healthy(1 if quick else RUNS), faulty(1 if quick else TRIES)
    rows: list[dict[str, object]] = [
        {
            "what": f"false alarms of {name} on healthy retrainings",
            "figure": round(100 * count.alarms / count.of, 2),
            "unit": "%",
            "limit": 100 * FALSE_ALARMS,
            "met": count.alarms <= FALSE_ALARMS * count.of,
            "detail": str(count),
        }
        for name, count in alarms.items()
    ]
    rows += [
        {
            "what": f"{fault} found by {check}",
            "figure": round(100 * count.alarms / max(1, count.of), 1),
            "unit": "%",
            "sign": "≥",
            "limit": 100 * DETECTION,
            "met": count.of > 0 and count.alarms >= DETECTION * count.of,
            "detail": str(count),
        }
        for (fault, check), count in found.items()
    ]
    return {
        "rows": rows,
        "page": {"path": "docs/models/detection.md", "section": "detection", "text": text(alarms, found)},
    }


def text(alarms: Mapping[str, Count], found: Mapping[tuple[str, str], Count]) -> str:
    """The tables of the page."""
    lines = ["| check | false alarms on healthy retrainings, 95 % interval |", "|---|---|"]
    lines += [f"| `{name}` | {count} |" for name, count in alarms.items()]
    lines += ["", "| fault | check | found, 95 % interval |", "|---|---|---|"]
    for (fault, check), count in found.items():
        told = str(count) if count.of else "does not fit"
        told = told if count.alarms >= DETECTION * count.of else f"**{told}**"
        lines.append(f"| {fault} | `{check}` | {told} |")
    return "\n".join(lines)

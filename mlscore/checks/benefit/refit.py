"""Leaving each group of features out and fitting the model anew, where that is cheap.

Leave-one-covariate-out: Lei, G'Sell, Rinaldo, Tibshirani and Wasserman, Distribution-Free Predictive Inference for
Regression (JASA 113, 2018), section 6: the loss without the feature against that with it, on rows that no fit has seen.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.checks.benefit.answers import Truth, answers_of, constant, differing
from mlscore.checks.benefit.fitting import FIT
from mlscore.checks.benefit.permute import Unit
from mlscore.checks.benefit.shapes import Verdict
from mlscore.checks.simpler.metrics import Answers, gain
from mlscore.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor

WORSE = 0.1  # of what the model gains over a constant: a fit that is worse by more is of another model
SPARE = 5.0  # seconds for reading and writing the rows


@dataclass(frozen=True, slots=True)
class Refitted:
    """The units with their verdicts, the gain that counts as a benefit, how often it was fitted, and for how long."""

    units: list[Unit]
    worth: float
    fits: int
    seconds: float


class _CannotError(Exception):
    """The model cannot be fitted anew; the text says why."""


def refit(
    predictor: Predictor,
    train: pa.Table,
    rows: pa.Table,
    truth: Truth,
    base: Answers,
    groups: Sequence[tuple[str, ...]],
    noise: Sequence[str],
    *,
    label: str,
    worth: float,
    budget: float,
    alpha: float,
    seed: int,
) -> Refitted | str:
    """Fit the model anew on `train` with all features, then without each group; or a text that says why that is not done.

    The time of the first fit tells whether all of them are done within `budget` seconds. `worth` is a share of what that
    fit gains over a constant. One that is surely worse than the model itself is of another model, and judges nothing.
    """
    from pyarrow import feather

    units = [Unit((name,), [], True) for name in noise] + [Unit(tuple(each), [], False) for each in groups]
    features = list(predictor.features or rows.column_names)
    lacking = [name for name in (*features, label) if name not in train.column_names]
    if lacking:
        return f'the training data have no "{lacking[0]}"'
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mlscore-") as name:
        folder = Path(name)
        feather.write_feather(train.select([*features, label]), folder / "train", compression="uncompressed")
        feather.write_feather(rows.select(features), folder / "rows", compression="uncompressed")

        def fitted(without: Sequence[str]) -> tuple[Answers, float]:
            return _fitted(predictor, folder, features, without, label, truth, budget, seed)

        try:
            whole, seconds = fitted(())
            if seconds * (len(units) + 1) > budget:
                return f"{len(units) + 1} fits of {seconds:.2g} s take more than {budget:g} s"
            over = gain(truth.metric, truth.values, whole, constant(truth), alpha)
            apart = gain(truth.metric, truth.values, base, whole, alpha)
            if over.value <= 0 or apart.low > WORSE * over.value:
                return f"fitted on these training rows, the model is worse by {apart}"
            each = 2 * alpha / len(units)  # no verdict can be wrong at both ends
            for unit in units:
                said, _ = fitted(unit.features)
                unit.said, unit.rows = [said], rows.num_rows
                unit.gain = gain(truth.metric, truth.values, whole, said, each)
                if time.monotonic() - began > 2 * budget + SPARE:
                    return f"fits took longer than the first, and more than {budget:g} s together"
        except _CannotError as error:
            return str(error)
    yard = max((unit.gain.high for unit in units if unit.noise), default=0.0)
    for unit in units:
        unit.verdict = _verdict(unit, whole, max(0.0, yard), worth * over.value)
    return Refitted(units, worth * over.value, len(units) + 1, time.monotonic() - began)


def _verdict(unit: Unit, whole: Answers, yard: float, worth: float) -> Verdict:
    if unit.noise:
        return Verdict.NOISE
    if differing(whole, unit.said[0]) == 0 or unit.gain.high < worth:
        return Verdict.NONE
    return Verdict.BENEFICIAL if unit.gain.low > yard else Verdict.UNDECIDED


def _fitted(
    predictor: Predictor,
    folder: Path,
    features: Sequence[str],
    without: Sequence[str],
    label: str,
    truth: Truth,
    budget: float,
    seed: int,
) -> tuple[Answers, float]:
    """What a fit says of the rows, and the seconds it took. Raises _CannotError."""
    import numpy as np
    from pyarrow import feather

    from mlscore.predictors.shapes import Prediction

    classes = None if truth.metric.numeric else predictor.classes
    request = {
        "train": str(folder / "train"),
        "rows": str(folder / "rows"),
        "answer": str(folder / "answer"),
        "features": list(features),
        "without": list(without),
        "label": label,
        "classes": None if classes is None else [str(one) for one in classes],
        "shares": truth.metric.value in ("AUC", "log loss"),
        "seed": seed,
    }
    try:
        told = predictor.inside(FIT, request, limit=budget + SPARE)
    except InputError as error:
        raise _CannotError(error.what) from None
    if told is None:
        raise _CannotError("the model is no estimator that can be looked into")
    if "refused" in told:
        what = f" without {', '.join(without)}" if without else ""
        raise _CannotError(f"it cannot be fitted{what} ({told['refused']})")
    answer = feather.read_table(folder / "answer")
    shares = [answer.column(name).to_numpy() for name in answer.column_names[1:]]
    values = np.array(answer.column("values").to_pylist())
    made = Prediction(values, np.column_stack(shares) if shares else None, classes)
    return answers_of(made, truth, truth.values), float(told["seconds"])

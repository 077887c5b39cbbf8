"""Judging whether a model is numerically stable: its data, its weights, its log, and what it answers under stress."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.stability.extremes import Bounds, extreme_rows, narrowed
from mlscore.checks.stability.log import of_log, read_log
from mlscore.checks.stability.shapes import StabilityReport, Weights
from mlscore.checks.stability.weights import LOOK, of_weights
from mlscore.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor
    from mlscore.predictors.shapes import Prediction


def check_stability(
    predictor: Predictor,
    rows: pa.Table,
    *,
    bounds: Bounds | None = None,
    log: Path | None = None,
    loss: str | None = None,
    greatest: float = 1e6,
    most_dead: float = 0.5,
    most_changed: float = 0.001,
) -> StabilityReport:
    """Look for what is no number, and for answers that hang on rounding.

    `rows` hold the model's features. Infinite features, predictions that are NaN or infinite on them or on extreme but
    valid rows (`bounds` by column, where the data do not say), weights that are no numbers or greater than `greatest`,
    more than `most_dead` of a layer's units without any weight, and a `log` whose figures stop being numbers or whose
    `loss` does not fall are findings; so are answers of which more than `most_changed` change when features are rounded
    to single precision (numbers: by more than that share of their spread). Raises InputError when there are no rows, the
    log cannot be read, or the model cannot answer rows whose features are finite.
    """
    if not rows.num_rows:
        raise InputError("there are no rows to predict", hint="name data that have some")
    if predictor.features:
        rows = rows.select([name for name in predictor.features if name in rows.column_names])
    findings = _of_data(rows)
    unknown: list[str] = []
    made = _answers(predictor, rows, findings)
    findings += _of_prediction(made, "predictions")
    extreme = extreme_rows(rows, bounds or {})
    if extreme.num_rows:
        try:
            answered = predictor.predict(extreme, finite=False)
            findings += _of_prediction(answered, "predictions of extreme but valid rows")
        except InputError as error:
            findings.append(f"extreme but valid rows: {error.what}")
    else:
        unknown.append("extreme inputs: no feature holds numbers")
    single = narrowed(rows)
    narrow = apart = None
    if made is None:
        unknown.append("sensitivity to float32: the model does not answer these rows")
    elif single is None:
        unknown.append("sensitivity to float32: no feature is of double precision")
    else:
        narrow, apart = _changed(made, predictor.predict(single, finite=False))
        if narrow is not None and narrow > most_changed:
            findings.append(
                f"float32: {narrow:.2%} of the answers change when features are rounded to single precision"
            )
        if apart is not None and apart > most_changed:
            findings.append(f"float32: numbers change by {apart:.2%} of their spread when features are rounded to it")
    told = predictor.inside(LOOK, {})
    arrays = [Weights(**one) for one in told or ()]
    if arrays:
        findings += of_weights(arrays, greatest, most_dead)
    else:
        unknown.append("weights: the model does not show any")
    steps = None
    if log is not None:
        read = read_log(log)
        wrong, lacking = of_log(read, loss)
        steps = len(read)
        findings += wrong
        unknown += lacking
    ends = [abs(end) for one in arrays for end in (one.least, one.greatest) if end is not None]
    return StabilityReport(
        rows=rows.num_rows,
        extreme=extreme.num_rows or None,
        narrow=narrow,
        apart=apart,
        weights=len(arrays) or None,
        greatest=max(ends, default=None),
        steps=steps,
        findings=tuple(findings),
        not_judged=tuple(unknown),
        hollow=_hollow(made, arrays, steps),
    )


def _of_data(rows: pa.Table) -> list[str]:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = []
    for field in rows.schema:
        if pa.types.is_floating(field.type):
            count = int(pc.sum(pc.is_inf(rows.column(field.name))).as_py() or 0)
            if count:
                found.append(f'data: "{field.name}" is infinite in {count:,} of {rows.num_rows:,} rows')
    return found


def _answers(predictor: Predictor, rows: pa.Table, findings: list[str]) -> Prediction | None:
    """The predictions; None where the model refuses data that are infinite, which is added to the findings."""
    try:
        return predictor.predict(rows, finite=False)
    except InputError as error:
        if not findings:
            raise
        findings.append(f"predictions: {error.what}")
        return None


def _of_prediction(made: Prediction | None, what: str) -> list[str]:
    import numpy as np

    found: list[str] = []
    if made is None:
        return found
    for name, values in ((what, made.values), (f"probabilities in {what}", made.probabilities)):
        if values is None or values.dtype.kind != "f":
            continue
        for test, word in ((np.isnan, "NaN"), (np.isinf, "infinite")):
            wrong: Any = test(values).reshape(len(values), -1).any(axis=1)
            if wrong.any():
                first = int(np.argmax(wrong)) + 1
                found.append(f"{name}: {int(wrong.sum()):,} of {len(values):,} are {word}, the first in row {first:,}")
    return found


def _changed(one: Prediction, other: Prediction) -> tuple[float | None, float | None]:
    """The share of labels that change, or by how much numbers do, relative to their standard deviation."""
    import numpy as np

    if one.values.dtype.kind != "f":
        differ = np.asarray(one.values != other.values).reshape(len(one.values), -1).any(axis=1)
        return float(differ.mean()), None
    there = np.isfinite(one.values) & np.isfinite(other.values)
    spread = float(np.std(one.values[there])) if there.any() else 0.0
    if not spread:
        return None, None
    return None, float(np.abs(one.values - other.values)[there].max()) / spread


def _hollow(made: Prediction | None, arrays: list[Weights], steps: int | None) -> str | None:
    """Why nothing could have been found: labels without probabilities are never NaN."""
    if (
        made is not None
        and made.values.dtype.kind != "f"
        and made.probabilities is None
        and not arrays
        and steps is None
    ):
        return "the model shows labels alone, and neither probabilities nor weights nor a log, which could be NaN"
    return None

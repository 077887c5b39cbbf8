"""How wrong a model is on each row: from its values and probabilities, and the label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlscore.checks.predicted import LEAST, like, like_one
from mlscore.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor
    from mlscore.predictors.shapes import Prediction

    Numbers = npt.NDArray[np.float64]

MEASURES = ("error", "log loss", "absolute error", "squared error")
NUMERIC = MEASURES[2:]


def losses_of(predictor: Predictor, rows: pa.Table, label: str, measure: str) -> Numbers:
    """The losses of a predictor's answers. Raises InputError as `predict` does, and where the measure does not fit."""
    made: Prediction = predictor.predict(rows)
    return row_losses(measure, made.values, made.probabilities, made.classes or predictor.classes, rows.column(label))


def row_losses(
    measure: str, values: Any, probabilities: Any, classes: Sequence[object] | None, labels: pa.ChunkedArray
) -> Numbers:
    """The loss of each row. Raises InputError where the measure does not fit what the model answers."""
    import numpy as np

    if values.ndim != 1:
        raise InputError("the model gives several labels a row", hint="name a function that gives one of them")
    if measure in NUMERIC:
        try:
            distance = np.abs(values.astype(float) - np.array(labels.to_pylist(), dtype=float))
        except (TypeError, ValueError):
            raise InputError(f"the {measure} needs numbers, and answers or labels are none") from None
        if not np.isfinite(distance).all():
            raise InputError(
                "some answers are no numbers", hint="see what the model says there: the check stability does"
            )
        return np.asarray(distance if measure == "absolute error" else distance**2, dtype=float)
    truth = labels.to_pylist()
    if measure == "error":
        said = like(values, labels.type).to_pylist()
        return np.array([a != b and str(a) != str(b) for a, b in zip(said, truth, strict=True)], dtype=float)
    if probabilities is None or not classes:
        raise InputError(f"the {measure} needs probabilities, which the model does not give", hint="measure the error")
    places = {str(like_one(name, labels.type)): number for number, name in enumerate(classes)}
    at = np.array([places.get(str(value), -1) for value in truth])
    shares = np.where(at >= 0, np.asarray(probabilities, dtype=float)[np.arange(len(at)), at], 0.0)
    return np.asarray(-np.log(np.maximum(shares, LEAST)), dtype=float)

"""Making a prediction of whatever a model returned, or saying in one sentence why it is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlscore.predictors.kinds.base import Answer
from mlscore.predictors.shapes import Label, Prediction, Task

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_SUM = 1e-3  # what a row's probabilities may miss 1 by: models that compute in float16 are as far off


class MisanswerError(Exception):
    """What a model returned is no prediction. `row` is the first such row, from 0, where it is one row's fault."""

    def __init__(self, what: str, row: int | None = None, hint: str | None = None) -> None:
        self.what = what
        self.row = row
        self.hint = hint
        super().__init__(what)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a prediction should be. `finite` refuses NaN and infinities; who looks for these asks without it."""

    rows: int
    task: Task
    classes: tuple[Label, ...] | None = None
    positive: Label | None = None
    threshold: float | None = None
    finite: bool = True


def tidy(raw: object, expected: Expected) -> Prediction:
    """The prediction that a model's answer is.

    One-dimensional floats of a BINARY model are the probability of the positive label, two-dimensional ones of a model that
    labels are probabilities in the order of its classes. Raises MisanswerError.
    """
    if isinstance(raw, Prediction):
        raw = Answer(raw.values, raw.probabilities)
    if isinstance(raw, tuple) and len(raw) == 2 and expected.rows != 2:
        raw = Answer(*raw)
    if isinstance(raw, Mapping) and "values" in raw and set(raw) <= {"values", "probabilities"}:
        raw = Answer(raw["values"], raw.get("probabilities"))
    answer = raw if isinstance(raw, Answer) else Answer(raw)
    values = None if answer.values is None else as_array(answer.values, expected.rows)
    given = None if answer.probabilities is None else as_array(answer.probabilities, expected.rows)
    if values is None and given is None:
        raise MisanswerError("it returned None", hint="return an array with one prediction for each row")
    if expected.task.numbers:
        return Prediction(_numbers(values if values is not None else given, expected))
    if expected.task is Task.MULTILABEL:
        return _multilabel(values, given, expected)
    return _labelled(values, given, expected)


def as_array(raw: object, rows: int) -> npt.NDArray[Any]:
    """What was returned as an array of as many rows as were asked about. Raises MisanswerError."""
    import numpy as np

    if raw is None:
        raise MisanswerError("it returned None", hint="return an array with one prediction for each row")
    if isinstance(raw, Iterator):
        raise MisanswerError(
            f"it returned a {type(raw).__name__}", hint="return a list or an array, not something to loop over"
        )
    if isinstance(raw, (str, bytes, Mapping, set, frozenset)) or callable(raw):
        raise MisanswerError(
            f"it returned a {type(raw).__name__}", hint="return an array with one prediction for each row"
        )
    if hasattr(raw, "detach"):  # a tensor that may hang on a graph, or lie on another device
        raw = raw.detach().cpu().numpy()
    elif hasattr(raw, "to_numpy"):
        raw = raw.to_numpy()
    elif hasattr(raw, "toarray"):  # a sparse matrix of labels
        raw = raw.toarray()
    if isinstance(raw, Sequence) and any(isinstance(one, (str, bytes)) for one in raw):
        found = np.empty(len(raw), dtype=object)
        found[:] = raw
    else:
        try:
            found = np.asarray(raw)
        except ValueError:
            raise MisanswerError(
                "it returned rows of different lengths", hint="return one prediction for each row"
            ) from None
    if found.ndim == 0:
        raise MisanswerError(
            f"it returned one {type(raw).__name__}", hint=f"return one prediction for each of the {rows} rows"
        )
    if len(found) != rows:
        raise MisanswerError(
            f"it returned {len(found):,} predictions for {rows:,} rows", hint="return one prediction for each row"
        )
    if found.ndim > 2:
        raise MisanswerError(
            f"it returned an array of {found.ndim} dimensions", hint="return one prediction for each row"
        )
    return found


def label_array(labels: Sequence[Label]) -> npt.NDArray[Any]:
    """Labels as an array: of one type where they are of one, else of objects."""
    import numpy as np

    if len({type(one) for one in labels}) <= 1:
        return np.array(labels)
    found = np.empty(len(labels), dtype=object)
    found[:] = labels
    return found


def plain(label: Any) -> Label:
    """A label as Python's own str, int, float or bool."""
    value = label.item() if hasattr(label, "item") else label
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _floats(found: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Numbers as floats; the first that is none is named by its row."""
    import numpy as np

    if found.dtype.kind in "biuf":
        return found.astype(np.float64)
    for row, value in enumerate(found):
        for one in np.ravel(value):
            if isinstance(one, (str, bytes)):
                raise MisanswerError(
                    "it returned text where a number is due", row, "return numbers, or configure the task"
                )
            if one is None:
                continue
            if not isinstance(one, (int, float, np.number, np.bool_)) and not hasattr(one, "__float__"):
                raise MisanswerError(f"it returned a {type(one).__name__} where a number is due", row, "return numbers")
    return found.astype(np.float64)


def _finite(found: npt.NDArray[np.float64], expected: Expected) -> npt.NDArray[np.float64]:
    import numpy as np

    if expected.finite:
        wrong = ~np.isfinite(found)
        if wrong.any():
            rows = wrong if wrong.ndim == 1 else wrong.any(axis=1)
            row = int(np.argmax(rows))
            value = found[row] if found.ndim == 1 else found[row][wrong[row]][0]
            says = "NaN" if np.isnan(value) else "an infinite number"
            count = int(rows.sum())
            more = f" (in {count:,} rows altogether)" if count > 1 else ""
            raise MisanswerError(f"it returned {says}{more}", row, "see what is missing in that row")
    return found


def _numbers(found: npt.NDArray[Any] | None, expected: Expected) -> npt.NDArray[np.float64]:
    assert found is not None
    if found.ndim == 2:
        if found.shape[1] != 1:
            raise MisanswerError(
                f"it returned {found.shape[1]} numbers for each row", hint=f"a {expected.task} model returns one"
            )
        found = found[:, 0]
    return _finite(_floats(found), expected)


def _shares(found: npt.NDArray[Any], expected: Expected, *, exclusive: bool) -> npt.NDArray[np.float64]:
    """Probabilities, checked: from 0 to 1, and where labels exclude each other, 1 in sum."""
    import numpy as np

    shares = _finite(_floats(found), expected)
    with np.errstate(invalid="ignore"):
        outside = ((shares < -_SUM) | (shares > 1 + _SUM)).any(axis=1)
        if outside.any():
            row = int(np.argmax(outside))
            raise MisanswerError(
                "it returned probabilities below 0 or above 1", row, "return probabilities, not scores, or labels alone"
            )
        off = np.abs(shares.sum(axis=1) - 1) > _SUM
    if exclusive and off.any():
        row = int(np.argmax(off))
        raise MisanswerError(
            f"its probabilities sum to {shares[row].sum():.4g}", row, "return probabilities of all classes, not scores"
        )
    return np.clip(shares, 0, 1)


def _multilabel(values: npt.NDArray[Any] | None, given: npt.NDArray[Any] | None, expected: Expected) -> Prediction:
    import numpy as np

    if given is None and values is not None and values.dtype.kind == "f" and not np.isin(values, (0.0, 1.0)).all():
        values, given = None, values
    one = values if values is not None else given
    assert one is not None
    for found in (values, given):
        if found is not None and found.ndim != 2:
            raise MisanswerError(
                "it returned one value for each row", hint="a multilabel model returns a column for each label"
            )
    k = one.shape[1]
    if expected.classes is not None and k != len(expected.classes):
        raise MisanswerError(
            f"it returned {k} columns", hint=f"its {len(expected.classes)} labels are {_listed(expected.classes)}"
        )
    classes = expected.classes or tuple(range(k))
    probabilities = None if given is None else _shares(given, expected, exclusive=False)
    if probabilities is not None and (values is None or expected.threshold is not None):
        threshold = 0.5 if expected.threshold is None else expected.threshold
        return Prediction((probabilities >= threshold).astype(np.int8), probabilities, classes)
    assert values is not None
    numbers = _finite(_floats(values), expected)
    wrong = ~np.isin(numbers, (0.0, 1.0)).all(axis=1)
    if wrong.any():
        raise MisanswerError("it returned something else than 0 and 1", int(np.argmax(wrong)), "return zeros and ones")
    return Prediction(numbers.astype(np.int8), probabilities, classes)


def _labelled(values: npt.NDArray[Any] | None, given: npt.NDArray[Any] | None, expected: Expected) -> Prediction:

    if values is not None and values.ndim == 2 and values.shape[1] == 1 and given is None:
        values = values[:, 0]
    if given is None and values is not None and _are_shares(values, expected):
        values, given = None, values
    if values is not None and values.ndim == 2:
        if values.shape[1] != 1:
            raise MisanswerError(
                f"it returned {values.shape[1]} labels for each row", hint='task = "multilabel" does that'
            )
        values = values[:, 0]
    probabilities, classes = (None, expected.classes) if given is None else _with_classes(given, values, expected)
    if probabilities is not None and classes is not None:
        chosen = _chosen(probabilities, classes, values, expected)
        if chosen is not None:
            return Prediction(label_array(classes)[chosen], probabilities, classes)
    assert values is not None
    return Prediction(_labels(values, classes, expected), probabilities, classes)


def _are_shares(values: npt.NDArray[Any], expected: Expected) -> bool:
    """Whether what came alone is probabilities, and not labels."""
    if values.ndim == 2:
        return True
    return expected.task is Task.BINARY and values.dtype.kind == "f" and not _are_labels(values, expected.classes)


def _are_labels(values: npt.NDArray[Any], classes: tuple[Label, ...] | None) -> bool:
    """Whether floats are labels that are floats, and not probabilities."""
    import numpy as np

    if classes is None or not all(isinstance(one, (int, float)) for one in classes):
        return False
    return bool(np.isin(values, np.array([float(one) for one in classes if not isinstance(one, str)])).all())


def _with_classes(
    given: npt.NDArray[Any], values: npt.NDArray[Any] | None, expected: Expected
) -> tuple[npt.NDArray[np.float64], tuple[Label, ...]]:
    """Probabilities of all classes, and the classes."""
    import numpy as np

    classes = expected.classes
    if given.ndim == 2 and given.shape[1] == 1 and expected.task is Task.BINARY:
        given = given[:, 0]
    if given.ndim == 1:
        if expected.task is not Task.BINARY:
            raise MisanswerError(
                f"it returned one number for each row, which is no label of a {expected.task} model",
                hint="return labels, or a column of probabilities for each class",
            )
        classes = classes or (0, 1)
        if len(classes) != 2:
            raise MisanswerError(
                "it returned one probability for each row", hint=f"its {len(classes)} classes are {_listed(classes)}"
            )
        one = _shares(given.reshape(-1, 1), expected, exclusive=False)[:, 0]
        first = expected.positive is not None and expected.positive == classes[0]
        return np.column_stack((one, 1 - one) if first else (1 - one, one)), classes
    if classes is None:
        classes = tuple(range(given.shape[1])) if values is None else tuple(sorted({plain(v) for v in values}, key=str))
    if given.shape[1] != len(classes):
        raise MisanswerError(
            f"it returned {given.shape[1]} probabilities for each row",
            hint=f"its {len(classes)} classes are {_listed(classes)}",
        )
    return _shares(given, expected, exclusive=True), classes


def _chosen(
    probabilities: npt.NDArray[np.float64],
    classes: tuple[Label, ...],
    values: npt.NDArray[Any] | None,
    expected: Expected,
) -> npt.NDArray[Any] | None:
    """Which class is predicted by the probabilities; None where the model's own labels stand."""
    import numpy as np

    if len(classes) == 2 and (expected.threshold is not None):
        positive = 0 if expected.positive is not None and expected.positive == classes[0] else 1
        above = probabilities[:, positive] >= expected.threshold
        return np.asarray(np.where(above, positive, 1 - positive))
    if values is not None:
        return None
    if len(classes) == 2:
        positive = 0 if expected.positive is not None and expected.positive == classes[0] else 1
        return np.asarray(np.where(probabilities[:, positive] >= 0.5, positive, 1 - positive))
    return np.asarray(np.argmax(probabilities, axis=1))


def _labels(values: npt.NDArray[Any], classes: tuple[Label, ...] | None, expected: Expected) -> npt.NDArray[Any]:
    """Labels, checked against the classes."""
    import numpy as np

    if values.dtype.kind == "f":
        _finite(values.astype(np.float64), expected)
        if np.isfinite(values).all() and (values == np.round(values)).all() and _whole(classes):
            values = values.astype(np.int64)
    if values.dtype == object and len(values) and {type(one) for one in values.tolist()} == {str}:
        values = np.array(values.tolist())
    if classes is not None and _all_known(values, classes):
        return values
    plain_values = [plain(value) for value in values.tolist()]
    for row, value in enumerate(values.tolist()):
        if value is None:
            raise MisanswerError("it returned None", row, "return a label for each row")
    if classes is not None:
        known = set(classes)
        for row, one in enumerate(plain_values):
            if one not in known:
                raise MisanswerError(
                    f'it returned "{one}", which is none of its classes ({_listed(classes)})', row, _hint(one, classes)
                )
    return label_array(plain_values)


def _all_known(values: npt.NDArray[Any], classes: tuple[Label, ...]) -> bool:
    """Whether an array of one type holds the classes alone; said quickly for many rows."""
    import numpy as np

    known = label_array(classes)
    if values.dtype.kind != known.dtype.kind or values.dtype == object:
        return False
    found = np.zeros(len(values), dtype=bool)
    for one in classes:
        found |= values == one
    return bool(found.all())


def _whole(classes: tuple[Label, ...] | None) -> bool:
    return classes is None or all(isinstance(one, int) for one in classes)


def _hint(label: Label, classes: tuple[Label, ...]) -> str:
    if isinstance(label, str) != isinstance(classes[0], str):
        return "return labels as they stand in the data"
    return "see how labels are encoded"


def _listed(labels: Sequence[Label]) -> str:
    shown = ", ".join(str(one) for one in labels[:6])
    return f"{shown}, …" if len(labels) > 6 else shown

"""Estimators as scikit-learn has them, however they were loaded: what they say of themselves, how they are asked."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlscore.predictors.kinds.base import Answer, Opened, Spec
from mlscore.predictors.shapes import Task
from mlscore.predictors.tidy import plain

if TYPE_CHECKING:
    import pyarrow as pa

PACKAGES = ("scikit-learn", "numpy", "pandas")


def open_estimator(model: Any, spec: Spec, what: str) -> Opened:
    """The estimator as something that answers. Raises InputError when it is none."""
    from mlscore.errors import InputError

    if isinstance(model, type) or not callable(getattr(model, "predict", None)):
        kind = model.__name__ if isinstance(model, type) else type(model).__name__
        raise InputError(
            f"{what} holds a {kind}, which has no predict", hint="save the fitted model or pipeline itself"
        )
    classes = _classes(model)
    task = spec.task or _task(model, classes)
    names = getattr(model, "feature_names_in_", None)
    width = getattr(model, "n_features_in_", None)
    # Fitted on an array, scikit-learn's have a width and no names; an object of one's own is given what functions are.
    as_frame = names is not None or width is None or _takes_frames(model)
    features = () if names is None else tuple(str(name) for name in names)

    def answer(rows: pa.Table) -> object:
        given = _given(rows, task, as_frame)
        predicted = model.predict(given)
        return Answer(predicted, _probabilities(model, given, task))

    return Opened(
        answer=answer,
        task=task,
        features=features,
        classes=classes,
        width=None if width is None else int(width),
        packages=PACKAGES,
        model=model,
    )


def _classes(model: Any) -> tuple[Any, ...] | None:
    found = getattr(model, "classes_", None)
    if found is None:
        return None
    if _many_outputs(found):
        return tuple(range(len(found)))
    return tuple(plain(one) for one in found)


def _many_outputs(classes: Any) -> bool:
    """Whether there is a list of classes for each of several outputs."""
    return isinstance(classes, list) and any(hasattr(one, "__len__") and not isinstance(one, str) for one in classes)


def _task(model: Any, classes: tuple[Any, ...] | None) -> Task | None:
    if _many_outputs(getattr(model, "classes_", None)) or getattr(model, "multilabel_", False):
        return Task.MULTILABEL
    if classes is not None:
        return Task.BINARY if len(classes) <= 2 else Task.MULTICLASS
    try:
        base = import_module("sklearn.base")
    except ImportError:
        return None
    return Task.REGRESSION if base.is_regressor(model) else None


def _takes_frames(model: Any) -> bool:
    """Whether a pipeline begins with something that looks for columns by name."""
    steps = getattr(model, "steps", None)
    first = steps[0][1] if steps else model
    return type(first).__name__ in ("ColumnTransformer", "FunctionTransformer")


def _given(rows: pa.Table, task: Task | None, as_frame: bool) -> Any:
    if task is Task.TEXT:
        return rows.column(0).to_pylist()
    frame = rows.to_pandas()
    return frame if as_frame else frame.to_numpy()


def _probabilities(model: Any, given: Any, task: Task | None) -> Any:
    import numpy as np

    if task is not None and task.numbers:
        return None
    if not hasattr(model, "predict_proba"):
        return None
    found = model.predict_proba(given)
    if isinstance(found, list):  # one array for each label: that of its being there
        return np.column_stack([one[:, 1] if one.shape[1] > 1 else np.zeros(len(one)) for one in found])
    return found

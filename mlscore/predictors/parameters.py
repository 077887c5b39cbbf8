"""What a fitted model has learned, as arrays by path: coefficients, trees, tensors; for comparing, looking and breaking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy.typing as npt

_OF_TREES = ("threshold", "value", "impurity", "feature", "children_left", "children_right")
_FITTED_HYPERPARAMETERS = ("steps", "transformer_list")  # fitted in place, though given to the constructor
_NO_WEIGHTS = (  # floats that are labels, data or records of the training, and nothing that predictions are made of
    "classes_",
    "categories_",
    "_fit_X",
    "_y",
    "X_",
    "y_",
    "n_iter_",
    "loss_curve_",
    "validation_scores_",
    "train_score_",
    "validation_score_",
    "oob_improvement_",
    "loss_",
    "best_loss_",
    "impurity",
    "bin_thresholds_",
    "scores_",
    "pvalues_",
)
_DEPTH = 24


def parameters_of(model: object) -> dict[str, npt.NDArray[Any]]:
    """Every array, number and text that fitting has left in an estimator or a network, by its path.

    Arrays are the model's own wherever it gives them out: who writes into them changes the model. A model that keeps its
    parameters elsewhere, such as a function, has none.
    """
    found: dict[str, npt.NDArray[Any]] = {}
    for path, array in _walk(model, "", set(), 0):
        found.setdefault(path, array)
    return found


def weights_of(model: object) -> dict[str, npt.NDArray[Any]]:
    """The parameters that are floating-point numbers and go into predictions: coefficients, leaves, thresholds."""
    return {
        path: array
        for path, array in parameters_of(model).items()
        if array.dtype.kind == "f" and array.size and not set(path.split(".")) & set(_NO_WEIGHTS)
    }


def _walk(one: Any, path: str, seen: set[int], depth: int) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    import numpy as np

    if depth > _DEPTH or id(one) in seen:
        return
    if isinstance(one, np.ndarray):
        yield from _array(one, path, seen, depth)
        return
    if isinstance(one, (bool, int, float, str, np.generic)):
        if path:
            yield path, np.asarray(one)
        return
    if one is None or isinstance(one, (bytes, type)):
        return
    seen.add(id(one))
    if isinstance(one, Mapping):
        items = [(str(key), value) for key, value in one.items()]
    elif isinstance(one, (list, tuple)):
        items = [_named(number, value) for number, value in enumerate(one)]
    elif hasattr(one, "indptr") and hasattr(one, "data"):  # a sparse matrix
        items = [("data", one.data), ("indices", one.indices)]
    elif type(one).__name__ == "Tree" and hasattr(one, "children_left"):
        items = [(name, getattr(one, name)) for name in _OF_TREES]
    elif callable(getattr(one, "state_dict", None)):
        items = [(name, tensor.detach().cpu().numpy()) for name, tensor in one.state_dict().items()]
    else:
        items = _attributes(one)
    for name, value in items:
        yield from _walk(value, f"{path}.{name}" if path else name, seen, depth + 1)


def _array(one: npt.NDArray[Any], path: str, seen: set[int], depth: int) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    if one.dtype.names:  # the nodes of a histogram-based tree
        for name in one.dtype.names:
            yield f"{path}.{name}", one[name]
    elif one.dtype == object and any(hasattr(value, "get_params") for value in one.ravel()):
        for number, value in enumerate(one.ravel()):
            yield from _walk(value, f"{path}.{number}", seen, depth + 1)
    else:
        yield path, one


def _named(number: int, value: object) -> tuple[str, object]:
    """A step of a pipeline goes by its name, any other by its number."""
    if isinstance(value, tuple) and len(value) >= 2 and isinstance(value[0], str) and hasattr(value[1], "get_params"):
        return value[0], value[1]
    return str(number), value


def _attributes(one: Any) -> list[tuple[str, object]]:
    """What fitting has set; what was given to the constructor is left out."""
    given: set[str] = set()
    if callable(getattr(one, "get_params", None)) and not isinstance(one, type):
        given = set(one.get_params(deep=False)) - set(_FITTED_HYPERPARAMETERS)
    elif not type(one).__module__.startswith("sklearn."):
        return []  # neither an estimator nor a part of one
    held = getattr(one, "__dict__", {})
    return sorted((name, value) for name, value in held.items() if name not in given and not callable(value))

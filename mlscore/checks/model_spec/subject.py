"""A model that is not fitted yet, however it is written: an estimator that has `fit`, or a network that has `step`."""

from __future__ import annotations

import inspect
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mlscore.checks.model_spec.material import Material
from mlscore.checks.model_spec.shapes import Batch
from mlscore.predictors.parameters import parameters_of
from mlscore.predictors.shapes import Prediction
from mlscore.predictors.tidy import Expected, plain, tidy

_SEEDS = ("seed", "random_state")
_DEPTH = 4


def build_with(function: Callable[..., Any], seed: int) -> Any:
    """The model that a function builds, everything random seeded before; it is given the seed where it takes one."""
    seed_all(seed)
    try:
        takes = set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        takes = set()
    return function(**{name: seed for name in _SEEDS if name in takes})


def seed_all(seed: int) -> None:
    """Seed what models draw from when nobody gives them a generator."""
    import sys

    import numpy as np

    random.seed(seed)
    np.random.seed(seed)
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def is_network(model: Any) -> bool:
    """Whether it is trained step by step."""
    return callable(getattr(model, "step", None))


def can_fit(model: Any) -> bool:
    """Whether it is fitted in one go."""
    return callable(getattr(model, "fit", None))


def train(model: Any, material: Material, frame: Any, labels: Any, steps: int) -> list[float]:
    """Train it on rows: by so many steps, or by fitting. The loss before each step, as the model tells it."""
    if not is_network(model):
        model.fit(material.given(frame), labels.copy())
        return [float(one) for one in _curve(model)]
    return [as_loss(model.step(Batch(material.given(frame), labels.copy()))) for _ in range(steps)]


def as_loss(given: Any) -> float:
    """A loss as a number. Raises TypeError for what is none."""
    value = given.item() if hasattr(given, "item") else given
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"step returned a {type(given).__name__}, not the loss")
    return float(value)


def _curve(model: Any) -> list[float]:
    """The losses that an estimator keeps of its iterations; of a pipeline, its last step's."""
    steps = getattr(model, "steps", None)
    last = steps[-1][1] if steps else model
    found = getattr(last, "loss_curve_", None)
    return [] if found is None else list(found)


def answer(model: Any, material: Material, frame: Any) -> Prediction:
    """What the model says of rows; NaN are let through. Raises MisanswerError for what are no answers."""
    given = material.given(frame)
    raw = model.predict(given)
    shares = None
    if not material.task.numbers and callable(getattr(model, "predict_proba", None)):
        shares = model.predict_proba(given)
    own = getattr(model, "classes_", None)
    classes = material.classes if own is None else tuple(plain(one) for one in own)
    expected = Expected(rows=len(frame), task=material.task, classes=classes, finite=False)
    from mlscore.predictors.kinds.base import Answer

    return tidy(raw if shares is None else Answer(raw, shares), expected)


def numbers_of(made: Prediction) -> Any:
    """What of a prediction tells most: probabilities, else values."""
    return made.probabilities if made.probabilities is not None else made.values


def weights(model: Any) -> dict[str, Any]:
    """Copies of the arrays that training may change: parameters of networks, or what fitting has left."""
    found = {f"{path}{name}": part.detach().cpu().numpy().copy() for path, name, part in learnable(model)}
    if found:
        return found
    fitted = parameters_of(model)
    if fitted:
        return {name: array.copy() for name, array in fitted.items()}
    return {path: one.copy() for path, one in _held(model, _is_array)}


def learnable(model: Any) -> Iterator[tuple[str, str, Any]]:
    """The parameters of PyTorch that are to learn: path of the network, name, tensor."""
    for path, module in networks(model):
        for name, parameter in module.named_parameters():
            if parameter.requires_grad:
                yield path, name, parameter


def networks(model: Any) -> list[tuple[str, Any]]:
    """The PyTorch networks in it, itself or held by its attributes, with their path."""
    return [(path and f"{path}.", one) for path, one in _held(model, lambda one: hasattr(one, "named_parameters"))]


def _is_array(one: Any) -> bool:
    return type(one).__name__ == "ndarray" and one.dtype.kind in "fiu"


def _held(
    model: Any, wanted: Callable[[Any], bool], path: str = "", seen: set[int] | None = None, depth: int = 0
) -> Iterator[tuple[str, Any]]:
    """What of a kind an object holds in attributes, lists and mappings."""
    seen = set() if seen is None else seen
    if depth > _DEPTH or id(model) in seen or isinstance(model, (str, bytes, type)):
        return
    seen.add(id(model))
    if wanted(model):
        yield path, model
        return
    if isinstance(model, Mapping):
        items = [(str(name), one) for name, one in model.items()]
    elif isinstance(model, (list, tuple)):
        items = [(str(number), one) for number, one in enumerate(model)]
    else:
        items = list(getattr(model, "__dict__", {}).items())
    for name, one in items:
        yield from _held(one, wanted, f"{path}.{name}" if path else name, seen, depth + 1)

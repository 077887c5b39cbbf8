"""Walking one example through what a model is made of; where the model runs, in its own process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from mlscore.checks.trace.shapes import LABELS, SHARES, Snapshot, Step
from mlscore.checks.trace.snapshot import describe
from mlscore.predictors.channel import unpack_rows
from mlscore.predictors.kinds.base import Answer, Spec
from mlscore.predictors.shapes import Prediction, Task
from mlscore.predictors.tidy import Expected, MisanswerError, plain, tidy
from mlscore.predictors.worker import told

LOOK = f"{__name__}:look"
_MOST_STEPS = 200


class StopError(Exception):
    """A step raised: the example goes no further."""


class Walk:
    """The steps so far."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        # Arrays have no names of their own: those that the step before gave, by the value, which is kept for that.
        self._names: dict[int, tuple[Any, list[str]]] = {}

    def through(
        self,
        name: str,
        kind: str,
        value: Any,
        call: Callable[[Any], Any],
        *,
        depth: int = 0,
        names: Callable[[Snapshot], list[str] | None] | None = None,
    ) -> Any:
        """What a step makes of a value; noted, by the `names` that it gives its columns. Raises StopError."""
        before = describe(value, self._names.get(id(value), (None, None))[1])
        try:
            made = call(value)
        except (Exception, SystemExit) as error:
            self.steps.append(Step(name, kind, before, None, told(error), depth))
            raise StopError from error
        given = None if names is None else names(before)
        if given is not None:
            self._names[id(made)] = made, given
        self.note(Step(name, kind, before, describe(made, given), None, depth))
        return made

    def note(self, step: Step) -> None:
        """Keep a step, unless there are too many already."""
        if len(self.steps) < _MOST_STEPS:
            self.steps.append(step)


def look(model: Any, request: Mapping[str, Any]) -> dict[str, Any]:
    """The walk of an example through a model object, as JSON. It is called where the model is."""
    import base64

    from mlscore.predictors.kinds.estimators import open_estimator

    rows = unpack_rows(base64.b64decode(request["row"]))
    walk = Walk()
    task = None if request["task"] is None else Task(request["task"])
    opened = open_estimator(model, Spec("", "", task=task), "the model")
    if _is_estimator(model):
        return finish(walk, lambda: _estimator(model, _given(opened, rows), walk), request, opened.classes)
    return finish(walk, lambda: watched(lambda: opened.answer(rows), walk), request, opened.classes)


def _given(opened: Any, rows: Any) -> Any:
    """The rows as the estimator takes them: as `open_estimator` decides, which is asked by a model that keeps them."""
    if opened.task is Task.TEXT:
        return rows.column(0).to_pylist()
    names = bool(opened.features)
    frame = rows.to_pandas()
    return frame if names or opened.width is None or _takes_frames(opened.model) else frame.to_numpy()


def _takes_frames(model: Any) -> bool:
    steps = getattr(model, "steps", None)
    first = steps[0][1] if steps else model
    return type(first).__name__ in ("ColumnTransformer", "FunctionTransformer")


def finish(
    walk: Walk, run: Callable[[], Any], request: Mapping[str, Any], own: Sequence[Any] | None = None
) -> dict[str, Any]:
    """Run the walk to its end: steps and end as JSON, or why there is no end."""
    lost, end = None, None
    try:
        end = _end(run(), request, own)
    except StopError:
        lost = f"{walk.steps[-1].name} raises {walk.steps[-1].error}"
    except MisanswerError as error:
        lost = f"what it ends in is no answer to one row: {error.what}"
    except (Exception, SystemExit) as error:
        lost = f"it raises {told(error)}"
    return {"steps": [asdict(one) for one in walk.steps], "end": end, "lost": lost}


def _end(raw: Any, request: Mapping[str, Any], own: Sequence[Any] | None) -> dict[str, Any]:
    """The answer to the one row, with the labels that are configured."""
    named = None if request["classes"] is None else tuple(request["classes"])
    classes = named if not own else tuple(own)
    positive = request["positive"]
    renamed = bool(named and classes and named != classes and len(named) == len(classes))
    if renamed and named is not None and classes is not None and positive in named:
        positive = classes[named.index(positive)]
    expected = Expected(
        rows=1,
        task=Task(request["task"]),
        classes=classes,
        positive=positive,
        threshold=request["threshold"],
        finite=False,
    )
    made: Prediction = tidy([raw] if isinstance(raw, (str, int, float, bool)) else raw, expected)
    value = [plain(one) for one in made.values[0]] if made.values.ndim > 1 else plain(made.values[0])
    if renamed and named is not None and classes is not None and value in classes:
        value = named[classes.index(value)]
    shares = None if made.probabilities is None else [float(one) for one in made.probabilities[0]]
    shown = named if renamed else made.classes
    return {"value": value, "probabilities": shares, "classes": None if shown is None else list(shown)}


# --- estimators


def _is_estimator(model: Any) -> bool:
    return hasattr(model, "get_params") and not isinstance(model, type) and hasattr(model, "predict")


def _estimator(model: Any, value: Any, walk: Walk, path: str = "") -> Any:
    """Through a fitted estimator and what it is composed of, to its answer."""
    if hasattr(model, "best_estimator_"):
        return _estimator(model.best_estimator_, value, walk, path)
    steps = getattr(model, "steps", None)
    if steps is None:
        return _final(model, value, walk, path or "model")
    for name, step in steps[:-1]:
        value = _transform(step, value, walk, f"{path}{name}", 0)
    name, last = steps[-1]
    return _estimator(last, value, walk, f"{path}{name}.") if _composed(last) else _final(last, value, walk, name)


def _composed(step: Any) -> bool:
    return hasattr(step, "steps") or hasattr(step, "best_estimator_")


def _final(model: Any, value: Any, walk: Walk, name: str) -> Any:
    """The last step's answer: probabilities first, which tell more, then labels or numbers."""
    kind, name = type(model).__name__, name.rstrip(".")
    shares = None
    if hasattr(model, "predict_proba"):
        classes = getattr(model, "classes_", None)
        called = None if classes is None or isinstance(classes, list) else [str(one) for one in classes]
        shares = walk.through(f"{name}{SHARES}", kind, value, model.predict_proba, names=lambda _: called)
    predicted = walk.through(f"{name}{LABELS}", kind, value, model.predict)
    return predicted if shares is None or isinstance(shares, list) else Answer(predicted, shares)


def _transform(step: Any, value: Any, walk: Walk, path: str, depth: int) -> Any:
    """Through one transformer, and through the branches of one that has some."""
    if step is None or isinstance(step, str):
        walk.note(Step(path, str(step), describe(value), describe(value), None, depth))
        return value
    if hasattr(step, "steps"):
        for name, one in step.steps:
            value = _transform(one, value, walk, f"{path}.{name}", depth)
        return value
    for name, branch, part in _branches(step, value):
        if not isinstance(branch, str):
            _transform(branch, part, walk, f"{path}.{name}", depth + 1)
    return walk.through(
        path, type(step).__name__, value, step.transform, depth=depth, names=lambda given: _names_out(step, given)
    )


def _branches(step: Any, value: Any) -> Iterator[tuple[str, Any, Any]]:
    """The branches of a ColumnTransformer, each with its columns, or of a FeatureUnion."""
    if hasattr(step, "transformers_"):
        for name, branch, columns in step.transformers_:
            if branch not in ("drop",):
                yield name, branch, _columns(value, columns)
    elif hasattr(step, "transformer_list"):
        for name, branch in step.transformer_list:
            if branch != "drop":
                yield name, branch, value


def _columns(value: Any, columns: Any) -> Any:
    one = isinstance(columns, str)
    if hasattr(value, "loc"):
        if one or (isinstance(columns, list) and columns and isinstance(columns[0], str)):
            return value[columns]
        return value.iloc[:, columns]
    return value[:, columns]


def _names_out(step: Any, given: Snapshot) -> list[str] | None:
    """What a transformer calls its columns, by those it is given; None where it does not know."""
    for arguments in ([list(given.columns)], []) if given.columns is not None else ([],):
        try:
            return [str(name) for name in step.get_feature_names_out(*arguments)]
        except Exception:  # nobody promises that a transformer knows them
            continue
    return None


# --- functions and networks


def through_steps(steps: Sequence[tuple[str, Callable[[Any], Any]]], value: Any, walk: Walk) -> Any:
    """Through the project's own functions, each given what the one before it returned."""
    for name, step in steps:
        value = walk.through(name, "function", value, step)
    return value


def watched(run: Callable[[], Any], walk: Walk) -> Any:
    """Run what answers, and note what each PyTorch network's layer is given and gives, by hooks on all of them."""
    torch = sys.modules.get("torch")
    if torch is None:
        return run()
    with _hooked(torch, walk):
        return run()


@contextmanager
def _hooked(torch: Any, walk: Walk) -> Iterator[None]:
    names: dict[int, str] = {}
    inside: list[Any] = []

    def enter(module: Any, _: Any) -> None:
        if not inside:
            names.update({id(one): name for name, one in module.named_modules()})
        inside.append(module)

    def leave(module: Any, given: Any, made: Any) -> None:
        inside.pop()
        if any(True for _ in module.children()):
            return
        name = names.get(id(module)) or type(module).__name__
        walk.note(Step(name, type(module).__name__, _first(given), _first(made)))

    hooks = torch.nn.modules.module
    handles = [hooks.register_module_forward_pre_hook(enter), hooks.register_module_forward_hook(leave)]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _first(value: Any) -> Snapshot | None:
    while isinstance(value, tuple) and value:
        value = value[0]
    return None if value is None else describe(value)

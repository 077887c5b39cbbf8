"""Trying each aspect of a specification; in the worker's process, where the project's own code runs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mlscore.checks.model_spec.keeping import WillNotSaveError, reloaded
from mlscore.checks.model_spec.material import Material
from mlscore.checks.model_spec.shapes import Aspect, Batch, Tried
from mlscore.checks.model_spec.subject import (
    answer,
    build_with,
    can_fit,
    is_network,
    learnable,
    numbers_of,
    seed_all,
    train,
    weights,
)
from mlscore.predictors.tidy import MisanswerError
from mlscore.predictors.worker import told

_CLOSE = 1e-6  # what two answers may differ by, relative
LEVELS = {True: 0.9, False: 0.7}  # what networks, and models that are fitted in one go, must reach on the few rows
_SHORT = 3  # steps that show whether two models go the same way
_ENDS = 0.1  # of the steps, over which the loss is averaged at either end
_SHOWN = 4


class Trial:
    """One specification under trial. `build` is the project's function; `folder` takes what is saved."""

    def __init__(self, build: Callable[..., Any], material: Material, request: Mapping[str, Any], folder: Path) -> None:
        self._build = build
        self._seed = int(request["seed"])
        self.material = material
        self.request = request
        self.folder = folder
        self._trained: tuple[Any, list[float], dict[str, Any]] | None = None

    def fresh(self) -> Any:
        """A model that has learned nothing."""
        return build_with(self._build, self._seed)

    def trained(self) -> tuple[Any, list[float], dict[str, Any]]:
        """A model trained on the few rows, its losses, and the weights it began with."""
        if self._trained is None:
            model = self.fresh()
            before = weights(model)
            self._trained = model, self.learn(model, int(self.request["steps"])), before
        return self._trained

    def learn(self, model: Any, steps: int) -> list[float]:
        """Train a model on the few rows; the losses."""
        seed_all(self._seed)
        return train(model, self.material, *self.material.few, steps)


def try_aspect(aspect: Aspect, trial: Trial) -> Tried:
    """What trying an aspect gives; what the project's code raises is a finding."""
    if not hasattr(trial.fresh(), "predict") and aspect in (Aspect.OVERFITS, Aspect.USES_INPUT, Aspect.SAVED):
        return Tried(aspect, False, unknown=("the model has no predict",))
    try:
        return _TRIES[aspect](trial)
    except MisanswerError as error:
        return Tried(aspect, True, (masked(f"its answer is none: {error.what}", trial.material),))
    except (Exception, SystemExit) as error:
        return Tried(aspect, True, (masked(f"it raises {told(error)}", trial.material),))


def masked(text: str, material: Material) -> str:
    """A text without the values of real rows, which may be somebody's."""
    if not material.real:
        return text
    cells = {str(cell) for row in material.few[0].itertuples(index=False) for cell in row}
    for cell in sorted(cells, key=len, reverse=True):
        if len(cell) > 2:
            text = text.replace(cell, "…")
    return text


def _input(trial: Trial) -> Tried:
    import numpy as np

    frame, labels = trial.material.generated
    found = []
    model = trial.fresh()
    verb = "step" if is_network(model) else "fit"
    try:
        losses = train(model, trial.material, frame, labels, 1)
        if is_network(model) and not all(map(math.isfinite, losses)):
            found.append(f"step gives the loss {losses[0]} on {len(frame)} valid rows")
    except (Exception, SystemExit) as error:
        return Tried(Aspect.INPUT, True, (f"{verb} raises {told(error)} on {len(frame)} valid rows",))
    if hasattr(model, "predict"):
        for rows, what in ((frame, f"{len(frame)} valid rows"), (frame.iloc[:1], "one valid row")):
            try:
                made = answer(model, trial.material, rows)
            except (Exception, SystemExit) as error:
                said = error.what if isinstance(error, MisanswerError) else f"it raises {told(error)}"
                found.append(f"predict on {what}: {said}")
                continue
            values = numbers_of(made)
            if values.dtype.kind == "f" and not np.isfinite(values).all():
                lost = int((~np.isfinite(values)).reshape(len(values), -1).any(axis=1).sum())
                found.append(f"predict on {what}: {lost} answers are NaN or infinite")
    return Tried(Aspect.INPUT, True, tuple(found), figures={"valid rows": len(frame)})


def _step(trial: Trial) -> Tried:

    model = trial.fresh()
    if is_network(model):
        before = weights(model)
        (loss,) = trial.learn(model, 1)
        found = [] if math.isfinite(loss) else [f"the loss is {loss} at the first step"]
        if not before:
            return Tried(Aspect.STEP, True, tuple(found), ("whether weights change: the model shows none",))
        after = weights(model)
        if all(name in after and _equal(before[name], after[name]) for name in before):
            found.append("no weight changes, as with a learning rate of 0 or an optimiser of other parameters")
        found += _no_numbers(after)
        return Tried(Aspect.STEP, True, tuple(found))
    trial.learn(model, 1)
    found = _no_numbers(weights(model))
    frame, labels = trial.material.few
    other = trial.fresh()
    seed_all(int(trial.request["seed"]))
    train(other, trial.material, frame, _others(labels, trial.material), 1)
    one, two = (numbers_of(answer(each, trial.material, frame)) for each in (model, other))
    if one.shape == two.shape and _alike(one, two):
        found.append("fitted on other labels it answers the same: it learns nothing")
    return Tried(Aspect.STEP, True, tuple(found))


def _others(labels: Any, material: Material) -> Any:
    """Other labels for the same rows: each class becomes the next one, numbers change their sign and order."""
    import numpy as np

    if material.classes is None:
        return -labels[::-1].astype(float) + 1
    known = [str(one) for one in material.classes]
    moved = [material.classes[(known.index(str(one)) + 1) % len(known)] if str(one) in known else one for one in labels]
    return np.array(moved, dtype=labels.dtype)


def _gradients(trial: Trial) -> Tried:
    import numpy as np

    model, losses, before = trial.trained()
    names = [(f"{path}{name}", part) for path, name, part in learnable(model)]
    if not names:
        lacking = ("it holds no network of PyTorch",) if is_network(model) else ()
        return Tried(Aspect.GRADIENTS, False, unknown=lacking)
    still = [
        (name, part)
        for name, part in names
        if name in before and np.array_equal(before[name], part.detach().cpu().numpy())
    ]
    found = []
    if len(still) == len(names):
        found.append(f"none of {len(names)} arrays of weights changes in {len(losses)} steps")
    elif still:
        bare = [name for name, part in still if part.grad is None]
        why = "no gradient reaches" if len(bare) == len(still) else "training never changes"
        listed = ", ".join(name for name, _ in still[:_SHOWN])
        more = f" and {len(still) - _SHOWN} more" if len(still) > _SHOWN else ""
        found.append(f"{why} {listed}{more} in {len(losses)} steps")
    return Tried(Aspect.GRADIENTS, True, tuple(found), figures={"arrays of weights": len(names)})


def _loss(trial: Trial) -> Tried:
    _, losses, _ = trial.trained()
    if len(losses) < 2:
        return Tried(Aspect.LOSS, False, unknown=("it is fitted in one go and keeps no loss_curve_",))
    broken = next((number for number, one in enumerate(losses, 1) if not math.isfinite(one)), None)
    figures = {"steps": float(len(losses)), "first loss": losses[0], "last loss": losses[-1]}
    if broken is not None:
        return Tried(Aspect.LOSS, True, (f"it is {losses[broken - 1]} from step {broken} of {len(losses)}",))
    several = max(1, round(_ENDS * len(losses)))
    first, last = sum(losses[:several]) / several, sum(losses[-several:]) / several
    if last < first:
        return Tried(Aspect.LOSS, True, figures=figures)
    word = "grows" if last > first else "stays"
    said = f"it {word}, from {first:.4g} to {last:.4g} in {len(losses)} steps on the same rows"
    return Tried(Aspect.LOSS, True, (said,), figures=figures)


def _overfits(trial: Trial) -> Tried:
    import numpy as np

    model, losses, _ = trial.trained()
    frame, labels = trial.material.few
    made = answer(model, trial.material, frame)
    level = trial.request["level"]
    if level is None:
        level = LEVELS[is_network(model)]
    if trial.material.task.numbers:
        spread = float(np.square(labels - np.mean(labels)).sum())
        if not spread:
            return Tried(Aspect.OVERFITS, False, unknown=("all labels of the few rows are equal",))
        reached = 1 - float(np.square(made.values - labels).sum()) / spread
        what = f"R² of {reached:.3f}"
    else:
        reached = float(np.mean([str(one) == str(two) for one, two in zip(made.values, labels, strict=True)]))
        what = f"{reached:.0%} of the labels"
    figures = {"reached": round(reached, 6)}
    if reached >= level:
        return Tried(Aspect.OVERFITS, True, figures=figures)
    how = f" after {len(losses)} steps" if is_network(model) else ""
    said = f"{len(frame)} rows learned by heart give {what}{how}, {level:g} is to be reached"
    return Tried(Aspect.OVERFITS, True, (said,), figures=figures)


def _uses_input(trial: Trial) -> Tried:
    model, _, _ = trial.trained()
    frame, _ = trial.material.few
    values = numbers_of(answer(model, trial.material, frame))
    if len(values) > 1 and all(_alike(values[:1], values[place : place + 1]) for place in range(1, len(values))):
        return Tried(Aspect.USES_INPUT, True, (f"it answers {len(values)} different rows all alike",))
    return Tried(Aspect.USES_INPUT, True)


def _intact(trial: Trial) -> Tried:
    import numpy as np

    frame, labels = trial.material.few
    model = trial.fresh()
    given, answers = trial.material.given(frame), labels.copy()
    found = []
    verb = "step" if is_network(model) else "fit"
    if is_network(model):
        model.step(Batch(given, answers))
    else:
        model.fit(given, answers)
    if changed := _changed(trial.material.given(frame), given):
        found.append(f"{verb} changes the rows it is given: {changed}")
    if not np.array_equal(labels, answers):
        found.append(f"{verb} changes the labels it is given")
    if hasattr(model, "predict"):
        given = trial.material.given(frame)
        model.predict(given)
        if changed := _changed(trial.material.given(frame), given):
            found.append(f"predict changes the rows it is given: {changed}")
    return Tried(Aspect.INTACT, True, tuple(found))


def _saved(trial: Trial) -> Tried:
    model, _, _ = trial.trained()
    frame, _ = trial.material.few
    before = answer(model, trial.material, frame)
    try:
        other, how = reloaded(model, trial.fresh, trial.request["save"], trial.request["load"], trial.folder)
    except WillNotSaveError as error:
        return Tried(Aspect.SAVED, True, (masked(str(error), trial.material),))
    after = answer(other, trial.material, frame)
    found = []
    one, two = numbers_of(before), numbers_of(after)
    if one.shape != two.shape:
        found.append(f"it answers otherwise after saving and loading ({how}): {one.shape} becomes {two.shape}")
    elif not _alike(one, two):
        differ = sum(not _alike(one[at : at + 1], two[at : at + 1]) for at in range(len(one)))
        found.append(f"{differ} of {len(one)} answers differ after saving and loading ({how})")
    return Tried(Aspect.SAVED, True, tuple(found), notes=(f"saved and loaded by {how}",))


def _seed(trial: Trial) -> Tried:

    one, two = trial.fresh(), trial.fresh()
    first, second = weights(one), weights(two)
    differ = [n for n in first if n not in second or not _equal(first[n], second[n])]
    if differ or set(first) != set(second):
        listed = ", ".join(differ[:_SHOWN]) or "their arrays"
        return Tried(Aspect.SEED, True, (f"two builds with the seed {trial.request['seed']} differ in {listed}",))
    for model in (one, two):
        trial.learn(model, _SHORT)
    if hasattr(one, "predict"):
        frame, _ = trial.material.few
        answers = [numbers_of(answer(model, trial.material, frame)) for model in (one, two)]
        if answers[0].shape != answers[1].shape or not _alike(*answers):
            said = "two builds with one seed, trained on the same rows with one seed, answer differently"
            return Tried(Aspect.SEED, True, (said,))
    return Tried(Aspect.SEED, True)


def _estimator(trial: Trial) -> Tried:
    from mlscore.checks.model_spec.estimators import conventions

    return conventions(trial.fresh(), trial.request)


def _no_numbers(arrays: Mapping[str, Any]) -> list[str]:
    import numpy as np

    lost = [name for name, one in arrays.items() if one.dtype.kind == "f" and not np.isfinite(one).all()]
    return [f"weights are NaN or infinite after it: {', '.join(lost[:_SHOWN])}"] if lost else []


def _equal(one: Any, two: Any) -> bool:
    import numpy as np

    return bool(np.array_equal(one, two, equal_nan=one.dtype.kind == "f" and two.dtype.kind == "f"))


def _alike(one: Any, two: Any) -> bool:
    import numpy as np

    if one.dtype.kind == "f" and two.dtype.kind == "f":
        return bool(np.allclose(one, two, rtol=_CLOSE, atol=1e-9, equal_nan=True))
    return [str(value) for value in one.ravel()] == [str(value) for value in two.ravel()]


def _changed(before: Any, after: Any) -> str:
    """What of rows differs, without a value; empty where nothing does."""
    if isinstance(before, list):
        return "" if before == after else "the texts"
    if list(before.columns) != list(after.columns):
        return "other columns"
    if len(before) != len(after) or list(before.index) != list(after.index):
        return "other rows"
    differ = [str(name) for name in before.columns if not before[name].equals(after[name])]
    return f"the column {', '.join(differ[:_SHOWN])}" if differ else ""


_TRIES: dict[Aspect, Callable[[Trial], Tried]] = {
    Aspect.INPUT: _input,
    Aspect.STEP: _step,
    Aspect.GRADIENTS: _gradients,
    Aspect.LOSS: _loss,
    Aspect.OVERFITS: _overfits,
    Aspect.USES_INPUT: _uses_input,
    Aspect.INTACT: _intact,
    Aspect.SAVED: _saved,
    Aspect.SEED: _seed,
    Aspect.ESTIMATOR: _estimator,
}


def trainable(model: Any) -> bool:
    """Whether it can be trained at all."""
    return is_network(model) or can_fit(model)

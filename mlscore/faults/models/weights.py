"""Faults of what a model has learned itself: never trained, not a number, rounded too far, the same answer for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mlscore.faults import settings
from mlscore.faults.models.base import Made, ModelFault, answers
from mlscore.faults.models.served import Always, Served
from mlscore.faults.models.subject import Subject
from mlscore.predictors.parameters import weights_of

_CERTAIN = 20.0  # on the scale of log odds
_LINEAR, _SLOPES = "coef_", ("coef_", "coefs_", "weight")
_OFFSETS = ("intercept_", "intercepts_", "bias")


@dataclass(frozen=True, slots=True, kw_only=True)
class Untrained(ModelFault):
    """A model that has learned nothing."""

    id: ClassVar[str] = "untrained"
    title: ClassVar[str] = "Untrained"
    does: ClassVar[str] = (
        "Sets coefficients of a linear model to 0, where its training begins, and draws the weights of a network "
        "anew around 0, with a variance of 1 over the number of inputs; offsets become 0. A model without such "
        "weights is trained again on features of which each column was dealt out anew by itself: they say "
        "nothing."
    )
    incident: ClassVar[str] = (
        "A checkpoint's names do not match, the loader skips what it does not know, and the network serves as it "
        "was initialised."
    )
    trains: ClassVar[bool] = False

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Draw weights, or train on nothing."""
        model = subject.copied()
        linear, slopes = _named(model, (_LINEAR,)), _named(model, _SLOPES)
        if slopes:
            for array in slopes:
                inputs = array.shape[0] if array.ndim == 2 else array.shape[-1]
                array[...] = 0 if linear else random.normal(0, 1 / np.sqrt(inputs), array.shape)
            for array in _named(model, _OFFSETS):
                array[...] = 0
            said = "coefficients are 0" if linear else "weights drawn anew around 0"
            return Made(model, said, subject.rows, subject.labels)
        if not subject.trains:
            raise self.refused("it has no weights that can be reached, and cannot be trained again")
        rows = _meaningless(subject, random)
        model = self.again(subject, rows, subject.labels, random)
        return Made(model, "trained on features that say nothing", rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneClass(ModelFault):
    """One answer for all rows."""

    id: ClassVar[str] = "one-class"
    title: ClassVar[str] = "One class only"
    does: ClassVar[str] = (
        "Answers every row with the same label, the commonest or the rarest of the training rows: by offsets or "
        "leaves of the model where it has them, else by replacing its answers. A model of numbers answers with "
        "the mean."
    )
    incident: ClassVar[str] = (
        "After a reordering the training file begins with all rows of one class and the job reads its beginning "
        "only; or a loss has run into its corner. Where the class is common, accuracy looks good."
    )
    trains: ClassVar[bool] = False

    which: str = settings.choice("commonest", "the label", ("commonest", "rarest"))

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Make all answers one."""
        classes = subject.classes
        if classes is None:
            mean = float(subject.labels.astype(float).mean())
            model: Any = Served(subject.model, after=Always(mean))
            return Made(model, f"every answer is {mean:.4g}", subject.rows, subject.labels)
        counts = [int((subject.labels == one).sum()) for one in classes]
        place = int(np.argmax(counts) if self.which == "commonest" else np.argmin(counts))
        label = classes[place].item() if hasattr(classes[place], "item") else classes[place]
        said = f"every answer is {label!r}"
        model = _certain(subject, place, len(classes))
        if model is None or not (answers(model, subject.rows) == label).all():
            always = Always(label, classes)
            model = Served(subject.model, after=always, shares=always)
        return Made(model, said, subject.rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class NanWeights(ModelFault):
    """Weights that are no numbers."""

    id: ClassVar[str] = "nan-weights"
    title: ClassVar[str] = "NaN weights"
    does: ClassVar[str] = (
        "Sets `share` of the weights (coefficients, leaves, thresholds, of a pipeline those of its last step; at "
        "least one) to NaN. Many models then answer all the same with some label, and no error."
    )
    incident: ClassVar[str] = (
        "One batch with an infinite loss sends a gradient of NaN through the network, and the checkpoint is "
        "written and released."
    )
    trains: ClassVar[bool] = False

    share: float = settings.share(0.2, "the weights")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Overwrite weights."""
        model, weights = _writable(self, subject)
        total, done = sum(array.size for array in weights), 0
        places = np.sort(random.permutation(total)[: max(1, round(self.share * total))])
        first = 0
        for array in weights:
            mine = places[(places >= first) & (places < first + array.size)] - first
            array[np.unravel_index(mine, array.shape)] = np.nan
            first, done = first + array.size, done + len(mine)
        return Made(model, f"{done:,} of {total:,} weights are NaN", subject.rows, subject.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantised(ModelFault):
    """Weights with too few digits."""

    id: ClassVar[str] = "quantised"
    title: ClassVar[str] = "Quantised too far"
    does: ClassVar[str] = (
        "Rounds each array of weights (of a pipeline those of its last step) to the nearest of 2 to the power of "
        "`bits` levels, evenly between its least and greatest value."
    )
    incident: ClassVar[str] = (
        "A model is made smaller for a device, by one scale for each tensor: a single large weight leaves no "
        "level for all the others."
    )
    trains: ClassVar[bool] = False

    bits: int = settings.count(1, "bits a weight")

    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Round weights."""
        model, weights = _writable(self, subject)
        steps = 2**self.bits - 1
        for array in weights:
            low, high = float(array.min()), float(array.max())
            if high > low and np.isfinite((low, high)).all():
                array[...] = low + np.round((array - low) / (high - low) * steps) * (high - low) / steps
        bits = f"{self.bits} bit{'' if self.bits == 1 else 's'}"
        return Made(model, f"{len(weights)} arrays of weights rounded to {bits}", subject.rows, subject.labels)


def _writable(fault: ModelFault, subject: Subject) -> tuple[Any, list[npt.NDArray[Any]]]:
    model = subject.copied()
    weights = [array for array in weights_of(_last(model)).values() if array.ndim and array.flags.writeable]
    if not weights:
        raise fault.refused("it has no weights that can be reached")
    return model, weights


def _named(model: Any, names: tuple[str, ...]) -> list[npt.NDArray[Any]]:
    """Weights of these names."""
    return [
        array
        for path, array in weights_of(_last(model)).items()
        if set(path.split(".")) & set(names) and array.ndim and array.flags.writeable
    ]


def _last(model: Any) -> Any:
    """What predicts at the end of a pipeline, whose other steps prepare."""
    while getattr(model, "steps", None):
        model = model.steps[-1][1]
    return model


def _certain(subject: Subject, place: int, classes: int) -> Any:
    """A copy whose offsets or leaves say one class; None where it has neither."""
    model = subject.copied()
    slopes, offsets = _named(model, _SLOPES), _named(model, _OFFSETS)
    leaves = [
        array
        for path, array in weights_of(_last(model)).items()
        if path.rpartition(".")[2] == "value" and array.ndim == 3 and array.shape[2] == classes
    ]
    if leaves and not slopes:
        for array in leaves:
            array[...] = 0
            array[:, :, place] = 1
        return model
    if not slopes or not offsets:
        return None
    slopes[-1][...] = 0
    last = offsets[-1]
    if last.size == classes:
        last[...] = -_CERTAIN
        last.flat[place] = _CERTAIN
    elif last.size == 1 and classes == 2:
        last[...] = _CERTAIN if place == 1 else -_CERTAIN
    else:
        return None
    return model


def _meaningless(subject: Subject, random: np.random.Generator) -> Any:
    """The rows with each column dealt out anew by itself."""
    count = len(subject.labels)
    if isinstance(subject.rows, list):
        return subject.taken(random.permutation(count))
    return subject.with_columns({p: subject.column(p)[random.permutation(count)] for p in range(subject.width)})


def faults() -> Iterator[ModelFault]:
    """The faults of this file."""
    for kind in (Untrained, OneClass, NanWeights, Quantised):
        yield kind()

"""What a fault of a model is: a documented, sized and reproducible way in which a model goes wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from mlscore.errors import InputError, MlscoreError
from mlscore.faults import settings
from mlscore.faults.base import randomness
from mlscore.faults.models.subject import Fit, Subject, seed_of

_LOOK = 5_000  # rows on which a broken model is compared with the one it was


@dataclass(frozen=True, slots=True, eq=False)
class Broken:
    """A model with a fault in it.

    `fault`: the fault with the settings that are not its defaults. `model`: an estimator or function like the one that
    was given. `rows`, `labels`: what it was trained on, where that is what the fault changed. `changed`: the share of the
    training rows (of the first 5,000) that are answered otherwise. `same_kind`: whether it is of the given model's class.
    """

    fault: str
    model: Any
    rows: Any
    labels: npt.NDArray[Any]
    changed: float
    same_kind: bool
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFault(ABC):
    """A kind of fault with its settings. A subclass says what it is in its class attributes and implements `inject`.

    `id`, `title`, `does`, `incident`: texts. `trains`: whether the model is trained again for it. `shows`: whether some
    answer differs for certain. `repeats`: whether the same seed gives the same model.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    does: ClassVar[str]
    incident: ClassVar[str]
    trains: ClassVar[bool] = True
    shows: ClassVar[bool] = True
    repeats: ClassVar[bool] = True

    def __post_init__(self) -> None:
        settings.check(self)

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in settings.changed(self).items())
        return f"{self.id}({told})" if told else self.id

    def apply(self, model: Any, rows: Any, labels: Any, *, seed: int = 0, fit: Fit | None = None) -> Broken:
        """The model with this fault; the given one is never changed.

        `rows` and `labels` are those it was trained on: a pandas frame, an Arrow table, an array or a list of texts, in the
        form the model takes. `fit(rows, labels, seed)` trains where the model is no estimator that can be cloned. Raises
        InputError when the fault cannot be put into this model, or no answer would differ.
        """
        return self.put_into(Subject.read(model, rows, labels, fit), seed)

    def put_into(self, subject: Subject, seed: int = 0) -> Broken:
        """`apply` to a subject."""
        if not len(subject.labels):
            raise self.refused("there are no training rows")
        made = self.inject(subject, randomness(seed, self.id))
        try:
            changed, differs = _compared(subject, made.model)
        except Exception as error:
            raise self.refused(f"it would not answer at all ({type(error).__name__}: {error})") from error
        if self.shows and not differs:
            raise self.refused("no answer would differ")
        return Broken(
            str(self), made.model, made.rows, made.labels, changed, type(made.model) is type(subject.model), made.said
        )

    @abstractmethod
    def inject(self, subject: Subject, random: np.random.Generator) -> Made:
        """Break the model; `Made` is the answer."""

    def refused(self, why: str) -> InputError:
        """The error that says why the fault cannot be put into this model."""
        return InputError(f'the fault "{self}" cannot be put into this model: {why}')

    def again(self, subject: Subject, rows: Any, labels: npt.NDArray[Any], random: np.random.Generator | None) -> Any:
        """The model trained on these, with a seed drawn from `random`. Raises InputError when it refuses them."""
        try:
            return subject.refit(rows, labels, None if random is None else seed_of(random))
        except MlscoreError as error:
            raise self.refused(error.what) from error
        except Exception as error:
            raise self.refused(f"training fails ({type(error).__name__}: {error})") from error

    def choose(self, subject: Subject) -> list[int]:
        """The numeric columns; raises InputError where there are none."""
        found = subject.numeric
        if not found:
            raise self.refused("its rows have no column of numbers that differ")
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """What `inject` made: the model, what it was trained on, and what was done in words."""

    model: Any
    said: str
    rows: Any
    labels: npt.NDArray[Any]


def answers(model: Any, rows: Any) -> npt.NDArray[Any]:
    """What an estimator or a function predicts."""
    return np.asarray(model.predict(rows) if hasattr(model, "predict") else model(rows))


def _compared(subject: Subject, broken: Any) -> tuple[float, bool]:
    """The share of answers that differ, and whether any does, probabilities included."""
    rows = subject.taken(np.arange(min(_LOOK, len(subject.labels))))
    before, after = answers(subject.model, rows), answers(broken, rows)
    if before.dtype.kind == "f" and after.dtype.kind == "f":
        differ = ~np.isclose(before, after, rtol=1e-9, atol=0, equal_nan=True)
    else:
        differ = np.asarray(before != after)
    differ = differ.reshape(len(before), -1).any(axis=1)
    some = bool(differ.any())
    if not some and hasattr(subject.model, "predict_proba") and hasattr(broken, "predict_proba"):
        old, new = np.asarray(subject.model.predict_proba(rows)), np.asarray(broken.predict_proba(rows))
        some = old.shape != new.shape or not np.allclose(old, new, rtol=1e-9, atol=0, equal_nan=True)
    return float(differ.mean()), some


def dealt(values: npt.NDArray[Any], share: float, random: np.random.Generator) -> npt.NDArray[Any]:
    """The values with `share` of them dealt out anew among their places."""
    chosen = random.permutation(len(values))[: max(min(2, len(values)), round(share * len(values)))]
    made = values.copy()
    made[chosen] = values[random.permutation(chosen)]
    return made

"""A model that is fed or read wrongly when it serves: what surrounds it is broken, the model is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlscore.faults.models.base import answers
from mlscore.faults.models.subject import with_columns

Array = npt.NDArray[Any]
_TOLD = ("classes_", "feature_names_in_", "n_features_in_", "n_outputs_", "_estimator_type", "get_params")


class Served:
    """An estimator, or function of rows, around another: `before` changes the rows, `after` the answers.

    `after(rows, labels or numbers)` returns others; `shares(rows, probabilities)` does so for probabilities.
    """

    def __init__(
        self,
        model: Any,
        *,
        before: Callable[[Any], Any] | None = None,
        after: Callable[[Any, Array], Array] | None = None,
        shares: Callable[[Any, Array], Array] | None = None,
    ) -> None:
        self.model = model
        self.before = before
        self.after = after
        self.shares = shares

    def predict(self, rows: Any) -> Array:
        """The answers as they arrive."""
        found = answers(self.model, rows if self.before is None else self.before(rows))
        return found if self.after is None else self.after(rows, found)

    __call__ = predict

    @property
    def predict_proba(self) -> Callable[[Any], Array]:
        """The probabilities as they arrive; AttributeError where the model inside has none."""
        inner = self.model.predict_proba

        def ask(rows: Any) -> Array:
            found = np.asarray(inner(rows if self.before is None else self.before(rows)))
            return found if self.shares is None else self.shares(rows, found)

        return ask

    def __getattr__(self, name: str) -> Any:
        if name in _TOLD and "model" in self.__dict__:
            return getattr(self.model, name)
        raise AttributeError(name)


@dataclass(frozen=True, slots=True)
class Moved:
    """Columns of numbers take the values of others: `sources` by column."""

    sources: tuple[tuple[int, int], ...]

    def __call__(self, rows: Any) -> Any:
        """The rows with their values in other columns."""
        return with_columns(rows, {place: column(rows, source) for place, source in self.sources})


@dataclass(frozen=True, slots=True)
class Displaced:
    """Numbers are moved by an amount of their column's own."""

    by: tuple[tuple[int, float], ...]

    def __call__(self, rows: Any) -> Any:
        """The rows with other numbers."""
        return with_columns(rows, {place: column(rows, place).astype(float) + amount for place, amount in self.by})


@dataclass(frozen=True, slots=True, eq=False)
class NextClass:
    """Labels are those of the next class; probabilities stand one column further."""

    classes: Array

    def __call__(self, rows: Any, found: Array) -> Array:
        """The labels, or the probabilities, one further."""
        if found.ndim == 2:
            return np.roll(found, 1, axis=1)
        places = {label: number for number, label in enumerate(self.classes.tolist())}
        return self.classes[[(places[label] + 1) % len(self.classes) for label in found.tolist()]]


@dataclass(frozen=True, slots=True, eq=False)
class Always:
    """One answer, for all rows or for those whose column is within the slice."""

    answer: Any
    classes: Array | None = None
    place: int | None = None
    values: tuple[Any, ...] = ()
    low: float = -np.inf
    high: float = np.inf

    def __call__(self, rows: Any, found: Array) -> Array:
        """The answers, or the probabilities, with those of the slice replaced."""
        inside = self.inside(rows, len(found))
        if found.ndim == 2 and self.classes is not None:
            certain = (self.classes == self.answer).astype(float)
            return np.where(inside[:, None], certain, found)
        made = found.copy() if found.dtype == object else found.astype(np.result_type(found, np.asarray(self.answer)))
        made[inside] = self.answer
        return made

    def inside(self, rows: Any, count: int) -> npt.NDArray[np.bool_]:
        """Which rows are in the slice."""
        if self.place is None:
            return np.ones(count, dtype=bool)
        values = column(rows, self.place)
        if self.values:
            return np.isin(values.astype(object), np.array(self.values, dtype=object))
        with np.errstate(invalid="ignore"):
            numbers = values.astype(float)
            return np.asarray((numbers >= self.low) & (numbers <= self.high))


def column(rows: Any, place: int) -> Array:
    """The values of one column of a frame or an array."""
    return np.asarray(rows.iloc[:, place] if hasattr(rows, "iloc") else rows[:, place])

"""What is broken: a model, the rows and labels it was trained on, and how it is trained again."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlscore.errors import InputError

Fit = Callable[[Any, npt.NDArray[Any], int | None], Any]
_SEEDS = 2**31


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A model with what it was made of. `read` makes one of what a caller has.

    `model` is a fitted estimator or a function of rows. `rows` are a pandas frame, an array with two dimensions, or a
    list of texts. `fit` takes rows, labels and a seed (None: no seed) and returns a model; without it an estimator is
    cloned and fitted.
    """

    model: Any
    rows: Any
    labels: npt.NDArray[Any]
    fit: Fit | None = None

    @classmethod
    def read(cls, model: Any, rows: Any, labels: Any, fit: Fit | None = None) -> Subject:
        """The subject; Arrow tables become frames. Raises InputError when rows and labels do not fit each other."""
        if isinstance(rows, pa.Table):
            rows = rows.to_pandas()
            if not hasattr(model, "feature_names_in_") and hasattr(model, "n_features_in_"):
                rows = rows.to_numpy()
        elif not hasattr(rows, "iloc") and not _are_texts(rows):
            rows = np.asarray(rows)
        if isinstance(labels, (pa.Array, pa.ChunkedArray)):
            labels = labels.to_pylist()
        found = np.asarray(labels)
        if found.ndim != 1:
            raise InputError("labels are one a row", hint="faults are put into models of one label or number")
        if len(rows) != len(found):
            raise InputError(f"there are {len(rows):,} rows and {len(found):,} labels", hint="give one label a row")
        if not callable(getattr(model, "predict", None)) and not callable(model):
            raise InputError(f"a {type(model).__name__} does not predict", hint="give a fitted estimator or a function")
        return cls(model, rows, found, fit)

    @property
    def classes(self) -> npt.NDArray[Any] | None:
        """The labels there are, sorted; None where the model predicts numbers."""
        known = getattr(self.model, "classes_", None)
        if known is not None:
            return np.asarray(known)
        if self.labels.dtype.kind == "f" or getattr(self.model, "_estimator_type", None) == "regressor":
            return None
        if hasattr(self.model, "predict") and _is_regressor(self.model):
            return None
        return np.unique(self.labels)

    @property
    def codes(self) -> npt.NDArray[np.float64]:
        """The labels as numbers: of classes, their places in sorted order."""
        if self.classes is None:
            return self.labels.astype(float)
        places = {label: number for number, label in enumerate(self.classes.tolist())}
        return np.array([places[label] for label in self.labels.tolist()], dtype=float)

    @property
    def trains(self) -> bool:
        """Whether it can be trained again."""
        return self.fit is not None or (hasattr(self.model, "get_params") and hasattr(self.model, "fit"))

    def refit(self, rows: Any, labels: npt.NDArray[Any], seed: int | None) -> Any:
        """A model like this one, trained on these; every `random_state` of it that there is has the seed.

        Raises InputError when it cannot be trained again.
        """
        if self.fit is not None:
            return self.fit(rows, labels, seed)
        if not self.trains:
            raise InputError("the model cannot be trained again", hint="give fit=, a function of rows, labels and seed")
        fresh = import_module("sklearn.base").clone(self.model)
        fresh.set_params(**dict.fromkeys(self.seeds, seed))
        return fresh.fit(rows, labels)

    @property
    def seeds(self) -> tuple[str, ...]:
        """The parameters that hold a seed."""
        if not hasattr(self.model, "get_params"):
            return ()
        named = self.model.get_params(deep=True)
        return tuple(name for name in named if name.rpartition("__")[2] == "random_state")

    def copied(self) -> Any:
        """A copy of the model that can be changed."""
        return copy.deepcopy(self.model)

    @property
    def width(self) -> int:
        """How many columns the rows have; 0 for texts."""
        return 0 if isinstance(self.rows, list) else int(self.rows.shape[1])

    def column(self, place: int) -> npt.NDArray[Any]:
        """The values of one column."""
        return np.asarray(self.rows.iloc[:, place] if hasattr(self.rows, "iloc") else self.rows[:, place])

    def name(self, place: int) -> str:
        """The column's name, or its number from 0."""
        return str(self.rows.columns[place]) if hasattr(self.rows, "columns") else str(place)

    @property
    def numeric(self) -> list[int]:
        """The columns that hold numbers of which two differ."""
        found = []
        for place in range(self.width):
            values = self.column(place)
            if values.dtype.kind in "iuf" or (values.dtype == object and all(_is_number(one) for one in values)):
                numbers = values.astype(float)
                if len(np.unique(numbers[np.isfinite(numbers)])) > 1:
                    found.append(place)
        return found

    def with_columns(self, changed: dict[int, npt.NDArray[Any]]) -> Any:
        """The rows with these columns instead of their own."""
        return with_columns(self.rows, changed)

    def taken(self, chosen: npt.NDArray[Any]) -> Any:
        """Some of the rows, by position."""
        if isinstance(self.rows, list):
            return [self.rows[number] for number in chosen]
        return self.rows.iloc[chosen] if hasattr(self.rows, "iloc") else self.rows[chosen]


def with_columns(rows: Any, changed: dict[int, npt.NDArray[Any]]) -> Any:
    """A copy of rows with other values in some columns, of the columns' own type where the values fit it."""
    if not hasattr(rows, "iloc"):
        kind = np.result_type(rows.dtype, *(values.dtype for values in changed.values()))
        copied = rows.astype(kind)
        for place, values in changed.items():
            copied[:, place] = values
        return copied
    pd = import_module("pandas")
    columns = [rows.iloc[:, place] for place in range(rows.shape[1])]
    for place, values in changed.items():
        columns[place] = pd.Series(values, index=rows.index, name=rows.columns[place])
    made = pd.concat(columns, axis=1)
    made.columns = rows.columns
    return made


def seed_of(random: np.random.Generator) -> int:
    """A seed for training."""
    return int(random.integers(_SEEDS))


def _are_texts(rows: object) -> bool:
    return isinstance(rows, Sequence) and bool(rows) and all(isinstance(one, str) for one in rows)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _is_regressor(model: object) -> bool:
    try:
        return bool(import_module("sklearn.base").is_regressor(model))
    except ImportError:
        return False

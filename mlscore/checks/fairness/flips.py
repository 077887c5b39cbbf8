"""Counterfactual flips: the same rows with another value of a protected attribute, asked of the model again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlscore.checks.intervals import Interval, share
from mlscore.errors import InputError

if TYPE_CHECKING:
    import pyarrow as pa

MOST_VALUES = 10


@dataclass(frozen=True, slots=True)
class Flips:
    """How many rows are answered otherwise when one attribute alone is changed, to any other of its values.

    `worst` names the change after which most of its rows are answered otherwise, `worst_share` is their part.
    """

    attribute: str
    rows: int
    values: tuple[str, ...]
    changed: Interval
    worst: str | None
    worst_share: float


def flip_attribute(
    predict: Callable[[pa.Table], Sequence[Any]],
    rows: pa.Table,
    attribute: str,
    values: Sequence[object] | None = None,
    alpha: float = 0.05,
) -> Flips:
    """Change an attribute of every row to each other value, and count rows whose prediction changes with it.

    `predict` gives a label (or a number) for each row. `values` are by default the ten most frequent of the rows. Only
    this column is changed: what follows from it in the world (names, incomes, addresses) stays. After Kusner et al.,
    Counterfactual Fairness, NeurIPS 2017, with a causal graph that has no other edges.
    Raises InputError when the column is missing or has fewer than two values.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if attribute not in rows.column_names:
        raise InputError(f"there is no column {attribute!r} to change", hint="name one that the model is given")
    place = rows.column_names.index(attribute)
    column = rows.column(attribute)
    if values is None:
        counted = sorted(pc.value_counts(column.drop_null()).to_pylist(), key=lambda one: -one["counts"])
        values = [one["values"] for one in counted[:MOST_VALUES]]
    if len(values) < 2 or rows.num_rows == 0:
        raise InputError(f"{attribute!r} has fewer than two values in the rows", hint="give more rows")
    before = np.asarray(predict(rows))
    own = np.array(column.to_pylist(), dtype=object)
    any_changed = np.zeros(len(own), dtype=bool)
    worst, most = None, 0.0
    for value in values:
        flipped = rows.set_column(place, attribute, pa.array([value] * rows.num_rows, column.type))
        changed = np.asarray(predict(flipped)) != before
        changed &= own != value
        any_changed |= changed
        for start in values:
            of = own == start
            if start != value and of.any() and float(changed[of].mean()) > most:
                worst, most = f"from {start} to {value}", float(changed[of].mean())
    flips = share(int(any_changed.sum()), len(own), alpha)
    return Flips(attribute, len(own), tuple(map(str, values)), flips, worst, most)

"""The figures a test attaches to its evidence, checked where the test states them."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from mlscore.core.evidence import Value

if TYPE_CHECKING:
    from mlscore.collect.checks import Ran

Figure = int | float | str | bool | None


class Figures:
    """The figures of one attempt at a test; calling it adds one."""

    def __init__(self) -> None:
        self._values: dict[str, Value] = {}

    def __call__(self, name: str, value: object, *, unit: str | None = None, threshold: object = None) -> None:
        """Attach `value`, a number, a text or a truth value, under `name`; a later one of the same name replaces it.

        `unit` is shown after it ("ms", "%"), `threshold` is what it was held against. Scalars of numpy, torch and the like
        become plain numbers; NaN stays NaN. Raises TypeError for anything else, ValueError for an empty name and for a
        number beyond what a float can hold, which few readers of JSON would read.
        """
        if not isinstance(name, str):
            raise TypeError(f"mlscore_evidence: the name of a figure is text, not {_kind(name)}")
        if not name.strip():
            raise ValueError("mlscore_evidence: a figure needs a name")
        if unit is not None and not isinstance(unit, str):
            raise TypeError(f'mlscore_evidence("{name}"): the unit is text, not {_kind(unit)}')
        held_against = _plain(threshold, f'the threshold of "{name}"')
        if isinstance(held_against, bool):
            raise TypeError(f'mlscore_evidence: the threshold of "{name}" is a number or a text, not a bool')
        self._values[name] = Value(name, _plain(value, f'"{name}"'), unit or None, held_against)

    @property
    def values(self) -> tuple[Value, ...]:
        """The figures, in the order in which their names first came."""
        return tuple(self._values.values())


FIGURES = pytest.StashKey[Figures]()
# What a configured check found: its item leaves it here for its report.
RAN: pytest.StashKey[Ran] = pytest.StashKey()


def _plain(value: object, what: str) -> Figure:
    if not isinstance(value, bool | int | float | str) and getattr(value, "ndim", None) == 0:
        # A scalar of an array library; not an array of one element, whose shape is a mistake worth hearing of.
        value = value.item() if hasattr(value, "item") else value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if hasattr(type(value), "__float__") and not hasattr(type(value), "__len__"):
        # Decimal and Fraction among others.
        number = _float(value, what)
        return int(value) if isinstance(value, int) else number
    raise TypeError(f"mlscore_evidence: {what} is a number, a text or a truth value, not {_kind(value)}")


def _float(value: object, what: str) -> float:
    if isinstance(value, Decimal) and value.is_nan():
        # A signalling NaN refuses to become a float.
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except OverflowError:
        raise ValueError(f"mlscore_evidence: {what} is larger than any number a report can hold (1.8e308)") from None


def _kind(value: object) -> str:
    name = type(value).__name__
    return f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"

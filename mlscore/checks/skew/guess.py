"""What a recogniser of causes gets and gives: differing pairs, and a guess at why so many of them differ."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any

from mlscore.checks.skew.report import Cause
from mlscore.tables.shapes import Scalar

Values = tuple[Any, Any]  # served, recomputed
# So many pairs must bear a cause out that has a figure to be fitted (an offset, a factor), and no fewer distinct values.
LEAST_PAIRS = 3
NEAR = 1e-6  # relative: figures that went through single precision still meet


@dataclass(frozen=True, slots=True)
class Guess:
    """A cause, and for each pair whether it explains it."""

    cause: Cause
    says: str
    explains: tuple[bool, ...]
    figure: Scalar = None

    @property
    def count(self) -> int:
        """How many pairs it explains."""
        return sum(self.explains)


def guess(cause: Cause, says: str, explains: Iterable[bool], figure: Scalar = None) -> list[Guess]:
    """The guess in a list, empty where it explains nothing."""
    made = Guess(cause, says, tuple(explains), figure)
    return [made] if made.count else []


def fitted(cause: Cause, says: str, explains: Iterable[bool], pairs: Sequence[Values], figure: Scalar) -> list[Guess]:
    """The guess where its figure was fitted to the pairs: some few must bear it out, of more than one value."""
    held = tuple(explains)
    values = {recomputed for _, recomputed in compress(pairs, held)}
    if sum(held) < LEAST_PAIRS or len(values) < 2:
        return []
    return guess(cause, says, held, figure)


def near(a: float, b: float, scale: float = 0.0) -> bool:
    """Whether two numbers agree to about six digits of the greatest of them and of `scale`."""
    return math.isfinite(a) and math.isfinite(b) and abs(a - b) <= NEAR * max(abs(a), abs(b), abs(scale))


def shown(number: float) -> str:
    """A number to six digits."""
    return f"{number:.6g}"

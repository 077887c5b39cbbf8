"""What is added up over groups of rows: how wrong a prediction is, a column's number, or how often a condition holds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.tables.conditions import Condition, Literal


class Measure(StrEnum):
    """How wrong one prediction is."""

    ERROR = "error"  # 1 where the prediction is not the label, else 0; a missing prediction is an error
    ABSOLUTE = "absolute error"
    SQUARED = "squared error"
    LOG = "log loss"  # natural logarithm, of scores cut to 1e-15 and more
    BRIER = "Brier score"  # the squared distance of the score from 1 (the positive class) or 0

    @property
    def bounded(self) -> bool:
        """Whether it lies between 0 and 1."""
        return self in (Measure.ERROR, Measure.BRIER)

    @property
    def scored(self) -> bool:
        """Whether it needs the probability of the positive class, not the prediction."""
        return self in (Measure.LOG, Measure.BRIER)


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss of each row from its columns. `against` is the prediction's column, or the score's; null without a label.

    `positive` is the label's value whose probability the score is.
    """

    measure: Measure
    label: str
    against: str
    positive: Literal | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A loss that stands in a column."""

    column: str


@dataclass(frozen=True, slots=True)
class Worsening:
    """How much greater one loss is than another of the same row."""

    now: Loss | Given
    before: Loss | Given


PerRow = Loss | Given | Worsening


@dataclass(frozen=True, slots=True)
class Moments:
    """Of a row's figure: in how many rows there is one, their sum, and the sum of their squares.

    `within` keeps the rows that a condition is true of; None keeps all.
    """

    of: PerRow
    within: Condition | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """In how many rows a condition holds."""

    condition: Condition


Total = Moments | Holding

"""What was found of the benefit of features; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.checks.intervals import Interval

SCHEMA = "mlscore.benefit/1"


class Method(StrEnum):
    """How benefit was found."""

    PERMUTED = "permutation"  # of the model that is there
    LEFT_OUT = "leave one out"  # the model fitted anew without the columns


class Verdict(StrEnum):
    """Whether a feature, or a group of features that go together, makes the model better."""

    BENEFICIAL = "beneficial"
    NONE = "no benefit"
    UNDECIDED = "undecided"  # too few rows to tell a small benefit from none
    NOISE = "noise"  # a column known to be random: the yardstick


@dataclass(frozen=True, slots=True)
class Benefit:
    """One feature, or several that are judged together.

    `gain` is by how much the metric is better with the columns than with them permuted or left out, with the interval by
    which it was decided: so wide that all verdicts are right together. `rows` of the validation rows were looked at until
    then, or all.
    """

    name: str
    features: tuple[str, ...]
    gain: Interval
    verdict: Verdict
    rows: int


@dataclass(frozen=True, slots=True)
class Alone:
    """How well one feature predicts by itself: 0 as a constant, 1 perfectly. `suspect` of leaking the label."""

    feature: str
    skill: Interval
    suspect: bool


@dataclass(frozen=True, slots=True)
class BenefitReport:
    """The whole answer: groups without benefit first, then the undecided, then the others by their gain.

    `figure` is the model's metric and `constant` what it is without any feature; a gain below `worth`, in the metric's
    unit, counts as none. `noise` is the greatest gain of a column named as noise, None where there is none. `chance` is the
    greatest skill that any feature has alone with its values dealt out anew. `predicted` rows were asked of the model.
    `hollow` says why benefit is not shown, though nothing speaks against it. The model was fitted anew `fits` times; `why`
    says why it was permuted although there was something to fit it on.
    """

    metric: str
    figure: float
    constant: float
    worth: float
    benefits: tuple[Benefit, ...]
    alone: tuple[Alone, ...]
    rows: int
    predicted: int
    noise: Interval | None = None
    chance: float | None = None
    useless: bool = False  # the model is no better than a constant
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None
    method: Method = Method.PERMUTED
    fits: int = 0
    why: str | None = None
    schema: str = SCHEMA

    @property
    def needless(self) -> tuple[Benefit, ...]:
        """The groups without benefit."""
        return tuple(one for one in self.benefits if one.verdict is Verdict.NONE)

    @property
    def suspects(self) -> tuple[Alone, ...]:
        """The features that predict too well alone."""
        return tuple(one for one in self.alone if one.suspect)

    @property
    def passed(self) -> bool:
        """Whether no group is without benefit and no feature is suspected of leaking, as far as the rows tell."""
        return not self.needless and not self.suspects and not self.useless

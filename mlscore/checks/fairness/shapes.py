"""Definitions of fairness by their names, and what a look at groups found; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.checks.intervals import Interval
from mlscore.tables.shapes import Scalar

SCHEMA = "mlscore.fairness/1"


class Metric(StrEnum):
    """A share of a group's rows. Positive is the label's value that is an advantage, or that is looked for."""

    SELECTION = "selection rate"  # predicted positive, of all
    TRUE_POSITIVE = "true positive rate"  # predicted positive, of the positive
    FALSE_POSITIVE = "false positive rate"  # predicted positive, of the negative
    TRUE_NEGATIVE = "true negative rate"
    FALSE_NEGATIVE = "false negative rate"
    ACCURACY = "accuracy"  # predicted rightly, of the labelled
    PRECISION = "precision"  # positive, of those predicted positive


class Definition(StrEnum):
    """What is to be equal among groups. They exclude each other but in trivial cases, so that one must be chosen.

    Demographic parity: Calders et al. 2009. Equalised odds and equal opportunity: Hardt et al. 2016 (arXiv:1610.02413).
    Predictive parity: Chouldechova 2017 (doi:10.1089/big.2016.0047).
    """

    DEMOGRAPHIC_PARITY = "demographic parity"
    EQUAL_OPPORTUNITY = "equal opportunity"
    EQUALISED_ODDS = "equalised odds"
    PREDICTIVE_EQUALITY = "predictive equality"
    PREDICTIVE_PARITY = "predictive parity"
    ACCURACY_PARITY = "accuracy parity"

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The shares that are to be equal."""
        return _METRICS[self]


_METRICS = {
    Definition.DEMOGRAPHIC_PARITY: (Metric.SELECTION,),
    Definition.EQUAL_OPPORTUNITY: (Metric.TRUE_POSITIVE,),
    Definition.EQUALISED_ODDS: (Metric.TRUE_POSITIVE, Metric.FALSE_POSITIVE),
    Definition.PREDICTIVE_EQUALITY: (Metric.FALSE_POSITIVE,),
    Definition.PREDICTIVE_PARITY: (Metric.PRECISION,),
    Definition.ACCURACY_PARITY: (Metric.ACCURACY,),
}


class Statistic(StrEnum):
    """How two groups' shares are compared: the greater minus the smaller, or the smaller divided by the greater."""

    DIFFERENCE = "difference"
    RATIO = "ratio"

    @property
    def usual(self) -> float:
        """The limit by default; of the ratio that of the four-fifths rule (29 CFR 1607.4 D)."""
        return 0.1 if self is Statistic.DIFFERENCE else 0.8


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that share the values of some protected attributes, and their metrics, and the rows `of` which each is a share.

    A metric that is a share of no row is left out.
    """

    columns: tuple[str, ...]
    values: tuple[Scalar, ...]
    name: str
    rows: int
    metrics: dict[str, Interval]
    of: dict[str, int]


@dataclass(frozen=True, slots=True)
class Gap:
    """How far apart the groups by some attributes are in one metric, over all groups that have it, as fairlearn counts.

    `difference` is the greatest share minus the smallest, `ratio` the smallest by the greatest (None: both 0).
    """

    columns: tuple[str, ...]
    metric: Metric
    difference: float
    ratio: float | None
    highest: str
    lowest: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two groups of enough rows held against each other; `apart` is the difference or the ratio with its interval."""

    metric: Metric
    higher: str
    lower: str
    apart: Interval
    unfair: bool
    fair: bool


@dataclass(frozen=True, slots=True)
class GroupReport:
    """Metrics over all rows and by group; `unlabelled` rows count for the selection rate alone."""

    rows: int
    unlabelled: int
    overall: dict[str, Interval]
    groups: tuple[Group, ...]
    gaps: tuple[Gap, ...]
    positive: Scalar
    schema: str = SCHEMA

    def by(self, *columns: str) -> tuple[Group, ...]:
        """The groups by these attributes."""
        return tuple(group for group in self.groups if group.columns == columns)


@dataclass(frozen=True, slots=True)
class FairnessReport:
    """The whole answer about one definition. `unfair` are the comparisons that the check fails for, the worst first.

    `judged` pairs were held against `limit`, of which `fair` keep to it beyond doubt. `not_judged` names the groups of
    which too little is known: they are not fair. `hollow` is the reason why nothing is known at all.
    """

    definition: Definition
    statistic: Statistic
    limit: float
    groups: GroupReport
    unfair: tuple[Comparison, ...]
    judged: int
    fair: int
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether no two groups are farther apart than the limit allows, beyond chance."""
        return not self.unfair

"""What is said of a search for hyperparameters: trials, settings, ranges, and the report on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Trial:
    """One trial that ended: its parameters, its value, and its value on each fold where these are known."""

    name: str
    params: Mapping[str, Scalar]
    value: float
    folds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Range:
    """Where a search could look for a number; `log` says that it was drawn on a logarithmic scale."""

    low: float
    high: float
    log: bool = False


@dataclass(frozen=True, slots=True)
class Trials:
    """A search: greater values are better where `greater` is set. `ranges` are those that the search was given.

    `lost` is the number of trials that failed, were pruned or have no value.
    """

    trials: tuple[Trial, ...]
    metric: str
    greater: bool
    ranges: Mapping[str, Range] = field(default_factory=dict)
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Setting:
    """The trials of the same parameters: their values, and the means over folds where there is one trial with folds."""

    params: Mapping[str, Scalar]
    values: tuple[float, ...]
    folds: tuple[float, ...] = ()

    @property
    def value(self) -> float:
        """The mean value."""
        return sum(self.values) / len(self.values)


@dataclass(frozen=True, slots=True)
class TuningReport:
    """Whether the parameters in use are the best of a search that looked far enough.

    `behind` is by how much the value of the parameters in use is worse than the best, `p` the probability of such a
    difference between equals, corrected for the number of settings; None where no noise is known. `noise` says where it
    is known from. `at_edge` names the parameters at an end of their range.
    """

    metric: str
    trials: int
    settings: int
    best: Mapping[str, Scalar]
    best_value: float
    used: Mapping[str, Scalar] | None = None
    used_value: float | None = None
    behind: float | None = None
    p: float | None = None
    noise: str | None = None
    at_edge: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def hollow(self) -> str | None:
        """Why the report is no evidence, None where it is."""
        if self.settings < 2:
            return "one setting alone was tried, which is no search"
        return self.not_judged[0] if self.not_judged else None

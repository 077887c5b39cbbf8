"""What is said of offline against online figures: pairs by model version, and the report on how they go together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mlscore.checks.intervals import Interval


class Better(StrEnum):
    """Which values of a metric are better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Pair:
    """One model version: its offline figure, its online figure, how much it counts, and its day (days since 1970)."""

    version: str
    offline: float
    online: float
    weight: float = 1.0
    day: float | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of a history. `lost` says why versions are left out, and how many: {"no online figure": 3}."""

    pairs: tuple[Pair, ...]
    offline: str = "offline"
    online: str = "online"
    lost: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """Whether models that are better offline are better online.

    Correlations are positive where better goes with better. `kendall` (tau-b) decides, `spearman` (rho) stands beside it;
    both are None where nothing varies or there are fewer than two pairs. `positive` and `negative` are the probabilities
    of a tau so great and so small between metrics that have nothing to do with each other. `least` is the limit of tau.
    `effective` is how many pairs of equal weight tell as much as these. `needed` pairs give a verdict in 80 of 100 cases
    where tau is `planned`, and `missing` of them are not there yet; None where a verdict is reached, or would take more
    than 10,000. `trend` is tau without what both metrics share with the day.
    """

    offline: str
    online: str
    pairs: int
    effective: float
    kendall: Interval | None
    spearman: Interval | None
    positive: float | None
    negative: float | None
    least: float
    planned: float | None = None
    needed: int | None = None
    missing: int | None = None
    trend: float | None = None
    examples: tuple[Pair, ...] = ()
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

"""What was found of the cost of features, set against what they gain; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.checks.intervals import Interval

SCHEMA = "mlscore.cost/1"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a feature may cost at most; None is no limit.

    `latency` is the 95th percentile of one row in milliseconds, `batch_latency` that of one batch; `memory` the peak of
    one batch in megabytes (10^6 bytes). `missing` and `instability` are shares, and hold for each window of time. `sources`
    is a number, `per_gain` milliseconds of one row (the median) for each unit of gain in the metric.
    """

    latency: float | None = None
    batch_latency: float | None = None
    memory: float | None = None
    missing: float | None = None
    instability: float | None = None
    sources: int | None = None
    per_gain: float | None = None


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds of one call, over all `calls`; the interval of either is from the least to the greatest round."""

    median: Interval
    p95: Interval
    calls: int

    def __add__(self, more: Timing) -> Timing:
        return Timing(_sum(self.median, more.median), _sum(self.p95, more.p95), min(self.calls, more.calls))


def _sum(a: Interval, b: Interval) -> Interval:
    return Interval(a.value + b.value, a.low + b.low, a.high + b.high)


@dataclass(frozen=True, slots=True)
class Measured:
    """One function: what it computes, and what that costs; `trouble` says why that is not known.

    `missing` is the number of rows without a value by feature. `beyond` are seconds within which a batch did not return;
    with `beyond_row` a single row did not either.
    """

    function: str
    features: tuple[str, ...] = ()
    row: Timing | None = None
    batch: Timing | None = None
    memory: float | None = None
    missing: tuple[int, ...] = ()
    rows: int = 0
    trouble: str | None = None
    beyond: float | None = None
    beyond_row: bool = False


@dataclass(frozen=True, slots=True)
class OverTime:
    """One feature over windows of time: the share missing in all rows and in the worst window, and how unlike a window is.

    `spread` is the greatest difference of the share missing between two windows. `instability` is the Jensen-Shannon
    distance (0 to 1) of the window most unlike the others to all others, less what chance gives; None where it is not
    counted. Windows are named by their first moment.
    """

    feature: str
    missing: Interval
    worst: Interval | None = None
    worst_window: str | None = None
    spread: float | None = None
    instability: Interval | None = None
    unlike_window: str | None = None
    windows: int = 1


@dataclass(frozen=True, slots=True)
class Gain:
    """What features gain, in the metric's unit."""

    features: tuple[str, ...]
    gain: Interval


@dataclass(frozen=True, slots=True)
class Unit:
    """A feature, or features that are computed or judged together, with their cost and their gain; None is not known.

    `memory` is in megabytes, `sources` a number; `missing` and `instability` are those of the worst of its features.
    `front` says whether no other unit is surely cheaper and surely more useful; `dominated_by` names one that is.
    """

    name: str
    features: tuple[str, ...]
    functions: tuple[str, ...] = ()
    row: Timing | None = None
    batch: Timing | None = None
    memory: float | None = None
    missing: Interval | None = None
    instability: Interval | None = None
    sources: int | None = None
    gain: Interval | None = None
    front: bool | None = None
    dominated_by: str | None = None


@dataclass(frozen=True, slots=True)
class CostReport:
    """The whole answer: units by their gain, the greatest first, and what breaks a limit, the worst first.

    `rows` were given to functions in batches of `batch`. `hollow` says why no limit could have been broken.
    """

    units: tuple[Unit, ...]
    over_time: tuple[OverTime, ...] = ()
    measured: tuple[Measured, ...] = ()
    limits: Limits = Limits()
    batch: int = 0
    window: str | None = None
    metric: str | None = None
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    hollow: str | None = None
    schema: str = SCHEMA

    @property
    def passed(self) -> bool:
        """Whether nothing breaks a limit."""
        return not self.findings

    @property
    def front(self) -> tuple[Unit, ...]:
        """The units that no other one dominates."""
        return tuple(unit for unit in self.units if unit.front)

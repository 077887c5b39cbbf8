"""What is said of models that grow old: the plan of windows, the loss by age, and the age that is too great."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.checks.intervals import Interval


@dataclass(frozen=True, slots=True)
class Plan:
    """Where rows are cut, in days: `origins` windows of `step` days back from `last`, and `ages` steps before each of them.

    A model of age a is trained on the `train` days that end a steps before its window begins.
    """

    last: float
    step: float
    origins: int
    ages: int
    train: float

    def window(self, origin: int) -> tuple[float, float]:
        """Where the window begins, and where it ends; the newest is number 0."""
        return self.last - (origin + 1) * self.step, self.last - origin * self.step

    def training(self, end: int) -> tuple[float, float]:
        """Where the rows of a training begin and end: training number i is of age a for the window i - a."""
        until = self.last - (end + 1) * self.step
        return until - self.train, until


@dataclass(frozen=True, slots=True)
class Window:
    """Newer rows on which models are judged: its days (ISO 8601), its rows, and the loss of the youngest model on them."""

    begins: str
    ends: str
    rows: int
    loss: float


@dataclass(frozen=True, slots=True)
class Point:
    """Models of one age, in days: their mean loss, how much greater it is than the youngest's, and on how many windows."""

    age: float
    loss: float
    worse: Interval
    windows: int


@dataclass(frozen=True, slots=True)
class StalenessReport:
    """The loss by age, and the age from which it is beyond the limit.

    `loss` is the youngest models' mean. `decay` is the mean increase over all greater ages, `p` its probability by chance.
    `allowed` is the limit as an increase. `limit_days` is the age at which the increase exceeds it, and lies between
    `limit_low` and `limit_high`; each is None where it is beyond `studied_days`, the greatest age there was. `season` is
    the standard deviation of the youngest models' loss between windows, None for one window.
    """

    measure: str
    by: str
    windows: tuple[Window, ...] = ()
    points: tuple[Point, ...] = ()
    loss: float | None = None
    decay: Interval | None = None
    p: float | None = None
    season: float | None = None
    allowed: float | None = None
    limit_days: float | None = None
    limit_low: float | None = None
    limit_high: float | None = None
    studied_days: float | None = None
    max_age_days: float | None = None
    findings: tuple[str, ...] = ()
    not_judged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    hollow: str | None = None

    @property
    def passed(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

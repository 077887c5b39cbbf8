"""What a drift check found: a result per column, of the rows, and of all columns together; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.checks.drift.joint import Joint
from mlscore.tables.shapes import Kind

SCHEMA = "mlscore.drift/1"


class Pace(StrEnum):
    """How a change came, as the blocks tell: at once, bit by bit, or the blocks do not tell."""

    SUDDEN = "sudden"
    GRADUAL = "gradual"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """The shortest true word for what happened to a column."""

    SUDDEN = "sudden"
    GRADUAL = "gradual"
    SHIFT = "shift"  # the distribution changed; blocks do not tell whether at once
    MISSING = "missing values"
    NEW = "new category"
    VANISHED = "vanished category"
    TYPE = "type"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Trial:
    """One test of a column: what was looked at, the effect, and what it was held against.

    `threshold` is the greatest of what the reference's own windows reach (`usual`), what chance gives so few rows
    (`noise`) and the least effect that matters (`floor`). `step` is the largest step between neighbouring windows that
    touch the current data, `usual_step` its threshold; None where blocks do not allow it. `pace` says how a drift came, and
    `since` names the block where it began, where that can be told.
    """

    aspect: str
    measure: str
    effect: float
    threshold: float
    floor: float
    noise: float
    usual: float | None
    drifted: bool
    step: float | None = None
    usual_step: float | None = None
    since: str | None = None
    pace: Pace | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The named measures of a column's first question, on the same bins; None where a measure does not apply.

    `kolmogorov_smirnov` and `wasserstein` are of the narrow bins, the others of the wide ones; see `measures`.
    """

    population_stability: float | None
    jensen_shannon: float
    total_variation: float
    chi_square: float
    cramers_v: float
    kolmogorov_smirnov: float | None = None
    wasserstein: float | None = None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Two histograms over the same bins: between `edges` (one more than counts) or of `categories`."""

    edges: tuple[float, ...]
    categories: tuple[str, ...]
    reference: tuple[int, ...]
    current: tuple[int, ...]


# What is looked at besides the values themselves, as a sentence says it; other measures name it themselves.
ASPECTS = {
    "age": "how long ago times are",
    "day of month": "days of the month",
    "digits": "how many digits numbers have",
    "hour": "hours of the day",
    "length": "how long texts are",
    "lettering": "how texts are written",
    "opening": "the first letters of texts",
    "weekday": "days of the week",
    "words": "the words in texts",
}


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column. `effect`, `threshold` and `measure` are those of the trial that stands out most of `trials`.

    `missing_reference` and `missing_current` are rates, 0 to 1, of null and NaN. `new` and `vanished` are categories:
    `new` is a list of examples, most frequent first, and empty where the reference has too many to know them all.
    """

    name: str
    kind: Kind
    current_kind: Kind | None
    drifted: bool
    effect: float
    threshold: float
    measure: str
    aspect: str
    cause: Cause | None
    pace: Pace | None
    since: str | None
    missing_reference: float
    missing_current: float
    trials: tuple[Trial, ...] = ()
    new: tuple[str, ...] = ()
    new_share: float = 0.0
    vanished: tuple[str, ...] = ()
    figures: Figures | None = None
    histogram: Histogram | None = None

    @property
    def measured(self) -> str:
        """The measure, and what it is of where that is not the values themselves."""
        return f"{self.measure} of {ASPECTS[self.aspect]}" if self.aspect in ASPECTS else self.measure


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the thresholds stand on: blocks of the reference, windows of `window` of them, and what they are worth.

    `windows` fit side by side; overlapping ones are used, yet count no more than these. 0 windows: thresholds are those of
    independent rows with a higher floor. `per_test` is the false alarm rate that each test of a distribution may spend.
    """

    unit: str
    blocks: int
    window: int
    windows: int
    tests: int
    per_test: float
    follows: bool


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The whole answer. `rows_drift` are trials of the table itself: its rows per block, its emptiest block, rows repeated.

    `lost` are columns of the reference that the current data lacks (each is drift), `gained` those that it alone has.
    `notes` say in sentences what was not or not fully tested.
    """

    reference: str
    current: str
    reference_rows: int
    current_rows: int
    time: str | None
    false_alarms: float
    drifted: bool
    columns: tuple[ColumnDrift, ...]
    rows_drift: tuple[Trial, ...]
    joint: Joint | None
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    calibration: Calibration
    notes: tuple[str, ...]
    schema: str = SCHEMA

    @property
    def found(self) -> tuple[str, ...]:
        """The names of the drifted columns."""
        return tuple(column.name for column in self.columns if column.drifted)

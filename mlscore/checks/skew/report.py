"""What a comparison of served and recomputed features found; it survives JSON."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mlscore.tables.shapes import Kind, Scalar, Tolerance

SCHEMA = "mlscore.skew/1"


class Verdict(StrEnum):
    """What came of it. Only SAME speaks for the features."""

    SAME = "same"
    SKEWED = "skewed"
    UNMATCHED = "unmatched"  # too few served examples met a recomputed one: nothing can be said


class Cause(StrEnum):
    """Why two values of one example may differ, recognised by its traces."""

    MISSING = "missing"
    DEFAULT = "default for missing"
    NAN = "NaN for null"
    TYPE = "type"
    CASE = "case"
    SPACES = "spaces"
    ENCODING = "encoding"
    CUT_TEXT = "cut text"
    WRITTEN = "written otherwise"
    DECIMAL_COMMA = "decimal comma"
    LEADING_ZEROS = "leading zeros"
    FLOAT32 = "float32"
    ROUNDING = "rounding"
    WHOLE = "cut to whole numbers"
    SIGN = "sign"
    INVERTED = "inverted flag"
    SCALE = "scale"
    OFFSET = "constant offset"
    LINEAR = "linear"
    CONSTANT = "constant"
    STALE = "stale"
    CLIPPED = "clipped"
    ZONE = "time zone"
    DAYLIGHT = "daylight saving"
    CUT_TIME = "cut time"
    DAY_MONTH = "day and month swapped"
    LAG = "lag"
    SWAPPED = "swapped columns"


@dataclass(frozen=True, slots=True)
class Likely:
    """A likely cause: in a sentence, the share (0 to 1) of the differing rows looked at that it explains, its figure.

    The figure is the offset (served minus recomputed, of times in seconds), the factor, the decimals, the lag in rows, the
    default: whatever the sentence turns on. None where it turns on none.
    """

    cause: Cause
    says: str
    share: float
    figure: Scalar = None


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values that differ. Texts are shown by their shape alone (letters as `A` and `a`, digits as 9)."""

    served: Scalar
    recomputed: Scalar


@dataclass(frozen=True, slots=True)
class ColumnSkew:
    """One feature. `skewed` matched examples differ in it beyond `tolerance`; `share` is their part of all matched.

    `found` says whether that is more than is tolerated. `largest` is the greatest difference of numbers and, in seconds, of
    times. `type_differs`: both hold values that a model cannot take for each other (text for a number).
    """

    name: str
    skewed: int
    share: float
    found: bool
    served_kind: Kind
    recomputed_kind: Kind
    type_differs: bool
    tolerance: Tolerance
    served_null: int
    recomputed_null: int
    largest: float | None = None
    likely: tuple[Likely, ...] = ()
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Examples:
    """How the examples met. Ids are counted once, however often they stand there; rows without an id are in `..._missing`.

    `matched` ids stand once on both sides: these are compared, and `skewed` of them differ in some feature.
    `matched_share` is their part of all served ids, `share` the part of the matched that is skewed.
    """

    matched: int
    matched_share: float
    skewed: int
    share: float
    served_only: int
    recomputed_only: int
    served_duplicated: int
    recomputed_duplicated: int
    served_missing: int
    recomputed_missing: int


@dataclass(frozen=True, slots=True)
class SkewReport:
    """The whole answer. `not_recomputed` and `not_served` are features of one side alone, which are not judged.

    `hollow` is the reason why no skew could have been found (a table compared with itself), None when it could.
    `notes` say in sentences what was not judged and what is odd about the ids.
    """

    served: str
    recomputed: str
    id: tuple[str, ...]
    verdict: Verdict
    columns: tuple[ColumnSkew, ...]
    examples: Examples
    least_matched: float
    limit: float
    not_recomputed: tuple[str, ...] = ()
    not_served: tuple[str, ...] = ()
    hollow: str | None = None
    notes: tuple[str, ...] = ()
    schema: str = SCHEMA

    @property
    def found(self) -> tuple[str, ...]:
        """The names of the skewed features, the most skewed first."""
        skewed = [column for column in self.columns if column.found]
        return tuple(column.name for column in sorted(skewed, key=lambda column: -column.skewed))

    def column(self, name: str) -> ColumnSkew:
        """The feature of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

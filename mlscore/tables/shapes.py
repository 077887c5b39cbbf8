"""What is known of a table without holding its rows: columns, bins and their counts, profiles, joins.

All of it is standard library, frozen, and survives JSON through `mlscore.core.codec`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

# A cell as JSON knows it. Dates and times are ISO 8601 text, decimals are floats, binary is not shown.
Scalar = str | int | float | bool | None

WHOLE = "all"  # the only block of counts that were not asked for in blocks
UNDATED = "undated"  # the block of rows whose time is missing


class Kind(StrEnum):
    """What a column holds, whatever an engine calls its type."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    BINARY = "binary"
    NESTED = "nested"
    OTHER = "other"

    @property
    def ordered(self) -> bool:
        """Whether the values lie on a line, so that edges cut them: numbers as they are, times as seconds."""
        return self in (Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME)

    @property
    def numeric(self) -> bool:
        """Whether the values can be added up."""
        return self in (Kind.INTEGER, Kind.NUMBER)

    @property
    def named(self) -> bool:
        """Whether the values are told apart by name, so that categories count them."""
        return self in (Kind.TEXT, Kind.BOOLEAN, Kind.OTHER)


@dataclass(frozen=True, slots=True)
class Column:
    """A column as the engine declares it; `native` is the engine's own word for its type."""

    name: str
    kind: Kind
    native: str

    @property
    def labels_rows(self) -> bool:
        """Whether it is an index without a name that pandas wrote into a file: labels of rows, and no data."""
        return is_row_label(self.name)


def is_row_label(name: str) -> bool:
    """Whether a column's name is one that pandas gives to an index without a name (`__index_level_0__`)."""
    return name.startswith("__index_level_") and name.endswith("__") and name[14:-2].isdecimal()


class Aspect(StrEnum):
    """What of a value is binned: the value itself, or of a text its length in characters, or each of its words."""

    VALUE = "value"
    LENGTH = "length"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Edges:
    """Inner edges, strictly increasing and finite: k of them make the k + 1 bins (-inf, e0], (e0, e1], ... (e_last, +inf).

    Dates and times are binned by their seconds since 1970-01-01T00:00:00 UTC; a time without a zone is read as UTC.
    `column` is the column that is binned where the name under which the bins are given is not a column's.
    """

    values: tuple[float, ...]
    column: str | None = None
    aspect: Aspect = Aspect.VALUE

    def __post_init__(self) -> None:
        if any(not low < high for low, high in zip(self.values, self.values[1:], strict=False)):
            raise ValueError("edges must increase strictly")
        if any(value != value or value in (float("inf"), float("-inf")) for value in self.values):
            raise ValueError("edges must be finite")

    @property
    def size(self) -> int:
        """How many bins there are."""
        return len(self.values) + 1


@dataclass(frozen=True, slots=True)
class Categories:
    """Values that are counted by name, most frequent first; every other value is `other`. A boolean is true or false.

    `column` is the column that is binned where the name under which the bins are given is not a column's.
    """

    values: tuple[str, ...]
    column: str | None = None
    aspect: Aspect = Aspect.VALUE

    def __post_init__(self) -> None:
        if len(set(self.values)) != len(self.values):
            raise ValueError("each category must be named once")

    @property
    def size(self) -> int:
        """How many bins there are, `other` not among them."""
        return len(self.values)


Bins = Edges | Categories


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows fell into each bin, and into none: missing, not a number, other than the categories named.

    Infinities are in the outer bins. Counts over the same bins add up: `a + b`.
    """

    bins: tuple[int, ...]
    null: int = 0
    nan: int = 0
    other: int = 0

    @property
    def rows(self) -> int:
        """Every row that was counted."""
        return sum(self.bins) + self.null + self.nan + self.other

    def __add__(self, more: Counts) -> Counts:
        if len(self.bins) != len(more.bins):
            raise ValueError(f"counts of {len(self.bins)} bins and of {len(more.bins)} bins do not add up")
        return Counts(
            bins=tuple(a + b for a, b in zip(self.bins, more.bins, strict=True)),
            null=self.null + more.null,
            nan=self.nan + more.nan,
            other=self.other + more.other,
        )


class Unit(StrEnum):
    """The length of a block of time. Weeks begin on Monday; all of them are cut in UTC."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class TimeBlocks:
    """Blocks of one `unit` of the time in `column`; a block is named by its first moment, `2013-01-31T00:00:00`."""

    column: str
    unit: Unit


@dataclass(frozen=True, slots=True)
class RowBlocks:
    """Blocks of `rows` rows in the order in which they are stored; a block is named by its number from 0, as text.

    Where an engine stores no order (a server's table, a cluster's) the blocks are of about that many rows.
    """

    rows: int

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise ValueError("a block needs at least one row")


Blocks = TimeBlocks | RowBlocks


@dataclass(frozen=True, slots=True)
class Frequency:
    """A value and how many rows have it."""

    value: Scalar
    count: int


@dataclass(frozen=True, slots=True)
class Quantile:
    """The value below which a `share` of the rows lies; seconds since 1970 for dates and times."""

    share: float
    value: float


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column in figures. What does not apply to its kind, or to no value at all, is None or empty.

    `minimum`, `maximum`, `mean`, `deviation` (of a sample: n - 1) and `quantiles` are those of the finite values; there
    is no deviation where values lie 1e145 and more from the mean.
    `distinct` is exact or estimated as the Profile says; lengths are in characters (of binary: bytes).
    `edges` and `histogram` belong together as in Edges and Counts.
    """

    name: str
    kind: Kind
    native: str
    rows: int
    null: int
    nan: int = 0
    infinite: int = 0
    zero: int | None = None
    negative: int | None = None
    true: int | None = None
    empty: int | None = None
    minimum: Scalar = None
    maximum: Scalar = None
    mean: float | None = None
    deviation: float | None = None
    distinct: int | None = None
    quantiles: tuple[Quantile, ...] = ()
    edges: tuple[float, ...] = ()
    histogram: tuple[int, ...] = ()
    top: tuple[Frequency, ...] = ()
    shortest: int | None = None
    longest: int | None = None

    @property
    def present(self) -> int:
        """How many rows hold a value; NaN counts as one."""
        return self.rows - self.null


@dataclass(frozen=True, slots=True)
class Profile:
    """A table in figures; `estimated` names the figures that this engine estimates, with their error in words."""

    source: str
    engine: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    estimated: tuple[str, ...] = ()

    def column(self, name: str) -> ColumnProfile:
        """The profile of the column of that name. Raises KeyError."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Two numbers agree when |a - b| <= absolute + relative * max(|a|, |b|); times are compared in seconds.

    Texts, booleans and everything else must be equal. Missing agrees with missing, NaN with NaN, and neither with a value.
    """

    absolute: float = 0.0
    relative: float = 0.0

    def __post_init__(self) -> None:
        if not (self.absolute >= 0 and self.relative >= 0):
            raise ValueError("a tolerance must not be negative")


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of both tables that differs: its id (a value per column of the key) and the two values."""

    key: tuple[Scalar, ...]
    left: Scalar
    right: Scalar


@dataclass(frozen=True, slots=True)
class ColumnDifference:
    """How one column of the joined rows agrees; `largest` is the greatest |left - right| of numbers that differ."""

    name: str
    differing: int
    left_null: int
    right_null: int
    largest: float | None = None
    examples: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class JoinResult:
    """Two tables laid side by side by a key.

    `matched` counts ids that both hold once: these rows are compared, and `differing` of them differ in some column.
    Ids that one side holds more than once are ambiguous and not compared: `left_duplicated` and `right_duplicated`
    count them. Rows with a missing id are in `left_missing` and `right_missing`. `left_only` and `right_only` count
    ids of one side alone. An id is counted once, however often it stands there.
    """

    on: tuple[str, ...]
    matched: int
    left_only: int
    right_only: int
    left_duplicated: int
    right_duplicated: int
    left_missing: int
    right_missing: int
    differing: int
    columns: tuple[ColumnDifference, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a long query is: what it does, and the share done from 0 to 1 where the engine knows it."""

    what: str
    share: float | None


@dataclass(frozen=True, slots=True)
class TableOptions:
    """What a table may use of the machine.

    `memory_mb` is the limit that the engine keeps, in megabytes of 10^6 bytes; what does not fit is spilled to
    `temp_folder` (by default a folder of its own below the system's, removed afterwards), at most `temp_mb` of it.
    `threads` is by default as many as there are processors. `timeout` is in seconds for each query. `progress` is called
    now and then during long ones. `engine` reads files: "duckdb", or "spark"; frames and databases have their own.
    """

    memory_mb: int = 400
    threads: int | None = None
    temp_folder: str | None = None
    temp_mb: int | None = None
    timeout: float | None = None
    progress: Callable[[Progress], None] | None = None
    engine: str = "duckdb"

    def __post_init__(self) -> None:
        for name in ("memory_mb", "threads", "temp_mb", "timeout"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ValueError(f"{name} must be greater than 0")

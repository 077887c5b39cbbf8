"""What may be true of a row, said without SQL: the conditions of `Table.violations` and `Table.rows_where`.

A condition is true of a row or it is not. Nothing is true of a missing value or of NaN but `Missing`, `NotANumber` and
what is composed of them: `Compare("x", ">", 0)` is not true of a missing x, and neither is `Not(Compare("x", ">", 0))`.
So a rule such as "x > 0" is violated where `Not(Compare("x", ">", 0))` is true, and missing values are a rule of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from mlscore.tables.shapes import Kind

Literal = str | int | float | bool | Decimal | date | datetime


class Operator(StrEnum):
    """How two values are compared; text by its Unicode code points."""

    EQUAL = "="
    UNEQUAL = "<>"
    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="


class Place(StrEnum):
    """Where in a text another text stands."""

    START = "start"
    END = "end"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Missing:
    """The value is null."""

    column: str


@dataclass(frozen=True, slots=True)
class NotANumber:
    """The value is NaN; never true of a column that is not of numbers."""

    column: str


@dataclass(frozen=True, slots=True)
class Infinite:
    """The value is +inf or -inf; never true of a column that is not of numbers."""

    column: str


@dataclass(frozen=True, slots=True)
class Compare:
    """The value stands to a literal as the operator says. Times without a zone are UTC."""

    column: str
    operator: Operator
    value: Literal


@dataclass(frozen=True, slots=True)
class CompareColumns:
    """The value of one column stands to that of another as the operator says."""

    left: str
    operator: Operator
    right: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """The value is one of those named; of none when `values` is empty."""

    column: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Matches:
    """The text matches a regular expression: the whole of it (`full`), from its beginning on (`start`), or a part of it.

    Letters, classes, groups, alternatives and counts mean the same on every engine; an expression that the engine's
    dialect does not know (look-ahead and back-references in DuckDB) is an InputError.
    """

    column: str
    pattern: str
    full: bool = False
    start: bool = False


@dataclass(frozen=True, slots=True)
class Holds:
    """The text holds another text at a place, letter for letter."""

    column: str
    text: str
    place: Place = Place.ANYWHERE


@dataclass(frozen=True, slots=True)
class Length:
    """The text's number of characters lies between two limits, both included; None is no limit."""

    column: str
    at_least: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Parses:
    """The value, read as text, is a `kind`: an integer, a number, a boolean, a date or a datetime."""

    column: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Repeated:
    """The values of these columns together stand in more than one row.

    Rows with a missing one are left out, unless `missing_equal`: then missing values equal each other, and nothing else.
    It cannot stand inside another condition: it is a question about all rows.
    """

    columns: tuple[str, ...]
    missing_equal: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    """The condition's opposite holds: neither is true of a missing value."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Every:
    """All conditions are true; true when there are none."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one condition is true; not true when there are none."""

    conditions: tuple[Condition, ...]


Condition = (
    Missing
    | NotANumber
    | Infinite
    | Compare
    | CompareColumns
    | OneOf
    | Matches
    | Holds
    | Length
    | Parses
    | Repeated
    | Not
    | Every
    | Some
)

"""What a schema says: rules on columns and on the whole table, in one form whatever language they were written in.

A rule is true of a value or it is not; nothing but `Present` and `Finite` is said of missing values, and NaN counts as
missing wherever the rule does not name it. `tolerated` is the share of the values that may break the rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from mlscore.tables.conditions import Operator, Place
from mlscore.tables.shapes import Kind

Literal = str | int | float | bool | Decimal | date | datetime
SHOWN = 5  # values of a list that a rule's name shows


class Anchor(StrEnum):
    """Which part of a text a regular expression has to match."""

    START = "start"
    ANYWHERE = "anywhere"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing a schema demands. `origin` is where it is written (file:line where known), `reason` why it was proposed.

    `warns` marks a rule whose breach is told and fails nothing; `missing_breaks` one that a missing value breaks too.
    """

    tolerated: float = 0.0
    warns: bool = False
    missing_breaks: bool = False
    origin: str = ""
    reason: str = ""

    @property
    def text(self) -> str:
        """The rule in one word with its figures, as `in_range(0, 120)`."""
        raise NotImplementedError

    @property
    def topic(self) -> str:
        """What it is about; a column has at most one rule of most topics, and diffs compare rules of one topic."""
        return type(self).__name__.lower()


@dataclass(frozen=True, slots=True)
class OfKind(Rule):
    """The column's type. `bits` and `signed` limit integers and floats: a narrower type fits, a wider one does not.

    `coerced`: values that can be read as the kind are enough, whatever the column's type.
    """

    kinds: tuple[Kind, ...]
    bits: int | None = None
    signed: bool = True
    coerced: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        named = " or ".join(kind.value for kind in self.kinds)
        width = f", {'' if self.signed else 'unsigned '}{self.bits} bits" if self.bits else ""
        return f"dtype({named}{width}{', coerced' if self.coerced else ''})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "dtype"


@dataclass(frozen=True, slots=True)
class Present(Rule):
    """No value is missing. `nan`: NaN counts as missing."""

    nan: bool = True

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return "not_null"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "not_null"


@dataclass(frozen=True, slots=True)
class Finite(Rule):
    """Numbers are not NaN (`nan`) and not infinite (`infinite`)."""

    nan: bool = True
    infinite: bool = True

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return "finite" if self.nan and self.infinite else "not_nan" if self.nan else "not_infinite"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return self.text


@dataclass(frozen=True, slots=True)
class Within(Rule):
    """Values lie between two limits, each included unless it is `open`; None is no limit."""

    low: Literal | None = None
    high: Literal | None = None
    low_open: bool = False
    high_open: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        if self.low is None or self.high is None:
            word = "greater_than" if self.high is None else "less_than"
            ends = "" if (self.low_open if self.high is None else self.high_open) else "_or_equal_to"
            return f"{word}{ends}({told(self.low if self.high is None else self.high)})"
        opened = [f"include_{end}=False" for end, out in (("min", self.low_open), ("max", self.high_open)) if out]
        return f"in_range({', '.join([told(self.low), told(self.high), *opened])})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "range"


@dataclass(frozen=True, slots=True)
class Equal(Rule):
    """Every value equals this one, or with `negated` none does."""

    value: Literal
    negated: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return f"{'not_' if self.negated else ''}equal_to({told(self.value)})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "not_equal_to" if self.negated else "equal_to"


@dataclass(frozen=True, slots=True)
class Among(Rule):
    """Every value is one of these, or with `negated` none is. `all_seen`: each of them occurs as well."""

    values: tuple[Literal, ...]
    negated: bool = False
    all_seen: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        word = "notin" if self.negated else "unique_values_eq" if self.all_seen else "isin"
        shown = [told(value) for value in self.values[:SHOWN]]
        more = f", … {len(self.values) - SHOWN} more" if len(self.values) > SHOWN else ""
        return f"{word}([{', '.join(shown)}{more}])"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return self.text.partition("(")[0]


@dataclass(frozen=True, slots=True)
class Pattern(Rule):
    """A regular expression matches each text at `anchor`, or with `negated` matches none."""

    pattern: str
    anchor: Anchor = Anchor.START
    negated: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        word = {Anchor.START: "str_matches", Anchor.ANYWHERE: "str_contains", Anchor.WHOLE: "str_fullmatches"}[
            self.anchor
        ]
        return f"{'not_' if self.negated else ''}{word}({told(self.pattern)})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "not_pattern" if self.negated else "pattern"


@dataclass(frozen=True, slots=True)
class Affix(Rule):
    """Each text starts or ends with another, letter for letter."""

    affix: str
    place: Place

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return f"str_{'starts' if self.place is Place.START else 'ends'}with({told(self.affix)})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return self.text.partition("(")[0]


@dataclass(frozen=True, slots=True)
class Sized(Rule):
    """Each text has so many characters; None is no limit."""

    low: int | None = None
    high: int | None = None

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return f"str_length({self.low}, {self.high})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "str_length"


@dataclass(frozen=True, slots=True)
class Parsed(Rule):
    """Each text can be read as a kind."""

    kind: Kind

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return f"reads_as({self.kind.value})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "reads_as"


@dataclass(frozen=True, slots=True)
class Unique(Rule):
    """The values of these columns together stand in one row only. `missing_equal`: missing values equal each other."""

    columns: tuple[str, ...]
    missing_equal: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return "unique" if len(self.columns) == 1 else f"unique({', '.join(self.columns)})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return f"unique({', '.join(self.columns)})"


@dataclass(frozen=True, slots=True)
class Related(Rule):
    """In each row the value of one column stands to that of another as the operator says.

    With `missing_breaks` a row with one of the two missing breaks it; a row with neither value never does.
    """

    left: str
    operator: Operator
    right: str

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return f"{self.left} {self.operator.value} {self.right}"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return f"{self.left} beside {self.right}"


@dataclass(frozen=True, slots=True)
class RowCount(Rule):
    """The table has so many rows; None is no limit."""

    low: int | None = None
    high: int | None = None

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return f"row_count({self.low}, {self.high})"

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return "row_count"


@dataclass(frozen=True, slots=True)
class Ran:
    """What another library's check said: how many rows broke it, or (`per_row` False) that they did as a whole.

    `failed` are the numbers of these rows within the frame.
    """

    violations: int
    per_row: bool = True
    failed: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Custom(Rule):
    """A check that only its own library can run: `run` takes a pandas frame and a column's name.

    `needs` are the columns it reads besides. `unit` says what it is given: each value by itself (`each`), or all of them
    at once. `alone`: it reads nothing but its own column.
    """

    name: str
    unit: str
    needs: tuple[str, ...]
    run: Callable[[Any, str | None], Ran] = field(compare=False, repr=False)
    each: bool = False
    alone: bool = False

    @property
    def text(self) -> str:
        """The rule in one word with its figures."""
        return self.name

    @property
    def topic(self) -> str:
        """What the rule is about."""
        return self.name


@dataclass(frozen=True, slots=True)
class ColumnRules:
    """What is said of one column. `pattern`: the name is a regular expression that column names have to start with.

    `required`: the column has to be there. `missing_values`: texts that count as missing. `reason` and `origin` as in
    Rule.
    """

    name: str
    rules: tuple[Rule, ...] = ()
    required: bool = True
    pattern: bool = False
    missing_values: tuple[str, ...] = ()
    origin: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something a schema says that is not judged, and why."""

    column: str | None
    rule: str
    reason: str
    origin: str = ""

    def __str__(self) -> str:
        place = f" ({self.origin})" if self.origin else ""
        return f"{label(self.column, self.rule)}: {self.reason}{place}"


@dataclass(frozen=True, slots=True)
class Schema:
    """A whole schema. `strict`: no other columns; `ordered`: the columns in this order; `form`: the language it was in."""

    columns: tuple[ColumnRules, ...] = ()
    rules: tuple[Rule, ...] = ()
    strict: bool = False
    ordered: bool = False
    unmapped: tuple[Unmapped, ...] = ()
    source: str = ""
    form: str = ""

    def column(self, name: str) -> ColumnRules | None:
        """What is said of the column of that name."""
        return next((column for column in self.columns if column.name == name), None)

    def each(self) -> Iterator[tuple[str | None, Rule]]:
        """Every rule with its column, those on the table last."""
        for column in self.columns:
            for rule in column.rules:
                yield column.name, rule
        for rule in self.rules:
            yield None, rule

    @property
    def hollow(self) -> str | None:
        """Why no table could break it; None when one could."""
        can_fail = any(not rule.warns and rule.tolerated < 1 for _, rule in self.each())
        if can_fail or self.strict or self.ordered or any(column.required for column in self.columns):
            return None
        return "the schema demands nothing: every table passes it"


def label(column: str | None, rule: str) -> str:
    """A rule's id: `age: in_range(0, 120)`, or the rule alone when it is about the table."""
    return rule if column is None else f"{column}: {rule}"


def told(value: object) -> str:
    """A literal as a rule's name shows it: text in quotes, times as ISO 8601, long text cut."""
    if isinstance(value, str):
        return repr(value if len(value) <= 60 else f"{value[:57]}…")
    if isinstance(value, bool) or value is None:
        return str(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)

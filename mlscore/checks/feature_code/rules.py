"""What values a column may hold, from a schema or from real rows: enough to generate batches from."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from mlscore.tables.extras import need
from mlscore.tables.shapes import Kind

# So many rows must hold a text before it is taken for a category: a name that one person has is none.
LEAST_HOLDERS = 5
MOST_CATEGORIES = 50
MOST_SHAPES = 12
# How times are written where a column of text holds them; the first that all values keep is the column's.
_FORMATS = (
    "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%d %H:%M", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d",
    "%H:%M", "%H:%M:%S",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """One column: pandas' dtype, and what its values may be.

    `allowed` are all values there can be. `low` and `high` bound numbers and times, both included. `patterns` are regular
    expressions, one of which a text matches as a whole; `written` is how a text writes a time. `opaque`: values can only
    be taken from real rows.
    """

    name: str
    kind: Kind
    dtype: Any
    nullable: bool = False
    low: Any = None
    high: Any = None
    allowed: tuple[Any, ...] | None = None
    forbidden: tuple[Any, ...] = ()
    patterns: tuple[str, ...] = ()
    written: str | None = None
    shortest: int = 0
    longest: int | None = None
    unique: bool = False
    opaque: bool = False

    def allows(self, value: Any) -> bool:
        """Whether a value may stand in the column."""
        if absent(value):
            return self.nullable
        if value in self.forbidden:
            return False
        if self.allowed is not None:
            return value in self.allowed
        if self.written is not None:
            return isinstance(value, str) and _time(value, self.written) is not None
        if self.low is not None and value < self.low:
            return False
        if self.high is not None and value > self.high:
            return False
        if isinstance(value, str):
            if len(value) < self.shortest or (self.longest is not None and len(value) > self.longest):
                return False
            return not self.patterns or any(re.fullmatch(pattern, value) for pattern in self.patterns)
        return True


def absent(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT, NA."""
    if value is None:
        return True
    try:
        return bool(value != value)
    except (TypeError, ValueError):  # pandas.NA has no truth value; an array has several
        return type(value).__name__ == "NAType"


def kind_of(dtype: Any, values: Sequence[Any] = ()) -> Kind:
    """The kind of a pandas dtype; of `object` by the values."""
    types = need("pandas.api.types")
    if isinstance(dtype, need("pandas").CategoricalDtype):
        return kind_of(dtype.categories.dtype, list(dtype.categories))
    if types.is_bool_dtype(dtype):
        return Kind.BOOLEAN
    if types.is_integer_dtype(dtype):
        return Kind.INTEGER
    if types.is_float_dtype(dtype):
        return Kind.NUMBER
    if types.is_datetime64_any_dtype(dtype):
        return Kind.DATETIME
    if types.is_object_dtype(dtype):
        return _kind_of_values(values)
    if types.is_string_dtype(dtype):
        return Kind.TEXT
    return Kind.OTHER


def _kind_of_values(values: Sequence[Any]) -> Kind:
    kinds = {type(value) for value in values if not absent(value)}
    if not kinds or kinds == {str}:
        return Kind.TEXT
    for plain, kind in ((bool, Kind.BOOLEAN), (int, Kind.INTEGER), (float, Kind.NUMBER)):
        if kinds == {plain}:
            return kind
    if kinds == {int, float}:
        return Kind.NUMBER
    if all(issubclass(one, datetime) for one in kinds):
        return Kind.DATETIME
    if all(issubclass(one, date) for one in kinds):
        return Kind.DATE
    return Kind.NESTED if kinds & {list, dict, tuple, set} else Kind.OTHER


def holds_null(dtype: Any) -> bool:
    """Whether a column of this dtype can hold a missing value: numpy's integers and booleans cannot."""
    return getattr(dtype, "kind", "O") not in "iub" or not str(dtype).islower()


def infer_rules(frame: Any) -> tuple[ColumnRule, ...]:
    """Rules that the rows of a pandas frame keep; bounds are rounded outward, so that no single value is given away."""
    return tuple(_inferred(str(name), frame[name]) for name in frame.columns)


def _inferred(name: str, series: Any) -> ColumnRule:
    values = series.tolist()
    present = [value for value in values if not absent(value)]
    kind = kind_of(series.dtype, present)
    rule = ColumnRule(name, kind, series.dtype, nullable=len(present) < len(values))
    categories = getattr(series.dtype, "categories", None)
    if categories is not None:
        rare = min(Counter(present).values(), default=0) < LEAST_HOLDERS
        return replace(rule, allowed=tuple(categories.tolist()), opaque=rare)
    if kind in (Kind.INTEGER, Kind.NUMBER):
        finite = [value for value in present if math.isfinite(value)]
        return replace(rule, low=_outward(min(finite), -1), high=_outward(max(finite), 1)) if finite else rule
    if kind in (Kind.DATETIME, Kind.DATE) and present:
        low, high = min(present), max(present)
        if kind is Kind.DATE:
            return replace(rule, low=low.replace(month=1, day=1), high=high.replace(month=12, day=31))
        floor = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0, "microsecond": 0, "nanosecond": 0}
        top = {"month": 12, "day": 31, "hour": 23, "minute": 59, "second": 59, "microsecond": 0, "nanosecond": 0}
        return replace(rule, low=low.replace(**floor), high=high.replace(**top))
    if kind is Kind.TEXT:
        return _texts(rule, present)
    return replace(rule, opaque=kind is not Kind.BOOLEAN)


def _outward(value: Any, direction: int) -> Any:
    """A bound beyond the value, of two significant digits; zero is not crossed."""
    if value == 0:
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    rounded = (math.floor if direction < 0 else math.ceil)(value / unit) * unit
    if isinstance(value, int):
        return int(rounded)
    return min(float(f"{rounded:.6g}"), value) if direction < 0 else max(float(f"{rounded:.6g}"), value)


def _texts(rule: ColumnRule, present: Sequence[str]) -> ColumnRule:
    counted = Counter(present)
    if len(counted) <= MOST_CATEGORIES and min(counted.values(), default=0) >= LEAST_HOLDERS:
        return replace(rule, allowed=tuple(counted))
    for format_ in _FORMATS:
        times = [_time(text, format_) for text in present[:1000]]
        known = [time for time in times if time is not None]
        if present and len(known) == len(times):
            low, high = min(known), max(known)
            return replace(
                rule, written=format_, low=datetime(low.year, 1, 1), high=datetime(high.year, 12, 31, 23, 59)
            )
    shapes = Counter(_pattern(text) for text in counted).most_common(MOST_SHAPES)
    return replace(rule, patterns=tuple(shape for shape, _ in shapes))


def _time(text: str, format_: str) -> datetime | None:
    """The time that a text writes in a format; None where it writes none, or one that no data are of."""
    try:
        read = datetime.strptime(text, format_)
    except ValueError:
        return None
    return read if 1900 <= read.year <= 2100 and (format_ != "%Y%m%d" or len(text) == 8) else None


def _pattern(text: str) -> str:
    """A regular expression for texts of the same make: `[A-Z]{2}[0-9]{4}` of "AB1234"."""
    classes = [
        "[0-9]" if c.isdigit() else "[A-ZÑÁ]" if c.isupper() else "[a-zñá]" if c.isalpha() else re.escape(c)
        for c in text[:60]
    ]
    runs: list[tuple[str, int]] = []
    for one in classes:
        if runs and runs[-1][0] == one:
            runs[-1] = one, runs[-1][1] + 1
        else:
            runs.append((one, 1))
    return "".join(one if count == 1 else f"{one}{{{count}}}" for one, count in runs)


def filled(rules: Sequence[ColumnRule], real: Sequence[ColumnRule]) -> tuple[ColumnRule, ...]:
    """Rules of a schema, with what they leave open taken from the real rows' rules."""
    known = {rule.name: rule for rule in real}
    return tuple(_filled(rule, known[rule.name]) if rule.name in known else rule for rule in rules)


def _filled(rule: ColumnRule, real: ColumnRule) -> ColumnRule:
    if rule.dtype is None:
        rule = replace(rule, dtype=real.dtype, kind=real.kind, opaque=real.opaque)
    if rule.kind is not real.kind or rule.allowed is not None:
        return replace(rule, opaque=real.opaque) if rule.opaque else rule
    if rule.low is None and rule.high is None:
        rule = replace(rule, low=real.low, high=real.high)
    if rule.kind is Kind.TEXT and not rule.patterns and not rule.shortest and rule.longest is None:
        rule = replace(rule, allowed=real.allowed, patterns=real.patterns, written=real.written)
        rule = replace(rule, low=real.low, high=real.high) if real.written else rule
    return rule

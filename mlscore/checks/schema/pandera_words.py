"""pandera's own words: its built-in checks and its types, as rules."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mlscore.checks.schema import shapes
from mlscore.checks.schema.shapes import Anchor, Literal, Rule
from mlscore.tables.conditions import Place
from mlscore.tables.shapes import Kind

# Each built-in check with the names of its arguments, in pandera's order.
BUILTINS: dict[str, tuple[str, ...]] = {
    "equal_to": ("value",),
    "not_equal_to": ("value",),
    "greater_than": ("min_value",),
    "greater_than_or_equal_to": ("min_value",),
    "less_than": ("max_value",),
    "less_than_or_equal_to": ("max_value",),
    "in_range": ("min_value", "max_value", "include_min", "include_max"),
    "isin": ("allowed_values",),
    "notin": ("forbidden_values",),
    "str_matches": ("pattern",),
    "str_contains": ("pattern",),
    "str_startswith": ("string",),
    "str_endswith": ("string",),
    "str_length": ("min_value", "max_value", "exact_value"),
    "unique_values_eq": ("values",),
}
ALIASES = {
    "eq": "equal_to",
    "ne": "not_equal_to",
    "gt": "greater_than",
    "ge": "greater_than_or_equal_to",
    "lt": "less_than",
    "le": "less_than_or_equal_to",
    "between": "in_range",
}
_OBJECTS = (Kind.TEXT, Kind.DATE, Kind.NUMBER, Kind.BINARY, Kind.NESTED, Kind.OTHER)
_SIZED = re.compile(r"(?P<unsigned>u?)(?P<word>int|float)(?P<bits>8|16|32|64|128)?(\[pyarrow\])?")
_TYPES: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    (r"bool(ean)?(\[pyarrow\])?|bool_|bool8", (Kind.BOOLEAN,)),
    (r"str(ing)?\d*(\[[a-z_]+\])?|arrow_string|utf8|str_|unicode|large_string\[pyarrow\]", (Kind.TEXT,)),
    (r"category|categorical(\(.*\))?|enum(\(.*\))?", (Kind.TEXT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE)),
    (r"datetime(64)?(\[.*\]|\(.*\))?|timestamp(\[.*\]|\(.*\))?(\[pyarrow\])?", (Kind.DATETIME,)),
    (r"date(32|64)?(\[.*\])?(\[pyarrow\])?", (Kind.DATE,)),
    (r"decimal(128)?(\(.*\))?(\[pyarrow\])?", (Kind.NUMBER,)),
    (r"binary(\[pyarrow\])?|bytes", (Kind.BINARY,)),
    (r"(list|struct|array|map)[(\[<].*", (Kind.NESTED,)),
    (r"object|o", _OBJECTS),
    (r"timedelta(64)?(\[.*\])?|duration.*", (Kind.OTHER,)),
)


class UnknownWordError(ValueError):
    """A word of pandera's that has no rule; the text says why."""


def type_rule(named: str, *, coerced: bool = False, origin: str = "") -> Rule:
    """The rule of a type's name. Raises UnknownWordError."""
    text = re.sub(r"\s+", "", named.strip()).lower()
    sized = _SIZED.fullmatch(text)
    if sized:
        kind = Kind.INTEGER if sized["word"] == "int" else Kind.NUMBER
        return shapes.OfKind(
            (kind,), int(sized["bits"] or 64), signed=not sized["unsigned"], coerced=coerced, origin=origin
        )
    for pattern, kinds in _TYPES:
        if re.fullmatch(pattern, text):
            return shapes.OfKind(kinds, coerced=coerced, origin=origin)
    raise UnknownWordError(f"the type {named!r} is none that tables have")


def check_rule(
    name: str, given: Mapping[str, Any], *, ignore_na: bool = True, warns: bool = False, origin: str = ""
) -> Rule:
    """The rule of a built-in check with its arguments by name. Raises UnknownWordError."""
    name = ALIASES.get(name, name)
    known = BUILTINS[name]
    for word in given:
        if word not in known:
            raise UnknownWordError(f"{name} has no argument {word!r}, only {', '.join(known)}")
    common: dict[str, Any] = {"warns": warns, "missing_breaks": not ignore_na, "origin": origin}
    one = given.get(known[0])
    if name in ("equal_to", "not_equal_to"):
        # To pandas nothing is equal to a missing value, so it differs from every value.
        common["missing_breaks"] = not ignore_na and name == "equal_to"
        return shapes.Equal(literal(one), negated=name == "not_equal_to", **common)
    if name in ("isin", "notin", "unique_values_eq"):
        values = _many(one)
        lacks_missing = all(value is not None and value == value for value in values)
        common["missing_breaks"] = not ignore_na and name == "isin" and lacks_missing
        kept = tuple(dict.fromkeys(literal(value) for value in values if value is not None and value == value))
        return shapes.Among(kept, negated=name == "notin", all_seen=name == "unique_values_eq", **common)
    if name.startswith(("greater", "less", "in_range")):
        return _limits(name, given, common)
    if name == "str_length":
        return _length(given, common)
    if not isinstance(one, str):
        one = getattr(one, "pattern", one)  # a compiled regular expression
        if not isinstance(one, str):
            raise UnknownWordError(f"{name} wants a text, not {one!r}")
    if name in ("str_matches", "str_contains"):
        return shapes.Pattern(one, Anchor.START if name == "str_matches" else Anchor.ANYWHERE, **common)
    return shapes.Affix(one, Place.START if name == "str_startswith" else Place.END, **common)


def _limits(name: str, given: Mapping[str, Any], common: Mapping[str, Any]) -> Rule:
    if name == "in_range":
        low, high = literal(given.get("min_value")), literal(given.get("max_value"))
        opened = [not given.get(word, True) for word in ("include_min", "include_max")]
        return shapes.Within(low, high, low_open=opened[0], high_open=opened[1], **common)
    is_open = not name.endswith("or_equal_to")
    if name.startswith("greater"):
        return shapes.Within(low=literal(given.get("min_value")), low_open=is_open, **common)
    return shapes.Within(high=literal(given.get("max_value")), high_open=is_open, **common)


def _length(given: Mapping[str, Any], common: Mapping[str, Any]) -> Rule:
    for word, value in given.items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise UnknownWordError(f"str_length wants whole numbers, not {word}={value!r}")
    low, high, exact = given.get("min_value"), given.get("max_value"), given.get("exact_value")
    if exact is not None:
        low = high = exact
    if low is None and high is None:
        raise UnknownWordError("str_length wants min_value, max_value or exact_value")
    return shapes.Sized(low, high, **common)


def _many(given: object) -> Sequence[object]:
    if isinstance(given, str):
        return list(given)  # to pandera a text is the set of its letters
    if isinstance(given, Mapping) or not isinstance(given, Iterable):
        raise UnknownWordError(f"a list of values is wanted, not {given!r}")
    return list(given)


def literal(value: object) -> Literal:
    """A value of Python's, numpy's or pandas' as a rule holds it. Raises UnknownWordError."""
    if hasattr(value, "to_pydatetime"):
        value = value.to_pydatetime(warn=False)
    elif hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (str, int, float, bool, Decimal, date, datetime)):
        return value
    raise UnknownWordError(f"{value!r} is no text, number, date or truth value")

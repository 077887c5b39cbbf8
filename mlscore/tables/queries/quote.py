"""Names and literals as SQL: the only place where text from outside becomes part of a query."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from mlscore.errors import InputError

EPOCH = datetime(1970, 1, 1)
# Everything from here on is infinite or not a number, in every engine's order of numbers.
LARGEST = "1.7976931348623157e308"
_LONGEST_INTEGER = 10**36


def identifier(name: str) -> str:
    """A column, table or alias as a quoted identifier. Raises InputError where SQL has no way to write it."""
    if "\0" in name or not name:
        raise InputError(f"{name!r} cannot be the name of a column", hint="rename it")
    return '"' + name.replace('"', '""') + '"'


def string(value: str) -> str:
    """A text literal. Raises InputError for text with a null character, which SQL cannot hold."""
    if "\0" in value:
        raise InputError("a text with a null character cannot be compared with", hint="take the null character out")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InputError("a text with half a character cannot be compared with", hint="write it as UTF-8") from None
    return "'" + value.replace("'", "''") + "'"


def number(value: float) -> str:
    """A double precision literal, negative ones in parentheses; infinities and NaN by name."""
    if not math.isfinite(value):
        named = "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        return f"CAST('{named}' AS DOUBLE)"
    shown = repr(float(value))
    shown = shown if "e" in shown else f"{shown}e0"  # without an exponent it would be a decimal
    return f"({shown})" if shown.startswith("-") else shown


def integer(value: int) -> str:
    """A whole number, as a double where no engine's integers reach."""
    if abs(value) >= _LONGEST_INTEGER:
        return number(float(value))
    return str(value) if value >= 0 else f"({value})"


def moment(value: date | datetime) -> str:
    """A date, or a time in UTC without a zone: the sessions of all engines are in UTC."""
    if not isinstance(value, datetime):
        return f"CAST('{value.isoformat()}' AS DATE)"
    if value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return f"CAST('{value.isoformat(sep=' ')}' AS TIMESTAMP)"


def at_second(seconds: float) -> datetime | None:
    """The moment so many seconds after 1970 in UTC, to the microsecond below; None beyond the calendar's ends."""
    try:
        return EPOCH + timedelta(microseconds=math.floor(seconds * 1_000_000))
    except OverflowError:
        return None


def literal(value: object) -> str:
    """Any value a condition may hold. Raises InputError for one that SQL has no literal for."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return integer(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            return number(float(value))
        shown = format(value, "f")
        return f"({shown})" if shown.startswith("-") else shown
    if isinstance(value, str):
        return string(value)
    if isinstance(value, date):
        return moment(value)
    raise InputError(
        f"a {type(value).__name__} cannot be compared with", hint="give a text, a number, a date or a truth value"
    )

"""Frozen dataclasses to JSON and back: exact numbers, clear errors, unknown keys ignored so that shapes may grow."""

from __future__ import annotations

import json
import types
from dataclasses import MISSING, fields, is_dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from mlscore.errors import InputError

T = TypeVar("T")

_AGAIN = "write the file again"

# Beyond this many digits a JSON reader that holds numbers as doubles would not give the same number back.
MAX_DIGITS = 15
# No point of a score has a longer exponent; writing 1e999999999 out as an exact number would take for ever.
MAX_EXPONENT = 1000


class _NotANumberError(ValueError):
    """A word that some JSON writers use for what JSON has no number for."""


def encode(value: Any) -> Any:
    """Turn dataclasses, enums, fractions and tuples into what `json.dumps` takes.

    A fraction becomes a JSON number where a short decimal says it exactly (`2.5`), and a string such as `"7/3"`
    where none does; `decode` reads both back to the same fraction.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: encode(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Fraction):
        return _encode_fraction(value)
    if isinstance(value, (tuple, list)):
        return [encode(v) for v in value]
    if isinstance(value, dict):
        return {str(k): encode(v) for k, v in value.items()}
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)  # JSON has no NaN and no infinity
    return value


def _encode_fraction(value: Fraction) -> int | float | str:
    if value.denominator == 1:
        return value.numerator
    as_float = value.numerator / value.denominator
    if Fraction(repr(as_float)) == value and len(repr(as_float).replace("-", "").replace(".", "")) <= MAX_DIGITS:
        return as_float
    return f"{value.numerator}/{value.denominator}"


def dumps(value: Any) -> str:
    """JSON text of a dataclass, two spaces indented, with a final line end; the same value gives the same bytes."""
    return json.dumps(encode(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def loads(text: str, *, where: str) -> Any:
    """Parse JSON with exact numbers. Raises InputError that names `where`, the line and what was wrong."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        if not text.strip():
            raise InputError("the file is empty", where=where, hint=_AGAIN) from None
        # What a parser expected instead tells a reader little of a file that a program wrote.
        cut = error.msg.startswith("Unterminated") or error.pos >= len(text.rstrip())
        what = "the JSON ends too early" if cut else f"not valid JSON from column {error.colno} on"
        raise InputError(what, where=f"{where}:{error.lineno}", hint=_AGAIN) from None
    except RecursionError:
        raise InputError("the JSON is nested too deeply", where=where, hint=_AGAIN) from None
    except _NotANumberError as error:
        raise InputError(f"not valid JSON: {error}", where=where, hint=_AGAIN) from None
    except ValueError:
        # Python refuses integers of several thousand digits.
        raise InputError("not valid JSON: a number is too long to be read", where=where, hint=_AGAIN) from None


def _refuse_constant(name: str) -> Any:
    raise _NotANumberError(f"{name} is not a JSON number")


def decode(kind: type[T], data: Any, *, where: str, at: str = "$") -> T:
    """Build a `kind` from parsed JSON.

    Keys that `kind` does not know are ignored, keys with a default may be absent. Raises InputError with `where` (the
    file) and the JSON path of the first value that does not fit.
    """
    result: T = _decode(kind, data, where, at)
    return result


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _decode(kind: Any, data: Any, where: str, at: str) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _decode_union(kind, data, where, at)
    if origin is tuple:
        return _decode_tuple(kind, data, where, at)
    if origin is dict:
        if not isinstance(data, dict):
            raise _misfit("an object", data, where, at)
        of = get_args(kind)[1]
        return {k: _decode(of, v, where, f"{at}.{k}") for k, v in data.items()}
    if isinstance(kind, type) and is_dataclass(kind):
        return _decode_dataclass(kind, data, where, at)
    return _decode_scalar(kind, data, where, at)


def _decode_union(kind: Any, data: Any, where: str, at: str) -> Any:
    options = [a for a in get_args(kind) if a is not type(None)]
    if data is None:
        if len(options) == len(get_args(kind)):
            raise _misfit("a value", data, where, at)
        return None
    if len(options) == 1:
        return _decode(options[0], data, where, at)
    if isinstance(data, Decimal):
        return float(data)
    if isinstance(data, (bool, int, str)) and type(data) in options:
        return data
    raise _misfit("a number, a text or a truth value", data, where, at)


def _decode_tuple(kind: Any, data: Any, where: str, at: str) -> tuple[Any, ...]:
    if not isinstance(data, list):
        raise _misfit("a list", data, where, at)
    of = get_args(kind)[0]
    return tuple(_decode(of, v, where, f"{at}[{n}]") for n, v in enumerate(data))


def _decode_dataclass(kind: Any, data: Any, where: str, at: str) -> Any:
    if not isinstance(data, dict):
        raise _misfit("an object", data, where, at)
    hints = _hints(kind)
    given: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in data:
            given[field.name] = _decode(hints[field.name], data[field.name], where, f"{at}.{field.name}")
        elif field.default is MISSING and field.default_factory is MISSING:
            raise InputError(f'{at} has no "{field.name}", which mlscore always writes', where=where, hint=_AGAIN)
    return kind(**given)


def _decode_scalar(kind: Any, data: Any, where: str, at: str) -> Any:
    if kind is Fraction:
        return _decode_fraction(data, where, at)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        try:
            return kind(data)
        except ValueError:
            known = ", ".join(f'"{m.value}"' for m in kind)
            raise _misfit(f"one of {known}", data, where, at) from None
    if kind is float and isinstance(data, (Decimal, int)) and not isinstance(data, bool):
        return float(data)
    if kind in (str, int, bool) and type(data) is kind:
        return data
    raise _misfit({str: "a text", int: "an integer", bool: "true or false"}.get(kind, "a number"), data, where, at)


def _decode_fraction(data: Any, where: str, at: str) -> Fraction:
    try:
        if isinstance(data, str) and "e" not in data.lower():
            return Fraction(data)
        if isinstance(data, Decimal) and abs(data.adjusted()) <= MAX_EXPONENT:
            return Fraction(data)
        if isinstance(data, int) and not isinstance(data, bool):
            return Fraction(data)
    except (ValueError, ZeroDivisionError, InvalidOperation, OverflowError):
        pass
    raise _misfit('a number, or a fraction such as "7/3"', data, where, at)


def _misfit(wanted: str, got: Any, where: str, at: str) -> InputError:
    shown = json.dumps(got, default=str, ensure_ascii=False)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    return InputError(f"{at} should be {wanted}, not {shown}", where=where, hint="mend it or write the file again")

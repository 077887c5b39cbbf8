"""JSON schemas: text to values, with an error that names the line."""

from __future__ import annotations

import json
from typing import Any, TypeVar

from mlscore.core.evidence import Location
from mlscore.errors import InputError

T = TypeVar("T")
_SAID = {dict: "an object", list: "a list", str: "a text", bool: "true or false", int: "a whole number"}


def parse_json(text: str, name: str) -> Any:
    """The values. Raises InputError with file and line."""
    try:
        return json.loads(text, parse_constant=_constant)
    except json.JSONDecodeError as error:
        at_end = not text[error.pos :].strip()
        what = "it ends too early" if at_end else error.msg[:1].lower() + error.msg[1:]
        hint = "bring back what was cut off" if at_end else "mend this line"
        raise InputError(f"not valid JSON: {what}", where=Location(name, error.lineno), hint=hint) from None
    except RecursionError:
        raise InputError("not valid JSON: nested too deeply", where=name, hint="write it flatter") from None
    except ValueError as error:
        raise InputError(f"not valid JSON: {error}", where=name, hint="mend the file") from None


def _constant(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON's")


def wanted(value: object, kind: type[T], what: str, where: str) -> T:
    """The value, when it is of the kind. Raises InputError."""
    if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    said = _SAID.get(kind, kind.__name__)
    shown = json.dumps(value, default=str)
    raise InputError(f"{what} should be {said}, not {shown[:60]}", where=where, hint="mend it")

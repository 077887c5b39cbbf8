"""One value of the configuration at a time: its type checked, numbers made exact, dates made dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from mlscore.core.evidence import Location
from mlscore.errors import ConfigError, did_you_mean
from mlscore.project.keys import Key, Kind

# Thresholds have a few digits; a number beyond this is a slip, and a huge exponent would cost minutes to make exact.
_LONGEST_NUMBER = 30
_SHORTEST = 3
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+|[0-9]+/0*[1-9][0-9]*)", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_FLAGS = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}

Where = Location | str


def parse(key: Key, value: object, where: Where, *, loose: bool = False) -> object:
    """The value of a simple key, checked: text, flag, choice, points (Fraction), count, share, label, date, or a tuple of
    texts or labels.

    `loose` is for options and the environment, where a flag is a word. Raises ConfigError at `where`.
    """
    name = key.name
    if key.kind is Kind.TEXT:
        return text(name, value, where)
    if key.kind is Kind.FLAG:
        return flag(name, value, where, loose=loose)
    if key.kind is Kind.CHOICE:
        return choice(name, value, key.choices, where)
    if key.kind is Kind.POINTS:
        return points(name, value, where, loose=loose)
    if key.kind is Kind.COUNT:
        return count(name, value, where)
    if key.kind is Kind.SHARE:
        return share(name, value, where)
    if key.kind is Kind.LABEL:
        return label(name, value, where)
    if key.kind is Kind.LABELS:
        return labels(name, value, where)
    if key.kind is Kind.DATE:
        return day(name, value, where)
    if key.kind is Kind.TEXTS:
        return texts(name, value, where)
    if key.kind is Kind.TEXT_OR_TEXTS:
        return texts(name, value, where, one_is_enough=True)
    raise ValueError(f"{key.name} is no simple key")


def text(name: str, value: object, where: Where) -> str:
    """A text that says something."""
    if not isinstance(value, str):
        raise misfit(name, "a text", value, where, hint="write it in quotes")
    if "\0" in value:
        raise ConfigError(f"{subject(name, where)}holds a null character", where=where, hint="take it out")
    if not value.strip():
        raise ConfigError(f"{subject(name, where)}is empty", where=where, hint="write something there")
    return value


def texts(name: str, value: object, where: Where, *, one_is_enough: bool = False) -> tuple[str, ...]:
    """A list of texts; with `one_is_enough` a single text stands for a list of one."""
    if isinstance(value, str):
        if one_is_enough:
            return (text(name, value, where),)
        listed = ", ".join(f'"{word}"' for word in value.split())
        raise misfit(name, "a list of texts", value, where, hint=f"write {name} = [{listed}]")
    if not isinstance(value, (list, tuple)):
        raise misfit(name, "a text or a list of texts" if one_is_enough else "a list of texts", value, where)
    return tuple(text(f"{name}[{number}]", one, where) for number, one in enumerate(value, 1))


def flag(name: str, value: object, where: Where, *, loose: bool = False) -> bool:
    """True or false; as a word too when `loose`."""
    if isinstance(value, bool):
        return value
    if loose and isinstance(value, str) and value.strip().lower() in _FLAGS:
        return _FLAGS[value.strip().lower()]
    hint = "write true or false"
    if not loose and isinstance(value, str) and value.strip().lower() in _FLAGS:
        hint = f"write {name} = {str(_FLAGS[value.strip().lower()]).lower()}, without quotes"
    raise misfit(name, "true or false", value, where, hint=hint)


def choice(name: str, value: object, choices: Sequence[str], where: Where) -> str:
    """One of a few words."""
    listed = _listed(choices)
    if not isinstance(value, str):
        raise misfit(name, f"one of {listed}", value, where)
    if value in choices:
        return value
    near = nearest(value, choices)
    raise ConfigError(
        f"{subject(name, where)}does not know {show(value)}",
        where=where,
        hint=f"{near} (known are {listed})" if near else f"known are {listed}",
    )


def points(name: str, value: object, where: Where, *, loose: bool = False) -> Fraction:
    """An exact number from 0: an integer, a decimal, or a fraction, which TOML can only hold as a text such as "5/3".

    When `loose`, any number may be a text.
    """
    number: Fraction | None = None
    if isinstance(value, bool):
        pass
    elif isinstance(value, (int, Fraction)):
        number = Fraction(value)
    elif isinstance(value, Decimal):
        if value.is_finite() and abs(value.adjusted()) <= _LONGEST_NUMBER:
            number = Fraction(value)
    elif isinstance(value, float):
        number = Fraction(repr(value)) if value - value == 0 else None
    elif isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value.strip()):
        number = Fraction(value.strip())
        if not loose and "/" not in value:
            plain = value.strip().removeprefix("+")
            plain = f"0{plain}" if plain.startswith(".") else plain.removesuffix(".")
            raise misfit(name, "a number", value, where, hint=f"write {name} = {plain}, without quotes")
    if number is None:
        raise misfit(name, "a number", value, where, hint="write one such as 2, 2.5 or 5/2")
    if number < 0:
        raise misfit(name, "0 or more", value, where, hint="write a number from 0")
    return number


def count(name: str, value: object, where: Where) -> int:
    """A whole number from 1."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value < 10**_LONGEST_NUMBER:
        raise misfit(name, "a whole number from 1", value, where)
    return value


def share(name: str, value: object, where: Where) -> float:
    """A number from 0 to 1."""
    number = float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else -1.0
    if not 0 <= number <= 1:
        raise misfit(name, "a number from 0 to 1", value, where)
    return number


def label(name: str, value: object, where: Where) -> str | int | float | bool:
    """What a row may be labelled with: a text, a finite number, or true or false."""
    if isinstance(value, Decimal) and value.is_finite():
        return float(value)
    if isinstance(value, float) and value - value != 0:
        raise misfit(name, "a text, a number, or true or false", value, where)
    if isinstance(value, (str, int, float)):
        return value
    raise misfit(name, "a text, a number, or true or false", value, where)


def labels(name: str, value: object, where: Where) -> tuple[str | int | float | bool, ...]:
    """A list of labels."""
    if not isinstance(value, (list, tuple)):
        raise misfit(name, "a list of labels", value, where)
    return tuple(label(f"{name}[{number}]", one, where) for number, one in enumerate(value, 1))


def day(name: str, value: object, where: Where) -> date:
    """A date without a time: TOML's own, or a text such as "2026-11-16"."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise misfit(name, "a date that the calendar has", value, where, hint="check month and day") from None
    hint = f"leave the time out: {value.date().isoformat()}" if isinstance(value, datetime) else "write year-month-day"
    raise misfit(name, "a date such as 2026-11-16", value, where, hint=hint)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """`did you mean "production"?` for a shortened, lengthened or misspelt word, or None when nothing is near."""
    begun = [k for k in known if len(word) >= _SHORTEST and (k.startswith(word) or word.startswith(k))]
    return f'did you mean "{begun[0]}"?' if len(begun) == 1 else did_you_mean(word, tuple(known))


def misfit(name: str, wanted: str, value: object, where: Where, hint: str | None = None) -> ConfigError:
    """The error about a value of the wrong type or out of range."""
    what = f"{subject(name, where)}should be {wanted}, not {show(value)}"
    return ConfigError(what, where=where, hint=hint or f"write {wanted}")


def subject(name: str, where: Where) -> str:
    """The key as a sentence's subject; nothing where the place names it already, as "option --fail-under" does."""
    named = isinstance(where, str) and where.lower().replace("_", "-").endswith(name)
    return "" if named else f'"{name}" '


def show(value: object) -> str:
    """A value as a message shows it: short, and recognisable as what stands in the file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        flat = " ".join(value.split())
        return f'"{flat}"' if len(flat) <= 60 else f'"{flat[:57]}..."'
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, (list, tuple)):
        return "a list"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**_LONGEST_NUMBER else "a number of very many digits"
    if isinstance(value, Decimal) and value.is_nan():
        return "nan"
    if isinstance(value, Decimal) and value.is_infinite():
        return "inf" if value > 0 else "-inf"
    return str(value)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)

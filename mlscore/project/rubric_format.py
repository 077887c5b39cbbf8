"""The rubric file's format: which tables have which keys, which values fit, and what to say of one that does not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn

from mlscore.core.rubric import LEVEL_IDS, SECTION_RULES, TOTAL_RULES
from mlscore.errors import did_you_mean

SCHEMA = "mlscore-rubric/1"

KeyPath = tuple[str | int, ...]
"""Where a value stands in the file: `("items", "data-1", "how")`, or `("bands", 2, "above")`, counted from 0."""
Kind = Callable[[Any, KeyPath], Any]

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NUMBER = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,12}|/[1-9][0-9]{0,5})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LARGEST = 999_999
_DECIMALS = 12


class FormatError(Exception):
    """Something wrong with the value at `path`: `what` it is and what to do (`hint`); the loader adds file and line."""

    def __init__(self, path: KeyPath, what: str, hint: str | None = None) -> None:
        self.path = path
        self.what = what
        self.hint = hint
        super().__init__(what)


def dotted(path: KeyPath) -> str:
    """`items.data-1.how`, `bands[2].above`: the key as a person would name it; bands count from 1."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_file(data: dict[str, Any]) -> dict[str, Any]:
    """One parsed file with every key known and every value converted: numbers to Fraction, lists to tuples.

    What the file leaves out stays out, for it may be inherited. Raises FormatError at the first thing that is wrong.
    """
    if "schema" not in data:
        raise FormatError((), 'the key "schema" is missing', f'begin the file with: schema = "{SCHEMA}"')
    _schema(data["schema"], ("schema",))
    read = _read_table(data, "rubric", ())
    # An extending rubric is another ruler and so has an id of its own; the rest it may take over.
    for key in ("id",) if "extends" in read else ("id", "version", "title"):
        if key not in read:
            raise FormatError((), f'the key "{key}" is missing', f'a rubric has its own: {key} = "…"')
    if "drop" in read and "extends" not in read:
        raise FormatError(("drop",), '"drop" needs a rubric to drop from', 'name it: extends = "ml-test-score"')
    return read


def check_complete(table: Mapping[str, Any], name: str, path: KeyPath, title: str) -> None:
    """Raise FormatError unless `table` has all that a table of this name needs; messages call it `title`."""
    for key in REQUIRED[name]:
        if key not in table:
            needs = ", ".join(REQUIRED[name])
            raise FormatError(path, f'{title} has no "{key}"', f"it needs {needs}")


def _read_table(data: Any, name: str, path: KeyPath) -> dict[str, Any]:
    if not isinstance(data, dict):
        _misfit(data, path, "a table")
    kinds = TABLES[name]
    read = {}
    for key, value in data.items():
        kind = kinds.get(key)
        if kind is None:
            hint = did_you_mean(key, tuple(kinds)) or f"known here: {', '.join(kinds)}"
            raise FormatError((*path, key), f'the key "{dotted((*path, key))}" is unknown', hint)
        read[key] = kind(value, (*path, key))
    return read


def _misfit(value: Any, path: KeyPath, wanted: str, hint: str | None = None) -> NoReturn:
    raise FormatError(path, f'"{dotted(path)}" should be {wanted}, not {_shown(value)}', hint)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list" if value else "an empty list"
    if isinstance(value, str):
        return f'the text "{value}"' if len(value) <= 40 and value.isprintable() else "this text"
    return str(value) if len(str(value)) <= 40 else "this number"


def _schema(value: Any, path: KeyPath) -> str:
    if value == SCHEMA:
        return SCHEMA
    newer = isinstance(value, str) and re.fullmatch(r"mlscore-rubric/[0-9]{1,9}", value)
    hint = "the file is of another format: update mlscore to read it" if newer else None
    raise FormatError(path, f'"schema" should be "{SCHEMA}", not {_shown(value)}', hint)


def _text(value: Any, path: KeyPath) -> str:
    if not isinstance(value, str):
        _misfit(value, path, "a text", None if isinstance(value, (list, dict)) else "put it in quotes")
    text = str(value).strip()
    if not text:
        raise FormatError(path, f'"{dotted(path)}" is empty', "write the text")
    return text


def _line(value: Any, path: KeyPath) -> str:
    text = _text(value, path)
    if _CONTROL.search(value):
        raise FormatError(
            path, f'"{dotted(path)}" should be a single line', "take line ends and control characters out"
        )
    return text


def _code(value: Any, path: KeyPath) -> str:
    if not isinstance(value, str):
        _misfit(value, path, "a text")
    return "\n".join(line.rstrip() for line in value.strip("\r\n").splitlines())


def _texts(value: Any, path: KeyPath) -> tuple[str, ...]:
    if not isinstance(value, list):
        _misfit(value, path, "a list of texts")
    return tuple(_text(entry, (*path, place)) for place, entry in enumerate(value))


def _steps(value: Any, path: KeyPath) -> tuple[str, ...]:
    if value == []:
        _misfit(value, path, "a list of at least one text")
    return _texts(value, path)


def _id(value: Any, path: KeyPath) -> str:
    if not isinstance(value, str):
        _misfit(value, path, "an id")
    if not _ID.fullmatch(value):
        near = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
        raise FormatError(
            path,
            f'"{value}" is no id: an id has lower-case letters, digits and single hyphens between them',
            f'did you mean "{near}"?' if near else None,
        )
    return value


def _ids(value: Any, path: KeyPath) -> tuple[str, ...]:
    if not isinstance(value, list):
        _misfit(value, path, "a list of ids")
    ids = tuple(_id(entry, (*path, place)) for place, entry in enumerate(value))
    for place, entry in enumerate(ids):
        if entry in ids[:place]:
            raise FormatError((*path, place), f'"{dotted(path)}" names "{entry}" twice', "name it once")
    return ids


def _language(value: Any, path: KeyPath) -> str:
    if not isinstance(value, str) or not _LANGUAGE.fullmatch(value):
        _misfit(value, path, 'a language code such as "en" or "pt-BR"')
    return value


def _number(value: Any, path: KeyPath) -> Fraction:
    wanted = f'a number from 0 to {_LARGEST:,}, such as 1, 0.5 or "1/3"'
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return Fraction(value)
    if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
        _misfit(value, path, wanted)
    # Held against the bounds before it becomes a fraction, which would write 1e999999999 out in full.
    if (isinstance(value, Decimal) and not value.is_finite()) or not 0 <= value <= _LARGEST:
        _misfit(value, path, wanted)
    if isinstance(value, Decimal) and value and -_exponent(value) > _DECIMALS:
        raise FormatError(
            path, f'"{dotted(path)}" has more than {_DECIMALS} decimals', 'write a fraction, such as "1/3"'
        )
    return Fraction(value) if value else Fraction(0)


def _exponent(value: Decimal) -> int:
    return int(value.as_tuple().exponent)  # a text for NaN and infinity, which do not come here


def _zero(value: Any, path: KeyPath) -> Fraction:
    if isinstance(value, bool) or value not in (0, "0"):
        raise FormatError(
            path, f'"{dotted(path)}" should be 0: what nobody practises earns nothing', "leave the key out"
        )
    return Fraction(0)


def _weight(value: Any, path: KeyPath) -> Fraction:
    weight = _number(value, path)
    if not weight:
        raise FormatError(
            path, f'"{dotted(path)}" should be more than 0', 'what should not count is dropped: drop = ["…"]'
        )
    return weight


def _choice(*choices: str) -> Kind:
    def kind(value: Any, path: KeyPath) -> str:
        if value not in choices:
            hint = did_you_mean(value, choices) if isinstance(value, str) else None
            listed = ", ".join(f'"{c}"' for c in choices)
            raise FormatError(path, f'"{dotted(path)}" should be one of {listed}, not {_shown(value)}', hint)
        return str(value)

    return kind


def _table(name: str) -> Kind:
    def kind(value: Any, path: KeyPath) -> dict[str, Any]:
        return _read_table(value, name, path)

    return kind


def _keyed(name: str) -> Kind:
    def kind(value: Any, path: KeyPath) -> dict[str, dict[str, Any]]:
        if not isinstance(value, dict):
            _misfit(value, path, f"tables, one per id: [{dotted(path)}.…]")
        return {_id(key, (*path, key)): _read_table(entry, name, (*path, key)) for key, entry in value.items()}

    return kind


def _bands(value: Any, path: KeyPath) -> tuple[dict[str, Any], ...]:
    if not isinstance(value, list):
        _misfit(value, path, "a list of tables, each under a header [[bands]]")
    return tuple(_band(entry, (*path, place)) for place, entry in enumerate(value))


def _band(value: Any, path: KeyPath) -> dict[str, Any]:
    band = _read_table(value, "band", path)
    check_complete(band, "band", path, f'the band "{band["id"]}"' if "id" in band else "a band")
    if "above" in band and "at-least" in band:
        raise FormatError(
            path, f'the band "{band["id"]}" has both "above" and "at-least"', 'keep "above" to leave the boundary out'
        )
    if not band.keys() & {"above", "at-least", "at-most"}:
        raise FormatError(
            path, f'the band "{band["id"]}" has no boundary', 'give it "above" or "at-least", and "at-most"'
        )
    return band


# Every table with its keys and the kind of each. rubrics/rubric.schema.json says the same to editors; a test compares.
TABLES: Mapping[str, Mapping[str, Kind]] = {
    "rubric": {
        "schema": _schema,
        "id": _id,
        "version": _line,
        "title": _line,
        "source": _text,
        "language": _language,
        "extends": _line,
        "drop": _ids,
        "scoring": _table("scoring"),
        "levels": _table("levels"),
        "bands": _bands,
        "sections": _keyed("section"),
        "items": _keyed("item"),
    },
    "scoring": {"section": _choice(*SECTION_RULES), "total": _choice(*TOTAL_RULES)},
    "levels": {"none": _table("none"), "manual": _table("level"), "automated": _table("level")},
    "none": {"points": _zero, "title": _line},
    "level": {"points": _number, "title": _line},
    "band": {"id": _id, "title": _line, "reading": _text, "above": _number, "at-least": _number, "at-most": _number},
    "section": {"title": _line, "weight": _weight, "complete-at": _choice(*LEVEL_IDS[1:])},
    "item": {
        "section": _id,
        "title": _line,
        "question": _text,
        "why": _text,
        "how": _steps,
        "manual": _text,
        "automated": _text,
        "pitfall": _text,
        "references": _texts,
        "weight": _weight,
        "recipe": _code,
    },
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "rubric": ("scoring", "levels", "sections", "items"),
    "scoring": ("section", "total"),
    "levels": ("manual", "automated"),
    "level": ("points",),
    "band": ("id", "title", "reading"),
    "section": ("title",),
    "item": ("section", "title"),
}

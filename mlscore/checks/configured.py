"""The checks that a project has configured: each with its kind, item and name, its options read and checked."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from mlscore.checks.base import Check, Option, Takes
from mlscore.checks.registry import find_check
from mlscore.errors import ConfigError, did_you_mean
from mlscore.project.config import CheckSpec, Config
from mlscore.project.values import choice, flag, misfit, text, texts

ROOT = "mlscore"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class Configured:
    """One `[[tool.mlscore.check]]`: what it runs, for which item, under which name, with every option resolved."""

    check: Check
    item: str
    name: str
    options: Mapping[str, object]
    spec: CheckSpec

    @property
    def nodeid(self) -> str:
        """How pytest and reports name it: `mlscore::data-1::schema`."""
        return f"{ROOT}::{self.item}::{self.name}"


def configured_checks(config: Config) -> tuple[Configured, ...]:
    """Every configured check, in the order of the configuration.

    Raises ConfigError, with file and line, for an unknown check, option or item, a value of the wrong type, and for two
    checks of one item and name.
    """
    found: list[Configured] = []
    seen: dict[str, Configured] = {}
    ids = tuple(item.id for item in config.rubric.items)
    for spec in config.checks:
        check = find_check(spec.use, where=spec.at("use"))
        one = Configured(
            check=check,
            item=_item(check, spec, ids, config.rubric.id),
            name=_name(check, spec),
            options=read_options(check, spec),
            spec=spec,
        )
        if one.nodeid in seen:
            raise ConfigError(
                f'two checks of {one.item} are called "{one.name}"',
                where=spec.location,
                hint=f'give one of them another: name = "{one.name}-2" (the first is at {seen[one.nodeid].spec.location})',
            )
        seen[one.nodeid] = one
        found.append(one)
    return tuple(found)


def select_checks(checks: Sequence[Configured], words: Sequence[str]) -> tuple[Configured, ...]:
    """The checks that the words name: by item ("data-1"), section ("data"), kind, name or node id; all for no words.

    Raises ConfigError for a word that names none.
    """
    if not words:
        return tuple(checks)
    wanted: set[str] = set()
    for word in words:
        named = {c.nodeid for c in checks if word in (c.item, c.item.rpartition("-")[0], c.check.id, c.name, c.nodeid)}
        if not named:
            known = tuple(dict.fromkeys(w for c in checks for w in (c.item, c.name)))
            near = did_you_mean(word, known)
            listed = (
                f"configured are {', '.join(known)}" if known else "add a [[tool.mlscore.check]] to the configuration"
            )
            raise ConfigError(
                f'no configured check is named by "{word}"', hint=f"{near} ({listed})" if near else listed
            )
        wanted |= named
    return tuple(c for c in checks if c.nodeid in wanted)


def read_options(check: Check, spec: CheckSpec) -> Mapping[str, object]:
    """The check's options with their defaults. Raises ConfigError for what is unknown, missing or of the wrong type."""
    known = [option.name for option in check.options]
    for name in spec.options:
        if name not in known:
            near = did_you_mean(name, known)
            listed = f"its options are {', '.join(known)}" if known else "it takes no options"
            raise ConfigError(
                f'the check "{check.id}" has no option "{name}"',
                where=spec.at(name),
                hint=f"{near} ({listed})" if near else listed,
            )
    read: dict[str, object] = {}
    for option in check.options:
        if option.name in spec.options:
            read[option.name] = read_option(option, spec.options[option.name], spec.at(option.name))
        elif option.required:
            raise ConfigError(
                f'the check "{check.id}" needs "{option.name}"', where=spec.location, hint=f"add it: {option.help}"
            )
        else:
            read[option.name] = option.default
    return MappingProxyType(read)


def read_option(option: Option, value: object, where: object) -> object:
    """One option's value, checked: text, tuple of texts, bool, int, float or dict. Raises ConfigError at `where`."""
    place = str(where)
    name = option.name
    match option.takes:
        case Takes.TEXT | Takes.SOURCE:
            return text(name, value, place)
        case Takes.TEXTS:
            return texts(name, value, place, one_is_enough=True)
        case Takes.FLAG:
            return flag(name, value, place)
        case Takes.CHOICE:
            return choice(name, value, option.choices, place)
        case Takes.COUNT:
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise misfit(name, "a whole number from 1", value, place)
            return value
        case Takes.TABLE:
            if not isinstance(value, dict):
                raise misfit(name, "a table", value, place)
            return _plain(value)
        case Takes.NUMBER | Takes.SHARE:
            number = _number(value)
            if number is None:
                raise misfit(name, "a number", value, place)
            if option.takes is Takes.SHARE and not 0 <= number <= 1:
                raise misfit(name, "a share from 0 to 1", value, place)
            return number


def _number(value: object) -> float | int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    number = value if isinstance(value, int) else float(value)
    return number if math.isfinite(number) else None


def _plain(value: object) -> object:
    """TOML's values as JSON knows them: exact decimals as floats, dates as text."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def _item(check: Check, spec: CheckSpec, ids: Sequence[str], rubric: str) -> str:
    items = check.items if check.speaks is None else check.speaks(spec.options)
    if spec.item is None:
        ours = [item for item in items if item in ids]
        if check.speaks is not None and len(ours) > 1:
            raise ConfigError(
                f'the check "{check.id}" may be evidence for several items',
                where=spec.location,
                hint=f'name one: item = "{ours[0]}" (it is for {", ".join(ours)})',
            )
        own = next(iter(ours), None)
        if own is not None:
            return own
        raise ConfigError(
            f'the rubric "{rubric}" has none of the items that "{check.id}" is evidence for ({", ".join(items)})',
            where=spec.location,
            hint='name one of its own: item = "…"',
        )
    if spec.item not in ids:
        near = did_you_mean(spec.item, tuple(ids))
        raise ConfigError(f'the rubric "{rubric}" has no item "{spec.item}"', where=spec.at("item"), hint=near)
    ours = [item for item in items if item in ids]
    if ours and spec.item not in ours:
        # Of a rubric of one's own only its author knows what its items mean.
        raise ConfigError(
            f'the check "{check.id}" is no evidence for {spec.item}',
            where=spec.at("item"),
            hint=f"it is for {', '.join(ours)}",
        )
    return spec.item


def _name(check: Check, spec: CheckSpec) -> str:
    if spec.name is None:
        return check.id
    if not _NAME.fullmatch(spec.name):
        raise ConfigError(
            f'"{spec.name}" is no name for a check',
            where=spec.at("name"),
            hint="use letters, digits, dots, dashes and underscores",
        )
    return spec.name

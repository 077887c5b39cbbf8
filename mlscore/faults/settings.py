"""The settings of a fault: how a field says what it takes, what it means, and how a wrong one is told."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import Field, field, fields
from typing import Any

from mlscore.errors import UsageError, did_you_mean

ROLES = ("label", "time", "entity")


def share(default: float, of: str) -> Any:
    """A field for a share in (0, 1] of something that `of` names."""
    return field(default=default, metadata={"help": f"share of {of}, above 0 and at most 1", "rule": _share})


def count(default: int, meaning: str) -> Any:
    """A field for a whole number of at least 1."""
    return field(default=default, metadata={"help": f"{meaning}, a whole number of at least 1", "rule": _count})


def amount(default: float, meaning: str, *, forbidden: float | None = None) -> Any:
    """A field for a finite number; `forbidden` is the one that would change nothing."""

    def rule(value: object) -> str | None:
        if not _number(value) or not math.isfinite(value):  # type: ignore[arg-type]
            return "a finite number"
        return f"a number other than {forbidden:g}" if forbidden is not None and value == forbidden else None

    return field(default=default, metadata={"help": meaning, "rule": rule})


def positive(default: float, meaning: str) -> Any:
    """A field for a finite number above 0."""

    def rule(value: object) -> str | None:
        good = _number(value) and math.isfinite(value) and value > 0  # type: ignore[arg-type,operator]
        return None if good else "a finite number above 0"

    return field(default=default, metadata={"help": f"{meaning}, above 0", "rule": rule})


def choice(default: str, meaning: str, among: tuple[str, ...]) -> Any:
    """A field for one of a few words."""

    def rule(value: object) -> str | None:
        return None if value in among else "one of " + ", ".join(among)

    return field(
        default=default, metadata={"help": f"{meaning}: {', '.join(f'`{word}`' for word in among)}", "rule": rule}
    )


def setting(default: object, meaning: str) -> Any:
    """A field for anything; the fault judges it itself."""
    return field(default=default, metadata={"help": meaning})


def role(meaning: str) -> Any:
    """A field for the name of a column that plays a part in the table."""

    def rule(value: object) -> str | None:
        return None if value is None or isinstance(value, str) else "a column's name or None"

    return field(default=None, metadata={"help": meaning, "rule": rule, "role": True})


def check(fault: Any) -> None:
    """Raise UsageError for the first field of a fault whose value its rule forbids."""
    for each in fields(fault):
        rule = each.metadata.get("rule")
        value = getattr(fault, each.name)
        wanted = rule(value) if rule else None
        if wanted:
            raise UsageError(f'the fault "{fault.id}" takes for {each.name} {wanted}, not {value!r}')


def check_names(fault: type[Any], given: Mapping[str, object]) -> None:
    """Raise UsageError for the first given setting that a fault does not have."""
    known = [each.name for each in fields(fault)]
    for name in given:
        if name not in known:
            near = did_you_mean(name, known)
            has = f"it has {', '.join(known)}" if known else "it has none"
            raise UsageError(f'the fault "{fault.id}" has no setting "{name}"', hint=near or has)


def changed(fault: Any) -> dict[str, object]:
    """The settings of a fault that are not its defaults; roles are left out."""
    return {
        each.name: getattr(fault, each.name)
        for each in fields(fault)
        if not each.metadata.get("role") and not _same(getattr(fault, each.name), each)
    }


def _same(value: object, each: Field[Any]) -> bool:
    return type(value) is type(each.default) and value == each.default


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _share(value: object) -> str | None:
    good = _number(value) and 0 < value <= 1  # type: ignore[operator]
    return None if good else "a share above 0 and at most 1"


def _count(value: object) -> str | None:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= 1
    return None if good else "a whole number of at least 1"

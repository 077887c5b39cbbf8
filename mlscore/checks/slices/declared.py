"""Slices that a project names: `{carrier = "AA", distance = {above = 1000}}` as a condition on rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlscore.errors import InputError, did_you_mean
from mlscore.tables.conditions import Compare, Condition, Every, Literal, Missing, OneOf, Operator, Some

if TYPE_CHECKING:
    from mlscore.tables.table import Table

_KEYS = {
    "above": Operator.GREATER,
    "below": Operator.LESS,
    "from": Operator.AT_LEAST,
    "up-to": Operator.AT_MOST,
}


def condition_of(name: str, given: object, table: Table) -> tuple[Condition, tuple[str, ...]]:
    """The rows of a declared slice, and its columns. Raises InputError for what cannot be understood."""
    if not isinstance(given, Mapping) or not given:
        raise InputError(
            f'the slice "{name}" says no column',
            hint='write it as { carrier = "AA", distance = { above = 1000 } }',
        )
    known = tuple(column.name for column in table.columns)
    parts: list[Condition] = []
    for column, wanted in given.items():
        if column not in known:
            raise InputError(
                f'the slice "{name}" is cut by "{column}", which is no column',
                where=str(table.source),
                hint=did_you_mean(str(column), known),
            )
        parts.append(_part(name, str(column), wanted))
    return Every(tuple(parts)), tuple(map(str, given))


def _part(slice_: str, column: str, wanted: object) -> Condition:
    if isinstance(wanted, (list, tuple)):
        return OneOf(column, tuple(_literal(slice_, column, one) for one in wanted))
    if not isinstance(wanted, Mapping):
        return Compare(column, Operator.EQUAL, _literal(slice_, column, wanted))
    parts: list[Condition] = []
    for key, value in wanted.items():
        if key == "missing" and value is True:
            parts.append(Missing(column))
        elif key in _KEYS:
            parts.append(Compare(column, _KEYS[key], _literal(slice_, column, value)))
        else:
            raise InputError(
                f'the slice "{slice_}" holds "{key}" against "{column}"',
                hint=f"a column takes a value, a list of values, missing = true, or {', '.join(_KEYS)}",
            )
    if not parts:
        raise InputError(f'the slice "{slice_}" holds nothing against "{column}"', hint="give a value")
    return Every(tuple(parts)) if len(parts) > 1 else Some(tuple(parts))


def _literal(slice_: str, column: str, value: object) -> Literal:
    if isinstance(value, (str, int, float, bool)):
        return value
    raise InputError(f'the slice "{slice_}" holds a {type(value).__name__} against "{column}"', hint="give a value")

"""The kinds of column a fault is made for: what an Arrow type means to a fault."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import pyarrow as pa


class ColumnKind(StrEnum):
    """What a column holds. Dictionary-encoded columns are of the kind of their values."""

    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    TEXT = "text"
    DATE = "date"
    DATETIME = "datetime"
    OTHER = "other"


NUMBERS = frozenset({ColumnKind.INTEGER, ColumnKind.FLOAT, ColumnKind.DECIMAL})
TIMES = frozenset({ColumnKind.DATE, ColumnKind.DATETIME})
VALUES = frozenset(ColumnKind) - {ColumnKind.OTHER}


def value_type(stored: pa.DataType) -> pa.DataType:
    """The type of a column's values: a dictionary's value type, else the type itself."""
    return stored.value_type if pa.types.is_dictionary(stored) else stored


def kind_of(stored: pa.DataType) -> ColumnKind:
    """The kind of a column of this Arrow type; times of day, durations, binary and nested columns are OTHER."""
    inner = value_type(stored)
    tests: tuple[tuple[Any, ColumnKind], ...] = (
        (pa.types.is_boolean, ColumnKind.BOOLEAN),
        (pa.types.is_integer, ColumnKind.INTEGER),
        (pa.types.is_floating, ColumnKind.FLOAT),
        (pa.types.is_decimal, ColumnKind.DECIMAL),
        (_is_text, ColumnKind.TEXT),
        (pa.types.is_date, ColumnKind.DATE),
        (pa.types.is_timestamp, ColumnKind.DATETIME),
    )
    return next((kind for test, kind in tests if test(inner)), ColumnKind.OTHER)


def _is_text(inner: pa.DataType) -> bool:
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner))

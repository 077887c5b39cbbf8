"""Faults by which values go missing: nulls, defaults in their place, one constant, a lost column."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import ClassVar

import numpy as np
import pyarrow as pa

from mlscore.errors import UsageError
from mlscore.faults import settings
from mlscore.faults.arrays import Values, codes, limits
from mlscore.faults.base import CellFault, Fault, Injected
from mlscore.faults.kinds import ColumnKind, kind_of, value_type

_EPOCH = dt.date(1970, 1, 1)
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

Default = int | float | bool | str | dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Nulls(CellFault):
    """Values become null."""

    id: ClassVar[str] = "nulls"
    title: ClassVar[str] = "Missing values"
    does: ClassVar[str] = (
        "Sets values to null. A field declared non-nullable becomes nullable; nothing else of the schema changes."
    )
    incident: ClassVar[str] = (
        "A producer renames a field or makes it optional; the reader finds nothing under the old name and goes on"
        " with nulls."
    )
    phrase: ClassVar[str] = "set to null"

    share: float = settings.share(0.1, "the values that are not null")

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """Nulls alone."""
        return pa.nulls(len(values.array), values.array.type)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefaultValue(CellFault):
    """Values become a default that stands for "missing"."""

    id: ClassVar[str] = "default-value"
    title: ClassVar[str] = "A default in place of the value"
    does: ClassVar[str] = (
        "Replaces values by one that stands for missing: a number, a flag, a text or a date, each in columns that"
        " can hold it. In timestamps a date is midnight UTC."
    )
    incident: ClassVar[str] = (
        'A lookup or a parser fails and the code fills in -1, 0, 9999, an empty text, "N/A" or 1970-01-01 where '
        "it should have left the value out: no null check ever sees it."
    )
    needs: ClassVar[str] = "every value is the default already"

    share: float = settings.share(0.1, "the values that are neither null nor the default already")
    value: Default = settings.setting(-1, "the default that is put in: a number, True or False, a text or a date")

    def __post_init__(self) -> None:
        settings.check(self)
        if not isinstance(self.value, int | float | str | dt.date):
            raise UsageError(f'the fault "{self.id}" takes for value a number, flag, text or date, not {self.value!r}')

    def variants(self) -> tuple[Fault, ...]:
        """Every default that is common in the wild."""
        tried: tuple[Default, ...] = (-1, 0, 9999, math.nan, False, "", "N/A", _EPOCH)
        return tuple(replace(self, value=value) for value in tried)

    def say(self) -> str:
        """Names the default."""
        return f"set to {self.value if self.value != '' else 'an empty text'}"

    def fits(self, stored: pa.DataType) -> bool:
        """Whether a column of this type can hold the default."""
        kind, value = kind_of(stored), self.value
        if isinstance(value, bool):
            return kind is ColumnKind.BOOLEAN
        if isinstance(value, str):
            return kind is ColumnKind.TEXT
        if isinstance(value, dt.date):
            return kind is ColumnKind.DATE or (kind is ColumnKind.DATETIME and abs(self._ticks(stored)) < 2**63)
        if kind is ColumnKind.FLOAT:
            return True
        if not math.isfinite(value):
            return False
        if kind is ColumnKind.INTEGER:
            low, high = limits(stored)
            return value == int(value) and low <= value <= high
        inner = value_type(stored)
        return kind is ColumnKind.DECIMAL and abs(value) < 10 ** (inner.precision - inner.scale)

    def _ticks(self, stored: pa.DataType) -> int:
        assert isinstance(self.value, dt.date)
        days = self.value.toordinal() - _EPOCH.toordinal()
        return days * 86_400 * _UNITS[value_type(stored).unit]

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """The default wherever there is a value."""
        inner, value = values.array.type, self.value
        if isinstance(value, dt.date) and values.kind is ColumnKind.DATETIME:
            scalar = pa.scalar(self._ticks(values.stored), pa.int64()).cast(inner)
        elif values.kind is ColumnKind.DECIMAL:
            assert isinstance(value, int | float)
            scalar = pa.scalar(round(Decimal(repr(value)), inner.scale), inner)
        else:
            scalar = pa.scalar(value, inner)
        default = pa.repeat(scalar, len(values.array))
        return default.take(pa.array(np.arange(len(values.array)), mask=~values.valid))


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(CellFault):
    """All values become the most frequent one."""

    id: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant"
    does: ClassVar[str] = "Replaces values by the column's most frequent one (of equals the least). Nulls stay."
    incident: ClassVar[str] = (
        "A sensor sticks, or a join key goes wrong and every row picks up the same record: all values are "
        "plausible, and all the same."
    )
    needs: ClassVar[str] = "all its values are the same already"

    def say(self) -> str:
        """Without the value, which may be personal."""
        return "set to the most frequent value"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """The most frequent value wherever there is a value."""
        ranks = codes(values.array)
        most = np.bincount(ranks[ranks >= 0]).argmax()
        source = np.full(len(ranks), np.flatnonzero(ranks == most)[0])
        return values.array.take(pa.array(source, mask=ranks < 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class LostColumn(Fault):
    """The column is gone."""

    id: ClassVar[str] = "lost-column"
    title: ClassVar[str] = "Lost column"
    does: ClassVar[str] = "Takes the column out of the table. The schema changes."
    incident: ClassVar[str] = "An upstream team drops or renames a column, and the reader selects whatever there is."
    kinds: ClassVar[frozenset[ColumnKind]] = frozenset(ColumnKind)
    keeps_schema: ClassVar[bool] = False

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Drop the column; every row differs by it."""
        if table.num_columns == 1:
            raise self.refused(columns, "it is the only column")
        rows = np.arange(table.num_rows)
        return self.injected(table.drop_columns(list(columns)), columns, rows, f'"{columns[0]}": lost', able=len(rows))


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (Nulls(), DefaultValue(), Constant(), LostColumn())

"""Faults by which numbers go wrong in writing: decimal comma, text, lost digits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from mlscore.faults import settings
from mlscore.faults.arrays import Values, fitting, from_floats, mapped, plain
from mlscore.faults.base import CellFault, Fault, Injected, pick, told
from mlscore.faults.kinds import NUMBERS, ColumnKind, value_type

_FRACTIONS = frozenset({ColumnKind.FLOAT, ColumnKind.DECIMAL})


@dataclass(frozen=True, slots=True, kw_only=True)
class DecimalComma(Fault):
    """The column becomes text, numbers with a fraction are written with a comma."""

    id: ClassVar[str] = "decimal-comma"
    title: ClassVar[str] = "Decimal comma"
    does: ClassVar[str] = (
        "Turns the column into text and writes `share` of the numbers that have a fraction with a comma: 1.5 "
        'becomes "1,5". The schema changes: the column is text. Nulls stay.'
    )
    incident: ClassVar[str] = (
        "Someone opens an export in a spreadsheet with another locale and saves it; the reader falls back to text."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _FRACTIONS
    keeps_schema: ClassVar[bool] = False

    share: float = settings.share(1.0, "the numbers with a fraction")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Write the numbers, some with a comma."""
        values = plain(table, columns[0])
        texts = written(values)
        able = np.array([row for row, text in enumerate(texts) if text and "." in text], dtype=np.int64)
        if not len(able):
            raise self.refused(columns, "it has no number with a fraction")
        rows = pick(able, self.share, random)
        for row in rows:
            texts[row] = str(texts[row]).replace(".", ",")
        result = as_text(table, columns[0], texts)
        said = f'"{columns[0]}": text now, {told(len(rows), len(able), "fractions")} with a comma'
        return self.injected(result, columns, rows, said, able=len(able))


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersAsText(Fault):
    """The column becomes text, the numbers as they are written."""

    id: ClassVar[str] = "numbers-as-text"
    title: ClassVar[str] = "Numbers as text"
    does: ClassVar[str] = "Turns the column into text, each number as it is written. The schema changes. Nulls stay."
    incident: ClassVar[str] = (
        "One row with a letter in it makes a reader that guesses types read the whole column as text."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = NUMBERS
    keeps_schema: ClassVar[bool] = False

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Write the numbers."""
        texts = written(plain(table, columns[0]))
        rows = np.array([row for row, text in enumerate(texts) if text is not None], dtype=np.int64)
        if not len(rows):
            raise self.refused(columns, "every value is null")
        result = as_text(table, columns[0], texts)
        return self.injected(result, columns, rows, f'"{columns[0]}": text now', able=len(rows))


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSeparator(CellFault):
    """The decimal separator is lost."""

    id: ClassVar[str] = "lost-separator"
    title: ClassVar[str] = "Lost decimal separator"
    does: ClassVar[str] = (
        "Reads numbers with a fraction as if the separator were one of thousands: 1.5 becomes 15, 0.25 becomes "
        "25. Numbers without a fraction, those for which the type has no room, and nulls stay."
    )
    incident: ClassVar[str] = (
        "A file with decimal commas is read by a parser that takes the comma for a separator of thousands and "
        "drops it: each number grows by as many powers of ten as it had decimals."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _FRACTIONS
    phrase: ClassVar[str] = "without their decimal separator"
    needs: ClassVar[str] = "it has no number with a fraction that has room without it"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All numbers with their digits run together."""
        if values.kind is ColumnKind.DECIMAL:
            scale = value_type(values.stored).scale
            return mapped(values, lambda old: fitting(values, _scaled(old, scale), old))
        digits = [float(text.replace(".", "")) if text else np.nan for text in written(values)]
        return from_floats(values, np.array(digits, dtype=np.float64))


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegerCast(CellFault):
    """Numbers lose their fraction."""

    id: ClassVar[str] = "integer-cast"
    title: ClassVar[str] = "Cast to integer"
    does: ClassVar[str] = (
        "Cuts the fraction off, towards zero; the column keeps its type. NaN, infinities and nulls stay."
    )
    incident: ClassVar[str] = (
        "A column passes through an integer on its way (a file format, a database column, a typed parameter) and "
        "comes back as a float, so no type check sees it."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _FRACTIONS
    phrase: ClassVar[str] = "without their fraction"
    needs: ClassVar[str] = "it has no number with a fraction"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All numbers whole."""
        if values.kind is ColumnKind.DECIMAL:
            return mapped(values, lambda old: fitting(values, old.to_integral_value("ROUND_DOWN"), old))
        return from_floats(values, np.trunc(values.numbers()))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrecisionLoss(CellFault):
    """Numbers keep a few significant digits."""

    id: ClassVar[str] = "precision-loss"
    title: ClassVar[str] = "Lost precision"
    does: ClassVar[str] = (
        "Rounds numbers to `digits` significant digits; the column keeps its type. NaN, infinities and nulls stay."
    )
    incident: ClassVar[str] = (
        "Figures pass through a report's formatting, a half-precision store or a compressed sensor protocol "
        "before they are used."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _FRACTIONS
    needs: ClassVar[str] = "all its numbers have no more digits than that"

    digits: int = settings.count(2, "the significant digits that stay")

    def say(self) -> str:
        """Names the digits."""
        return f"rounded to {self.digits} significant digit{'s' if self.digits > 1 else ''}"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All numbers rounded."""
        form = f".{self.digits - 1}e"
        if values.kind is ColumnKind.DECIMAL:
            return mapped(values, lambda old: fitting(values, Decimal(format(old, form)), old))
        return from_floats(values, np.array([float(format(x, form)) for x in values.numbers().tolist()]))


def written(values: Values) -> list[str | None]:
    """Each number as a person writes it: no exponent, no trailing point; a decimal with all digits of its scale."""
    if values.kind is not ColumnKind.FLOAT:
        return [
            None if value is None else format(value, "f" if isinstance(value, Decimal) else "d")
            for value in _list(values)
        ]
    # A float32 is written as a float32: 0.1 and not 0.10000000149.
    narrow = np.dtype(value_type(values.stored).to_pandas_dtype()).type
    return [None if value is None else np.format_float_positional(narrow(value), trim="-") for value in _list(values)]


def as_text(table: pa.Table, name: str, texts: list[str | None]) -> pa.Table:
    """`table` with the column `name` as text."""
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    return table.set_column(place, field.with_type(pa.string()), pa.array(texts, pa.string()))


def _list(values: Values) -> list[Any]:
    return list(values.array.to_pylist())


def _scaled(old: Decimal, scale: int) -> Decimal:
    # The digits as they are written, all decimals of the scale among them.
    return old.scaleb(scale)


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (DecimalComma(), LostSeparator(), NumbersAsText(), IntegerCast(), PrecisionLoss())

"""Columns as faults compute with them: one plain form per kind, and back to the stored type without loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mlscore.errors import InputError
from mlscore.faults.kinds import ColumnKind, kind_of, value_type

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_WIDE = Context(prec=200)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """One column in plain form: no dictionary, one chunk, text as large_string, floats as float64, dates as date32,
    signed and small integers as int64, decimals as decimal128 or decimal256; timestamps as they are stored."""

    name: str
    stored: pa.DataType
    array: pa.Array

    @property
    def kind(self) -> ColumnKind:
        """What the column holds."""
        return kind_of(self.stored)

    @property
    def valid(self) -> Mask:
        """True where the value is not null."""
        return np.asarray(self.array.is_valid())

    def numbers(self) -> Floats:
        """A number column as float64, NaN where it is null."""
        floats = self.array.cast(pa.float64(), safe=False)
        return np.asarray(floats.to_numpy(zero_copy_only=False), dtype=np.float64)

    def integers(self) -> npt.NDArray[Any]:
        """An integer, date or timestamp column as int64 (uint64 where it is stored so), 0 where it is null."""
        array = self.array
        if self.kind is not ColumnKind.INTEGER:
            # Dates go through int32, their own width; timestamps are 64 bits wide.
            array = array.cast(pa.int32()).cast(pa.int64()) if self.kind is ColumnKind.DATE else array.cast(pa.int64())
        return np.asarray(array.fill_null(0).to_numpy(zero_copy_only=False))

    def of(self, values: npt.NDArray[Any], mask: Mask | None = None) -> pa.Array:
        """`values` as an array of the plain type; null where the column is null, or where `mask` is True."""
        null = ~self.valid if mask is None else mask
        return pa.array(values, mask=null).cast(self.array.type)


def plain(table: pa.Table, name: str) -> Values:
    """The column `name` in plain form."""
    column = table.column(name)
    return Values(name, column.type, _plain(column))


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = column.cast(value_type(column.type)) if pa.types.is_dictionary(column.type) else column
    wanted = _plain_type(array.type)
    array = array if array.type == wanted else array.cast(wanted)
    return array.combine_chunks() if array.num_chunks != 1 else array.chunk(0)


def _plain_type(inner: pa.DataType) -> pa.DataType:
    kind = kind_of(inner)
    if kind is ColumnKind.TEXT:
        return pa.large_string()
    if kind is ColumnKind.FLOAT:
        return pa.float64()
    if kind is ColumnKind.DATE:
        return pa.date32()
    if kind is ColumnKind.INTEGER:
        return inner if inner == pa.uint64() else pa.int64()
    if kind is ColumnKind.DECIMAL and inner.bit_width < 128:
        return pa.decimal128(inner.precision, inner.scale)
    return inner


def restored(array: pa.Array, like: pa.ChunkedArray) -> pa.ChunkedArray:
    """`array` (plain) as a column of the type of `like`; a dictionary keeps its order, new values are appended.

    Raises InputError when a dictionary's index type has no room for a new value.
    """
    if not pa.types.is_dictionary(like.type):
        # Safe for integers (the faults stay within the type's limits); floats may round, which is what they are stored as.
        return pa.chunked_array([array.cast(like.type, safe=not pa.types.is_floating(like.type))], type=like.type)
    values = array.cast(like.type.value_type, safe=not pa.types.is_floating(like.type.value_type))
    return pa.chunked_array([_encoded(values, like)], type=like.type)


def _encoded(values: pa.Array, like: pa.ChunkedArray) -> pa.Array:
    chunks = like.unify_dictionaries().chunks
    known = chunks[-1].dictionary if chunks else pa.array([], like.type.value_type)
    # Within Arrow: times with a zone would not survive the way through Python where PYARROW_IGNORE_TIMEZONE is set, as
    # pandera does beside Spark.
    distinct = values.unique().drop_null()
    fresh = distinct.filter(pc.invert(pc.is_in(distinct, known)))
    dictionary = pa.concat_arrays([known, fresh])
    encoded = values.dictionary_encode()
    moves = pc.index_in(encoded.dictionary, dictionary, skip_nulls=True)
    try:
        indices = moves.take(encoded.indices).cast(like.type.index_type)
    except pa.ArrowInvalid as error:
        raise InputError(
            f"the column's dictionary has no room for a new value: its indices are {like.type.index_type}"
        ) from error
    return pa.DictionaryArray.from_arrays(indices, dictionary, ordered=like.type.ordered)


def differs(old: pa.Array, new: pa.Array) -> Mask:
    """True where two plain arrays differ; null equals null, NaN equals NaN."""
    unequal = np.asarray(pc.fill_null(pc.not_equal(old, new), False))
    if pa.types.is_floating(old.type):
        a, b = (x.to_numpy(zero_copy_only=False) for x in (old.fill_null(0.0), new.fill_null(0.0)))
        unequal = unequal & ~(np.isnan(a) & np.isnan(b))
    return np.asarray(unequal | (np.asarray(old.is_null()) != np.asarray(new.is_null())))


def merged(old: pa.Array, new: pa.Array, rows: Rows) -> pa.Array:
    """`old` with the values of `new` at `rows`."""
    source = np.arange(len(old))
    source[rows] += len(old)
    return pa.concat_arrays([old, new]).take(pa.array(source))


def replaced(table: pa.Table, name: str, array: pa.Array) -> pa.Table:
    """`table` with the column `name` holding `array` (plain), field and metadata kept.

    A field declared non-nullable becomes nullable when the fault puts nulls into it: such a table could not be written.
    """
    place = table.schema.get_field_index(name)
    field = table.schema.field(place)
    if array.null_count and not field.nullable:
        field = field.with_nullable(True)
    return table.set_column(place, field, restored(array, table.column(place)))


def rows_of(table: pa.Table, rows: npt.NDArray[Any]) -> pa.Table:
    """The rows at these positions, in this order, schema kept; also for columns that Arrow cannot take from."""
    indices = pa.array(rows, pa.int64())
    columns = []
    for column in table.columns:
        view = pa.types.is_string_view(column.type)
        taken = (column.cast(pa.large_string()) if view else column).take(indices)
        columns.append(taken.cast(pa.string_view()) if view else taken)
    return pa.Table.from_arrays(columns, schema=table.schema)


def codes(array: pa.Array) -> npt.NDArray[np.int64]:
    """The rank of each value among the distinct values in ascending order, from 0; -1 for null, NaN ranks last."""
    flags = pa.types.is_boolean(array.type)
    encoded = (array.cast(pa.int8()) if flags else array).dictionary_encode()
    order = np.asarray(pc.sort_indices(encoded.dictionary))
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    if not len(order):
        return np.asarray(places)
    return np.where(places < 0, -1, rank[places])


def good(values: Values) -> Mask:
    """True where a value is neither null nor NaN."""
    if values.kind is ColumnKind.FLOAT:
        return ~np.isnan(values.numbers())
    return values.valid


def mapped(values: Values, change: Callable[[Any], Any]) -> pa.Array:
    """Each distinct value (as Python sees it) through `change`; null stays null."""
    encoded = values.array.dictionary_encode()
    new = [None if value is None else change(value) for value in encoded.dictionary.to_pylist()]
    return pa.array(new, values.array.type).take(encoded.indices)


def affine(values: Values, factor: Fraction, offset: Fraction) -> pa.Array:
    """`value * factor + offset` in the column's own type: exact for decimals and for integers with whole `factor` and
    `offset`; integers are rounded otherwise. Values whose result has no room in the type stay as they are."""
    if values.kind is ColumnKind.FLOAT:
        with np.errstate(over="ignore"):
            return from_floats(values, values.numbers() * float(factor) + float(offset))
    if values.kind is ColumnKind.DECIMAL:
        times, plus = (Decimal(x.numerator) / Decimal(x.denominator) for x in (factor, offset))
        return mapped(values, lambda old: fitting(values, _WIDE.add(_WIDE.multiply(old, times), plus), old))
    if factor.denominator == offset.denominator == 1:
        return _exact(values, int(factor), int(offset))
    return from_floats(values, values.numbers() * float(factor) + float(offset))


def _exact(values: Values, factor: int, offset: int) -> pa.Array:
    old = values.integers()
    low, high = limits(values.stored)
    # In Python's integers nothing overflows; they are needed only where the fast way could.
    biggest = max(abs(int(old.max(initial=0))), abs(int(old.min(initial=0))))
    if old.dtype == np.int64 and biggest * abs(factor) + abs(offset) < 2**63:
        new = old * factor + offset
        return values.of(np.where((new >= low) & (new <= high), new, old))
    wide = [int(value) for value in old]
    results = (value * factor + offset for value in wide)
    kept = [new if low <= new <= high else value for value, new in zip(wide, results, strict=True)]
    return values.of(np.array(kept, dtype=old.dtype))


def from_floats(values: Values, new: Floats) -> pa.Array:
    """`new` in the column's own type, integers and decimals rounded; where it has no room there, the old value stays."""
    if values.kind is ColumnKind.FLOAT:
        old = values.numbers()
        kind = np.dtype(value_type(values.stored).to_pandas_dtype())
        with np.errstate(over="ignore"):
            lost = np.isinf(new.astype(kind)) & ~np.isinf(old)
        return values.of(np.where(lost | np.isnan(new), old, new))
    if values.kind is ColumnKind.DECIMAL:
        pairs = zip(values.array.to_pylist(), new.tolist(), strict=True)
        return pa.array(
            [None if old is None else fitting(values, Decimal(repr(value)), old) for old, value in pairs],
            values.array.type,
        )
    old = values.integers()
    low, high = limits(values.stored)
    whole = np.rint(np.nan_to_num(new, nan=0.0, posinf=np.inf, neginf=-np.inf))
    # float(2**63 - 1) is 2**63, which no longer fits: strictly below there.
    room = (whole >= low) & ((whole <= high) if high < 2**53 else (whole < float(high))) & ~np.isnan(new)
    return values.of(np.where(room, np.where(room, whole, 0).astype(old.dtype), old))


def fitting(values: Values, new: Decimal, old: Decimal) -> Decimal:
    """`new` rounded to the column's scale, or `old` when it has more digits than the column's precision."""
    inner = value_type(values.stored)
    try:
        rounded = new.quantize(Decimal(1).scaleb(-inner.scale), context=_WIDE)
    except InvalidOperation:
        return old
    return rounded if abs(rounded).scaleb(inner.scale, context=_WIDE) < 10**inner.precision else old


def limits(stored_type: pa.DataType) -> tuple[int, int]:
    """The least and the greatest number of an integer type."""
    info = np.iinfo(value_type(stored_type).to_pandas_dtype())
    return int(info.min), int(info.max)


def room(values: Values) -> tuple[float, float]:
    """The least and the greatest float that a number column surely has room for."""
    inner = value_type(values.stored)
    if values.kind is ColumnKind.INTEGER:
        low, high = map(float, limits(inner))
    elif values.kind is ColumnKind.DECIMAL:
        high = float(10 ** (inner.precision - inner.scale)) - float(Decimal(1).scaleb(-inner.scale))
        low = -high
    else:
        high = float(np.finfo(inner.to_pandas_dtype()).max)
        low = -high
    # Rounding to a float may have gone just beyond the limit; small limits are exact.
    return (low, high) if abs(high) < 2**53 else (float(np.nextafter(low, 0)), float(np.nextafter(high, 0)))


def local_days(values: Values) -> npt.NDArray[np.int64]:
    """The day of each date or timestamp, in the column's own zone, in days since 1970-01-01 (0 where it is null)."""
    array = values.array
    if values.kind is ColumnKind.DATETIME:
        array = (pc.local_timestamp(array) if array.type.tz else array).cast(pa.date32(), safe=False)
    return np.asarray(array.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)).astype(np.int64)

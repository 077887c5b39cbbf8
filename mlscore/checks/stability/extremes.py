"""Rows at the edge of what is valid: each number at its least and greatest, alone and all together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

Bounds = Mapping[str, tuple[float | None, float | None]]


def bounds_of(schema: Any) -> dict[str, tuple[float | None, float | None]]:
    """The closed ends of the numeric ranges that a schema allows; None where it leaves one open."""
    from mlscore.checks.schema.shapes import Within

    found = {}
    for column in schema.columns:
        for rule in column.rules:
            if isinstance(rule, Within):
                found[column.name] = (
                    None if rule.low_open else _number(rule.low),
                    None if rule.high_open else _number(rule.high),
                )
    return found


def extreme_rows(rows: pa.Table, bounds: Bounds) -> pa.Table:
    """Rows like the first whole one, with numbers at the ends of `bounds`, or of what `rows` hold where these are open.

    All at their least, all at their greatest, and each alone at either. Empty where no column holds numbers.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    ends: dict[str, tuple[Any, Any]] = {}
    for field in rows.schema:
        if not (pa.types.is_floating(field.type) or pa.types.is_integer(field.type)):
            continue
        column = rows.column(field.name)
        if pa.types.is_floating(field.type):
            column = column.filter(pc.is_finite(column))
        seen = pc.min_max(column).as_py()
        if seen["min"] is None:
            continue
        low, high = bounds.get(field.name, (None, None))
        ends[field.name] = (seen["min"] if low is None else low, seen["max"] if high is None else high)
    if not ends or not rows.num_rows:
        return rows.slice(0, 0)
    whole = rows.drop_null()
    like = (whole if whole.num_rows else rows).slice(0, 1).to_pylist()[0]
    made = [{**like, **{name: pair[side] for name, pair in ends.items()}} for side in (0, 1)]
    made += [{**like, name: end} for name, pair in ends.items() for end in pair]
    columns = []
    for field in rows.schema:
        values = [row[field.name] for row in made]
        if field.name in ends and pa.types.is_integer(field.type):
            values = [None if value is None else int(value) for value in values]
        columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=rows.schema)


def narrowed(rows: pa.Table) -> pa.Table | None:
    """The rows with numbers of double precision rounded to single; None where there are none."""
    import pyarrow as pa

    wide = [field.name for field in rows.schema if pa.types.is_float64(field.type)]
    if not wide:
        return None
    for name in wide:
        place = rows.column_names.index(name)
        single = rows.column(name).cast(pa.float32(), safe=False).cast(pa.float64())
        rows = rows.set_column(place, name, single)
    return rows


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

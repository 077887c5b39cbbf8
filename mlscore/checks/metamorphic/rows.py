"""The rows that relations are tried on: real ones, and ones that hypothesis draws from a schema."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlscore.checks.feature_code.batches import Batch, Composer, real_batch
from mlscore.checks.feature_code.examine import Plan, pools
from mlscore.checks.feature_code.planning import Order, make_plan
from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.checks.metamorphic.changes import Change
from mlscore.errors import InputError
from mlscore.tables.extras import need
from mlscore.tables.shapes import Kind

if TYPE_CHECKING:
    import pyarrow as pa

QUANTILES = 100


@dataclass(frozen=True, slots=True)
class Trying:
    """Rows with what their columns may hold: real ones, generated ones, and values for each column.

    `drawn` are values that hypothesis draws, and the quantiles of real numbers. `schema` is Arrow's, in whose types the
    model is asked.
    """

    real: Batch
    generated: Batch | None
    rules: Mapping[str, ColumnRule]
    drawn: Mapping[str, Sequence[Any]]
    schema: pa.Schema
    notes: tuple[str, ...]

    def table(self, batch: Batch) -> pa.Table:
        """A batch as the model is given it."""
        import pyarrow as pa

        columns = []
        for field in self.schema:
            values = [None if absent(value) else value for value in batch.columns[field.name]]
            try:
                columns.append(pa.array(values, field.type))
            except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, pa.ArrowNotImplementedError) as error:
                raise InputError(f"{field.name} cannot hold a changed value: {error}") from None
        return pa.Table.from_arrays(columns, schema=self.schema)


def rows_of(rows: Any, schema: Any, generated: int, seed: int) -> Trying:
    """Real rows (an Arrow table, or what a pandas frame is made from) and about so many generated ones.

    `schema` is one of pandera's, or "module:SCHEMA"; without it values are drawn as the real rows have them. Raises
    InputError where there is no row.
    """
    import pyarrow as pa

    if isinstance(rows, pa.Table):
        table = rows
    else:
        table = pa.Table.from_pandas(need("pandas").DataFrame(rows), preserve_index=False)
    if not table.num_rows:
        raise InputError("there are no rows to predict", hint="name data that have some")
    # Whole numbers stay whole beside missing ones.
    frame = table.to_pandas(integer_object_nulls=True)
    plan, notes = make_plan(Order(schema=schema, rows=frame, seed=seed))
    if schema is not None:
        # What the schema leaves out the model is given all the same.
        known = {rule.name for rule in plan.rules}
        others = [name for name in table.column_names if name not in known]
        if others:
            more, _ = make_plan(Order(rows=frame[others], seed=seed))
            plan = replace(plan, rules=(*plan.rules, *more.rules), real=None)
    rules = tuple(rule for rule in plan.rules if rule.name in table.column_names)
    missing = [rule.name for rule in plan.rules if rule.name not in table.column_names]
    if missing:
        raise InputError(f"the rows have no column {missing[0]!r}, which the schema has", hint="give rows that have it")
    real = real_batch(frame, rules)
    drawn = pools(Plan(rules, frame, seed=seed))
    ladders = {rule.name: [*drawn[rule.name], *_quantiles(frame[rule.name], rule)] for rule in rules}
    made: list[Batch] = []
    if generated:
        composer = Composer(rules, drawn, seed, real, plan.keep)
        for batch in composer.batches(generated):
            made.append(batch)
            if sum(one.rows for one in made) >= generated:
                break
    return Trying(
        real,
        joined(made) if made else None,
        {rule.name: rule for rule in rules},
        ladders,
        table.schema.remove_metadata(),
        notes,
    )


def _quantiles(series: Any, rule: ColumnRule) -> list[Any]:
    """Numbers between which the real ones fall in equal shares, so that values stand where rows do."""
    if rule.kind not in (Kind.INTEGER, Kind.NUMBER) or rule.opaque:
        return []
    numbers = need("pandas").to_numeric(series, errors="coerce").dropna().astype(float)
    numbers = numbers[numbers.abs() < math.inf]
    cuts = numbers.quantile([place / QUANTILES for place in range(QUANTILES + 1)]).tolist() if len(numbers) else []
    values = [round(cut) if rule.kind is Kind.INTEGER else float(f"{cut:.6g}") for cut in cuts]
    return [value for value in values if rule.allows(value)]


def joined(batches: Iterable[Batch]) -> Batch:
    """Several batches, one below the other."""
    all_ = tuple(batches)
    columns = {name: tuple(v for one in all_ for v in one.columns[name]) for name in all_[0].columns}
    real: dict[str, frozenset[int]] = {}
    for name in columns:
        places, first = set(), 0
        for one in all_:
            places |= {first + place for place in one.real[name]}
            first += one.rows
        real[name] = frozenset(places)
    return Batch(columns, real, sum(one.rows for one in all_))


def row_of(batch: Batch, place: int) -> dict[str, Any]:
    """One row's cells."""
    return {name: values[place] for name, values in batch.columns.items()}


def changed(batch: Batch, change: Change) -> tuple[Batch, list[int]]:
    """The batch after a change, and the rows that it changes."""
    columns = {name: list(values) for name, values in batch.columns.items()}
    places = []
    for place in range(batch.rows):
        cells = change.apply(row_of(batch, place))
        if cells:
            places.append(place)
            for name, value in cells.items():
                columns[name][place] = value
    return Batch({name: tuple(values) for name, values in columns.items()}, batch.real, batch.rows), places

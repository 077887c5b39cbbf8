"""Checking a source against a schema: the plain function behind the check and the command."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.checks.schema.customs import CUSTOM_ROWS
from mlscore.checks.schema.examples import MOST
from mlscore.checks.schema.judge import judge
from mlscore.checks.schema.plan import make_plan
from mlscore.checks.schema.read import read_schema
from mlscore.checks.schema.report import SchemaReport
from mlscore.checks.schema.shapes import Schema
from mlscore.tables.shapes import TableOptions
from mlscore.tables.table import Table, open_table

if TYPE_CHECKING:
    from mlscore.checks.schema.power import Power


def check_schema(
    schema: object,
    source: object,
    *,
    root: Path | None = None,
    environment: str | None = None,
    tolerated: float = 0.0,
    examples: int = MOST,
    custom_rows: int | None = CUSTOM_ROWS,
    power: bool = False,
    seed: int = 0,
    options: TableOptions | None = None,
) -> SchemaReport:
    """Hold a source against a schema, in one pass over its rows.

    `schema` is what `read_schema` takes: a path, "package.module:SCHEMA", one of pandera's objects. `source` is what
    `open_table` takes, or a Table. `tolerated` is the share of values that may break a rule which names no share of its
    own; a broken type or a missing column is never tolerated. Checks that only pandera can run see a sample of
    `custom_rows` rows, or with None every row; each result says how many. With `power` the fault catalogue is applied
    to a sample of the source, and the report says which faults the schema would miss.

        report = check_schema("schema.toml", "train.parquet")
        assert report.passed, report.broken

    Raises InputError where schema or source cannot be read.
    """
    started = time.perf_counter()
    read = read_schema(schema, root=root, environment=environment)
    with opened(source, options) as table:
        plan = make_plan(read, table.columns)
        judged = judge(plan, table, examples=examples, custom_rows=custom_rows, most=tolerated, seed=seed)
        measured: Power | None = None
        if power and judged.rows:
            from mlscore.checks.schema.power import measure_power

            measured = measure_power(read, table, tolerated=tolerated, seed=seed)
        report = SchemaReport(
            schema=read.source,
            source=str(table.source),
            rows=judged.rows,
            rules=judged.results,
            unknown=(*plan.unmapped, *judged.unmapped),
            power=measured,
        )
    return replace(report, hollow=why_hollow(read, report, measured), seconds=time.perf_counter() - started)


def why_hollow(schema: Schema, report: SchemaReport, power: Power | None) -> str | None:
    """Why the check could not have failed; None when it could."""
    if schema.hollow is not None:
        return schema.hollow
    if not any(not rule.warns and rule.tolerated < 1 for rule in report.rules):
        return "no rule of the schema could be judged"
    if report.rows == 0:
        return "the table has no rows, so no rule on values could fail"
    if power is not None and power.tried and not power.caught:
        return f"the schema catches none of {power.tried} faults put into the data"
    return None


@contextmanager
def opened(source: object, options: TableOptions | None = None) -> Iterator[Table]:
    """The source as a Table, closed afterwards unless it was one already."""
    if isinstance(source, Table):
        yield source
        return
    with open_table(source, options=options) as table:
        yield table

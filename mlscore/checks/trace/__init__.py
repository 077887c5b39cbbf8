"""One example through each step of the pipeline: the check `trace` shows it, and that it ends in the served prediction."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError, InputError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.tables.table import Table


def _run(context: Context) -> CheckResult:
    from mlscore.checks.trace.judge import check_trace
    from mlscore.checks.trace.page import write_page
    from mlscore.checks.trace.personal import SAMPLE, personal_columns
    from mlscore.checks.trace.report import as_result

    ids = context.texts("id")
    if ids and len(ids) != len(context.data.id):
        raise ConfigError(
            f"{len(ids)} values of an id are given, and it has {len(context.data.id)} columns",
            where=context.where,
            hint='add id = "…" to [tool.mlscore.data]',
        )
    number = int(context.number("row") or 1)
    served = context.text("served")
    if served is not None and not ids:
        raise ConfigError(
            "what was served is found by the example's id", where=context.where, hint='name the example by id = "…"'
        )
    with ExitStack() as stack:
        predictor = stack.enter_context(context.predictor()) if context.model.source is not None else None
        table = stack.enter_context(context.table("rows"))
        row = find_row(table, context.data.id if ids else (), ids, number)
        logged = None
        if served is not None:
            log = stack.enter_context(context.table("served"))
            logged = find_row(log, context.data.id, ids, 1).to_pylist()[0]
        columns = [name for name in row.column_names if name != context.data.label]
        tolerance = context.number("tolerance")
        report = check_trace(
            row.select(columns),
            settings=context.model,
            predictor=predictor,
            root=context.root,
            steps=context.texts("steps"),
            pipeline=context.text("pipeline"),
            logged=logged,
            prediction=context.text("prediction") or "prediction",
            may_null=context.texts("may-null"),
            personal=personal_columns(table.sample(SAMPLE, 0, columns)),
            tolerance=1e-6 if tolerance is None else tolerance,
            limit=context.number("timeout") or 60.0,
            named=f"the example {', '.join(ids)}" if ids else f"row {number:,}",
        )
    pages = context.texts("page")
    for page in pages:
        write_page(report, context.root / page)
    return as_result(report, pages)


def find_row(table: Table, columns: tuple[str, ...], ids: tuple[str, ...], number: int) -> Any:
    """The first row whose id has these values, as text; without an id the row of that number, from 1.

    Raises InputError where there is none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    seen = 0
    names = {column.name for column in table.columns}
    lacking = [name for name in columns if name not in names]
    if lacking:
        raise InputError(f'there is no column "{lacking[0]}", the id', where=str(table.source))
    for batch in table.batches(10_000):
        if columns:
            hit = None
            for name, value in zip(columns, ids, strict=True):
                one = pc.fill_null(pc.equal(batch.column(name).cast(pa.string()), value), False)
                hit = one if hit is None else pc.and_(hit, one)
            found = batch.filter(hit)
            if found.num_rows:
                return found.slice(0, 1)
        elif seen + batch.num_rows >= number:
            return batch.slice(number - seen - 1, 1)
        seen += batch.num_rows
    what = "with the id that is named" if columns else f"{number:,}"
    raise InputError(f"there is no row {what} among {seen:,}", where=str(table.source), hint="name another")


CHECKS = (
    Check(
        id="trace",
        title="One example can be traced through the pipeline, to the prediction that is served",
        items=("infra-5",),
        options=(
            Option("rows", Takes.SOURCE, "rows, of which one is traced", default="validation"),
            Option("row", Takes.COUNT, "which row: its number, from 1", 1),
            Option("id", Takes.TEXTS, "which row: the value of its id, or a value for each of the id's columns"),
            Option("steps", Takes.TEXTS, 'the pipeline\'s own functions in their order, each "module:function"'),
            Option("pipeline", Takes.TEXT, "the pipeline, as a model's source is written; the model itself by default"),
            Option("served", Takes.SOURCE, "what serving wrote down, with the id and the prediction"),
            Option("prediction", Takes.TEXT, "the column of the prediction that was served", "prediction"),
            Option("page", Takes.TEXTS, "the page that the trace is written to: a path that ends in .html or .md"),
            Option("may-null", Takes.TEXTS, "steps that may introduce nulls"),
            Option("tolerance", Takes.NUMBER, "what two numbers may differ by, relative", 1e-6),
            Option("timeout", Takes.COUNT, "seconds for the trace", 60),
        ),
        run=_run,
    ),
)

"""Feature code tried on generated input: what a feature function should keep to, whatever it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from mlscore.checks.context import Context


def _run(context: Context) -> CheckResult:
    from mlscore.checks.feature_code.check import check_feature_code
    from mlscore.checks.feature_code.results import feature_code_result

    schema = context.text("schema")
    # Real rows are the training data's where a role says so; with a schema they are not needed.
    given = context.text("rows") or ("train" if "train" in context.data.sources else None)
    if schema is None and given is None:
        raise ConfigError(
            "there is nothing to make input from",
            where=context.where,
            hint='add schema = "module:SCHEMA", or rows = "…", or train = "…" to [tool.mlscore.data]',
        )
    off = context.options.get("off")
    table = None
    try:
        table = None if given is None else context.opened(given)
        return feature_code_result(
            check_feature_code(
                context.texts("functions"),
                schema=schema,
                rows=table,
                off=off if isinstance(off, dict) else None,
                examples=_count(context, "examples"),
                real=_count(context, "real"),
                seconds=context.number("seconds") or 30.0,
                tolerance=context.number("tolerance") or 0.0,
                serving=context.texts("serving"),
                reader=context.text("reader"),
                form=context.text("form") or "auto",
                coverage=context.text("coverage"),
                root=context.root,
                item=context.text("marked") or "data-7",
                seed=int(context.number("seed") or 0),
            )
        )
    except UsageError as error:
        if error.where is None:
            error.where = context.where
        raise
    finally:
        if table is not None:
            table.close()


def _count(context: Context, name: str) -> int:
    value = context.options[name]
    return value if isinstance(value, int) else 1


CHECKS = (
    Check(
        id="feature-code",
        title="Feature functions keep their promises on generated input",
        items=("data-7",),
        options=(
            Option("functions", Takes.TEXTS, 'the feature functions, each "package.module:function"', required=True),
            Option("schema", Takes.TEXT, 'a pandera schema of their input, "package.module:SCHEMA"'),
            Option("rows", Takes.SOURCE, "real rows of their input, by default the training data"),
            Option(
                "off", Takes.TABLE, 'properties that need not hold, each with a reason: { alone = "a rolling mean" }'
            ),
            Option("examples", Takes.COUNT, "batches generated for each function", 100),
            Option("real", Takes.COUNT, "real rows drawn", 200),
            Option("seconds", Takes.NUMBER, "the time for each function, in seconds", 30.0),
            Option("tolerance", Takes.NUMBER, "what two answers may differ by, relative", 1e-6),
            Option("serving", Takes.TEXTS, "the serving formats: json, json-raw, parquet", ("json",)),
            Option(
                "reader",
                Takes.TEXT,
                'the server\'s own function from JSON records to a batch, "package.module:function"',
            ),
            Option(
                "form",
                Takes.CHOICE,
                "what the functions take",
                "auto",
                choices=("auto", "pandas", "polars", "numpy", "rows", "row", "columns"),
            ),
            Option("coverage", Takes.TEXT, "coverage data of the tests, by default .coverage or coverage.json"),
            Option("marked", Takes.TEXT, "the item that the tests of feature code are marked for", "data-7"),
            Option("seed", Takes.NUMBER, "the seed of everything random", 0),
        ),
        run=_run,
    ),
)

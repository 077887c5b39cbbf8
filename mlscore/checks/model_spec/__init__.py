"""Unit tests of a model's specification: the check `model-spec` builds it, trains it on a few rows, and saves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from mlscore.checks.context import Context

ROWS = 2_000


def _run(context: Context) -> CheckResult:
    from mlscore.checks.model_spec.judge import check_model_spec
    from mlscore.checks.model_spec.report import as_result

    schema, model = context.text("schema"), context.model
    # Real rows are the training data's where a role says so; with a schema they are not needed.
    given = context.text("rows") or ("train" if "train" in context.data.sources else None)
    if schema is None and given is None:
        raise ConfigError(
            "there is nothing to make input from",
            where=context.where,
            hint='add schema = "module:SCHEMA", or rows = "…", or train = "…" to [tool.mlscore.data]',
        )
    off = context.options.get("off")
    try:
        return as_result(
            check_model_spec(
                context.text("build") or "",
                root=context.root,
                schema=schema,
                rows=None if given is None else _rows(context, given),
                label=context.data.label,
                features=model.features,
                task=model.task,
                classes=model.classes,
                save=context.text("save"),
                load=context.text("load"),
                level=context.number("level"),
                few=int(context.number("few") or 10),
                steps=int(context.number("steps") or 200),
                off=off if isinstance(off, dict) else None,
                seed=int(context.number("seed") or 0),
                limit=context.number("timeout") or 300.0,
            )
        )
    except (UsageError, ConfigError) as error:
        if error.where is None:
            error.where = context.where
        raise


def _rows(context: Context, given: str) -> Any:
    """A sample of the real rows, without the id and the time, which are no features."""
    with context.opened(given) as table:
        away = {*context.data.id, context.data.time} - set(context.model.features)
        return table.sample(ROWS, 0, [column.name for column in table.columns if column.name not in away])


CHECKS = (
    Check(
        id="model-spec",
        title="The model's specification builds, learns, and survives saving",
        items=("infra-2",),
        options=(
            Option("build", Takes.TEXT, 'the function that builds an unfitted model, "module:function"', required=True),
            Option("schema", Takes.TEXT, 'a pandera schema of the model\'s input, "module:SCHEMA"'),
            Option("rows", Takes.SOURCE, "real, labelled rows; the training data by default"),
            Option("save", Takes.TEXT, 'the project\'s own function that saves, "module:function" of model and path'),
            Option("load", Takes.TEXT, 'the project\'s own function that loads, "module:function" of a path'),
            Option(
                "level",
                Takes.SHARE,
                "the share of labels, or R², to be reached on the few rows; by default 0.9, or 0.7",
            ),
            Option("few", Takes.COUNT, "rows that are to be learned by heart", 10),
            Option("steps", Takes.COUNT, "steps of training that a network has for it", 200),
            Option(
                "off",
                Takes.TABLE,
                'aspects and checks that need not hold, each with a reason: { saved = "served live" }',
            ),
            Option("seed", Takes.NUMBER, "the seed of everything random", 0),
            Option("timeout", Takes.COUNT, "seconds for all of it", 300),
        ),
        run=_run,
    ),
)

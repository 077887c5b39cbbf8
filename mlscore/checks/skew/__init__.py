"""Training/serving skew: what the model was given held against what the training code computes for the same examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context

EXACT, DISTRIBUTION = "exact", "distribution"


def _run(context: Context) -> CheckResult:
    from mlscore.checks.skew.results import distribution_result, exact_result

    ignore = [*context.texts("ignore")]
    columns = context.texts("columns") or None
    time = context.text("time") or context.data.time
    if context.text("mode") == DISTRIBUTION:
        from mlscore.checks.skew.distribution import check_skew_distribution

        with context.table("served") as served, context.table("recomputed") as training:
            both = {column.name for column in served.columns}
            aside = {*ignore, *(context.texts("id") or context.data.id), context.data.label, time}
            fit = [c.name for c in training.columns if c.name in both and not c.labels_rows]
            chosen = columns or [name for name in fit if name not in aside]
            rate = context.number("false-alarms")
            rate = 0.01 if rate is None else rate
            known = time if time in both and any(c.name == time for c in training.columns) else None
            return distribution_result(
                check_skew_distribution(served, training, columns=chosen, time=known, false_alarms=rate)
            )
    from mlscore.checks.skew.exact import check_skew

    id_ = context.texts("id") or context.data.id
    if not id_:
        raise ConfigError(
            "the examples need an id, by which served ones are joined with recomputed ones",
            where=context.where,
            hint='add id = "…" here or to [tool.mlscore.data]',
        )
    given = context.options.get("tolerance")
    with context.table("served") as served, context.table("recomputed") as recomputed:
        both = {c.name for c in served.columns} & {c.name for c in recomputed.columns}
        # Labels come later than features, and are no features.
        label = [context.data.label] if context.data.label in both and columns is None else []
        limit, least = context.number("limit"), context.number("matched")
        return exact_result(
            check_skew(
                served,
                recomputed,
                id=id_,
                tolerance=given if isinstance(given, dict) else None,
                columns=columns,
                ignore=[*ignore, *label],
                time=time if time in both else None,
                limit=limit or 0.0,
                least_matched=0.95 if least is None else least,
            )
        )


CHECKS = (
    Check(
        id="skew",
        title="Served features are what the training code computes",
        items=("monitor-3",),
        options=(
            Option("served", Takes.SOURCE, "the features as the model was given them", default="serving"),
            Option(
                "recomputed",
                Takes.SOURCE,
                'the same examples by the training code, for instance "package.module:callable"; in the mode '
                '"distribution" the training data',
                required=True,
            ),
            Option(
                "mode",
                Takes.CHOICE,
                "join examples, or compare distributions",
                EXACT,
                choices=(EXACT, DISTRIBUTION),
            ),
            Option("id", Takes.TEXTS, "the columns that tell examples apart, by default those of the data's settings"),
            Option("columns", Takes.TEXTS, "the features to compare, by default all that both sides have"),
            Option("ignore", Takes.TEXTS, "columns that are not compared"),
            Option("time", Takes.TEXT, "the column that orders examples, by default that of the data's settings"),
            Option("tolerance", Takes.TABLE, "what may differ, per column or kind: { number = 1e-6, price = 0.001 }"),
            Option("limit", Takes.SHARE, "the share of examples that may differ", 0.0),
            Option("matched", Takes.SHARE, "the least share of served examples that must meet a recomputed one", 0.95),
            Option("false-alarms", Takes.SHARE, 'in the mode "distribution": the rate of false alarms per run', 0.01),
        ),
        run=_run,
    ),
)

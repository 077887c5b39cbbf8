"""Quality on slices: the check `slices` looks where a model does worse than it may, in slices that are named and found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.predicted import Predicted
    from mlscore.checks.slices.shapes import SliceReport

LOSSES = ("error", "absolute error", "squared error", "log loss", "Brier score")


def _run(context: Context) -> CheckResult:
    from mlscore.checks.predicted import predictions
    from mlscore.checks.slices.report import as_result

    with predictions(context, "validation", previous=True) as made:
        return as_result(_report(context, made)).with_unknown(made.not_judged)


def _report(context: Context, made: Predicted) -> SliceReport:
    from mlscore.checks.predicted import LOG_LOSS, PREDICTION, PREVIOUS, SCORE
    from mlscore.checks.slices.judge import check_slices
    from mlscore.tables.table import open_table

    numbers = made.task.numbers
    loss = context.text("loss") or ("absolute error" if numbers else "error")
    if numbers != (loss in ("absolute error", "squared error")):
        what = "numbers" if numbers else "classes"
        raise ConfigError(f'"{loss}" is no loss of a model that predicts {what}', where=context.where)
    if (loss == "log loss" and not made.probable) or (loss == "Brier score" and not made.scored):
        hint = 'measure loss = "error"'
        raise ConfigError(f'"{loss}" needs probabilities that the model does not give', where=context.where, hint=hint)
    column = {"log loss": LOG_LOSS, "Brier score": SCORE}.get(loss, PREDICTION)
    slices = context.options.get("slices")
    own = {PREDICTION, SCORE, LOG_LOSS}
    aside = {*own, *(PREVIOUS + one for one in own), made.label, *context.data.id, *context.texts("ignore")}
    least, most = context.number("least-rows"), context.number("most")
    with open_table(made.path, options=context.limits) as table:
        columns = context.texts("columns") or tuple(c.name for c in table.columns if c.name not in aside)
        return check_slices(
            table,
            label=made.label,
            against=column,
            measure="given" if loss == "log loss" else loss,
            positive=made.positive,
            previous=PREVIOUS + column if made.previous else None,
            columns=columns,
            slices=slices if isinstance(slices, dict) else None,
            discover=bool(context.options.get("discover")),
            pairs=bool(context.options.get("pairs")),
            limit=context.number("limit"),
            margin=context.number("margin"),
            worsening=context.number("worsening"),
            least_rows=None if least is None else int(least),
            bins=int(context.number("bins") or 10),
            alpha=context.number("false-alarms") or 0.01,
            most=int(most or 20),
        )


CHECKS = (
    Check(
        id="slices",
        title="The model is good enough on every slice of the data",
        items=("model-6",),
        options=(
            Option("validation", Takes.SOURCE, "labelled rows that the model was not trained on", default="validation"),
            Option(
                "loss", Takes.CHOICE, "how wrong a prediction is; error, or absolute error of numbers", choices=LOSSES
            ),
            Option(
                "slices",
                Takes.TABLE,
                "slices by name: { night = { hour = [22, 23] }, far = { miles = { above = 900 } } }",
            ),
            Option("discover", Takes.FLAG, "look for weak slices of one and of two columns", True),
            Option("pairs", Takes.FLAG, "look for slices of two columns as well", True),
            Option(
                "columns", Takes.TEXTS, "the columns that slices are looked for by, by default all but label and id"
            ),
            Option("ignore", Takes.TEXTS, "columns that they are not looked for by"),
            Option("limit", Takes.NUMBER, "the greatest mean loss that a slice may have"),
            Option(
                "margin",
                Takes.NUMBER,
                "by how much its loss may exceed that of all other rows; by default, where there is no limit, 0.4 standard "
                "deviations of the loss",
            ),
            Option(
                "worsening",
                Takes.NUMBER,
                "by how much its loss may exceed the previous release's; by default 0.1 standard deviations",
            ),
            Option("least-rows", Takes.COUNT, "rows that a slice must have; by default 50, and 0.2 % of all"),
            Option("bins", Takes.COUNT, "into how many ranges numbers and times are cut", 10),
            Option("most", Takes.COUNT, "how many weak slices are reported at most", 20),
            Option("false-alarms", Takes.SHARE, "the chance that any slice is called weak that is not", 0.01),
        ),
        run=_run,
    ),
)

"""A simpler model is not better: the check `simpler-model` fits a ladder of them and holds the model against each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.simpler.shapes import Rung, SimplerReport

METRICS = ("AUC", "error", "log loss", "absolute error", "squared error")


def _run(context: Context) -> CheckResult:
    from mlscore.checks.predicted import LOG_LOSS, PREDICTION, SCORE, predictions
    from mlscore.checks.simpler.judge import MOST_ROWS, check_simpler
    from mlscore.tables.table import open_table

    worth, dearer = context.number("worth"), context.number("dearer")
    with (
        predictions(context, "validation") as made,
        context.table("train") as train,
        open_table(made.path, options=context.limits) as validation,
    ):
        report = check_simpler(
            train,
            validation,
            label=made.label,
            prediction=PREDICTION,
            features=context.texts("features") or made.features,
            score=SCORE if made.scored else None,
            log_loss=LOG_LOSS if made.probable else None,
            metric=context.text("metric"),
            numeric=made.task.numbers,
            positive=made.positive,
            margin=context.number("margin") or 0.0,
            worth=0.01 if worth is None else worth,
            dearer=10.0 if dearer is None else dearer,
            seconds=made.seconds / made.rows,
            most_rows=int(context.number("rows") or MOST_ROWS),
        )
    return as_result(report).with_unknown(made.not_judged)


def as_result(report: SimplerReport) -> CheckResult:
    """The result of a check: every rung in a line, those that are as good first."""
    from mlscore.checks.simpler.shapes import Verdict
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    bad = [rung for rung in report.rungs if rung.verdict is Verdict.NOT_BETTER]
    nearest = min(report.rungs, key=lambda rung: rung.gain.value, default=None)
    summary = report.hollow or "no simpler model was fitted"
    if bad:
        names = ", ".join(rung.name for rung in bad)
        by = f" by more than {report.margin:g}" if report.margin else ""
        summary = f"the model is not better{by} than a simpler one: {names}"
    elif nearest is not None and report.figure is not None:
        summary = f"{report.metric} {report.figure:.4g}, better than {nearest.name} by {nearest.gain}"
    values = (
        []
        if nearest is None
        else [Value(f"least gain in {report.metric}", round(nearest.gain.value, 6), None, report.margin)]
    )
    if report.figure is not None:
        values.insert(0, Value(report.metric, round(report.figure, 6)))
    rest = [rung for rung in report.rungs if rung not in bad]
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=tuple(_line(rung, report) for rung in bad),
        unknown=report.not_judged,
        notes=tuple(_line(rung, report) for rung in rest),
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


def _line(rung: Rung, report: SimplerReport) -> str:
    dear = "" if rung.dearer is None else f", the model {rung.dearer:,.0f} × dearer"
    said = f"{rung.name} ({rung.says}): {report.metric} {rung.figure:.4g}, the model's gain {rung.gain}{dear}"
    return said if rung.note is None else f"{said}: {rung.note}"


CHECKS = (
    Check(
        id="simpler-model",
        title="A simpler model is not better",
        items=("model-5",),
        options=(
            Option("train", Takes.SOURCE, "the rows that simpler models are fitted on", default="train"),
            Option("validation", Takes.SOURCE, "labelled rows that no model was trained on", default="validation"),
            Option(
                "metric",
                Takes.CHOICE,
                "what models are measured by: by default AUC of two classes, else the error, of numbers the absolute error",
                choices=METRICS,
            ),
            Option("margin", Takes.NUMBER, "by how much the model must be better than each of them", 0.0),
            Option("worth", Takes.NUMBER, "a gain below this is not worth a dearer model, and is noted", 0.01),
            Option("dearer", Takes.NUMBER, "from how many times the time of predicting a row a model is dearer", 10),
            Option("features", Takes.TEXTS, "the columns that simpler models are given, by default the model's"),
            Option("rows", Takes.COUNT, "rows of each table that are used at most", 50_000),
        ),
        run=_run,
    ),
)

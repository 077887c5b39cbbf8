"""Staleness: the check `staleness-curve` measures the loss by a model's age, and from which age on it is too great."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.staleness.shapes import StalenessReport

ROWS = 200_000
MEASURES = ("error", "log loss", "absolute error", "squared error")


def _run(context: Context) -> CheckResult:
    from mlscore.checks.labelled import label_of, labelled_rows
    from mlscore.checks.staleness.judge import FEWEST_ROWS
    from mlscore.checks.staleness.kept import write_staleness
    from mlscore.checks.staleness.past import dated_models

    label, time = label_of(context), context.data.time
    if time is None:
        raise ConfigError(
            "nothing says which column is the time of the rows",
            where=context.where,
            hint='add time = "…" to [tool.mlscore.data]',
        )
    models = dated_models(context)
    role = context.text("rows") or ("validation" if models else "train")
    with context.opened(role) as table:
        rows, unlabelled = labelled_rows(
            table.sample(int(context.number("most-rows") or ROWS), 0), label, role, FEWEST_ROWS
        )
    report = _judged(context, rows, label, time, models)
    kept = context.text("save")
    if kept is not None and report.points:
        write_staleness(report, context.root / kept)
    return as_result(report, unlabelled)


def _judged(context: Context, rows: Any, label: str, time: str, models: Any) -> StalenessReport:
    from contextlib import nullcontext

    from mlscore.checks.staleness.judge import check_staleness
    from mlscore.checks.staleness.past import Past
    from mlscore.checks.staleness.refits import Clones, Trainings
    from mlscore.checks.trained import training_of
    from mlscore.tables.shapes import Progress

    def say(what: str, share: float) -> None:
        if context.progress is not None:
            context.progress(Progress(what, share))

    def count(name: str) -> int | None:
        given = context.number(name)
        return None if given is None else int(given)

    command = context.text("by") == "command"
    limit = context.number("timeout") or 3600.0
    alpha = context.number("false-alarms")
    with nullcontext() if models or command else context.predictor() as predictor:
        measure = context.text("loss") or _measure(context, rows, label, predictor)
        refit: Any = None
        if command and not models:
            refit = Trainings(context, training_of(context)[1], label, measure, limit=limit)
        elif predictor is not None:
            refit = Clones(predictor, label, measure, limit=limit)
        return check_staleness(
            rows,
            time=time,
            measure=measure,
            refit=refit,
            models={day: Past(context, source, label, measure) for day, source in models.items()} or None,
            by="models" if models else "command" if command else "refit",
            step=context.number("step"),
            origins=count("windows"),
            ages=count("ages"),
            train=context.number("train-days"),
            most_loss=context.number("most-loss"),
            most_increase=context.number("most-increase"),
            max_age=context.number("max-age"),
            alpha=0.05 if alpha is None else alpha,
            say=say,
        )


def _measure(context: Context, rows: Any, label: str, predictor: Any) -> str:
    """The loss that fits: of numbers the absolute error, else the error."""
    import pyarrow as pa

    from mlscore.predictors.shapes import Task

    task = predictor.task if predictor is not None else None if context.model.task is None else Task(context.model.task)
    numbers = task.numbers if task is not None else pa.types.is_floating(rows.column(label).type)
    return "absolute error" if numbers else "error"


def as_result(report: StalenessReport, unlabelled: list[str] | None = None) -> CheckResult:
    """The result of a check; the curve is in its notes."""
    from mlscore.checks.staleness.verdict import days
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    values = []
    if report.loss is not None:
        values.append(Value(f"{report.measure} of the youngest", round(report.loss, 6)))
    if report.limit_days is not None:
        values.append(Value("greatest age", round(report.limit_days, 3), "days", report.max_age_days))
    if report.points:
        values.append(
            Value(
                "increase at the greatest age",
                round(report.points[-1].worse.value, 6),
                None,
                None if report.allowed is None else round(report.allowed, 6),
            )
        )
    said = "the ageing of models was not measured"
    if report.limit_days is not None:
        said = f"models are too old after {days(report)}"
    elif report.points:
        said = f"models stay within the limit up to {report.studied_days:.4g} days"
    if report.max_age_days is not None and report.points:
        said += f", and may become {report.max_age_days:g}"
    summary = report.findings[0] if report.findings else report.hollow or said
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=report.findings,
        unknown=(*(unlabelled or ()), *report.not_judged),
        notes=report.notes,
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


CHECKS = (
    Check(
        id="staleness-curve",
        title="How fast the model grows stale is known, and none may become too old",
        items=("model-4",),
        options=(
            Option(
                "rows",
                Takes.SOURCE,
                "labelled rows with their time: the training data, for past models the validation's",
            ),
            Option(
                "models", Takes.TABLE, 'past models by the day of their training: {"2026-01-31" = "models/1.skops"}'
            ),
            Option("folder", Takes.TEXT, "a folder of past models, with the date in each name"),
            Option(
                "by",
                Takes.CHOICE,
                "how models of other ages are made: a clone of the estimator is fitted, or the command of train is run",
                "clone",
                choices=("clone", "command"),
            ),
            Option(
                "loss", Takes.CHOICE, "how wrong a prediction is; error, or absolute error of numbers", choices=MEASURES
            ),
            Option("max-age", Takes.NUMBER, "how old a model may become, in days: the time between trainings"),
            Option("most-loss", Takes.NUMBER, "the greatest mean loss that a model may have"),
            Option(
                "most-increase", Takes.NUMBER, "by how much the loss may grow, as a share of the youngest models' loss"
            ),
            Option("step", Takes.NUMBER, "days of a window, and between two ages"),
            Option("ages", Takes.COUNT, "how many ages beside 0; 6 by default"),
            Option("windows", Takes.COUNT, "on how many newest windows models are judged; up to 5 by default"),
            Option("train-days", Takes.NUMBER, "days that each training has; by default all that are left"),
            Option("save", Takes.TEXT, "the JSON file to write the curve and the greatest age to"),
            Option("false-alarms", Takes.SHARE, "the chance that a model that does not decay is found to do so", 0.05),
            Option("timeout", Takes.COUNT, "seconds that one training may take", 3600),
            Option("most-rows", Takes.COUNT, "rows that are drawn from the table at most", ROWS),
        ),
        run=_run,
    ),
)

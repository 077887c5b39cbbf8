"""Hyperparameters: the check `tuning` judges what training uses by the trials of the search that should have found it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.tuning.shapes import Scalar, TuningReport


def _run(context: Context) -> CheckResult:
    from mlscore.checks.tuning.judge import check_tuning
    from mlscore.checks.tuning.read import read_trials

    given = context.text("trials")
    assert given is not None
    path = context.root / given
    if not path.exists():
        raise ConfigError(f'there are no trials at "{given}"', where=context.where, hint="mend the path")
    direction = context.text("direction")
    trials = read_trials(
        path,
        metric=context.text("metric"),
        greater=None if direction is None else direction == "maximize",
        study=context.text("study"),
        parameters=context.texts("parameters"),
        name=given,
    )
    alpha = context.number("false-alarms")
    return as_result(
        check_tuning(
            trials,
            _used(context),
            names=_names(context),
            noise=context.number("noise"),
            tolerance=context.number("tolerance") or 0.0,
            ends=context.texts("ends"),
            alpha=0.05 if alpha is None else alpha,
        )
    )


def _used(context: Context) -> dict[str, Mapping[str, Scalar]]:
    """What the file of parameters says, and what the model itself does."""
    from mlscore.checks.tuning.used import HYPERPARAMETERS, read_params

    found: dict[str, Mapping[str, Scalar]] = {}
    file = context.text("params")
    if file is not None:
        found[file] = read_params(context.root / file, file, context.text("section"))
    if context.model.source is not None:
        with context.predictor() as predictor:
            told = predictor.inside(HYPERPARAMETERS, {})
        if told is not None or file is None:
            found["the model"] = told or {}
    return found


def _names(context: Context) -> dict[str, str]:
    given = context.options.get("names")
    names = dict(given) if isinstance(given, Mapping) else {}
    for name, other in names.items():
        if not isinstance(other, str):
            hint = f'write names = {{{name} = "name-in-the-model"}}'
            raise ConfigError(f'"names" has no other name for "{name}"', where=context.where, hint=hint)
    return names


def as_result(report: TuningReport) -> CheckResult:
    """The result of a check."""
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    values = [Value("settings tried", report.settings)]
    if report.behind is not None:
        values.append(Value("behind the best", round(report.behind, 6), None))
    if report.p is not None:
        values.append(Value("p", round(report.p, 6)))
    said = f"{report.settings} settings in {report.trials} trials; {report.metric} {report.best_value:.6g} at best"
    if report.behind is not None:
        said += ", by what training uses" if report.behind <= 0 else f", {report.behind:.4g} more than what is used"
    return CheckResult(
        passed=report.passed,
        summary=said if report.passed else report.findings[0],
        values=tuple(values),
        findings=report.findings,
        unknown=report.not_judged,
        notes=report.notes,
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


CHECKS = (
    Check(
        id="tuning",
        title="Training uses the best hyperparameters of a search that looked far enough",
        items=("model-3",),
        options=(
            Option(
                "trials",
                Takes.TEXT,
                "the stored search: cv_results_ as JSON or CSV, Optuna's SQLite, a folder of MLflow's runs or of Ray "
                "Tune's trials, an export of Ray Tune or W&B",
                required=True,
            ),
            Option("metric", Takes.TEXT, "the metric that was searched by; an objective's number for Optuna"),
            Option(
                "direction",
                Takes.CHOICE,
                "which values are better, where it is not kept",
                choices=("maximize", "minimize"),
            ),
            Option("study", Takes.TEXT, "which of several studies (Optuna) or experiments (MLflow)"),
            Option("parameters", Takes.TEXTS, "the parameters that were tuned; all that a trial has by default", ()),
            Option("params", Takes.TEXT, "the file of parameters that training reads: JSON, YAML or TOML"),
            Option("section", Takes.TEXT, "the table in it, such as train.model"),
            Option("names", Takes.TABLE, 'what the model calls parameters: {lr = "learning_rate"}'),
            Option("noise", Takes.NUMBER, "the standard deviation of one trial's value, where trials do not show it"),
            Option("tolerance", Takes.NUMBER, "by how much the parameters in use may be worse than the best", 0),
            Option("ends", Takes.TEXTS, "parameters whose range ends where it has to, such as a share's at 1", ()),
            Option("false-alarms", Takes.SHARE, "the chance that a setting as good as all others is refused", 0.05),
        ),
        run=_run,
    ),
)

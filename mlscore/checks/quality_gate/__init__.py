"""Quality before serving: the check `quality-gate` judges the model, and the project's own gate by bad models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.quality_gate.shapes import Quality

LOSSES = ("error", "absolute error", "squared error", "log loss", "Brier score")


def _run(context: Context) -> CheckResult:
    from mlscore.checks.quality_gate.report import as_result
    from mlscore.checks.quality_gate.trial import DEFAULT_FAULTS, try_gate

    gate = context.texts("gate")
    if context.number("limit") is None and context.model.previous is None and not gate:
        raise ConfigError(
            "nothing says what is good enough",
            where=context.where,
            hint="add limit = … here, previous = … to [tool.mlscore.model], or gate = … here",
        )
    quality, not_judged = _quality(context)
    trial = None
    if gate:
        trial = try_gate(
            context,
            gate,
            faults=context.texts("faults") or (() if context.texts("broken") else DEFAULT_FAULTS),
            broken=context.texts("broken"),
            limit=context.number("gate-timeout") or 600.0,
        )
    return as_result(quality, trial).with_unknown(not_judged)


def _quality(context: Context) -> tuple[Quality, tuple[str, ...]]:
    from mlscore.checks.predicted import LOG_LOSS, PREDICTION, PREVIOUS, SCORE, predictions
    from mlscore.checks.quality_gate.judge import check_quality

    with predictions(context, "validation", previous=True) as made:
        numbers = made.task.numbers
        loss = context.text("loss") or ("squared error" if numbers else "error")
        if numbers != (loss in ("absolute error", "squared error")):
            what = "numbers" if numbers else "classes"
            raise ConfigError(f'"{loss}" is no loss of a model that predicts {what}', where=context.where)
        if (loss == "log loss" and not made.probable) or (loss == "Brier score" and not made.scored):
            hint = 'measure loss = "error"'
            raise ConfigError(
                f'"{loss}" needs probabilities that the model does not give', where=context.where, hint=hint
            )
        column = {"log loss": LOG_LOSS, "Brier score": SCORE}.get(loss, PREDICTION)
        both = (PREDICTION, PREVIOUS + PREDICTION)
        quality = check_quality(
            made.path,
            label=made.label,
            against=column,
            measure="given" if loss == "log loss" else loss,
            positive=made.positive,
            previous=PREVIOUS + column if made.previous else None,
            answers=both if made.previous and not numbers else None,
            limit=context.number("limit"),
            worsening=context.number("worsening"),
            most_changed=context.number("most-changed"),
            alpha=context.number("false-alarms") or 0.01,
            options=context.limits,
        )
        return quality, made.not_judged


CHECKS = (
    Check(
        id="quality-gate",
        title="The model is good enough to serve, and the gate refuses one that is not",
        items=("infra-4",),
        options=(
            Option("validation", Takes.SOURCE, "labelled rows that the model was not trained on", default="validation"),
            Option(
                "loss", Takes.CHOICE, "how wrong a prediction is; error, or squared error of numbers", choices=LOSSES
            ),
            Option("limit", Takes.NUMBER, "the loose limit: the greatest mean loss that a model may have"),
            Option(
                "worsening",
                Takes.NUMBER,
                "the tight limit: by how much the loss may be greater than the previous release's, beyond chance; by "
                "default a twentieth of its standard deviation",
            ),
            Option(
                "most-changed", Takes.SHARE, "the greatest share of answers that differ from the previous release's"
            ),
            Option("false-alarms", Takes.SHARE, "the chance that a model as good as the previous one is refused", 0.01),
            Option(
                "gate",
                Takes.TEXTS,
                "the project's own gate, a command with {model} (and {previous}) that judges and does not release; exit "
                "code 0 accepts",
            ),
            Option("faults", Takes.TEXTS, "faults of the catalogue for models that the gate must refuse"),
            Option("broken", Takes.TEXTS, "files of models known to be bad, which the gate must refuse"),
            Option("train", Takes.SOURCE, "the training data, from which broken models are made", default="train"),
            Option("gate-timeout", Takes.COUNT, "seconds that the gate may take for one model", 600),
        ),
        run=_run,
    ),
)

"""All features are beneficial: the check `feature-benefit` leaves them out or permutes them, and names leaks."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.errors import ConfigError

if TYPE_CHECKING:
    from mlscore.checks.benefit.shapes import BenefitReport
    from mlscore.checks.context import Context

METRICS = ("AUC", "error", "log loss", "absolute error", "squared error")


def _run(context: Context) -> CheckResult:
    from mlscore.checks.benefit.judge import MOST_ROWS, REFIT_SECONDS, check_benefit
    from mlscore.checks.labelled import label_of

    label = label_of(context)
    worth, leak, together = (context.number(name) for name in ("worth", "leak", "together"))
    seconds = context.number("refit-seconds")
    with ExitStack() as stack:
        predictor, table = stack.enter_context(context.predictor()), stack.enter_context(context.table("validation"))
        train = None
        if seconds != 0 and (context.text("train") is not None or "train" in context.data.sources):
            train = stack.enter_context(context.table("train"))
        report = check_benefit(
            predictor,
            table,
            label=label,
            train=train,
            refit_seconds=REFIT_SECONDS if seconds is None else seconds,
            features=predictor.features or [c.name for c in table.columns if c.name not in (label, *context.data.id)],
            metric=context.text("metric"),
            groups=_groups(context),
            together=0.7 if together is None else together,
            noise=context.texts("noise"),
            worth=0.01 if worth is None else worth,
            leak=0.95 if leak is None else leak,
            allowed=context.texts("allowed"),
            most_rows=int(context.number("rows") or MOST_ROWS),
        )
    return as_result(report)


def _groups(context: Context) -> list[tuple[str, ...]] | None:
    given = context.options.get("groups")
    if not isinstance(given, dict):
        return None
    found = []
    for name, columns in given.items():
        if not isinstance(columns, (list, tuple)) or not all(isinstance(one, str) for one in columns):
            raise ConfigError(
                f'the group "{name}" is no list of columns', where=context.where, hint='write ["one", "other"]'
            )
        found.append(tuple(columns))
    return found


def as_result(report: BenefitReport) -> CheckResult:
    """The result of a check: suspects and groups without benefit first, then every other group in a line."""
    from mlscore.checks.benefit.shapes import Verdict
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    said = []
    if report.useless:
        said.append(
            f"the model's {report.metric} {report.figure:.4g} is no better than a constant's {report.constant:.4g}: "
            "no feature is of benefit"
        )
    said += [
        f"{one.feature} tells the label alone: skill {one.skill}, and 1 is always right; a leakage suspect"
        for one in report.suspects
    ]
    skills = {one.feature: one.skill.value for one in report.alone}
    by_chance = "" if report.chance is None else f", by chance {max(0.0, report.chance):.2g}"
    for one in report.needless:
        alone = ", ".join(f"{skills[name]:.2g}" for name in one.features if name in skills)
        own = f"; skill alone {alone}{by_chance}" if alone else ""
        said.append(
            f"{one.name} is of no benefit: gain in {report.metric} {one.gain}, {report.worth:.2g} is worth it{own}"
        )
    rest = [one for one in report.benefits if one.verdict is not Verdict.NONE]
    good = sum(one.verdict is Verdict.BENEFICIAL for one in rest)
    judged = sum(one.verdict is not Verdict.NOISE for one in report.benefits)
    how = f"fitted anew {report.fits} times" if report.fits else f"{report.predicted:,} rows predicted"
    summary = f"{good} of {judged} features or groups of them are beneficial, {how}"
    if not report.passed:
        named = [one.feature for one in report.suspects]
        parts = [f"leakage suspects: {', '.join(named)}"] if named else []
        if report.needless:
            parts.append(f"of no benefit: {', '.join(one.name for one in report.needless)}")
        summary = said[0] if report.useless else "; ".join(parts)
    return CheckResult(
        passed=report.passed,
        summary=summary if report.hollow is None or not report.passed else report.hollow,
        values=(
            Value("of no benefit", len(report.needless), None, 0),
            Value("leakage suspects", len(report.suspects), None, 0),
            Value("rows predicted", report.predicted),
        ),
        findings=tuple(said),
        unknown=report.not_judged,
        notes=(
            *(f"{one.name}: {one.verdict.value}, gain {one.gain} on {one.rows:,} rows" for one in rest),
            f"method: {report.method.value}" + ("" if report.why is None else f", because {report.why}"),
        ),
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


CHECKS = (
    Check(
        id="feature-benefit",
        title="All features are beneficial",
        items=("data-2",),
        options=(
            Option("validation", Takes.SOURCE, "labelled rows that the model was not trained on", default="validation"),
            Option("train", Takes.SOURCE, "labelled rows on which it is fitted anew, by default the training data"),
            Option(
                "refit-seconds", Takes.NUMBER, "the time for all fits, in seconds; with 0 the model is permuted", 10.0
            ),
            Option(
                "metric",
                Takes.CHOICE,
                "by default AUC of two classes with probabilities, else the error, of numbers the absolute error",
                choices=METRICS,
            ),
            Option("groups", Takes.TABLE, 'features judged together, by name: { weather = ["wind", "rain"] }'),
            Option("together", Takes.SHARE, "features whose association is at least this are judged together", 0.7),
            Option("noise", Takes.TEXTS, "columns of the model that are random by intent: benefit must exceed theirs"),
            Option("worth", Takes.SHARE, "the least benefit, as a share of what the model gains over a constant", 0.01),
            Option("leak", Takes.SHARE, "a feature that alone has this skill is suspected of leaking the label", 0.95),
            Option("allowed", Takes.TEXTS, "features that may be as good as that"),
            Option("rows", Takes.COUNT, "validation rows that are used at most", 50_000),
        ),
        run=_run,
    ),
)

"""Numerical stability: the check `stability` looks for NaN, infinities, great weights, and what hangs on rounding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes

if TYPE_CHECKING:
    from mlscore.checks.context import Context
    from mlscore.checks.stability.shapes import StabilityReport

ROWS = 10_000


def _run(context: Context) -> CheckResult:
    from mlscore.checks.stability.extremes import bounds_of
    from mlscore.checks.stability.judge import check_stability

    schema, log = context.text("schema"), context.text("log")
    bounds = None
    if schema is not None:
        from mlscore.checks.schema.read import read_schema

        bounds = bounds_of(read_schema(schema, root=context.root))
    greatest, dead, changed = (context.number(name) for name in ("greatest-weight", "most-dead", "most-changed"))
    with context.predictor() as predictor, context.table("rows") as table:
        names = [column.name for column in table.columns]
        chosen = [name for name in predictor.features or names if name in names and name != context.data.label]
        return as_result(
            check_stability(
                predictor,
                table.sample(ROWS, 0, chosen),
                bounds=bounds,
                log=None if log is None else context.root / log,
                loss=context.text("loss-column"),
                greatest=1e6 if greatest is None else greatest,
                most_dead=0.5 if dead is None else dead,
                most_changed=0.001 if changed is None else changed,
            )
        )


def as_result(report: StabilityReport) -> CheckResult:
    """The result of a check."""
    from mlscore.core.codec import encode
    from mlscore.core.evidence import Value

    looked = [f"{report.rows:,} rows"]
    if report.extreme:
        looked.append(f"{report.extreme:,} extreme ones")
    if report.weights:
        looked.append(f"{report.weights:,} arrays of weights")
    if report.steps:
        looked.append(f"{report.steps:,} steps of training")
    values = [Value("findings", len(report.findings), None, 0)]
    if report.greatest is not None:
        values.append(Value("greatest weight", report.greatest))
    if report.narrow is not None:
        values.append(Value("changed by float32", round(100 * report.narrow, 4), "%"))
    said = f"numbers hold in {', '.join(looked)}"
    return CheckResult(
        passed=report.passed,
        summary=said if report.passed else report.findings[0],
        values=tuple(values),
        findings=report.findings,
        unknown=report.not_judged,
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


CHECKS = (
    Check(
        id="stability",
        title="The model is numerically stable",
        items=("monitor-5",),
        options=(
            Option("rows", Takes.SOURCE, "rows that are predicted", default="validation"),
            Option("schema", Takes.TEXT, "a schema whose ranges say how extreme a valid number may be"),
            Option("log", Takes.TEXT, "the training's log: CSV or JSON lines with loss and gradients by step"),
            Option("loss-column", Takes.TEXT, 'the log\'s column that must fall; "loss" and the like by default'),
            Option("greatest-weight", Takes.NUMBER, "the greatest magnitude of a weight", 1e6),
            Option("most-dead", Takes.SHARE, "the share of a layer's units that may have no weight at all", 0.5),
            Option("most-changed", Takes.SHARE, "the share of answers that single precision may change", 0.001),
        ),
        run=_run,
    ),
)

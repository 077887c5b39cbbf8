"""Drift as a check of the configuration: the data of now against a reference, or a stored summary of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.checks.base import Check, CheckResult, Option, Takes
from mlscore.core.evidence import Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlscore.checks.context import Context
    from mlscore.checks.drift.report import ColumnDrift, DriftReport, Trial
    from mlscore.checks.drift.summary import Summary
    from mlscore.tables.table import Table

FAIL, TELL = "fail", "tell"


def run_drift(context: Context) -> CheckResult:
    """Compare the current data with the reference; see `detect_drift`."""
    from contextlib import ExitStack
    from pathlib import Path

    from mlscore.checks.drift.detect import detect_drift
    from mlscore.checks.drift.summary import Summary, is_stored, load
    from mlscore.tables.shapes import is_row_label

    rate, least = context.number("false-alarms"), context.number("least-effect")
    with ExitStack() as stack:
        current = stack.enter_context(context.table("current"))
        given = context.source(_reference(context))
        reference: Summary | Table
        if isinstance(given, str) and is_stored(Path(given)):
            reference = load(Path(given))
        else:
            reference = stack.enter_context(context.table(_reference(context)))
        # The reference's columns and time, not the current data's: what these have lost would not be seen.
        names = [column.name for column in reference.columns if not is_row_label(column.name)]
        aside = {*context.texts("ignore"), *context.data.id}
        own = context.data.time if not isinstance(reference, Summary) and context.data.time in names else None
        report = detect_drift(
            reference,
            current,
            time=context.text("time") or own,
            columns=context.texts("columns") or tuple(name for name in names if name not in aside),
            false_alarms=0.01 if rate is None else rate,
            least_effect=0.05 if least is None else least,
            joint=bool(context.options.get("joint", True)),
        )
    return drift_result(report, gradual=context.text("gradual") or FAIL)


def _reference(context: Context) -> str:
    """The option that leads to the reference: by default the role `reference`, else the training data."""
    return "reference" if context.text("reference") or "reference" in context.data.sources else "train"


def drift_result(report: DriftReport, *, gradual: str = FAIL) -> CheckResult:
    """The report as a check's result; with `gradual` "tell", what came bit by bit passes and is told."""
    from mlscore.core.codec import encode

    drifted = [column for column in report.columns if column.drifted]
    slow = [c for c in drifted if c.pace == "gradual"] if gradual == TELL else []
    hard = [column for column in drifted if column not in slow]
    rows = [trial for trial in report.rows_drift if trial.drifted]
    together = report.joint is not None and report.joint.drifted
    failed = bool(hard or rows or (together and not slow))
    count = f"{len(report.columns)} {'column' if len(report.columns) == 1 else 'columns'}"
    if not report.reference_rows or not report.current_rows:
        failed, told = True, "one side has no rows: nothing can be compared"
    elif hard:
        told = f"{len(hard)} of {count} drifted"
    elif failed:
        told = f"none of {count} drifted by itself, but the table did"
    else:
        told = f"none of {count} drifted" if not slow else f"{len(slow)} of {count} changed gradually, none suddenly"
    return CheckResult(
        passed=not failed,
        summary=told,
        values=(
            Value("drifted columns", len(hard), None, 0),
            Value("gradual changes", len(slow), None),
            Value("current rows", report.current_rows, None),
        ),
        findings=tuple(_findings(hard, rows, report, together=together and failed)),
        unknown=tuple(f"gradual, told and not judged: {_line(column)}" for column in slow),
        notes=report.notes,
        hollow=None if report.columns else "no column is on both sides: nothing is compared",
        details=encode(report),
    )


def _findings(columns: list[ColumnDrift], rows: list[Trial], report: DriftReport, *, together: bool) -> Iterator[str]:
    yield from (_line(column) for column in columns)
    for trial in rows:
        since = f" since {trial.since}" if trial.since else ""
        yield f"rows: {trial.aspect}: {trial.measure} {trial.effect:.4g} (limit {trial.threshold:.4g}){since}"
    if together and report.joint is not None:
        pairs = ", ".join(f"{pair.left} and {pair.right}" for pair in report.joint.pairs)
        yield "columns go together otherwise than in the reference" + (f": {pairs}" if pairs else "")


def _line(column: ColumnDrift) -> str:
    since = f" since {column.since}" if column.since else ""
    cause = f"{column.cause}{since}, " if column.cause else ""
    text = f"{column.name}: {cause}{column.measured} {column.effect:.3g} (limit {column.threshold:.3g})"
    if column.new:
        text += f"; new categories: {len(column.new)}"
    if column.vanished:
        text += f"; vanished categories: {len(column.vanished)}"
    return text


CHECKS = (
    Check(
        id="drift",
        title="Current data are distributed as the reference",
        items=("monitor-3", "monitor-2"),
        options=(
            Option("current", Takes.SOURCE, "the data of now", default="serving"),
            Option(
                "reference",
                Takes.SOURCE,
                "what they are held against, also a stored summary; by default the role `reference`, else the "
                "training data",
            ),
            Option("time", Takes.TEXT, "the column that says when a row happened, by default the data's"),
            Option("columns", Takes.TEXTS, "the columns to compare, by default all but the id"),
            Option("ignore", Takes.TEXTS, "columns that are not compared"),
            Option("false-alarms", Takes.SHARE, "share of runs that may alarm without cause", 0.01),
            Option("least-effect", Takes.SHARE, "smallest Jensen-Shannon distance that matters", 0.05),
            Option("joint", Takes.FLAG, "test how columns go together as well", True),
            Option(
                "gradual",
                Takes.CHOICE,
                "what a change does that came bit by bit, such as a season",
                FAIL,
                choices=(FAIL, TELL),
            ),
        ),
        run=run_drift,
    ),
)

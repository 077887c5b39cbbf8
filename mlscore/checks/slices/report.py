"""What the check `slices` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.slices.shapes import Slice, SliceReport, Why
from mlscore.core.codec import encode
from mlscore.core.evidence import Value


def as_result(report: SliceReport) -> CheckResult:
    """The result of a check, the worst slices first."""
    weak = len(report.weak)
    whole = f"{report.measure} {report.loss} over all rows"
    if weak:
        summary = f"{weak} weak slice{'' if weak == 1 else 's'} of {report.examined:,}; {whole}"
    elif report.wrong:
        summary = report.wrong[0]
    else:
        summary = f"none of {report.examined:,} slices is weak; {whole}"
    values = [Value("weak slices", weak, None, 0), Value(report.measure, round(report.loss.value, 6))]
    worst = report.weak[0] if report.weak else max(report.declared, key=lambda one: one.loss.value, default=None)
    if worst is not None and worst.rows:
        values.append(Value(f"{report.measure} of the worst slice", round(worst.loss.value, 6), None, report.limit))
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=(*report.wrong, *(finding(one, report) for one in report.weak)),
        unknown=report.not_judged,
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


def finding(one: Slice, report: SliceReport) -> str:
    """One weak slice in a line."""
    named = f'"{one.name}"' if one.declared else one.name
    said = f"{named}: {report.measure} {one.loss} in {one.rows:,} rows ({one.share:.2%})"
    if one.why is Why.PREVIOUS:
        return f"{said}, {one.previous} more than the previous release, {report.worsening:.4g} allowed"
    if one.why is Why.LIMIT:
        return f"{said}, above the limit of {report.limit:.4g}"
    return f"{said}, {one.rest} elsewhere"

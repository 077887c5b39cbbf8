"""What the check `model-spec` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.model_spec.shapes import SpecReport
from mlscore.core.codec import encode
from mlscore.core.evidence import Value


def as_result(report: SpecReport) -> CheckResult:
    """The result of a check."""
    figures = {name: number for one in report.tried for name, number in one.figures.items()}
    values = [Value("findings", len(report.findings), None, 0), Value("aspects judged", len(report.judged))]
    values += [Value(name, number) for name, number in figures.items() if name in ("reached", "estimator checks")]
    said = f"{report.build} keeps {len(report.judged)} promises: {', '.join(report.judged)}"
    notes = [*report.notes]
    for one in report.tried:
        notes += one.notes
    notes += [f"{name} is off: {reason}" for name, reason in report.off.items() if not name.startswith("check_")]
    return CheckResult(
        passed=report.passed,
        summary=said if report.passed else report.findings[0],
        values=tuple(values),
        findings=report.findings,
        unknown=report.not_judged,
        notes=tuple(notes),
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )

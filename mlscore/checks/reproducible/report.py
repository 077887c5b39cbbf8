"""What the check `reproducible` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.reproducible.shapes import ADVICE, ReproducibleReport
from mlscore.core.codec import encode
from mlscore.core.evidence import Value


def as_result(report: ReproducibleReport) -> CheckResult:
    """The result of a check: how the two trainings differ, then why."""
    findings = [f"{one.level}: {one.says}" for one in report.differences] if not report.passed else []
    findings += [f"cause: {cause}; {ADVICE[cause]}" for cause in report.causes]
    if report.stuck is not None:
        tried = f" (tried: {', '.join(report.tried)})" if report.tried else ""
        findings.append(f"cause not found: {report.stuck}{tried}")
    values = [Value("training", round(max(report.seconds), 1), "s")]
    if report.parameters is not None:
        values.append(Value("arrays compared", report.parameters))
    if report.rows is not None:
        values.append(Value("predictions compared", report.rows))
    return CheckResult(
        passed=report.passed,
        summary=_summary(report),
        values=tuple(values),
        findings=tuple(findings),
        unknown=report.not_judged,
        details=encode(report),
    )


def _summary(report: ReproducibleReport) -> str:
    if not report.passed:
        last = report.differences[-1]
        because = f", because of {' and '.join(report.causes)}" if report.causes else ""
        return f"two trainings give two models ({last.level}: {last.says}){because}"
    what = [
        text
        for count, text in ((report.parameters, "the same parameters"), (report.rows, "the same predictions"))
        if count
    ]
    if not report.differences:
        return f"two trainings give the same file{', ' + ' and '.join(what) if what else ''}"
    return f"two trainings give {' and '.join(what)}; the bytes of the files differ, as with dates in them"

"""What the check `trace` says: its summary, figures and findings; no value of the row."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.trace.compare import changes
from mlscore.checks.trace.shapes import TraceReport
from mlscore.core.evidence import Value


def as_result(report: TraceReport, pages: tuple[str, ...] = ()) -> CheckResult:
    """The result of a check; `pages` are the files that the trace was written to."""
    main = [step for step in report.steps if not step.depth]
    said = f"{report.row} through {len(main)} steps of {report.what} ends in the served prediction, {report.served}"
    notes = [f"the trace is written to {page}" for page in pages]
    if report.personal:
        notes.append(f"values are redacted in {', '.join(report.personal)}")
    return CheckResult(
        passed=report.passed,
        summary=said if report.passed else report.findings[0],
        values=(Value("findings", len(report.findings), None, 0), Value("steps", len(report.steps))),
        findings=report.findings,
        unknown=report.not_judged,
        notes=(*notes, *report.notes),
        hollow=report.hollow if report.passed else None,
        details={
            "row": report.row,
            "traced": report.what,
            "agreeing": report.agreeing,
            "parting": report.parting,
            "steps": [
                {
                    "name": step.name,
                    "kind": step.kind,
                    "shape": None if step.after is None else list(step.after.shape),
                    "dtypes": None if step.after is None else list(dict.fromkeys(step.after.dtypes)),
                    "nulls": None if step.after is None else step.after.nulls,
                    "changed": list(changes(step.before, step.after)),
                    "error": step.error,
                }
                for step in report.steps
            ],
        },
    )

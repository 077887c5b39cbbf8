"""What the check `pipeline-run` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.integration.record import Record
from mlscore.checks.integration.shapes import IntegrationReport
from mlscore.core.codec import encode
from mlscore.core.evidence import Value

_MB = 1_000_000


def as_result(report: IntegrationReport, variant: str, tool: str) -> CheckResult:
    """The result of a check: what is wrong, in the order in which the stages ran."""
    findings = tuple(map(str, report.findings))
    made = [output for stage in report.stages for output in stage.outputs]
    values = [
        Value("stages", len(report.stages)),
        Value("run", round(report.seconds, 2), "s"),
        Value("outputs", len(made)),
        Value("size of outputs", round(sum(one.bytes for one in made) / _MB, 3), "MB"),
    ]
    notes = [f"the {variant} variant ran, by {tool}"]
    notes.append(f"{report.files:,} files copied" + (f"; {report.sample}" if report.sample else "; no sample"))
    for stage in report.stages:
        sizes = [f"{one.path} ({_size(one.bytes)}{_rows(one.rows)})" for one in stage.outputs]
        notes.append(f"{stage.name} took {stage.seconds:.2f} s{' and made ' + ', '.join(sizes) if sizes else ''}")
    if report.again and not report.not_run:
        notes.append(f"a second run took {sum(one.seconds for one in report.again):.2f} s")
    if report.gate is not None:
        notes.append(f"quality gate on {report.gate.model}: {report.gate.summary}")
    notes += [f"environment: {'; '.join(report.environment)}", *report.notes]
    unknown = list(report.unknown)
    if report.not_run:
        unknown.append(f"not run: {', '.join(report.not_run)}")
    return CheckResult(
        passed=report.passed,
        summary=_summary(report, variant),
        values=tuple(values),
        findings=findings,
        unknown=tuple(unknown),
        notes=tuple(notes),
        hollow=report.hollow if report.passed else None,
        details={"variant": variant, "tool": tool, **encode(report)},
    )


def of_record(record: Record, variant: str, name: str, commit: str | None) -> CheckResult:
    """The result of a check that did not run, by the record of its last run."""
    notes = [f"the {variant} variant did not run now: the result is of {record.day.isoformat()}, from {name}"]
    if record.commit is None:
        notes.append("it was of files that no commit holds")
    else:
        same = record.commit == commit
        notes.append(
            f"it was of commit {record.commit[:7]}" + (", as now" if same else ", and the code is another now")
        )
    return CheckResult(
        passed=True,
        summary=f"{record.summary} (on {record.day.isoformat()})",
        values=record.values,
        notes=tuple(notes),
        hollow=record.hollow,
        details={"variant": variant, "recorded": record.day.isoformat(), "commit": record.commit},
    )


def _summary(report: IntegrationReport, variant: str) -> str:
    if report.findings:
        first = str(report.findings[0])
        more = len(report.findings) - 1
        return first + (f" (and {more} more findings)" if more > 1 else " (and another finding)" if more else "")
    count = len(report.stages)
    made = "stage made what it should" if count == 1 else f"{count} stages made what the next needs"
    said = f"the {variant} variant's {made}"
    if report.again:
        said += ", twice"
    return said + (", and the model passes the gate" if report.gate is not None and report.gate.passed else "")


def _size(count: int) -> str:
    return (
        f"{count:,} bytes" if count < 10_000 else f"{count / 1000:,.0f} kB" if count < _MB else f"{count / _MB:,.1f} MB"
    )


def _rows(rows: int | None) -> str:
    return "" if rows is None else f", {rows:,} rows"

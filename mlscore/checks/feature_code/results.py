"""The report on feature code as the result of a check: what a person reads, with every figure behind it."""

from __future__ import annotations

from collections.abc import Iterator

from mlscore.checks.base import CheckResult
from mlscore.checks.feature_code.outputs import brief
from mlscore.checks.feature_code.report import (
    MASKED,
    Counterexample,
    Executed,
    FeatureCodeReport,
    FunctionReport,
    Property,
    Violation,
)
from mlscore.core.codec import encode
from mlscore.core.evidence import Value

_WIDEST = 200


def feature_code_result(report: FeatureCodeReport) -> CheckResult:
    """The result: passed where no property is violated and no test leaves a function out."""
    failed = [one for one in report.functions if not one.passed]
    batches = sum(one.batches for one in report.functions)
    count = len(report.functions)
    some = f"{count} feature function{'' if count == 1 else 's'}"
    if failed:
        names = ", ".join(one.name for one in failed[:3]) + (f" and {len(failed) - 3} more" if len(failed) > 3 else "")
        summary = f"{len(failed)} of {some} failed on {batches:,} batches: {names}"
    else:
        summary = f"{some} kept every property tried on {batches:,} generated batches"
    notes = [f"{one.name}: {note}" for one in report.functions for note in one.notes]
    if notes:
        summary += f" ({'; '.join(notes[:3])}{' …' if len(notes) > 3 else ''})"
    violations = [(one, violation) for one in report.functions for violation in one.violations]
    violations.sort(key=lambda pair: list(Property).index(pair[1].property))
    findings = [f"{one.name}: {violation_line(violation)}" for one, violation in violations]
    findings += [
        f"{one.name}: tests: {one.coverage.says}"
        for one in report.functions
        if one.coverage.executed in (Executed.NO, Executed.UNMARKED)
    ]
    executed = [one for one in report.functions if one.coverage.executed is not Executed.UNKNOWN]
    values = [Value("violations", len(violations), None, 0), Value("batches", batches)]
    if executed:
        hit = sum(one.coverage.executed is Executed.YES for one in executed)
        values.append(Value("functions executed by tests", hit, None, len(executed)))
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=tuple(values),
        findings=tuple(findings),
        unknown=tuple(_unknown(report)),
        hollow=report.hollow,
        details=encode(report),
    )


def violation_line(violation: Violation) -> str:
    """`alone: 'mean' differs: 0.5 in the batch, 1 alone; for x=[0, 1]`."""
    text = f"{violation.property}: {violation.says}"
    if violation.counterexample is not None:
        text += f"; for {counterexample_line(violation.counterexample)}"
    return text


def counterexample_line(shown: Counterexample) -> str:
    """A batch in one line, column by column; other columns hold their simplest value."""
    parts = []
    for place, name in enumerate(shown.columns):
        cells = [row[place] for row in shown.rows]
        parts.append(f"{name}=[{', '.join(MASKED if cell == MASKED else brief(cell) for cell in cells)}]")
    text = ", ".join(parts)
    text = text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
    if shown.others:
        text += f" and {shown.others} more column{'' if shown.others == 1 else 's'} of simple values"
    return f"{text} (found in real rows)" if shown.real else text


def _unknown(report: FeatureCodeReport) -> Iterator[str]:
    yield from report.notes
    for one in report.functions:
        yield from _of_function(one)


def _of_function(one: FunctionReport) -> Iterator[str]:
    for off in one.off:
        yield f"{one.name}: {off.property} is switched off: {off.reason}"
    for reason in one.not_judged:
        yield f"{one.name}: {reason}"
    if one.coverage.executed is Executed.UNKNOWN:
        yield f"{one.name}: whether tests execute it: {one.coverage.says}"

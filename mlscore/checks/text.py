"""What a check found, as a person reads it: its summary, figures and findings, a line each."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.core.evidence import Value

MOST_FINDINGS = 20


def result_lines(result: CheckResult) -> list[str]:
    """The lines of a result: the summary first, then figures, findings, what could not be judged, and notes."""
    lines = [result.summary]
    if result.hollow is not None:
        lines.append(f"  earns nothing: {result.hollow}")
    if result.values:
        lines.append("  " + ", ".join(map(figure, result.values)))
    lines += [f"  - {finding}" for finding in result.findings[:MOST_FINDINGS]]
    if len(result.findings) > MOST_FINDINGS:
        lines.append(f"  and {len(result.findings) - MOST_FINDINGS} more")
    lines += [f"  ? not judged: {unknown}" for unknown in result.unknown[:MOST_FINDINGS]]
    if len(result.unknown) > MOST_FINDINGS:
        lines.append(f"  and {len(result.unknown) - MOST_FINDINGS} more not judged")
    lines += [f"  note: {note}" for note in result.notes]
    return lines


def figure(value: Value) -> str:
    """A figure with its unit and what it was held against: `violations 3 (limit 0)`."""
    number = value.value
    shown = f"{number:,.4g}" if isinstance(number, float) and not number.is_integer() else str(number)
    unit = f" {value.unit}" if value.unit else ""
    held = "" if value.threshold is None else f" (limit {value.threshold}{unit})"
    return f"{value.name} {shown}{unit}{held}"

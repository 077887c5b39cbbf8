"""A schema's report, its power and its changes as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mlscore.checks.schema.diff import Change, Direction
from mlscore.checks.schema.invariants import InvariantReport, InvariantResult
from mlscore.checks.schema.power import Power
from mlscore.checks.schema.report import RuleResult, SchemaReport

MOST_BROKEN = 30
MOST_MISSED = 5


def finding(result: RuleResult) -> str:
    """One broken rule in one line."""
    share = f"{result.share:.2%}" if result.share >= 0.0001 or not result.violations else "< 0.01%"
    if result.topic in ("required", "strict", "ordered", "dtype", "row_count") or not result.checked:
        text = f"{result.id}: {result.note}" if result.note else result.id
    else:
        text = f"{result.id}: {result.violations:,} of {result.checked:,} ({share})"
        text += f", {result.tolerated:.4g} tolerated" if result.tolerated else ""
        text += f"; {result.note}" if result.note else ""
    text += f"; as {', '.join(result.examples)}" if result.examples else ""
    text += f"; on {result.judged}" if result.judged != "all rows" else ""
    return f"{text} [{result.origin}]" if result.origin else text


def schema_text(report: SchemaReport) -> str:
    """The whole report: what is broken, what only warns, what is unknown, and the power where it was measured."""
    return "\n".join(_report(report)) + "\n"


def _report(report: SchemaReport) -> Iterator[str]:
    broken, kept = report.broken, sum(rule.passed for rule in report.rules)
    yield f"{report.source} against {report.schema}: {report.rows:,} rows, {kept} of {len(report.rules)} rules hold"
    for result in broken[:MOST_BROKEN]:
        yield f"  broken   {finding(result)}"
    if len(broken) > MOST_BROKEN:
        yield f"  and {len(broken) - MOST_BROKEN} more broken rules"
    for result in report.warnings:
        yield f"  warning  {finding(result)}"
    for unknown in report.unknown:
        yield f"  unknown  {unknown}"
    sampled = [rule for rule in report.rules if rule.sampled]
    if sampled:
        yield f"  sampled  {len(sampled)} rules that are code saw {sampled[0].judged}"
    if report.power is not None:
        yield from (f"  {line}" for line in power_lines(report.power))
    if report.hollow is not None:
        yield f"  hollow   {report.hollow}"


def power_lines(power: Power) -> Iterator[str]:
    """How many faults a schema catches, and those it would miss."""
    of = f" (of {power.of:,} there are)" if power.of != power.tried else ""
    caught = f"{power.caught} of {power.tried}{of} faults caught ({power.share:.0%})"
    yield f"power    {caught} in a sample of {power.rows:,} rows"
    for fault in power.faults:
        if fault.missed:
            shown = ", ".join(fault.missed[:MOST_MISSED])
            more = f" and {len(fault.missed) - MOST_MISSED} more" if len(fault.missed) > MOST_MISSED else ""
            yield f"missed   {fault.fault}: {fault.caught} of {fault.tried} caught; not {shown}{more}"


def diff_text(changes: Sequence[Change]) -> str:
    """The changes, one a line, under what they do."""
    if not changes:
        return "the schemas say the same\n"
    lines = []
    for direction in Direction:
        found = [change for change in changes if change.direction is direction]
        lines += [f"{direction.value}:", *(f"  {str(change).rpartition(' (')[0]}" for change in found)] if found else []
    return "\n".join(lines) + "\n"


def broken_since(result: InvariantResult) -> str:
    """One broken invariant in one line: since when, how many rows, examples."""
    text = f"{result.id}: broken since {result.since} in {result.broken} of {result.windows} windows"
    if result.note and result.worst == 1.0 and not result.allowed:
        text += f"; {result.note}"
    else:
        text += f", {result.violations:,} of {result.checked:,} values there; {result.worst:.2%} in the worst"
        text += f", {result.allowed:.2%} allowed"
    text += f"; as {', '.join(result.examples)}" if result.examples else ""
    return f"{text} [{result.origin}]" if result.origin else text


def invariants_text(report: InvariantReport) -> str:
    """The whole report of invariants by window."""
    kept = sum(rule.passed for rule in report.rules)
    lines = [
        f"{report.current} against {report.schema} by {report.unit}, tolerances from {report.reference_windows} windows of "
        f"{report.reference}: {kept} of {len(report.rules)} invariants hold"
    ]
    lines += [f"  broken   {broken_since(result)}" for result in report.broken]
    lines += [f"  warning  {broken_since(result)}" for result in report.rules if result.warns and not result.passed]
    lines += [f"  unknown  {unknown}" for unknown in report.unknown]
    if report.left_out:
        lines.append(f"  not clean, so nothing was learnt from them: {', '.join(report.left_out)}")
    if report.hollow is not None:
        lines.append(f"  hollow   {report.hollow}")
    return "\n".join(lines) + "\n"

"""What the conditions mean for one item: findings, what was not judged, and whether anything could have failed."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.deepchecks.conditions import counts, spoken, worst
from mlscore.checks.deepchecks.run import Ran
from mlscore.checks.reports.shapes import Finding
from mlscore.core.evidence import Value


def as_result(ran: Ran, item: str, *, warnings: bool) -> CheckResult:
    """The result of a check for an item, from the conditions that speak to it; `warnings`: these count as failures."""
    ours = [one for one in ran.findings if item in one.items]
    judged = [one for one in ours if one.passed is not None]
    bad = [one for one in judged if one.passed is False]
    counted = sorted((one for one in bad if _counts(ran, one, one.severity, warnings)), key=lambda one: one.severity)
    told = [one for one in bad if one not in counted]
    unknown = [_line(one) for one in ours if one.passed is None and one.severity != "irrelevant"]
    beside = [one for one in ours if one.passed is None and one.severity == "irrelevant"]
    able = [one for one in judged if _counts(ran, one, worst(_check(one)), warnings)]
    hollow = None
    if not ours:
        hollow = f"no condition that ran speaks to {item}"
    elif not judged:
        hollow = f"none of the conditions that speak to {item} came to a verdict"
    elif not able:
        hollow = (
            f"no condition that speaks to {item} could have failed: they only warn, or alarm by chance and do not count"
        )
    passed = not counted
    said = (
        f"{len(judged)} conditions of deepchecks hold" if not told else f"{len(told)} of {len(judged)} conditions warn"
    )
    findings = tuple(_line(one) for one in counted)
    about = ", ".join(f"{rows:,} of {role}" for role, rows in ran.rows.items())
    notes = [f"rows: {about}; deepchecks took {ran.seconds:.0f} s", *ran.notes]
    notes += [f"not counted: {_line(one)}" for one in told]
    if beside:
        notes.append(f"did not apply: {', '.join(dict.fromkeys(one.name.partition(':')[0] for one in beside))}")
    return CheckResult(
        passed=passed,
        summary=said if passed else findings[0],
        values=(Value("failed conditions", len(counted), None, 0), Value("conditions judged", len(judged))),
        findings=findings,
        unknown=(*unknown, *(ran.unknown if item == "data-2" else ())),
        notes=tuple(notes),
        hollow=hollow if passed else None,
        details={
            "conditions": [
                {"name": one.name, "passed": one.passed, "severity": one.severity, "detail": one.detail} for one in ours
            ],
            "rows": dict(ran.rows),
            "seconds": round(ran.seconds, 3),
        },
    )


def _check(one: Finding) -> str:
    """The check that a condition belongs to."""
    return one.name.partition(": ")[0].partition(" - ")[0]


def _counts(ran: Ran, one: Finding, severity: str, warnings: bool) -> bool:
    asked = any(spoken(name) is spoken(_check(one)) for name in ran.asked)
    return counts(_check(one), severity, warnings=warnings, numbers=ran.numbers, asked=asked)


def _line(one: Finding) -> str:
    """A verdict in one line: its severity, what was asked, and what was found."""
    severity = f"{one.severity}: " if one.severity else ""
    return f"{severity}{one.name}{f' ({one.detail})' if one.detail else ''}"

"""What the check `fairness` says: its summary, figures and findings."""

from __future__ import annotations

from collections.abc import Sequence

from mlscore.checks.base import CheckResult
from mlscore.checks.fairness.flips import Flips
from mlscore.checks.fairness.judge import words
from mlscore.checks.fairness.shapes import FairnessReport, Statistic
from mlscore.checks.policy.associate import Association
from mlscore.core.codec import encode
from mlscore.core.evidence import Value

MOST_PROXIES = 5


def as_result(
    reports: Sequence[FairnessReport],
    flips: Sequence[Flips],
    associations: Sequence[Association],
    *,
    flip_limit: float | None,
    proxy_limit: float | None,
    unknown: Sequence[str] = (),
) -> CheckResult:
    """The result of a check; each definition is named in its findings."""
    findings: list[str] = []
    values: list[Value] = []
    for report in reports:
        named = f"{report.definition} {report.statistic}"
        for one in report.unfair:
            findings.append(
                f"{report.definition}: the {one.metric} of {one.lower} is below that of {one.higher}, {report.statistic} "
                f"{words(one.apart)}, limit {report.limit:g}"
            )
        gaps = [gap for gap in report.groups.gaps if gap.metric in report.definition.metrics]
        if gaps:
            difference = report.statistic is Statistic.DIFFERENCE
            worst = (
                max(gap.difference for gap in gaps)
                if difference
                else min((gap.ratio for gap in gaps if gap.ratio is not None), default=1.0)
            )
            values.append(Value(named, round(worst, 6), None, report.limit))
    turned = [one for one in flips if flip_limit is not None and one.changed.low > flip_limit]
    proxies = [one for one in associations if proxy_limit is not None and one.at_least > proxy_limit]
    notes: list[str] = []
    for flip in flips:
        worst_change = f", most {flip.worst} ({flip.worst_share:.1%})" if flip.worst else ""
        line = f"changing {flip.attribute} alone changes {flip.changed.value:.2%} of answers{worst_change}"
        (findings if flip in turned else notes).append(line)
    for proxy in associations[:MOST_PROXIES]:
        if proxy.at_least > 0:
            line = f"{proxy.feature} tells {proxy.attribute}: {proxy.measure} at least {proxy.at_least:.2f}"
            (findings if proxy in proxies else notes).append(line)
    passed = all(report.passed for report in reports) and not turned and not proxies
    named = ", ".join(report.definition.value for report in reports)
    bad, fair, judged = (sum(n) for n in zip(*((len(r.unfair), r.fair, r.judged) for r in reports), strict=True))
    summary = f"{named}: {fair} of {judged} pairs of groups are within the limit"
    if bad:
        summary = f"{named}: {bad} of {judged} pairs of groups are beyond the limit"
    if not bad and not passed:
        summary = findings[0]
    hollow = next((report.hollow for report in reports if report.hollow is not None), None)
    return CheckResult(
        passed=passed,
        summary=summary,
        values=tuple(values),
        findings=tuple(findings),
        notes=tuple(notes),
        unknown=tuple(dict.fromkeys([line for report in reports for line in report.not_judged] + list(unknown))),
        hollow=hollow if passed else None,
        details={
            "definitions": [report.definition.value for report in reports],
            "reports": [encode(report) for report in reports],
            "flips": [encode(flip) for flip in flips],
            "associations": [encode(one) for one in associations[:50]],
        },
    )

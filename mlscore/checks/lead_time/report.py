"""What the check `feature-lead-time` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.lead_time.measure import LeadTime, LeadTimes
from mlscore.core.evidence import Value


def as_result(times: LeadTimes) -> CheckResult:
    """The result of a check: figures against their limits, then the features that wait, then those that took longest."""
    done = [one for one in times.features if not one.waiting]
    waiting = [one for one in times.features if one.waiting]
    values = []
    middle = "nothing measured"
    if times.median is not None and times.worst is not None:
        middle = f"median {times.median:.1f} days, worst {times.worst.days:.1f} ({times.worst.name})"
        values.append(Value("median", round(times.median, 1), "days", times.median_limit))
        values.append(Value("worst", round(times.worst.days, 1), "days", times.worst_limit))
    many = f"{len(done)} feature{'' if len(done) == 1 else 's'}"
    values.append(Value("waiting", len(waiting), "features"))
    return CheckResult(
        passed=times.passed,
        summary=f"{many} in production: {middle}; {len(waiting)} waiting",
        values=tuple(values),
        findings=(*times.failures, *map(_waits, waiting), *map(_took, done)),
        unknown=times.not_judged,
        hollow=times.hollow,
        details={
            "history days": round(times.history, 1),
            "least median": times.least_median,
            "features": [
                {
                    "name": one.name,
                    "began": one.began.isoformat(),
                    "commit": one.commit,
                    "reached": None if one.reached is None else one.reached.isoformat(),
                    "release": one.release,
                    "days": round(one.days, 3),
                }
                for one in times.features
            ],
        },
    )


def _waits(one: LeadTime) -> str:
    return f"{one.name}: not in production, {one.days:.0f} days old (since {one.began.date()}, {one.commit[:7]})"


def _took(one: LeadTime) -> str:
    return f"{one.name}: {one.days:.1f} days ({one.began.date()}, {one.commit[:7]}, to {one.release})"

"""What the check `feature-policy` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.policy.judge import PolicyResult
from mlscore.core.evidence import Value

MOST_ASSOCIATIONS = 50


def as_result(result: PolicyResult, *, named_by: str, not_judged: tuple[str, ...] = ()) -> CheckResult:
    """The result of a check; `named_by` says which list named the features."""
    broken = len({violation.feature for violation in result.violations})
    many = f"{len(result.features)} feature{'' if len(result.features) == 1 else 's'}"
    rules = f"{result.rules} rule{'' if result.rules == 1 else 's'}"
    summary = (
        f"{broken} of {many} break{'s' if broken == 1 else ''} the policy"
        if broken
        else f"{many} keep{'s' if len(result.features) == 1 else ''} to {rules}"
    )
    values = [Value("violations", len(result.violations), None, 0)]
    if result.associations:
        strongest = result.associations[0]
        values.append(Value("strongest association", round(strongest.at_least, 3)))
    return CheckResult(
        passed=result.passed,
        summary=summary,
        values=tuple(values),
        findings=tuple(f"{v.feature}: {v.message}" for v in result.violations),
        unknown=(*not_judged, *result.not_judged),
        notes=result.notes,
        hollow=result.hollow,
        details={
            "named by": named_by,
            "rows": result.rows,
            "features": [
                {"name": f.name, "view": f.view, "owner": f.owner, "source": f.source, "origin": f.origin}
                for f in result.features
            ],
            "violations": [
                {"feature": v.feature, "rule": v.rule, "message": v.message, "figure": v.figure}
                for v in result.violations
            ],
            "associations": [
                {
                    "feature": a.feature,
                    "attribute": a.attribute,
                    "measure": a.measure.value,
                    "effect": a.effect,
                    "at least": a.at_least,
                    "auc": a.auc,
                }
                for a in result.associations[:MOST_ASSOCIATIONS]
            ],
        },
    )

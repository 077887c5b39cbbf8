"""What the check `quality-gate` says: its summary, figures and findings."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.quality_gate.shapes import GateTrial, Quality
from mlscore.core.codec import encode
from mlscore.core.evidence import Value


def as_result(quality: Quality, trial: GateTrial | None) -> CheckResult:
    """The result of a check: the candidate's refusals first, then what is wrong with the project's own gate."""
    findings = (*quality.refusals, *(() if trial is None else trial.findings))
    unknown = (*quality.not_judged, *(() if trial is None else trial.not_judged))
    values = [Value(quality.measure, round(quality.loss.value, 6), None, quality.limit)]
    if quality.worsening is not None:
        values.append(Value("worsening", round(quality.worsening.value, 6), None, quality.allowed))
    if quality.noticed is not None:
        values.append(Value("would notice", round(quality.noticed, 6)))
    if quality.changed is not None:
        values.append(Value("changed answers", round(100 * quality.changed, 3), "%"))
    if trial is not None:
        given = sum(one.worse for one in trial.broken)
        values.append(Value("broken models refused", trial.refused, f"of {given}"))
    # A gate that was tried and refuses what it should is evidence by itself; else the own rule must be able to fail.
    hollow = quality.hollow if trial is None else trial.hollow
    details: dict[str, object] = {"quality": encode(quality)}
    if trial is not None:
        details["gate"] = encode(trial)
    return CheckResult(
        passed=not findings,
        summary=_summary(quality, trial, findings),
        values=tuple(values),
        findings=findings,
        unknown=unknown,
        hollow=hollow if not findings else None,
        details=details,
    )


def _summary(quality: Quality, trial: GateTrial | None, findings: tuple[str, ...]) -> str:
    said = f"{quality.measure} {quality.loss} on {quality.rows:,} rows"
    if quality.refusals:
        return f"the model is refused: {quality.refusals[0]}"
    if findings:
        return findings[0]
    if quality.worsening is not None:
        said += f", {quality.worsening} more than the previous release's"
    if trial is not None:
        said += f"; the gate refuses {trial.refused} of {sum(one.worse for one in trial.broken)} broken models"
    return said

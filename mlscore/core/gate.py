"""The gate: thresholds, floors, must-haves and the ratchet, judged on a score; each rule says what would meet it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from mlscore import __version__
from mlscore.core.baseline import Baseline
from mlscore.core.evaluate import LEVELS, VETO
from mlscore.core.evidence import Diagnostic, Outcome, Severity, SourceKind
from mlscore.core.points import section_points, show, total_points
from mlscore.core.policy import GatePolicy, Threshold
from mlscore.core.report import GateResult, ItemResult, RuleResult, RunFacts, Score
from mlscore.core.rubric import Rubric


def judge(
    policy: GatePolicy,
    rubric: Rubric,
    score: Score,
    items: Sequence[ItemResult],
    run: RunFacts,
    diagnostics: Sequence[Diagnostic] = (),
) -> GateResult:
    """Judge every rule of the policy.

    The gate is met when every rule passes; a run that broke off or that ran no test never meets it; a partial run leaves it
    unjudged unless the policy says otherwise.
    """
    rules = [
        *_run_rules(policy, run),
        *_threshold_rules(policy, rubric, score, items),
        *_must_have_rules(policy, rubric, items),
        *_ratchet_rules(policy, rubric, score, items),
        *_strict_rules(policy, diagnostics),
    ]
    reason = None
    passed: bool | None = all(rule.passed is not False for rule in rules)
    broken = any(rule.id in ("ran", "collected", "finished") and rule.passed is False for rule in rules)
    if run.partial and not broken and policy.partial == "skip" and not policy.strict:
        passed, reason = None, "a partial run is not judged: " + "; ".join(run.partial)
    return GateResult(passed=passed, rules=tuple(rules), on=policy.on, profile=policy.profile, reason=reason)


def ruler_changed(baseline: Baseline, rubric: Rubric) -> bool:
    """Whether the baseline was measured with another ruler than this rubric."""
    return baseline.rubric.digest != rubric.digest


def _run_rules(policy: GatePolicy, run: RunFacts) -> list[RuleResult]:
    rules: list[RuleResult] = []
    if run.errors:
        count = len(run.errors)
        rules.append(
            RuleResult(
                "collected",
                False,
                f"{count} collection {'error' if count == 1 else 'errors'}: tests in {', '.join(run.errors)} are unknown",
                wanted="every test file collected",
                found=f"{count} not collected",
                to_meet="mend what stops pytest from collecting " + ", ".join(run.errors),
            )
        )
    if run.interrupted:
        rules.append(
            RuleResult(
                "finished",
                False,
                f"the run broke off: {run.interrupted}",
                wanted="a run to the end",
                found=run.interrupted,
                to_meet="run the whole suite to its end",
            )
        )
    if run.kind in ("pytest", "junit") and run.tests == 0:
        rules.append(
            RuleResult(
                "ran",
                False,
                "no test ran",
                wanted="at least one test",
                found="0",
                to_meet="run pytest on a suite that collects at least one test",
            )
        )
    if run.partial and policy.partial == "fail":
        rules.append(
            RuleResult(
                "whole",
                False,
                "the run is partial: " + "; ".join(run.partial),
                wanted="the whole suite",
                found="a part of it",
                to_meet="run the whole suite" if run.kind == "pytest" else "read the files of all jobs: --junit FILE",
            )
        )
    return rules


def _threshold_rules(policy: GatePolicy, rubric: Rubric, score: Score, items: Sequence[ItemResult]) -> list[RuleResult]:
    rules: list[RuleResult] = []
    reach = _reachable(rubric, items)
    points = {s.id: _points(policy, s.verified, s.practised) for s in score.sections}
    for floor in policy.floors:
        if floor.section in points:
            rules.append(_floor(floor, points[floor.section], reach(floor.section), items, policy.on))
    least = policy.fail_under
    if least is None:
        return rules
    total = _points(policy, score.verified, score.practised)
    low = [s for s in points if points[s] < least.least] if rubric.scoring.total == "min" else []
    freed = [s for s in low if points[s] >= min(least.least, reach(s)) and reach(s) < least.least]
    passed = total >= least.least or (bool(low) and freed == low)
    summary = f"total {show(total)} {'>=' if total >= least.least else '<'} {show(least.least)} ({policy.on})"
    if passed and total < least.least:
        summary += f", freed by waivers in {', '.join(freed)}"
    rules.append(
        RuleResult(
            "fail-under",
            passed,
            summary,
            wanted=f">= {show(least.least)}",
            found=show(total),
            to_meet=None if passed else _raise_total(rubric, points, least.least),
            origin=least.origin,
        )
    )
    return rules


def _floor(floor: Threshold, points: Fraction, reach: Fraction, items: Sequence[ItemResult], on: str) -> RuleResult:
    wanted = min(floor.least, reach)
    passed = points >= wanted
    sign = ">=" if points >= floor.least else "<"
    summary = f"section {floor.section} {show(points)} {sign} {show(floor.least)} ({on})"
    if passed and points < floor.least:
        summary += f", freed by waivers: {show(reach)} is in reach"
    return RuleResult(
        f"floor:{floor.section}",
        passed,
        summary,
        wanted=f">= {show(floor.least)}",
        found=show(points),
        to_meet=None if passed else f"{_more(wanted - points)} in {floor.section}",
        origin=floor.origin,
    )


def _points(policy: GatePolicy, verified: Fraction, practised: Fraction) -> Fraction:
    return practised if policy.on == "practised" else verified


def _reachable(rubric: Rubric, items: Sequence[ItemResult]) -> Callable[[str], Fraction]:
    """Each section's points if every item without a waiver had all of its points and waived ones kept theirs."""
    best = {i.id: i.verified if i.waiver else i.possible for i in items}

    def reach(section: str) -> Fraction:
        return section_points(rubric, section, best.__getitem__)

    return reach


def _raise_total(rubric: Rubric, points: dict[str, Fraction], least: Fraction) -> str:
    if rubric.scoring.total == "min":
        short = [f"{show(least - p)} more in {s}" for s, p in points.items() if p < least]
        return "points: " + ", ".join(short)
    if rubric.scoring.total == "ladder":
        return f"complete stages: {show(least)}"
    return f"a total of {show(least)}"


def _more(points: Fraction) -> str:
    return f"{show(points)} more {'point' if points == 1 else 'points'}"


def _must_have_rules(policy: GatePolicy, rubric: Rubric, items: Sequence[ItemResult]) -> list[RuleResult]:
    rules: list[RuleResult] = []
    by_id = {i.id: i for i in items}
    for must in policy.must_have:
        item = by_id.get(must.item)
        if item is None:
            continue
        have = _points(policy, item.verified, item.practised)
        passed = have >= rubric.level(must.level).points
        freed = not passed and item.waiver is not None
        level = level_of(have, rubric)
        summary = f"{must.item} is {level}, {must.level} wanted ({policy.on})"
        if freed and item.waiver is not None:
            summary += f", waived as {item.waiver.reason} until {item.waiver.until}"
        rules.append(
            RuleResult(
                f"must-have:{must.item}",
                passed or freed,
                summary,
                wanted=must.level,
                found=level,
                to_meet=None if passed or freed else _steps(item, must.level, policy, rubric),
                origin=must.origin,
            )
        )
    return rules


def _steps(item: ItemResult, level: str, policy: GatePolicy, rubric: Rubric) -> str:
    """What would give the item the points of `level`, and no more than that."""
    wanted = rubric.level(level).points
    said: list[str] = []
    failing = [e.source.name for e in item.evidence if e.outcome in VETO]
    if failing and policy.on == "verified":
        said.append(f"make {', '.join(failing)} pass")
        if item.practised >= wanted:
            return said[0]
    automated = rubric.level("manual").points < wanted
    unproven: dict[str, list[str]] = {}
    for one in item.evidence:
        if one.source.kind is SourceKind.ATTESTATION:
            said.extend(() if automated else one.missing)
            continue
        if one.outcome is Outcome.HOLLOW:
            said.append(f"let {one.source.name} be able to fail: {one.summary}")
        elif one.outcome in (Outcome.SKIPPED, Outcome.NOT_RUN):
            said.append(f"run {one.source.name} ({one.summary or one.outcome})")
        if automated and one.missing:
            unproven.setdefault("; ".join(one.missing), []).append(one.source.name)
    said += [f"let CI run {', '.join(names)}: {why}" for why, names in unproven.items()]
    if not said:
        mark = f'@pytest.mark.mlscore("{item.id}")'
        said.append(
            f"write a test marked {mark} that CI runs"
            if automated
            else f"mark a test with {mark}, or attest it: mlscore attest {item.id}"
        )
    return "; ".join(dict.fromkeys(said))


def _ratchet_rules(policy: GatePolicy, rubric: Rubric, score: Score, items: Sequence[ItemResult]) -> list[RuleResult]:
    baseline = policy.baseline
    if baseline is None:
        return [_no_baseline(policy)] if policy.ratchet else []
    if ruler_changed(baseline, rubric):
        return [
            RuleResult(
                "ratchet",
                None,
                ruler_sentence(baseline, rubric),
                wanted="a baseline of this rubric",
                found=f"{baseline.rubric.id} {baseline.rubric.version}",
                to_meet="write a new one: mlscore baseline write",
                origin=policy.baseline_origin,
            )
        ]
    before = _points(policy, baseline.verified, baseline.practised)
    now = _points(policy, score.verified, score.practised)
    below = fallen(policy, rubric, baseline, {i.id: _points(policy, i.verified, i.practised) for i in items})
    lost = _lost(policy, baseline, items)
    waived = [i.id for i in items if i.waiver and i.id in lost]
    if below and waived:
        # A waived item keeps its 0 in the score, but the ratchet does not ask for it: what if it had its points still?
        had = {i.id: _points(policy, i.verified, i.practised) for i in baseline.items}
        freed = {i.id: had[i.id] if i.id in waived else _points(policy, i.verified, i.practised) for i in items}
        below = fallen(policy, rubric, baseline, freed)
    return [
        RuleResult(
            "ratchet",
            not below,
            f"{show(before)} before, {show(now)} now"
            + (f"; fallen: {', '.join(below)}" if below else "")
            + (f"; items below the baseline: {', '.join(lost)}" if lost else "")
            + (f"; waived: {', '.join(waived)}" if waived else "")
            + (_other_tool(baseline) if below else ""),
            wanted=f"total >= {show(before)}, and no section below its baseline",
            found=show(now),
            to_meet=_regain(below, [item for item in lost if item not in waived]),
            origin=policy.baseline_origin,
        )
    ]


def fallen(policy: GatePolicy, rubric: Rubric, baseline: Baseline, points: dict[str, Fraction]) -> list[str]:
    """What is below the baseline when the items have these points: "total" and sections' ids."""
    before = _points(policy, baseline.verified, baseline.practised)
    fallen = ["total"] if total_points(rubric, points.__getitem__) < before else []
    for section in baseline.sections:
        now = section_points(rubric, section.id, points.__getitem__)
        if now < _points(policy, section.verified, section.practised):
            fallen.append(section.id)
    return fallen


def ruler_sentence(baseline: Baseline, rubric: Rubric) -> str:
    """That another ruler measured the baseline, with what tells the two apart."""
    then, now = f"{baseline.rubric.id} {baseline.rubric.version}", f"{rubric.id} {rubric.version}"
    if then == now:
        then, now = (f"{d.rpartition(':')[2][:8]}" for d in (baseline.rubric.digest, rubric.digest))
    return f"the ruler changed since the baseline ({then} then, {now} now): the scores do not compare"


def _other_tool(baseline: Baseline) -> str:
    if baseline.tool.version == __version__:
        return ""
    return f"; the baseline was measured by mlscore {baseline.tool.version}, this is {__version__}"


def _no_baseline(policy: GatePolicy) -> RuleResult:
    """The ratchet was asked for, and a baseline that was lost must not free the gate in silence."""
    return RuleResult(
        "ratchet",
        False,
        "there is no baseline to compare with",
        wanted="a baseline",
        found="none",
        to_meet="write one and commit it: mlscore baseline write",
        origin=policy.baseline_origin,
    )


def _regain(fallen: list[str], lost: list[str]) -> str | None:
    if not fallen:
        return None
    return f"bring back {', '.join(lost)}" if lost else f"bring back {', '.join(fallen)}"


def _lost(policy: GatePolicy, baseline: Baseline, items: Sequence[ItemResult]) -> list[str]:
    before = {i.id: _points(policy, i.verified, i.practised) for i in baseline.items}
    return [i.id for i in items if i.id in before and _points(policy, i.verified, i.practised) < before[i.id]]


def _strict_rules(policy: GatePolicy, diagnostics: Sequence[Diagnostic]) -> list[RuleResult]:
    if not policy.strict:
        return []
    serious = [d for d in diagnostics if d.severity is not Severity.INFO]
    count = len(serious)
    return [
        RuleResult(
            "strict",
            not serious,
            f"{count} {'warning' if count == 1 else 'warnings'}",
            wanted="no warnings",
            found=str(count),
            to_meet=None if not serious else "; ".join(dict.fromkeys(d.message for d in serious[:5])),
        )
    ]


def level_of(points: Fraction, rubric: Rubric) -> str:
    """The level whose points these are: the highest that does not exceed them."""
    return next(lv for lv in reversed(LEVELS) if rubric.level(lv).points <= points)

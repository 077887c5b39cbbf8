"""Every rule of the gate, met and not met, and what it says would meet it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from mlscore.core.attestation import Attestation, Waiver, WaiverReason, attestation_evidence
from mlscore.core.baseline import Baseline, BaselineItem, BaselineSection
from mlscore.core.evidence import Diagnostic, Outcome, Severity
from mlscore.core.gate import level_of, ruler_changed
from mlscore.core.policy import PROFILES, GatePolicy, MustHave, Threshold
from mlscore.core.report import RubricRef, RunFacts, Tool

pytestmark = pytest.mark.mlscore("arithmetic-3")

DAY = date(2026, 6, 1)


def waive(*items):
    return [Waiver(i, WaiverReason.PLANNED, "next quarter", "ml-platform", DAY, DAY) for i in items]


def test_without_rules_a_run_meets_the_gate(line):
    assert line([]).gate.passed is True


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        (RunFacts(kind="pytest", tests=0), "ran"),
        (RunFacts(kind="junit", tests=0), "ran"),
        (RunFacts(kind="pytest", tests=3, errors=("tests/test_b.py",)), "collected"),
        (RunFacts(kind="pytest", tests=3, interrupted="KeyboardInterrupt"), "finished"),
    ],
)
def test_a_run_that_broke_off_never_meets_it(line, full, facts, rule):
    judged = line(full(), facts=facts)
    assert judged.gate.passed is False
    assert judged.rules[rule].passed is False
    assert judged.rules[rule].to_meet


def test_people_alone_need_no_test_run(line):
    assert line([], facts=RunFacts(kind="statements")).gate.passed is True


def test_fail_under_names_every_section_that_is_short(line, full):
    policy = GatePolicy(fail_under=Threshold(Fraction(5, 2), origin="pyproject.toml:3"))
    judged = line(full(keep={"data": 2, "monitor": 1}), policy=policy)
    rule = judged.rules["fail-under"]
    assert judged.gate.passed is False
    assert rule.summary == "total 1 < 2.5 (verified)"
    assert rule.to_meet == "points: 0.5 more in data, 1.5 more in monitor"
    assert rule.origin == "pyproject.toml:3"


def test_fail_under_reads_practised_when_told(line, test_evidence, full):
    body = [*full("data-1", keep={"data": 3}), test_evidence("data-1", Outcome.FAILED)]
    threshold = Threshold(Fraction(3))
    assert line(body, policy=GatePolicy(fail_under=threshold)).gate.passed is False
    assert line(body, policy=GatePolicy(fail_under=threshold, on="practised")).gate.passed is True


def test_waivers_free_the_threshold_of_their_own_section_alone(line, full):
    policy = GatePolicy(fail_under=Threshold(Fraction(3)))
    waived = waive("data-3", "data-4", "data-5", "data-6", "data-7")
    body = full(keep={"data": 2})
    freed = line(body, policy=policy, waivers=waived)
    assert freed.gate.passed is True
    assert freed.rules["fail-under"].summary == "total 2 < 3 (verified), freed by waivers in data"
    assert freed.score.verified == 2

    other_is_short = line(full(keep={"data": 2, "model": 2}), policy=policy, waivers=waived)
    assert other_is_short.gate.passed is False

    still_open = line(full(keep={"data": 1}), policy=policy, waivers=waived)
    assert still_open.gate.passed is False


def test_floors(line, full):
    floor = Threshold(Fraction(3), section="infra", origin="mlscore.toml:9")
    short = line(full(keep={"infra": 2}), policy=GatePolicy(floors=(floor,)))
    assert short.gate.passed is False
    assert short.rules["floor:infra"].to_meet == "1 more point in infra"
    assert line(full(keep={"infra": 3}), policy=GatePolicy(floors=(floor,))).gate.passed is True
    waived = waive("infra-3", "infra-4", "infra-5", "infra-6", "infra-7")
    freed = line(full(keep={"infra": 2}), policy=GatePolicy(floors=(floor,)), waivers=waived)
    assert freed.gate.passed is True
    assert "freed by waivers" in freed.rules["floor:infra"].summary


@pytest.mark.parametrize(
    ("wanted", "ci", "passed"),
    [("manual", False, True), ("manual", True, True), ("automated", False, False), ("automated", True, True)],
)
def test_must_have(line, test_evidence, wanted, ci, passed):
    policy = GatePolicy(must_have=(MustHave("infra-4", wanted),))
    judged = line([test_evidence("infra-4", ci=ci, missing=() if ci else ("no CI",))], policy=policy)
    assert judged.rules["must-have:infra-4"].passed is passed
    said = None if passed else "let CI run tests/test_a.py::test_a: no CI"
    assert judged.rules["must-have:infra-4"].to_meet == said


def attested(item, *, expired):
    day = date(2026, 5, 1) if expired else date(2026, 7, 1)
    return attestation_evidence(Attestation(item, "team-data", date(2026, 1, 2), "looked", "docs/a.md", day), DAY)


MARK_OR_ATTEST = 'mark a test with @pytest.mark.mlscore("data-1"), or attest it: mlscore attest data-1'
BOTH = "tests/test_a.py::test_a", "tests/test_a.py::test_b"


@pytest.mark.parametrize(
    ("outcomes", "ci", "wanted", "on", "said"),
    [
        # What CI runs does not matter to a manual must-have.
        ((Outcome.FAILED,), False, "manual", "verified", "make tests/test_a.py::test_a pass"),
        ((Outcome.FAILED,), True, "automated", "verified", "make tests/test_a.py::test_a pass"),
        ((Outcome.FAILED, Outcome.ERROR), True, "manual", "verified", f"make {', '.join(BOTH)} pass"),
        (
            (Outcome.FAILED, Outcome.PASSED),
            False,
            "automated",
            "verified",
            f"make {BOTH[0]} pass; let CI run {', '.join(BOTH)}: no CI",
        ),
        ((Outcome.FAILED,), False, "automated", "practised", f"let CI run {BOTH[0]}: no CI"),
        ((Outcome.HOLLOW,), True, "manual", "verified", f"let {BOTH[0]} be able to fail: why"),
        ((Outcome.SKIPPED, Outcome.NOT_RUN), True, "manual", "verified", f"run {BOTH[0]} (why); run {BOTH[1]} (why)"),
        ((Outcome.UNKNOWN,), True, "manual", "verified", MARK_OR_ATTEST),
        ((), True, "automated", "verified", 'write a test marked @pytest.mark.mlscore("data-1") that CI runs'),
    ],
)  # fmt: skip
def test_a_must_have_says_what_would_meet_it_and_no_more(line, test_evidence, outcomes, ci, wanted, on, said):
    found = [
        test_evidence("data-1", outcome, ci=ci, name=name, missing=() if ci else ("no CI",), summary="why")
        for name, outcome in zip(BOTH, outcomes, strict=False)
    ]
    judged = line(found, policy=GatePolicy(on=on, must_have=(MustHave("data-1", wanted),)))
    assert judged.rules["must-have:data-1"].to_meet == said


@pytest.mark.parametrize(
    ("wanted", "expired", "said"),
    [
        ("manual", True, "do it again, and renew the attestation that expired on 2026-05-01"),
        ("automated", True, 'write a test marked @pytest.mark.mlscore("data-1") that CI runs'),
        ("automated", False, 'write a test marked @pytest.mark.mlscore("data-1") that CI runs'),
    ],
)
def test_a_must_have_that_people_attested_says_what_would_meet_it(line, wanted, expired, said):
    policy = GatePolicy(must_have=(MustHave("data-1", wanted),))
    judged = line([attested("data-1", expired=expired)], policy=policy)
    assert judged.rules["must-have:data-1"].to_meet == said


def test_a_waiver_frees_a_must_have_and_says_so(line):
    policy = GatePolicy(must_have=(MustHave("infra-4"),))
    assert line([], policy=policy).gate.passed is False
    freed = line([], policy=policy, waivers=waive("infra-4"))
    assert freed.gate.passed is True
    assert freed.rules["must-have:infra-4"].summary.endswith("waived as planned until 2026-06-01")


PARTIAL = RunFacts(kind="pytest", tests=2, partial=("-k 'data'",), unreached=("model-1",))


def test_a_partial_run_is_not_judged_and_says_so(line, full):
    for body in (full(), []):
        gate = line(body, facts=PARTIAL, policy=GatePolicy(fail_under=Threshold(Fraction(1)))).gate
        assert gate.passed is None
        assert gate.reason == "a partial run is not judged: -k 'data'"


def test_a_partial_run_may_be_judged_or_refused(line, full):
    least = Threshold(Fraction(1))
    assert line(full(), facts=PARTIAL, policy=GatePolicy(fail_under=least, partial="judge")).gate.passed is True
    assert line([], facts=PARTIAL, policy=GatePolicy(fail_under=least, partial="judge")).gate.passed is False
    refused = line(full(), facts=PARTIAL, policy=GatePolicy(fail_under=least, partial="fail"))
    assert refused.gate.passed is False
    assert refused.rules["whole"].to_meet == "run the whole suite"
    merged = line(full(), facts=replace(PARTIAL, kind="junit"), policy=GatePolicy(partial="fail"))
    assert merged.rules["whole"].to_meet == "read the files of all jobs: --junit FILE"


def test_a_partial_run_without_a_test_is_not_met(line):
    facts = replace(PARTIAL, tests=0)
    assert line([], facts=facts).gate.passed is False


@pytest.mark.parametrize(("severity", "passed"), [(Severity.INFO, True), (Severity.WARNING, False)])
def test_strict_turns_warnings_into_failures(line, severity, passed):
    found = [Diagnostic(severity, "weak", "tests/test_a.py::test_a asserts little")]
    assert line([], policy=GatePolicy(strict=True), diagnostics=found).gate.passed is passed
    assert line([], diagnostics=found).gate.passed is True


def baseline_of(judged, rubric):
    return Baseline(
        schema="mlscore-baseline/1",
        tool=Tool("mlscore", "0"),
        rubric=RubricRef(rubric.id, rubric.version, rubric.digest),
        written_at="2026-01-01T00:00:00Z",
        commit=None,
        practised=judged.score.practised,
        verified=judged.score.verified,
        sections=tuple(BaselineSection(s.id, s.practised, s.verified) for s in judged.score.sections),
        items=tuple(BaselineItem(i.id, i.practised, i.verified) for i in judged.items.values()),
    )


def test_the_ratchet_holds_total_and_sections(line, full, rubric):
    policy = GatePolicy(baseline=baseline_of(line(full(keep={"monitor": 2})), rubric), baseline_origin="base.json")
    assert line(full(keep={"monitor": 2}), policy=policy).gate.passed is True
    assert line(full(), policy=policy).gate.passed is True

    total = line(full(keep={"monitor": 1}), policy=policy)
    assert total.gate.passed is False
    summary = "2 before, 1 now; fallen: total, monitor; items below the baseline: monitor-2"
    assert total.rules["ratchet"].summary.startswith(summary)
    assert total.rules["ratchet"].to_meet == "bring back monitor-2"

    section = line(full("data-4", keep={"monitor": 2}), policy=policy)
    assert section.gate.passed is False
    assert "fallen: data" in section.rules["ratchet"].summary


def test_a_changed_ruler_is_no_regression(line, full, rubric):
    old = replace(baseline_of(line(full()), rubric), rubric=RubricRef(rubric.id, "2016.9", "sha256:other"))
    judged = line([], policy=GatePolicy(baseline=old))
    assert judged.gate.passed is True
    assert judged.rules["ratchet"].passed is None
    assert "the ruler changed" in judged.rules["ratchet"].summary
    assert ruler_changed(old, rubric)


def test_a_changed_ruler_of_the_same_version_is_told_by_its_digest(line, full, rubric):
    old = replace(baseline_of(line(full()), rubric), rubric=RubricRef(rubric.id, rubric.version, "sha256:0123456789"))
    assert "(01234567 then, " in line([], policy=GatePolicy(baseline=old)).rules["ratchet"].summary


def test_a_waiver_frees_the_ratchet_of_its_own_item_alone(line, full, rubric):
    policy = GatePolicy(baseline=baseline_of(line(full()), rubric))
    freed = line(full("data-1"), policy=policy, waivers=waive("data-1"))
    assert freed.gate.passed is True
    assert freed.rules["ratchet"].summary.endswith("items below the baseline: data-1; waived: data-1")
    other = line(full("data-1", "data-2"), policy=policy, waivers=waive("data-1"))
    assert other.gate.passed is False
    assert other.rules["ratchet"].to_meet == "bring back data-2"


def test_a_fall_under_another_version_of_the_tool_says_so(line, full, rubric):
    policy = GatePolicy(baseline=baseline_of(line(full()), rubric))
    assert "measured by mlscore 0, this is" in line(full("data-1"), policy=policy).rules["ratchet"].summary


def test_profiles_grow_and_name_real_items(rubric):
    ids = {i.id for i in rubric.items}
    least = [PROFILES[p].fail_under.least for p in ("poc", "staging", "production")]
    assert least == sorted(least)
    assert len(set(least)) == 3
    for name, policy in PROFILES.items():
        assert policy.profile == name
        assert {m.item for m in policy.must_have} <= ids


def test_level_of(rubric):
    points = [Fraction(0), Fraction(1, 4), Fraction(1, 2), Fraction(1)]
    assert [level_of(p, rubric) for p in points] == ["none", "none", "manual", "automated"]

"""What every format says alike: validity, decisive evidence, days left, warnings, the gate in words."""

from dataclasses import replace
from fractions import Fraction

import pytest

from mlscore.core.evidence import Diagnostic, Location, Outcome, Proof, ProofKind, Severity, Value
from mlscore.core.policy import GatePolicy
from mlscore.core.report import GateResult, RuleResult, RunFacts, Unplaced
from mlscore.report.reading import (
    automation,
    band_rank,
    decisive,
    figures,
    gate_words,
    headline,
    lasting,
    listed,
    number,
    partial_because,
    proof_words,
    quiet_line,
    remark,
    ruler,
    unmet,
    unplaced,
    waived,
    warnings,
)


def test_the_ruler_is_the_rubric_by_title_or_id(reports):
    report = reports["good"]
    assert ruler(report) == "ML Test Score"
    assert ruler(replace(report, rubric=replace(report.rubric, title=""))) == "ml-test-score"


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("good", "ML Test Score: 7 of 7, Exceptional"),
        ("partial", "ML Test Score: 0 of 7, Research (partial run)"),
        ("broken", "ML Test Score: score not valid: 1 collection error (tests/monitor/test_monitor.py)"),
        ("thirds", "Thirds: 7/3 of 3"),
    ],
)
def test_headline(reports, name, line):
    assert headline(reports[name]) == line


def test_listed():
    assert listed(("a", "b")) == "a, b"
    assert listed(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"


def test_a_partial_run_may_have_reached_every_item(make):
    report = make.report(make.all_items(), run=RunFacts("pytest", tests=1, partial=("-x",)))
    assert partial_because(report) == "partial run: -x"


@pytest.mark.parametrize(
    ("partial", "unreached", "said"),
    [
        (("stopped",), ("data-1",), "not reached: data-1"),
        (("stopped",), (), ""),
        (("stopped", "-k a"), ("data-1",), "partial run: -k a; not reached: data-1"),
    ],
)
def test_what_broke_the_run_off_is_not_said_twice(make, partial, unreached, said):
    run = RunFacts("pytest", tests=1, partial=partial, unreached=unreached, interrupted="stopped")
    assert partial_because(make.report(make.all_items(), run=run)) == said


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("good", "ML Test Score 7 verified, 7 practised; gate met"),
        ("partial", "ML Test Score 0 verified, 0 practised (of a partial run); gate not judged: "),
        ("broken", "ML Test Score not valid: 1 collection error (tests/monitor/test_monitor.py); gate not met"),
    ],
)
def test_the_line_of_a_quiet_run(reports, name, line):
    said = quiet_line(reports[name])
    assert said.startswith(line)
    assert name == "partial" or said == line


def test_the_line_of_a_quiet_run_names_the_rules_that_failed(reports):
    rules = [r.summary for r in reports["failing"].gate.rules if r.passed is False]
    assert f"; gate not met: {'; '.join(rules)}" in quiet_line(reports["failing"])


def test_the_line_of_a_quiet_run_counts_the_warnings(reports, make):
    found = len(warnings(reports["failing"]))
    assert found > 1
    assert quiet_line(reports["failing"]).endswith(f"; {found} warnings")
    strict = replace(reports["failing"], gate=GateResult(False, (RuleResult("strict", False, "3 warnings"),)))
    assert quiet_line(strict).endswith("; gate not met: 3 warnings")


def test_without_rules_no_gate_is_said_to_be_met(make):
    assert quiet_line(make.report(make.all_items())).endswith("; no gate is set")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "None"), (True, "True"), (3, "3"), (12345678, "12345678"), ("nan", "nan"), (float("nan"), "nan"),
        (float("-inf"), "-inf"), (0.1, "0.1"), (0.30000001192092896, "0.3"), (1 / 3, "0.333333"), (-2 / 3, "-0.666667"),
        (38.2, "38.2"), (1234.56789, "1234.57"), (1234567.891, "1234568"), (1000000.0, "1000000"), (1e-7, "1e-07"),
        (0.000123456789, "0.000123457"), (1.23456789e15, "1.23457e+15"), (0.99999999, "1"), (100000.0, "100000"),
        (5.0, "5.0"), (-0.0, "-0.0"), (1e300, "1e+300"),
    ],
)  # fmt: skip
def test_numbers(value, shown):
    assert number(value) == shown


def test_a_session_ended_by_collection_errors_is_not_called_partial_for_them(make):
    run = RunFacts("pytest", partial=("2 errors during collection",), unreached=("data-1",), errors=("a.py", "b.py"))
    assert partial_because(make.report(run=run)) == "not reached: data-1"


def test_the_line_of_a_quiet_partial_run_says_partial_once(make):
    run = RunFacts("pytest", tests=1, partial=("deselected by -k 'a'",))
    policy = GatePolicy()
    said = quiet_line(make.report(make.all_items(), run=run, policy=policy))
    assert said.endswith(" (of a partial run); gate not judged: deselected by -k 'a'")
    run = RunFacts("pytest", tests=1, partial=("deselected by -k 'a'",), unreached=("data-1", "model-2"))
    said = quiet_line(make.report(make.all_items(), run=run, policy=policy))
    assert said.endswith("; gate not judged: deselected by -k 'a'; not reached: data-1, model-2")


def test_who_has_marked_nothing_learns_of_the_map(make):
    tests = (Unplaced("a.py::test_x", "data", None, ""),)
    new = make.report(run=RunFacts("pytest", tests=1), unplaced=tests)
    old = make.report(run=RunFacts("pytest", tests=1, marked=1), unplaced=tests)
    assert unplaced(new) == unplaced(old) + "; `mlscore map` reads them and proposes marks"
    assert "map" not in unplaced(old)


def test_rounding_does_not_hide_the_side_of_the_threshold(make):
    values = (Value("auc", 0.7999999999, None, 0.8), Value("f1", 0.8, None, 0.8))
    case = make.case("model-5", values=values)
    assert figures(case) == "auc 0.7999999999 (threshold 0.8), f1 0.8 (threshold 0.8)"


def test_what_a_passed_test_has_to_say(make):
    flaky = make.case("data-1", "test_b", summary="passed after 2 reruns")
    report = make.report([make.case("data-1", "test_a"), flaky, make.case("data-2")])
    first, second = report.item("data-1"), report.item("data-2")
    assert remark(first, first.evidence[0]) == "test_b passed after 2 reruns"
    assert remark(first, flaky) == "passed after 2 reruns"
    assert remark(second, second.evidence[0]) == ""


@pytest.mark.parametrize(
    ("verified", "rank"),
    [(0, 0), ("1/2", 1), (1, 1), ("3/2", 2), (2, 2), ("5/2", 3), (3, 3), ("7/2", 4), (5, 4), ("11/2", 5)],
)
def test_bands_rank_alike_on_both_scales(reports, verified, rank):
    report = reports["good"]
    for factor in (1, 2):
        score = replace(report.score, verified=Fraction(verified) * factor, possible=Fraction(7 * factor))
        assert band_rank(replace(report, score=score)) == rank


def test_no_band_no_rank(reports):
    assert band_rank(reports["workshop-eleven"]) is None
    score = replace(reports["good"].score, possible=Fraction(0))
    assert band_rank(replace(reports["good"], score=score)) is None


def test_the_decisive_evidence_has_the_verdicts_outcome_and_the_proof(make):
    by_hand = make.case("data-1", "test_a", proofs=())
    in_ci = make.case("data-1", "test_b")
    failed = make.case("data-1", "test_c", Outcome.FAILED)
    assert decisive(make.report([by_hand, in_ci]).item("data-1")) == in_ci
    assert decisive(make.report([by_hand, in_ci, failed]).item("data-1")) == failed
    assert decisive(make.report().item("data-1")) is None


@pytest.mark.parametrize(
    ("days", "words"), [(100, "100 days left"), (1, "1 day left"), (0, "0 days left"), (-1, "expired 2026-05-31")]
)
def test_how_long_an_attestation_lasts(make, days, words):
    report = make.report(statements=[make.statement("data-5", days=days)])
    assert lasting(report.item("data-5").evidence[0], report) == words


def test_only_attestations_last_and_only_with_dates(make):
    report = make.report([make.case("data-1")], statements=[make.statement("data-5")])
    assert lasting(report.item("data-1").evidence[0], report) == ""
    attested = report.item("data-5").evidence[0]
    assert lasting(replace(attested, until="soon"), report) == ""
    assert lasting(attested, replace(report, generated_at="today")) == ""


def test_proofs_in_words(make):
    ran = Proof(ProofKind.THIS_RUN, "this run is in GitHub Actions")
    assert proof_words(make.case("data-1", proofs=(ran, make.proof))) == ".github/workflows/ci.yml:31 → Makefile:12"
    assert proof_words(make.case("data-1", proofs=(ran,))) == "this run is in GitHub Actions"
    assert proof_words(make.case("data-1", proofs=())) == ""


def test_automation_groups_items_by_what_runs_them_and_by_what_is_missing(make):
    lacking = ("the job deselects it",)
    report = make.report(
        [
            make.case("data-1"),
            make.case("model-1"),
            make.case("data-2", proofs=(), missing=lacking),
            make.case("infra-1", outcome=Outcome.SKIPPED),
        ],
        statements=[make.statement("data-5")],
    )
    assert automation(report) == [
        ("automated by", ".github/workflows/ci.yml:31 → Makefile:12", ("data-1", "model-1")),
        ("manual because", "the job deselects it", ("data-2",)),
    ]


def test_figures(make):
    values = (Value("rmse", 38.2, "minutes", 40.5), Value("rows", 3), Value("kind", "full", None, "all"))
    case = make.case("model-5", values=values)
    assert figures(case) == "rmse 38.2 minutes (threshold 40.5), rows 3, kind full (threshold all)"


def test_waived(reports):
    assert waived(reports["failing"].item("infra-6")) == "waived until 2026-09-01 (planned)"
    assert waived(reports["failing"].item("infra-5")) == ""


def test_warnings_come_gravest_first_and_without_what_the_head_tells(reports):
    told = [
        Diagnostic(Severity.WARNING, "hollow", "w", Location("a.py", 1)),
        Diagnostic(Severity.INFO, "note", "i"),
        Diagnostic(Severity.ERROR, "junit", "e"),
        Diagnostic(Severity.ERROR, "collection-error", "c"),
        Diagnostic(Severity.ERROR, "interrupted", "b"),
        Diagnostic(Severity.WARNING, "partial", "p"),
    ]
    found = warnings(replace(reports["good"], diagnostics=tuple(told)))
    assert [one.code for one in found] == ["junit", "hollow"]


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        (GateResult(True), "no gate is set"),
        (GateResult(True, (RuleResult("a", True, ""),)), "gate met"),
        (GateResult(False, (RuleResult("a", False, ""),)), "gate not met"),
        (GateResult(None, reason="for a reason"), "gate not judged: for a reason"),
        (GateResult(None), "gate not judged"),
    ],
)
def test_the_gate_in_words(reports, gate, words):
    assert gate_words(replace(reports["good"], gate=gate)) == words


def test_unmet_rules_come_failed_ones_first(reports):
    rules = (RuleResult("a", None, ""), RuleResult("b", True, ""), RuleResult("c", False, ""))
    assert [r.id for r in unmet(replace(reports["good"], gate=GateResult(False, rules)))] == ["c", "a"]

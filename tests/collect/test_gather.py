"""Cases and statements to evidence: outcomes, proofs, findings and their answers, and parts that crash."""

import os
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mlscore.collect.cases import Case, Gathered
from mlscore.collect.gather import HollowJudge, WorkflowProver, collect, proven_by_this_run
from mlscore.core.evidence import Outcome, Proof, ProofKind, SourceKind
from mlscore.core.placement import Placement
from mlscore.core.report import RunFacts
from mlscore.probes.hollow import Analyzer
from mlscore.project.tree import Tree

TODAY = date(2026, 6, 1)
SUITE = """
from pathlib import Path

def test_sound():
    assert Path(__file__).exists()

def test_hollow():
    assert True
"""


def case(name="test_sound", outcome=Outcome.PASSED, *, items=("data-1",), ci=None, **placement):
    return Case(
        nodeid=f"tests/test_a.py::{name}",
        path="tests/test_a.py",
        line=4,
        qualname=name.partition("[")[0],
        outcome=outcome,
        placement=Placement(items=items, **placement),
        ci=ci,
    )


@pytest.fixture
def gather(project, tmp_path):
    """`gather([cases], text of the configuration)` collects with the proof of a CI run alone."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").write_text(SUITE, encoding="utf-8")

    def run(cases, text="", *, provers=(proven_by_this_run,), facts=None):
        gathered = Gathered(tuple(cases), facts or RunFacts("pytest", tests=len(cases)))
        return collect(project(text), gathered, tree=Tree(tmp_path), provers=provers, today=TODAY)

    return run


def test_a_case_becomes_evidence_of_each_of_its_items(gather):
    evidence = gather([case(items=("data-1", "infra-2"), ci="GitHub Actions")]).evidence
    assert [e.item for e in evidence] == ["data-1", "infra-2"]
    assert evidence[0].proofs == (Proof(ProofKind.THIS_RUN, "this run is in GitHub Actions"),)
    assert evidence[0].source.name == "tests/test_a.py::test_sound"
    assert str(evidence[0].location) == "tests/test_a.py:4"


def test_outside_ci_a_prover_says_what_is_missing(gather):
    def nothing(_case):
        return (), ("no CI workflow runs pytest",)

    (evidence,) = gather([case()], provers=(proven_by_this_run, nothing, nothing)).evidence
    assert (evidence.proofs, evidence.missing) == ((), ("no CI workflow runs pytest",))
    (proven,) = gather([case(ci="CI")], provers=(proven_by_this_run, nothing)).evidence
    assert proven.missing == ()


def test_a_mark_that_says_by_hand_is_never_automated(gather):
    (evidence,) = gather([case(ci="CI", manual=True)]).evidence
    assert evidence.proofs == ()
    assert "run by hand" in evidence.missing[0]


def test_a_hollow_test_earns_nothing_and_is_named(gather):
    collected = gather([case("test_hollow")])
    assert collected.evidence[0].outcome is Outcome.HOLLOW
    (diagnostic,) = collected.diagnostics
    assert diagnostic.code == "hollow"
    assert diagnostic.message.startswith("tests/test_a.py::test_hollow: ")
    assert str(diagnostic.location) == "tests/test_a.py:8"


def test_a_failing_test_that_looks_hollow_has_failed(gather):
    assert gather([case("test_hollow", Outcome.FAILED)]).evidence[0].outcome is Outcome.FAILED


ANSWER = '[[tool.mlscore.answer]]\ntest = "tests/test_a.py::{}"\nreason = "It raises on a fault."\n'


def test_an_answer_gives_the_points_back(gather):
    collected = gather([case("test_hollow[1]"), case("test_hollow[2]")], ANSWER.format("test_hollow"))
    assert {e.outcome for e in collected.evidence} == {Outcome.PASSED}
    assert collected.diagnostics == ()


def test_an_answer_to_nothing_is_said(gather):
    collected = gather([case()], ANSWER.format("test_sound"))
    assert [d.code for d in collected.diagnostics] == ["idle-answer"]
    assert gather([], ANSWER.format("test_sound")).diagnostics == ()  # the test was not seen at all


def test_what_names_no_item_of_the_rubric_is_unplaced_or_left_out(gather):
    collected = gather([case(items=("data-77",)), case(items=(), section="data", suggested="data-1", why="its file")])
    assert collected.evidence == ()
    (unplaced,) = collected.unplaced
    assert (unplaced.section, unplaced.suggested, unplaced.why) == ("data", "data-1", "its file")


def test_attestations_become_evidence(gather, tmp_path):
    (tmp_path / "drill.md").write_text("# Drill\n", encoding="utf-8")
    text = (
        '[[tool.mlscore.attestation]]\nitem = "infra-7"\nowner = "ml-platform"\ndate = 2026-01-01\n'
        'what = "Rolled back."\nlink = "drill.md"\nexpires = 2026-06-20\n'
    )
    collected = gather([], text)
    assert [(e.item, e.source.kind) for e in collected.evidence] == [("infra-7", SourceKind.ATTESTATION)]
    assert [d.code for d in collected.diagnostics] == ["attestation-expiring"]


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (RunFacts("pytest", tests=1, errors=("tests/test_b.py",)), "collection-error"),
        (RunFacts("pytest", tests=1, interrupted="KeyboardInterrupt"), "interrupted"),
        (RunFacts("pytest", tests=1, partial=("-k x",), unreached=("data-2",)), "partial"),
    ],
)
def test_a_run_that_is_not_whole_is_said(gather, facts, code):
    assert [d.code for d in gather([], facts=facts).diagnostics] == [code]


def test_a_crash_of_the_analysis_is_said_and_the_run_goes_on(gather, monkeypatch):
    def crash(self, path, qualname):
        raise RuntimeError("boom")

    monkeypatch.setattr(Analyzer, "function", crash)
    collected = gather([case(), case("test_hollow")])
    assert {e.outcome for e in collected.evidence} == {Outcome.PASSED}
    assert [d.code for d in collected.diagnostics] == ["internal", "internal"]
    assert "tests/test_a.py::test_sound failed inside mlscore (RuntimeError: boom)" in collected.diagnostics[0].message


def test_a_crash_of_the_workflows_reader_credits_nothing(gather, monkeypatch, tmp_path):
    def crash(tree):
        raise RuntimeError("boom")

    monkeypatch.setattr("mlscore.probes.automation.find_ci_runs", crash)
    prover = WorkflowProver(Tree(tmp_path))
    collected = gather([case(), case("test_hollow")], provers=(prover,))
    assert collected.evidence[0].proofs == ()
    assert collected.evidence[0].missing == ("the CI workflows could not be read",)
    assert [d.code for d in prover.diagnostics] == ["internal"]


def test_a_live_workflow_proves_with_its_chain(gather, tmp_path):
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: pytest\n", encoding="utf-8")
    (evidence,) = gather([case()], provers=(WorkflowProver(Tree(tmp_path)),)).evidence
    (proof,) = evidence.proofs
    assert proof.kind is ProofKind.WORKFLOW
    assert str(proof.chain[0]) == ".github/workflows/ci.yml:6"


def test_a_workflow_that_is_not_committed_is_told(gather, tmp_path):
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    workflow.write_text("on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: pytest\n", encoding="utf-8")
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    environ = {name: text for name, text in os.environ.items() if not name.startswith("GIT_")} | settings
    team = ("-c", "user.name=team", "-c", "user.email=team@example.org")
    for step in (["init", "-q"], ["add", "-A"], [*team, "commit", "-q", "-m", "first"]):
        ((proof,),) = (e.proofs for e in gather([case()], provers=(WorkflowProver(Tree(tmp_path)),)).evidence)
        assert ("once it is committed" in proof.summary) == (step != ["init", "-q"])
        subprocess.run(["git", *step], cwd=tmp_path, env=environ, check=True)
    ((proof,),) = (e.proofs for e in gather([case()], provers=(WorkflowProver(Tree(tmp_path)),)).evidence)
    assert proof.summary == "GitHub Actions runs `pytest` on push"


def test_below_a_repositorys_top_the_workflow_is_the_repositorys(gather, tmp_path):
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    text = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: pytest {}\n"
    workflow.write_text(text.format("apps/model/tests"), encoding="utf-8")
    tree = Tree(tmp_path)
    assert gather([case()], provers=(WorkflowProver(tree, "apps/model/"),)).evidence[0].proofs
    workflow.write_text(text.format("apps/other/tests"), encoding="utf-8")
    assert not gather([case()], provers=(WorkflowProver(Tree(tmp_path), "apps/model/"),)).evidence[0].proofs


def test_each_function_is_analysed_once(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(Analyzer, "function", lambda self, path, qualname: seen.append(qualname))
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_a.py").touch()
    judge = HollowJudge(Tree(Path(tmp_path)), ())
    for number in range(5):
        judge.finding(case(f"test_sound[{number}]"))
    assert seen == ["test_sound"]


def test_without_the_source_nothing_is_analysed(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(Analyzer, "function", lambda self, path, qualname: seen.append(qualname))
    assert HollowJudge(Tree(tmp_path), ()).finding(case()) is None
    assert seen == []


def test_a_file_that_a_bare_pytest_does_not_collect_is_not_reached_by_ci(gather, tmp_path):
    workflow = tmp_path / ".github" / "workflows" / "ci.yml"
    workflow.parent.mkdir(parents=True)
    text = "on: push\njobs:\n  t:\n    runs-on: x\n    steps:\n      - run: pytest {}\n"
    workflow.write_text(text.format(""), encoding="utf-8")
    (tmp_path / "tests" / "check_a.py").write_text(SUITE, encoding="utf-8")
    odd = replace(case(), path="tests/check_a.py", nodeid="tests/check_a.py::test_sound")
    (evidence,) = gather([odd], provers=(WorkflowProver(Tree(tmp_path)),)).evidence
    assert evidence.proofs == ()
    assert "tests/check_a.py" in evidence.missing[0]
    workflow.write_text(text.format("tests/check_a.py"), encoding="utf-8")
    (evidence,) = gather([odd], provers=(WorkflowProver(Tree(tmp_path)),)).evidence
    assert evidence.proofs

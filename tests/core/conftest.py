"""Evidence and whole lines in few words, for the tests of the core."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from mlscore.core.advise import advise
from mlscore.core.evaluate import evaluate
from mlscore.core.evidence import Evidence, Outcome, Proof, ProofKind, Source, SourceKind
from mlscore.core.gate import judge
from mlscore.core.policy import GatePolicy
from mlscore.core.report import RunFacts
from mlscore.core.score import score
from mlscore.project.rubrics import load_rubric

TODAY = date(2026, 6, 1)
CI = (Proof(ProofKind.THIS_RUN, "this run is in CI"),)


@pytest.fixture(scope="session")
def rubric():
    return load_rubric("ml-test-score", root=Path())


@pytest.fixture(scope="session")
def test_evidence():
    """Evidence of one test: `test_evidence("data-1")` passed in CI; `ci=False` and `outcome=` change it."""

    def make(item, outcome=Outcome.PASSED, *, ci=True, name="tests/test_a.py::test_a", missing=(), summary=""):
        source = Source(SourceKind.TEST, name)
        return Evidence(item, source, outcome, summary, proofs=CI if ci else (), missing=missing)

    return make


@pytest.fixture(scope="session")
def full(rubric, test_evidence):
    """Automated passing evidence for all items but those named; `keep` takes that many of each section's first ones."""

    def make(*without, keep=None, rubric_=rubric):
        return [
            test_evidence(item.id, name=f"tests/test_{item.id}.py::test")
            for section in rubric_.sections
            for item in rubric_.items_of(section.id)[: (keep or {}).get(section.id)]
            if item.id not in without
        ]

    return make


@pytest.fixture(scope="session")
def line(rubric):
    """The pure line over some evidence: items, score, gate and advice."""

    def run(evidence, *, waivers=(), policy=None, facts=None, diagnostics=(), rubric_=rubric, today=TODAY):
        items = evaluate(rubric_, evidence, waivers=waivers, today=today)
        result = score(rubric_, items)
        facts = facts or RunFacts(kind="pytest", tests=1)
        gate = judge(policy or GatePolicy(), rubric_, result, items, facts, diagnostics)
        rules = {rule.id: rule for rule in gate.rules}
        return SimpleNamespace(
            items={i.id: i for i in items}, score=result, gate=gate, rules=rules, advice=advise(rubric_, items, result)
        )

    return run

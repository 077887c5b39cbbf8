"""A report as a baseline: points, and of the evidence only what passed."""

from types import SimpleNamespace

from mlscore.core.baseline import baseline_of
from mlscore.core.evidence import Evidence, Outcome, Proof, ProofKind, Source, SourceKind
from mlscore.core.report import ProjectFacts, RubricRef, Tool


def test_sources_and_proofs_are_of_what_passed_alone(line):
    def evidence(kind, outcome, proof):
        return Evidence("data-1", Source(kind, kind.value), outcome, proofs=(Proof(proof, "x"),))

    done = line(
        [
            evidence(SourceKind.TEST, Outcome.PASSED, ProofKind.WORKFLOW),
            evidence(SourceKind.CHECK, Outcome.SKIPPED, ProofKind.THIS_RUN),
            evidence(SourceKind.ATTESTATION, Outcome.EXPIRED, ProofKind.THIS_RUN),
            Evidence("data-2", Source(SourceKind.TEST, "x"), Outcome.FAILED),
        ]
    )
    report = SimpleNamespace(
        tool=Tool("mlscore", "1"),
        rubric=RubricRef("r", "1", "d"),
        generated_at="2026-06-01T00:00:00Z",
        project=ProjectFacts("demo"),
        score=done.score,
        items=tuple(done.items.values()),
    )
    items = {item.id: item for item in baseline_of(report).items}
    assert (items["data-1"].sources, items["data-1"].proofs) == (("test",), ("workflow",))
    assert (items["data-2"].sources, items["data-2"].proofs) == ((), ())
    assert items["data-2"].practised > items["data-2"].verified == 0

"""From evidence to levels, points, verdicts and the words on what is missing."""

from datetime import date

import pytest

from mlscore.core.attestation import Waiver, WaiverReason
from mlscore.core.evaluate import earned_level, evaluate
from mlscore.core.evidence import Evidence, Outcome, Proof, ProofKind, Source, SourceKind
from mlscore.core.report import Verdict

RAN = ("passed", "failed", "error")
CI = (Proof(ProofKind.WORKFLOW, "GitHub Actions runs pytest on push"),)


@pytest.mark.parametrize(
    ("kind", "outcome", "proofs", "level"),
    [
        (SourceKind.TEST, Outcome.PASSED, CI, "automated"),
        (SourceKind.TEST, Outcome.PASSED, (), "manual"),
        (SourceKind.TEST, Outcome.FAILED, CI, "automated"),
        (SourceKind.TEST, Outcome.ERROR, CI, "automated"),
        (SourceKind.CHECK, Outcome.PASSED, CI, "automated"),
        (SourceKind.CHECK, Outcome.PASSED, (), "manual"),
        (SourceKind.ATTESTATION, Outcome.PASSED, CI, "manual"),
        (SourceKind.ATTESTATION, Outcome.EXPIRED, (), "none"),
        (SourceKind.PROBE, Outcome.PASSED, CI, "manual"),
        *[(k, o, CI, "none") for k in (SourceKind.TEST, SourceKind.CHECK) for o in Outcome if o not in RAN],
        *[(k, o, CI, "none") for k in (SourceKind.ATTESTATION, SourceKind.PROBE) for o in Outcome if o != "passed"],
    ],
)
def test_earned_level(kind, outcome, proofs, level):
    assert earned_level(Evidence("data-1", Source(kind, "x"), outcome, proofs=proofs)) == level


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([], Verdict.NO_EVIDENCE),
        ([Outcome.PASSED, Outcome.SKIPPED], Verdict.VERIFIED),
        ([Outcome.PASSED, Outcome.FAILED], Verdict.FAILING),
        ([Outcome.PASSED, Outcome.ERROR], Verdict.ERROR),
        ([Outcome.HOLLOW, Outcome.SKIPPED], Verdict.HOLLOW),
        ([Outcome.EXPIRED], Verdict.EXPIRED),
        ([Outcome.NOT_RUN], Verdict.NOT_RUN),
        ([Outcome.UNKNOWN], Verdict.UNKNOWN),
        ([Outcome.NOT_APPLICABLE], Verdict.NOT_APPLICABLE),
    ],
)
def test_verdict(line, test_evidence, outcomes, verdict):
    assert line([test_evidence("data-1", o) for o in outcomes]).items["data-1"].verdict is verdict


def test_items_come_in_the_rubrics_order(rubric):
    assert [i.id for i in evaluate(rubric, [], today=date(2026, 1, 1))] == [i.id for i in rubric.items]


def missing(line, *evidence):
    return line(evidence).items["data-1"].missing


def test_nothing_missing_once_automated_and_verified(line, test_evidence):
    assert missing(line, test_evidence("data-1"), test_evidence("data-1", ci=False, missing=("no CI",))) == ()


def test_missing_says_what_stands_in_the_way(line, test_evidence):
    assert "make tests/test_a.py::test_a pass" in missing(line, test_evidence("data-1", Outcome.FAILED))
    hollow = test_evidence("data-1", Outcome.HOLLOW, summary="it asserts True")
    assert missing(line, hollow) == ("let tests/test_a.py::test_a be able to fail: it asserts True",)
    assert missing(line, test_evidence("data-1", Outcome.SKIPPED, summary="no data")) == (
        "run tests/test_a.py::test_a (no data)",
    )
    assert missing(line, test_evidence("data-1", ci=False, missing=("no CI workflow runs pytest",))) == (
        "no CI workflow runs pytest",
    )


def test_missing_without_evidence_shows_both_ways(line):
    (said,) = missing(line)
    assert '@pytest.mark.mlscore("data-1")' in said
    assert "mlscore attest data-1" in said


def test_missing_after_an_attestation_asks_for_a_test(line):
    attested = Evidence("data-1", Source(SourceKind.ATTESTATION, "team-data"), Outcome.PASSED)
    assert missing(line, attested) == (
        'for the automated level: a test marked @pytest.mark.mlscore("data-1") that CI runs',
    )


def test_a_waiver_is_shown_while_it_holds(line):
    waiver = Waiver(
        "data-5", WaiverReason.ACCEPTED_RISK, "public data", "team-data", date(2026, 1, 1), date(2026, 6, 1)
    )
    note = line([], waivers=[waiver]).items["data-5"].waiver
    assert (note.reason, note.note, note.author, note.until) == (
        "accepted-risk",
        "public data",
        "team-data",
        "2026-06-01",
    )
    assert line([], waivers=[waiver], today=date(2026, 6, 2)).items["data-5"].waiver is None


def test_of_several_waivers_of_an_item_the_one_that_holds_longest_is_shown(line):
    def waiver(note, until):
        return Waiver("data-5", WaiverReason.ACCEPTED_RISK, note, "team-data", date(2026, 1, 1), until)

    early, late = waiver("early", date(2026, 6, 10)), waiver("late", date(2026, 6, 20))
    for given in ([early, late], [late, early]):
        note = line([], waivers=given).items["data-5"].waiver
        assert (note.note, note.until) == ("late", "2026-06-20")
    # One that has not begun or has ended is not among them.
    assert line([], waivers=[late, early], today=date(2026, 6, 20)).items["data-5"].waiver.note == "late"

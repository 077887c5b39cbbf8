"""The conformance suite: every case of cases.toml, through evaluation, score and gate."""

import re
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from mlscore.core.attestation import Waiver, WaiverReason
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evaluate import evaluate
from mlscore.core.evidence import Evidence, Outcome, Proof, ProofKind, Source, SourceKind
from mlscore.core.gate import judge
from mlscore.core.policy import GatePolicy, Threshold
from mlscore.core.report import RunFacts, Score
from mlscore.core.score import score, score_diagnostics
from mlscore.project.rubrics import load_rubric

pytestmark = pytest.mark.mlscore("arithmetic-1")

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))["case"]
TODAY = date(2026, 6, 1)
SECTIONS = ("data", "model", "infra", "monitor")
CI = (Proof(ProofKind.THIS_RUN, "this run is in CI"),)

WORDS = {
    "auto": (SourceKind.TEST, Outcome.PASSED, CI),
    "hand": (SourceKind.TEST, Outcome.PASSED, ()),
    "attest": (SourceKind.ATTESTATION, Outcome.PASSED, ()),
    "fail": (SourceKind.TEST, Outcome.FAILED, CI),
    "failhand": (SourceKind.TEST, Outcome.FAILED, ()),
    "error": (SourceKind.TEST, Outcome.ERROR, CI),
    "skip": (SourceKind.TEST, Outcome.SKIPPED, CI),
    "notrun": (SourceKind.TEST, Outcome.NOT_RUN, CI),
    "hollow": (SourceKind.TEST, Outcome.HOLLOW, CI),
    "expired": (SourceKind.ATTESTATION, Outcome.EXPIRED, ()),
    "unknown": (SourceKind.CHECK, Outcome.UNKNOWN, CI),
    "na": (SourceKind.CHECK, Outcome.NOT_APPLICABLE, CI),
}


def read_cell(section, cell):
    """The evidence and the waivers behind a cell such as "2 auto, 1 auto+fail"."""
    evidence, waivers, place = [], [], 0
    for part in filter(None, cell.split(", ")):
        count, words = re.fullmatch(r"(\d+) ([a-z+]+)", part).groups()
        for _ in range(int(count)):
            place += 1
            for number, word in enumerate(words.split("+")):
                item = f"{section}-{place}"
                if word == "waived":
                    waivers.append(Waiver(item, WaiverReason.PLANNED, "later", "team", TODAY, TODAY))
                elif word != "none":
                    kind, outcome, proofs = WORDS[word]
                    source = Source(kind, f"tests/test_{section}.py::test_{place}_{number}")
                    evidence.append(Evidence(item, source, outcome, proofs=proofs))
    assert place <= 7, cell
    return evidence, waivers


def test_there_are_at_least_sixty_cases():
    assert len(CASES) >= 60
    assert len({case["name"] for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"].replace(" ", "_"))
def test_case(case):
    rubric = load_rubric(case.get("rubric", "ml-test-score"), root=HERE)
    evidence, waivers = [], []
    for section in SECTIONS:
        found, waived = read_cell(section, case.get(section, ""))
        evidence += found
        waivers += waived
    for stray in case.get("stray", ()):
        evidence.append(Evidence(stray, Source(SourceKind.TEST, stray), Outcome.PASSED, proofs=CI))

    items = evaluate(rubric, evidence, waivers=waivers, today=TODAY)
    result = score(rubric, items)

    assert result.practised == Fraction(case["practised"])
    assert result.verified == Fraction(case["verified"])
    assert list(result.binding) == case["binding"]
    if case["band"] == "none":
        assert result.band is None
        assert [d.code for d in score_diagnostics(rubric, result)] == ["no-band"]
    else:
        assert result.band is not None
        assert result.band.id == rubric.bands[case["band"]].id
    assert decode(Score, loads(dumps(result), where="score"), where="score") == result
    if "gate" in case:
        facts = case["run"]
        run = RunFacts(kind="pytest", tests=facts["tests"], errors=tuple(facts.get("errors", ())))
        least = Threshold(Fraction(case["fail_under"])) if "fail_under" in case else None
        assert judge(GatePolicy(fail_under=least), rubric, result, items, run).passed is case["gate"]

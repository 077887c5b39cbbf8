"""The way to a higher minimum: only what binds, nearest first."""

from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.core.advise import advise, total_if
from mlscore.core.attestation import Waiver, WaiverReason
from mlscore.core.evaluate import evaluate
from mlscore.core.evidence import Evidence, Outcome, Source, SourceKind
from mlscore.core.score import score


def test_only_the_binding_section_is_named(line, full):
    judged = line(full(keep={"monitor": 2}))
    assert {a.section for a in judged.advice} == {"monitor"}
    assert judged.score.binding == ("monitor",)


def test_nothing_to_do_at_the_top(line, full):
    assert line(full()).advice == ()


def test_sections_that_bind_together_take_turns(line, full):
    advice = line(full(keep={"data": 1, "monitor": 1})).advice
    assert [a.section for a in advice[:4]] == ["data", "monitor", "data", "monitor"]


def test_what_is_there_comes_before_what_is_not(line, full, test_evidence, rubric):
    body = [
        *full(keep={"monitor": 1}),
        test_evidence("monitor-6", Outcome.FAILED),
        test_evidence("monitor-5", Outcome.HOLLOW, summary="asserts True"),
        Evidence("monitor-4", Source(SourceKind.ATTESTATION, "ml-platform"), Outcome.EXPIRED),
        test_evidence("monitor-7", ci=False),
    ]
    advice = line(body).advice
    assert [a.item for a in advice] == ["monitor-6", "monitor-5", "monitor-4", "monitor-7", "monitor-2"]
    assert [a.gain for a in advice] == [1, 1, Fraction(1, 2), Fraction(1, 2), 1]
    assert advice[0].action == "make its failing tests pass"
    assert advice[3].action == "let CI run its tests"
    assert advice[0].snippet == "pytest 'tests/test_a.py::test_a'"
    assert advice[1].snippet == rubric.item("monitor-5").recipe
    assert advice[2].snippet.startswith("mlscore attest monitor-4 ")
    assert "run: pytest --mlscore" in advice[3].snippet
    assert advice[4].snippet == rubric.item("monitor-2").recipe


def test_of_items_equally_near_the_gate_s_come_first(rubric, full):
    items = evaluate(rubric, full(keep={"model": 0}), today=date(2026, 6, 1))
    result = score(rubric, items)
    assert [a.item for a in advise(rubric, items, result, limit=3)] == ["model-1", "model-2", "model-3"]
    ordered = advise(rubric, items, result, must_have=frozenset({"model-5", "data-1"}), limit=3)
    assert [a.item for a in ordered] == ["model-5", "model-1", "model-2"]


def test_a_skipped_test_is_not_to_be_run_but_to_count(line, full, test_evidence):
    body = [*full(keep={"monitor": 1}), test_evidence("monitor-5", Outcome.SKIPPED, summary="xfailed: bug 3")]
    assert line(body).advice[0].action == "let its tests count: they are skipped, or marked xfail"


def test_a_waived_item_comes_last(line, full, rubric):
    from datetime import date

    day = date(2026, 6, 1)
    waiver = Waiver("monitor-2", WaiverReason.PLANNED, "later", "ml-platform", day, day)
    items = evaluate(rubric, full(keep={"monitor": 1}), waivers=[waiver], today=day)
    steps = advise(rubric, items, score(rubric, items), limit=10)
    assert steps[-1].item == "monitor-2"


@settings(max_examples=50)
@given(counts=st.lists(st.integers(0, 7), min_size=4, max_size=4))
def test_taking_every_step_raises_the_total(counts, rubric, full):
    from datetime import date

    keep = dict(zip([s.id for s in rubric.sections], counts, strict=True))
    items = evaluate(rubric, full(keep=keep), today=date(2026, 6, 1))
    result = score(rubric, items)
    steps = advise(rubric, items, result, limit=4)
    if min(counts) == 7:
        assert steps == ()
    else:
        assert total_if(rubric, items, steps) > result.verified

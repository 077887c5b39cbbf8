"""Laws of the arithmetic, over generated evidence and rubrics."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.core.attestation import Waiver, WaiverReason
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evaluate import evaluate
from mlscore.core.evidence import Evidence, Location, Outcome, Proof, ProofKind, Source, SourceKind, Value
from mlscore.core.points import combine, show
from mlscore.core.report import ItemResult, Score
from mlscore.core.score import score
from mlscore.project.rubrics import load_rubric

pytestmark = pytest.mark.mlscore("arithmetic-2")

RUBRIC = load_rubric("ml-test-score", root=Path())
WORKSHOP = load_rubric("ml-test-score-2016", root=Path())
TODAY = date(2026, 6, 1)
IDS = [item.id for item in RUBRIC.items]

texts = st.text(max_size=20)
numbers = st.one_of(
    st.integers(-(10**9), 10**9), st.booleans(), texts, st.floats(allow_nan=False, allow_infinity=False)
)
values = st.builds(Value, texts, numbers, st.none() | texts, st.none() | st.integers())
proofs = st.builds(Proof, st.sampled_from(ProofKind), texts)
evidence = st.builds(
    Evidence,
    item=st.sampled_from(IDS),
    source=st.builds(Source, st.sampled_from(SourceKind), texts),
    outcome=st.sampled_from(Outcome),
    summary=texts,
    location=st.none() | st.builds(Location, texts, st.none() | st.integers(1, 10**6)),
    values=st.lists(values, max_size=2).map(tuple),
    proofs=st.lists(proofs, max_size=2).map(tuple),
    missing=st.lists(texts, max_size=2).map(tuple),
)
bodies = st.lists(evidence, max_size=60)
waivers = st.builds(
    Waiver,
    item=st.sampled_from(IDS),
    reason=st.sampled_from(WaiverReason),
    note=texts,
    author=texts,
    date=st.just(TODAY),
    expires=st.just(TODAY),
)


def total(body, waived=(), rubric=RUBRIC):
    return score(rubric, evaluate(rubric, body, waivers=waived, today=TODAY))


@given(bodies, evidence.filter(lambda e: e.outcome is Outcome.PASSED))
def test_more_positive_evidence_never_lowers(body, more):
    before, after = total(body), total([*body, more])
    assert after.practised >= before.practised
    assert after.verified >= before.verified
    for old, new in zip(before.sections, after.sections, strict=True):
        assert new.practised >= old.practised
        assert new.verified >= old.verified


@given(bodies, evidence.filter(lambda e: e.outcome in (Outcome.FAILED, Outcome.ERROR)))
def test_a_failure_never_raises_verified(body, more):
    assert total([*body, more]).verified <= total(body).verified


@given(
    bodies,
    evidence.filter(lambda e: e.outcome not in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)),
)
def test_what_says_nothing_changes_nothing(body, more):
    # The total is a minimum and nearly always 0: sections and items tell more.
    assert total([*body, more]) == replace(total(body), sections=total([*body, more]).sections)
    for before, after in zip(total(body).sections, total([*body, more]).sections, strict=True):
        assert (after.practised, after.verified) == (before.practised, before.verified)
    before, after = (evaluate(RUBRIC, found, today=TODAY) for found in (body, [*body, more]))
    for old, new in zip(before, after, strict=True):
        assert (new.level, new.practised, new.verified) == (old.level, old.practised, old.verified)


@given(bodies, st.lists(waivers, max_size=5))
def test_a_waiver_never_raises(body, waived):
    assert total(body, waived) == total(body)


@given(bodies, st.randoms(use_true_random=False))
def test_order_never_matters(body, random):
    shuffled = list(body)
    random.shuffle(shuffled)
    first = evaluate(RUBRIC, body, today=TODAY)
    second = evaluate(RUBRIC, shuffled, today=TODAY)
    assert [(i.practised, i.verified, i.level, i.verdict) for i in first] == [
        (i.practised, i.verified, i.level, i.verdict) for i in second
    ]


@given(bodies)
def test_order_never_matters_to_the_last_word(body):
    assert evaluate(RUBRIC, body, today=TODAY) == evaluate(RUBRIC, list(reversed(body)), today=TODAY)


@given(bodies, st.sampled_from([RUBRIC, WORKSHOP]))
def test_bounds_hold_and_the_total_is_the_minimum(body, rubric):
    result = total(body, rubric=rubric)
    most = max(level.points for level in rubric.levels)
    assert 0 <= result.verified <= result.practised <= result.possible == 7 * most
    assert result.verified == min(s.verified for s in result.sections)
    assert result.practised == min(s.practised for s in result.sections)
    assert all(0 <= s.verified <= s.practised <= s.possible for s in result.sections)
    assert set(result.binding) == {
        s.id for s in result.sections if s.verified == result.verified and s.verified < s.possible
    }


@given(bodies, st.sampled_from([s.id for s in RUBRIC.sections]))
def test_one_section_at_nothing_means_nothing(body, empty):
    section = {item.id for item in RUBRIC.items_of(empty)}
    result = total([e for e in body if e.item not in section])
    assert result.verified == result.practised == 0
    assert empty in result.binding


@given(bodies)
def test_the_two_scales_agree(body):
    assert total(body, rubric=WORKSHOP).verified == 2 * total(body).verified


@given(bodies)
def test_results_survive_json(body):
    items = evaluate(RUBRIC, body, today=TODAY)
    result = score(RUBRIC, items)
    assert decode(Score, loads(dumps(result), where="x"), where="x") == result
    for item in items:
        assert decode(ItemResult, loads(dumps(item), where="x"), where="x") == item


fractions = st.fractions(min_value=0, max_value=100)


@given(fractions)
def test_a_fraction_survives_json_and_keeps_its_value(points):
    score_like = replace(total([]), verified=points)
    assert decode(Score, loads(dumps(score_like), where="x"), where="x").verified == points


@given(fractions)
def test_points_are_shown_exactly(points):
    assert Fraction(show(points)) == points


@given(st.lists(st.tuples(fractions, st.fractions(min_value=Fraction(1, 100), max_value=10)), min_size=1, max_size=8))
def test_every_rule_stays_between_least_and_most(pairs):
    points, weights = [p for p, _ in pairs], [w for _, w in pairs]
    for rule in ("mean", "weighted-mean", "min"):
        assert min(points) <= combine(rule, points, weights) <= max(points)
    assert combine("sum", points, weights) == sum(points)
    assert combine("weighted-mean", points, [Fraction(3)] * len(points)) == combine("mean", points, weights)


fine = st.fractions(min_value=Fraction(1, 10**12), max_value=10, max_denominator=10**12)


@given(st.lists(st.tuples(fine, fine), min_size=1, max_size=8))
def test_means_are_exact(pairs):
    points, weights = [p for p, _ in pairs], [w for _, w in pairs]
    assert combine("mean", points, weights) * len(points) == sum(points)
    assert combine("weighted-mean", points, weights) * sum(weights) == sum(p * w for p, w in pairs)


@pytest.mark.parametrize(
    ("rule", "points", "weights", "wanted"),
    [
        ("mean", ["1/3", "1/7", "0"], [], "10/63"),
        ("mean", ["1/3", "1/3", "1/2"], [], "7/18"),
        ("weighted-mean", ["1", "0"], ["1/3", "1/7"], "7/10"),
        ("weighted-mean", ["1/2", "1"], ["1/3", "1/999999999989"], "999999999995/1999999999984"),
    ],
)
def test_means_by_hand(rule, points, weights, wanted):
    found = combine(rule, [Fraction(p) for p in points], [Fraction(w) for w in weights])
    assert (type(found), found) == (Fraction, Fraction(wanted))


@settings(max_examples=20)
@given(st.integers(1, 400))
def test_half_points_add_up_without_rounding(count):
    assert combine("sum", [Fraction(1, 2)] * count, []) == Fraction(count, 2)
    assert combine("mean", [Fraction(1, 3)] * count, []) == Fraction(1, 3)

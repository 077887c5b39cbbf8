"""Associations: their figures against scipy, what chance may do, and what stands in for what."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlscore.checks.policy.associate import Measure, associate, lower_bound, prepare
from mlscore.tables.shapes import Kind


def number(values, name="x"):
    return prepare(name, Kind.NUMBER, pa.array(np.asarray(values, dtype=float), from_pandas=True))


def text(values, name="a"):
    return prepare(name, Kind.TEXT, pa.array([None if v is None else str(v) for v in values], pa.string()))


@pytest.fixture
def random():
    return np.random.default_rng(20)


def test_ranks_agree_with_scipy(random):
    x = np.round(random.normal(size=500), 1)
    assert number(x).ranks == pytest.approx(stats.rankdata(x))


def test_two_numbers_give_spearman_s_correlation(random):
    x = random.normal(size=2000)
    y = np.exp(x + random.normal(size=2000))
    found = associate(number(x), number(y), 0.01)
    assert found.measure is Measure.RANK
    assert found.effect == pytest.approx(stats.spearmanr(x, y).statistic, abs=0.001)
    assert found.at_least < found.effect


def test_categories_give_cramer_s_v_with_bergsma_s_correction(random):
    a = random.integers(0, 4, 1000)
    b = np.where(random.random(1000) < 0.6, a, random.integers(0, 4, 1000))
    table = np.array([[np.sum((a == i) & (b == j)) for j in range(4)] for i in range(4)])
    phi = stats.chi2_contingency(table, correction=False).statistic / 1000 - 9 / 999
    expected = (phi / (4 - 9 / 999 - 1)) ** 0.5
    found = associate(text(a), text(b), 0.01)
    assert found.measure is Measure.CRAMER
    assert found.effect == pytest.approx(expected)


def test_a_number_and_two_classes_give_the_auc(random):
    group = random.integers(0, 2, 2000)
    x = random.normal(size=2000) + 1.5 * group
    found = associate(number(x), text(group), 0.01)
    u = stats.mannwhitneyu(x[group == 1], x[group == 0]).statistic
    assert found.measure is Measure.AUC
    assert found.auc == pytest.approx(u / (group.sum() * (2000 - group.sum())))
    # Which of the two is the feature, and how the classes are named, changes nothing.
    other = associate(text(1 - group), number(-x), 0.01)
    assert (other.auc, other.at_least) == (pytest.approx(found.auc), pytest.approx(found.at_least))


def test_a_number_and_several_classes_give_the_correlation_ratio(random):
    group = random.integers(0, 3, 3000)
    x = random.normal(size=3000) + 2 * group
    found = associate(number(x), text(group), 0.01)
    h = stats.kruskal(*(x[group == g] for g in range(3))).statistic
    assert found.measure is Measure.RATIO
    assert found.effect == pytest.approx(((h - 2) / 2999) ** 0.5)


def test_what_is_not_monotone_is_seen(random):
    x = random.normal(size=4000)
    found = associate(number(x), number(np.abs(x)), 0.01)
    assert found.at_least > 0.3


def test_a_missing_feature_may_tell_and_a_missing_attribute_tells_nothing(random):
    group = random.integers(0, 2, 1000)
    maiden = [f"n{i % 3}" if g else None for i, g in enumerate(group)]
    assert associate(text(maiden), text(group), 0.01).at_least > 0.9
    lost = random.random(1000) < 0.5
    a = [None if gone else int(g) for gone, g in zip(lost, random.integers(0, 2, 1000), strict=True)]
    f = [None if gone else int(v) for gone, v in zip(lost, random.integers(0, 2, 1000), strict=True)]
    assert associate(text(f), text(a), 0.01).at_least < 0.2
    assert associate(text(f), text(a), 0.01).rows == 1000 - lost.sum()


def test_identifiers_are_no_proxies(random):
    group = random.integers(0, 2, 3000)
    ids = text([f"id{n}" for n in range(3000)])
    assert ids.merged == 1
    assert associate(ids, text(group), 0.01) is None


def test_a_strong_proxy_is_found_among_many_values(random):
    town = random.integers(0, 300, 20_000)
    origin = np.where(random.random(20_000) < 0.9, town % 2, random.integers(0, 2, 20_000))
    found = associate(text(town), text(origin), 0.01)
    assert 0.8 < found.at_least <= found.effect < 0.95


@pytest.mark.parametrize("rows", [20, 60, 300])
@pytest.mark.parametrize("pair", ["numbers", "classes", "mixed", "many"])
def test_chance_does_not_alarm(rows, pair, random):
    def draw():
        if pair == "numbers":
            return number(random.normal(size=rows)), number(random.normal(size=rows))
        if pair == "classes":
            return text(random.integers(0, 3, rows)), text(random.integers(0, 2, rows))
        if pair == "mixed":
            return number(random.normal(size=rows)), text(random.integers(0, 2, rows))
        return text(random.integers(0, rows // 10, rows)), text((random.random(rows) < 0.05).astype(int))

    found = [associate(*draw(), 0.001) for _ in range(100)]
    assert max((one.at_least for one in found if one), default=0) < 0.3


def test_at_the_threshold_itself_the_bound_holds(random):
    """Of features that tell exactly 0.3, at most the stated share is said to tell more."""
    over = 0
    for _ in range(400):
        group = random.integers(0, 2, 400)
        told = np.where(random.random(400) < 0.65, group, 1 - group)
        over += associate(text(told), text(group), 0.01).at_least > 0.3
    assert over <= 12  # 1 % of 400 is 4


@settings(max_examples=40, deadline=None)
@given(statistic=st.floats(0.1, 5000), freedom=st.integers(1, 400))
def test_the_bound_agrees_with_scipy(statistic, freedom):
    bound = lower_bound(statistic, freedom, 0.005)
    if bound > 0.5:
        assert stats.ncx2.sf(statistic, freedom, bound) == pytest.approx(0.005, rel=0.35)
    else:
        assert stats.chi2.sf(statistic, freedom) > 0.002


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.none(), st.floats(width=32), st.integers(-3, 3).map(float)), max_size=60),
    st.lists(st.one_of(st.none(), st.sampled_from("abc")), min_size=60, max_size=60),
)
def test_any_columns_give_figures_in_their_range(numbers, letters):
    found = associate(number(numbers), text(letters[: len(numbers)]), 0.01)
    if found is not None:
        assert 0 <= found.at_least <= found.effect <= 1
        assert found.auc is None or 0.5 <= found.auc <= 1


@pytest.mark.parametrize(
    ("kind", "array"),
    [
        (Kind.DATETIME, pa.array([1, 2, None, 3] * 10, pa.timestamp("us", tz="UTC"))),
        (Kind.DATE, pa.array([1, 2, None, 3] * 10, pa.date32())),
        (Kind.NUMBER, pa.array([1, 2, None, 3] * 10).cast(pa.decimal128(25, 2))),
        (Kind.INTEGER, pa.array([2**62, 2, None, 3] * 10)),
        (Kind.BOOLEAN, pa.array([True, False, None, True] * 10)),
        (Kind.TEXT, pa.array(["a", "b", None, "c"] * 10).dictionary_encode()),
        (Kind.TEXT, pa.chunked_array([["a", "b"], [None, "c"]] * 10)),
        (Kind.OTHER, pa.array([1, 2, None, 3] * 10, pa.duration("s"))),
        (Kind.OTHER, pa.array([1, 2, None, 3] * 10, pa.time64("us"))),
    ],
)
def test_every_kind_is_made_ready(kind, array):
    made = prepare("x", kind, array)
    assert (len(made.codes), int(made.present.sum())) == (40, 30)
    assert (made.ranks is not None) is kind.ordered


def test_binary_and_nested_are_not_compared():
    assert prepare("x", Kind.BINARY, pa.array([b"a"])) is None
    assert prepare("x", Kind.NESTED, pa.array([[1]])) is None

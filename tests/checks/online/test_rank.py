"""Rank correlations, their probabilities and intervals agree with SciPy's and with what is simulated."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kendalltau, spearmanr

from mlscore.checks.online.rank import (
    chances,
    effective,
    interval_of_rho,
    interval_of_tau,
    kendall,
    midranks,
    needed,
    partial,
    spearman,
)

NUMBERS = st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=2, max_size=12)


@settings(max_examples=60)
@given(NUMBERS)
def test_estimates_are_those_of_scipy(rows):
    a, b = np.array(rows, dtype=float).T
    if len(set(a)) < 2 or len(set(b)) < 2:
        assert math.isnan(kendall(a, b))
        assert math.isnan(spearman(a, b))
        return
    assert kendall(a, b) == pytest.approx(kendalltau(a, b).statistic, abs=1e-12)
    assert spearman(a, b) == pytest.approx(spearmanr(a, b).statistic, abs=1e-12)
    assert kendall(a, -b) == pytest.approx(-kendall(a, b))


def test_ranks_share_the_middle():
    assert midranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_a_whole_weight_repeats_nothing_but_counts():
    a, b = np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])
    even = kendall(a, b, np.ones(4))
    assert even == pytest.approx(kendall(a, b))
    # The discordant pair of pairs weighs little, so that the rest decides.
    assert kendall(a, b, np.array([1.0, 0.1, 0.1, 1.0])) > even
    assert effective(np.array([1.0, 1.0, 0.0])) == pytest.approx(2.0)
    assert effective(np.full(7, 3.0)) == pytest.approx(7.0)


@pytest.mark.parametrize("count", [5, 7, 30])
def test_counting_gives_the_exact_probability(count):
    random = np.random.default_rng(count)
    a, b = random.normal(size=(2, count))
    great, small = chances(a, b)
    if count < 8:  # all permutations are tried where weights differ, and say the same
        assert chances(a, b, np.ones(count)) == pytest.approx((great, small))
    assert great == pytest.approx(kendalltau(a, b, method="exact", alternative="greater").pvalue)
    assert small == pytest.approx(kendalltau(a, b, method="exact", alternative="less").pvalue)


@pytest.mark.parametrize("count", [20, 160])
def test_drawn_and_approximate_probabilities_are_near(count):
    random = np.random.default_rng(count)
    a = random.normal(size=count)
    b = np.round(0.3 * a + random.normal(size=count), 1)
    great, small = chances(a, b)
    assert great == pytest.approx(kendalltau(a, b, alternative="greater").pvalue, rel=0.25, abs=0.003)
    assert small == pytest.approx(1 - great, abs=0.02)
    assert chances(a, b) == (great, small)


def test_ties_are_permuted_too():
    a, b = np.array([1.0, 1, 2, 2, 3]), np.array([0.0, 0, 0, 1, 1])
    great, small = chances(a, b)
    assert great == 0.2  # as 24 of the 120 orders are: so few different values cannot show anything
    assert great + small > 1


def test_intervals_hold_the_truth():
    random = np.random.default_rng(0)
    for tau in (0.0, 0.4):
        rho, held = math.sin(tau * math.pi / 2), 0
        for _ in range(300):
            a = random.normal(size=12)
            b = rho * a + math.sqrt(1 - rho * rho) * random.normal(size=12)
            found = interval_of_tau(kendall(a, b), 12)
            held += found.low <= tau <= found.high
        assert held >= 275
    assert (interval_of_tau(1.0, 4).low, interval_of_rho(1.0, 4).low) == (-1.0, -1.0)
    perfect = interval_of_tau(1.0, 6)
    assert 0.3 < perfect.low < 0.8
    assert perfect.high == 1.0
    assert interval_of_rho(0.5, 20).low < 0.5 < interval_of_rho(0.5, 20).high


def test_without_a_common_trend():
    assert partial(0.5, 0.7, 0.7) == pytest.approx(0.01 / 0.51)
    assert partial(0.5, 0.0, 0.0) == 0.5
    assert math.isnan(partial(1.0, 1.0, 1.0))


def test_pairs_that_are_needed():
    # n = 4 + 0.437 ((1.960 + 0.842) / atanh 0.5)²
    assert needed(0.5, 0.0) == math.ceil(4 + 0.437 * ((1.95996 + 0.84162) / math.atanh(0.5)) ** 2)
    assert needed(0.8, 0.3) < needed(0.5, 0.3) < needed(0.35, 0.3)
    assert needed(0.0, 0.3) == math.ceil(4 + 0.437 * ((1.95996 + 0.84162) / math.atanh(0.3)) ** 2)
    assert needed(-0.9, 0.3) == 6
    assert needed(0.3, 0.3) is None
    assert needed(0.299, 0.3) is None

"""Intervals and tails against scipy, and by how often they hold what they should."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlscore.checks.intervals import Interval, at_least, deviate, difference, mean, ratio, share, upper_tail


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20_000), st.floats(0.001, 0.999), st.data())
def test_the_binomial_tail(rows, p, data):
    successes = data.draw(st.integers(0, rows))
    right = stats.binom.sf(successes - 1, rows, p)
    assert at_least(successes, rows, p) == pytest.approx(right, rel=1e-6, abs=1e-12)


def test_ends_of_the_tail():
    assert at_least(0, 10, 0.3) == 1.0
    assert at_least(11, 10, 0.3) == 0.0
    assert at_least(3, 10, 0.0) == 0.0
    assert at_least(3, 10, 1.0) == 1.0


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 5000), st.data(), st.sampled_from([0.01, 0.05, 0.2]))
def test_the_score_interval(rows, data, alpha):
    successes = data.draw(st.integers(0, rows))
    right = stats.binomtest(successes, rows).proportion_ci(1 - alpha, method="wilson")
    found = share(successes, rows, alpha)
    assert (found.low, found.high) == pytest.approx((right.low, right.high), abs=1e-9)
    assert found.low <= found.value <= found.high


def test_without_rows_nothing_is_known():
    assert (share(0, 0).low, share(0, 0).high) == (0.0, 1.0)
    assert math.isnan(share(0, 0).value)
    assert mean(1, 3.0, 9.0) == Interval(3.0, -math.inf, math.inf)
    assert math.isnan(mean(0, 0.0, 0.0).value)


def test_the_mean():
    values = np.random.default_rng(0).normal(3, 2, 500)
    found = mean(len(values), values.sum(), (values**2).sum())
    right = stats.norm.interval(0.95, values.mean(), stats.sem(values))
    assert (found.low, found.high) == pytest.approx(right)


def test_normal_tails():
    assert upper_tail(9.0) == pytest.approx(stats.norm.sf(9.0))
    assert deviate(0.05) == pytest.approx(1.95996, abs=1e-5)
    assert deviate(0.05, sides=1) == pytest.approx(1.64485, abs=1e-5)


def test_newcombe_s_own_example():
    """56 of 70 and 48 of 80, Newcombe (1998), table II (a): 0.0524 to 0.3339 by method 10."""
    found = difference(share(56, 70), share(48, 80))
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_how_often_differences_and_ratios_hold_the_truth():
    random = np.random.default_rng(4)
    held = {"difference": 0, "ratio": 0}
    for _ in range(2000):
        a, b = share(random.binomial(80, 0.3), 80), share(random.binomial(120, 0.5), 120)
        held["difference"] += difference(a, b).low <= -0.2 <= difference(a, b).high
        held["ratio"] += ratio(a, b).low <= 0.6 <= ratio(a, b).high
    assert all(0.93 <= times / 2000 <= 0.97 for times in held.values()), held


def test_ratios_at_the_ends():
    assert math.isnan(ratio(share(0, 50), share(0, 50)).value)
    assert ratio(share(5, 50), share(0, 50)).value == math.inf
    nothing = ratio(share(0, 50), share(25, 50))
    assert nothing.low == 0.0
    assert 0.05 < nothing.high < 0.3

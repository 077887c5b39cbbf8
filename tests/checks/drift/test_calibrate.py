"""Thresholds hold their rate where the law is known, and pay for what few windows do not tell."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from mlscore.checks.drift import calibrate
from mlscore.checks.drift.calibrate import Distances
from mlscore.checks.drift.windows import Worth, jensen_shannon


def windows(values, freedom=1.0):
    return Distances(np.asarray(values, dtype=float), Worth(len(values), freedom, 1 + 1 / len(values)), 1)


def test_fewer_windows_give_a_higher_threshold():
    rng = np.random.default_rng(0)
    limits = []
    for count in (6, 12, 50, 400):
        draws = [calibrate.threshold(windows(np.abs(rng.standard_normal(count))), None, 1e-3) for _ in range(50)]
        limits.append(np.median(draws))
    assert limits == sorted(limits, reverse=True)
    assert limits[-1] == pytest.approx(stats.norm.isf(0.0005), rel=0.1)


@pytest.mark.parametrize(("count", "freedom"), [(6, 1), (10, 4), (60, 12)])
def test_a_new_window_exceeds_the_threshold_no_more_often_than_asked(count, freedom):
    rng = np.random.default_rng(count)
    level, runs, over = 0.05, 800, 0
    for _ in range(runs):
        values = np.sqrt(rng.chisquare(freedom, count + 1))
        over += values[-1] > calibrate.threshold(windows(values[:-1], freedom), None, level)
    assert over / runs < level + 3 * (level * (1 - level) / runs) ** 0.5


def test_what_the_reference_itself_contains_is_no_alarm_while_windows_are_few():
    values = np.array([0.01] * 99 + [0.9])
    assert calibrate.threshold(windows(values, freedom=50), None, 1e-3) >= 0.9


def test_no_window_with_rows_lets_nothing_alarm():
    assert calibrate.threshold(windows([np.nan, np.nan]), None, 0.01) == 1.0


def test_single_blocks_lower_the_threshold_of_few_long_windows_but_not_below_what_these_vary():
    rng = np.random.default_rng(2)
    blocks = np.abs(rng.standard_normal(120))
    long = Distances(np.abs(rng.standard_normal(110)) / 10**0.5, Worth(8, 1, 1.1), 14)
    single = Distances(blocks, Worth(120, 1, 1.01), 1)
    alone = calibrate.threshold(long, None, 1e-4)
    helped = calibrate.threshold(long, single, 1e-4)
    assert helped < alone
    assert helped >= np.sqrt((long.values**2).mean()) * stats.norm.isf(0.5e-4)
    lasting = Distances(blocks, Worth(120, 1, 1.01, lasting=0.9), 1)
    assert calibrate.threshold(long, lasting, 1e-4) > helped


def test_tests_that_move_together_may_spend_more_than_independent_ones():
    rng = np.random.default_rng(0)
    common = rng.random(300)
    together = [common + 0.01 * rng.random(300) for _ in range(30)]
    apart = [rng.random(300) for _ in range(30)]
    bonferroni = 1 - 0.99 ** (1 / 30)
    assert calibrate.level_per_test(apart, 300, 0.01) == pytest.approx(bonferroni, rel=0.4)
    assert calibrate.level_per_test(together, 300, 0.01) > 2 * bonferroni
    assert calibrate.level_per_test(together, 300, 0.01) <= 0.01
    assert calibrate.level_per_test(together, 5, 0.01) == pytest.approx(bonferroni)
    assert calibrate.level_per_test([common], 300, 0.01) == pytest.approx(0.01)
    assert calibrate.level_per_test([], 300, 0.01) == 0.01
    assert calibrate.level_per_test([np.zeros(300)] * 2, 300, 0.01) == pytest.approx(1 - 0.99**0.5)


@pytest.mark.parametrize("rows", [100, 5_000, 10_000_000])
def test_noise_of_independent_rows_is_exceeded_no_more_often_than_asked(rows):
    rng = np.random.default_rng(rows)
    shares = np.array([0.6, 0.3, 0.05, 0.04, 0.01])
    before = rng.multinomial(20_000, shares, size=400).astype(float)
    now = rng.multinomial(rows, shares, size=400).astype(float)
    limit = calibrate.noise(before[0], rows, 0.01, rng)
    assert (jensen_shannon(before, now) > limit).mean() <= 0.02
    assert limit < 0.4


def test_noise_without_rows_lets_nothing_alarm():
    assert calibrate.noise(np.zeros(3), 100, 0.01, np.random.default_rng(0)) == 1.0


@pytest.mark.parametrize(("rate", "rows"), [(0.0, 100), (0.002, 100), (0.2, 1_000), (0.2, 1_000_000)])
def test_noise_of_missing_rates(rate, rows):
    rng = np.random.default_rng(rows)
    over, runs = 0, 300
    for _ in range(runs):
        before = rng.binomial(2_000, rate)
        now = rng.binomial(rows, rate)
        limit = calibrate.missing_noise(before, 2_000, rows, 0.01, 0.005, rng)
        over += abs(now / rows - before / 2_000) > max(limit, 0.005)
    assert over / runs <= 0.03


def test_one_storm_twice_as_bad_as_the_worst_is_no_alarm_and_quiet_columns_stay_as_they_are():
    rng = np.random.default_rng(4)
    quiet = np.abs(rng.standard_normal(160))
    stormy = quiet.copy()
    stormy[80] = 12.0
    long = Distances(np.abs(rng.standard_normal(140)) / 2, Worth(6, 1, 1.1), 28)
    worth = Worth(24, 1, 1.05)
    without = calibrate.threshold(long, None, 1e-3)
    assert calibrate.threshold(long, None, 1e-3, Distances(quiet, worth, 7)) <= 1.1 * without
    assert calibrate.threshold(long, None, 1e-3, Distances(stormy, worth, 7)) > 2 * 12 * 7 / 28

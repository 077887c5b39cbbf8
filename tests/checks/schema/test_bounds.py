"""Tolerances learnt from clean windows: how often clean ones exceed them, and that faults do."""

import random

import pytest

from mlscore.checks.schema.bounds import Learnt, learn


def drawn(r, n, share, spread=0.0):
    """Violations among n values, the share itself varying from window to window when `spread` is not 0."""
    own = r.betavariate(share / spread, (1 - share) / spread) if spread else share
    return sum(r.random() < own for _ in range(n))


@pytest.mark.parametrize("alarm", [0.1, 0.01])
@pytest.mark.parametrize(("share", "spread"), [(0.002, 0.0), (0.05, 0.0), (0.3, 0.0), (0.05, 0.02), (0.3, 0.01)])
def test_clean_windows_exceed_the_bound_as_rarely_as_stated(share, spread, alarm):
    r = random.Random(5)
    size, runs, alarms = 300, 400, 0
    for _ in range(runs):
        learnt = learn([drawn(r, size, share, spread) for _ in range(40)], [size] * 40)
        alarms += drawn(r, size, share, spread) > learnt.bound(size, alarm)
    # Two binomial deviations above what was promised, which overdispersed windows of a small sample may take.
    assert alarms / runs <= alarm + 2 * (alarm / runs) ** 0.5 + 0.01


def test_a_rule_that_was_never_broken_allows_next_to_nothing():
    learnt = learn([0] * 50, [1_000] * 50)
    assert learnt.share == 0
    assert learnt.bound(1_000, 0.01) <= 1
    assert learnt.bound(0, 0.01) == 0
    assert learn([0] * 50, [1_000_000] * 50).bound(1_000, 0.01) == 0


def test_what_is_far_beyond_is_beyond_the_bound():
    r = random.Random(1)
    learnt = learn([drawn(r, 1_000, 0.02) for _ in range(60)], [1_000] * 60)
    assert 20 < learnt.bound(1_000, 1e-5) < 60


def test_windows_that_were_not_clean_are_left_out():
    r = random.Random(2)
    counts = [drawn(r, 500, 0.02) for _ in range(50)]
    clean = learn(counts, [500] * 50)
    counts[7], counts[30] = 400, 250
    learnt = learn(counts, [500] * 50)
    assert learnt.left_out == (7, 30)
    assert learnt.bound(500, 1e-4) <= clean.bound(500, 1e-4) + 3
    assert clean.left_out == ()


def test_many_odd_windows_are_how_the_data_is():
    counts = [0, 100] * 20
    learnt = learn(counts, [500] * 40)
    assert learnt.left_out == ()
    assert learnt.bound(500, 0.01) >= 100


def test_windows_that_differ_allow_more_than_those_that_do_not():
    alike, apart = learn([10] * 40, [500] * 40), learn([0, 20] * 20, [500] * 40)
    assert alike.correlation == 0
    assert apart.correlation > 0
    assert apart.bound(500, 0.001) > alike.bound(500, 0.001)


def test_large_windows_take_the_normal_tail():
    learnt = Learnt(0.1, 10**8, 100, 0.0)
    bound = learnt.bound(10**6, 0.01)
    assert 100_600 < bound < 100_800


def test_nothing_learnt_tolerates_everything():
    assert learn([], []).bound(10, 0.01) == 10
    assert learn([0, 0], [0, 0]).windows == 0

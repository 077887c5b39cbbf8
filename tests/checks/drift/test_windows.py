"""Windows of blocks: their sums, distances, and what they are worth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.drift import measures, windows

few = settings(max_examples=40, deadline=None)


@few
@given(seed=st.integers(0, 10_000), blocks=st.integers(1, 12), size=st.integers(1, 6))
def test_array_distances_are_those_of_the_measures(seed, blocks, size):
    rng = np.random.default_rng(seed)
    left, right = rng.integers(0, 5, (2, blocks, size)).astype(float)
    found = windows.jensen_shannon(left, right)
    for number in range(blocks):
        if left[number].sum() and right[number].sum():
            assert found[number] == pytest.approx(measures.jensen_shannon(left[number], right[number]), abs=1e-7)
        else:
            assert np.isnan(found[number])


def test_runs_are_sums_of_consecutive_blocks():
    blocks = np.arange(10.0).reshape(5, 2)
    assert windows.runs(blocks, 2).tolist() == [[2, 4], [6, 8], [10, 12], [14, 16]]


def test_rates():
    found = windows.rate_difference(np.array([[1.0, 9.0], [0.0, 0.0]]), np.array([30.0, 70.0]))
    assert found[0] == pytest.approx(0.2)
    assert np.isnan(found[1])


def test_level_compares_each_run_with_all_the_rest():
    blocks = np.array([[10.0, 0], [10, 0], [0, 10], [10, 0]])
    cut = windows.Cut(length=1, step=1, rows=1e9)
    found = windows.level(blocks, cut, windows.jensen_shannon, np.random.default_rng(0))
    assert found[2] == pytest.approx(1.0)
    assert found[0] == pytest.approx(measures.jensen_shannon([10, 0], [20, 10]))


def test_larger_windows_are_thinned_to_the_rows_of_the_current_data():
    blocks = np.array([[600.0, 400.0], [5.0, 5.0]])
    found = windows.thinned(blocks, 50, np.random.default_rng(0))
    assert found.sum(axis=1).tolist() == [50, 10]
    assert found[1].tolist() == [5, 5]


def test_steps_stand_at_the_first_block_of_the_later_window():
    blocks = np.array([[10.0, 0]] * 6 + [[0.0, 10.0]] * 6)
    found = windows.steps(blocks, 2, windows.jensen_shannon)
    assert len(found) == 9
    assert int(found.argmax()) + 2 == 6
    assert windows.steps(blocks[:3], 2, windows.jensen_shannon).tolist() == []


def test_windows_that_depend_on_their_neighbours_are_worth_less():
    rng = np.random.default_rng(3)
    weights = np.ones(2)
    free, bound = [], []
    for _ in range(20):
        level = np.zeros(60)
        for day in range(1, 60):
            level[day] = 0.95 * level[day - 1] + 0.3 * rng.standard_normal()
        for found, share in ((bound, 0.5 + 0.1 * np.tanh(level)), (free, np.full(60, 0.5))):
            counts = rng.binomial(500, share)
            found.append(windows.worth(np.stack([counts, 500 - counts], axis=1).astype(float), 2, weights))
    assert np.mean([each.windows for each in bound]) < 0.5 * np.mean([each.windows for each in free])
    assert np.mean([each.inflation for each in bound]) > np.mean([each.inflation for each in free])
    assert np.mean([each.lasting for each in bound]) > 0.6


def test_freedom_counts_the_directions_that_vary():
    rng = np.random.default_rng(1)
    many = rng.multinomial(1_000, [0.1] * 10, size=200).astype(float)
    one = rng.binomial(1_000, 0.5, size=200)
    single = np.stack([one, 1_000 - one], axis=1).astype(float)
    assert windows.worth(many, 1, np.full(10, 10**0.5)).freedom == pytest.approx(9, abs=0.7)
    assert windows.worth(single, 1, np.ones(2)).freedom == pytest.approx(1)
    assert windows.worth_of_steps(many, 1, np.ones(10)).freedom > 6

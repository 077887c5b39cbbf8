"""The measures agree with scipy on the same bins, and keep the bounds and symmetries that their definitions promise."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from mlscore.checks.drift import measures

few = settings(max_examples=60, deadline=None)
counts = st.lists(st.integers(0, 10_000), min_size=1, max_size=30)


@st.composite
def sides(draw):
    """Two filled sides over the same bins."""
    size = draw(st.integers(1, 30))
    one = st.lists(st.integers(0, 10_000), min_size=size, max_size=size).filter(sum)
    return draw(one), draw(one)


SYMMETRIC = {
    "total_variation": 1.0,
    "jensen_shannon": 1.0,
    "kolmogorov_smirnov": 1.0,
    "population_stability": math.inf,
}


@pytest.mark.parametrize(("name", "greatest"), SYMMETRIC.items())
@few
@given(pair=sides())
def test_bounds_and_symmetry(name, greatest, pair):
    measure = getattr(measures, name)
    value = measure(*pair)
    assert 0 <= value <= greatest
    assert value == pytest.approx(measure(*reversed(pair)), abs=1e-9)


@pytest.mark.parametrize("name", SYMMETRIC)
@few
@given(side=counts.filter(sum), times=st.integers(1, 50))
def test_equal_shares_are_no_distance(name, side, times):
    # Equal shares, not equal counts: only the index's half rows depend on the number of rows, and no bin is half empty.
    value = getattr(measures, name)(side, [times * count for count in side])
    assert value == pytest.approx(0, abs=1e-7)


@pytest.mark.parametrize("name", ["total_variation", "jensen_shannon", "kolmogorov_smirnov"])
def test_sides_with_nothing_in_common_are_farthest_apart(name):
    assert getattr(measures, name)([5, 3, 0, 0], [0, 0, 7, 1]) == pytest.approx(1.0)


@few
@given(pair=sides())
def test_jensen_shannon_agrees_with_scipy(pair):
    assert measures.jensen_shannon(*pair) == pytest.approx(distance.jensenshannon(*pair, base=2), abs=1e-6)


@few
@given(pair=sides())
def test_wasserstein_and_total_variation_agree_with_scipy(pair):
    a, b = pair
    positions = [float(n * n) for n in range(len(a))]
    expected = stats.wasserstein_distance(positions, positions, a, b)
    assert measures.wasserstein(a, b, positions) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    shares = np.array(a) / sum(a), np.array(b) / sum(b)
    assert measures.total_variation(a, b) == pytest.approx(distance.cityblock(*shares) / 2, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(pair=sides())
def test_kolmogorov_smirnov_agrees_with_scipy_on_the_bins_as_values(pair):
    a, b = ([count % 50 for count in side] for side in pair)
    if not sum(a) or not sum(b):
        return
    expected = stats.ks_2samp(np.repeat(range(len(a)), a), np.repeat(range(len(b)), b)).statistic
    assert measures.kolmogorov_smirnov(a, b) == pytest.approx(expected, abs=1e-9)


@few
@given(pair=sides())
def test_chi_square_and_cramers_v_agree_with_scipy(pair):
    table = np.array(pair)
    table = table[:, table.sum(axis=0) > 0]
    found = measures.chi_square(*pair)
    expected = stats.chi2_contingency(table, correction=False)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-6, abs=1e-6)
    assert found.freedom == expected.dof
    assert 0 <= found.cramers_v_corrected <= 1
    if table.shape[1] > 1:
        v = stats.contingency.association(table, method="cramer", correction=False)
        assert found.cramers_v == pytest.approx(v, abs=1e-6)


def test_corrected_cramers_v_is_nothing_where_chance_explains_the_table():
    rng = np.random.default_rng(1)
    a, b = (rng.multinomial(200, [1 / 30] * 30) for _ in range(2))
    found = measures.chi_square(a.tolist(), b.tolist())
    assert found.cramers_v > 0.2
    assert found.cramers_v_corrected < 0.1


@few
@given(pair=sides())
def test_population_stability_is_scipys_entropy_both_ways_where_no_bin_is_empty(pair):
    a, b = ([count + 1 for count in side] for side in pair)
    expected = stats.entropy(a, b) + stats.entropy(b, a)
    assert measures.population_stability(a, b) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_population_stability_counts_an_empty_bin_as_half_a_row():
    left, right = [50, 50, 0], [50, 49, 1]
    expected = stats.entropy([50, 50, 0.5], right) + stats.entropy(right, [50, 50, 0.5])
    assert measures.population_stability(left, right) == pytest.approx(expected)


@few
@given(pair=sides(), shift=st.floats(-1e6, 1e6), scale=st.floats(0.001, 1000))
def test_wasserstein_scales_with_its_positions_and_ignores_their_origin(pair, shift, scale):
    base = [float(n) for n in range(len(pair[0]))]
    moved = [shift + scale * n for n in base]
    if any(low >= high for low, high in pairwise(moved)):
        return
    assert measures.wasserstein(*pair, moved) == pytest.approx(
        scale * measures.wasserstein(*pair, base), rel=1e-3, abs=1e-6
    )


@few
@given(pair=sides(), third=st.data())
def test_jensen_shannon_is_a_metric(pair, third):
    a, b = pair
    c = third.draw(st.lists(st.integers(0, 100), min_size=len(a), max_size=len(a)).filter(sum))
    assert measures.jensen_shannon(a, b) <= measures.jensen_shannon(a, c) + measures.jensen_shannon(c, b) + 1e-9


def test_empty_sides():
    assert measures.total_variation([0, 0], [0, 0]) == 0
    assert measures.jensen_shannon([0, 0], [1, 2]) == 1
    assert measures.population_stability([3, 1], [0, 0]) == math.inf
    assert math.isnan(measures.wasserstein([0, 0], [1, 2], [0, 1]))
    assert measures.chi_square([0, 0], [1, 2]).cramers_v == 0
    assert measures.chi_square([], []).cramers_v_corrected == 0
    assert measures.missing_rate_difference(0, 0, 3, 10) == 0


def test_missing_rate_has_a_sign():
    assert measures.missing_rate_difference(10, 100, 3, 10) == pytest.approx(0.2)
    assert measures.missing_rate_difference(50, 100, 1, 10) == pytest.approx(-0.4)


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ([1, 2], [1], "2 bins"),
        ([1, -1], [1, 1], "negative"),
        ([1, math.nan], [1, 1], "finite"),
        ([1], [math.inf], "finite"),
    ],
)
def test_counts_that_are_none_are_refused(a, b, said):
    with pytest.raises(ValueError, match=said):
        measures.jensen_shannon(a, b)


def test_positions_that_are_none_are_refused():
    with pytest.raises(ValueError, match="1 positions for 2 bins"):
        measures.wasserstein([1, 2], [2, 1], [0.0])
    with pytest.raises(ValueError, match="decrease"):
        measures.wasserstein([1, 2], [2, 1], [1.0, 0.5])

"""The parts of the curve: plans of windows, paired increases, monotone curves and where they meet a limit."""

import math
from datetime import date, datetime
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_1samp
from sklearn.isotonic import IsotonicRegression

from mlscore.checks.staleness.curve import at_age, crossing, decay_of, increase, monotone, points_of
from mlscore.checks.staleness.losses import row_losses
from mlscore.checks.staleness.plan import cut, day_name, days_of, plan_for
from mlscore.errors import InputError


@settings(max_examples=60)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12))
def test_monotone_is_isotonic_regression(values):
    found = monotone(values)
    assert all(a <= b + 1e-12 for a, b in pairwise(found))
    np.testing.assert_allclose(found, IsotonicRegression().fit_transform(range(len(values)), values), atol=1e-9)


def test_crossing_is_on_straight_lines():
    ages, values = [0, 10, 20, 30], [0.0, 0.0, 0.2, 0.4]
    assert crossing(ages, values, 0.1) == pytest.approx(15)
    assert crossing(ages, values, 0.3) == pytest.approx(25)
    assert crossing(ages, values, 0.4) is None
    assert crossing(ages, values, -0.1) == 0
    assert at_age(ages, values, 15) == pytest.approx(0.1)
    assert at_age(ages, values, 30) == 0.4
    assert at_age(ages, values, 0) == 0.0


def test_increases_are_student_s_over_windows():
    random = np.random.default_rng(0)
    differences = [random.normal(shift, 0.01, 400) for shift in (0.1, 0.2, 0.05, 0.15)]
    means = [one.mean() for one in differences]
    found = increase(differences)
    interval = ttest_1samp(means, 0).confidence_interval(0.95)
    assert (found.value, found.low, found.high) == pytest.approx((np.mean(means), interval.low, interval.high))
    # Equal means by chance do not make an interval that is narrower than the rows'.
    noisy = random.normal(0.1, 1, 400)
    same = increase([noisy, noisy, noisy])
    assert same.high - same.low > 2 * 1.9 / math.sqrt(1200)
    alone = increase([noisy])
    assert alone.high - alone.value == pytest.approx(1.96 * noisy.std(ddof=1) / 20, rel=1e-3)


def test_decay_is_the_mean_over_ages():
    random = np.random.default_rng(1)
    windows = [{0.0: random.normal(0, 1, 300)} for _ in range(4)]
    for one in windows:
        one[5.0], one[10.0] = one[0.0] + 0.1 + random.normal(0, 0.1, 300), one[0.0] + 0.3
    found, p = decay_of(windows)
    assert found.value == pytest.approx(0.2, abs=0.01)
    assert p < 0.001
    assert [point.age for point in points_of(windows)] == [0.0, 5.0, 10.0]
    assert points_of(windows)[2].worse.value == pytest.approx(0.3)
    assert points_of(windows)[0].worse.high == 0
    _, p = decay_of([{age: -values for age, values in one.items()} for one in windows])
    assert p > 0.99


def test_plans_fit_the_rows():
    plan = plan_for(0, 365)
    assert (plan.origins, plan.ages) == (5, 6)
    first = plan.training(plan.origins + plan.ages - 1)[0]
    assert 0 <= first < plan.step
    # Training number i is of age a for the window i - a: it ends a steps before that begins.
    for origin in range(plan.origins):
        for age in range(plan.ages + 1):
            assert plan.training(origin + age)[1] == pytest.approx(plan.window(origin)[0] - age * plan.step)
    assert plan_for(0, 365, max_age=30).step == 6
    assert plan_for(0, 365, max_age=30).ages * 6 >= 30
    assert plan_for(0, 365, step=20, train=50, ages=3, origins=4) == plan_for(
        0, 365, step=20, train=50, ages=3, origins=4
    )
    assert plan_for(0, 100, max_age=50).origins < 5
    assert plan_for(0, 2).step == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        (
            {"max_age": 100},
            "the rows span 100 days, and 2 windows and 6 ages of 20 days each, with 20 days of training, take 180",
        ),
        (
            {"step": 10, "train": 60},
            "2 windows and 6 ages of 10 days each, with 60 days of training, take 140: 40 more",
        ),
        ({"step": 10, "origins": 10, "train": 10}, "10 windows and 6 ages"),
    ],
)
def test_what_a_plan_lacks(more, missing):
    found = plan_for(0, 100, **more)
    assert missing in found
    assert found.endswith("more are missing")


def test_moments_are_read_as_days():
    moments = [datetime(2026, 1, 1, 12), None, datetime(2026, 1, 3)]
    for column in (
        pa.array(moments),
        pa.array(moments, pa.timestamp("ns", tz="UTC")),
        pa.array(["2026-01-01 12:00:00", None, "2026-01-03"]),
    ):
        found = days_of(pa.table({"t": column}), "t")
        assert found[[0, 2]].tolist() == [20454.5, 20456.0]
        assert math.isnan(found[1])
    found = days_of(pa.table({"t": pa.array([date(2026, 1, 1)])}), "t")
    assert day_name(found[0]) == "2026-01-01"
    assert day_name(20454.5) == "2026-01-01T12:00:00"
    with pytest.raises(InputError, match='"t" holds int64 values, not dates'):
        days_of(pa.table({"t": [1]}), "t")
    with pytest.raises(InputError, match='"t" holds what is no date'):
        days_of(pa.table({"t": ["soon"]}), "t")
    with pytest.raises(InputError, match='there is no column "u"'):
        days_of(pa.table({"t": [1]}), "u")


def test_rows_are_cut_by_moments():
    rows = pa.table({"n": [0, 1, 2, 3]})
    assert cut(rows, np.array([0.0, 1.0, 2.0, 3.0]), 1, 3).column("n").to_pylist() == [1, 2]


def test_losses_of_rows():
    labels = pa.chunked_array([["yes", "no", "maybe"]])
    shares = np.array([[0.25, 0.75], [0.5, 0.5], [0.5, 0.5]])
    said = np.array(["yes", "yes", "yes"], dtype=object)
    assert row_losses("error", said, None, None, labels).tolist() == [0, 1, 1]
    found = row_losses("log loss", said, shares, ("no", "yes"), labels)
    assert found[:2] == pytest.approx(-np.log([0.75, 0.5]))
    assert found[2] > 30  # a class that the model does not know
    flags = pa.chunked_array([[True, False]])
    assert row_losses("error", np.array([1, 1]), None, None, flags).tolist() == [0, 1]
    numbers = pa.chunked_array([[1.0, 2.0]])
    assert row_losses("absolute error", np.array([3.0, 2.0]), None, None, numbers).tolist() == [2, 0]
    assert row_losses("squared error", np.array([3.0, 2.0]), None, None, numbers).tolist() == [4, 0]
    with pytest.raises(InputError, match="needs numbers"):
        row_losses("absolute error", said, None, None, labels)
    with pytest.raises(InputError, match="needs probabilities"):
        row_losses("log loss", said, None, None, labels)
    with pytest.raises(InputError, match="some answers are no numbers"):
        row_losses("squared error", np.array([np.nan, 1]), None, None, numbers)
    with pytest.raises(InputError, match="several labels a row"):
        row_losses("error", np.zeros((2, 2)), None, None, flags)

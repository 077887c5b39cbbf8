"""Quantiles agree with scipy's."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mlscore.checks.drift import normal

few = settings(max_examples=60, deadline=None)
rates = st.floats(1e-7, 0.45)


@few
@given(upper=rates, freedom=st.floats(0.5, 500))
def test_t_agrees_with_scipy(upper, freedom):
    found = normal.t_quantile(upper, freedom)
    assert found == pytest.approx(stats.t.isf(upper, freedom), rel=1e-6)
    assert normal.t_tail(found, freedom) == pytest.approx(upper, rel=1e-6)
    assert normal.t_quantile(1 - upper, freedom) == pytest.approx(-found, rel=1e-5)


@few
@given(upper=rates, above=st.floats(1, 300), below=st.floats(1, 3_000))
def test_f_agrees_with_scipy(upper, above, below):
    assert normal.f_quantile(upper, above, below) == pytest.approx(stats.f.isf(upper, above, below), rel=1e-6)


@few
@given(upper=rates)
def test_normal_agrees_with_scipy(upper):
    assert normal.normal_quantile(upper) == pytest.approx(stats.norm.isf(upper), rel=1e-9, abs=1e-9)
    assert normal.normal_tail(normal.normal_quantile(upper)) == pytest.approx(upper, rel=1e-6)

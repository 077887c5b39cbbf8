"""Changes of unit: each known one is found, an honest table is not suspected."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mlscore.checks.upstream.units import CONVERSIONS, FAR, moved


@pytest.mark.parametrize(
    ("typical", "arrived", "words"),
    [
        ((5, 180), (500, 18000), "hundredths"),
        ((5000, 180000), (5, 180), "thousands for units"),
        ((200, 2500), (321.9, 4023), "kilometres for miles"),
        ((50, 80), (127, 203.2), "centimetres for inches"),
        ((-5, 30), (23, 86), "degrees Fahrenheit for Celsius"),
        ((23, 86), (-5, 30), "degrees Celsius for Fahrenheit"),
        ((-5, 30), (268.15, 303.15), "kelvins"),
        ((10, 200), (600, 12000), "seconds for minutes"),
        ((10, 200), (-200, -10), "the sign turned"),
    ],
)
def test_known_changes_are_named(typical, arrived, words):
    found = moved(typical, arrived)
    assert words in str(found.conversions[0])
    assert found.rest < 0.01 < FAR < found.distance


@pytest.mark.parametrize("arrived", [(5, 180), (8, 200), (0, 150), (20, 250)])
def test_what_moves_a_little_is_not_suspected(arrived):
    assert moved((5, 180), arrived) is None


def test_what_no_unit_explains_is_told_without_one():
    found = moved((5, 180), (400, 420))
    assert found.conversions == ()
    assert found.distance == pytest.approx(395 / 175)


@pytest.mark.parametrize(
    ("unit", "first"),
    [("miles", "kilometres for miles"), ("mi", "kilometres for miles"), ("knots", "for knots"), (None, "for knots")],
)
def test_of_several_that_explain_it_the_one_from_the_agreed_unit_is_first(unit, first):
    found = moved((100, 250), (175, 437), unit)
    assert first in str(found.conversions[0])
    assert len(found.conversions) == 2


RANGES = st.tuples(st.floats(-1e4, 1e4), st.floats(0.1, 1e4)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(max_examples=80, deadline=None)
@given(typical=RANGES, number=st.integers(0, len(CONVERSIONS) - 1), noise=st.floats(-0.02, 0.02))
def test_every_conversion_is_found_or_one_that_looks_the_same(typical, number, noise):
    low, high = CONVERSIONS[number].apply(*typical)
    arrived = (low + noise * (high - low), high + noise * (high - low))
    found = moved(typical, arrived)
    width = typical[1] - typical[0]
    assume(max(abs(arrived[0] - typical[0]), abs(arrived[1] - typical[1])) / width > FAR)
    assert found.conversions
    assert found.rest <= 0.021


@settings(max_examples=60, deadline=None)
@given(typical=RANGES, low=st.floats(-0.45, 0.45), high=st.floats(-0.45, 0.45))
def test_within_half_a_width_nothing_is_said(typical, low, high):
    width = typical[1] - typical[0]
    assert moved(typical, (typical[0] + low * width, typical[1] + high * width)) is None

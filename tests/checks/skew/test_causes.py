"""The recognisers of causes on pairs made up for them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.skew.causes import likely_causes
from mlscore.checks.skew.report import Cause
from mlscore.checks.skew.texts import shape
from mlscore.tables.shapes import Kind

numbers = st.floats(-1e6, 1e6).filter(lambda value: abs(value) > 1e-3)
several = st.lists(numbers, min_size=8, max_size=30, unique=True)


def number(pairs, share=1.0):
    return likely_causes(pairs, Kind.NUMBER, Kind.NUMBER, share=share)


def text(*pairs):
    return likely_causes(pairs, Kind.TEXT, Kind.TEXT)[0].cause


@settings(max_examples=40, deadline=None)
@given(several, st.sampled_from([0.37, 3.3, 7.0, 250.0, 4096.0, -17.0]))
def test_a_factor_is_found(values, factor):
    (likely,) = number([(value * factor, value) for value in values])
    assert likely.cause in (Cause.SCALE, Cause.ROUNDING, Cause.WHOLE)
    if likely.cause is Cause.SCALE:
        assert likely.figure == pytest.approx(factor)


@settings(max_examples=40, deadline=None)
@given(several, st.floats(1, 1e6))
def test_an_offset_is_found(values, offset):
    pairs = [(value + offset, value) for value in values]
    (likely,) = number(pairs)
    assert (likely.cause, likely.share) == (Cause.OFFSET, 1.0)
    assert likely.figure == pytest.approx(offset, rel=1e-3)


@settings(max_examples=40, deadline=None)
@given(several, st.integers(0, 3))
def test_rounding_is_found(values, decimals):
    pairs = [(round(value, decimals), value) for value in values if round(value, decimals) != value]
    likely = number(pairs) if len(pairs) > 7 else ()
    assert all(
        one.cause in (Cause.ROUNDING, Cause.WHOLE, Cause.OFFSET, Cause.CONSTANT, Cause.FLOAT32) for one in likely
    )
    assert not pairs or len(pairs) < 8 or likely[0].share >= 0.8


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(allow_nan=True), st.floats(allow_nan=True)), max_size=20))
def test_any_numbers_are_taken(pairs):
    assert sum(one.share for one in number(pairs)) <= 1.001


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=8), st.none() | st.text(max_size=8)), max_size=20))
def test_any_texts_are_taken(pairs):
    assert sum(one.share for one in likely_causes(pairs, Kind.TEXT, Kind.TEXT)) <= 1.001


@pytest.mark.parametrize(
    ("pair", "cause"),
    [
        (("LIMA", "Lima"), Cause.CASE),
        ((" Lima ", "Lima"), Cause.SPACES),
        (("LeÃ³n", "León"), Cause.ENCODING),
        (("Le?n", "León"), Cause.ENCODING),
        (("Leon", "León"), Cause.ENCODING),
        (("Leo\u0301n", "León"), Cause.ENCODING),
        (("1,5", "1.5"), Cause.DECIMAL_COMMA),
        (("8001", "08001"), Cause.LEADING_ZEROS),
        (("1.0", "1"), Cause.WRITTEN),
        (("New Yo", "New York"), Cause.CUT_TEXT),
    ],
)
def test_texts(pair, cause):
    assert text(pair) is cause
    assert text(pair[::-1]) is cause


def test_times():
    def times(served, recomputed):
        found = likely_causes([(served, recomputed)] * 4, Kind.DATETIME, Kind.DATETIME)
        return (found[0].cause, found[0].figure) if found else None

    assert times("2024-05-01T12:30:00", "2024-05-01T07:00:00") == (Cause.ZONE, 19_800)
    assert times("2024-05-01T12:30:00", "2024-05-01T12:29:58") == (Cause.OFFSET, 2)
    assert times("2024-05-02T12:30:00", "2024-05-01T12:30:00") == (Cause.OFFSET, 86_400)
    assert times("2024-05-01T12:30:00+00:00", "2024-05-01T11:30:00") == (Cause.ZONE, 3600)
    assert times("2024-05-01T12:30:00", "2024-05-01T12:30:44") == (Cause.CUT_TIME, 60)
    assert times("2024-02-01T00:00:00", "2024-01-02T00:00:00") == (Cause.DAY_MONTH, None)


def test_recomputed_may_be_the_rounded_side():
    pairs = [(1.2345, 1.23), (2.3456, 2.35), (9.8765, 9.88), (4.5678, 4.57)]
    (likely,) = number(pairs)
    assert (likely.cause, likely.says) == (Cause.ROUNDING, "recomputed is rounded to 2 decimals")


def test_significant_digits_are_all_its_digits():
    # Neither decimals nor a factor fit: what is large was cut to three digits, and what is small as well.
    pairs = [(1.23e5, 123_456.0), (9.88e-3, 0.0098765), (4.57e2, 456.78), (2.35e-6, 2.3456e-6)]
    (likely,) = number(pairs)
    assert (likely.cause, likely.says) == (Cause.ROUNDING, "served is rounded to 3 significant digits")
    # A last digit of six that differs is no rounding to them.
    off = [(served * (1 + 3e-7), recomputed) for served, recomputed in pairs]
    assert all(found.cause is not Cause.ROUNDING for found in number(off))


def test_one_pair_proves_no_figure():
    assert number([(7.5, 2.3)]) == ()
    assert likely_causes([(True, False), (False, True)], Kind.BOOLEAN, Kind.BOOLEAN, share=0.2) == ()


def test_nothing_to_explain():
    assert number([]) == ()


@pytest.mark.parametrize(
    ("given", "shown"), [("Lima 12", "Aaaa 99"), ("", ""), ("ñ@x.org", "a@a.aaa"), ("x" * 30, "a" * 24 + "…")]
)
def test_the_shape_of_a_text(given, shown):
    assert shape(given) == shown

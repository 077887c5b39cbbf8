"""Texts as numbers."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlscore.checks.drift.arrays import OPENING, opening


@given(st.text(), st.text())
def test_first_letters_are_in_the_order_of_the_texts(one, two):
    shorter = one[:OPENING], two[:OPENING]
    assert (opening(one) < opening(two)) == (shorter[0] < shorter[1])
    assert (opening(one) == opening(two)) == (shorter[0] == shorter[1])


def test_no_text_has_no_first_letters():
    assert opening(None) != opening(None)
    assert opening("") == 0

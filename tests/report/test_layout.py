"""Cutting, wrapping, padding and bars, in columns of a terminal."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from mlscore.report.layout import Pen, cells, hung

WORDS = st.text(st.sampled_from("ab c表 é😀\u0301"), max_size=60)


@given(WORDS, st.integers(0, 30))
def test_cut_text_fits_and_begins_as_it_did(text, room):
    cut = Pen(80, unicode=True).cut(text, room)
    assert cell_len(cut) <= room
    assert cut == text or text.startswith(cut.removesuffix("…"))


@given(WORDS, st.integers(2, 30))
def test_padded_text_has_exactly_its_width(text, width):
    assert cell_len(Pen(80, unicode=True).pad(text, width)) == width


@given(WORDS, st.integers(2, 30), st.integers(2, 30))
def test_wrapped_text_fits_and_loses_nothing(text, room, first):
    lines = Pen(80, unicode=True).wrap(text, room, first=first)
    assert all(cell_len(line) <= (room if number else first) for number, line in enumerate(lines))
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_words_are_broken_only_where_they_must():
    pen = Pen(80, unicode=True)
    assert pen.wrap("a few words and abcdefghijk", 7) == ["a few", "words", "and", "abcdefg", "hijk"]
    assert pen.wrap("one two", 7, first=3) == ["one", "two"]
    assert pen.wrap("", 7) == []


def test_hung_lines_begin_below_the_lead():
    lines = hung((" ! ", "warn"), ("one two three", ""), Pen(8, unicode=True))
    assert lines == [((" ! ", "warn"), ("one", "")), (("   ", ""), ("two", "")), (("   ", ""), ("three", ""))]
    assert hung((" ! ", ""), ("one two", ""), Pen(8, unicode=True), indent=1)[1] == ((" ", ""), ("two", ""))


@given(st.integers(0, 28), st.integers(0, 28), st.integers(1, 28), st.integers(1, 40))
def test_bars_have_their_width_and_order(verified, practised, possible, width):
    pen = Pen(80, unicode=True)
    verified, practised = min(verified, possible), min(practised, possible)
    one, two, three = pen.bar(Fraction(verified), Fraction(practised), Fraction(possible), width)
    assert cells(one + two + three) == width
    assert set(one) <= {"━"}
    assert set(two) <= {"┅"}
    assert set(three) <= {"╌"}
    assert (len(one) == 0) == (verified == 0)
    assert (len(one) == width) == (verified == possible or (width == 1 and verified > 0))


@pytest.mark.parametrize(
    ("verified", "practised", "bar"),
    [
        (0, 0, "......................"[:14]),
        (Fraction(1, 2), Fraction(1, 2), "#............."),
        (2, 3, "####==........"),
        (Fraction(1, 100), Fraction(1, 100), "#............."),
        (Fraction(699, 100), 7, "#############="),
        (7, 7, "##############"),
        (-1, 0, ".............."),
        (9, 9, "##############"),
    ],
)
def test_bars_in_ascii(verified, practised, bar):
    assert "".join(Pen(80, unicode=False).bar(Fraction(verified), Fraction(practised), Fraction(7), 14)) == bar


def test_a_section_without_possible_points_has_an_empty_bar():
    assert Pen(80, unicode=False).bar(Fraction(0), Fraction(0), Fraction(0), 3) == ("", "", "...")


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (60, "test_b.py::TestC::test_d[one-two]"),
        (30, "test_b.py::TestC::test_d[…]"),
        (25, "test_b.py::TestC::test_d"),
        (20, "test_b.py::test_d"),
        (10, "test_d"),
        (5, "test…"),
    ],
)
def test_node_ids_take_the_longest_form_that_fits(room, shown):
    assert Pen(80, unicode=True).node("tests/a/test_b.py::TestC::test_d[one-two]", room) == shown


def test_foreign_text_is_ascii_where_the_screen_is():
    assert Pen(80, unicode=False).text("é\n…") == "\\xe9 ..."
    assert Pen(80, unicode=True).text("é\n…") == "é …"

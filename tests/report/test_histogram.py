"""Small histograms: what a reader sees of the counts, in characters and as SVG."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.report.histogram import blocks, svg

COUNTS = st.lists(st.integers(0, 10**9), max_size=40)


@pytest.mark.parametrize(
    ("counts", "width", "drawn"),
    [
        ([0, 1, 2, 4, 8], 12, " ▂▃▅█"),
        ([1, 1, 1, 1, 1, 1], 3, "███"),
        ([1, 10_000], 12, "▁█"),
        ([0, 0], 12, ""),
        ([], 12, ""),
    ],
)
def test_blocks(counts, width, drawn):
    assert blocks(counts, width) == drawn


def test_blocks_in_ascii():
    assert blocks([0, 1, 2, 4, 8], unicode=False) == " :-+@"


@given(COUNTS, st.integers(1, 20))
def test_no_bin_with_rows_is_drawn_empty(counts, width):
    drawn = blocks(counts, width)
    assert len(drawn) == (min(len(counts), width) if any(counts) else 0)
    if any(counts):
        assert "█" in drawn
    if len(counts) <= width and any(counts):
        assert [sign == " " for sign in drawn] == [count == 0 for count in counts]


@given(COUNTS, st.none() | COUNTS, st.text(max_size=20))
def test_the_svg_is_well_formed_and_says_its_title(counts, beside, title):
    printable = "".join(c for c in title if c.isprintable())
    root = ElementTree.fromstring(svg(counts, beside=beside, title=printable))
    assert root.get("aria-label") == printable
    assert "NaN" not in ElementTree.tostring(root, encoding="unicode")


def test_a_hostile_title_stays_a_text():
    drawn = svg([1], title='"><script>alert(1)</script>')
    assert "<script>" not in drawn
    assert ElementTree.fromstring(drawn).get("aria-label") == '"><script>alert(1)</script>'


def test_a_reference_is_drawn_to_its_own_scale():
    """Ten times as many rows of the same shape lie exactly on the bars."""
    one, ten = svg([1, 3, 2], title="a"), svg([10, 30, 20], title="a")
    assert one == ten
    assert svg([1, 3, 2], beside=[10, 30, 20], title="a") != one
    assert svg([1, 3, 2], beside=[10, 30, 20], title="a") == svg([1, 3, 2], beside=[1, 3, 2], title="a")

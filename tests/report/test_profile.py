"""A profile as a person reads it: on a wide and a narrow screen, in ASCII, and as Markdown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.report.layout import cells
from mlscore.report.profile import figure, render_profile, render_profile_markdown, share
from mlscore.tables.shapes import ColumnProfile, Frequency, Kind, Profile

PROFILE = Profile(
    source="flights.parquet",
    engine="duckdb",
    rows=336_776,
    columns=(
        ColumnProfile(
            "dep_delay",
            Kind.NUMBER,
            "DOUBLE",
            336_776,
            8_255,
            nan=3,
            infinite=1,
            minimum=-43.0,
            maximum=1301.0,
            mean=12.639,
            deviation=40.21,
            distinct=525,
            histogram=(164_762, 75_004, 23_688, 14_489, 9_902, 0, 1),
        ),
        ColumnProfile(
            "carrier",
            Kind.TEXT,
            "VARCHAR",
            336_776,
            0,
            distinct=16,
            empty=12,
            top=(Frequency("UA", 58_665), Frequency(" B6", 54_635), Frequency("", 12)),
        ),
        ColumnProfile("on|time", Kind.BOOLEAN, "BOOLEAN", 336_776, 336_776 - 4, true=3, distinct=2),
        ColumnProfile("año", Kind.DATE, "DATE", 336_776, 0, minimum="2013-01-01", maximum="2013-12-31", distinct=365),
        ColumnProfile("nothing", Kind.INTEGER, "INTEGER", 336_776, 336_776, distinct=0),
        ColumnProfile("[red]wild[/red]\x1b[31m", Kind.NESTED, "STRUCT", 336_776, 1),
    ),
    estimated=("distinct: within 5 %",),
)
EMPTY = Profile("empty.csv", "duckdb", 0, (ColumnProfile("a", Kind.TEXT, "VARCHAR", 0, 0),))


@pytest.mark.parametrize("width", [60, 100, 160])
def test_on_a_screen(width, snapshot):
    drawn = render_profile(PROFILE, width=width)
    assert drawn == snapshot
    assert "\x1b" not in drawn
    assert all(cells(line) <= max(width, 90) for line in drawn.splitlines())


def test_in_ascii(snapshot):
    drawn = render_profile(PROFILE, width=100, unicode=False)
    assert drawn == snapshot
    assert drawn.isascii()


def test_as_markdown(snapshot):
    assert render_profile_markdown(PROFILE) == snapshot


def test_an_empty_table(snapshot):
    assert render_profile(EMPTY) == snapshot
    assert "0 rows, 1 column" in render_profile_markdown(EMPTY)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (2013, "2013"), (12_345, "12,345"), (0.5, "0.5"), (12.639, "12.64"), (123_456.7, "123,457"), (-43.0, "-43"),
        (1e20, "1e+20"), (float("nan"), "nan"), (float("-inf"), "-inf"), (0.000_012_3, "1.23e-05"), (9999.7, "1e+04"),
    ],
)  # fmt: skip
def test_figures(number, shown):
    assert figure(number) == shown


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_share_never_hides_that_there_is_something(part, more):
    shown = share(part, part + more)
    assert (shown == "-") == (part == 0)
    assert (shown == "100.0%") == (part > 0 and more == 0)

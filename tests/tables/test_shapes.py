"""Counts add up whatever order their parts come in, and what is stored comes back the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.core.codec import decode, dumps, loads
from mlscore.tables.shapes import (
    Categories,
    ColumnDifference,
    ColumnProfile,
    Counts,
    Difference,
    Edges,
    Frequency,
    JoinResult,
    Kind,
    Profile,
    Quantile,
    Tolerance,
)

NUMBERS = st.integers(0, 10**12)
COUNTS = st.builds(Counts, st.tuples(NUMBERS, NUMBERS, NUMBERS), NUMBERS, NUMBERS, NUMBERS)


@given(COUNTS, COUNTS, COUNTS)
def test_counts_add_up(a, b, c):
    assert a + b == b + a
    assert (a + b) + c == a + (b + c)
    assert (a + b).rows == a.rows + b.rows


def test_counts_of_other_bins_do_not_add_up():
    with pytest.raises(ValueError, match="do not add up"):
        _ = Counts((1, 2)) + Counts((1,))


def test_edges_increase_and_are_finite():
    for values in ((1.0, 1.0), (2.0, 1.0), (float("nan"),), (1.0, float("inf")), (float("-inf"),)):
        with pytest.raises(ValueError, match="edges must"):
            Edges(values)
    assert Edges((1.0, 2.0)).size == 3
    assert Edges(()).size == 1


def test_categories_are_named_once():
    with pytest.raises(ValueError, match="named once"):
        Categories(("a", "a"))
    assert Categories(("a", "b")).size == 2


def test_a_tolerance_is_not_negative():
    for values in ((-1.0, 0.0), (0.0, -1.0), (float("nan"), 0.0)):
        with pytest.raises(ValueError, match="negative"):
            Tolerance(*values)


def test_kinds_say_how_their_values_are_told_apart():
    assert {kind for kind in Kind if kind.ordered} == {Kind.INTEGER, Kind.NUMBER, Kind.DATE, Kind.DATETIME}
    assert {kind for kind in Kind if kind.numeric} == {Kind.INTEGER, Kind.NUMBER}
    assert {kind for kind in Kind if kind.named} == {Kind.TEXT, Kind.BOOLEAN, Kind.OTHER}


COLUMN = ColumnProfile(
    name='odd "name" 🙂',
    kind=Kind.NUMBER,
    native="DOUBLE",
    rows=10,
    null=1,
    nan=1,
    minimum=-1.5,
    maximum=3,
    mean=0.1,
    quantiles=(Quantile(0.5, 0.25),),
    edges=(0.0, 1e-300),
    histogram=(3, 2, 3),
    top=(Frequency(1.5, 2), Frequency(1, 1)),
)


@pytest.mark.parametrize(
    "value",
    [
        Counts((1, 2), null=3, nan=4, other=5),
        Edges((-1.5, 0.0), column="x"),
        Categories(("a", ""), column=None),
        Profile("s3://***@lake", "duckdb", 10, (COLUMN,), ("distinct",)),
        JoinResult(
            ("id",), 1, 2, 3, 4, 5, 6, 7, 8, (ColumnDifference("x", 1, 0, 0, 0.5, (Difference((1, "a"), None, 2.5),)),)
        ),
    ],
)
def test_shapes_survive_json(value):
    assert decode(type(value), loads(dumps(value), where="x"), where="x") == value


def test_a_profile_knows_its_columns_by_name():
    profile = Profile("x", "duckdb", 10, (COLUMN,))
    assert profile.column('odd "name" 🙂') is COLUMN
    assert COLUMN.present == 9
    with pytest.raises(KeyError):
        profile.column("other")

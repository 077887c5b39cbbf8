"""Counting by what is well gives what counting by the condition gives, on DuckDB and on every value."""

import math

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.errors import InputError
from mlscore.tables.conditions import (
    Compare,
    Every,
    Holds,
    Length,
    Matches,
    Missing,
    Not,
    NotANumber,
    OneOf,
    Operator,
    Some,
)
from mlscore.tables.queries.scope import Scope
from mlscore.tables.queries.tally import as_glob, tally
from mlscore.tables.queries.where import condition
from mlscore.tables.shapes import Column, Kind, TableOptions
from mlscore.tables.table import open_table

COLUMNS = (
    Column("i", Kind.INTEGER, "BIGINT"),
    Column("f", Kind.NUMBER, "DOUBLE"),
    Column("g", Kind.NUMBER, "FLOAT"),
    Column("t", Kind.TEXT, "VARCHAR"),
)
SCOPE = Scope("rows", COLUMNS, "rows")
WHOLE = st.none() | st.integers(-3, 3) | st.sampled_from([2**53, 2**53 + 1, -(2**63), 2**63 - 1])
REAL = st.none() | st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1.0, 1e300, math.inf, -math.inf, math.nan])
NARROW = st.none() | st.sampled_from([-1.0, 0.0, 0.5, 0.1, 1.0, math.inf, -math.inf, math.nan])
TEXT = st.none() | st.text(alphabet="aBZ09_-.é🙂\n ", max_size=4)
LIMIT = st.integers(-3, 3) | st.sampled_from([2**53 + 1, 2**64, -0.5, 0.0, 0.1, 0.5, 1.0, math.inf, -math.inf])
PATTERN = st.sampled_from(
    [r"^[A-Z]{2}$", r"[A-Z]\d", r"^a.$", r"[a-z]{1}[0-9A-B]$", r"a", r"\.[_a]", r"^[^a]", r"[A-Z]+", r"-[0-9]{0}", r"é"]
)


@st.composite
def asked(draw):
    """A condition, mostly one of those that have a short form."""
    name = draw(st.sampled_from("ifg"))
    compare = st.builds(Compare, st.just(name), st.sampled_from(list(Operator)), LIMIT)
    text = (
        st.builds(OneOf, st.just("t"), st.lists(st.text("aBZ09", max_size=2), max_size=22).map(tuple))
        | st.builds(Length, st.just("t"), st.none() | st.integers(0, 3), st.none() | st.integers(0, 3))
        | st.builds(Matches, st.just("t"), PATTERN, st.booleans(), st.booleans())
        | st.builds(Holds, st.just("t"), st.text("aB0", max_size=1))
    )
    one = compare | text | st.sampled_from([Missing(name), Missing("t"), NotANumber(name)])
    kinds = [
        one,
        one.map(Not),
        st.lists(compare.map(Not), min_size=1, max_size=3).map(lambda parts: Some(tuple(parts))),
        st.lists(one, max_size=2).map(lambda parts: Every(tuple(parts))),
        st.just(Some((Missing(name), NotANumber(name)))),
    ]
    return draw(st.one_of(kinds))


@pytest.fixture(scope="module")
def connection():
    made = duckdb.connect()
    made.execute("CREATE TABLE rows (i BIGINT, f DOUBLE, g FLOAT, t VARCHAR)")
    yield made
    made.close()


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(WHOLE, REAL, NARROW, TEXT), max_size=12), st.lists(asked(), min_size=1, max_size=12))
def test_both_forms_count_the_same_rows(connection, rows, conditions):
    connection.execute("DELETE FROM rows")
    if rows:
        connection.executemany("INSERT INTO rows VALUES (?, ?, ?, ?)", rows)
    short = ", ".join(tally(SCOPE, one, native=True) for one in conditions)
    long = ", ".join(f"COUNT_IF({condition(SCOPE, one)})" for one in conditions)
    found, right = (connection.execute(f"SELECT {cells} FROM rows").fetchone() for cells in (short, long))
    assert [cell or 0 for cell in found] == [cell or 0 for cell in right]


@pytest.mark.parametrize(
    ("given", "sql"),
    [
        (Some((Missing("f"), NotANumber("f"))), "COUNT(*) - COALESCE(COUNT_IF(\"f\" <= CAST('inf' AS DOUBLE)), 0)"),
        (
            Not(Compare("f", Operator.AT_MOST, 2)),
            'COALESCE(COUNT_IF("f" <= CAST(\'inf\' AS DOUBLE)), 0) - COALESCE(COUNT_IF("f" <= 2), 0)',
        ),
        (Not(OneOf("t", ("a", "b"))), "COUNT(\"t\") - COUNT(LIST_POSITION(['a', 'b'], \"t\"))"),
        (Not(Matches("t", "^[A-Z]{2}$")), 'COUNT("t") - COALESCE(COUNT_IF("t" GLOB \'[A-Z][A-Z]\'), 0)'),
        (
            Some((Not(Compare("i", Operator.AT_LEAST, 0)), Not(Compare("i", Operator.AT_MOST, 9)))),
            'COUNT("i") - COALESCE(COUNT_IF("i" BETWEEN 0 AND 9), 0)',
        ),
    ],
)
def test_what_is_well_is_counted_where_that_is_cheaper(given, sql):
    assert tally(SCOPE, given, native=True) == sql
    assert tally(SCOPE, given, native=False) == f"COUNT_IF({condition(SCOPE, given)})"


@pytest.mark.parametrize(
    ("pattern", "glob"),
    [
        (Matches("t", "^[A-Z]{2}[0-9]{4}$"), "[A-Z][A-Z][0-9][0-9][0-9][0-9]"),
        (Matches("t", r"^ES\d{2}", start=True), "ES[0-9][0-9]*"),
        (Matches("t", r"[a-f0-9]-x", full=True), "[a-f0-9]-x"),
        (Matches("t", "[A-Z]"), None),
        (Matches("t", "^a|b$"), None),
        (Matches("t", "^a?$"), None),
        (Matches("t", "^a.b$"), None),
        (Matches("t", "^[^a]$"), None),
        (Matches("t", "^(a)$"), None),
        (Matches("t", r"^a\$", full=True), None),
        (Matches("t", "^[a-z]{65}$"), None),
        (Matches("t", "^$"), None),
    ],
)
def test_patterns_of_fixed_width_are_globs(pattern, glob):
    assert as_glob(pattern) == glob


def test_bad_conditions_are_refused_as_ever():
    with pytest.raises(InputError, match="no column 'x'"):
        tally(SCOPE, Missing("x"), native=True)
    with pytest.raises(InputError, match="regular expression"):
        tally(SCOPE, Matches("t", "^[A-Z"), native=True)


@pytest.mark.parametrize("kind", ["float64", "float32"])
@pytest.mark.parametrize("values", [[1.0, math.nan, 3.0], [1.0, math.nan, None], [math.nan, math.nan]])
def test_nan_is_found_though_statistics_of_a_file_hide_it(tmp_path, kind, values):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"x": pa.array(values, getattr(pa, kind)())}), path)
    nan = sum(value is not None and math.isnan(value) for value in values)
    missing = values.count(None)
    with open_table(path, options=TableOptions(threads=1)) as table:
        found = table.violations(
            {
                "nan": NotANumber("x"),
                "missing": Some((Missing("x"), NotANumber("x"))),
                "other": Compare("x", Operator.UNEQUAL, 7.0),
                "less": Not(Compare("x", Operator.AT_MOST, 2.0)),
            }
        )
        assert found == {
            "nan": nan,
            "missing": nan + missing,
            "other": len(values) - nan - missing,
            "less": sum(value == 3 for value in values),
        }
        assert len(table.rows_where(NotANumber("x"), 9)) == nan
        assert table.profile().columns[0].nan == nan
        assert next(iter(table.counts({"x": table.edges(["x"], 2)["x"]})["x"].values())).nan == nan

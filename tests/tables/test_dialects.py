"""Every query in every dialect: it parses there, says the same names and literals, and stays as it was written down.

The SQL of BigQuery, Snowflake, Databricks, Trino and Redshift has not been run; the snapshots show it for reading.
"""

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot.tokens import TokenType

from mlscore.errors import UsageError
from mlscore.tables.conditions import (
    Compare,
    Every,
    Holds,
    Infinite,
    Length,
    Matches,
    Not,
    NotANumber,
    OneOf,
    Operator,
    Parses,
    Place,
    Repeated,
)
from mlscore.tables.dialects import NOT_RUN, RUN, translate
from mlscore.tables.queries import counts, join, profile, quote, where
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import (
    Aspect,
    Categories,
    Column,
    Edges,
    Kind,
    RowBlocks,
    TimeBlocks,
    Tolerance,
    Unit,
)

SCOPE = Scope(
    '"flights"',
    (
        Column("delay", Kind.NUMBER, "DOUBLE"),
        Column("origin", Kind.TEXT, "VARCHAR"),
        Column("seats", Kind.INTEGER, "BIGINT"),
        Column("late", Kind.BOOLEAN, "BOOLEAN"),
        Column("day", Kind.DATE, "DATE"),
        Column("at", Kind.DATETIME, "TIMESTAMP"),
        Column("raw", Kind.BINARY, "BLOB"),
    ),
    "flights",
)


def queries():
    """A query of each topic."""
    delay, origin, seats, late, day, at, raw = SCOPE.columns
    bins = {
        "delay": Edges((0.0, 15.5)),
        "at": Edges((1.36e9,)),
        "origin": Categories(("JFK", "it's")),
        "late": Categories(("true",)),
        "length": Edges((3.0,), column="origin", aspect=Aspect.LENGTH),
    }
    wanted = counts.tasks(SCOPE, bins)
    week = counts.block_of(SCOPE, TimeBlocks("at", Unit.WEEK))
    many = counts.tasks(SCOPE, {"origin": Categories(tuple(f"A{n}" for n in range(50)))})[0]
    plans = [
        profile.Plan(delay, (0.0,), ((1.5, False), (2.0, True)), ("0.0",), 5.5),
        profile.Plan(origin, frequent=("JFK",)),
        *(profile.Plan(column) for column in (seats, late, day, at, raw)),
    ]
    conditions = Every(
        (
            Compare("delay", Operator.GREATER, -1.5),
            Not(OneOf("origin", ("JFK", "LGA"))),
            Not(NotANumber("delay")),
            Not(Infinite("delay")),
            Matches("origin", r"^[A-Z]{3}\d?$"),
            Holds("origin", "J", Place.START),
            Holds("origin", "K", Place.END),
            Holds("origin", "F"),
            Length("origin", 1, 3),
            Parses("origin", Kind.DATE),
        )
    )
    other = Scope('"served"', SCOPE.columns, "served")
    joined = join.joined(SCOPE, other, ("seats",), repeated=True)
    return {
        "counts": counts.passes(SCOPE, wanted, None, search=False)[0].sql,
        "counts by week": counts.passes(SCOPE, wanted[:1], week, search=False)[0].sql,
        "counts by rows": counts.passes(SCOPE, wanted[:1], counts.block_of(SCOPE, RowBlocks(10)), search=False)[0].sql,
        "categories": counts.category_query(SCOPE, many, week),
        "proposal": profile.proposal_query(SCOPE, [delay, at]),
        "frequent": profile.frequent_query(SCOPE, [delay, origin], 10, 5),
        "distinct": profile.distinct_query(SCOPE, [delay, origin]),
        "profile": profile.profile_query(SCOPE, plans, exact=False),
        "violations": f"SELECT COUNT_IF({where.condition(SCOPE, conditions)}) FROM {SCOPE.relation}",
        "repeated": where.count_repeated(SCOPE, Repeated(("origin", "day"))),
        "repeated rows": where.repeated_rows(SCOPE, Repeated(("origin",)), ["delay", "origin"], 5),
        "digests": 'SELECT MD5("origin"), SHA256("origin") FROM "flights"',
        "ids": join.meeting_query(SCOPE, other, ("seats",)),
        "comparison": join.comparison_query(
            SCOPE, other, joined, {"delay": Tolerance(0.1, 0.01), "origin": Tolerance()}
        ),
    }


@pytest.mark.parametrize("dialect", [*RUN, *NOT_RUN])
@pytest.mark.parametrize("name", queries())
def test_every_query_parses_in_every_dialect(name, dialect):
    written = translate(queries()[name], dialect)
    assert sqlglot.parse_one(written, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)


@pytest.mark.parametrize("dialect", NOT_RUN)
def test_dialects_that_are_not_run_stay_as_they_were_read(dialect, snapshot):
    assert {name: translate(sql, dialect) for name, sql in queries().items()} == snapshot


def test_what_a_dialect_cannot_say_is_said():
    with pytest.raises(UsageError, match="redshift has no way to ask this"):
        translate(counts.word_query(SCOPE, "origin", None, ["a"]), "redshift")


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=30)


@settings(max_examples=40, deadline=None)
@given(name=TEXT, value=TEXT)
@pytest.mark.parametrize("dialect", [*RUN, *NOT_RUN])
def test_names_and_literals_stay_themselves_in_every_dialect(dialect, name, value):
    """So that nothing in a name or a literal is ever SQL."""
    sql = f"SELECT COUNT_IF({quote.identifier(name)} = {quote.string(value)}) FROM t"
    read = sqlglot.tokenize(translate(sql, dialect), read=dialect)
    assert [token.text for token in read if token.token_type is TokenType.IDENTIFIER] == [name]
    assert [token.text for token in read if token.token_type is TokenType.STRING] == [value]


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (True, "TRUE"),
        (-3, "(-3)"),
        (10**40, "1e+40"),
        (0.5, "0.5e0"),
        (-1e-7, "(-1e-07)"),
        (float("-inf"), "CAST('-Infinity' AS DOUBLE)"),
        ("it's", "'it''s'"),
    ],
)
def test_literals(value, sql):
    assert quote.literal(value) == sql

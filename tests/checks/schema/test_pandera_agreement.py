"""pandera on pandas and this package find the same violations, rule by rule, in random frames under random schemas."""

import math
from datetime import datetime, timedelta

import hypothesis.strategies as st
import pandas as pd
import pandera.errors
import pandera.pandas as pa
import pytest
from hypothesis import given, settings

from mlscore.checks.schema.check import check_schema

SMALL = st.integers(-5, 5)
REALS = st.one_of(
    st.none(), st.sampled_from([-1e300, -2.5, -0.0, 0.1, 0.30000000000000004, 1.0, 2.5, math.inf, -math.inf])
)
TEXTS = st.one_of(
    st.none(), st.sampled_from(["", "a", "A", "ab", "aab", "ba", "b a", "ñ", "é", "日本", "it's", '"', "a;--", "🙂a"])
)
PATTERNS = st.sampled_from(["a", "^a+b?$", "[ab]", "b|ñ", "a{2}", ".", "", "(?i)A", "[^a]", "日", "it's", "^$"])
MOMENTS = st.one_of(st.none(), st.integers(0, 6).map(lambda day: datetime(2024, 1, 1) + timedelta(days=day)))


def limits(values):
    """Checks that compare with values of the column's own kind."""
    listed = st.lists(values, min_size=1, max_size=4, unique=True)
    pair = st.tuples(values, values).map(sorted).filter(lambda p: p[0] != p[1])
    return st.one_of(
        values.map(pa.Check.eq),
        values.map(pa.Check.ne),
        values.map(pa.Check.gt),
        values.map(pa.Check.ge),
        values.map(pa.Check.lt),
        values.map(pa.Check.le),
        st.tuples(pair, st.booleans(), st.booleans()).map(
            lambda t: pa.Check.in_range(*t[0], include_min=t[1], include_max=t[2])
        ),
        listed.map(pa.Check.isin),
        listed.map(pa.Check.notin),
        values.map(lambda v: pa.Check.ge(v, ignore_na=False)),
        listed.map(lambda vs: pa.Check.isin(vs, ignore_na=False)),
        listed.map(lambda vs: pa.Check.notin(vs, ignore_na=False)),
    )


TEXT_CHECKS = st.one_of(
    limits(TEXTS.filter(lambda t: t is not None)),
    PATTERNS.map(pa.Check.str_matches),
    PATTERNS.map(pa.Check.str_contains),
    PATTERNS.map(lambda p: pa.Check.str_contains(p, ignore_na=False)),
    st.sampled_from(["", "a", "it'", "ñ", "%"]).map(pa.Check.str_startswith),
    st.sampled_from(["", "a", "s", "本"]).map(pa.Check.str_endswith),
    st.integers(0, 3).map(lambda n: pa.Check.str_length(n, n + 1)),
    st.integers(0, 3).map(lambda n: pa.Check.str_length(min_value=n)),
    st.integers(0, 3).map(lambda n: pa.Check.str_length(max_value=n)),
)
FINITE = REALS.filter(lambda v: v is not None)
KINDS = {
    "int64": (SMALL, limits(st.one_of(SMALL, st.sampled_from([0.5, 2.0])))),
    "float64": (REALS, limits(st.one_of(FINITE, SMALL))),
    "str": (TEXTS, TEXT_CHECKS),
    "bool": (st.booleans(), st.lists(st.booleans(), min_size=1, max_size=2, unique=True).map(pa.Check.isin)),
    "datetime64[ns]": (MOMENTS, limits(MOMENTS.filter(lambda m: m is not None).map(pd.Timestamp))),
}


@st.composite
def frames(draw):
    """A frame of one to four columns with a schema of the same columns."""
    rows = draw(st.integers(1, 12))
    data, columns = {}, {}
    for number in range(draw(st.integers(1, 4))):
        dtype = draw(st.sampled_from(sorted(KINDS)))
        values, checks = KINDS[dtype]
        name = f"c{number}"
        data[name] = pd.Series(draw(st.lists(values, min_size=rows, max_size=rows)), dtype=dtype)
        columns[name] = pa.Column(
            dtype,
            draw(st.lists(checks, max_size=2)),
            nullable=draw(st.booleans()),
            unique=draw(st.booleans()),
        )
    names = sorted(columns)
    together = draw(st.one_of(st.none(), st.lists(st.sampled_from(names), min_size=1, max_size=2, unique=True)))
    return pd.DataFrame(data), pa.DataFrameSchema(columns, unique=together)


def by_pandera(frame, schema):
    """Failures by column and place of the check in it; "null", "unique" and the columns unique together by name."""
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as failure:
        errors = failure.schema_errors
    else:
        return {}
    found = {}
    for error in errors:
        reason = error.reason_code.name
        column = error.schema.name
        if reason == "SERIES_CONTAINS_NULLS":
            found[column, "null"] = len(error.failure_cases)
        elif reason == "SERIES_CONTAINS_DUPLICATES":
            # Of missing values that are equal to each other pandera lists no cases.
            found[column, "unique"] = int(frame[column].duplicated(keep=False).sum())
        elif reason == "DUPLICATES":
            found[None, "unique"] = int(frame.duplicated(schema.unique, keep=False).sum())
        else:
            assert reason == "DATAFRAME_CHECK", error
            # Some checks judge the column as a whole.
            found[column, error.check_index] = 1 if error.failure_cases is False else len(error.failure_cases)
    return found


def by_us(frame, schema):
    """The same of our report: the rules of each column stand in the order of its checks."""
    found, place = {}, {}
    for rule in check_schema(schema, frame, examples=0).rules:
        if rule.rule in ("required", "strict") or rule.topic == "dtype":
            assert rule.passed, rule
            continue
        if rule.rule == "not_null":
            key = (rule.column, "null")
        elif rule.rule.startswith("unique"):
            key = (rule.column, "unique")
        else:
            key = (rule.column, place.setdefault(rule.column, 0))
            place[rule.column] += 1
        if rule.violations:
            found[key] = rule.violations
        assert rule.passed == (rule.violations == 0)
    return found


@settings(max_examples=50, deadline=None)
@given(frames())
def test_the_same_violations(given_):
    frame, schema = given_
    assert by_us(frame, schema) == by_pandera(frame, schema)


@pytest.mark.parametrize("check", [pa.Check.unique_values_eq({1, 2}), pa.Check.unique_values_eq({1, 2, 9})])
@pytest.mark.parametrize("values", [[1, 2, 2], [1, 1], [1, 2, 3]])
def test_all_values_have_to_be_seen(check, values):
    frame = pd.DataFrame({"c0": values})
    schema = pa.DataFrameSchema({"c0": pa.Column("int64", check)})
    (rule,) = [rule for rule in check_schema(schema, frame).rules if rule.topic == "unique_values_eq"]
    assert rule.passed == (not by_pandera(frame, schema))

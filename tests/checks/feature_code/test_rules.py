"""Rules of columns, from pandera's schemas and from real rows, and the values that are drawn by them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pandas as pd
import pandera.pandas as pandera
import pandera.polars
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.checks.feature_code.batches import Batch, Composer, counterexample, real_batch
from mlscore.checks.feature_code.pandera_rules import read_rules
from mlscore.checks.feature_code.planning import Order, make_plan
from mlscore.checks.feature_code.report import MASKED
from mlscore.checks.feature_code.rules import absent, infer_rules
from mlscore.checks.feature_code.shrink import shrink
from mlscore.checks.feature_code.values import pool
from mlscore.errors import InputError
from mlscore.tables.shapes import Kind

Check = pandera.Check

COLUMNS = {
    "range": (pandera.Column(float, Check.in_range(2.5, 7)), lambda v: 2.5 <= v <= 7),
    "open": (pandera.Column(float, Check.in_range(2, 7, include_min=False, include_max=False)), lambda v: 2 < v < 7),
    "above": (pandera.Column(int, Check.gt(3)), lambda v: v > 3),
    "below": (pandera.Column(int, [Check.lt(3), Check.ge(-2)]), lambda v: -2 <= v < 3),
    "small": (pandera.Column("uint8"), lambda v: 0 <= v <= 255),
    "byte": (pandera.Column("int8"), lambda v: -128 <= v <= 127),
    "single": (pandera.Column("float32", Check.in_range(0, 1)), lambda v: 0 <= np.float32(v) <= 1),
    "nullable": (pandera.Column("Int64", Check.in_range(0, 9), nullable=True), lambda v: 0 <= v <= 9),
    "one of": (pandera.Column(str, Check.isin(["a", "b"])), lambda v: v in "ab"),
    "not one of": (pandera.Column(int, [Check.isin([1, 2, 3]), Check.notin([2])]), lambda v: v in (1, 3)),
    "unequal": (pandera.Column(int, [Check.in_range(0, 2), Check.ne(1)]), lambda v: v in (0, 2)),
    "equal": (pandera.Column(int, Check.eq(4)), lambda v: v == 4),
    "length": (pandera.Column(str, Check.str_length(2, 4)), lambda v: 2 <= len(v) <= 4),
    "pattern": (
        pandera.Column(str, Check.str_matches(r"^[A-Z]{2}\d{3}$")),
        lambda v: re.fullmatch(r"[A-Z]{2}\d{3}", v),
    ),
    "start": (pandera.Column(str, Check.str_startswith("x.")), lambda v: v.startswith("x.")),
    "end": (pandera.Column(str, Check.str_endswith(".x")), lambda v: v.endswith(".x")),
    "holds": (pandera.Column(str, Check.str_contains("mid")), lambda v: "mid" in v),
    "flag": (pandera.Column(bool), lambda v: isinstance(v, bool)),
    "time": (pandera.Column("datetime64[ns]", Check.ge(pd.Timestamp("2020-01-01"))), lambda v: v.year >= 2020),
    "zoned": (pandera.Column(pd.DatetimeTZDtype("ns", "Europe/Madrid")), lambda v: str(v.tz) == "Europe/Madrid"),
    "category": (pandera.Column(pd.CategoricalDtype(["s", "m"])), lambda v: v in "sm"),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_drawn_values_keep_the_schema(name):
    column, holds = COLUMNS[name]
    schema = pandera.DataFrameSchema({name: column})
    (rule,), keep = read_rules(schema, "here")
    values = pool(rule, 30, 1)
    assert values
    assert all(holds(value) for value in values)
    assert keep is None
    frame = pd.DataFrame({name: pd.Series(values, dtype=rule.dtype)})
    schema.validate(frame)
    assert pool(rule, 30, 1) == values


def test_edges_are_among_them():
    (rule,), _ = read_rules(pandera.DataFrameSchema({"x": pandera.Column(float, Check.in_range(-3, 12.5))}), "here")
    assert {0.0, -3.0, 12.5, 1e-9} <= set(pool(rule, 10, 0))
    (rule,), _ = read_rules(pandera.DataFrameSchema({"x": pandera.Column("datetime64[ns]")}), "here")
    assert pd.Timestamp("2024-02-29") in pool(rule, 10, 0)
    (rule,), _ = read_rules(pandera.DataFrameSchema({"x": pandera.Column(str)}), "here")
    assert {"", " ", "nan"} <= set(pool(rule, 10, 0))


def test_models_and_polars_schemas_are_read():
    class Model(pandera.DataFrameModel):
        price: float = pandera.Field(ge=0, le=5)

    (rule,), _ = read_rules(Model, "here")
    assert (rule.name, rule.low, rule.high) == ("price", 0, 5)
    polars = pandera.polars.DataFrameSchema(
        {
            "n": pandera.polars.Column(pl.Int64),
            "t": pandera.polars.Column(pl.String),
            "at": pandera.polars.Column(pl.Datetime("us")),
        }
    )
    rules, _ = read_rules(polars, "here")
    assert [rule.kind for rule in rules] == [Kind.INTEGER, Kind.TEXT, Kind.DATETIME]


def test_numpy_s_integers_hold_no_null_whatever_the_schema_says():
    schema = pandera.DataFrameSchema(
        {"x": pandera.Column(int, nullable=True), "y": pandera.Column("Int64", nullable=True)}
    )
    rules, _ = read_rules(schema, "here")
    assert [rule.nullable for rule in rules] == [False, True]


def test_checks_of_one_s_own_keep_the_rows_that_they_allow():
    schema = pandera.DataFrameSchema(
        {
            "a": pandera.Column(int, [Check.in_range(0, 20), Check(lambda column: column % 2 == 0)]),
            "b": pandera.Column(int, Check.in_range(0, 20)),
        },
        checks=Check(lambda frame: frame["a"] <= frame["b"]),
    )
    plan, _ = make_plan(Order(schema))
    drawn = {rule.name: pool(rule, 20, 0) for rule in plan.rules}
    composer = Composer(plan.rules, drawn, 0, None, plan.keep)
    batches = list(composer.batches(15))
    assert len(batches) == 15
    for batch in batches:
        schema.validate(batch.frame(plan.rules))


def test_what_is_no_schema():
    for given_, told in (
        (3, "a int is no schema"),
        (pandera.DataFrameSchema({}), "the schema has no columns"),
        (pandera.DataFrameSchema({"x_.*": pandera.Column(int, regex=True)}), "is a pattern of names"),
    ):
        with pytest.raises(InputError, match=told):
            read_rules(given_, "here")


# ---- from real rows


def test_rules_of_real_rows_give_no_single_value_away():
    frame = pd.DataFrame(
        {
            "salary": [31_234.56, 88_123.45, 45_000.0, 52_000.0, 61_000.0, 70_000.0],
            "name": ["Ana Pérez", "Luis Gil", "Eva Rey", "Juan Sol", "Ada Vega", "Leo Paz"],
            "city": ["Lima"] * 6,
            "born": pd.to_datetime(
                ["1980-05-17", "1990-03-02", "1971-11-30", "1985-01-01", "1999-09-09", "2001-02-03"]
            ),
            "on": [date(2024, 5, 17)] * 6,
        }
    )
    salary, name, city, born, on = infer_rules(frame)
    assert (salary.low, salary.high) == (31_000.0, 89_000.0)
    assert name.allowed is None
    assert not set(pool(name, 40, 0)) & set(frame["name"])
    assert city.allowed == ("Lima",)
    assert (str(born.low), str(born.high)) == ("1971-01-01 00:00:00", "2001-12-31 23:59:59")
    assert (on.kind, on.low, on.high) == (Kind.DATE, date(2024, 1, 1), date(2024, 12, 31))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-(10**9), 10**9) | st.none(), min_size=1, max_size=12))
def test_rules_of_real_rows_allow_them(values):
    (rule,) = infer_rules(pd.DataFrame({"x": pd.Series(values, dtype="Int64")}))
    assert all(rule.allows(value) for value in values)
    if rule.low is not None:
        assert (rule.low < 0) <= (min(value for value in values if value is not None) < 0)


def test_kinds_that_cannot_be_drawn_come_from_real_rows():
    frame = pd.DataFrame({"d": [Decimal("1.5"), Decimal(2)], "l": [[1], [2]], "b": [b"x", b"y"]})
    rules = infer_rules(frame)
    assert all(rule.opaque for rule in rules)
    assert pool(rules[0], 10, 0, real=frame["d"].tolist()) == [Decimal("1.5"), Decimal(2)]


@pytest.mark.parametrize("format_", ["%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y", "%Y-%m-%d", "%H:%M"])
def test_times_that_are_written_as_text_stay_times(format_):
    times = pd.date_range("2023-03-01", periods=300, freq="31h")
    (rule,) = infer_rules(pd.DataFrame({"x": [time.strftime(format_) for time in times]}))
    values = pool(rule, 30, 0)
    assert len(values) > 10
    assert all(datetime.strptime(value, format_) for value in values)


def test_rare_categories_are_somebody_s():
    names = pd.Series(["Ana", "Eva", "Luis"], dtype="category")
    assert infer_rules(pd.DataFrame({"x": names}))[0].opaque
    assert not infer_rules(pd.DataFrame({"x": pd.concat([names] * 5, ignore_index=True)}))[0].opaque


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_real_value_is_told_by_shrinking(data):
    secret = data.draw(st.sampled_from([31_415.5, 27_182.25, 16_180.75]))
    frame = pd.DataFrame(
        {"x": [secret] + [float(10_000 + 1_000 * n) for n in range(30)], "t": [f"n{n}-{secret}" for n in range(31)]}
    )
    rules = infer_rules(frame)
    batch = real_batch(frame, rules)
    small = shrink(
        batch, rules, lambda one: secret in one.columns["x"] and any("-3" in t or "-" in t for t in one.columns["t"]), 5
    )
    shown = counterexample(small, rules, True)
    assert str(secret) not in repr(shown.rows)
    assert any(MASKED in row for row in shown.rows)


def test_a_schema_takes_from_real_rows_what_it_leaves_open():
    schema = pandera.DataFrameSchema(
        {"x": pandera.Column(float), "y": pandera.Column(float, Check.ge(0)), "z": pandera.Column()}
    )
    plan, notes = make_plan(Order(schema, pd.DataFrame({"x": [10.0, 20.0], "y": [3.0, 4.0], "z": [1, 2]})))
    assert [(rule.low, rule.high) for rule in plan.rules] == [(10.0, 20.0), (0, None), (1, 2)]
    assert notes == ()


@pytest.mark.parametrize(
    ("value", "is_absent"),
    [
        (None, True),
        (float("nan"), True),
        (pd.NaT, True),
        (pd.NA, True),
        (0, False),
        ("", False),
        ([], False),
        (np.array([1, 2]), False),
    ],
)
def test_absent(value, is_absent):
    assert absent(value) is is_absent


# ---- batches and shrinking


def batch_of(rules, rows, **columns):
    return Batch(
        {rule.name: tuple(columns[rule.name]) for rule in rules}, {rule.name: frozenset() for rule in rules}, rows
    )


@pytest.fixture(scope="module")
def rules():
    schema = pandera.DataFrameSchema({name: pandera.Column(float, Check.in_range(-50, 50)) for name in "abc"})
    return read_rules(schema, "here")[0]


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_shrinking_keeps_the_failure_and_finds_the_row(rules, data):
    rows = data.draw(st.integers(1, 8))
    values = st.lists(st.floats(-50, 50).map(lambda x: round(x, 3)), min_size=rows, max_size=rows)
    batch = batch_of(rules, rows, a=data.draw(values), b=data.draw(values), c=data.draw(values))
    limit = sorted(batch.columns["b"])[rows // 2]

    def fails(one):
        return any(value >= limit for value in one.columns["b"])

    small = shrink(batch, rules, fails, 20)
    assert fails(small)
    assert small.rows == 1
    assert small.columns["a"] == small.columns["c"] == (0.0,)
    assert all(rule.allows(value) for rule in rules for value in small.columns[rule.name])


def test_shrinking_ends_in_time(rules):
    asked = []
    batch = batch_of(rules, 40, a=range(40), b=range(40), c=range(40))
    small = shrink(batch, rules, lambda one: asked.append(one) or True, 0.0)
    assert (small, asked) == (batch, [])


def test_real_values_that_are_replaced_are_not_masked_any_more(rules):
    batch = Batch(dict.fromkeys("abc", (7.25,)), {name: frozenset({0}) for name in "abc"}, 1)
    small = shrink(batch, rules, lambda one: one.columns["b"][0] == 7.25, 5)
    assert small.real == {"a": frozenset(), "b": frozenset({0}), "c": frozenset()}
    assert small.tainted


def test_every_value_of_a_pool_comes_up(rules):
    drawn = {rule.name: [float(n) for n in range(40)] for rule in rules}
    seen = {value for batch in Composer(rules, drawn, 0).batches(60) for value in batch.columns["a"]}
    assert seen == {float(n) for n in range(40)}


def test_drawing_values_writes_nothing_into_the_project(tmp_path):
    code = (
        "from mlscore.checks.feature_code.rules import ColumnRule\n"
        "from mlscore.checks.feature_code.values import pool\n"
        "from mlscore.tables.shapes import Kind\n"
        "import hypothesis.configuration as configuration\n"
        "assert pool(ColumnRule('x', Kind.NUMBER, 'float64'), 5, 0)\n"
        "print(configuration.storage_directory('examples', intent_to_write=False).path)\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "HYPOTHESIS_STORAGE_DIRECTORY"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == str(tmp_path / ".hypothesis" / "examples"), done.stderr
    assert list(tmp_path.iterdir()) == []

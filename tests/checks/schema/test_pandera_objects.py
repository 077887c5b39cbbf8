"""pandera's Python objects: types, what is built in, and what pandera itself has to run on a sample."""

import datetime
import decimal

import pandas as pd
import pandera.pandas as pa
import pandera.polars as pp
import polars as pl
import pytest

from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.pandera_objects import is_pandera, read_pandera
from mlscore.errors import InputError
from mlscore.tables.shapes import Kind

C = pa.Check


@pytest.mark.parametrize(
    ("dtype", "kinds", "bits"),
    [
        (int, {Kind.INTEGER}, 64),
        ("Int32", {Kind.INTEGER}, 32),
        ("uint8", {Kind.INTEGER}, 8),
        (float, {Kind.NUMBER}, 64),
        ("float32", {Kind.NUMBER}, 32),
        (str, {Kind.TEXT}, None),
        ("string", {Kind.TEXT}, None),
        (bool, {Kind.BOOLEAN}, None),
        ("boolean", {Kind.BOOLEAN}, None),
        ("datetime64[ns]", {Kind.DATETIME}, None),
        ("datetime64[ns, UTC]", {Kind.DATETIME}, None),
        (datetime.date, {Kind.DATE}, None),
        (decimal.Decimal, {Kind.NUMBER}, None),
        ("timedelta64[ns]", {Kind.OTHER}, None),
        (pd.ArrowDtype(__import__("pyarrow").int64()), {Kind.INTEGER}, 64),
    ],
)
def test_types_of_pandas(dtype, kinds, bits):
    (rule,) = read_pandera(pa.DataFrameSchema({"a": pa.Column(dtype, nullable=True)}), "m:S").columns[0].rules
    assert (set(rule.kinds), rule.bits) == (kinds, bits)


@pytest.mark.parametrize(
    ("dtype", "kind"),
    [
        (pl.Int16, Kind.INTEGER),
        (pl.UInt8, Kind.INTEGER),
        (pl.Float32, Kind.NUMBER),
        (pl.String, Kind.TEXT),
        (pl.Boolean, Kind.BOOLEAN),
        (pl.Date, Kind.DATE),
        (pl.Datetime("us"), Kind.DATETIME),
        (pl.Decimal(10, 2), Kind.NUMBER),
        (pl.Binary, Kind.BINARY),
        (pl.List(pl.Int8), Kind.NESTED),
        (pl.Duration("us"), Kind.OTHER),
        (pl.Categorical, Kind.TEXT),
    ],
)
def test_types_of_polars(dtype, kind):
    (rule,) = read_pandera(pp.DataFrameSchema({"a": pp.Column(dtype, nullable=True)}), "m:S").columns[0].rules
    assert kind in rule.kinds


def test_a_type_that_no_table_has_is_named():
    schema = read_pandera(pa.DataFrameSchema({"a": pa.Column(complex, nullable=True)}), "m:S")
    assert [(u.column, u.rule) for u in schema.unmapped] == [("a", "dtype(complex128)")]


def test_categories_become_a_list_of_values():
    schema = pa.DataFrameSchema({"a": pa.Column(pd.CategoricalDtype(["x", "y"]))})
    report = check_schema(schema, pd.DataFrame({"a": ["x", "z"]}))
    assert report.result("a: isin(['x', 'y'])").violations == 1


def test_models():
    class Trips(pa.DataFrameModel):
        age: int = pa.Field(ge=0, le=120, alias="the age")
        city: str = pa.Field(isin=["x"], nullable=True)

        class Config:
            strict = True

    report = check_schema(Trips, pd.DataFrame({"the age": [1, 200], "city": ["x", "y"], "more": [1, 2]}))
    assert report.result("the age: less_than_or_equal_to(120)").violations == 1
    assert report.result("city: isin(['x'])").violations == 1
    assert not report.result("more: strict").passed


def test_a_function_of_one_s_own_is_run_by_pandera_on_stated_rows():
    schema = pa.DataFrameSchema(
        {
            "a": pa.Column(
                int,
                [
                    C(lambda value: value > 2, element_wise=True, name="above two"),
                    C(lambda values: values < 3, name="below three"),
                    C(lambda values: values.sum() > 1_000, name="large sum"),
                    C(lambda values: values > 0, name="warned", raise_warning=True),
                ],
            )
        },
        checks=C(lambda frame: frame["a"] != frame["b"], name="apart"),
    )
    frame = pd.DataFrame({"a": [1, 2, 3, 4], "b": [1, 0, 0, 0]})
    report = check_schema(schema, frame)
    told = {r.id: (r.violations, r.checked, r.passed, r.note, r.judged) for r in report.rules if "pandera" in r.note}
    assert told == {
        "a: above two": (2, 4, False, "run by pandera on each value by itself", "all rows"),
        "a: below three": (2, 4, False, "run by pandera on the column as a whole", "all rows"),
        "a: large sum": (1, 1, False, "run by pandera on the column as a whole", "all rows"),
        "a: warned": (0, 4, True, "run by pandera on the column as a whole", "all rows"),
        "apart": (1, 4, False, "run by pandera on the table as a whole", "all rows"),
    }
    few = check_schema(schema, pd.concat([frame] * 50), custom_rows=20)
    assert few.result("a: above two").judged == "a sample of 20 of 200 rows"
    assert few.result("a: above two").rows == 20


def test_a_function_may_bear_the_name_of_a_built_in_check():
    schema = pa.DataFrameSchema({"a": pa.Column(int, C(lambda values: False, name="isin"))})
    report = check_schema(schema, pd.DataFrame({"a": [1]}))
    assert not report.result("a: isin").passed


def test_a_function_that_fails_is_unknown_never_passed():
    schema = pa.DataFrameSchema({"a": pa.Column(int, C(lambda values: 1 / 0, name="broken"))})
    report = check_schema(schema, pd.DataFrame({"a": [1]}))
    assert [u.rule for u in report.unknown] == ["broken"]
    assert "ZeroDivisionError" in report.unknown[0].reason
    assert "a: broken" not in {rule.id for rule in report.rules}


def test_checks_by_groups_and_hypothesis_tests():
    schema = pa.DataFrameSchema(
        {
            "a": pa.Column(
                float,
                [
                    C(lambda groups: groups["x"].mean() > 100, groupby="g", name="group"),
                    pa.Hypothesis.one_sample_ttest(popmean=50),
                ],
            ),
            "g": pa.Column(str),
        }
    )
    frame = pd.DataFrame({"a": [1.0, 1.1, 0.9, 1.0], "g": ["x", "x", "y", "y"]})
    report = check_schema(schema, frame)
    assert not report.result("a: group").passed
    assert not report.result("a: one_sample_ttest").passed


def test_values_are_coerced_before_a_function_sees_them():
    schema = pa.DataFrameSchema({"a": pa.Column(int, C(lambda values: values > 1, name="f"), coerce=True)})
    report = check_schema(schema, pd.DataFrame({"a": ["1", "2"]}))
    assert report.result("a: f").violations == 1
    refused = check_schema(schema, pd.DataFrame({"a": ["1", "x"]}))
    assert [u.rule for u in refused.unknown] == ["f"]
    assert refused.result("a: dtype(integer, 64 bits, coerced)").violations == 1


def test_functions_of_polars_schemas():
    schema = pp.DataFrameSchema(
        {
            "a": pp.Column(
                pl.Int64,
                [
                    pp.Check.gt(1),
                    pp.Check(lambda data: data.lazyframe.select(pl.col(data.key) > 2), name="lazy"),
                    pp.Check(lambda value: value > 3, element_wise=True, name="each"),
                ],
            )
        }
    )
    report = check_schema(schema, pl.DataFrame({"a": [1, 2, 3, 4]}))
    found = {rule.rule: rule.violations for rule in report.rules}
    assert (found["greater_than(1)"], found["lazy"], found["each"]) == (1, 2, 3)


def test_nan_is_no_missing_value_to_polars():
    frame = pl.DataFrame({"a": [float("nan"), None, 1.0]})
    found = {r.rule: r.violations for r in check_schema(pp.DataFrameSchema({"a": pp.Column(pl.Float64)}), frame).rules}
    assert found["not_null"] == 1


def test_what_changes_data_or_cannot_be_seen_is_named():
    schema = pa.DataFrameSchema(
        {"a": pa.Column(int, parsers=pa.Parser(lambda values: values * 2), default=3)},
        index=pa.Index(int),
        parsers=pa.Parser(lambda frame: frame),
        dtype="int64",
        drop_invalid_rows=True,
    )
    read = read_pandera(schema, "m:S")
    assert [u.rule for u in read.unmapped] == ["parsers", "index", "parsers", "dtype(int64)", "drop_invalid_rows"]
    # A missing value is replaced by the default, so it breaks nothing.
    assert [rule.topic for rule in read.columns[0].rules] == ["dtype"]


def test_what_is_no_schema():
    assert is_pandera(pa.DataFrameSchema({}))
    assert not is_pandera({"a": 1})
    with pytest.raises(InputError, match="SeriesSchema is no schema of a table"):
        read_pandera(pa.SeriesSchema(int), "m:S")


def test_columns_unique_together_in_groups():
    schema = pa.DataFrameSchema({"a": pa.Column(int), "b": pa.Column(int)}, unique=[["a"], ["a", "b"]])
    assert [rule.text for rule in read_pandera(schema, "m:S").rules] == ["unique", "unique(a, b)"]

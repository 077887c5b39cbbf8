"""Great Expectations suites before and since 1.0: what maps, and each expectation that does not with its reason."""

import pyarrow as pa
import pytest

from mlscore.checks.schema.check import check_schema
from mlscore.checks.schema.expectations import is_suite, read_suite
from mlscore.errors import InputError


def suite(*expectations, old=False):
    word = "expectation_type" if old else "type"
    return {"name": "s", "expectations": [{word: f"expect_{kind}", "kwargs": kwargs} for kind, kwargs in expectations]}


def texts(schema):
    return [f"{column}: {rule.text}" if column else rule.text for column, rule in schema.each()]


@pytest.mark.parametrize(
    ("kind", "kwargs", "rule"),
    [
        (
            "column_values_to_be_between",
            {"min_value": 0, "max_value": 9, "strict_max": True},
            "in_range(0, 9, include_max=False)",
        ),
        ("column_values_to_be_between", {"min_value": 0, "strict_min": True}, "greater_than(0)"),
        ("column_max_to_be_between", {"max_value": 9}, "less_than_or_equal_to(9)"),
        ("column_min_to_be_between", {"min_value": 0, "strict_min": True}, "greater_than(0)"),
        ("column_values_to_be_in_set", {"value_set": [1, None, 1]}, "isin([1])"),
        ("column_values_to_not_be_in_set", {"value_set": [1]}, "notin([1])"),
        ("column_distinct_values_to_equal_set", {"value_set": [1]}, "unique_values_eq([1])"),
        ("column_distinct_values_to_be_in_set", {"value_set": [1]}, "isin([1])"),
        ("column_values_to_match_regex", {"regex": "a"}, "str_contains('a')"),
        ("column_values_to_not_match_regex", {"regex": "a"}, "not_str_contains('a')"),
        ("column_values_to_match_regex_list", {"regex_list": ["a", "b"]}, "str_contains('(?:a)|(?:b)')"),
        (
            "column_value_lengths_to_be_between",
            {"min_value": 1, "max_value": 4, "strict_max": True},
            "str_length(1, 3)",
        ),
        ("column_value_lengths_to_equal", {"value": 2}, "str_length(2, 2)"),
        ("column_values_to_not_be_null", {}, "not_null"),
        ("column_values_to_be_unique", {}, "unique"),
        ("column_values_to_be_of_type", {"type_": "int64"}, "dtype(integer, 64 bits)"),
        ("column_values_to_be_of_type", {"type_": "VARCHAR(10)"}, "dtype(text)"),
        (
            "column_values_to_be_in_type_list",
            {"type_list": ["IntegerType", "DoubleType"]},
            "dtype(integer or number, 64 bits)",
        ),
    ],
)
@pytest.mark.parametrize("old", [True, False])
def test_expectations_on_columns(kind, kwargs, rule, old):
    schema = read_suite(suite((kind, {"column": "c", **kwargs}), old=old), "s.json")
    assert texts(schema) == [f"c: {rule}"]
    assert schema.unmapped == ()
    assert schema.columns[0].required


def test_several_patterns_that_all_have_to_match():
    given = suite(("column_values_to_match_regex_list", {"column": "c", "regex_list": ["a", "b"], "match_on": "all"}))
    assert texts(read_suite(given, "s.json")) == ["c: str_contains('a')", "c: str_contains('b')"]


@pytest.mark.parametrize(
    ("kind", "kwargs", "reason"),
    [
        ("column_mean_to_be_between", {"column": "c", "min_value": 1}, "no rule on rows says this"),
        (
            "column_values_to_match_strftime_format",
            {"column": "c", "strftime_format": "%Y"},
            "no rule on rows says this",
        ),
        ("column_values_to_be_dateutil_parseable", {"column": "c"}, "no rule on rows says this"),
        ("column_max_to_be_between", {"column": "c", "min_value": 1}, "no rule on single rows"),
        ("column_values_to_be_between", {"column": "c"}, "neither min_value nor max_value"),
        (
            "column_values_to_be_between",
            {"column": "c", "min_value": {"$PARAMETER": "x"}},
            "a parameter given at run time",
        ),
        ("column_values_to_be_between", {"column": "c", "min_value": [1]}, "is no text, number or truth value"),
        (
            "column_values_to_be_between",
            {"column": "c", "min_value": 1, "row_condition": "x > 1"},
            "a condition written in code",
        ),
        (
            "column_values_to_be_between",
            {"column": "c", "min_value": 1, "ties": 3},
            "its argument ties has no counterpart",
        ),
        (
            "column_values_to_be_between",
            {"column": "c", "min_value": "a", "parse_strings_as_datetimes": True},
            "changes values",
        ),
        ("column_values_to_be_in_set", {"column": "c"}, "its value_set is no list"),
        ("column_values_to_be_in_set", {"column": "c", "value_set": [1], "mostly": 7}, "mostly is a share"),
        ("column_values_to_match_regex", {"column": "c", "regex": 3}, "its regex is no text"),
        ("column_value_lengths_to_equal", {"column": "c", "value": 1.5}, "is no whole number"),
        ("column_values_to_be_of_type", {"column": "c", "type_": "FancyType"}, "is none that tables have"),
        ("column_values_to_be_unique", {}, "it names no column"),
        ("select_column_values_to_be_unique_within_record", {"column_list": ["a"]}, "several columns of one row"),
        ("column_to_exist", {"column": "c", "column_index": 3}, "column_index has no counterpart"),
        ("table_row_count_to_be_between", {"min_value": 1, "strict_min": True}, "strict limits"),
        ("column_pair_values_to_be_equal", {"column_A": "a"}, "names no two columns"),
        ("compound_columns_to_be_unique", {"column_list": ["a"], "ignore_row_if": "never"}, "not supported"),
    ],
)
def test_what_does_not_map_is_named_with_its_reason(kind, kwargs, reason):
    schema = read_suite(suite((kind, kwargs)), "s.json")
    (unmapped,) = schema.unmapped
    assert unmapped.rule == f"expect_{kind}"
    assert reason in unmapped.reason
    assert unmapped.origin == "s.json expectations[0]"
    assert texts(schema) == []


def test_a_suite_of_nothing_that_maps_is_hollow():
    schema = read_suite(suite(("column_mean_to_be_between", {"column": "c", "min_value": 1})), "s.json")
    report = check_schema(schema, pa.table({"c": [1]}))
    assert report.hollow is not None
    assert len(report.unknown) == 1


def test_mostly_and_severity(held):
    given = suite(("column_values_to_be_in_set", {"column": "c", "value_set": [1], "mostly": 0.75}))
    given["expectations"][0]["severity"] = "warning"
    (rule,) = [rule for _, rule in read_suite(given, "s.json").each()]
    assert (rule.tolerated, rule.warns) == (0.25, True)
    # Shares are of the values that are not missing.
    given["expectations"][0].pop("severity")
    assert check_schema(read_suite(given, "s.json"), pa.table({"c": [1, 1, 1, 2]})).passed
    assert not check_schema(read_suite(given, "s.json"), pa.table({"c": [1, 1, 2, None]})).passed


def test_the_table_s_make_up():
    given = suite(
        ("table_columns_to_match_ordered_list", {"column_list": ["b", "a"]}),
        ("table_row_count_to_equal", {"value": 2}),
        ("table_row_count_to_be_between", {"min_value": 1, "max_value": 9}),
        ("compound_columns_to_be_unique", {"column_list": ["a", "b"]}),
        ("compound_columns_to_be_unique", {"column_list": ["a", "b"], "ignore_row_if": "any_value_is_missing"}),
        ("column_values_to_be_unique", {"column": "a"}),
    )
    schema = read_suite(given, "s.json")
    assert [column.name for column in schema.columns] == ["b", "a"]
    assert (schema.strict, schema.ordered) == (True, True)
    assert [rule.text for rule in schema.rules] == [
        "row_count(2, 2)",
        "row_count(1, 9)",
        "unique(a, b)",
        "unique(a, b)",
    ]
    assert [getattr(rule, "missing_equal", None) for rule in schema.rules] == [None, None, True, False]


def test_sets_of_columns():
    wanted = ("table_columns_to_match_set", {"column_set": ["a"]})
    assert read_suite(suite(wanted), "s.json").strict
    loose = ("table_columns_to_match_set", {"column_set": ["a"], "exact_match": False})
    assert not read_suite(suite(loose, ("column_to_exist", {"column": "b"})), "s.json").strict
    assert [c.name for c in read_suite(suite(loose, ("column_to_exist", {"column": "b"})), "s.json").columns] == [
        "a",
        "b",
    ]


@pytest.mark.parametrize(
    ("kind", "more", "violations"),
    [
        ("A_to_be_greater_than_B", {}, 3),
        ("A_to_be_greater_than_B", {"or_equal": True}, 2),
        ("A_to_be_greater_than_B", {"ignore_row_if": "either_value_is_missing"}, 2),
        ("to_be_equal", {}, 3),
    ],
)
def test_pairs_of_columns(kind, more, violations):
    given = suite((f"column_pair_values_{kind}", {"column_A": "a", "column_B": "b", **more}))
    table = pa.table({"a": [2, 1, 1, None, None], "b": [1, 1, 2, 1, None]})
    (rule,) = [rule for rule in check_schema(read_suite(given, "s.json"), table).rules if rule.column is None]
    assert rule.violations == violations


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"expectations": 3}, 's.json: "expectations" should be a list, not 3'),
        ({"expectations": [3]}, "s.json expectations[0]: an expectation should be an object, not 3"),
        ({"expectations": [{}]}, 's.json expectations[0]: the expectation\'s "type" should be a text, not null'),
        (
            {"expectations": [{"type": "demand"}]},
            "s.json expectations[0]: 'demand' is no expectation; its type begins with",
        ),
        (
            {"expectations": [{"type": "expect_x", "kwargs": 3}]},
            's.json expectations[0]: "kwargs" should be an object, not 3',
        ),
    ],
)
def test_each_error_is_one_sentence_that_says_where(given, error):
    assert is_suite(given)
    with pytest.raises(InputError) as caught:
        read_suite(given, "s.json")
    assert str(caught.value).startswith(error)

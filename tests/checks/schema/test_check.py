"""A schema against rows: results per rule, types, missing and additional columns, odd names, hostile literals."""

import json
import math
from datetime import date, datetime
from decimal import Decimal

import pandas as pd
import pandera.pandas as pandera
import polars as pl
import pyarrow as pa
import pytest

from mlscore.checks import check_schema
from mlscore.checks.schema import shapes
from mlscore.checks.schema.shapes import ColumnRules, Schema
from mlscore.errors import InputError
from mlscore.tables.conditions import Operator, Place
from mlscore.tables.shapes import Kind

INTEGER = shapes.OfKind((Kind.INTEGER,))


def schema(*columns, **more):
    return Schema(columns=columns, source="s", **more)


def one(name, *rules, **more):
    return ColumnRules(name, rules, **more)


def test_a_result_per_rule():
    table = pa.table({"age": [5, 130, None, -1], "city": ["a", "b", "c", None]})
    given = schema(
        one("age", INTEGER, shapes.Present(), shapes.Within(0, 120, origin="s.toml:3")),
        one("city", shapes.Among(("a", "b"))),
    )
    report = check_schema(given, table)
    assert not report.passed
    assert report.rows == 4
    aged = report.result("age: in_range(0, 120)")
    assert (aged.violations, aged.rows, aged.checked, aged.share) == (2, 4, 3, 2 / 3)
    assert sorted(aged.examples) == ["-1", "130"]
    assert report.result("city: isin(['a', 'b'])").examples == ("'c'",)
    assert [rule.id for rule in report.broken] == ["age: in_range(0, 120)", "city: isin(['a', 'b'])", "age: not_null"]
    written = json.loads(json.dumps(report.to_json()))
    (entry,) = [rule for rule in written["rules"] if rule["rule"] == "in_range(0, 120)"]
    assert (entry["column"], entry["violations"], entry["rows"], entry["origin"]) == ("age", 2, 4, "s.toml:3")
    assert written["unknown"] == []
    with pytest.raises(KeyError):
        report.result("age: nothing")


@pytest.mark.parametrize(
    ("rule", "values", "violations"),
    [
        (shapes.Within(1, 3), [0, 1, 3, 4, None], 2),
        (shapes.Within(1, 3, low_open=True, high_open=True), [0, 1, 2, 3, 4], 4),
        (shapes.Within(low=1.5), [1, 2], 1),
        (shapes.Within(high=Decimal("1.5")), [1, 2], 1),
        (shapes.Within(high=math.inf), [1, 2], 0),
        (shapes.Equal(1), [1, 2, None], 1),
        (shapes.Equal(1, negated=True), [1, 2, None], 1),
        (shapes.Among((1, 2.0, True, "x")), [1, 2, 3], 1),
        (shapes.Among((1,), negated=True), [1, 2, 1], 2),
        (shapes.Among(("x",)), [1, 2, None], 2),
        (shapes.Among(("x",), negated=True), [1, 2, None], 0),
        (shapes.Among((1, 2), all_seen=True), [1, 1], 1),
        (shapes.Among((1, 2), all_seen=True), [1, 2, 3], 1),
        (shapes.Unique(("c",)), [1, 1, 2, None, None], 2),
        (shapes.Unique(("c",), missing_equal=True), [1, 1, 2, None, None], 4),
        (shapes.Finite(), [0.0, math.nan, math.inf, -math.inf, None], 3),
        (shapes.Finite(nan=False), [0.0, math.nan, math.inf], 1),
        (shapes.Finite(infinite=False), [0.0, math.nan, math.inf], 1),
        (shapes.Present(), [0.0, math.nan, None], 2),
        (shapes.Present(nan=False), [0.0, math.nan, None], 1),
        (shapes.Within(0, 1), [0.5, math.nan, None, math.inf, 2.0], 2),
        (shapes.Within(0, 1, missing_breaks=True), [0.5, math.nan, None], 2),
        (shapes.Pattern("a+", shapes.Anchor.WHOLE), ["aa", "ab", "ba", None], 2),
        (shapes.Pattern("a", shapes.Anchor.START), ["aa", "ab", "ba"], 1),
        (shapes.Pattern("a", shapes.Anchor.ANYWHERE), ["xay", "b"], 1),
        (shapes.Pattern("a", shapes.Anchor.ANYWHERE, negated=True), ["xay", "b"], 1),
        (shapes.Pattern("a|bc", shapes.Anchor.WHOLE), ["a", "bc", "ac"], 1),
        (shapes.Affix("a%", Place.START), ["a%x", "abx"], 1),
        (shapes.Affix("_b", Place.END), ["x_b", "xxb"], 1),
        (shapes.Sized(2, 3), ["a", "ñé", "日本語", "🙂🙂🙂🙂"], 2),
        (shapes.Sized(high=1), ["a", "ab"], 1),
        (shapes.Parsed(Kind.INTEGER), ["1", "x", None], 1),
        (shapes.Parsed(Kind.NUMBER), [1, 2], 0),
        (shapes.Parsed(Kind.DATE), [1, 2], 2),
        (shapes.Within("a", "m"), ["b", "z"], 1),
        (shapes.Within(date(2024, 1, 2)), [datetime(2024, 1, 1, 23), datetime(2024, 1, 2)], 1),
        (shapes.Within("2024-01-02"), [date(2024, 1, 1), date(2024, 1, 2)], 1),
        (shapes.Among((1, 0)), [True, False], 0),
        (shapes.Equal(True), [True, False, None], 1),
    ],
)
def test_violations(rule, values, violations, held):
    assert held(schema(one("c", rule)), pa.table({"c": values}))[f"c: {rule.text}"] == violations


@pytest.mark.parametrize(
    ("rule", "values"),
    [
        (shapes.Within(0, 1), ["a", "b"]),
        (shapes.Within("a"), [1, 2]),
        (shapes.Within(math.nan), [1, 2]),
        (shapes.Pattern("1"), [1, 1]),
        (shapes.Sized(1, 1), [1, 2]),
        (shapes.Equal("1"), [1, 1]),
        (shapes.Among(("a",)), [b"a", b"a"]),
        (shapes.Within("soon"), [date(2024, 1, 1), date(2024, 1, 2)]),
    ],
)
def test_what_cannot_be_said_of_a_column_is_broken_by_every_value(rule, values):
    result = check_schema(schema(one("c", rule)), pa.table({"c": values})).result(f"c: {rule.text}")
    assert (result.violations, result.passed) == (2, False)
    assert result.note


def test_a_wrong_type_is_told_with_what_cannot_be_read():
    table = pa.table({"age": ["1", "2", "many"]})
    report = check_schema(schema(one("age", INTEGER, shapes.Within(0, 9))), table)
    result = report.result("age: dtype(integer)")
    assert (result.violations, result.passed, result.examples) == (3, False, ("'many'",))
    assert "text (VARCHAR), not integer; 1 of 3 values cannot be read as integer" in result.note
    assert [(u.column, u.rule) for u in report.unknown] == [("age", "in_range(0, 9)")]


@pytest.mark.parametrize(
    ("stored", "rule", "passed"),
    [
        (pa.int32(), shapes.OfKind((Kind.INTEGER,), 64), True),
        (pa.int64(), shapes.OfKind((Kind.INTEGER,), 32), False),
        (pa.uint8(), shapes.OfKind((Kind.INTEGER,), 16), True),
        (pa.uint64(), shapes.OfKind((Kind.INTEGER,), 64), False),
        (pa.int8(), shapes.OfKind((Kind.INTEGER,), 8, signed=False), False),
        (pa.float32(), shapes.OfKind((Kind.NUMBER,), 64), True),
        (pa.float64(), shapes.OfKind((Kind.NUMBER,), 32), False),
        (pa.decimal128(9, 2), shapes.OfKind((Kind.NUMBER,), 32), True),
        (pa.int64(), shapes.OfKind((Kind.NUMBER,)), False),
        (pa.int64(), shapes.OfKind((Kind.NUMBER, Kind.INTEGER)), True),
        (pa.string(), shapes.OfKind((Kind.INTEGER,), coerced=True), True),
        (pa.int64(), shapes.OfKind((Kind.NUMBER,), coerced=True), True),
        (pa.int64(), shapes.OfKind((Kind.TEXT,), coerced=True), True),
        (pa.int64(), shapes.OfKind((Kind.DATE,), coerced=True), False),
    ],
)
def test_types(stored, rule, passed):
    table = pa.table({"c": pa.array([1, 2], pa.int8()).cast(stored)})
    assert check_schema(schema(one("c", rule)), table).passed is passed


def test_coerced_text_is_judged_by_what_can_be_read():
    rule = shapes.OfKind((Kind.INTEGER,), coerced=True)
    report = check_schema(schema(one("c", rule, shapes.Within(0, 1))), pa.table({"c": ["1", "x", None]}))
    assert report.result("c: dtype(integer, coerced)").violations == 1
    assert [u.rule for u in report.unknown] == ["in_range(0, 1)"]


def test_missing_and_additional_columns():
    table = pa.table({"ag": [1], "B": [1]})
    report = check_schema(schema(one("age", INTEGER), one("b", required=False), strict=True), table)
    assert [(r.id, r.passed) for r in report.rules] == [
        ("age: required", False),
        ("ag: strict", False),
        ("B: strict", False),
    ]
    assert 'did you mean "ag"?' in report.result("age: required").note
    assert [(u.column, u.rule) for u in report.unknown] == [("age", "dtype(integer)")]


def test_an_absent_column_that_may_be_absent_is_unknown_not_passed():
    report = check_schema(schema(one("b", INTEGER, required=False), one("a")), pa.table({"a": [1]}))
    assert report.passed
    assert [(u.column, u.rule) for u in report.unknown] == [("b", "dtype(integer)")]


def test_the_order_of_columns():
    given = schema(one("a"), one("b"), one("c", required=False), ordered=True)
    assert check_schema(given, pa.table({"a": [1], "x": [1], "b": [1]})).passed
    report = check_schema(given, pa.table({"b": [1], "a": [1]}))
    assert report.result("ordered").note == "'b' stands where 'a' should"


def test_patterns_of_names_fit_from_the_start():
    report = check_schema(schema(one("x_", pattern=True), strict=True), pa.table({"x_1": [1], "max_1": [1]}))
    assert [(result.column, result.rule) for result in report.broken] == [("max_1", "strict")]


def test_patterns_of_names():
    given = schema(one("x_[0-9]+$", shapes.Within(low=0), pattern=True), one("y_", pattern=True), strict=True)
    report = check_schema(given, pa.table({"x_1": [1, -1], "x_22": [-1, -1], "x_a": [1, 1]}))
    assert report.result("x_1: greater_than_or_equal_to(0)").violations == 1
    assert report.result("x_22: greater_than_or_equal_to(0)").violations == 2
    assert not report.result("x_a: strict").passed
    assert not report.result("y_: required").passed


def test_rules_on_the_table():
    table = pa.table(
        {"a": [1, 1, 2, None], "b": ["x", "x", "y", None], "low": [1, 5, None, None], "high": [2, 4, 3, None]}
    )
    rules = (
        shapes.Unique(("a", "b")),
        shapes.Related("low", Operator.AT_MOST, "high"),
        shapes.RowCount(2, 3),
        shapes.Related("a", Operator.EQUAL, "b"),
        shapes.Unique(("a", "nowhere")),
        shapes.Related("low", Operator.LESS, "nowhere"),
    )
    report = check_schema(schema(rules=rules), table)
    assert {r.id: r.violations for r in report.rules} == {"unique(a, b)": 2, "low <= high": 1, "row_count(2, 3)": 1}
    assert report.result("unique(a, b)").examples == ("a=1, b='x'",)
    assert report.result("low <= high").examples == ("low=5, high=4",)
    assert [u.rule for u in report.unknown] == ["a = b", "unique(a, nowhere)", "low < nowhere"]
    strict = shapes.Related("low", Operator.AT_MOST, "high", missing_breaks=True)
    assert check_schema(schema(rules=(strict,)), table).result("low <= high").violations == 2


def test_shares_that_are_tolerated():
    table = pa.table({"c": [1, 2, 3, 99, None]})
    own = schema(one("c", shapes.Within(0, 9, tolerated=0.25), shapes.Present(tolerated=0.2)))
    assert check_schema(own, table).passed
    assert not check_schema(schema(one("c", shapes.Within(0, 9, tolerated=0.24))), table).passed
    assert check_schema(schema(one("c", shapes.Within(0, 9))), table, tolerated=0.25).passed
    # A wrong type and a missing column are not a matter of shares.
    assert not check_schema(schema(one("c", shapes.OfKind((Kind.TEXT,)))), table, tolerated=1.0).passed
    assert not check_schema(schema(one("d")), table, tolerated=1.0).passed


def test_a_rule_that_warns_fails_nothing():
    report = check_schema(schema(one("c", shapes.Within(0, 1, warns=True))), pa.table({"c": [5]}))
    assert report.passed
    assert [rule.id for rule in report.warnings] == ["c: in_range(0, 1)"]


def test_texts_that_stand_for_nothing():
    given = schema(one("c", shapes.Present(), shapes.Sized(2, 9), missing_values=("", "NA")))
    report = check_schema(given, pa.table({"c": ["", "NA", None, "a", "ab"]}))
    assert report.result("c: not_null").violations == 3
    assert (report.result("c: str_length(2, 9)").violations, report.result("c: str_length(2, 9)").checked) == (1, 2)
    typed = schema(one("c", shapes.OfKind((Kind.INTEGER,), coerced=True), missing_values=("NA",)))
    assert check_schema(typed, pa.table({"c": ["1", "NA"]})).passed


@pytest.mark.parametrize(
    ("given", "table", "why"),
    [
        (schema(), pa.table({"a": [1]}), "demands nothing"),
        (schema(one("a", shapes.Within(0, 1, warns=True), required=False)), pa.table({"a": [1]}), "demands nothing"),
        (schema(one("a", shapes.Within(0, 1, tolerated=1.0), required=False)), pa.table({"a": [1]}), "demands nothing"),
        (schema(one("b", INTEGER, required=False)), pa.table({"a": [1]}), "no rule of the schema could be judged"),
        (schema(one("a")), pa.table({"a": pa.array([], pa.int64())}), "no rows"),
    ],
)
def test_a_check_that_could_not_fail_is_hollow(given, table, why):
    assert why in check_schema(given, table).hollow


def test_a_check_that_could_fail_is_not_hollow():
    assert check_schema(schema(one("a")), pa.table({"a": [1]})).hollow is None


@pytest.mark.parametrize(
    "name",
    [
        'a"b',
        "a.b",
        "a b",
        "🙂",
        "select",
        "x; DROP TABLE y --",
        "it's",
        "a\\b",
        "%s",
        "{x}",
        "tab\there",
        "日本",
        "-- c",
    ],
)
def test_odd_names(name, held):
    table = pa.table({name: [1, 2, 2], "other": ["x", "y", "y"]})
    given = schema(
        one(name, INTEGER, shapes.Within(0, 1), shapes.Unique((name,)), shapes.Present()),
        rules=(shapes.Unique((name, "other")),),
        strict=True,
    )
    found = check_schema(given, table)
    counts = {rule.rule: rule.violations for rule in found.rules if rule.column == name}
    assert counts["in_range(0, 1)"] == 2
    assert counts["unique"] == 2
    assert found.result(f"unique({name}, other)").violations == 2


def test_upper_and_lower_case_twins(held):
    found = held(
        schema(one("A", shapes.Within(0, 1)), one("a", shapes.Within(0, 1))), pa.table({"A": [5, 5], "a": [0, 5]})
    )
    assert found["A: in_range(0, 1)"] == 2
    assert found["a: in_range(0, 1)"] == 1


@pytest.mark.parametrize("text", ["'", "''", "'; DROP TABLE t; --", "\\", "%", "_", '"', "\n", "$$", "a\u0301", "日"])
def test_hostile_literals_are_literals(text, held):
    table = pa.table({"c": [text, "plain", None]})
    rules = (shapes.Equal(text), shapes.Among((text,), negated=True), shapes.Affix(text, Place.START))
    found = held(schema(one("c", *rules)), table)
    assert [found[f"c: {rule.text}"] for rule in rules] == [1, 1, 1]
    import re

    found = held(schema(one("c", shapes.Pattern(re.escape(text), shapes.Anchor.WHOLE))), table)
    assert found[f"c: {shapes.Pattern(re.escape(text), shapes.Anchor.WHOLE).text}"] == 1


def test_literals_that_no_engine_can_hold(held):
    table = pa.table({"c": ["a", "b"]})
    rules = (shapes.Equal("\0"), shapes.Among(("\ud800", "a")))
    found = held(schema(one("c", *rules)), table)
    assert list(found.values()) == [0, 2, 1]


def test_a_pattern_that_the_dialect_does_not_know_is_unknown_and_the_rest_goes_on():
    given = schema(
        one(
            "c",
            shapes.Pattern("(?=a)a", origin="s:1"),
            shapes.Pattern("(", origin="s:2"),
            shapes.Pattern("(a)\\1"),
            shapes.Pattern("a"),
        )
    )
    report = check_schema(given, pa.table({"c": ["a", "b"]}))
    assert {rule.id: rule.violations for rule in report.rules} == {"c: required": 0, "c: str_matches('a')": 1}
    assert [(u.rule, u.origin) for u in report.unknown] == [
        ("str_matches('(')", "s:2"),
        ("str_matches('(?=a)a')", "s:1"),
        ("str_matches('(a)\\\\1')", ""),
    ]
    assert "not a regular expression" in report.unknown[0].reason
    assert "(?=" in report.unknown[1].reason


def test_a_source_that_cannot_be_read_is_an_error(tmp_path):
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing PAR1")
    given = schema(one("c", shapes.Pattern("a")))
    with pytest.raises(InputError):
        check_schema(given, tmp_path / "broken.parquet")


def test_nested_and_binary_columns():
    table = pa.table({"n": [[1], [2]], "b": [b"x", None]})
    given = schema(one("n", shapes.OfKind((Kind.NESTED,)), shapes.Present()), one("b", shapes.OfKind((Kind.BINARY,))))
    assert check_schema(given, table).passed


def test_thousands_of_columns():
    table = pa.table({f"c{n}": [n, None] for n in range(1_500)})
    given = schema(*(one(f"c{n}", INTEGER, shapes.Present(), shapes.Within(0, 1_490)) for n in range(1_500)))
    report = check_schema(given, table, examples=0)
    assert sum(rule.violations for rule in report.rules if rule.rule == "not_null") == 1_500
    assert sum(rule.violations for rule in report.rules if rule.topic == "range") == 9


def test_frames_of_other_libraries(held):
    given = schema(one("c", shapes.Within(0, 1), shapes.Present()))
    frames = [
        pd.DataFrame({"c": [0.0, 5.0, None]}),
        pl.DataFrame({"c": [0.0, 5.0, None]}),
        pl.LazyFrame({"c": [0.0, 5, None]}),
    ]
    for frame in frames:
        assert held(given, frame) == {"c: required": 0, "c: not_null": 1, "c: in_range(0, 1)": 1}


def test_many_broken_rules_show_examples_of_some():
    table = pa.table({f"c{n}": [-1] for n in range(30)})
    report = check_schema(schema(*(one(f"c{n}", shapes.Within(0)) for n in range(30))), table)
    assert sum(bool(rule.examples) for rule in report.rules) == 20
    assert not any(rule.examples for rule in check_schema(schema(one("c1", shapes.Within(0))), table, examples=0).rules)


def test_pandera_objects_are_taken_as_they_are():
    given = pandera.DataFrameSchema({"c": pandera.Column(int, pandera.Check.gt(0))})
    report = check_schema(given, pd.DataFrame({"c": [0, 1]}))
    assert report.result("c: greater_than(0)").violations == 1

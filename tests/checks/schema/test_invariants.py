"""Invariants by window of time: what is broken, since when, with how many rows; clean data does not alarm."""

import json
import random
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest

from mlscore.checks.schema import shapes
from mlscore.checks.schema.invariants import check_invariants
from mlscore.checks.schema.shapes import ColumnRules, Schema
from mlscore.checks.schema.text import invariants_text
from mlscore.errors import InputError, UsageError
from mlscore.tables.conditions import Operator
from mlscore.tables.shapes import Kind, Unit

START = datetime(2024, 1, 1)
SCHEMA = Schema(
    (
        ColumnRules("x", (shapes.Present(), shapes.Within(0, 100), shapes.OfKind((Kind.INTEGER,)))),
        ColumnRules("c", (shapes.Among(("a", "b")), shapes.Pattern("[ab]", shapes.Anchor.WHOLE))),
    ),
    (shapes.Related("x", Operator.AT_LEAST, "y"), shapes.RowCount(1, 5), shapes.Unique(("x", "y"))),
    source="s.toml",
)


def rows(days, seed=0, first=0, a_day=100, broken=None):
    """A table of some days; of x about 3 % is missing, of c 1 % another value; `broken(day, row)` may change a row."""
    r = random.Random(seed)
    found = []
    for day in range(first, first + days):
        for n in range(a_day):
            row = {
                "at": START + timedelta(days=day, minutes=n),
                "x": None if r.random() < 0.03 else r.randint(0, 100),
                "c": "z" if r.random() < 0.01 else r.choice("ab"),
                "y": -1,
            }
            found.append(broken(day, row) if broken else row)
    return pa.Table.from_pylist(found)


def invariants(current, reference=None, **more):
    return check_invariants(SCHEMA, rows(60) if reference is None else reference, current, time="at", **more)


def test_clean_data_holds_though_the_schema_is_stricter():
    report = invariants(rows(20, seed=1, first=60))
    assert report.passed, report.broken
    missing = next(rule for rule in report.rules if rule.id == "x: not_null")
    assert 0.02 < missing.learnt < 0.04
    assert missing.allowed > missing.learnt
    assert missing.windows == 20
    assert report.hollow is None


@pytest.mark.parametrize("seed", range(2, 8))
def test_clean_data_of_other_seeds(seed):
    assert invariants(rows(10, seed=seed, first=60), unit="day").passed


def spoil(column, value, day, share=4):
    def broken(at, row):
        return {**row, column: value} if at >= day and row["at"].minute % share == 0 else row

    return broken


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("x", None, "x: not_null"),
        ("x", 999, "x: in_range(0, 100)"),
        ("c", "q", "c: isin(['a', 'b'])"),
        ("y", 200, "x >= y"),
    ],
)
def test_what_is_broken_and_since_when(column, value, rule):
    report = invariants(rows(20, seed=1, first=60, broken=spoil(column, value, 75)), unit=Unit.DAY)
    assert rule in [result.id for result in report.broken]
    result = next(one for one in report.broken if one.id == rule)
    assert result.since == "2024-03-16T00:00:00"
    assert (result.broken, result.windows) == (5, 20)
    assert 100 <= result.violations <= 160
    assert result.checked <= 500
    assert result.examples == {"x: in_range(0, 100)": ("999",)}.get(rule, result.examples)
    json.dumps(report.to_json())
    assert rule in invariants_text(report)
    assert "since 2024-03-16T00:00:00" in invariants_text(report)


def test_examples_come_from_the_time_since():
    late = invariants(rows(20, seed=1, first=60, broken=spoil("c", "q", 75)))
    result = next(one for one in late.broken if one.column == "c")
    assert "'q'" in result.examples


def test_a_wrong_type_and_a_missing_column_are_never_tolerated():
    table = rows(10, first=60)
    wrong = table.set_column(1, "x", table["x"].cast(pa.string())).drop_columns(["c"])
    report = invariants(wrong)
    told = {result.id: result.since for result in report.broken}
    assert told["x: dtype(integer)"] == told["c: required"] == "2024-03-01T00:00:00"
    assert {u.rule for u in report.unknown} >= {"in_range(0, 100)", "isin(['a', 'b'])"}


def test_what_is_not_counted_by_window_is_named():
    report = invariants(rows(10, first=60))
    assert [(u.rule, u.reason) for u in report.unknown] == [
        ("row_count(1, 5)", "not counted by window; the schema check counts it"),
    ]


def tickets(days, seed=0, first=0, a_day=200, again=None, share=0.0):
    """Rows with an id each; of a `share` the next row repeats the id, and from day `again` on a tenth of all rows."""
    r = random.Random(seed)
    found, number = [], first * 1_000
    for day in range(first, first + days):
        for n in range(a_day):
            sent_twice = r.random() < (0.1 if again is not None and day >= again else share)
            number += 0 if n and sent_twice else 1
            found.append({"at": START + timedelta(days=day, minutes=n), "id": number, "shop": "m"})
    return pa.Table.from_pylist(found)


def unique_ids(current, reference, **more):
    schema = Schema((ColumnRules("id", (shapes.Unique(("id",)),)),), (shapes.Unique(("id", "shop")),), source="s")
    return check_invariants(schema, reference, current, time="at", unit="day", **more)


def test_uniqueness_is_asked_within_each_window():
    report = unique_ids(tickets(20, 1, first=60, again=75), tickets(60))
    assert report.unknown == ()
    assert [(rule.id, rule.since, rule.broken) for rule in report.broken] == [
        ("id: unique", "2024-03-16T00:00:00", 5),
        ("unique(id, shop)", "2024-03-16T00:00:00", 5),
    ]
    by_column, by_both = report.broken
    assert by_column.violations == by_both.violations
    assert 120 <= by_column.violations <= 260
    assert by_column.checked == 1_000
    assert len(by_column.examples) == 3
    late = set(tickets(20, 1, first=60, again=75)["id"].to_pylist()[15 * 200 :])
    assert set(by_column.examples) <= set(map(str, late))
    assert all(", shop='m'" in example for example in by_both.examples)


def test_as_many_repeated_rows_as_clean_windows_hold_are_no_alarm():
    report = unique_ids(tickets(20, 1, first=60, share=0.05), tickets(60, share=0.05))
    assert report.passed
    rule = next(one for one in report.rules if one.rule == "unique")
    assert 0.05 < rule.learnt < 0.15
    assert rule.worst > 0
    assert not unique_ids(tickets(20, 1, first=60, share=0.05), tickets(60)).passed


def test_an_id_that_comes_back_in_a_later_window_is_no_violation():
    day = tickets(1)
    later = day.set_column(0, "at", pa.array([at + timedelta(days=1) for at in day["at"].to_pylist()]))
    assert unique_ids(pa.concat_tables([day, later]), tickets(60)).passed


def test_unclean_windows_of_the_reference_are_named_and_left_out():
    def broken(day, row):
        return {**row, "x": None} if day == 30 else row

    report = invariants(rows(10, seed=1, first=60, broken=spoil("x", None, 65)), rows(60, broken=broken))
    assert report.left_out == ("2024-01-31T00:00:00",)
    assert "x: not_null" in {result.id for result in report.broken}
    assert "2024-01-31" in invariants_text(report)


def test_rows_without_a_time_are_told():
    table = rows(10, first=60)
    undated = table.set_column(0, "at", pa.array([None, *table["at"].to_pylist()[1:]], pa.timestamp("us")))
    assert "1 rows have no time, so they are in no window" in {u.reason for u in invariants(undated).unknown}
    nothing = table.set_column(0, "at", pa.array([None] * table.num_rows, pa.timestamp("us")))
    assert "there is no window" in invariants(nothing).hollow


def test_a_short_reference_is_told():
    report = invariants(rows(3, first=60), rows(2), unit="day")
    assert "the reference has 2 windows, too few to say how much they differ" in {u.reason for u in report.unknown}


def test_what_the_reference_says_nothing_of():
    reference = rows(60).drop_columns(["c"])
    report = invariants(rows(10, first=60), reference)
    assert any(u.column == "c" and "the reference says nothing of it" in u.reason for u in report.unknown)


def test_the_unit_is_chosen_by_the_span():
    assert invariants(rows(10, first=60)).unit == "day"
    assert invariants(rows(3, first=60), rows(10)).unit == "hour"
    assert invariants(rows(3, first=60), rows(60, a_day=2), unit="week").unit == "week"
    days = rows(10).set_column(0, "at", pa.array([date(2024, 1, 1 + n // 100) for n in range(1_000)]))
    assert invariants(days, days).unit == "day"


def test_times_with_a_zone():
    table = rows(30)
    zoned = table.set_column(
        0, "at", pa.array([t.replace(tzinfo=UTC) for t in table["at"].to_pylist()], pa.timestamp("us", "UTC"))
    )
    assert invariants(zoned, zoned, unit="day").passed


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"time": "when"}, "there is no column 'when'"),
        ({"time": "c"}, "no times, but text values, in the column 'c'"),
        ({"false_alarms": 0}, "false alarms lies between 0 and 1"),
        ({"false_alarms": 1}, "false alarms lies between 0 and 1"),
    ],
)
def test_errors(more, error):
    with pytest.raises(UsageError, match=error):
        check_invariants(SCHEMA, rows(3), rows(3), **{"time": "at", **more})


def test_a_reference_without_times():
    table = rows(3)
    nothing = table.set_column(0, "at", pa.array([None] * table.num_rows, pa.timestamp("us")))
    with pytest.raises(InputError, match="every time in 'at' is missing"):
        invariants(table, nothing)
    assert "nothing was learnt" in invariants(table, nothing, unit="day").hollow


def test_a_pattern_the_engine_does_not_know_is_unknown():
    schema = Schema((ColumnRules("c", (shapes.Pattern("(?=a)a"), shapes.Pattern("[a-z]"))),))
    report = check_invariants(schema, rows(10), rows(3, first=10), time="at", unit="day")
    assert [u.rule for u in report.unknown] == ["str_matches('(?=a)a')"]
    assert report.passed


def test_schemas_that_demand_nothing_are_hollow():
    report = check_invariants(Schema(), rows(10), rows(3), time="at")
    assert "demands nothing" in report.hollow


def test_a_rule_s_own_share_is_kept():
    schema = Schema((ColumnRules("x", (shapes.Present(tolerated=0.5),)),))
    current = rows(10, first=60, broken=spoil("x", None, 60))
    assert check_invariants(schema, rows(60), current, time="at").passed
    strict = Schema((ColumnRules("x", (shapes.Present(),)),))
    assert not check_invariants(strict, rows(60), current, time="at").passed


def test_rules_that_warn_do_not_fail():
    schema = Schema((ColumnRules("x", (shapes.Present(warns=True),)), ColumnRules("y")))
    report = check_invariants(schema, rows(60), rows(10, first=60, broken=spoil("x", None, 60)), time="at")
    assert report.passed
    assert "warning  x: not_null: broken since" in invariants_text(report)

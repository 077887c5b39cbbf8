"""Tables against their contracts: a clean one passes, and each fault is named with its owner."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks.upstream.compare import Changed, check_contract, unreadable
from mlscore.checks.upstream.contract import ColumnContract, TableContract
from mlscore.tables import open_table
from mlscore.tables.shapes import Kind

NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
AMOUNT = ColumnContract("amount", Kind.NUMBER, unit="EUR", nullable=False, least=0, typical=(5, 95))
STATUS = ColumnContract("status", Kind.TEXT, values=("new", "paid"))
CONTRACT = TableContract(
    "orders",
    (ColumnContract("id", Kind.INTEGER, nullable=False), AMOUNT, STATUS),
    owner="team-orders",
    contact="#orders",
    tell=("ml-platform",),
    time="updated",
    fresh_hours=26,
)
PEOPLE = "owner team-orders (#orders); tell ml-platform"


def arriving(rows=1000, **changed):
    columns = {
        "id": pa.array(range(rows)),
        "amount": pa.array(np.linspace(0, 100, rows)),
        "status": pa.array(["new", "paid"] * (rows // 2)),
        "updated": pa.array([NOW - timedelta(hours=1 + n) for n in range(rows)], pa.timestamp("us", tz="UTC")),
    }
    columns |= changed
    return pa.table({name: value for name, value in columns.items() if value is not None})


def compare(table, contract=CONTRACT):
    with open_table(table) as opened:
        return check_contract(contract, opened, now=NOW)


def told(result):
    return [(change.column, change.changed) for change in result.changes]


def test_a_table_as_agreed_passes():
    result = compare(arriving())
    assert (result.passed, result.changes, result.not_judged, result.rows, result.hollow) == (True, (), (), 1000, None)
    assert result.rules == 12


HALF = np.linspace(0, 100, 1000)


@pytest.mark.parametrize(
    ("table", "column", "changed", "message"),
    [
        (arriving(amount=None), "amount", Changed.REMOVED, "removed"),
        (arriving(id=pa.array([str(n) for n in range(1000)])), "id", Changed.TYPE, "integer was agreed, text"),
        (arriving(amount=pa.array(["1"] * 1000)), "amount", Changed.TYPE, "number was agreed, text (VARCHAR) arrives"),
        (arriving(id=pa.array(HALF)), "id", Changed.TYPE, "integer was agreed, number (DOUBLE) arrives"),
        (arriving(amount=pa.array(HALF * 100)), "amount", Changed.UNIT, "unit suspected, x100 (hundredths"),
        (arriving(amount=pa.array(HALF * 1.609344)), "amount", Changed.UNIT, "x1.609 (kilometres for miles"),
        (arriving(amount=pa.array(HALF * 1.8 + 32)), "amount", Changed.UNIT, "x1.8 +32 (degrees Fahrenheit for Celsius)"),
        (arriving(amount=pa.array(HALF / 4 + 700)), "amount", Changed.MOVED, "at 701.2 to 723.7, agreed was 5 to 95 EUR"),
        (arriving(amount=pa.array([None, float("nan"), *HALF[2:]])), "amount", Changed.MISSING, "2 of 1,000 rows (0.20%)"),
        (arriving(amount=pa.array([-1.0, *HALF[1:]])), "amount", Changed.RANGE, "(0.10%) outside of 0 to inf EUR"),
        (arriving(status=pa.array(["new", "Paid"] * 500)), "status", Changed.VALUES, "(50.00%) with a value other"),
        (arriving(updated=pa.array([NOW - timedelta(hours=30)] * 1000)), "updated", Changed.STALE, "30.0 hours ago"),
        (arriving(updated=pa.array([NOW + timedelta(days=3)] * 1000)), "updated", Changed.FUTURE, "which is still to come"),
        (arriving(updated=pa.nulls(1000, pa.timestamp("us"))), "updated", Changed.STALE, "every time is missing"),
        (arriving(updated=pa.array(["x"] * 1000)), "updated", Changed.TYPE, "holds text values and no times"),
        (arriving(updated=None), "updated", Changed.REMOVED, "removed; freshness cannot be told"),
    ],
)  # fmt: skip
def test_each_change_is_named_with_who_is_told(table, column, changed, message):
    result = compare(table)
    assert told(result) == [(column, changed)]
    assert not result.passed
    assert message in result.changes[0].message
    assert str(result.changes[0]) == f"orders.{column}: {result.changes[0].message} [{PEOPLE}]"


def test_whole_numbers_may_arrive_for_numbers():
    assert compare(arriving(amount=pa.array([n % 101 for n in range(1000)]))).passed


def test_an_added_column_is_told_and_fails_closed_tables_alone():
    table = arriving(coupon=pa.array(["x"] * 1000))
    result = compare(table)
    assert (result.passed, told(result)) == (True, [("coupon", Changed.ADDED)])
    assert not compare(table, replace(CONTRACT, closed=True)).passed


@pytest.mark.parametrize(
    ("new", "why"),
    [
        ({"Status": pa.array(["a"] * 1000)}, "names 100% alike"),
        ({"order_status": pa.array(["a"] * 1000)}, "names 71% alike"),
        ({"zz": pa.array(["new", "paid"] * 500)}, "it holds the agreed values"),
    ],
)
def test_a_renamed_column_is_recognised(new, why):
    result = compare(arriving(status=None, **new))
    assert told(result) == [("status", Changed.RENAMED)]
    (name,) = new
    assert result.changes[0].message == f'removed; looks renamed to "{name}" ({why})'


def test_a_renamed_number_is_recognised_by_its_range():
    result = compare(arriving(amount=None, q=pa.array(HALF), far=pa.array(HALF + 900)))
    assert told(result) == [("amount", Changed.RENAMED), ("far", Changed.ADDED)]
    assert 'renamed to "q" (its values lie in the typical range)' in result.changes[0].message


@pytest.mark.parametrize("new", [pa.array(range(1000)), pa.nulls(1000, pa.string()), pa.array(["x"] * 1000)])
def test_another_column_is_not_taken_for_it(new):
    result = compare(arriving(status=None, q=new))
    assert told(result) == [("status", Changed.REMOVED), ("q", Changed.ADDED)]


def test_a_tolerance_lets_few_rows_pass():
    table = arriving(amount=pa.array([-1.0] * 5 + list(HALF[5:])))
    assert compare(table, replace(CONTRACT, tolerance=0.005)).passed
    assert not compare(table, replace(CONTRACT, tolerance=0.004)).passed


@pytest.mark.parametrize("lost", [{"owner": None}, {"contact": None}, {"tell": ()}])
def test_nobody_to_tell_fails(lost):
    result = compare(arriving(), replace(CONTRACT, **lost))
    assert told(result) == [(None, Changed.OWNER)]
    assert (result.passed, result.changes[0].message) == (False, f"the contract does not say: {next(iter(lost))}")


def test_a_contract_without_columns_is_hollow():
    empty = replace(CONTRACT, columns=(), time=None, fresh_hours=None)
    assert compare(arriving(), empty).hollow == 'the contract of "orders" names no column and no freshness'
    assert compare(arriving(), replace(CONTRACT, columns=())).hollow is None


def test_no_rows_and_one_row():
    result = compare(arriving(rows=0))
    assert (Changed.EMPTY in [change.changed for change in result.changes], result.passed) == (True, False)
    one = {"id": pa.array([1]), "amount": pa.array([50.0]), "status": pa.array(["new"]), "updated": pa.array([NOW])}
    result = compare(pa.table(one))
    assert result.passed
    assert result.not_judged == ("orders.amount: its typical range; fewer than 100 numbers arrive",)


def test_types_that_do_not_fit_the_rules_are_named():
    loose = replace(CONTRACT, columns=(replace(AMOUNT, type=None), replace(STATUS, type=None)))
    table = arriving(amount=pa.array(["x"] * 1000), status=pa.array([1] * 1000))
    result = compare(table, loose)
    assert result.not_judged == (
        "orders.amount: the range of a column that holds text values",
        "orders.status: values of another type than the integer that arrives",
        "orders.amount: its typical range; fewer than 100 numbers arrive",
    )


def test_a_day_is_complete_when_it_ends():
    day = arriving(updated=pa.array([date(2026, 10, 31)] * 1000))
    assert compare(day, replace(CONTRACT, fresh_hours=12)).passed
    assert told(compare(day, replace(CONTRACT, fresh_hours=11))) == [("updated", Changed.STALE)]


@pytest.mark.parametrize("name", ['a"b', "a.b", "select", "é 🚀", "'; DROP TABLE x; --"])
def test_any_name_is_a_name(name):
    contract = replace(CONTRACT, columns=(replace(AMOUNT, name=name), replace(STATUS, values=(name,))))
    result = compare(pa.table({name: HALF, "status": [name] * 1000, "updated": [NOW] * 1000}), contract)
    assert result.passed, result


def test_what_cannot_be_read_is_a_change():
    result = unreadable(CONTRACT, "there is no such file")
    assert (result.passed, str(result.changes[0])) == (
        False,
        f"orders: cannot be read: there is no such file [{PEOPLE}]",
    )

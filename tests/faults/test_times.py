"""Dates and times that go wrong: by the wall clock of the column's own zone, whatever the machine's is."""

import datetime as dt
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.faults import fault

MADRID = ZoneInfo("Europe/Madrid")
at = dt.datetime


def after(name, values, kind, **sizes):
    return fault(name, **sizes).apply(pa.table({"a": pa.array(values, kind)}), columns="a").table["a"].to_pylist()


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_move_by_hours(unit):
    kind = pa.timestamp(unit)
    assert after("time-zone-shift", [at(2024, 1, 1, 23), None], kind) == [at(2024, 1, 2, 1), None]
    assert after("time-zone-shift", [at(1969, 12, 31)], kind, hours=-5.5) == [at(1969, 12, 30, 18, 30)]
    zoned = pa.timestamp(unit, "Europe/Madrid")
    assert after("time-zone-shift", [at(2024, 7, 1, 10, tzinfo=MADRID)], zoned) == [at(2024, 7, 1, 12, tzinfo=MADRID)]


def test_times_at_the_edge_of_the_type_stay():
    edge = pa.array([2**63 - 1, 0]).cast(pa.timestamp("ns"))
    injected = fault("time-zone-shift").apply(pa.table({"a": edge}), columns="a")
    assert injected.table["a"].cast(pa.int64()).to_pylist() == [2**63 - 1, 2 * 3600 * 10**9]
    with pytest.raises(InputError, match="none of its times can be moved that far"):
        fault("time-zone-shift", hours=1e9).apply(pa.table({"a": edge}), columns="a")


def test_day_and_month_change_places_where_they_can():
    old = [
        dt.date(2024, 4, 3),
        dt.date(2024, 4, 13),
        dt.date(2024, 5, 5),
        None,
        dt.date(1969, 12, 1),
        dt.date(2023, 1, 12),
    ]
    new = [
        dt.date(2024, 3, 4),
        dt.date(2024, 4, 13),
        dt.date(2024, 5, 5),
        None,
        dt.date(1969, 1, 12),
        dt.date(2023, 12, 1),
    ]
    assert after("day-month-swap", old, pa.date32()) == new
    assert after("day-month-swap", old, pa.date64()) == new


def test_the_time_of_day_survives_the_swap():
    assert after("day-month-swap", [at(1960, 4, 3, 23, 59, 59)], pa.timestamp("us")) == [at(1960, 3, 4, 23, 59, 59)]
    # 1 July 00:30 in Madrid is still June in UTC; the day is the wall clock's.
    assert after("day-month-swap", [at(2024, 7, 1, 0, 30, tzinfo=MADRID)], pa.timestamp("us", "Europe/Madrid")) == [
        at(2024, 1, 7, 0, 30, tzinfo=MADRID)
    ]


def test_the_second_of_two_equal_wall_times_is_no_change():
    night = at(2024, 10, 27, 2, 30, tzinfo=MADRID, fold=1)
    swapped = at(2024, 4, 3, tzinfo=MADRID)
    table = pa.table({"a": pa.array([night, swapped], pa.timestamp("us", "Europe/Madrid"))})
    injected = fault("day-month-swap").apply(table, columns="a")
    assert injected.rows.tolist() == [1]
    assert injected.table["a"][0].equals(table["a"][0])


def test_dates_that_cannot_change_are_refused():
    with pytest.raises(InputError, match="no date whose day could be another month"):
        after("day-month-swap", [dt.date(2024, 4, 30)], pa.date32())
    with pytest.raises(InputError, match="all its times are midnight already"):
        after("lost-time-of-day", [at(2024, 4, 30)], pa.timestamp("s"))


def test_the_time_of_day_is_lost_in_the_columns_zone():
    assert after("lost-time-of-day", [at(1960, 4, 3, 23, 59), None], pa.timestamp("ms")) == [at(1960, 4, 3), None]
    assert after("lost-time-of-day", [at(2024, 7, 1, 0, 30, tzinfo=MADRID)], pa.timestamp("us", "Europe/Madrid")) == [
        at(2024, 7, 1, tzinfo=MADRID)
    ]


def test_a_dictionary_of_times_keeps_its_zone_whatever_another_library_switched_off(monkeypatch):
    noon, later = at(2024, 7, 1, 12, tzinfo=MADRID), at(2024, 7, 1, 14, tzinfo=MADRID)
    column = pa.array([noon, None, later, noon], pa.timestamp("us", "Europe/Madrid")).dictionary_encode()
    monkeypatch.setenv("PYARROW_IGNORE_TIMEZONE", "1")

    moved = fault("time-zone-shift").apply(pa.table({"a": column}), columns="a").table["a"]

    assert moved.type == column.type
    # The new time comes behind those that the dictionary holds.
    assert moved.chunk(0).indices.to_pylist() == [1, None, 2, 1]
    assert moved.to_pylist() == [later, None, at(2024, 7, 1, 16, tzinfo=MADRID), later]

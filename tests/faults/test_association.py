"""Values that meet the wrong row: distributions that stay, associations that go or come."""

import datetime as dt
import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.errors import InputError, UsageError
from mlscore.faults import fault


def test_two_columns_change_places():
    table = pa.table({"a": [1, 2, 3, None], "b": [9, 2, None, None], "c": ["x"] * 4})
    injected = fault("swapped-columns").apply(table, columns=("a", "b"))
    assert injected.table.to_pydict() == {"a": [9, 2, None, None], "b": [1, 2, 3, None], "c": ["x"] * 4}
    assert injected.rows.tolist() == [0, 2]
    half = fault("swapped-columns", share=0.5).apply(table, columns=["a", "b"])
    assert half.taken == 1


def test_columns_of_two_types_keep_them_or_are_refused():
    table = pa.table({"a": pa.array([1, 300]), "b": pa.array([7, 8], pa.int8()), "c": [1.5, 2.5]})
    with pytest.raises(InputError, match="values of one have no room in the type of the other"):
        fault("swapped-columns").apply(table, columns=("a", "b"))
    with pytest.raises(InputError, match="one is of kind integer, the other float"):
        fault("swapped-columns").apply(table, columns=("a", "c"))
    few = table.slice(0, 1)
    swapped = fault("swapped-columns").apply(few, columns=("a", "b")).table
    assert swapped.schema == table.schema
    assert swapped.to_pydict() == {"a": [7], "b": [1], "c": [1.5]}


def test_a_shuffle_keeps_the_distribution_and_loses_the_association():
    numbers = np.arange(1000.0)
    table = pa.table({"a": numbers, "b": numbers})
    injected = fault("shuffled").apply(table, columns="a")
    new = np.array(injected.table["a"])
    assert sorted(new) == sorted(numbers)
    assert abs(np.corrcoef(new, numbers)[0, 1]) < 0.1
    part = fault("shuffled", share=0.1).apply(table, columns="a")
    assert part.taken == 100
    assert 90 < len(part.rows) <= 100


@given(st.lists(st.none() | st.sampled_from("aab"), max_size=8), st.floats(0.01, 1), st.integers(0, 50))
@settings(max_examples=80, deadline=None)
def test_a_shuffle_always_moves_something(values, share, seed):
    table = pa.table({"a": pa.array(values, pa.string())})
    if len({value for value in values if value}) < 2:
        with pytest.raises(InputError):
            fault("shuffled", share=share).apply(table, columns="a", seed=seed)
        return
    injected = fault("shuffled", share=share).apply(table, columns="a", seed=seed)
    assert sorted(map(str, injected.table["a"].to_pylist())) == sorted(map(str, values))
    assert len(injected.rows) >= 2
    assert injected.taken == max(2, int(share * injected.able + 0.5))


@pytest.mark.parametrize("labels", ["numbers", "flags", "texts"])
def test_a_leak_tells_the_label_and_keeps_the_distribution(labels):
    feature = np.sin(np.arange(2000.0) * 7)
    number = np.cos(np.arange(2000.0) * 3)
    label = {"numbers": number, "flags": number > 0, "texts": np.where(number > 0, "yes", "no")}[labels]
    table = pa.table({"f": feature, "y": label})
    injected = fault("label-leak", label="y").apply(table, columns="f")
    new = np.array(injected.table["f"])
    assert np.array_equal(np.sort(new), np.sort(feature))
    ranks = np.argsort(np.argsort(new))
    told = number if labels == "numbers" else number > 0
    before = abs(np.corrcoef(np.argsort(np.argsort(feature)), told)[0, 1])
    assert before < 0.1
    assert np.corrcoef(ranks, told)[0, 1] > 0.8
    weak = np.array(fault("label-leak", label="y", strength=0.3).apply(table, columns="f").table["f"])
    assert 0.1 < np.corrcoef(np.argsort(np.argsort(weak)), told)[0, 1] < 0.5


def test_a_leak_touches_only_rows_with_both():
    table = pa.table({"f": [3.0, None, 1.0, math.nan, 2.0, 9.0], "y": [1, 2, 2, 3, 3, None]})
    new = fault("label-leak", label="y", strength=1.0).apply(table, columns="f").table["f"].to_pylist()
    assert new[:3] == [1.0, None, 2.0]
    assert math.isnan(new[3])
    assert new[4:] == [3.0, 9.0]


def test_a_leak_needs_a_label_that_tells_something():
    table = pa.table({"f": [1, 2], "g": [3, 3], "y": [0, 0]})
    assert fault("label-leak").columns(table) == ()
    assert fault("label-leak", label="z").columns(table) == ()
    assert fault("label-leak", label="y").columns(table) == (("f",), ("g",))
    with pytest.raises(UsageError, match="needs as its setting label the name of another column"):
        fault("label-leak").apply(table, columns="f")
    with pytest.raises(UsageError, match="needs as its setting label the name of another column"):
        fault("label-leak", label="f").apply(table, columns="f")
    with pytest.raises(InputError, match='all rows taken have the same label "y"'):
        fault("label-leak", label="y").apply(table, columns="f")
    with pytest.raises(InputError, match="no value would differ"):
        fault("label-leak", label="f").apply(table, columns="g")
    with pytest.raises(InputError, match="fewer than two rows have both"):
        fault("label-leak", label="h").apply(table.append_column("h", pa.array([1, None])), columns="f")


def test_a_stale_stretch_repeats_the_last_value_before_it():
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=(row * 7) % 20) for row in range(20)]
    table = pa.table({"day": days, "v": [day.day for day in days]})
    injected = fault("stale", time="day", share=0.3).apply(table, columns="v", seed=5)
    held = injected.table.sort_by("day")["v"].to_pylist()
    starts = [place for place in range(1, 20) if held[place] == held[place - 1]]
    assert (injected.able, injected.taken, len(injected.rows)) == (19, 6, 6)
    assert starts == list(range(starts[0], starts[0] + 6))
    rest = [value for place, value in enumerate(held, 1) if place - 1 not in starts]
    assert rest == [place for place in range(1, 21) if place - 1 not in starts]


@given(
    st.lists(st.tuples(st.none() | st.integers(0, 2), st.integers(0, 2)), max_size=9), st.floats(0.01, 1), st.integers()
)
@settings(max_examples=150, deadline=None)
def test_stale_values_are_those_of_the_same_entity_and_found_when_there_are_any(rows, share, seed):
    table = pa.table({"v": pa.array([v for v, _ in rows], pa.int64()), "e": pa.array([e for _, e in rows], pa.int64())})
    there = [row for row, (value, _) in enumerate(rows) if value is not None]
    length = min(len(there) - 1, max(1, int(share * (len(there) - 1) + 0.5)))
    possible = {}
    for start in range(1, len(there) - length + 1):
        new = [value for value, _ in rows]
        for row in there[start : start + length]:
            before = [rows[other][0] for other in there[:start] if rows[other][1] == rows[row][1]]
            new[row] = before[-1] if before else new[row]
        if new != [value for value, _ in rows]:
            possible[start] = new
    if length < 1 or not possible:
        with pytest.raises(InputError):
            fault("stale", share=share, entity="e").apply(table, columns="v", seed=seed)
        return
    injected = fault("stale", share=share, entity="e").apply(table, columns="v", seed=seed)
    assert injected.taken == length
    assert injected.table["v"].to_pylist() in possible.values()


def test_a_lagged_join_takes_the_row_before():
    table = pa.table({"t": [3, 1, 2, 4], "v": ["c", "a", None, "d"]})
    assert fault("lagged-join", time="t").apply(table, columns="v").table["v"].to_pylist() == [None, "a", "a", "c"]
    assert fault("lagged-join").apply(table, columns="v").table["v"].to_pylist() == ["c", "c", "a", None]
    assert fault("lagged-join", lag=2, time="t").apply(table, columns="v").table["v"].to_pylist() == [
        "a",
        "a",
        None,
        None,
    ]


def test_a_lagged_join_stays_with_its_entity():
    table = pa.table({"e": ["x", "y", "x", "y", None], "t": [1, 1, 2, None, 1], "v": [1, 10, 2, 20, 5]})
    injected = fault("lagged-join", time="t", entity="e").apply(table, columns="v")
    assert injected.table["v"].to_pylist() == [1, 10, 1, 10, 5]
    assert injected.rows.tolist() == [2, 3]
    with pytest.raises(InputError, match="no row has another 5 places before it"):
        fault("lagged-join", lag=5).apply(table, columns="v")
    with pytest.raises(InputError, match="no value would differ"):
        fault("lagged-join", entity="v").apply(table, columns="e")

"""Whole rows that go wrong: which come twice, which are lost."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import fault


def test_rows_come_twice_at_the_end():
    table = pa.table({"a": range(20), "b": [[row] for row in range(20)]})
    injected = fault("duplicated-rows", share=0.25).apply(table)
    assert injected.table.slice(0, 20).equals(table)
    twice = injected.table["a"].to_pylist()[20:]
    assert len(set(twice)) == len(twice) == 5
    assert injected.rows.tolist() == [20, 21, 22, 23, 24]
    assert injected.columns == ()
    assert injected.description == "5 of 20 rows duplicated"


def test_the_category_nearest_to_the_share_is_lost():
    table = pa.table({"a": ["x"] * 70 + ["y"] * 20 + ["z"] * 9 + [None], "row": range(100)})
    assert "z" not in fault("lost-slice").apply(table, columns="a").table["a"].to_pylist()
    injected = fault("lost-slice", share=0.25).apply(table, columns="a")
    assert set(injected.table["a"].to_pylist()) == {"x", "z", None}
    assert injected.rows.tolist() == list(range(70, 90))
    assert "y" not in injected.description.replace("category", "")


def test_the_seed_chooses_among_equal_categories():
    table = pa.table({"a": [row % 5 for row in range(50)]})
    gone = {fault("lost-slice").apply(table, columns="a", seed=seed).rows[0] for seed in range(40)}
    assert gone == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("values", "value", "left"), [(["x", "y"], "x", ["y"]), ([1, 2, 2], 2, [1]), ([True, False], True, [False])]
)
def test_a_named_category_is_lost(values, value, left):
    assert fault("lost-slice", value=value).apply(pa.table({"a": values}), columns="a").table["a"].to_pylist() == left


def test_slices_that_cannot_be_lost_are_refused():
    for values in (["x", "x"], ["x", "y"], [1, 2, None]):
        with pytest.raises(InputError, match="it needs a value that several rows have, and not all"):
            fault("lost-slice").apply(pa.table({"a": values}), columns="a")
    with pytest.raises(InputError, match="no row has that value"):
        fault("lost-slice", value="None").apply(pa.table({"a": ["x", None]}), columns="a")
    with pytest.raises(InputError, match="every row has that value"):
        fault("lost-slice", value="x").apply(pa.table({"a": ["x", "x"]}), columns="a")


@pytest.mark.parametrize("days", [1, 3])
def test_days_are_lost_that_follow_each_other(days):
    start = dt.datetime(2024, 1, 1, 12)
    table = pa.table({"t": [start + dt.timedelta(hours=8 * row) for row in range(30)] + [None]})
    injected = fault("lost-day", days=days).apply(table, columns="t", seed=2)
    before = {time.date() for time in table["t"].to_pylist()[:-1]}
    lost = sorted(before - {time.date() for time in injected.table["t"].to_pylist()[:-1]})
    assert [day - lost[0] for day in lost] == [dt.timedelta(days=place) for place in range(days)]
    assert injected.table["t"][-1].as_py() is None


def test_a_day_is_one_of_the_columns_zone():
    utc = [dt.datetime(2024, 7, 1, 21, tzinfo=dt.UTC), dt.datetime(2024, 7, 1, 23, tzinfo=dt.UTC)]
    assert (
        fault("lost-day").apply(pa.table({"t": pa.array(utc, pa.timestamp("s", "Europe/Madrid"))}), columns="t").taken
        == 1
    )
    with pytest.raises(InputError, match=r"its rows are of 1 day\(s\), and 1 should be lost"):
        fault("lost-day").apply(pa.table({"t": pa.array(utc, pa.timestamp("s", "UTC"))}), columns="t")


def test_sampling_is_biased_by_the_value_as_strongly_as_asked():
    table = pa.table({"a": np.arange(4000)})
    injected = fault("sampling-bias", share=0.3).apply(table, columns="a")
    assert len(injected.rows) == round(0.3 * 3999)
    assert (injected.rows >= 2000).mean() > 0.65
    steep = fault("sampling-bias", share=0.3, strength=5.0).apply(table, columns="a")
    assert (steep.rows >= 2000).mean() > 0.95
    assert (steep.rows >= 2000).mean() > (injected.rows >= 2000).mean()


def test_sampling_of_categories_is_biased_in_an_order_of_the_seeds():
    table = pa.table({"a": ["x", "y", "z"] * 300})
    losers = set()
    for seed in range(12):
        kept = fault("sampling-bias", strength=3.0).apply(table, columns="a", seed=seed).table["a"]
        counts = {entry["values"]: entry["counts"] for entry in pc.value_counts(kept).to_pylist()}
        losers.add(min(("x", "y", "z"), key=lambda name: counts.get(name, 0)))
    assert losers == {"x", "y", "z"}


def test_sampling_leaves_one_row_and_needs_two_values():
    assert fault("sampling-bias", share=1.0).apply(pa.table({"a": [1, 2, None]}), columns="a").table.num_rows == 1
    with pytest.raises(InputError, match="it needs two different values"):
        fault("sampling-bias").apply(pa.table({"a": [1, 1, None]}), columns="a")


@pytest.mark.parametrize("share", [0, -0.1, 1.01, float("nan"), "0.1", True, None])
@pytest.mark.parametrize("name", ["duplicated-rows", "nulls", "sampling-bias", "stale"])
def test_a_share_is_above_0_and_at_most_1(name, share):
    with pytest.raises(UsageError, match=f'the fault "{name}" takes for share a share above 0 and at most 1, not '):
        fault(name, share=share)

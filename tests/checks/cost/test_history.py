"""Features over time: what is missing more each month is found there, and what does not change is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.cost.history import distance, over_time
from mlscore.errors import InputError
from mlscore.tables.table import open_table


def frame(seed=0, n=6000, months=6):
    random = np.random.default_rng(seed)
    day = pd.Timestamp("2013-01-01") + pd.to_timedelta(random.integers(0, 30 * months, n), unit="D")
    month = day.month.to_numpy()
    humid = random.normal(60, 10, n)
    humid[random.random(n) < 0.03 * month] = np.nan
    table = pd.DataFrame(
        {
            "day": day,
            "clock": random.normal(size=n),
            "carrier": np.array(["aa", "bb", "cc"])[random.integers(0, 3, n)],
            "humid": humid,
            "warm": random.normal(size=n) + 0.5 * month,
            "late": random.random(n) < 0.2,
        }
    )
    table.loc[table["carrier"] == "cc", "carrier"] = None
    return table


def counted(table, features, time="day", **more):
    with open_table(table) as opened:
        return over_time(opened, features, time, **more)


def test_what_is_missing_more_each_month():
    table = frame()
    found, unit, lacking = counted(table, ["clock", "humid", "carrier", "elsewhere"])
    clock, humid, carrier = found
    assert (unit, lacking) == ("month", [])
    assert humid.feature == "humid"
    assert humid.missing.value == table["humid"].isna().mean()
    assert humid.worst.low > 0.1 > clock.worst.value == 0
    assert humid.worst_window >= "2013-05"
    assert humid.spread > 0.1
    assert carrier.missing.value == table["carrier"].isna().mean()
    assert (clock.spread, clock.windows) == (0, 6)


def test_what_changes_is_unlike_the_rest():
    (clock, warm), _, _ = counted(frame(), ["clock", "warm"])
    assert clock.instability.low == 0
    assert clock.instability.value < 0.1
    assert warm.instability.low > 0.3
    assert warm.unlike_window[:7] in ("2013-01", "2013-06")


def test_all_rows_without_a_time():
    table = frame(n=500)
    (humid,), unit, _ = counted(table, ["humid"], None)
    assert unit is None
    assert (humid.worst, humid.spread, humid.instability, humid.windows) == (None, None, None, 1)
    assert humid.missing.low < humid.missing.value < humid.missing.high
    table["day"] = pd.Timestamp("2013-01-01")
    assert counted(table, ["humid"])[1] is None


def test_few_rows_make_few_windows():
    assert counted(frame(n=20_000), ["clock"])[1] == "week"
    assert counted(frame(n=6000), ["clock"])[1] == "month"
    assert counted(frame(n=700), ["clock"])[1] == "year"


def test_rows_without_a_time_are_told():
    table = frame()
    table.loc[:99, "day"] = pd.NaT
    found, _, lacking = counted(table, ["clock"])
    assert lacking == ["100 rows without a time, which are in no window"]
    assert found[0].missing.value == 0


def test_what_holds_no_values_that_can_be_counted():
    table = frame(n=300)
    table["tags"] = [[1, 2]] * 300
    found, _, lacking = counted(table, ["tags"])
    assert found == ()
    assert lacking == ["tags: how often it is missing, for it holds nested values"]


@pytest.mark.parametrize(
    ("time", "said"), [("when", 'there is no column "when", the time'), ("clock", "number values, not times")]
)
def test_times_that_are_none(time, said):
    with pytest.raises(InputError, match=said):
        counted(frame(n=300), ["humid"], time)


def test_chance_alone_is_no_distance():
    """Of 400 windows of one distribution about as many are surely apart as the level says, and the mean excess is none."""
    random = np.random.default_rng(5)
    shares = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05])
    found = [distance(random.multinomial(200, shares), random.multinomial(2000, shares), 0.05) for _ in range(400)]
    apart = sum(one.low > 0 for one in found)
    assert 8 <= apart <= 34
    moved = distance(random.multinomial(200, shares[::-1]), random.multinomial(2000, shares), 0.05)
    assert moved.low > 0.2
    assert distance([5, 0], [7, 0], 0.05).value == 0

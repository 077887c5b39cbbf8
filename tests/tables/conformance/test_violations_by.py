"""Violations by block, and repeated rows whose missing values are equal, the same on every engine."""

from collections import Counter
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.tables.conditions import Compare, Every, Missing, Operator, Repeated
from mlscore.tables.shapes import RowBlocks, TimeBlocks, Unit

ROWS = [
    (1, datetime(2020, 1, 1)),
    (None, datetime(2020, 1, 1, 5)),
    (3, datetime(2020, 1, 2)),
    (7, None),
    (None, datetime(2020, 1, 2, 23)),
]


def table_of(load):
    return load(pa.table({"a": [a for a, _ in ROWS], "at": pa.array([at for _, at in ROWS], pa.timestamp("us"))}))


def test_each_blocks_violations(load):
    asked = {"missing": Missing("a"), "large": Compare("a", Operator.GREATER, 2), "rows": Every(())}
    found = table_of(load).violations_by(asked, TimeBlocks("at", Unit.DAY))
    assert found == {
        "2020-01-01T00:00:00": {"missing": 1, "large": 0, "rows": 2},
        "2020-01-02T00:00:00": {"missing": 1, "large": 1, "rows": 2},
        "undated": {"missing": 0, "large": 1, "rows": 1},
    }
    assert list(found) == ["2020-01-01T00:00:00", "2020-01-02T00:00:00", "undated"]


def test_rows_that_are_repeated_within_their_block(load):
    rows = [(1, "x", 0), (1, "x", 1), (1, "x", 30), (None, "x", 30), (None, "x", 31), (2, "y", 31), (3, "z", None)]
    start = datetime(2020, 1, 1)
    table = load(
        pa.table(
            {
                "id": [key for key, _, _ in rows],
                "k'ind": [kind for _, kind, _ in rows],
                "at": pa.array(
                    [None if hour is None else start + timedelta(hours=hour) for *_, hour in rows], pa.timestamp("us")
                ),
            }
        )
    )
    days = TimeBlocks("at", Unit.DAY)
    apart, equal = Repeated(("id", "k'ind")), Repeated(("id", "k'ind"), missing_equal=True)
    found = table.violations_by({"apart": apart, "rows": Every(()), "equal": equal}, days)
    assert found == {
        "2020-01-01T00:00:00": {"apart": 2, "rows": 2, "equal": 2},
        "2020-01-02T00:00:00": {"apart": 0, "rows": 4, "equal": 2},
        "undated": {"apart": 0, "rows": 1, "equal": 0},
    }
    assert table.violations_by({"apart": apart}, days) == {day: {"apart": n["apart"]} for day, n in found.items()}
    assert table.violations({"apart": apart}) == {"apart": 3}
    assert table.violations_by({"kind": Repeated(("k'ind",))}, RowBlocks(7)) == {"0": {"kind": 5}}
    shared = table.repeated_by(equal, days, Every(()), 10)
    assert sorted((row["k'ind"], str(row["id"])) for row in shared) == [("x", "1"), ("x", "None")]
    later = Compare("at", Operator.AT_LEAST, datetime(2020, 1, 2))
    assert table.repeated_by(equal, days, later, 10) == [{"id": None, "k'ind": "x"}]
    assert len(table.repeated_by(equal, days, Every(()), 1)) == 1


def test_blocks_refuse_columns_without_times(load):
    table = table_of(load)
    with pytest.raises(InputError, match="not times"):
        table.violations_by({"rows": Every(())}, TimeBlocks("a", Unit.DAY))


def test_missing_values_are_equal_where_that_is_asked_for(load):
    keys = [(1, "x"), (1, "x"), (None, "x"), (None, "x"), (None, None), (2, None), (None, "y")]
    table = load(pa.table({"k": [k for k, _ in keys], "l": [x for _, x in keys]}))
    right = sum(count for count in Counter(keys).values() if count > 1)
    asked = {"apart": Repeated(("k", "l")), "equal": Repeated(("k", "l"), missing_equal=True)}
    assert table.violations(asked) == {"apart": 2, "equal": right}
    found = table.rows_where(asked["equal"], 10, ["k", "l"])
    assert Counter((row["k"], row["l"]) for row in found) == {(1, "x"): 2, (None, "x"): 2}

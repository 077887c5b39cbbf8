"""Violations by block, and repeated rows whose missing values are equal, the same on every engine."""

from collections import Counter
from datetime import datetime

import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.tables.conditions import Compare, Every, Missing, Operator, Repeated
from mlscore.tables.shapes import TimeBlocks, Unit

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


def test_blocks_refuse_repeated_rows_and_columns_without_times(load):
    table = table_of(load)
    with pytest.raises(InputError, match="repeated"):
        table.violations_by({"twice": Repeated(("a",))}, TimeBlocks("at", Unit.DAY))
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

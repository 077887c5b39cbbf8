"""Numbers that go wrong in writing: commas, text, lost digits."""

import math
from decimal import Decimal

import pyarrow as pa
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import fault


def after(name, values, kind=None, **sizes):
    return fault(name, **sizes).apply(pa.table({"a": pa.array(values, kind)}), columns="a").table["a"].to_pylist()


def test_a_decimal_comma_makes_text():
    assert after("decimal-comma", [1.5, 2.0, None, -0.25, math.nan]) == ["1,5", "2", None, "-0,25", "nan"]
    assert after("decimal-comma", [Decimal("1.50"), None], pa.decimal128(5, 2)) == ["1,50", None]
    assert after("decimal-comma", [0.1, 1e-7, 1e22], pa.float32()) == ["0,1", "0,0000001", "10000000000000000000000"]
    with pytest.raises(InputError, match="it has no number with a fraction"):
        after("decimal-comma", [1.0, 2.0])


def test_a_share_of_commas_leaves_the_others_with_points():
    injected = fault("decimal-comma", share=0.5).apply(pa.table({"a": [1.5] * 10}), columns="a")
    assert sorted(injected.table["a"].to_pylist()) == ["1,5"] * 5 + ["1.5"] * 5
    assert [injected.table["a"][int(row)].as_py() for row in injected.rows] == ["1,5"] * 5
    assert injected.table.schema.field("a").type == pa.string()


def test_a_lost_separator_runs_the_digits_together():
    assert after("lost-separator", [1.5, 0.25, -3.125, 7.0, None]) == [15.0, 25.0, -3125.0, 7.0, None]
    assert after("lost-separator", [0.1, 0.12], pa.float32()) == [1.0, 12.0]
    assert after("lost-separator", [Decimal("1.50"), Decimal("123.45")], pa.decimal128(5, 2)) == [
        Decimal("150.00"),
        Decimal("123.45"),
    ]
    with pytest.raises(InputError, match="has room without it"):
        after("lost-separator", [1.0, math.inf])


def test_numbers_become_text():
    assert after("numbers-as-text", [2**63 - 1, -1, None]) == ["9223372036854775807", "-1", None]
    assert after("numbers-as-text", [0.1, 3.0], pa.float32()) == ["0.1", "3"]
    assert after("numbers-as-text", [Decimal("1E+2")], pa.decimal128(5, 2)) == ["100.00"]


def test_an_integer_cast_cuts_towards_zero_and_keeps_the_type():
    table = pa.table({"a": [1.9, -1.9, 2.0, None, math.nan, math.inf]})
    injected = fault("integer-cast").apply(table, columns="a")
    assert injected.table["a"].to_pylist()[:4] == [1.0, -1.0, 2.0, None]
    assert injected.rows.tolist() == [0, 1]
    assert injected.table.schema == table.schema
    assert after("integer-cast", [Decimal("1.99"), Decimal("-1.99")], pa.decimal128(5, 2)) == [
        Decimal("1.00"),
        Decimal("-1.00"),
    ]


def test_precision_is_lost_to_significant_digits():
    assert after("precision-loss", [123.4, 0.012345, -9.99, None, 5.0]) == [120.0, 0.012, -10.0, None, 5.0]
    assert after("precision-loss", [123.4], digits=3) == [123.0]
    assert after("precision-loss", [Decimal("123.45"), Decimal("0.12")], pa.decimal128(5, 2)) == [
        Decimal("120.00"),
        Decimal("0.12"),
    ]
    with pytest.raises(InputError, match="no more digits than that"):
        after("precision-loss", [1.5, 20.0])


@pytest.mark.parametrize("digits", [0, -1, 1.5, True, "2"])
def test_digits_are_counted(digits):
    with pytest.raises(UsageError, match="takes for digits a whole number of at least 1"):
        fault("precision-loss", digits=digits)

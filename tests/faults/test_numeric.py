"""Numbers that go wrong in size: exact in every type, within the type's room."""

import math
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import fault


def after(name, values, kind=None, **sizes):
    return fault(name, **sizes).apply(pa.table({"a": pa.array(values, kind)}), columns="a").table["a"].to_pylist()


@pytest.mark.parametrize(
    ("unit", "old", "new"),
    [
        ("miles-to-kilometres", [1.0, None, 10.0], [1.609344, None, 16.09344]),
        ("celsius-to-fahrenheit", [-40.0, 0.0, 100.0], [-40.0, 32.0, 212.0]),
        ("fahrenheit-to-celsius", [32.0, 212.0], [0.0, 100.0]),
        ("cents-to-euros", [150.0], [1.5]),
        ("euros-to-cents", [1.5], [150.0]),
        ("seconds-to-milliseconds", [0.25], [250.0]),
        ("milliseconds-to-seconds", [250.0], [0.25]),
        ("kilometres-to-miles", [1.609344], [1.0]),
    ],
)
def test_units(unit, old, new):
    assert after("unit-change", old, unit=unit) == pytest.approx(new, abs=1e-12)


def test_units_round_integers_and_keep_decimals_exact():
    assert after("unit-change", [10, 100, None], pa.int16()) == [16, 161, None]
    assert after("unit-change", [Decimal("1.00"), Decimal("3.10")], pa.decimal128(8, 2)) == [
        Decimal("1.61"),
        Decimal("4.99"),
    ]
    assert after("unit-change", [150, 99], unit="cents-to-euros") == [2, 1]


@pytest.mark.parametrize("unit", ["", "miles", 3, None])
def test_an_unknown_unit_is_refused(unit):
    with pytest.raises(UsageError, match="takes for unit one of miles-to-kilometres, "):
        fault("unit-change", unit=unit)


def test_the_sign_flips_exactly():
    big = 2**53 + 1
    assert after("sign-flip", [big, -5, 0, None]) == [-big, 5, 0, None]
    assert after("sign-flip", [-128, 5], pa.int8()) == [-128, -5]
    assert after("sign-flip", [-(2**63), 5]) == [-(2**63), -5]
    assert after("sign-flip", [1.5, -math.inf]) == [-1.5, math.inf]
    assert after("sign-flip", [Decimal("1.50")], pa.decimal256(50, 2)) == [Decimal("-1.50")]
    assert fault("sign-flip").columns(pa.table({"a": pa.array([1], pa.uint8())})) == ()


def test_flags_are_inverted():
    assert after("inverted-flag", [True, None, False]) == [False, None, True]


def test_scale_stays_within_the_type():
    assert after("scale", [1, 12, 13, -13, None], pa.int8()) == [10, 120, 13, -13, None]
    assert after("scale", [2**60, 3]) == [2**60, 30]
    assert after("scale", [2**63 + 1, 1], pa.uint64(), factor=3) == [2**63 + 1, 3]
    assert after("scale", [2**62 + 1], pa.uint64(), factor=3) == [3 * (2**62 + 1)]
    assert after("scale", [1.5e308, 2.0]) == [1.5e308, 20.0]
    assert after("scale", [60000.0, 2.0], pa.float16()) == [60000.0, 20.0]
    assert after("scale", [Decimal("99.99"), Decimal("1.23")], pa.decimal128(4, 2)) == [
        Decimal("99.99"),
        Decimal("12.30"),
    ]
    assert after("scale", [10, 5], factor=0.5) == [5, 2]
    with pytest.raises(InputError, match="no value that would differ"):
        after("scale", [100, 0], pa.int8())


@pytest.mark.parametrize("factor", [1, 1.0, math.inf, math.nan, "10", True])
def test_a_factor_is_finite_and_changes_something(factor):
    with pytest.raises(UsageError, match="takes for factor"):
        fault("scale", factor=factor)


def test_the_range_is_clipped_at_the_top():
    injected = fault("clipped-range", share=0.2).apply(pa.table({"a": [*range(11), None]}), columns="a")
    assert injected.table["a"].to_pylist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 8, None]
    assert injected.rows.tolist() == [9, 10]
    assert after("clipped-range", [1, 5, 5, 5, 2], share=0.1) == [1, 2, 2, 2, 2]
    assert after("clipped-range", [1.0, math.nan, math.inf], share=1.0)[::2] == [1.0, 1.0]
    assert after("clipped-range", [Decimal("1.5"), Decimal("2.5")], pa.decimal128(3, 1)) == [
        Decimal("1.5"),
        Decimal("1.5"),
    ]
    with pytest.raises(InputError, match="it needs two different values"):
        after("clipped-range", [3, 3, None])


def test_noise_has_the_size_it_says():
    old = np.arange(4000, dtype=float)
    moved = np.array(after("noise", old, size=0.5)) - old
    assert moved.std() / old.std() == pytest.approx(0.5, rel=0.05)
    assert abs(moved.mean()) < 0.05 * old.std()
    new = after("noise", [5.0, 5.0, math.inf, math.nan, None])
    assert new[0] != new[1]
    assert new[2] == math.inf
    assert math.isnan(new[3])
    assert new[4] is None
    assert all(isinstance(value, int) for value in after("noise", list(range(50)), pa.int8()))


def test_outliers_are_far_away_on_both_sides():
    table = pa.table({"a": np.arange(1000.0)})
    injected = fault("outliers", share=0.05).apply(table, columns="a")
    assert injected.taken == 50
    mean, spread = pc.mean(table["a"]).as_py(), pc.stddev(table["a"]).as_py()
    away = (np.array(injected.table["a"])[injected.rows] - mean) / spread
    assert np.allclose(np.abs(away), 10)
    assert {-1.0, 1.0} == set(np.sign(away))


def test_outliers_without_room_below_go_above_and_stop_at_the_limit():
    assert set(after("outliers", [1, 2, 3, 4], pa.uint8(), share=1.0)) == {14}
    assert set(after("outliers", [0, 100, 200, 250], pa.uint8(), share=1.0)) == {255}
    assert set(after("outliers", [Decimal("8.8"), Decimal("9.0")], pa.decimal128(2, 1), share=1.0)) <= {
        Decimal("9.9"),
        Decimal("7.9"),
    }
    assert set(after("outliers", [3.0, 3.0], share=1.0)) <= {33.0, -27.0}

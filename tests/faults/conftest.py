"""Tables for the tests of the faults: one with a column of every type, and how to compare two by what Python sees."""

import datetime as dt
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

ROWS = 60


def gaps(values, kind):
    """A column with a null in every seventh row."""
    return pa.array([None if row % 7 == 3 else value for row, value in enumerate(values)], kind)


@pytest.fixture(scope="session")
def all_types():
    """60 rows; a column for each type a fault is made for, named by it, and three of other types."""
    whole = [(row * 37 + 11) % 53 for row in range(ROWS)]
    fractions = [round(((row * 29 + 5) % 41) / 4 + 0.25, 2) for row in range(ROWS)]
    words = [("Madrid", "Ávila", "león", "cádiz", "Burgos")[(row * 3) % 5] for row in range(ROWS)]
    days = [dt.date(2024, 1, 1) + dt.timedelta(days=(row * 17) % 90) for row in range(ROWS)]
    times = [dt.datetime(2024, 3, 1, 5, 30) + dt.timedelta(hours=(row * 31) % 1000) for row in range(ROWS)]
    columns = {}
    for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint32(), pa.uint64()):
        columns[str(kind)] = gaps(whole, kind)
    columns["float16"] = gaps([np.float16(value) for value in fractions], pa.float16())
    columns["float32"] = gaps(fractions, pa.float32())
    columns["float64"] = gaps(fractions, pa.float64())
    for kind in (pa.decimal128(12, 3), pa.decimal256(40, 2)):
        columns[str(kind)] = gaps([Decimal(str(value)) for value in fractions], kind)
    columns["bool"] = gaps([value % 3 > 0 for value in whole], pa.bool_())
    columns["string"] = gaps(words, pa.string())
    columns["large_string"] = gaps(words, pa.large_string())
    columns["string_view"] = gaps(words, pa.string_view())
    columns["dictionary of text"] = gaps(words, pa.string()).dictionary_encode()
    columns["dictionary of numbers"] = gaps(whole, pa.int16()).dictionary_encode()
    columns["date32"] = gaps(days, pa.date32())
    columns["date64"] = gaps(days, pa.date64())
    for unit in ("s", "ms", "us", "ns"):
        columns[f"timestamp {unit}"] = gaps(times, pa.timestamp(unit))
    columns["timestamp with zone"] = gaps(times, pa.timestamp("us", "Europe/Madrid"))
    columns["binary"] = pa.array([b"x"] * ROWS)
    columns["list"] = pa.array([[row] for row in range(ROWS)])
    columns["time of day"] = pa.array([dt.time(1)] * ROWS)
    return pa.table(columns).replace_schema_metadata({"origin": "test"})


def seen(column):
    """The values as texts that tell null, NaN and types apart, nanoseconds without loss."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return [repr(value) for value in column.to_pylist()]


def assert_same(first, second):
    """Two answers with the same rows and tables; NaN equals NaN."""
    assert first.rows.tolist() == second.rows.tolist()
    assert first.table.schema.equals(second.table.schema, check_metadata=True)
    for one, other in zip(first.table.columns, second.table.columns, strict=True):
        assert one.equals(other) or seen(one) == seen(other)


def assert_sound(table, injected, fault):
    """What every fault promises: `rows` are exactly those that differ, and nothing else does."""
    after = injected.table
    after.validate(full=True)
    assert list(injected.rows) == sorted(set(injected.rows.tolist()))
    assert 0 < len(injected.rows) <= injected.taken <= injected.able
    assert len(injected.rows) == injected.taken or not fault.exact
    if fault.keeps_schema:
        assert after.schema.equals(table.schema, check_metadata=True)
    else:
        assert not after.schema.equals(table.schema)
    if injected.effect == "changed":
        assert after.num_rows == table.num_rows
        for name in table.schema.names:
            if name not in injected.columns:
                assert after.column(name).equals(table.column(name)) or seen(after[name]) == seen(table[name])
            elif fault.id == "decimal-comma":
                commas = ["," in value for value in seen(after[name])]
                assert [row for row, comma in enumerate(commas) if comma] == list(injected.rows)
            elif name in after.schema.names:
                pairs = zip(seen(table[name]), seen(after[name]), strict=True)
                assert [row for row, (old, new) in enumerate(pairs) if old != new] == list(injected.rows)
        return
    gone = set(injected.rows.tolist())
    more, less = (table, after) if injected.effect == "removed" else (after, table)
    kept = [row for row in range(more.num_rows) if row not in gone]
    assert less.num_rows == len(kept)
    for name in table.schema.names:
        whole = seen(more[name])
        assert seen(less[name]) == [whole[row] for row in kept]


@pytest.fixture(name="seen", scope="session")
def seen_fixture():
    return seen


@pytest.fixture(name="assert_sound", scope="session")
def assert_sound_fixture():
    return assert_sound


@pytest.fixture(name="assert_same", scope="session")
def assert_same_fixture():
    return assert_same

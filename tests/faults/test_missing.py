"""Values that go missing: what stands in their place, and where it fits."""

import datetime as dt
import math
from decimal import Decimal

import pyarrow as pa
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import fault


def test_nulls_take_the_share_of_what_is_there():
    table = pa.table({"a": [1, None] * 50})
    injected = fault("nulls", share=0.2).apply(table, columns="a")
    assert (injected.able, injected.taken) == (50, 10)
    assert injected.table["a"].null_count == 60
    assert injected.description == '"a": 10 of 50 values set to null'


def test_a_field_that_may_not_be_null_becomes_nullable():
    table = pa.table(
        {"a": [1, 2]}, schema=pa.schema([pa.field("a", pa.int64(), nullable=False, metadata={"unit": "m"})])
    )
    field = fault("nulls").apply(table, columns="a").table.schema.field("a")
    assert field.nullable
    assert field.metadata == {b"unit": b"m"}
    assert not fault("scale").apply(table, columns="a").table.schema.field("a").nullable


@pytest.mark.parametrize(
    ("value", "kind", "old", "new"),
    [
        (-1, pa.int32(), 7, -1),
        (0, pa.uint8(), 7, 0),
        (9999, pa.float32(), 1.5, 9999.0),
        (9999, pa.decimal128(6, 2), Decimal("1.50"), Decimal("9999.00")),
        (0.5, pa.decimal128(6, 2), Decimal("1.50"), Decimal("0.50")),
        ("", pa.string(), "x", ""),
        ("N/A", pa.dictionary(pa.int8(), pa.string()), "x", "N/A"),
        (False, pa.bool_(), True, False),
        (dt.date(1970, 1, 1), pa.date64(), dt.date(2024, 5, 1), dt.date(1970, 1, 1)),
        (dt.date(1900, 1, 1), pa.timestamp("ms"), dt.datetime(2024, 5, 1, 7), dt.datetime(1900, 1, 1)),
        (
            dt.date(1970, 1, 1),
            pa.timestamp("us", "UTC"),
            dt.datetime(2024, 5, 1, tzinfo=dt.UTC),
            dt.datetime(1970, 1, 1, tzinfo=dt.UTC),
        ),
    ],
)
def test_a_default_takes_the_place_of_values_not_of_nulls(value, kind, old, new):
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    table = pa.table({"a": pa.array([old, None, old], plain).cast(kind)})
    injected = fault("default-value", value=value, share=1.0).apply(table, columns="a")
    assert injected.table["a"].to_pylist() == [new, None, new]
    assert injected.table["a"].type == kind


def test_nan_is_a_default_of_floats():
    table = pa.table({"a": [1.0, math.nan, None]})
    injected = fault("default-value", value=math.nan, share=1.0).apply(table, columns="a")
    assert injected.rows.tolist() == [0]
    assert math.isnan(injected.table["a"][0].as_py())


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (-1, pa.uint8()),
        (9999, pa.int8()),
        (9999, pa.decimal128(5, 2)),
        (0.5, pa.int64()),
        (math.nan, pa.int64()),
        (-1, pa.bool_()),
        (False, pa.int64()),
        ("N/A", pa.int64()),
        (0, pa.string()),
        (dt.date(1970, 1, 1), pa.string()),
        (dt.date(9999, 12, 31), pa.timestamp("ns")),
    ],
)
def test_a_default_without_room_in_the_type_is_refused(value, kind):
    table = pa.table({"a": pa.nulls(2, kind)})
    assert fault("default-value", value=value).columns(table) == ()
    with pytest.raises(InputError, match="that have room for it"):
        fault("default-value", value=value).apply(table, columns="a")


def test_a_default_is_a_number_flag_text_or_date():
    with pytest.raises(UsageError, match="takes for value a number, flag, text or date, not None"):
        fault("default-value", value=None)


def test_where_every_value_is_the_default_already_there_is_nothing_to_do():
    with pytest.raises(InputError, match="every value is the default already"):
        fault("default-value").apply(pa.table({"a": [-1, None]}), columns="a")


def test_constant_is_the_most_frequent_value():
    table = pa.table({"a": ["x", "y", None, "y", "z"]})
    assert fault("constant").apply(table, columns="a").table["a"].to_pylist() == ["y", "y", None, "y", "y"]
    with pytest.raises(InputError, match="all its values are the same already"):
        fault("constant").apply(pa.table({"a": [1, 1, None]}), columns="a")


def test_the_lost_column_is_gone_and_the_last_one_stays():
    table = pa.table({"a": [1], "b": [2], "c": [[3]]})
    assert fault("lost-column").apply(table, columns="b").table.equals(table.select(["a", "c"]))
    assert fault("lost-column").apply(table, columns="c").table.equals(table.select(["a", "b"]))
    with pytest.raises(InputError, match="it is the only column"):
        fault("lost-column").apply(table.select(["a"]), columns="a")

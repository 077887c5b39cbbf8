"""Text that goes wrong: what each fault writes, in plain and dictionary-encoded columns."""

import pyarrow as pa
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import fault

KINDS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]


def after(name, values, kind=None, **sizes):
    kind = kind or pa.string()
    array = pa.array(values, pa.string()).cast(kind) if pa.types.is_dictionary(kind) else pa.array(values, kind)
    injected = fault(name, **{"share": 1.0, **sizes}).apply(pa.table({"a": array}), columns="a")
    assert injected.table["a"].type == kind
    return injected.table["a"].to_pylist()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_is_written(kind):
    old = ["ES", "café", None, "42"]
    assert after("changed-case", old, kind) == ["es", "CAFÉ", None, "42"]
    assert after("mojibake", old, kind) == ["ES", "cafÃ©", None, "42"]
    assert after("truncated-text", old, kind) == ["ES", "ca", None, "42"]
    assert after("truncated-text", old, kind, length=1) == ["E", "c", None, "4"]
    assert after("padding", old, kind) == ["ES ", "café ", None, "42 "]
    assert after("padding", old, kind, side="around", width=2) == ["  ES  ", "  café  ", None, "  42  "]
    assert after("padding", old, kind, side="before") == [" ES", " café", None, " 42"]
    assert after("new-category", old, kind) == ["new-category", "new-category", None, "new-category"]


def test_a_new_category_was_never_there():
    assert after("new-category", ["x", "new-category", "new-category-1"]) == ["new-category-2"] * 3
    assert after("new-category", ["x"], value="FR") == ["FR"]


def test_a_dictionary_keeps_its_categories_and_their_order():
    column = pa.DictionaryArray.from_arrays(pa.array([2, 0, None], pa.int8()), ["low", "mid", "high"], ordered=True)
    table = pa.table({"a": column})
    injected = fault("new-category", share=0.5).apply(table, columns="a", seed=4)
    chunk = injected.table["a"].chunk(0)
    assert chunk.dictionary.to_pylist() == ["low", "mid", "high", "new-category"]
    assert chunk.type == column.type


def test_a_dictionary_without_room_is_refused():
    column = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), [f"c{place}" for place in range(128)])
    with pytest.raises(InputError, match="dictionary has no room for a new value: its indices are int8"):
        fault("new-category").apply(pa.table({"a": column}), columns="a")


def test_dictionaries_that_differ_from_chunk_to_chunk():
    chunks = [pa.array(["a", "b"]).dictionary_encode(), pa.array(["c", "a"]).dictionary_encode()]
    table = pa.table({"a": pa.chunked_array(chunks)})
    assert fault("changed-case", share=1.0).apply(table, columns="a").table["a"].to_pylist() == ["A", "B", "C", "A"]


@pytest.mark.parametrize(
    ("name", "values", "why"),
    [
        ("changed-case", ["1", ""], "no text with letters of two cases"),
        ("mojibake", ["plain"], "no text beyond ASCII"),
        ("truncated-text", ["a", ""], "no text longer than that"),
    ],
)
def test_text_that_cannot_change_is_refused(name, values, why):
    with pytest.raises(InputError, match=why):
        after(name, values)


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("truncated-text", "length", 0),
        ("truncated-text", "length", True),
        ("padding", "width", 0),
        ("padding", "side", "left"),
        ("new-category", "value", 3),
    ],
)
def test_wrong_settings_are_refused(name, setting, value):
    with pytest.raises(UsageError, match=f'the fault "{name}" takes for {setting} '):
        fault(name, **{setting: value})

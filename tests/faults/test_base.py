"""Every fault on every type it is made for, and how a fault refuses what it cannot do."""

import copy
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.faults import ColumnKind, Fault, catalogue, fault
from mlscore.faults.base import pick, randomness, size
from mlscore.faults.kinds import kind_of

VARIANTS = [variant for each in catalogue() for variant in each.variants()]
# A number of milliseconds has no room where seconds fill the type; unsigned types have no sign.
NO_ROOM = {"unit-change(unit=seconds-to-milliseconds)": {"int8", "uint8"}}


def ready(each):
    return fault("label-leak", label="bool") if each.id == "label-leak" else each


def prepared(table, names):
    """The second of two columns turned round, so that the two differ."""
    if len(names) < 2:
        return table
    backwards = pa.array(range(table.num_rows - 1, -1, -1))
    column = table.column(names[1])
    view = pa.types.is_string_view(column.type)
    turned = (column.cast(pa.string()) if view else column).take(backwards).cast(column.type)
    return table.set_column(table.schema.get_field_index(names[1]), names[1], turned)


@pytest.mark.parametrize("each", VARIANTS, ids=str)
def test_each_fault_does_only_what_it_says_on_all_its_types(each, all_types, assert_sound, assert_same):
    each = ready(each)
    choices = each.columns(all_types)
    assert choices
    for names in choices:
        if names and names[0] in NO_ROOM.get(str(each), ()):
            continue
        table = prepared(all_types, names)
        before = pa.ipc.open_stream(ipc(table)).read_all()
        injected = each.apply(table, columns=names, seed=3)
        assert_sound(table, injected, each)
        assert injected.columns == names
        assert injected.fault == str(each)
        assert all(name in injected.description for name in names)
        assert table.equals(before, check_metadata=True), "the input was changed"
        assert_same(each.apply(table, columns=names, seed=3), injected)


def ipc(table):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize("each", VARIANTS, ids=str)
def test_a_fault_lists_every_column_of_its_kinds(each, all_types):
    each = ready(each)
    names = {name for choice in each.columns(all_types) for name in choice}
    for field in all_types.schema:
        if not each.fits(field.type) or each.takes == 0 or field.name == "bool":
            continue
        assert kind_of(field.type) in each.kinds
        alone = sum(kind_of(other.type) is kind_of(field.type) for other in all_types.schema) == 1
        assert field.name in names or (each.takes == 2 and alone)


@pytest.mark.parametrize("each", [each for each in VARIANTS if each.takes == 1], ids=str)
def test_a_column_of_another_kind_is_refused(each, all_types):
    each = ready(each)
    for name in ("list", "binary", "string" if ColumnKind.TEXT not in each.kinds else "time of day"):
        if each.fits(all_types.schema.field(name).type):
            continue
        with pytest.raises(InputError, match="cannot be put into column"):
            each.apply(all_types, columns=name)


@pytest.mark.parametrize("each", VARIANTS, ids=str)
def test_an_empty_table_is_refused_and_one_row_is_refused_or_changed(each, all_types, assert_sound):
    each = ready(each)
    for names in each.columns(all_types):
        with pytest.raises(InputError, match="the table has 0 rows and it needs at least"):
            each.apply(all_types.slice(0, 0), columns=names)
        one = all_types.slice(1, 1)
        if each.least > 1:
            with pytest.raises(InputError, match="the table has 1 row and it needs at least 2"):
                each.apply(one, columns=names)
            continue
        refusal = None
        try:
            assert_sound(one, each.apply(one, columns=names), each)
        except InputError as error:
            refusal = str(error)
        assert refusal is None or refusal.startswith(f'the fault "{each}" cannot be put into')


@pytest.mark.parametrize("each", [each for each in VARIANTS if each.takes and each.id != "lost-column"], ids=str)
def test_an_all_null_column_is_refused(each, all_types):
    each = ready(each)
    names = each.columns(all_types)[0]
    table = all_types
    for name in names:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, pa.nulls(table.num_rows, table.schema.field(name).type))
    with pytest.raises(InputError) as caught:
        each.apply(table, columns=names)
    assert f'"{names[0]}"' in str(caught.value)


def test_the_number_of_columns_is_checked():
    table = pa.table({"a": [1, 2], "b": [3, 4]})
    with pytest.raises(UsageError, match='"nulls" takes one column, not none'):
        fault("nulls").apply(table)
    with pytest.raises(UsageError, match="takes no column, not 'a'"):
        fault("duplicated-rows").apply(table, columns="a")
    with pytest.raises(UsageError, match="takes two different columns, not 'a', 'a'"):
        fault("swapped-columns").apply(table, columns=("a", "a"))


def test_a_column_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(InputError, match='no column "prise"; did you mean "price"'):
        fault("nulls").apply(pa.table({"price": [1]}), columns="prise")


def test_a_role_that_is_not_there_is_refused():
    with pytest.raises(InputError, match='no column "when"'):
        fault("stale", time="when").apply(pa.table({"a": [1, 2]}), columns="a")


def test_a_role_without_an_order_is_refused():
    table = pa.table({"a": [1, 2], "b": [[1], [2]]})
    with pytest.raises(InputError, match=r'"b" cannot be the entity; values of list<.*> have no order'):
        fault("lagged-join", entity="b").apply(table, columns="a")


def test_a_name_that_stands_twice_is_left_out_and_refused():
    table = pa.Table.from_arrays([pa.array([1]), pa.array([2]), pa.array([3])], names=["a", "a", "b"])
    assert fault("nulls").columns(table) == (("b",),)
    with pytest.raises(InputError, match='2 columns named "a"'):
        fault("nulls").apply(table, columns="a")


def test_awkward_names_are_only_names():
    for name in ('a"b', "a.b", " ", "día 🙂", "select", "'; drop table x; --"):
        injected = fault("nulls").apply(pa.table({name: [1, 2]}), columns=name)
        assert injected.table.column(name).null_count == 1


def test_pairs_are_neighbours_of_the_same_kind():
    table = pa.table({"a": [1], "t": ["x"], "b": [2], "c": pa.array([3], pa.int8())})
    assert fault("swapped-columns").columns(table) == (("a", "b"), ("b", "c"))


def test_the_seed_decides_and_each_column_gets_rows_of_its_own():
    table = pa.table({"a": range(500), "b": range(500)})
    nulls = fault("nulls")
    first = nulls.apply(table, columns="a", seed=1).rows.tolist()
    assert first == nulls.apply(table, columns="a", seed=1).rows.tolist()
    assert first != nulls.apply(table, columns="a", seed=2).rows.tolist()
    assert first != nulls.apply(table, columns="b", seed=1).rows.tolist()
    assert first != fault("constant", share=0.1).apply(table, columns="a", seed=1).rows.tolist()
    assert nulls.apply(table, columns="a", seed=-7).rows.size == 50


@pytest.mark.parametrize("seed", ["1", 1.0, None, True])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(UsageError, match="a seed is a whole number"):
        randomness(seed, "nulls")


def test_rows_cannot_be_written_to():
    injected = fault("nulls").apply(pa.table({"a": [1, 2]}), columns="a")
    with pytest.raises(ValueError, match="read-only"):
        injected.rows[0] = 1


def test_size_rounds_half_up_and_takes_at_least_one():
    assert [size(share, 10) for share in (0.001, 0.04, 0.15, 0.25, 0.5, 1.0)] == [1, 1, 2, 3, 5, 10]
    assert size(0.1, 1) == 1
    assert size(0.1, 5, least=2) == 2
    assert size(0.1, 1, least=2) == 1


def test_pick_is_fair():
    counts = np.zeros(20)
    for seed in range(400):
        counts[pick(np.arange(20), 0.25, randomness(seed))] += 1
    assert counts.sum() == 400 * 5
    assert 60 < counts.min() <= counts.max() < 145


def test_a_fault_that_lies_about_its_schema_is_caught():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Liar(Fault):
        """Changes the schema without saying so."""

        id: ClassVar[str] = "liar"
        takes: ClassVar[int] = 0

        def inject(self, table, columns, random):
            renamed = table.rename_columns(["z"])
            return self.injected(renamed, columns, np.arange(1), "renamed", able=1)

    with pytest.raises(UsageError, match='"liar" changed the schema; its class should say keeps_schema = False'):
        Liar().apply(pa.table({"a": [1]}))


def test_a_fault_that_changes_nothing_is_caught():
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Idle(Fault):
        """Does nothing."""

        id: ClassVar[str] = "idle"
        takes: ClassVar[int] = 0

        def inject(self, table, columns, random):
            return self.injected(table, columns, np.arange(0), "nothing", able=1)

    with pytest.raises(InputError, match='"idle" cannot be put into this table: no value would differ'):
        Idle().apply(pa.table({"a": [1]}))


def test_faults_are_values():
    assert fault("nulls", share=0.3) == fault("nulls", share=0.3)
    assert copy.copy(fault("scale")) == fault("scale")
    assert str(fault("nulls", share=0.3)) == "nulls(share=0.3)"
    assert str(fault("stale", time="day")) == "stale"
    assert str(fault("default-value", value="")) == "default-value(value='')"

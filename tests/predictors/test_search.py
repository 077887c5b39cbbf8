"""Finding the row at which a model fails, with few questions."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from mlscore.predictors.search import BatchError, find_row


def asking(bad):
    asked = []

    def ask(rows, limit):
        asked.append((rows.num_rows, limit))
        if bad & set(rows.column("n").to_pylist()):
            raise BatchError("raised", None, search=True)

    return ask, asked


@given(st.integers(1, 200), st.data())
def test_the_only_bad_row_is_found_in_a_few_steps(count, data):
    bad = data.draw(st.integers(0, count - 1))
    ask, asked = asking({bad})
    rows = pa.table({"n": list(range(count))})
    assert find_row(ask, rows, BatchError("raised", None, search=True), 9.0) == bad
    assert len(asked) <= 12


def test_of_several_the_first_is_found():
    ask, _ = asking({3, 90})
    assert find_row(ask, pa.table({"n": list(range(100))}), BatchError("", None, search=True), 9.0) == 3


def test_where_every_row_fails_none_is_named():
    ask, _ = asking(set(range(100)))
    assert find_row(ask, pa.table({"n": list(range(100))}), BatchError("", None, search=True), 9.0) is None


def test_a_fault_that_does_not_come_again_names_no_row():
    ask, _ = asking(set())
    assert find_row(ask, pa.table({"n": list(range(100))}), BatchError("", None, search=True), 9.0) is None


def test_parts_of_a_batch_that_hung_are_given_less_time():
    ask, asked = asking({17})
    hung = BatchError("", None, ended=True, hung=True)
    assert find_row(ask, pa.table({"n": list(range(100))}), hung, 60.0) == 17
    assert {limit for _, limit in asked} == {3.0}


def test_what_is_not_a_row_s_fault_is_not_searched():
    assert not BatchError("", None, ended=True, memory=True).searchable
    assert not BatchError("", None, row=3).searchable
    assert not BatchError("", None).searchable

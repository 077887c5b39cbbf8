"""Frames between a model's process and its caller: whatever is written is read, and nothing else passes for one."""

from __future__ import annotations

import io

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.predictors import Prediction
from mlscore.predictors.channel import (
    BrokenChannelError,
    pack_prediction,
    pack_rows,
    read_frame,
    unpack_prediction,
    unpack_rows,
    write_frame,
)


@given(st.dictionaries(st.text(), st.integers() | st.text()), st.lists(st.binary(max_size=50), max_size=4))
def test_a_frame_is_read_as_it_was_written(header, parts):
    stream = io.BytesIO()
    write_frame(stream, header, parts)
    write_frame(stream, {"next": True})
    stream.seek(0)
    assert read_frame(stream) == (header, parts)
    assert read_frame(stream) == ({"next": True}, [])
    assert read_frame(stream) is None


@pytest.mark.parametrize("text", [b"hello", b"hello, how are you today", b"mls1\xff\x00\x00\x00\x00\x00\x00\x00{}"])
def test_what_is_no_frame_is_refused(text):
    with pytest.raises(BrokenChannelError):
        read_frame(io.BytesIO(text))


def test_rows_keep_types_and_nulls():
    rows = pa.table({"a": [1, None], "b": ["x", None], "t": pa.array([0, None], pa.timestamp("us", "UTC"))})
    assert unpack_rows(pack_rows(rows.slice(0, 2))).equals(rows)


@pytest.mark.parametrize(
    "values", [np.array([1.5, 2]), np.array(["a", "bcd"]), np.array([True, False]), np.array([[0, 1], [1, 1]])]
)
def test_predictions_survive(values):
    given_ = Prediction(values, np.array([[0.5, 0.5], [0.1, 0.9]]), (0, 1))
    found = unpack_prediction(*pack_prediction(given_))
    assert found.values.tolist() == values.tolist()
    assert found.values.dtype == values.dtype
    assert np.array_equal(found.probabilities, given_.probabilities)
    assert found.classes == (0, 1)


def test_mixed_labels_survive():
    values = np.array(["a", 1, True], dtype=object)
    found = unpack_prediction(*pack_prediction(Prediction(values)))
    assert found.values.tolist() == ["a", 1, True]
    assert (found.probabilities, found.classes) == (None, None)

"""Frames that Arrow cannot take: the column is named, and no value of it."""

from __future__ import annotations

import pandas as pd
import pytest

from mlscore.errors import InputError
from mlscore.tables.table import open_table


def test_a_column_of_several_types_is_named_without_its_values():
    frame = pd.DataFrame({"holder": pd.Series([31, "Ana Pérez", 40], dtype=object)})
    with pytest.raises(InputError) as error:
        open_table(frame)
    assert "the column 'holder' holds values of several types" in str(error.value)
    assert "Ana" not in str(error.value)


def test_columns_of_different_lengths_are_told():
    with pytest.raises(InputError, match="it cannot be read as Arrow"):
        open_table({"a": [1, 2], "b": [1]})

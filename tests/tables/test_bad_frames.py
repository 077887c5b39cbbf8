"""Frames that Arrow cannot take: the column is named, and no value of it."""

from __future__ import annotations

import datetime as dt
import os
from zoneinfo import ZoneInfo

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


@pytest.mark.parametrize("given", ["pandas", "dict"])
def test_zones_are_heeded_where_another_library_switched_them_off(given, monkeypatch):
    monkeypatch.setenv("PYARROW_IGNORE_TIMEZONE", "1")  # as pandera does beside Spark
    noon = dt.datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Europe/Madrid"))
    columns = {"at": pd.Series([noon], dtype=object)} if given == "pandas" else {"at": [noon]}

    table = open_table(pd.DataFrame(columns) if given == "pandas" else columns)

    assert table.profile().columns[0].minimum == "2024-07-01T10:00:00+00:00"
    assert os.environ["PYARROW_IGNORE_TIMEZONE"] == "1"

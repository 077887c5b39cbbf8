"""Rows with predictions beside them: what goes wrong is told of the rows' own source, never of our file."""

from datetime import date

import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.checks.context import Context
from mlscore.checks.predicted import PREDICTION, predictions
from mlscore.errors import InputError
from mlscore.project.config import DataSettings, ModelSettings
from mlscore.tables.table import open_table


@pytest.fixture
def context(tmp_path):
    (tmp_path / "answers.py").write_text("def all_one(rows):\n    return [1] * len(rows)\n", encoding="utf-8")
    pyarrow.parquet.write_table(pa.table({"a": [0.5, 1.5], "late": [0, 1]}), tmp_path / "rows.parquet")

    def make(**model):
        settings = ModelSettings(source="answers:all_one", task="binary", classes=(0, 1), **model)
        data = DataSettings(sources={"validation": "rows.parquet"}, label="late")
        return Context(tmp_path, data, {}, date(2026, 11, 21), model=settings)

    return make


def test_the_prediction_stands_beside_the_row(context):
    with predictions(context(features=("a",))) as made:
        assert pyarrow.parquet.read_table(made.path)[PREDICTION].to_pylist() == [1, 1]


def test_a_column_that_is_not_there_is_told_of_the_rows(context, tmp_path):
    with (
        pytest.raises(InputError) as error,
        predictions(context(features=("a",))) as made,
        open_table(made.path) as table,
    ):
        table.engine.scope.chosen(["sex"])
    assert str(error.value) == f"{tmp_path / 'rows.parquet'}: there is no column 'sex'; it has 'a', 'late'"
    assert not made.path.parent.exists()


def test_a_feature_that_is_not_there_is_told_of_the_rows(context, tmp_path):
    with pytest.raises(InputError) as error, predictions(context(features=("b",))):
        pass
    assert str(error.value).startswith(f'{tmp_path / "rows.parquet"}: the rows have no column "b"')

"""ONNX files: predictions as the model's that was converted, labels in the order of its probabilities."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from skl2onnx import to_onnx
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlscore.errors import ConfigError, InputError
from mlscore.predictors import Task


def save(tmp_path, model, like, **options):
    (tmp_path / "m.onnx").write_bytes(to_onnx(model, like, **options).SerializeToString())


@pytest.mark.parametrize("zipmap", [True, False])
def test_a_matrix_goes_in_and_labels_come_out(tmp_path, opened, logistic, frame, table, zipmap):
    save(tmp_path, logistic, frame[:1].to_numpy(np.float32), options={id(logistic): {"zipmap": zipmap}})
    predictor = opened("m.onnx", features=("a", "b"))
    found = predictor.predict(table)
    assert (predictor.task, predictor.classes) == (Task.BINARY, ("early", "late"))
    assert (found.values == logistic.predict(frame)).all()
    assert np.allclose(found.probabilities, logistic.predict_proba(frame), atol=1e-5)
    assert predictor.provenance.libraries["skl2onnx"] == predictor.provenance.installed["skl2onnx"]


def test_columns_go_in_by_name_each_with_its_type(tmp_path, opened, frame, target, table):
    scaled = ColumnTransformer([("n", StandardScaler(), ["a"]), ("c", OneHotEncoder(), ["city"])])
    typed = frame[["a"]].astype(np.float32).assign(city=["Vigo", "Lugo"] * 30)
    model = make_pipeline(scaled, LogisticRegression()).fit(typed, target + 5)
    save(tmp_path, model, typed[:1])
    predictor = opened("m.onnx")
    found = predictor.predict(pa.table({"city": ["Vigo", "Lugo"] * 30, "a": table.column("a")}))
    assert (predictor.features, predictor.classes) == (("a", "city"), (5, 6))
    assert (found.values == model.predict(typed)).all()


def test_a_regressor_answers_numbers(tmp_path, opened, frame, target, table):
    model = LinearRegression().fit(frame, target)
    save(tmp_path, model, frame[:1].to_numpy(np.float32))
    predictor = opened("m.onnx", features=("a", "b"))
    assert predictor.task is Task.REGRESSION
    assert np.allclose(predictor.predict(table).values, model.predict(frame), atol=1e-5)


@pytest.mark.parametrize(
    ("settings", "rows", "error", "sentence"),
    [
        ({}, {"a": [1.0]}, InputError, "the model takes 2 columns, and the rows have 1"),
        ({"features": ("a", "b", "c")}, {}, ConfigError, "3 features are configured, and the model takes 2"),
        ({"features": ("a", "b")}, {"a": ["x"], "b": [1.0]}, InputError, '"a" holds text, and the model takes numbers'),
    ],
)
def test_rows_that_do_not_fit_are_one_sentence(tmp_path, opened, logistic, frame, settings, rows, error, sentence):
    save(tmp_path, logistic, frame[:1].to_numpy(np.float32))
    with pytest.raises(error) as raised:
        opened("m.onnx", **settings).predict(pa.table(rows))
    assert sentence in str(raised.value)


def test_a_file_that_was_cut_off_is_one_sentence(tmp_path, opened, logistic, frame):
    save(tmp_path, logistic, frame[:1].to_numpy(np.float32))
    (tmp_path / "m.onnx").write_bytes((tmp_path / "m.onnx").read_bytes()[:200])
    with pytest.raises(InputError, match=r"m\.onnx cannot be loaded \("):
        opened("m.onnx")

"""Fitted pipelines: the columns that reach the model, and a file of code that is not loaded without trust."""

from __future__ import annotations

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_selector
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlscore.checks.policy.pipeline import load_pipeline, pipeline_features
from mlscore.errors import InputError, UsageError

FRAME = pd.DataFrame({"a": [1.0, 2, 3, 4] * 5, "b": [1.0, 0, 2, 1] * 5, "c": list("xyxz") * 5, "d": [0.0, 1, 0, 1] * 5})
TARGET = [0, 1, 0, 1] * 5


def names(model, frame=FRAME):
    return [feature.name for feature in pipeline_features(model.fit(frame, TARGET), "m").features]


def columns(*parts, **given):
    return ColumnTransformer(list(parts), **given)


SCALE = StandardScaler()


@pytest.mark.parametrize(
    ("transformer", "expected"),
    [
        (columns(("n", SCALE, ["a", "b"])), ["a", "b"]),
        (columns(("n", SCALE, ["a"]), ("out", "drop", ["b", "c"]), remainder="passthrough"), ["a", "d"]),
        (columns(("n", SCALE, [0, 3]), remainder="drop"), ["a", "d"]),
        (columns(("n", SCALE, slice(0, 2))), ["a", "b"]),
        (columns(("n", SCALE, slice("a", "b"))), ["a", "b"]),
        (columns(("n", SCALE, slice(None, "b"))), ["a", "b"]),
        (columns(("n", SCALE, slice("d", None)), ("none", SCALE, [])), ["d"]),
        (columns(("n", SCALE, np.array([True, False, False, True]))), ["a", "d"]),
        (columns(("c", OneHotEncoder(), ["c"]), ("n", "passthrough", ["a"])), ["c", "a"]),
        (columns(("n", SCALE, make_column_selector(dtype_include="number"))), ["a", "b", "d"]),
    ],
)  # fmt: skip
def test_what_a_column_transformer_drops_is_no_feature(transformer, expected):
    assert names(Pipeline([("columns", transformer), ("model", LogisticRegression())])) == expected


def test_meta_estimators_are_opened():
    chosen = columns(("n", SCALE, ["a", "b"]))
    pipeline = Pipeline([("columns", chosen), ("model", LogisticRegression())])
    assert names(GridSearchCV(pipeline, {"model__C": [1]}, cv=2)) == ["a", "b"]
    linear = Pipeline([("columns", chosen), ("model", LinearRegression())])
    assert names(TransformedTargetRegressor(linear)) == ["a", "b"]
    united = FeatureUnion([("one", columns(("n", SCALE, ["d"]))), ("two", columns(("n", SCALE, ["a"])))])
    assert names(Pipeline([("union", united), ("model", LogisticRegression())])) == ["d", "a"]
    assert names(LogisticRegression(), FRAME[["a", "d"]]) == ["a", "d"]


def test_a_list_of_names_is_taken_as_it_is():
    assert [one.name for one in pipeline_features(["a", "b", "a"], "m").features] == ["a", "b"]


def test_what_tells_no_names_is_refused():
    for fitted in (LogisticRegression().fit(FRAME[["a"]].to_numpy(), TARGET), LogisticRegression(), 3):
        with pytest.raises(InputError, match="does not tell the names of its columns"):
            pipeline_features(fitted, "m")


def test_an_unfitted_transformer_is_named():
    found = pipeline_features(columns(("n", SCALE, ["a"]), ("f", SCALE, make_column_selector())), "m")
    assert [one.name for one in found.features] == ["a"]
    assert found.not_judged == (
        "a ColumnTransformer that is not fitted: the columns it names are taken",
        'the columns of the transformer "f"',
    )


def test_the_remainder_of_an_unfitted_transformer_is_unknown():
    found = pipeline_features(columns(("n", SCALE, ["a"]), remainder="passthrough"), "m")
    assert found.not_judged[1:] == ("the columns that it passes on as its remainder",)


class Bomb:
    def __reduce__(self):
        return (exec, ("raise RuntimeError('code ran')",))


def test_a_file_is_loaded_with_trust_alone(tmp_path):
    path = tmp_path / "model.joblib"
    joblib.dump(LogisticRegression().fit(FRAME[["a"]], TARGET), path)
    loaded = load_pipeline(path, tmp_path, trust=True)
    assert pipeline_features(loaded, "m").features[0].name == "a"
    joblib.dump(Bomb(), path)
    with pytest.raises(UsageError, match=r"^model\.joblib: a fitted pipeline's file is code.*say trust = true"):
        load_pipeline(path, tmp_path, trust=False)
    with pytest.raises(InputError, match=r"it cannot be loaded: RuntimeError: code ran"):
        load_pipeline(path, tmp_path, trust=True)


@pytest.mark.parametrize("content", [b"", b"not a pickle", None])
def test_files_that_are_no_pipelines(tmp_path, content):
    path = tmp_path / "model.joblib"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match=r"^model\.joblib: (it cannot be loaded|there is no such file)"):
        load_pipeline(path, tmp_path, trust=True)

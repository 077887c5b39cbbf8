"""What tests of kinds share: a small data set, and models fitted on it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest


@pytest.fixture(scope="session")
def frame():
    return pd.DataFrame({"a": np.arange(60.0) % 17, "b": np.arange(60.0) % 5})


@pytest.fixture(scope="session")
def target(frame):
    return (frame.a + frame.b > 10).astype(int)


@pytest.fixture
def table(frame):
    """The rows with the columns in another order, and one that the model does not take."""
    return pa.Table.from_pandas(frame.assign(label="x")[["b", "label", "a"]])


@pytest.fixture(scope="session")
def logistic(frame, target):
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression().fit(frame, np.where(target, "late", "early"))


@pytest.fixture
def opened(tmp_path, request):
    """`opened(source, **settings)`: a predictor of a project at `tmp_path`, closed after the test."""
    from mlscore.predictors import open_predictor
    from mlscore.project.config import ModelSettings

    def make(source, **settings):
        found = open_predictor(ModelSettings(source=source, **settings), tmp_path, where="mlscore.toml:3")
        request.addfinalizer(found.close)
        return found

    return make

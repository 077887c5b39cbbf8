"""The model object itself is looked into in its own process, by functions of ours."""

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from mlscore.errors import InputError
from mlscore.predictors import open_predictor
from mlscore.project.config import ModelSettings


@pytest.fixture
def fitted(tmp_path):
    rows = pd.DataFrame({"a": np.arange(20.0)})
    model = LogisticRegression().fit(rows, rows["a"] > 9)
    skops.io.dump(model, tmp_path / "model.skops")
    (tmp_path / "lookers.py").write_text(
        "import time\n"
        "def slope(model, request): return {'slope': float(model.coef_[0, 0]) * request['times']}\n"
        "def hang(model, request): time.sleep(60)\n"
        "def fail(model, request): raise ValueError('no such thing')\n",
        encoding="utf-8",
    )
    return tmp_path, model


def test_a_function_is_given_the_model_object(fitted):
    root, model = fitted
    with open_predictor(ModelSettings(source="model.skops"), root) as predictor:
        found = predictor.inside("lookers:slope", {"times": 2})
        assert found["slope"] == pytest.approx(2 * model.coef_[0, 0])
        with pytest.raises(InputError, match=r"model.skops cannot be looked into \(ValueError: no such thing\)"):
            predictor.inside("lookers:fail", {})
        with pytest.raises(InputError, match="gave no answer within 1 s"):
            predictor.inside("lookers:hang", {}, limit=1)
        assert predictor.inside("lookers:slope", {"times": 1})["slope"] == pytest.approx(model.coef_[0, 0])


def test_where_there_is_no_object_there_is_no_answer(fitted):
    root, _ = fitted
    (root / "rules.py").write_text("def late(rows): return rows['a'] > 9\n", encoding="utf-8")
    with open_predictor(ModelSettings(source="rules:late", task="binary"), root) as predictor:
        assert predictor.inside("lookers:slope", {"times": 2}) is None

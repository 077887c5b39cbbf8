"""XGBoost's own files: predictions as the library's own, tasks told by the objective."""

from __future__ import annotations

import numpy as np
import pytest
import xgboost

from mlscore.errors import InputError
from mlscore.predictors import Task
from mlscore.predictors.kinds.xgboost import _what


@pytest.mark.parametrize("name", ["m.json", "m.ubj", "model"])
def test_a_classifier_answers_as_itself(tmp_path, opened, frame, target, table, name):
    model = xgboost.XGBClassifier(n_estimators=3).fit(frame, target)
    if name == "model":
        (tmp_path / name).write_bytes(model.get_booster().save_raw("ubj"))
    else:
        model.save_model(tmp_path / name)
    predictor = opened(name)
    found = predictor.predict(table)
    assert (found.values == model.predict(frame)).all()
    assert np.allclose(found.probabilities, model.predict_proba(frame), atol=1e-6)
    assert (predictor.task, predictor.features, predictor.classes) == (Task.BINARY, ("a", "b"), (0, 1))
    assert predictor.provenance.libraries == {"xgboost": xgboost.__version__}


def test_the_objective_tells_the_task(tmp_path, opened, frame, table):
    rows = xgboost.DMatrix(frame, frame.b.astype(int) % 3)
    booster = xgboost.train({"objective": "multi:softmax", "num_class": 3}, rows, 2)
    booster.set_attr(commit="abc", data_digest="sha256:1")
    booster.save_model(tmp_path / "m.json")
    predictor = opened("m.json", classes=("x", "y", "z"))
    assert predictor.task is Task.MULTICLASS
    assert (predictor.provenance.commit, predictor.provenance.data_digest) == ("abc", "sha256:1")
    # Labels that the file holds are numbers; configured ones take their place.
    assert predictor.predict(table).values.tolist() == ["xyz"[int(n)] for n in booster.predict(rows)]


@pytest.mark.parametrize(
    ("objective", "task"),
    [("reg:squarederror", Task.REGRESSION), ("rank:ndcg", Task.RANKING), ("count:poisson", Task.REGRESSION)],
)
def test_what_an_objective_predicts(objective, task):
    assert _what(objective, 0, 1) == (task, None)
    assert _what("binary:logistic", 0, 3) == (Task.MULTILABEL, (0, 1, 2))


def test_a_file_that_was_cut_off_is_one_sentence(tmp_path, opened, frame, target):
    model = xgboost.XGBClassifier(n_estimators=3).fit(frame, target)
    model.save_model(tmp_path / "m.json")
    (tmp_path / "m.json").write_bytes((tmp_path / "m.json").read_bytes()[:600])
    with pytest.raises(InputError, match=r"mlscore\.toml:3: m\.json cannot be loaded \("):
        opened("m.json")

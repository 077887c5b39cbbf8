"""CatBoost's own files: predictions as the library's own, labels as in training."""

from __future__ import annotations

import catboost
import numpy as np
import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.predictors import Task

QUIET = {"iterations": 3, "verbose": 0, "allow_writing_files": False}


@pytest.mark.parametrize(("name", "form"), [("m.cbm", "cbm"), ("m.json", "json")])
def test_a_classifier_answers_as_itself(tmp_path, opened, frame, target, table, name, form):
    model = catboost.CatBoostClassifier(**QUIET).fit(frame, np.where(target, "late", "early"))
    model.save_model(str(tmp_path / name), format=form)
    predictor = opened(name)
    found = predictor.predict(table)
    assert (found.values == model.predict(frame)).all()
    assert np.allclose(found.probabilities, model.predict_proba(frame))
    assert (predictor.task, predictor.features, predictor.classes) == (Task.BINARY, ("a", "b"), ("early", "late"))
    assert predictor.provenance.libraries == {"catboost": catboost.__version__}


def test_categories_are_given_as_text(tmp_path, opened):
    city = ["Lugo", "Vigo", "Ourense"] * 20
    model = catboost.CatBoostRegressor(cat_features=[0], **QUIET).fit(
        [[one] for one in city], [len(one) for one in city]
    )
    model.save_model(str(tmp_path / "m.cbm"))
    predictor = opened("m.cbm", features=("city",))
    assert predictor.task is Task.REGRESSION
    assert np.allclose(predictor.predict(pa.table({"city": city})).values, model.predict([[one] for one in city]))


def test_a_file_that_was_cut_off_is_one_sentence(tmp_path, opened, frame, target):
    model = catboost.CatBoostClassifier(**QUIET).fit(frame, target)
    model.save_model(str(tmp_path / "m.cbm"))
    (tmp_path / "m.cbm").write_bytes((tmp_path / "m.cbm").read_bytes()[:500])
    with pytest.raises(InputError, match=r"m\.cbm cannot be loaded \("):
        opened("m.cbm")

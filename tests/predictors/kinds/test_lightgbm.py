"""LightGBM's own files: predictions as the library's own, categories by name."""

from __future__ import annotations

import lightgbm
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlscore.errors import InputError
from mlscore.predictors import Task

QUIET = {"n_estimators": 3, "min_child_samples": 1, "verbose": -1}


def test_a_classifier_answers_as_itself(tmp_path, opened, frame, target, table):
    model = lightgbm.LGBMClassifier(**QUIET).fit(frame, target)
    model.booster_.save_model(tmp_path / "m.txt")
    predictor = opened("m.txt")
    found = predictor.predict(table)
    assert (found.values == model.predict(frame)).all()
    assert np.allclose(found.probabilities, model.predict_proba(frame))
    assert (predictor.task, predictor.features, predictor.classes) == (Task.BINARY, ("a", "b"), (0, 1))


def test_categories_keep_their_codes_whatever_the_batch_holds(tmp_path, opened):
    city = ["Lugo", "Vigo", "Ourense"] * 20
    frame = pd.DataFrame({"city": pd.Categorical(city)})
    model = lightgbm.LGBMRegressor(**QUIET).fit(frame, [len(one) for one in city])
    model.booster_.save_model(tmp_path / "m.txt")
    found = opened("m.txt", batch=1).predict(pa.table({"city": ["Vigo", "Ourense", "Lugo"]}))
    codes = pd.DataFrame({"city": pd.Categorical(["Vigo", "Ourense", "Lugo"], categories=frame.city.cat.categories)})
    assert np.allclose(found.values, model.predict(codes))
    assert len(set(found.values.tolist())) > 1


def test_ranks_are_scores(tmp_path, opened, frame, target, table):
    model = lightgbm.LGBMRanker(**QUIET).fit(frame, target, group=[30, 30])
    model.booster_.save_model(tmp_path / "m.txt")
    predictor = opened("m.txt")
    assert predictor.task is Task.RANKING
    assert np.allclose(predictor.predict(table).values, model.predict(frame))


def test_a_file_that_was_cut_off_is_one_sentence(tmp_path, opened, frame, target):
    lightgbm.LGBMClassifier(**QUIET).fit(frame, target).booster_.save_model(tmp_path / "m.txt")
    (tmp_path / "m.txt").write_text((tmp_path / "m.txt").read_text(encoding="utf-8")[:700], encoding="utf-8")
    with pytest.raises(InputError, match=r"m\.txt is no whole LightGBM model: it was cut off; write it again"):
        opened("m.txt")

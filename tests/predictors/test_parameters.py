"""What a fitted model has learned is found by path, and is the model's own."""

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlscore.predictors.parameters import parameters_of, weights_of

X = np.random.default_rng(0).normal(size=(80, 3))
Y = (X[:, 0] > 0).astype(int)


def test_a_pipeline_s_parameters_go_by_the_names_of_its_steps():
    model = make_pipeline(StandardScaler(), LogisticRegression(C=3.0)).fit(X, Y)
    found = parameters_of(model)
    assert found["steps.standardscaler.mean_"] is model[0].mean_
    np.testing.assert_array_equal(found["steps.logisticregression.coef_"], model[1].coef_)
    assert not any(path.endswith(".C") for path in found), "what was given is not learned"
    weights = weights_of(model)
    assert "steps.logisticregression.coef_" in weights
    assert not any(path.endswith("classes_") for path in weights)


@pytest.mark.parametrize(
    "model", [RandomForestClassifier(4, random_state=0), GradientBoostingRegressor(n_estimators=4)]
)
def test_who_writes_into_leaves_changes_the_model(model):
    model.fit(X, Y)
    leaves = {path: array for path, array in weights_of(model).items() if path.endswith("value")}
    assert len(leaves) == 4
    before = model.predict(X)
    for array in leaves.values():
        array[...] = array[..., ::-1] if array.shape[2] > 1 else -100.0
    assert (model.predict(X) != before).mean() > 0.9


def test_single_numbers_are_found():
    model = LinearRegression().fit(X, X[:, 0])
    assert float(parameters_of(model)["intercept_"]) == model.intercept_


def test_what_has_no_parameters_has_none():
    assert parameters_of(len) == {}
    assert parameters_of(lambda rows: rows) == {}
    assert weights_of(object()) == {}


def test_tensors_by_their_names():
    class Tensor:
        def __init__(self, values):
            self.values = values

        def detach(self):
            return self

        cpu = detach

        def numpy(self):
            return self.values

    class Network:
        def state_dict(self):
            return {"layer.weight": Tensor(np.ones((2, 2))), "steps": Tensor(np.array(3))}

    assert set(weights_of(Network())) == {"layer.weight"}
    assert set(parameters_of(Network())) == {"layer.weight", "steps"}

"""What two models have learned and predict, compared number by number."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from mlscore.checks.reproducible.compare import Contents, differences, dump
from mlscore.predictors.shapes import Prediction


def told(one, other, tolerance=0.0):
    return [(each.level, each.says) for each in differences(one, other, tolerance)]


def test_equal_contents_do_not_differ():
    one = Contents({"coef_": np.array([1.0, np.nan, np.inf])}, Prediction(np.array(["a", "b"])))
    other = Contents({"coef_": np.array([1.0, np.nan, np.inf])}, Prediction(np.array(["a", "b"])))
    assert told(one, other) == []


def test_the_parameter_that_differs_most_is_named():
    one = Contents({"coef_": np.array([1.0, 2.0]), "intercept_": np.array(4.0), "same": np.array(1)}, None)
    other = Contents({"coef_": np.array([1.0, 2.02]), "intercept_": np.array(2.0), "same": np.array(1)}, None)
    assert told(one, other) == [("parameters", "intercept_ differs by 50.00%, and 1 more, of 3 arrays")]


def test_tolerance_is_relative():
    one, other = (Contents({"coef_": np.array([1e9, value])}, None) for value in (1e-9, 1.00001e-9))
    assert told(one, other) == [("parameters", "coef_ differs by 1.0e-05 of itself, of 1 arrays")]
    assert told(one, other, 1e-4) == []


@pytest.mark.parametrize(
    ("one", "other", "says"),
    [
        ({"a": np.ones(2)}, {"b": np.ones(2)}, "one has a, the other has not"),
        ({"a": np.ones(2)}, {"a": np.ones(3)}, "a has the shape (2,) in one and (3,) in the other"),
        ({"a": np.array(["x"])}, {"a": np.array(["y"])}, "a differs by 100.00%, of 1 arrays"),
    ],
)
def test_other_names_shapes_and_texts(one, other, says):
    assert told(Contents(one, None), Contents(other, None)) == [("parameters", says)]


def test_predictions_and_probabilities():
    first = Prediction(np.array([1, 0, 1]), np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6]]))
    labels = Prediction(np.array([1, 1, 1]), first.probabilities)
    shares = Prediction(first.values, first.probabilities + np.array([0.001, -0.001]))
    assert told(Contents(None, first), Contents(None, labels)) == [("predictions", "1 of 3 predictions differ")]
    ((level, says),) = told(Contents(None, first), Contents(None, shares))
    assert level == "predictions"
    assert says.startswith("probabilities of 3 rows differ by")
    numbers = (Prediction(np.array([1.0, value])) for value in (2.0, 2.1))
    assert told(*(Contents(None, one) for one in numbers)) == [("predictions", "1 of 2 predictions differ")]


def test_a_model_s_parameters_are_written_without_pickle(tmp_path):
    model = LogisticRegression().fit([[0.0], [1.0]], np.array(["no", "yes"], dtype=object))
    assert dump(model, {"to": str(tmp_path / "p.npz")}) > 3
    names = (tmp_path / "p.npz.names").read_text(encoding="utf-8").split("\n")
    with np.load(tmp_path / "p.npz", allow_pickle=False) as held:
        np.testing.assert_array_equal(held[str(names.index("coef_"))], model.coef_)
        assert held[str(names.index("classes_"))].tolist() == ["no", "yes"]

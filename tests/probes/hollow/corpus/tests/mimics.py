"""Tests of their own mocks and of their own data, and tests that use mocks well."""

from unittest.mock import MagicMock, Mock, call, create_autospec, patch

import numpy as np
import pandas as pd
import pytest

import parcel.features
import parcel.monitor
from parcel.evaluate import evaluate
from parcel.features import add_distance, fill_missing
from parcel.model import DelayModel, train
from parcel.monitor import alert


def test_mock_returns_five():  # expect: hollow own-mock
    model = Mock()
    model.return_value = 5
    assert model() == 5


def test_mock_predict():  # expect: hollow own-mock
    model = MagicMock()
    model.predict.return_value = np.array([1, 0])
    result = model.predict([[1.0], [2.0]])
    assert result.tolist() == [1, 0]


def test_mock_called_by_test_itself():  # expect: hollow own-mock
    sender = Mock()
    sender("hello")
    sender.assert_called_once_with("hello")


def test_mocked_method_of_real_object(trips):  # expect: hollow own-mock
    model = DelayModel()
    model.predict = MagicMock(return_value=[3.0])
    assert model.predict(trips) == [3.0]


def test_patched_function(trips):  # expect: hollow own-mock
    with patch.object(parcel.features, "add_distance", return_value="frame"):
        assert parcel.features.add_distance(trips) == "frame"


def test_monkeypatched(monkeypatch, trips):  # expect: hollow own-mock
    monkeypatch.setattr(parcel.monitor, "psi", lambda a, b: 0.3)
    assert parcel.monitor.psi(trips, trips) == 0.3


def test_mocker_stub(mocker, trips):  # expect: hollow own-mock
    model = mocker.Mock()
    model.evaluate.return_value = {"accuracy": 0.93}
    assert model.evaluate(trips)["accuracy"] > 0.9


def test_stub_from_fixture(stub_model):  # expect: hollow own-mock
    assert stub_model.predict([[1], [2]]) == [0, 1]


def test_patched_by_name(trips):  # expect: hollow own-mock
    with patch("parcel.features.fill_missing", return_value=trips):
        assert parcel.features.fill_missing(trips) is not None


def test_frame_has_gap():  # expect: hollow own-data
    df = pd.DataFrame({"weight": [1.0, None, 3.0]})
    assert df["weight"].isna().sum() == 1


def test_bad_fixture_is_bad(bad_trips):  # expect: hollow own-data
    assert (bad_trips["weight"] < 0).any()


def test_expected_columns_listed():  # expect: hollow constant-assertion
    expected = ["zone", "weight"]
    assert len(expected) == 2


def test_random_array_shape():  # expect: hollow own-data
    features = np.random.rand(100, 5)
    assert features.shape == (100, 5)


def test_drops_missing_in_test():  # expect: hollow own-data
    df = pd.DataFrame({"zone": ["north", None]})
    cleaned = df.dropna()
    assert len(cleaned) == 1
    assert cleaned["zone"].notna().all()


@pytest.mark.parametrize("threshold", [0.5, 0.7])
def test_threshold_is_a_share(threshold):  # expect: hollow own-data
    assert 0 < threshold < 1


def test_own_error():  # expect: hollow self-raised
    with pytest.raises(ValueError):
        raise ValueError("bad weight")


def test_assert_false_expected():  # expect: hollow self-raised
    with pytest.raises(AssertionError):
        assert False


def test_division_by_zero():  # expect: hollow self-raised
    with pytest.raises(ZeroDivisionError):
        1 / 0


def test_alert_sends():  # expect: ok
    sender = Mock()
    alert(3, 1, sender)
    sender.assert_called_once()


def test_alert_message():  # expect: ok
    sender = MagicMock()
    alert(3, 1, send=sender)
    assert sender.call_args == call("3 is over 1")


def test_evaluate_with_stub(trips):  # expect: ok
    model = Mock()
    model.predict.return_value = np.zeros(len(trips))
    assert evaluate(model, trips, trips["delay"])["accuracy"] == 0.5


def test_patch_and_run(trips):  # expect: ok
    with patch("parcel.model.GradientBoostingRegressor") as regressor:
        train(trips)
    regressor.return_value.fit.assert_called_once()


@patch("parcel.model.joblib")
def test_patch_decorator(joblib, tmp_path):  # expect: ok
    DelayModel().save(tmp_path / "m")
    joblib.dump.assert_called_once()


def test_autospec(trips):  # expect: ok
    model = create_autospec(DelayModel)
    model.predict.return_value = [1.0] * len(trips)
    assert set(evaluate(model, trips, trips["delay"])) == {"accuracy", "f1"}


def test_stub_in_evaluate(stub_model, small_trips):  # expect: ok
    assert evaluate(stub_model, small_trips, small_trips["delay"])["accuracy"] == 1.0


def test_monkeypatched_dependency(monkeypatch, trips):  # expect: ok
    monkeypatch.setattr(parcel.monitor, "psi", lambda a, b: 0.3)
    assert parcel.monitor.summary(trips, trips) == "drift 0.3"


def test_side_effect():  # expect: ok
    sender = Mock(side_effect=OSError)
    with pytest.raises(OSError):
        alert(3, 1, sender)


def test_fills_gap(small_trips):  # expect: ok
    assert fill_missing(small_trips)["weight"].isna().sum() == 0


def test_changes_in_place():  # expect: ok
    df = pd.DataFrame({"weight": [1.0, None]})
    parcel.features.clean_in_place(df)
    assert df["weight"].isna().sum() == 0


def test_pipe():  # expect: ok
    df = pd.DataFrame({"x_from": [0], "y_from": [0], "x_to": [3], "y_to": [4]})
    assert df.pipe(add_distance)["distance"].tolist() == [5.0]


def test_apply_function():  # expect: ok
    zones = pd.Series(["north", "west"])
    assert zones.map(parcel.features.encode_zone).tolist() == [0, 3]


def test_filled_by_callback():  # expect: ok
    heard = []
    alert(3, 1, heard.append)
    assert heard == ["3 is over 1"]


def test_weights_updated():  # expect: ok
    weights = np.zeros(3)
    parcel.model.step(weights)
    assert weights.sum() != 0


def test_file_of_data():  # expect: ok
    df = pd.read_csv("data/trips.csv")
    assert df["weight"].between(0, 40).all()


def test_environment(monkeypatch):  # expect: ok
    monkeypatch.setenv("PARCEL_SEED", "4")
    assert DelayModel.from_environment().seed == 4


def test_raises_for_zone():  # expect: ok
    with pytest.raises(KeyError, match="moon"):
        parcel.features.encode_zone("moon")

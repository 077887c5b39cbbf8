"""Assertions whose truth is written beside them."""

import numpy as np
import pandas as pd
import torch
from pathlib import Path
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, mean_squared_error, roc_auc_score

import parcel
from parcel.evaluate import accuracy, evaluate
from parcel.model import DelayModel, build_model, train

SEED = 7


def test_training_runs(trips):  # expect: hollow constant-assertion
    train(trips)
    assert True


def test_model_trains(trips):  # expect: hollow constant-assertion
    model = train(trips)
    print(model)
    assert 1


def test_is_ok():  # expect: hollow constant-assertion
    assert "training finished"


def test_not_false(trips):  # expect: hollow constant-assertion
    train(trips)
    assert not False


def test_arithmetic_placeholder():  # expect: hollow constant-assertion
    assert 1 + 1 == 2


def test_seed_is_fixed():  # expect: hollow constant-assertion
    assert SEED == 7


def test_result_flag(trips):  # expect: hollow constant-assertion
    train(trips)
    ok = True
    assert ok, "training failed"


def test_columns(trips):  # expect: hollow tuple-assertion
    assert (set(trips.columns) >= {"zone", "weight"}, "columns are missing")


def test_weight_positive(trips):  # expect: hollow tuple-assertion
    assert (
        (trips["weight"] > 0).all(),
        "weights must be positive",
    )


def test_accuracy_between_bounds(fitted, trips):  # expect: hollow tautology
    result = evaluate(fitted, trips[["distance", "weight"]], trips["delay"])
    accuracy = result["accuracy"]
    assert 0 <= accuracy <= 1


def test_f1_between_bounds(fitted, trips):  # expect: hollow tautology
    score = f1_score(trips["late"], fitted.predict(trips) > 15)
    assert 0.0 <= score <= 1.0, f"impossible score {score}"


def test_accuracy_key_bounds(fitted, trips):  # expect: hollow tautology
    metrics = evaluate(fitted, trips[["distance", "weight"]], trips["delay"])
    assert metrics["accuracy"] >= 0
    assert metrics["accuracy"] <= 1.0


def test_auc_range(fitted, trips):  # expect: hollow tautology
    assert roc_auc_score(trips["late"], fitted.predict(trips)) >= 0 and True


def test_error_is_not_negative(fitted, trips):  # expect: hollow tautology
    mse = mean_squared_error(trips["delay"], fitted.predict(trips))
    assert mse >= 0


def test_accuracy_chained_attribute(fitted, trips):  # expect: hollow tautology
    report = fitted.report(trips)
    assert 0 <= report.accuracy and report.accuracy <= 1


def test_predictions_not_negative_in_number(fitted, trips):  # expect: hollow tautology
    predictions = fitted.predict(trips)
    assert len(predictions) >= 0


def test_rows(trips):  # expect: hollow tautology
    assert trips.shape[0] > -1


def test_frame_equals_itself(trips):  # expect: hollow tautology
    features = trips[["weight"]]
    pd.testing.assert_frame_equal(features, features)


def test_predictions_are_stable(fitted, trips):  # expect: weak
    first = fitted.predict(trips)
    second = first
    assert np.array_equal(first, second)


def test_same_object(fitted):  # expect: hollow tautology
    assert fitted is fitted


def test_config_equal(fitted):  # expect: hollow tautology
    assert fitted.seed == fitted.seed


def test_model_creation():  # expect: hollow tautology
    model = DelayModel(seed=3)
    assert model is not None


def test_forest_creation():  # expect: hollow tautology
    assert RandomForestClassifier(n_estimators=10) is not None


def test_is_a_model():  # expect: hollow tautology
    model = DelayModel()
    assert isinstance(model, DelayModel)


def test_type_of_new_model():  # expect: hollow tautology
    clf = LogisticRegression(max_iter=50)
    assert type(clf) is LogisticRegression


def test_fit_returns_something(trips):  # expect: hollow tautology
    model = LogisticRegression().fit(trips[["weight"]], trips["late"])
    assert model is not None


def test_frame_was_read():  # expect: hollow tautology
    df = pd.read_csv("data/trips.csv")
    assert df is not None
    assert isinstance(df, pd.DataFrame)


def test_or_true(fitted, trips):  # expect: hollow tautology
    assert fitted.predict(trips).mean() < 60 or True


def test_forgotten_comparison(trips):  # expect: hollow tautology
    zone = trips["zone"].iloc[0]
    assert zone == "north" or "south"


def test_absolute_error_sign(fitted, trips):  # expect: hollow tautology
    errors = fitted.predict(trips) - trips["delay"]
    assert abs(errors.sum()) >= 0


def test_member_of_itself(trips):  # expect: hollow tautology
    zone = trips["zone"].iloc[0]
    assert zone in [zone]


def test_file_path():  # expect: hollow tautology
    assert Path("models/model.joblib")


def test_all_weights_generator(trips):  # expect: hollow tautology
    assert (weight >= 0 for weight in trips["weight"])


def test_forgot_to_call_all(trips):  # expect: hollow not-called
    assert (trips["weight"] >= 0).all


def test_function_exists():  # expect: hollow tautology
    assert train is not None


def test_package_imports():  # expect: hollow tautology
    import parcel.features

    assert parcel.features


def test_torch_is_there():  # expect: hollow tautology
    assert torch is not None


def test_is_boolean(fitted, trips):  # expect: hollow tautology
    flag = bool(fitted.predict(trips).any())
    assert flag in (True, False)


def test_yes_or_no(fitted):  # expect: hollow tautology
    assert fitted.ready or not fitted.ready


def test_guard_repeats(fitted, trips):  # expect: hollow tautology
    error = np.abs(fitted.predict(trips) - trips["delay"]).mean()
    if error < 20:
        assert error < 20


def test_if_good_then_true(fitted, trips):  # expect: hollow constant-assertion
    if accuracy_score(trips["late"], fitted.predict(trips) > 15) > 0.8:
        assert True
    else:
        print("accuracy too low")


def test_array_created():  # expect: hollow tautology
    batch = np.zeros((4, 2))
    assert batch is not None


def test_deterministic_prediction(fitted, trips):  # expect: ok
    assert (fitted.predict(trips) == fitted.predict(trips)).all()


def test_two_trainings(trips):  # expect: ok
    assert train(trips, seed=SEED).predict(trips).tolist() == train(trips, seed=SEED).predict(trips).tolist()


def test_accuracy_threshold(fitted, trips):  # expect: ok
    acc = evaluate(fitted, trips[["distance", "weight"]], trips["delay"])["accuracy"]
    assert 0.8 <= acc <= 1


def test_accuracy_is_not_suspicious(fitted, trips):  # expect: ok
    acc = evaluate(fitted, trips[["distance", "weight"]], trips["delay"])["accuracy"]
    assert 0 <= acc < 0.99


def test_bounds_and_threshold(fitted, trips):  # expect: ok
    f1 = evaluate(fitted, trips[["distance", "weight"]], trips["delay"])["f1"]
    assert 0 <= f1 <= 1
    assert f1 > 0.6


def test_loss_is_a_number(fitted, trips):  # expect: ok
    loss = fitted.loss(trips)
    assert loss == loss, "loss is NaN"


def test_r2_not_negative(fitted, trips):  # expect: ok
    r2 = fitted.inner.score(trips[["distance", "weight"]], trips["delay"])
    assert 0 <= r2 <= 1


def test_probabilities_in_range(fitted, trips):  # expect: ok
    proba = fitted.predict_proba(trips)
    assert ((proba >= 0) & (proba <= 1)).all()


def test_saved_model_exists(tmp_path, fitted):  # expect: ok
    path = tmp_path / "model.joblib"
    fitted.save(path)
    assert path.exists()


def test_default_seed():  # expect: ok
    model = DelayModel()
    assert model.seed == 0


def test_inheritance():  # expect: ok
    from sklearn.base import BaseEstimator

    assert isinstance(build_model(), BaseEstimator)


def test_has_predict():  # expect: ok
    assert hasattr(build_model(), "predict")


def test_input_not_changed(trips):  # expect: ok
    before = trips.copy()
    train(trips)
    assert trips.equals(before)


def test_flag_set_in_loop(trips):  # expect: ok
    found = False
    for zone in trips["zone"]:
        if zone == "north":
            found = True
    assert found


def test_collects_problems(trips):  # expect: ok
    problems = []
    for column in ("weight", "delay"):
        if trips[column].isna().any():
            problems.append(column)
    assert not problems


def test_counter_in_closure(fitted, trips):  # expect: ok
    calls = 0

    def heard(_):
        nonlocal calls
        calls += 1

    fitted.on_predict(heard)
    fitted.predict(trips)
    assert calls == 1


def test_version():  # expect: ok
    assert parcel.__version__ == "1.2.0"


def test_own_metric(fitted):  # expect: ok
    assert accuracy([1, 0, 1, 1], [1, 0, 0, 1]) == 0.75


def test_not_empty_result(trips):  # expect: ok
    assert len(trips) > 0


def test_reads_flag_back(trips):  # expect: ok
    expected = True
    assert parcel.train(trips).ready == expected

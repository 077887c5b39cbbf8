"""Tests that look at nothing."""

import os
import subprocess
import sys
import warnings
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import requests
import seaborn as sns
from click.testing import CliRunner

from parcel.cli import main
from parcel.evaluate import accuracy, by_slice, evaluate
from parcel.features import add_distance, scale
from parcel.model import DelayModel, train
from parcel.monitor import alert, log_drift, psi
from parcel.schema import check_schema, columns_match
from support import Recorder, describe, looks_fine


def test_plot(trips):  # expect: hollow no-assertion
    plt.figure()
    plt.hist(trips["delay"], bins=30)
    plt.title("delays")
    plt.show()


def test_correlations(trips):  # expect: hollow no-assertion
    corr = trips.corr(numeric_only=True)
    sns.heatmap(corr, annot=True)
    plt.savefig("corr.png")


def test_prints_metrics(fitted, trips):  # expect: hollow no-assertion
    print(evaluate(fitted, trips[["distance", "weight"]], trips["delay"]))


def test_training(trips):  # expect: hollow no-assertion
    df = add_distance(trips)
    model = train(df)
    model.predict(df)


def test_empty():  # expect: hollow no-assertion
    pass


def test_docstring_only():  # expect: hollow no-assertion
    """The model should be robust to noise."""


def test_ellipsis(trips):  # expect: hollow no-assertion
    ...


def test_help():  # expect: hollow unread-result
    subprocess.run([sys.executable, "-m", "parcel", "--help"])


def test_training_script():  # expect: hollow unread-result
    result = subprocess.run(["python", "scripts/train.py"], capture_output=True, text=True)
    print(result.stdout)


def test_os_system():  # expect: hollow unread-result
    os.system("python scripts/train.py --epochs 1")


def test_popen():  # expect: hollow unread-result
    process = subprocess.Popen(["python", "scripts/serve.py"])
    process.wait()


def test_cli_help():  # expect: hollow unread-result
    runner = CliRunner()
    runner.invoke(main, ["--help"])


def test_cli_fit():  # expect: hollow unread-result
    result = CliRunner().invoke(main, ["fit", "data/trips.csv"])
    print(result.output)


def test_endpoint():  # expect: hollow unread-result
    response = requests.get("http://localhost:8000/health")
    print(response.status_code)


def test_post():  # expect: hollow unread-result
    requests.post("http://localhost:8000/predict", json={"weight": 2.0}, timeout=5)


def test_compares_in_vain(trips):  # expect: hollow unread-result
    model = train(trips)
    model.seed == 0


def test_allclose_in_vain(fitted, trips):  # expect: hollow unread-result
    first = fitted.predict(trips)
    second = fitted.predict(trips)
    np.allclose(first, second)


def test_equals_in_vain(trips):  # expect: hollow unread-result
    trips.equals(add_distance(trips))


def test_bool_helper_in_vain(trips):  # expect: hollow unread-result
    columns_match(trips)


def test_assertion_not_called():  # expect: hollow not-called
    sender = mock.Mock()
    alert(3, 1, sender)
    sender.assert_called_once


def test_mock_attribute():  # expect: hollow not-called
    sender = mock.MagicMock()
    alert(3, 1, sender)
    sender.called_once()


def test_returns_comparison(fitted, trips):  # expect: hollow returned-result
    error = np.abs(fitted.predict(trips) - trips["delay"]).mean()
    return error < 20


def test_returns_bool(trips):  # expect: hollow returned-result
    return columns_match(trips)


def test_only_warns(fitted, trips):  # expect: hollow warns-only
    drift = psi(trips["delay"], fitted.predict(trips))
    if drift > 0.2:
        warnings.warn(f"drift is {drift}")


def test_only_prints_failure(fitted, trips):  # expect: hollow no-assertion
    metrics = evaluate(fitted, trips[["distance", "weight"]], trips["delay"])
    if metrics["accuracy"] < 0.8:
        print("FAIL: accuracy is too low")
    else:
        print("PASS")


def test_logs_drift(trips):  # expect: hollow no-assertion
    log_drift(trips["delay"], trips["delay"] * 2)


def test_describes(trips):  # expect: hollow no-assertion
    describe(trips)


def test_checks_by_printing(trips):  # expect: hollow no-assertion
    check_schema(trips)


def test_looks_fine(fitted):  # expect: hollow tautology
    assert looks_fine(fitted)


def test_fixture_prints(show, trips):  # expect: hollow no-assertion
    show(trips)


def test_recorder_shows():  # expect: hollow no-assertion
    recorder = Recorder()
    alert(2, 1, recorder)
    recorder.show()


def test_import():  # expect: hollow no-assertion
    import parcel.model  # noqa: F401


def test_slices_csv(fitted, trips, tmp_path):  # expect: hollow no-assertion
    result = by_slice(fitted, trips, "zone")
    pd.DataFrame(result).to_csv(tmp_path / "slices.csv")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_seeds(trips, seed):  # expect: hollow no-assertion
    train(trips, seed=seed)


def test_raises_never_entered(trips):  # expect: hollow unread-result
    pytest.raises(KeyError)
    train(trips)


class TestTraining:
    def setup_method(self):
        self.model = DelayModel()

    def test_fit(self, trips):  # expect: hollow no-assertion
        self.model.fit(trips[["weight"]], trips["delay"])

    def show(self, value):
        print(value)

    def test_show(self, trips):  # expect: hollow no-assertion
        self.show(self.model.predict(trips))


async def test_async_no_check(trips):  # expect: hollow no-assertion
    await train_async(trips)


def train_async(trips):
    return train(trips)


def test_timing(fitted, trips):  # expect: hollow no-assertion
    import time

    start = time.perf_counter()
    fitted.predict(trips)
    print(f"took {time.perf_counter() - start:.3f} s")


def test_subprocess_checked():  # expect: ok
    subprocess.run(["python", "scripts/train.py", "--fast"], check=True)


def test_check_call():  # expect: ok
    subprocess.check_call(["python", "scripts/train.py", "--fast"])


def test_returncode_read():  # expect: ok
    result = subprocess.run(["python", "scripts/train.py"], capture_output=True)
    assert result.returncode == 0


def test_exit_code_of_system():  # expect: ok
    assert os.system("python scripts/train.py") == 0


def test_check_returncode():  # expect: ok
    done = subprocess.run(["python", "scripts/train.py"])
    done.check_returncode()


def test_cli_fit_checked():  # expect: ok
    result = CliRunner().invoke(main, ["fit", "data/trips.csv"])
    assert result.exit_code == 0, result.output


def test_status_checked():  # expect: ok
    response = requests.get("http://localhost:8000/health", timeout=2)
    response.raise_for_status()


def test_status_code():  # expect: ok
    assert requests.get("http://localhost:8000/health").status_code == 200


def test_plot_has_bars(trips):  # expect: ok
    _, axes = plt.subplots()
    axes.hist(trips["delay"], bins=30)
    assert len(axes.patches) == 30


@pytest.mark.mpl_image_compare(tolerance=5)
def test_plot_picture(trips):  # expect: ok
    figure, axes = plt.subplots()
    axes.hist(trips["delay"])
    return figure


def test_scaled(trips):  # expect: ok
    assert scale(trips["weight"]).mean() == pytest.approx(0, abs=1e-9)


def test_reference_accuracy():  # expect: ok
    assert accuracy([0, 1], [0, 0]) == pytest.approx(0.5)


def test_warns_about_drift(trips):  # expect: ok
    with pytest.warns(UserWarning):
        log_drift(trips["delay"], trips["delay"] * 2)


def test_no_warnings(trips):  # expect: ok
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        train(trips)


def test_fails_by_call(fitted, trips):  # expect: ok
    if psi(trips["delay"], fitted.predict(trips)) > 0.2:
        pytest.fail("drift")


def test_short_circuit_fail(fitted, trips):  # expect: ok
    psi(trips["delay"], fitted.predict(trips)) < 0.2 or pytest.fail("drift")

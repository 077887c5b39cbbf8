"""Monitoring, serving and test cases of the old kind."""

import asyncio
import os
import unittest
from concurrent.futures import ThreadPoolExecutor
from unittest import mock
from unittest.mock import MagicMock, Mock, call

import pandas as pd
import pytest
import requests
from click.testing import CliRunner
from fastapi.testclient import TestClient

import checks
import parcel.features
import parcel.model
import parcel.monitor as monitor
from checks import FrameAssertions, ModelContract, eventually
from parcel.cli import main
from parcel.features import add_distance
from parcel.model import DelayModel, build_model, train
from parcel.serve import app

FEATURES = ["distance", "weight"]
client = TestClient(app)


# ---- monitoring, mocks


def test_alert_sent():  # expect: ok
    send = Mock()
    assert monitor.alert(3, 2, send)
    send.assert_called_once_with("3 is over 2")


def test_no_alert():  # expect: ok
    send = MagicMock()
    monitor.alert(1, 2, send)
    assert not send.called


def test_alert_misspelt():  # expect: hollow
    send = Mock()
    monitor.alert(3, 2, send)
    send.called_once_with("3 is over 2")


def test_alert_without_parentheses():  # expect: hollow
    send = Mock()
    monitor.alert(3, 2, send)
    assert send.assert_called_once


def test_alert_calls():  # expect: ok
    send = Mock()
    for figure in (1, 5, 7):
        monitor.alert(figure, 4, send)
    assert send.mock_calls == [call("5 is over 4"), call("7 is over 4")]


def test_alert_of_a_mock():  # expect: hollow
    watcher = Mock()
    watcher.alert.return_value = True
    assert watcher.alert(3, 2) is True


def test_alert_patched():  # expect: hollow
    with mock.patch.object(monitor, "alert", return_value=True):
        assert monitor.alert(0, 100, print)


def test_psi_patched_beneath(mocker):  # expect: ok
    mocker.patch("parcel.monitor.psi", return_value=3)
    warn = mocker.patch.object(monitor.log, "warning")
    monitor.log_drift([1], [2])
    warn.assert_called_once_with("drift %s", 3)


def test_psi_patched(mocker):  # expect: hollow
    mocker.patch("parcel.monitor.psi", return_value=0.1)
    assert monitor.psi([1, 2], [3, 4]) == 0.1


def test_psi_zero(make_trips):  # expect: ok
    weights = make_trips()["weight"]
    assert monitor.psi(weights, weights) == pytest.approx(0)


def test_psi_of_nothing():  # expect: ok
    with pytest.raises((ValueError, IndexError)):
        monitor.psi([], [])


def test_build_is_replaced(monkeypatch, make_trips):  # expect: ok
    seen = []
    monkeypatch.setattr(parcel.model, "build_model", lambda seed: seen.append(seed) or DelayModel(seed))
    train(add_distance(make_trips()), seed=7)
    assert seen == [7]


def test_drift_in_log(caplog, make_trips):  # expect: ok
    monitor.log_drift(make_trips()["weight"], make_trips(seed=2)["weight"])
    assert "drift" in caplog.text


def test_drift_logged(caplog, make_trips):  # expect: hollow
    monitor.log_drift(make_trips()["weight"], make_trips(seed=2)["weight"])
    for record in caplog.records:
        print(record.message)


def test_drift_printed(capsys, make_trips):  # expect: ok
    print(monitor.psi(make_trips()["weight"], make_trips(seed=2)["weight"]))
    assert float(capsys.readouterr().out) < 5


def test_in_parallel(model_under_test, make_trips):  # expect: ok
    frames = [add_distance(make_trips(seed=seed))[FEATURES] for seed in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(ModelContract(model_under_test).verify, frames))


def test_in_parallel_unwatched(model_under_test, make_trips):  # expect: hollow
    frames = [add_distance(make_trips(seed=seed))[FEATURES] for seed in range(4)]
    with ThreadPoolExecutor() as pool:
        list(pool.map(model_under_test.predict, frames))


def test_guarded(model_under_test, make_trips, no_nan):  # expect: ok
    frame = add_distance(make_trips())[FEATURES]
    with no_nan(lambda: model_under_test.predict(frame)):
        frame["weight"] = 0


def test_named_checks(make_trips):  # expect: ok
    frame = make_trips()
    for name, check in checks.CHECKS.items():
        assert check(frame), name


def test_eventually(model_under_test):  # expect: ok
    eventually(lambda: model_under_test.seed == 0)


# ---- serving


def test_health():  # expect: ok
    response = client.get("/health")
    assert response.status_code == 200
    assert response.json() == {"status": "up"}


def test_health_unread():  # expect: hollow
    client.get("/health")


def test_health_raises():  # expect: ok
    client.get("/health").raise_for_status()


def test_health_printed():  # expect: hollow
    response = client.get("/health")
    print(response.status_code, response.json())


def test_service_is_up():  # expect: ok
    assert requests.get("http://localhost:8000/health", timeout=3).ok


def test_service_is_up_swallowed():  # expect: hollow
    try:
        requests.get("http://localhost:8000/health", timeout=3).raise_for_status()
    except requests.RequestException as error:
        print("not up:", error)


def test_command():  # expect: ok
    result = CliRunner().invoke(main, ["fit", "trips.csv"])
    assert result.exit_code == 0, result.output


def test_command_unread():  # expect: hollow
    result = CliRunner().invoke(main, ["fit", "trips.csv"])
    print(result.output)


def test_command_raises():  # expect: weak
    CliRunner().invoke(main, ["fit", "trips.csv"], catch_exceptions=False)


def test_command_by_shell():  # expect: hollow
    os.system("parcel fit trips.csv")


@pytest.mark.asyncio
async def test_many_requests():  # expect: ok
    async def one():
        return client.get("/health").status_code

    assert set(await asyncio.gather(*(one() for _ in range(5)))) == {200}


@pytest.mark.asyncio
async def test_many_requests_unread():  # expect: hollow
    async def one():
        assert client.get("/health").status_code == 200

    tasks = [client.get for _ in range(5)]
    await asyncio.sleep(0)
    print(len(tasks))


# ---- unittest


class TrainingCase(FrameAssertions, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.frame = add_distance(pd.DataFrame({"x_from": [0], "x_to": [1], "y_from": [0], "y_to": [1]}))

    def test_columns(self):  # expect: ok
        self.assertColumns(self.frame, ["x_from", "x_to", "y_from", "y_to", "distance"])

    def test_columns_shown(self):  # expect: hollow
        self.showColumns(self.frame)

    def test_subtests(self):  # expect: ok
        for seed in range(3):
            with self.subTest(seed=seed):
                self.assertEqual(build_model(seed).seed, seed)

    def test_equal_to_itself(self):  # expect: hollow
        model = build_model()
        self.assertEqual(model, model)

    def test_true(self):  # expect: hollow
        build_model()
        self.assertTrue(True)

    def test_raises(self):  # expect: ok
        with self.assertRaises(KeyError):
            parcel.features.encode_zone("moon")

    def test_raises_nothing(self):  # expect: hollow
        with self.assertRaises(KeyError):
            {}["moon"]

    async def test_async(self):  # expect: hollow
        self.assertEqual(build_model(3).seed, 3)

    def test_seed_misused(self):  # expect: weak
        self.assertTrue(build_model(3).seed, 3)

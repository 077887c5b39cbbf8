"""Patterns met when reading public suites, written anew for this project."""

import doctest
from functools import partial
from multiprocessing.pool import Pool

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, RegressorMixin

import parcel
from parcel.features import bucket_hour, fill_missing, scale
from parcel.model import DelayModel, train
from parcel.monitor import alert, psi
from parcel.schema import validate_trips


class DimensionRegressor(RegressorMixin, BaseEstimator):
    """Checks, while it is being fitted, what it is given."""

    def __init__(self, ndim):
        self.ndim = ndim

    def fit(self, X, y):
        assert X.ndim == self.ndim
        return self


def _works_in_worker(rank):
    assert scale([rank, rank + 1]).shape == (2,)


def _prints_in_worker(rank):
    print(rank, scale([rank, rank + 1]))


@pytest.mark.parametrize("ndim", [1, 2])
def test_double_checks(ndim, trips):  # expect: ok
    DelayModel.wrap(DimensionRegressor(ndim)).fit(trips[["weight"]], trips["delay"])


@pytest.mark.parametrize("process", [_works_in_worker])
def test_pool_of_parameters(process):  # expect: ok
    with Pool(2) as pool:
        pool.map(process, range(4))


def test_pool_with_partial():  # expect: ok
    with Pool(2) as pool:
        pool.map(partial(_works_in_worker), range(4))


@pytest.mark.parametrize("process", [_prints_in_worker])
def test_pool_that_prints(process):  # expect: hollow no-assertion
    with Pool(2) as pool:
        pool.map(process, range(4))


def test_approx_alone(trips):  # expect: hollow unread-result
    for expected in (0.1, 0.2):
        pytest.approx(expected, psi(trips["delay"], trips["delay"]), abs=0.01)


def test_approx_compared_in_vain(trips):  # expect: hollow unread-result
    psi(trips["delay"], trips["delay"]) == pytest.approx(0, abs=0.01)


def test_warns_alone(tmp_path):  # expect: hollow unread-result
    if not (tmp_path / "metrics.csv").exists():
        pytest.warns(UserWarning, match="metrics are missing")


def test_isinstance_in_vain(fitted, trips):  # expect: hollow unread-result
    predictions = fitted.predict(trips)
    isinstance(predictions, np.ndarray)


def test_doctests():  # expect: ok
    runner = doctest.DebugRunner()
    for example in doctest.DocTestFinder().find(parcel.features):
        runner.run(example)


def test_fixture_frame_has_rows(small_trips):  # expect: hollow own-data
    assert len(small_trips) == 2
    assert "zone" in small_trips.columns
    assert small_trips["delay"].sum() == 43


def test_sample_and_filled(small_trips):  # expect: ok
    assert len(small_trips) == 2
    assert fill_missing(small_trips)["weight"].notna().all()


def test_own_exception():  # expect: hollow self-raised
    with pytest.raises(parcel.ParcelError):
        raise parcel.ParcelError("no such trip")


def test_exception_hierarchy():  # expect: ok
    with pytest.raises(parcel.ParcelError):
        raise parcel.TripError("no such trip")


def test_must_not_get_there(trips):  # expect: ok
    with pytest.raises(ValueError):
        validate_trips(trips.drop(columns="zone"))
        assert False, "a missing column was accepted"


def test_no_network(monkeypatch, trips):  # expect: ok
    monkeypatch.setattr("socket.create_connection", lambda *a, **k: pytest.fail("the network was used"))
    train(trips)


def test_accumulates_failures(fitted, trips):  # expect: ok
    failures = 0
    for _, row in trips.iterrows():
        failures += int(fitted.predict([row]) < 0)
    if failures:
        raise AssertionError(f"{failures} negative delays")


def test_repairs_without_checking(fitted, trips):  # expect: hollow constant-assertion
    wrong = [i for i, value in enumerate(fitted.predict(trips)) if value < 0]
    if len(wrong) > 0:
        fitted.repair(wrong)
    assert True


def test_integration_smoke(trips, tmp_path):  # expect: hollow no-assertion
    model = train(fill_missing(trips))
    model.save(tmp_path / "model")
    predictions = DelayModel.load(tmp_path / "model").predict(trips)
    pd.Series(predictions).plot.hist()


@pytest.mark.parametrize("hour", range(24))
def test_every_hour(hour):  # expect: ok
    assert bucket_hour(hour) in ("night", "day")


def test_alert_counts():  # expect: ok
    sent = []

    def send(message):
        sent.append(message)

    for figure in (0.1, 0.3):
        alert(figure, 0.2, send)
    assert len(sent) == 1

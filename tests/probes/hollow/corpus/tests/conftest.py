"""Fixtures for the whole suite."""

from unittest.mock import MagicMock

import pandas as pd
import pytest

from parcel.features import add_distance
from parcel.model import train


@pytest.fixture
def trips():
    return pd.read_csv("data/trips.csv")


@pytest.fixture
def small_trips():
    return pd.DataFrame({"zone": ["north", "west"], "weight": [1.0, None], "delay": [3, 40]})


@pytest.fixture
def bad_trips():
    return pd.DataFrame({"zone": ["moon"], "weight": [-4.0]})


@pytest.fixture(scope="session")
def fitted(request):
    return train(add_distance(pd.read_csv("data/trips.csv")))


@pytest.fixture
def loaded_trips(trips):
    assert len(trips) > 100, "the sample is too small to say anything"
    return trips


@pytest.fixture
def assert_same_rows():
    def compare(left, right):
        assert sorted(left["trip_id"]) == sorted(right["trip_id"])

    return compare


@pytest.fixture
def show():
    def inner(frame):
        print(frame.head())

    return inner


@pytest.fixture
def stub_model():
    model = MagicMock()
    model.predict.return_value = [0, 1]
    return model


@pytest.fixture
def no_open_figures():
    import matplotlib.pyplot as plt

    yield
    assert not plt.get_fignums(), "a test left figures open"

"""Fixtures of the third held-out set: factories, doubles and a trained model."""

import contextlib
import json

import numpy as np
import pandas as pd
import pytest

from parcel.features import add_distance
from parcel.model import DelayModel, train


@pytest.fixture
def make_trips():
    def make(n=20, seed=0, **columns):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(
            {
                "trip_id": range(n),
                "zone": rng.choice(["north", "east"], n),
                "weight": rng.uniform(0, 40, n),
                "delay": rng.normal(10, 5, n),
                "x_from": rng.uniform(0, 1, n),
                "x_to": rng.uniform(0, 1, n),
                "y_from": rng.uniform(0, 1, n),
                "y_to": rng.uniform(0, 1, n),
            }
        )
        return frame.assign(**columns)

    return make


@pytest.fixture(params=["small", "large"])
def sized(request, make_trips):
    return make_trips(n={"small": 20, "large": 2000}[request.param])


@pytest.fixture
def check_frame():
    def check(frame, *, rows=None, columns=()):
        if rows is not None:
            assert len(frame) == rows
        missing = [column for column in columns if column not in frame]
        assert not missing, f"missing: {missing}"

    return check


@pytest.fixture
def report(tmp_path):
    def write(**figures):
        path = tmp_path / "report.json"
        path.write_text(json.dumps(figures))
        return path

    return write


@pytest.fixture
def model_under_test(make_trips):
    return train(add_distance(make_trips(200)))


@pytest.fixture
def no_nan():
    @contextlib.contextmanager
    def guard(produce):
        yield
        assert not np.isnan(produce()).any()

    return guard


@pytest.fixture(autouse=True)
def seeded():
    np.random.seed(0)
    assert DelayModel().seed == 0, "the default seed has changed"

"""Rows whose rule turns with time, and trainings of a linear model that take no time."""

import numpy as np
import pyarrow as pa
import pytest

START = 20_454.0  # 2026-01-01, in days since 1970


def world(rate=0.0, jump=None, days=320, rows=8_000, seed=0, noise=0.1, season=0.0):
    """Rows of a rule that turns by `rate` radians a day, and at once by 0.6 on the day `jump`.

    A model that is d days late is wrong in rate * d / pi of the rows more, where labels are not noisy. `season` adds noise
    in a yearly wave, which no model can learn.
    """
    random = np.random.default_rng(seed)
    day = np.sort(random.uniform(0, days, rows))
    a, b = random.normal(size=(2, rows))
    angle = rate * day + (0.0 if jump is None else 0.6 * (day >= jump))
    label = (a * np.cos(angle) + b * np.sin(angle) > 0).astype(int)
    chance = noise + season * (1 + np.sin(2 * np.pi * day / 365)) / 2
    label = np.where(random.random(rows) < chance, 1 - label, label)
    moment = ((START + day) * 86_400e6).astype("int64")
    return pa.table({"a": a, "b": b, "late": label, "day": pa.array(moment, pa.timestamp("us"))})


def fitted(rows):
    """The direction that least squares finds."""
    given = np.column_stack([rows["a"], rows["b"]])
    return np.linalg.lstsq(given, 2.0 * np.asarray(rows["late"]) - 1, rcond=None)[0]


def wrong(direction, rows):
    said = np.column_stack([rows["a"], rows["b"]]) @ direction > 0
    return (said != np.asarray(rows["late"]).astype(bool)).astype(float)


@pytest.fixture(scope="session")
def make_world():
    return world


@pytest.fixture(scope="session")
def refit():
    """Trains on rows, and says in which of each window's the model is wrong."""

    def train(rows, since, until, windows):
        direction = fitted(rows)
        return [wrong(direction, one) for one in windows]

    return train


@pytest.fixture(scope="session")
def past():
    """`past(rows, until)`: a model of the rows before that day since the start."""

    def make(rows, until, length=90):
        moments = np.asarray(rows["day"]).astype("datetime64[us]").astype("int64") / 86_400e6 - START
        direction = fitted(rows.filter(pa.array((moments < until) & (moments >= until - length))))
        return lambda asked: wrong(direction, asked)

    return make

"""Feature functions of a project, cheap and dear, rows to give them, and a model of a few lines."""

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.cost.shapes import Gain
from mlscore.checks.intervals import Interval

FUNCTIONS = '''\
"""Feature functions: cheap ones, and each kind of dear one."""

import os
import time
from pathlib import Path

import numpy as np
import pandas as pd


def clock(rows: pd.DataFrame) -> pd.Series:
    return rows["hour"] + rows["minute"] / 60


def wind(rows):
    return pd.DataFrame({"speed": rows["gust"] * 0.5, "calm": rows["gust"].where(rows["gust"] > 1)})


def slow(rows):
    time.sleep(0.02)
    return rows["hour"] * 2


def hungry(rows):
    held = np.ones((len(rows), 20_000))
    return pd.Series(held[:, 0] * rows["hour"].to_numpy(), name="hungry")


def needless(rows):
    time.sleep(0.005)
    return pd.Series(np.sin(np.arange(len(rows)) * 12.9898), name="needless")


def broken(rows):
    raise KeyError("gust2")


def endless(rows):
    while True:
        time.sleep(0.01)


def batched(rows):
    if len(rows) > 1:
        time.sleep(60)
    return rows["hour"]


def fewer(rows):
    return rows["hour"].head(1)


def running(rows):
    return (value for value in rows["hour"])


def dying(rows):
    os._exit(3)


def chatty(rows):
    print("computing " * 100)
    Path("seen.txt").write_text("kept", encoding="utf-8")
    return rows["minute"]
'''


@pytest.fixture(scope="session")
def functions(tmp_path_factory):
    """A project with the module `cost_features`."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "cost_features.py").write_text(FUNCTIONS, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def raw():
    """What the functions take."""
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "hour": random.integers(0, 24, 300).astype(float),
            "minute": random.integers(0, 60, 300).astype(float),
            "gust": random.exponential(10, 300),
        }
    )


@pytest.fixture
def gain():
    """`gain(name, value, half)`: what a feature gains."""

    def make(name, value, half=0.001):
        return Gain(tuple(name.split(" + ")), Interval(value, value - half, value + half))

    return make

"""Faults put into a real model, and which of slices and simpler models notices each; the healthy model passes both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from mlscore.checks import check_simpler, check_slices
from mlscore.faults.models import model_fault

FEATURES = ["hour", "wind", "distance", "age"]


def rows(seed, n=6000):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "hour": random.integers(0, 24, n).astype(float),
            "wind": random.gamma(2, 5, n),
            "distance": random.lognormal(6, 0.7, n),
            "age": random.integers(0, 30, n).astype(float),
        }
    )
    risk = 2.5 * np.where(frame["hour"] // 4 % 2 == frame["wind"] // 4 % 2, 1, -1) + (frame["age"] - 15) / 15
    return frame, (random.random(n) < 1 / (1 + np.exp(-1.5 * risk))).astype(int)


@pytest.fixture(scope="module")
def trained():
    frame, label = rows(0)
    return HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(frame, label), frame, label


def answered(model, before=None):
    frame, label = rows(1)
    table = pa.Table.from_pandas(frame).append_column("label", pa.array(label))
    table = table.append_column("said", pa.array(np.asarray(model.predict(frame)).astype(int)))
    if before is not None:
        table = table.append_column("before", pa.array(before.predict(frame).astype(int)))
    return table


def simpler(table):
    frame, label = rows(0)
    train = pa.Table.from_pandas(frame).append_column("label", pa.array(label))
    return check_simpler(train, table, label="label", prediction="said", features=FEATURES)


def slices(table):
    # Where the chance changes steeply every model is weak: here it is held against its previous release.
    return check_slices(table, label="label", against="said", previous="before", columns=FEATURES, margin=0.5)


def test_the_healthy_model_passes(trained):
    model = trained[0]
    assert simpler(answered(model)).passed
    assert slices(answered(model, model)).passed


@pytest.mark.parametrize("fault", ["untrained", "label-shuffled", "one-class", "feature-swap"])
def test_simpler_models_are_better_than_a_broken_one(trained, fault):
    broken = model_fault(fault).apply(*trained, seed=1)
    report = simpler(answered(broken.model))
    assert not report.passed
    assert report.hollow is None


@pytest.mark.parametrize("fault", ["slice-collapse", "untrained", "one-class", "previous-better"])
def test_slices_are_worse_than_the_previous_release_s(trained, fault):
    broken = model_fault(fault).apply(*trained, seed=1)
    assert not slices(answered(broken.model, trained[0])).passed

"""A model of a few lines, asked in this process, and rows whose every column has a known part in the label."""

import numpy as np
import pyarrow as pa
import pytest

from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task


class Lines(Predictor):
    """Answers by a function of the columns; it counts the rows it is asked."""

    def __init__(self, score, features, task=Task.BINARY, classes=(0, 1), shares=True):
        self.score, self.features, self.task, self.classes = score, tuple(features), task, classes
        self.shares, self.asked, self.calls = shares, 0, 0
        self.provenance = Provenance("callable")

    @property
    def positive(self):
        return None if self.classes is None else self.classes[-1]

    def predict(self, rows, *, finite=True):
        self.asked += rows.num_rows
        self.calls += 1
        said = np.asarray(self.score({name: rows.column(name).to_numpy() for name in self.features}))
        if self.task is Task.REGRESSION:
            return Prediction(said)
        if said.ndim == 2:
            return Prediction(np.array(self.classes)[said.argmax(1)], said, self.classes)
        values = np.array(self.classes)[(said > 0.5).astype(int)]
        return Prediction(values, np.column_stack([1 - said, said]) if self.shares else None, self.classes)

    def close(self):
        """It holds nothing."""


def late(columns):
    """The true chance, which looks at three columns of five: "b" and "twin" tell the same."""
    risk = 1.5 * columns["a"] + 0.6 * (columns["b"] + columns["twin"])
    return 1 / (1 + np.exp(-risk))


@pytest.fixture
def model():
    """`model(score, features)`: a Predictor; by default the perfect one, of "a", "b" and "twin"."""

    def make(score=late, features=("a", "b", "twin"), **more):
        return Lines(score, features, **more)

    return make


@pytest.fixture
def rows():
    """`rows(seed, n)`: what there is to look at, and the label "late"."""

    def make(seed=0, n=4000):
        random = np.random.default_rng(seed)
        columns = {name: random.normal(size=n) for name in ("a", "b", "idle", "noise")}
        columns["twin"] = columns["b"] + 0.1 * random.normal(size=n)
        label = (random.random(n) < late(columns)).astype(int)
        return pa.table({**columns, "late": label})

    return make

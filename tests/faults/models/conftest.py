"""Small models, fitted on rows that say something, and how wrong a model is on rows it has not seen."""

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

ROWS = 600


class Data:
    """Rows with labels of two classes and with numbers; the first half is for training."""

    def __init__(self, seed=0):
        random = np.random.default_rng(seed)
        self.all = pd.DataFrame(random.normal((0, 50, 3), (1, 10, 2), (ROWS, 3)), columns=list("abc"))
        self.all["shop"] = random.integers(0, 5, ROWS)
        score = self.all["a"] + (self.all["b"] - 50) / 10 - (self.all["c"] - 3) / 3 + random.normal(0, 0.5, ROWS)
        self.numbers = score.to_numpy()
        self.labels = np.where(self.numbers > 0, "yes", "no")
        self.half = ROWS // 2

    def parts(self, numbers=False):
        truth = self.numbers if numbers else self.labels
        half = self.half
        return (self.all[:half], truth[:half]), (self.all[half:], truth[half:])


def loss(model, rows, truth):
    answers = np.asarray(model.predict(rows))
    if truth.dtype.kind == "f":
        return float(np.mean((answers - truth) ** 2))
    return float(np.mean(answers != truth))


KINDS = {
    "linear": lambda: make_pipeline(StandardScaler(), LogisticRegression()),
    "forest": lambda: RandomForestClassifier(10, max_depth=5, random_state=1),
    "tree": lambda: DecisionTreeClassifier(max_depth=5, random_state=1),
    "bayes": GaussianNB,
    "network": lambda: make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=150, random_state=1)),
    "ridge": lambda: make_pipeline(StandardScaler(), Ridge()),
}


@pytest.fixture(scope="session")
def data():
    return Data()


@pytest.fixture(scope="session")
def fitted(data):
    """`fitted(kind)`: the model of that kind, fitted once, with its training and other rows."""
    import warnings

    kept = {}

    def give(kind):
        if kind not in kept:
            train, rest = data.parts(numbers=kind == "ridge")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                kept[kind] = (KINDS[kind]().fit(*train), train, rest)
        return kept[kind]

    return give


@pytest.fixture(name="loss", scope="session")
def loss_fixture():
    return loss

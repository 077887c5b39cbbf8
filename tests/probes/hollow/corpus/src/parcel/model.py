"""The model of delays."""

import joblib
import numpy as np
from sklearn.ensemble import GradientBoostingRegressor


class DelayModel:
    def __init__(self, seed=0):
        self.seed = seed
        self.inner = GradientBoostingRegressor(random_state=seed)

    def fit(self, features, target):
        self.inner.fit(features, target)
        return self

    def predict(self, features):
        return self.inner.predict(features)

    def save(self, path):
        joblib.dump(self, path)

    @classmethod
    def load(cls, path):
        return joblib.load(path)


def build_model(seed=0):
    return DelayModel(seed)


def train(df, seed=0):
    return build_model(seed).fit(df[["distance", "weight"]], df["delay"])


def train_carefully(df):
    model = train(df)
    predicted = model.predict(df[["distance", "weight"]])
    assert np.isfinite(predicted).all()
    return model


def train_or_stop(df):
    model = train(df)
    error = float(np.mean(np.abs(model.predict(df[["distance", "weight"]]) - df["delay"])))
    if error > 30:
        raise RuntimeError(f"mean absolute error is {error} minutes")
    return model

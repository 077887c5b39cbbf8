"""How good a model is."""

import numpy as np
from sklearn.metrics import accuracy_score, f1_score


def accuracy(truth, predicted):
    return float(np.mean(np.asarray(truth) == np.asarray(predicted)))


def late(minutes):
    return np.asarray(minutes) > 15


def evaluate(model, features, target):
    predicted = late(model.predict(features))
    return {"accuracy": accuracy_score(late(target), predicted), "f1": f1_score(late(target), predicted)}


def by_slice(model, df, column):
    return {value: evaluate(model, part[["distance", "weight"]], part["delay"]) for value, part in df.groupby(column)}

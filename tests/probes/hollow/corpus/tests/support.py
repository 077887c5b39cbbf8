"""Helpers of the tests."""

import numpy as np


def assert_columns(df, columns):
    assert list(df.columns) == list(columns)


def describe(df):
    print(df.describe())
    for column in df.columns:
        print(column, df[column].dtype)


def monotone(values):
    differences = np.diff(values)
    if (differences < 0).any():
        raise AssertionError("not monotone")


def run_both(first, second, data):
    left = first(data)
    right = second(data)
    compare(left, right)


def compare(left, right):
    np.testing.assert_allclose(left, right)


def looks_fine(model):
    print("looks fine", model)
    return True


class Recorder:
    def __init__(self):
        self.seen = []

    def __call__(self, message):
        self.seen.append(message)

    def heard(self, count):
        assert len(self.seen) == count

    def show(self):
        print(self.seen)

"""Helpers of the third held-out set: some check, some only look as if they did."""

import numpy as np
from sklearn.metrics import mean_absolute_error


class ModelContract:
    """What every model promises."""

    def __init__(self, model):
        self.model = model

    def verify(self, frame):
        self._length(frame)
        self._finite(frame)

    def _length(self, frame):
        if len(self.model.predict(frame)) != len(frame):
            raise AssertionError("one prediction a row, please")

    def _finite(self, frame):
        assert np.isfinite(self.model.predict(frame)).all()

    def describe(self, frame):
        return {"rows": len(frame), "mean": self.model.predict(frame).mean()}


class FrameAssertions:
    """Mixed into test cases."""

    def assertColumns(self, frame, columns):
        self.assertEqual(list(frame.columns), list(columns))

    def showColumns(self, frame):
        print(list(frame.columns))


def error_below(limit):
    def judge(model, frame, target):
        error = mean_absolute_error(target, model.predict(frame))
        assert error < limit, error

    return judge


def same_distribution(left, right):
    return abs(left.mean() - right.mean()) < 0.1


def validate_quietly(frame):
    try:
        assert frame["weight"].ge(0).all()
    except AssertionError:
        print("negative weights")


def log_quality(model, frame):
    predicted = model.predict(frame)
    print("mean", predicted.mean(), "std", predicted.std())


def eventually(condition, tries=3):
    for _ in range(tries):
        if condition():
            return
    raise TimeoutError("it never came true")


CHECKS = {
    "weights": lambda frame: frame["weight"].ge(0).all(),
    "ids": lambda frame: frame["trip_id"].is_unique,
}


def run_checks(frame):
    failed = [name for name, check in CHECKS.items() if not check(frame)]
    if failed:
        raise ValueError(f"failed: {failed}")

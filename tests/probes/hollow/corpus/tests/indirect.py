"""Sound tests whose assertion is hard to find: third set, written to provoke false accusations."""

from functools import partial
from unittest.mock import Mock

import numpy as np
import pytest

import parcel.monitor
from parcel.features import add_distance, fill_missing, scale
from parcel.model import build_model, train
from support import Recorder, assert_columns, describe, monotone

CHECKS = {"columns": lambda df: assert_columns(df, ["zone"]), "monotone": monotone}
STEPS = [monotone, describe]


def make_checker(limit):
    def check_it(values):
        assert max(values) < limit

    return check_it


def make_printer(limit):
    def print_it(values):
        print(max(values), limit)

    return print_it


def make_recorder():
    recorder = Recorder()
    return recorder


class Robot:
    """A page object: every step returns the robot."""

    def __init__(self, frame):
        self.frame = frame

    @classmethod
    def of(cls, frame):
        return cls(frame)

    def filled(self):
        self.frame = fill_missing(self.frame)
        return self

    def has_no_gaps(self):
        assert self.frame.notna().all().all()
        return self

    def shown(self):
        print(self.frame)
        return self


@pytest.fixture
def recorder():
    return make_recorder()


@pytest.fixture
def robot(trips) -> Robot:
    return Robot.of(trips)


def test_closure(fitted, trips):  # expect: ok
    below = make_checker(500)
    below(fitted.predict(trips))


def test_closure_called_at_once(fitted, trips):  # expect: ok
    make_checker(500)(fitted.predict(trips))


def test_printing_closure(fitted, trips):  # expect: hollow no-assertion
    shown = make_printer(500)
    shown(fitted.predict(trips))


def test_object_of_factory():  # expect: ok
    recorder = make_recorder()
    parcel.monitor.alert(3, 1, recorder)
    recorder.heard(1)


def test_object_of_fixture(recorder):  # expect: ok
    parcel.monitor.alert(3, 1, recorder)
    recorder.heard(1)


def test_object_of_fixture_shown(recorder):  # expect: hollow no-assertion
    parcel.monitor.alert(3, 1, recorder)
    recorder.show()


def test_annotated_argument(spy: Recorder):  # expect: ok
    parcel.monitor.alert(3, 1, spy)
    spy.heard(1)


def test_fluent(trips):  # expect: ok
    Robot.of(trips).filled().has_no_gaps()


def test_fluent_shown(trips):  # expect: hollow no-assertion
    Robot.of(trips).filled().shown()


def test_fluent_fixture(robot):  # expect: ok
    robot.filled().has_no_gaps()


def test_comprehension_of_checks(trips):  # expect: ok
    [check(trips["weight"]) for check in STEPS]


def test_loop_over_dictionary(trips):  # expect: ok
    for name, inspect in {"a": monotone, "b": describe}.items():
        inspect(trips["weight"])


def test_loop_over_module_list(trips):  # expect: ok
    for step in STEPS:
        step(trips["weight"])


def test_subscript(trips):  # expect: ok
    {"m": monotone}["m"](trips["weight"])


def test_alias_of_mock_method():  # expect: ok
    sender = Mock()
    once = sender.assert_called_once
    parcel.monitor.alert(3, 1, sender)
    once()


def test_replaced_function_checks(trips):  # expect: ok
    original = parcel.monitor.psi
    try:
        parcel.monitor.psi = make_checker(3)
        parcel.monitor.log_drift(trips["delay"], trips["delay"])
    finally:
        parcel.monitor.psi = original


def finite(values):
    assert np.isfinite(values).all()
    return 0.0


def test_replaced_by_helper(trips):  # expect: ok
    parcel.monitor.psi = finite
    parcel.monitor.log_drift(trips["delay"], trips["delay"])


def test_choice(trips, fitted):  # expect: ok
    inspect = monotone if len(trips) > 3 else finite
    inspect(fitted.predict(trips))


def test_partial_kept(trips):  # expect: ok
    same = partial(assert_columns, columns=["zone"])
    same(trips)


def test_dynamic_name(trips):  # expect: weak
    import support

    getattr(support, "assert_" + "columns")(trips, ["zone"])


def test_nested_uses_argument(trips, assert_same_rows):  # expect: ok
    def both(function):
        assert_same_rows(trips, function(trips))

    both(add_distance)
    both(fill_missing)


class TestWithHelper:
    spy = Recorder()

    def setup_method(self):
        self.recorder = Recorder()
        self.limit = make_checker(500)
        self.model = build_model()

    def test_helper_of_setup(self):  # expect: ok
        parcel.monitor.alert(3, 1, self.recorder)
        self.recorder.heard(1)

    def test_helper_of_class(self):  # expect: ok
        parcel.monitor.alert(3, 1, self.spy)
        self.spy.heard(1)

    def test_function_of_setup(self, trips):  # expect: ok
        self.limit(self.model.predict(trips))

    def test_helper_of_setup_shown(self):  # expect: hollow no-assertion
        self.recorder.show()

    def test_model_of_setup(self, trips):  # expect: hollow no-assertion
        self.model.fit(trips[["weight"]], trips["delay"])


def test_generator_of_checks(trips):  # expect: ok
    def steps():
        yield monotone
        yield finite

    for step in steps():
        step(trips["weight"])


def test_local_product_function(trips):  # expect: hollow no-assertion
    run = train
    model = run(trips)
    model.predict(trips)


def test_scaled_with_local_model(trips):  # expect: hollow no-assertion
    model = build_model()
    model.fit(scale(trips[["weight"]]), trips["delay"])

"""Assertions made by helpers, fixtures and decorators."""

import functools

import numpy as np
import pytest

import support
from parcel.evaluate import by_slice
from parcel.features import add_distance, fill_missing
from parcel.model import DelayModel, build_model, train
from parcel.schema import validate_trips

from . import support as local_support
from .support import Recorder, assert_columns, monotone, run_both


def test_imported_helper(trips):  # expect: ok
    assert_columns(trips, ["trip_id", "zone", "weight", "delay"])


def test_helper_by_module(trips):  # expect: ok
    support.assert_columns(trips, ["trip_id"])


def test_relative_module(trips):  # expect: ok
    local_support.compare(trips["weight"], trips["weight"].copy())


def test_raising_helper(fitted):  # expect: ok
    monotone([fitted.predict([[d, 1.0]])[0] for d in range(5)])


def test_two_levels(fitted, trips):  # expect: ok
    run_both(fitted.predict, DelayModel.load("model.joblib").predict, trips)


def _shape(model, rows):
    assert model.predict(np.ones((rows, 2))).shape == (rows,)


def test_private_helper(fitted):  # expect: ok
    _shape(fitted, 3)


def test_helper_in_comprehension(fitted):  # expect: ok
    [_shape(fitted, rows) for rows in (1, 5)]


def test_helper_partial(fitted):  # expect: ok
    shape = functools.partial(_shape, fitted)
    shape(4)


def test_fixture_gives_assertion(assert_same_rows, trips):  # expect: ok
    assert_same_rows(trips, add_distance(trips))


def test_object_asserts(fitted, trips):  # expect: ok
    recorder = Recorder()
    fitted.on_predict(recorder)
    fitted.predict(trips)
    recorder.heard(1)


def test_validates(trips):  # expect: ok
    validate_trips(fill_missing(trips))


def test_fixture_after(no_open_figures, fitted):  # expect: ok
    fitted.plot()


@pytest.mark.usefixtures("no_open_figures")
def test_fixture_by_name(fitted):  # expect: ok
    fitted.plot()


def test_fixture_checks_before(loaded_trips):  # expect: weak
    train(loaded_trips)


CHECKS = [assert_columns, monotone]


@pytest.mark.parametrize("check", CHECKS)
def test_parameter_is_check(check, trips):  # expect: ok
    check(trips, ["zone"])


@pytest.mark.parametrize("function", [add_distance, fill_missing])
def test_parameter_is_function(function, trips):  # expect: ok
    before = len(trips)
    assert len(function(trips)) == before


@pytest.mark.parametrize(
    "seed, expectation",
    [(0, None), (-1, pytest.raises(ValueError))],
)
def test_expectation(seed, expectation, trips):  # expect: ok
    with expectation or functools.nullcontext():
        train(trips, seed=seed)


def both(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        result = function(*args, **kwargs)
        assert result is None or result >= 0
        return result

    return wrapper


@both
def test_decorated(trips):  # expect: ok
    train(trips)


def every_slice(model, df):
    for name, metrics in by_slice(model, df, "zone").items():
        yield name, metrics


def test_slices(fitted, trips):  # expect: ok
    for name, metrics in every_slice(fitted, trips):
        assert metrics["f1"] > 0.5, name


def test_worst_slice(fitted, trips):  # expect: ok
    worst = min(m["accuracy"] for m in by_slice(fitted, trips, "zone").values())
    assert worst > 0.7


class TestShared:
    @pytest.fixture
    def model(self):
        return build_model()

    def agree(self, left, right):
        assert np.allclose(left, right)

    @staticmethod
    def same_length(left, right):
        assert len(left) == len(right)

    def test_agree(self, model, trips):  # expect: ok
        self.agree(model.predict(trips), model.predict(trips.copy()))

    def test_static(self, model, trips):  # expect: ok
        TestShared.same_length(model.predict(trips), trips)

    def test_fixture_of_class(self, model):  # expect: hollow no-assertion
        model.fit([[1.0, 2.0]], [3.0])

    class TestInner:
        def test_inner(self, fitted):  # expect: ok
            assert fitted.seed == 0


def recursive(values):
    if len(values) > 1:
        recursive(values[1:])
    assert values[0] >= 0


def test_recursive(fitted, trips):  # expect: ok
    recursive(list(fitted.predict(trips)))


def ping(n):
    return pong(n - 1) if n else None


def pong(n):
    return ping(n - 1) if n else None


def test_mutual_recursion():  # expect: hollow no-assertion
    ping(4)


class Eventually:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        assert error[0] is None


def test_own_context(fitted, trips):  # expect: ok
    with Eventually():
        fitted.predict(trips)

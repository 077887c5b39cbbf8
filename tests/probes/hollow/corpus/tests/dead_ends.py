"""Assertions that control never reaches, and tests that stop themselves."""

import sys
import unittest
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parcel.features import bucket_hour, encode_zone
from parcel.model import train

RUN_SLOW = False
CASES = []


def test_returns_early(trips):  # expect: hollow unreachable
    model = train(trips)
    return
    assert model.predict(trips).mean() < 60


def test_stops_early(trips):  # expect: hollow unreachable
    train(trips)
    sys.exit(0)
    assert len(trips) == 3


def test_if_false(trips):  # expect: hollow unreachable
    if False:
        assert trips["weight"].max() < 40


def test_if_zero(trips):  # expect: hollow unreachable
    model = train(trips)
    if 0:
        assert model.predict(trips).mean() < 60


def test_switched_off(trips):  # expect: hollow unreachable
    if RUN_SLOW:
        assert train(trips).predict(trips).mean() < 60


def test_type_checking_only(trips):  # expect: hollow unreachable
    if TYPE_CHECKING:
        assert trips["weight"].max() < 40


def test_main_guard(trips):  # expect: hollow unreachable
    if __name__ == "__main__":
        assert trips["weight"].max() < 40


def test_loop_over_nothing(trips):  # expect: hollow empty-loop
    for column in []:
        assert trips[column].notna().all()


def test_loop_over_empty_list_variable(trips):  # expect: hollow empty-loop
    columns = []
    for column in columns:
        assert trips[column].notna().all()


def test_loop_over_module_cases(trips):  # expect: hollow empty-loop
    for zone, code in CASES:
        assert encode_zone(zone) == code


def test_while_false(trips):  # expect: hollow empty-loop
    while False:
        assert len(trips)


def test_range_zero(trips):  # expect: hollow empty-loop
    for _ in range(0):
        assert train(trips).seed == 1


def test_not_yet():  # expect: hollow always-skips
    pytest.skip("to be written")


def test_skips_after_work(trips):  # expect: hollow always-skips
    model = train(trips)
    predictions = model.predict(trips)
    print(predictions)
    pytest.skip("thresholds are not agreed yet")


def test_skips_before_assert(trips):  # expect: hollow always-skips
    pytest.skip("flaky on the build machine")
    assert train(trips).predict(trips).mean() < 60


def test_asserts_then_skips(trips):  # expect: hollow always-skips
    assert len(trips) > 3
    pytest.skip("to be continued")


def test_raise_skip(trips):  # expect: hollow always-skips
    raise unittest.SkipTest("no GPU here")


@pytest.mark.skip(reason="rewrite for the new model")
def test_marked_skip(trips):  # expect: hollow always-skips
    assert train(trips).seed == 0


@pytest.mark.skipif(True, reason="slow")
def test_skipif_true(trips):  # expect: hollow always-skips
    assert train(trips).seed == 0


def test_nested_never_called(trips):  # expect: hollow never-called
    def check():
        assert trips["weight"].notna().all()


def test_inner_test(trips):  # expect: hollow never-called
    model = train(trips)

    def test_shape():
        assert len(model.predict(trips)) == len(trips)

    def test_range():
        assert model.predict(trips).max() < 500


def test_lambda_never_called(trips):  # expect: hollow never-called
    check = lambda df: pytest.fail("empty") if df.empty else None


def test_generates_checks(trips):  # expect: hollow generator-test
    for column in trips.columns:
        yield lambda column: trips[column].notna().all(), column


def test_yields(trips):  # expect: hollow generator-test
    assert trips["weight"].notna().all()
    yield


@pytest.mark.parametrize("zone, code", [])
def test_no_parameters(zone, code):  # expect: hollow empty-parametrize
    assert encode_zone(zone) == code


@pytest.mark.parametrize("zone", CASES)
def test_no_cases(zone):  # expect: hollow empty-parametrize
    assert encode_zone(zone) >= 0


def test_both_branches_return(trips):  # expect: hollow unreachable
    if len(trips) > 10:
        return
    else:
        return
    assert trips["weight"].notna().all()


def test_calls_inner(trips):  # expect: ok
    def check(column):
        assert trips[column].notna().all()

    check("weight")
    check("delay")


def test_passes_inner_on(fitted, trips):  # expect: ok
    def on_epoch(loss):
        assert loss < 100

    fitted.fit(trips, callback=on_epoch)


def test_lambda_is_called(trips):  # expect: ok
    positive = lambda column: (trips[column] > 0).all()
    assert positive("weight")


def test_given_inside():  # expect: ok
    @given(st.integers(0, 23))
    def holds(hour):
        assert bucket_hour(hour) in {"night", "day"}

    holds()


def test_given_inside_forgotten():  # expect: hollow never-called
    @given(st.integers(0, 23))
    def holds(hour):
        assert bucket_hour(hour) in {"night", "day"}


def test_conditional_return(trips):  # expect: ok
    if trips.empty:
        return
    assert trips["weight"].max() < 40


def test_conditional_skip(trips):  # expect: ok
    if not hasattr(trips, "to_parquet"):
        pytest.skip("old pandas")
    assert trips["weight"].max() < 40


def test_skip_in_else(trips):  # expect: ok
    if "weight" in trips:
        assert trips["weight"].max() < 40
    else:
        pytest.skip("no weights")


@pytest.mark.skipif(sys.platform == "win32", reason="paths")
def test_skipif_condition(trips):  # expect: ok
    assert trips["weight"].max() < 40


@pytest.mark.parametrize("zone, code", [("north", 0), ("west", 3)])
def test_encodes(zone, code):  # expect: ok
    assert encode_zone(zone) == code


def test_loop_over_literals():  # expect: ok
    for hour, name in [(3, "night"), (12, "day")]:
        assert bucket_hour(hour) == name


def test_loop_over_grown_list(trips):  # expect: ok
    large = []
    for weight in trips["weight"]:
        if weight > 30:
            large.append(weight)
    for weight in large:
        assert weight < 40


def test_while_true(fitted, trips):  # expect: ok
    rounds = 0
    while True:
        rounds += 1
        if fitted.step(trips) < 1e-3:
            break
    assert rounds < 100


def test_endless_loop_asserts(fitted, trips):  # expect: ok
    while True:
        assert fitted.step(trips) < 100
        if fitted.done:
            return


def test_raises_if_wrong(fitted, trips):  # expect: ok
    if fitted.predict(trips).mean() > 60:
        raise ValueError("predictions are off")


def test_exits_if_wrong(fitted, trips):  # expect: ok
    if fitted.predict(trips).mean() > 60:
        sys.exit(1)


def test_not_written():  # expect: ok
    raise NotImplementedError("write me")


def test_match_statement(trips):  # expect: ok
    match trips.shape:
        case (0, _):
            pytest.fail("no rows")
        case (_, 4):
            pass
        case _:
            pytest.fail("other columns")


class TestLater:
    @pytest.mark.skip
    def test_in_class(self, trips):  # expect: hollow always-skips
        assert len(trips)


@unittest.skip("for now")
class TestSkippedClass(unittest.TestCase):
    def test_anything(self):  # expect: hollow always-skips
        self.assertEqual(encode_zone("north"), 0)

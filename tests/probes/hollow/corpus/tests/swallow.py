"""Failures that something catches."""

import contextlib
import logging
import traceback
import unittest
import warnings

import numpy as np
import pytest

from parcel.features import encode_zone
from parcel.model import train
from parcel.schema import TRIPS, validate_trips
from support import assert_columns

log = logging.getLogger(__name__)


def test_weights(trips):  # expect: hollow swallowed
    try:
        assert (trips["weight"] > 0).all()
    except AssertionError:
        print("some weights are not positive")


def test_schema_holds(trips):  # expect: hollow swallowed
    try:
        validate_trips(trips)
    except Exception as error:
        print(f"schema violated: {error}")


def test_pipeline_runs(trips):  # expect: hollow swallowed
    try:
        model = train(trips)
        assert model.predict(trips).shape == (len(trips),)
    except:
        pass


def test_logs_failure(trips):  # expect: hollow swallowed
    try:
        np.testing.assert_allclose(trips["weight"].mean(), 4.2, rtol=0.1)
    except AssertionError as error:
        log.warning("mean has moved: %s", error)


def test_warns_on_failure(trips):  # expect: hollow swallowed
    try:
        assert trips["delay"].median() < 10
    except AssertionError:
        warnings.warn("delays have grown")


def test_skips_on_failure(trips):  # expect: hollow swallowed
    try:
        assert trips["delay"].median() < 10
    except AssertionError:
        pytest.skip("delays have grown")


def test_traceback_only(trips):  # expect: hollow swallowed
    try:
        TRIPS.validate(trips)
    except BaseException:
        traceback.print_exc()


def test_returns_on_failure(trips):  # expect: hollow swallowed
    try:
        assert_columns(trips, ["zone"])
    except Exception:
        return


def test_suppressed(trips):  # expect: hollow swallowed
    with contextlib.suppress(AssertionError):
        assert trips["weight"].max() < 40


def test_suppressed_broad(trips):  # expect: hollow swallowed
    with contextlib.suppress(Exception):
        validate_trips(trips)
        assert len(trips) == 100


def test_expected_error_wrongly(trips):  # expect: hollow swallowed
    try:
        encode_zone("moon")
        assert False, "should have raised"
    except Exception:
        pass


def test_nested_try(trips):  # expect: hollow swallowed
    try:
        try:
            assert trips["zone"].notna().all()
        except ValueError:
            raise
    except Exception as error:
        print(error)


def test_tuple_of_exceptions(trips):  # expect: hollow swallowed
    try:
        assert trips["zone"].notna().all()
    except (ValueError, AssertionError) as error:
        print("ignored", error)


def test_in_a_loop(trips):  # expect: hollow swallowed
    for column in ("weight", "delay"):
        try:
            assert trips[column].notna().all()
        except AssertionError:
            continue


def test_assert_true_in_both(trips):  # expect: hollow constant-assertion
    try:
        train(trips)
        assert True
    except Exception:
        assert True


def test_finally_returns(trips):  # expect: hollow swallowed
    try:
        assert trips["weight"].notna().all()
    finally:
        return


class TestSwallow(unittest.TestCase):
    def test_unittest_swallow(self):  # expect: hollow swallowed
        try:
            self.assertEqual(encode_zone("north"), 0)
        except Exception as error:
            print(error)

    def test_unittest_fail_in_handler(self):  # expect: ok
        try:
            encode_zone("north")
        except KeyError:
            self.fail("north is a zone")


def test_reraises(trips):  # expect: ok
    try:
        assert trips["zone"].notna().all()
    except AssertionError:
        print(trips[trips["zone"].isna()])
        raise


def test_fails_in_handler(trips):  # expect: ok
    try:
        train(trips)
    except Exception as error:
        pytest.fail(f"training raised {error}")


def test_asserts_in_handler(trips):  # expect: ok
    try:
        train(trips.drop(columns="weight"))
    except KeyError as error:
        assert "weight" in str(error)
    else:
        pytest.fail("a missing column was accepted")


def test_assert_false_in_handler(trips):  # expect: ok
    try:
        train(trips)
    except Exception:
        assert False, "training raised"


def test_narrow_handler(trips):  # expect: ok
    try:
        encode_zone("moon")
        assert False, "should have raised"
    except KeyError:
        pass


def test_pytest_fail_passes_exception():  # expect: ok
    try:
        encode_zone("moon")
        pytest.fail("should have raised")
    except Exception as error:
        print(error)


def test_gathers_errors(trips):  # expect: ok
    errors = []
    for column in trips.columns:
        try:
            assert trips[column].notna().all()
        except AssertionError:
            errors.append(column)
    assert errors == []


def test_flag_in_handler(trips):  # expect: ok
    raised = False
    try:
        encode_zone("moon")
    except KeyError:
        raised = True
    assert raised


def test_assert_after_try(trips):  # expect: ok
    try:
        model = train(trips)
    except MemoryError:
        pytest.skip("too little memory")
    assert model.seed == 0


def test_cleanup_only(tmp_path, trips):  # expect: ok
    try:
        trips.to_parquet(tmp_path / "t.parquet")
        assert (tmp_path / "t.parquet").stat().st_size > 100
    finally:
        (tmp_path / "t.parquet").unlink()


def test_conditional_reraise(trips):  # expect: ok
    try:
        assert trips["zone"].notna().all()
    except AssertionError:
        if len(trips) > 10:
            raise


def test_suppress_other(trips, tmp_path):  # expect: ok
    with contextlib.suppress(FileNotFoundError):
        (tmp_path / "old").unlink()
        assert len(trips.columns) == 4


def test_retry_until_right(fitted, trips):  # expect: ok
    for attempt in range(3):
        try:
            assert fitted.predict(trips).mean() < 60
            break
        except AssertionError:
            if attempt == 2:
                raise


def test_optional_import(trips):  # expect: ok
    try:
        import polars as pl
    except ImportError:
        pytest.skip("polars is absent")
    assert pl.from_pandas(trips).height == len(trips)


def test_exception_group(trips):  # expect: hollow swallowed
    try:
        assert trips["zone"].notna().all()
    except* AssertionError as group:
        print(group)


def check_quietly(df):
    try:
        assert_columns(df, ["zone"])
    except AssertionError:
        return False
    return True


def test_quiet_helper_unread(trips):  # expect: hollow swallowed
    check_quietly(trips)


def test_quiet_helper_read(trips):  # expect: ok
    assert check_quietly(trips)

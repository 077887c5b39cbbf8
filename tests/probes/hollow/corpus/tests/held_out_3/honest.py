"""Sound tests in unusual dress, written to provoke false accusations."""

import asyncio
import contextlib
import dataclasses
import enum
import functools
import subprocess
import sys
import threading
import unittest
from contextlib import ExitStack, nullcontext
from unittest.mock import AsyncMock, Mock

import chex
import httpx
import jsonschema
import mlflow
import numpy as np
import pandas as pd
import polars as pl
import pytest
import requests
import responses
import tensorflow as tf
import xarray as xr
from evidently.test_suite import TestSuite
from expects import equal, expect
from hamcrest import assert_that, close_to
from polars.testing import assert_frame_equal as assert_polars_equal
from pyspark.testing import assertDataFrameEqual
from pydantic import BaseModel, TypeAdapter
from sklearn.utils.validation import check_is_fitted

from parcel import features, monitor
from parcel.evaluate import evaluate
from parcel.features import add_distance, bucket_hour, encode_zone, scale
from parcel.model import DelayModel, train

FEATURES = ["distance", "weight"]


class Answer(BaseModel):
    delay: float


class Rule(enum.Enum):
    POSITIVE = enum.member(functools.partial(np.testing.assert_array_less, -1e-9))

    def apply(self, values):
        self.value(values)


@dataclasses.dataclass
class Checked:
    frame: pd.DataFrame

    def __post_init__(self):
        assert self.frame["distance"].notna().all()


class NoLeak:
    def __init__(self, frame):
        self.frame, self.before = frame, frame.copy()

    def __enter__(self):
        return self.frame

    def __exit__(self, *_):
        pd.testing.assert_frame_equal(self.frame, self.before)


def finite(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        out = function(*args, **kwargs)
        assert np.isfinite(out).all()

    return wrapper


def check_positive(frame):
    assert (frame["distance"] >= 0).all()
    return frame


def check_short(frame):
    assert frame["distance"].max() < 2
    return frame


def check_row(row):
    if row["distance"] < 0:
        raise AssertionError(row.name)
    return 0


@pytest.fixture
def frame(make_trips):
    return add_distance(make_trips())


@pytest.fixture
def recorder():
    calls = []
    yield calls.append
    assert len(calls) == 1, "exactly one alert, please"


@pytest.fixture
def compare():
    return functools.partial(np.testing.assert_allclose, rtol=1e-6)


@pytest.fixture
def checker(request):
    return {"positive": check_positive, "short": check_short}[request.param]


@finite
def test_decorated(make_trips):  # expect: ok
    return scale(make_trips()["weight"])


def test_checks_in_a_row(frame):  # expect: ok
    for check in (check_positive, check_short):
        check(frame)


def test_pipe(frame):  # expect: ok
    frame.pipe(check_positive).pipe(check_short)


def test_apply(frame):  # expect: ok
    frame.apply(check_row, axis=1)


def test_map(frame):  # expect: ok
    list(map(check_positive, [frame, frame.head()]))


def test_reduce(frame):  # expect: ok
    functools.reduce(lambda kept, check: check(kept), [check_positive, check_short], frame)


@pytest.mark.parametrize("checker", ["positive", "short"], indirect=True)
def test_indirect(checker, frame):  # expect: ok
    checker(frame)


@pytest.mark.parametrize("name", ["check_positive", "check_short"])
def test_by_name(name, frame):  # expect: ok
    globals()[name](frame)


def test_by_fixture_name(request, frame):  # expect: ok
    np.testing.assert_array_less(-1e-9, request.getfixturevalue("frame")["distance"])


def test_enum_of_rules(frame):  # expect: ok
    Rule.POSITIVE.apply(frame["distance"])


def test_post_init(frame):  # expect: ok
    Checked(frame)


def test_leaves_input_alone(frame):  # expect: ok
    with NoLeak(frame) as watched:
        train(watched)


def test_partial_fixture(compare):  # expect: ok
    compare(scale([1.0, 2.0, 3.0]).mean(), 0)


def test_local_partial():  # expect: ok
    near = functools.partial(np.testing.assert_allclose, atol=1e-6)
    near(scale([1.0, 2.0, 3.0]).mean(), 0)


def test_lambda(frame):  # expect: ok
    below = lambda limit: np.testing.assert_array_less(frame["distance"], limit)
    below(2)


def test_recorder(recorder):  # expect: ok
    monitor.alert(3, 2, recorder)


@pytest.mark.parametrize("zone, outcome", [("north", nullcontext()), ("moon", pytest.raises(KeyError))])
def test_outcome(zone, outcome):  # expect: ok
    with outcome:
        encode_zone(zone)


@pytest.mark.parametrize("zone, known", [("north", True), ("moon", False)])
def test_known_or_not(zone, known):  # expect: ok
    with nullcontext() if known else pytest.raises(KeyError):
        encode_zone(zone)


def test_exit_stack():  # expect: ok
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(KeyError))
        encode_zone("moon")


def test_raises_by_call():  # expect: ok
    pytest.raises(KeyError, encode_zone, "moon")


def test_numpy_raises():  # expect: ok
    np.testing.assert_raises(KeyError, encode_zone, "moon")


def test_in_a_thread(frame):  # expect: ok
    failures = []

    def work():
        try:
            check_positive(frame)
        except AssertionError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert not failures


def test_async_run():  # expect: ok
    async def main():
        await asyncio.sleep(0)
        assert bucket_hour(3) == "night"

    asyncio.run(main())


def test_async_loop():  # expect: ok
    async def one(hour):
        assert bucket_hour(hour) == "night"

    loop = asyncio.new_event_loop()
    loop.run_until_complete(asyncio.gather(one(1), one(2)))


def test_nobody_is_told(monkeypatch):  # expect: ok
    monkeypatch.setattr(requests, "post", lambda *a, **k: pytest.fail("no network, please"))
    monitor.alert(1, 2, requests.post)


def test_check_output():  # expect: ok
    subprocess.check_output([sys.executable, "-c", "import parcel"])


def test_exit(frame):  # expect: ok
    sys.exit(1 if frame["distance"].lt(0).any() else 0)


def test_hamcrest():  # expect: ok
    assert_that(scale([1.0, 2.0]).mean(), close_to(0, 1e-6))


def test_expects():  # expect: ok
    expect(bucket_hour(3)).to(equal("night"))


def test_soft(check):  # expect: ok
    check.equal(bucket_hour(3), "night")
    check.equal(bucket_hour(9), "day")


def test_chex(frame):  # expect: ok
    chex.assert_shape(scale(frame["weight"]), (20,))


def test_tensorflow(frame):  # expect: ok
    tf.debugging.assert_all_finite(scale(frame["weight"]), "not finite")


class NetCase(tf.test.TestCase):
    def test_scaled(self):  # expect: ok
        self.assertAllClose(scale([1.0, 3.0]), [-1.0, 1.0])


def test_xarray(frame):  # expect: ok
    left, right = xr.DataArray(scale(frame["weight"])), xr.DataArray(scale(frame["weight"] * 2))
    xr.testing.assert_allclose(left, right)


def test_polars(frame):  # expect: ok
    assert_polars_equal(pl.from_pandas(add_distance(frame)), pl.from_pandas(frame))


def test_spark(spark, frame):  # expect: ok
    made = spark.createDataFrame(frame)
    assertDataFrameEqual(made, made.dropDuplicates(["trip_id"]))


def test_spark_count(spark, frame):  # expect: ok
    assert spark.createDataFrame(frame).filter("distance < 0").count() == 0


def test_evidently(make_trips):  # expect: ok
    suite = TestSuite(tests=[])
    suite.run(reference_data=make_trips(seed=1), current_data=make_trips(seed=2))
    assert suite.as_dict()["summary"]["all_passed"]


def test_fitted(frame):  # expect: ok
    check_is_fitted(train(frame).inner)


def test_registered(frame):  # expect: ok
    model = mlflow.pyfunc.load_model("models:/delay/1")
    assert model.predict(frame[FEATURES]).shape == (20,)


def test_answer_schema(client):  # expect: ok
    jsonschema.validate(client.get("/health").json(), {"type": "object", "required": ["status"]})


def test_answer_type(client):  # expect: weak
    Answer(**client.post("/predict", json={"weight": 3}).json())


def test_answer_types(client):  # expect: ok
    TypeAdapter(list[Answer]).validate_python(client.get("/answers").json())


def test_benchmark(benchmark, frame):  # expect: ok
    model = train(frame)
    benchmark(model.predict, frame[FEATURES])
    assert benchmark.stats["mean"] < 0.1


def test_regression(num_regression, frame):  # expect: ok
    num_regression.check({"distance": frame["distance"].to_numpy()})


def test_snapshot(snapshot, frame):  # expect: ok
    assert frame.describe().to_dict() == snapshot


def test_snapshot_matched(snapshot, frame):  # expect: ok
    snapshot.assert_match(frame.describe().to_csv(), "summary.csv")


def test_posted_once(requests_mock):  # expect: ok
    requests_mock.post("http://alerts", text="ok")
    monitor.alert(3, 2, lambda text: requests.post("http://alerts", data=text))
    assert requests_mock.called_once


@responses.activate
def test_posted(frame):  # expect: ok
    responses.post("http://alerts")
    monitor.alert(3, 2, lambda text: requests.post("http://alerts", data=text))
    responses.assert_call_count("http://alerts", 1)


def test_transport():  # expect: ok
    seen = []
    transport = httpx.MockTransport(lambda request: seen.append(request.url.path) or httpx.Response(200))
    with httpx.Client(transport=transport, base_url="http://alerts") as http:
        monitor.alert(3, 2, lambda text: http.post("/new", content=text))
    assert seen == ["/new"]


def test_awaited():  # expect: ok
    send = AsyncMock()
    asyncio.run(send(monitor.alert(3, 2, print)))
    send.assert_awaited_once_with(True)


def test_model_double(frame):  # expect: ok
    model = Mock(spec=DelayModel)
    model.predict.return_value = frame["delay"].to_numpy()
    assert evaluate(model, frame[FEATURES], frame["delay"])["accuracy"] == 1


def test_failing_model(frame, mocker):  # expect: ok
    mocker.patch.object(features, "encode_zone", side_effect=AssertionError("not needed here"))
    add_distance(frame)


def test_first_bad(frame):  # expect: ok
    assert next((row for row in frame.itertuples() if row.distance < 0), None) is None


def test_for_else(frame):  # expect: ok
    for row in frame.itertuples():
        if row.distance > 0.01:
            break
    else:
        raise AssertionError("nobody travels")


def test_matched(frame):  # expect: ok
    match train(frame).predict(frame[FEATURES]).shape:
        case (rows,):
            assert rows == len(frame)
        case other:
            pytest.fail(f"{other}?")


def test_warns():  # expect: ok
    with pytest.warns(RuntimeWarning):
        scale([1.0, 1.0])


def test_quiet(recwarn, frame):  # expect: ok
    add_distance(frame)
    assert len(recwarn) == 0


def test_round_trip(tmp_path, frame):  # expect: ok
    path = tmp_path / "model.joblib"
    train(frame).save(path)
    with contextlib.suppress(FileNotFoundError):
        (tmp_path / "other").unlink()
    assert path.is_file()


class CleanupCase(unittest.TestCase):
    def test_cleanup(self):  # expect: ok
        self.addCleanup(self.assertEqual, bucket_hour(3), "night")

    def test_each(self):  # expect: ok
        for hour in range(6):
            getattr(self, "_is_night")(hour)

    def _is_night(self, hour):
        self.assertEqual(bucket_hour(hour), "night")


def test_finalizer(request, frame):  # expect: ok
    request.addfinalizer(lambda: check_positive(frame))
    train(frame)

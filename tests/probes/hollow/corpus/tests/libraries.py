"""Assertions made by testing libraries, under their many names."""

import subprocess as sp

import chex
import deepchecks.tabular as dc
import great_expectations as gx
import hypothesis.strategies as st
import jsonschema
import numpy as np
import numpy.testing as npt
import pandas as pd
import pandas.testing as tm
import pandera.pandas as pa
import polars as pl
import pytest
import torch
from evidently import Report
from hypothesis import given, settings
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_almost_equal as close
from pandas.testing import assert_series_equal
from polars.testing import assert_frame_equal
from pyspark.testing import assertDataFrameEqual
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks
from sklearn.utils.validation import check_is_fitted

from parcel.features import add_distance, bucket_hour, encode_zone, fill_missing, scale
from parcel.model import DelayModel, build_model, train
from parcel.schema import TRIPS, Trips, weigh


def test_numpy_alias():  # expect: ok
    npt.assert_allclose(scale([1, 3]), [-1, 1])


def test_numpy_renamed():  # expect: ok
    close(scale([1, 3]), [-1, 1])


def test_numpy_full():  # expect: ok
    np.testing.assert_array_equal(scale([1, 3]), [-1, 1])


def test_pandas_alias(trips):  # expect: ok
    tm.assert_frame_equal(fill_missing(trips), fill_missing(fill_missing(trips)))


def test_series(trips):  # expect: ok
    assert_series_equal(trips["weight"], fill_missing(trips)["weight"])


def test_polars(trips):  # expect: ok
    frame = pl.from_pandas(trips)
    assert_frame_equal(frame, frame.unique(maintain_order=True))


def test_torch_close(fitted):  # expect: ok
    torch.testing.assert_close(fitted.net(torch.ones(1, 2)), torch.zeros(1, 1))


def test_gradients(fitted):  # expect: ok
    torch.autograd.gradcheck(fitted.net, torch.ones(1, 2, dtype=torch.double, requires_grad=True))


def test_chex(fitted):  # expect: ok
    chex.assert_tree_all_finite(fitted.params)


def test_spark(spark, trips):  # expect: ok
    assertDataFrameEqual(spark.createDataFrame(trips), spark.read.parquet("data/trips.parquet"))


def test_pandera_object(trips):  # expect: ok
    TRIPS.validate(trips, lazy=True)


def test_pandera_call(trips):  # expect: ok
    TRIPS(trips)


def test_pandera_model(trips):  # expect: ok
    Trips.validate(trips)


def test_pandera_local(trips):  # expect: ok
    schema = pa.DataFrameSchema({"weight": pa.Column(float)})
    schema.validate(trips)


def test_pandera_types(trips):  # expect: ok
    weigh(trips)


def test_expectations_read(trips):  # expect: ok
    data = gx.from_pandas(trips)
    assert data.expect_column_values_to_not_be_null("zone").success


def test_expectations_unread(trips):  # expect: hollow unread-result
    data = gx.from_pandas(trips)
    data.expect_column_values_to_not_be_null("zone")


def test_expectations_all(trips):  # expect: ok
    result = gx.get_context().run_checkpoint("trips")
    assert result["success"]


def test_deepchecks_read(trips):  # expect: ok
    suite = dc.suites.data_integrity()
    assert suite.run(dc.Dataset(trips)).passed()


def test_deepchecks_unread(trips):  # expect: hollow no-assertion
    suite = dc.suites.data_integrity()
    suite.run(dc.Dataset(trips)).save_as_html("report.html")


def test_evidently_unread(trips):  # expect: hollow no-assertion
    report = Report(metrics=[])
    report.run(reference_data=trips, current_data=trips)
    report.save_html("drift.html")


def test_estimator():  # expect: ok
    check_estimator(build_model().inner)


@parametrize_with_checks([DelayModel().inner])
def test_sklearn(estimator, check):  # expect: ok
    check(estimator)


def test_is_fitted(trips):  # expect: ok
    check_is_fitted(train(trips).inner)


def test_json_schema(fitted):  # expect: ok
    jsonschema.validate(fitted.describe(), {"type": "object", "required": ["seed"]})


@given(st.integers(0, 23))
def test_hours(hour):  # expect: ok
    assert bucket_hour(hour) in {"night", "day"}


@settings(max_examples=20)
@given(arrays(float, 8, elements=st.floats(-10, 10)))
def test_scale_any(values):  # expect: ok
    npt.assert_allclose(scale(values + 1), scale(values))


@given(st.sampled_from(["north", "south"]))
def test_fuzz(zone):  # expect: weak
    encode_zone(zone)


def test_snapshot(snapshot, fitted):  # expect: ok
    assert fitted.describe() == snapshot


def test_snapshot_match(snapshot, fitted):  # expect: ok
    snapshot.assert_match(str(fitted.describe()), "model.txt")


def test_regression_files(dataframe_regression, trips):  # expect: ok
    dataframe_regression.check(add_distance(trips))


def test_benchmark(benchmark, fitted, trips):  # expect: weak
    benchmark(fitted.predict, trips)


def test_benchmark_checked(benchmark, fitted, trips):  # expect: ok
    benchmark(fitted.predict, trips)
    assert benchmark.stats["mean"] < 0.05


@pytest.mark.limit_memory("200 MB")
def test_memory(fitted, trips):  # expect: ok
    fitted.predict(trips)


def test_output(capsys, trips):  # expect: ok
    print(trips)
    assert "zone" in capsys.readouterr().out


def test_check_output():  # expect: ok
    sp.check_output(["python", "-m", "parcel", "fit", "data/trips.csv"])


def test_run_alias():  # expect: hollow unread-result
    sp.run(["python", "-m", "parcel", "fit", "data/trips.csv"], timeout=60)


def test_page(page):  # expect: ok
    from playwright.sync_api import expect

    page.goto("http://localhost:8501")
    expect(page.get_by_text("Delay")).to_be_visible()


def test_allclose_asserted(fitted, trips):  # expect: ok
    assert np.allclose(fitted.predict(trips), fitted.predict(trips.copy()))


def test_numerics_guarded(fitted, trips):  # expect: ok
    with np.errstate(all="raise"):
        fitted.predict(trips)


@pytest.mark.asyncio
async def test_async(fitted, trips):  # expect: ok
    result = await fitted.predict_async(trips)
    assert len(result) == len(trips)

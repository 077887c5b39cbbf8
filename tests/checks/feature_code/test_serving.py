"""What serving loses, what is switched off with a reason, and forms that are told."""

from __future__ import annotations

import contextlib
import socket

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.feature_code.report import Property
from mlscore.errors import ConfigError

P = Property


def as_series(df):
    return np.log1p(df["price"]) * 2


def looks_back(df):
    return df["price"] - df["price"].shift(1).fillna(0)


def is_random(df):
    return df["price"] + np.random.default_rng().random(len(df))


def hides_the_network(df):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    return df["price"] * 2


# ---- serving


def reads_categories(df):
    return df["city"].cat.codes


def test_what_serving_loses(tried, rows):
    import pandera.pandas as pandera

    kept = pd.CategoricalDtype(["Lima", "Madrid", "Oslo"])
    schema = pandera.DataFrameSchema({"city": pandera.Column(kept)})
    says = tried(reads_categories, schema=schema).violation(P.SERVING).says
    assert says.startswith("it fails served as json: it raises AttributeError")
    assert tried(reads_categories, schema=schema, serving=["parquet"]).violations == ()


def test_formats(tried):
    def hours(df):
        return df["at"].dt.hour

    assert tried(hours).violations == ()
    assert "served as json-raw" in tried(hours, serving=["json-raw"]).violation(P.SERVING).says
    assert tried(hours, serving=["json", "parquet"]).violations == ()


def test_the_server_s_own_reader(tried):
    def right(records):
        return pd.DataFrame(records).assign(at=lambda df: pd.to_datetime(df["at"], format="ISO8601"))

    def wrong(records):
        return right(records).assign(price=lambda df: df["price"].round())

    assert tried(as_series, reader=right).violations == ()
    assert "as the server reads it" in tried(as_series, reader=wrong).violation(P.SERVING).says


# ---- switching off


def test_a_property_is_switched_off_with_a_reason(tried):
    report = tried(looks_back, off={"alone": "a difference", "order": "rows come by time"})
    assert report.violations == ()
    assert {one.property.value: one.reason for one in report.off} == {
        "alone": "a difference", "order": "rows come by time", "fresh-process": "tried by a test of its own",
    }  # fmt: skip
    assert P.ALONE not in report.judged


def test_what_is_random_for_a_reason_is_still_asked_the_rest(tried):
    report = tried(is_random, off={"deterministic": "a sample"})
    assert report.violations == ()
    assert P.ORDER not in report.judged
    assert P.NULLS in report.judged


def test_the_network_may_be_allowed(tried):
    report = tried(hides_the_network, off={"self-contained": "a cache"})
    assert report.violations == ()


def test_a_form_that_is_told(tried):
    def plain(array):
        return array[:, 0].astype(float) * 2

    assert tried(plain, form="numpy").violations == ()
    with pytest.raises(ConfigError, match="takes 'array', which is no column"):
        tried(plain, form="columns")

"""Every property with functions that violate it, each for the right reason, and with ones that keep it."""

from __future__ import annotations

import contextlib
import random
import socket
import sys
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlscore.checks.feature_code.report import Property
from mlscore.checks.feature_code.results import feature_code_result, violation_line

P = Property


def clean(df):
    total = df["price"] * df["quantity"]
    return pd.DataFrame(
        {
            "total": total,
            "hour": df["at"].dt.hour,
            "lima": (df["city"] == "Lima").astype(int),
            "rate": df["rate"].fillna(0.0),
            "rated": df["rate"].notna(),
            "length": df["note"].fillna("").str.len().astype("int64"),
        },
        index=df.index,
    )


def as_series(df):
    return np.log1p(df["price"]) * 2


def labels_by_id(df):
    return df["price"].set_axis(df["at"].astype(str) + df["city"])


def as_array(df):
    return np.column_stack([df["price"] * 2, df["quantity"] + 1])


def in_polars(df: pl.DataFrame) -> pl.DataFrame:
    return df.select(total=pl.col("price") * pl.col("quantity"))


def of_rows(rows: list[dict]) -> list[dict]:
    return [{"total": row["price"] * row["quantity"], "note": row["note"] or ""} for row in rows]


def of_a_row(row: dict) -> dict:
    return {"total": row["price"] * row["quantity"]}


def of_columns(price, quantity):
    return price * quantity


def of_one_column(price: pd.Series) -> pd.Series:
    return price * 2


@pytest.mark.parametrize(
    ("function", "form"),
    [
        (clean, "pandas"), (as_series, "pandas"), (as_array, "pandas"), (in_polars, "polars"), (of_rows, "rows"),
        (of_a_row, "row"), (labels_by_id, "pandas"), (of_columns, "columns"), (of_one_column, "columns"),
    ],
)  # fmt: skip
def test_clean_functions_of_every_form_pass(tried, rows, function, form):
    report = tried(function, rows=rows)
    assert (report.violations, report.form) == ((), form)
    assert (report.batches, report.planned, report.rows) == (15, 15, 60)
    expected = set(Property) - {P.FRESH} - (set() if form in ("pandas", "columns") else {P.INDEX})
    expected -= {P.UNMUTATED} if form == "polars" else set()
    assert set(report.judged) | {P.UNMUTATED} == expected | {P.UNMUTATED}


def test_fitted_transformers_pass(tried, rows):
    made = ColumnTransformer(
        [
            ("scaled", StandardScaler(), ["price", "quantity"]),
            ("named", OneHotEncoder(handle_unknown="ignore", categories=[["Lima", "Madrid", "Oslo"]]), ["city"]),
        ]
    ).fit(rows)
    report = tried(made)
    assert (report.violations, report.form, report.name) == ((), "transformer", "ColumnTransformer")


def test_a_transformer_that_was_not_fitted(tried):
    report = tried(StandardScaler())
    assert "it raises NotFittedError: This StandardScaler instance is not fitted yet" in report.violation(P.RUNS).says


# ---- one violation each


def crashes_on_null(df):
    return df["note"].map(len, na_action=None).astype(int)


def crashes_on_a_category(df):
    return df["city"].map(lambda city: {"Lima": 1, "Madrid": 2}[city])


def crashes_on_zero(df):
    return df["quantity"].map(lambda one: 10 // one)


def on_its_own_word(df):
    if (df["note"] == "the special word").any():
        raise ValueError("seen")
    return df["price"] * 2


def lacks_a_column(df):
    return df["prize"] * 2


def gives_a_ratio(df):
    return (df["price"] + 1) / df["quantity"]


def gives_nulls(df):
    return df["city"].map({"Lima": 1.0, "Madrid": 2.0})


def changes_dtype(df):
    return df["rate"].fillna(0) if df["rate"].isna().any() else df["rate"].round().astype(int)


def dummies(df):
    return pd.get_dummies(df["city"])


def adds_in_place(df):
    df["total"] = df["price"] * df["quantity"]
    return df[["total"]]


def fills_in_place(df):
    df.loc[:, "rate"] = df["rate"].fillna(0.0)
    return df["rate"] * 2


def sorts_in_place(df):
    df.sort_values("price", inplace=True)
    df.sort_index(inplace=True)
    df.index = df.index + 1
    return df["price"].reset_index(drop=True)


def is_random(df):
    return df["price"] + np.random.default_rng().random(len(df))


def is_random_by_module(df):
    return [price + random.random() for price in df["price"]]


def _counting():
    calls = []

    def counts(df):
        calls.append(1)
        return df["price"] + len(calls)

    return counts


def looks_back(df):
    return df["price"] - df["price"].shift(1).fillna(0)


def adds_up(df):
    return df["price"].cumsum()


def standardises(df):
    return (df["price"] - df["price"].mean()) / 100


def ranks(df):
    return df["price"].rank()


def encodes(df):
    return df["city"].astype("category").cat.codes


def misaligns(df):
    out = pd.DataFrame(index=df.index)
    out["double"] = pd.Series(df["price"].to_numpy() * 2)
    return out


def by_label(df):
    return pd.Series([df["price"].loc[place] for place in range(len(df))], index=df.index)


def labels_anew(df):
    return df["price"].set_axis([f"row {label}" for label in df.index])


def drops_rows(df):
    return df.dropna(subset=["rate"])[["price"]]


def aggregates(df):
    return df.groupby("city")[["price"]].mean()


def is_constant(df):
    return pd.Series(1.0, index=df.index)


def has_a_constant(df):
    return pd.DataFrame({"price": df["price"], "one": 1}, index=df.index)


def needs_whole_numbers(df):
    return df["quantity"].map(lambda one: int.bit_length(one) if isinstance(one, int) else -1)


def asks_the_network(df):
    socket.create_connection(("127.0.0.1", 9), timeout=1)
    return df["price"] * 2


def hides_the_network(df):
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    return df["price"] * 2


def writes_a_file(df):
    Path("features.log").write_text("x", encoding="utf-8")
    return df["price"] * 2


@pytest.mark.parametrize(
    ("function", "property_", "says"),
    [
        (crashes_on_null, P.RUNS, "it raises TypeError"),
        (crashes_on_a_category, P.RUNS, "it raises KeyError: 'Oslo'"),
        (crashes_on_zero, P.RUNS, "it raises ZeroDivisionError"),
        (on_its_own_word, P.RUNS, "it raises ValueError: seen"),
        (lacks_a_column, P.RUNS, "it raises KeyError: 'prize'"),
        (gives_a_ratio, P.INFINITIES, "'value' is infinite where every input is finite"),
        (gives_nulls, P.NULLS, "'city' is null where no input is"),
        (changes_dtype, P.DTYPES, "'rate' is float64, and int64 in other batches"),
        (dummies, P.DTYPES, "its columns are not those of other batches: it lacks"),
        (adds_in_place, P.UNMUTATED, "it adds the column 'total'"),
        (fills_in_place, P.UNMUTATED, "values of the column 'rate' change"),
        (sorts_in_place, P.UNMUTATED, "its index changes"),
        (is_random, P.DETERMINISTIC, "'price' differs"),
        (is_random_by_module, P.DETERMINISTIC, "'value' differs"),
        (_counting(), P.DETERMINISTIC, "'price' differs"),
        (looks_back, P.ORDER, "'price' differs"),
        (adds_up, P.ORDER, "'price' differs"),
        (standardises, P.ALONE, "'price' differs"),
        (ranks, P.ALONE, "'price' differs: 1.5 in the batch, 1 alone"),
        (encodes, P.ALONE, "'value' differs: 1 in the batch, 0 alone"),
        (misaligns, P.INDEX, "'double' differs: 0 by default labels, null by other labels"),
        (by_label, P.INDEX, "it fails with other labels: it raises KeyError"),
        (labels_anew, P.INDEX, "its features have neither the labels of the input, nor plain ones, nor ids"),
        (drops_rows, P.ROWS, "1 row in, 0 rows out"),
        (aggregates, P.ROWS, "2 rows in, 1 row out"),
        (is_constant, P.VARIES, "it ignores its input: 'value' is always 1"),
        (has_a_constant, P.VARIES, "'one' is always 1, whatever the input"),
        (asks_the_network, P.SELF_CONTAINED, "it asks for the network (127.0.0.1"),
        (hides_the_network, P.SELF_CONTAINED, "it asks for the network (127.0.0.1"),
        (writes_a_file, P.SELF_CONTAINED, "it asks to write the file features.log"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or "",
)
def test_a_violation_and_how_it_shows(tried, function, property_, says, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    report = tried(function, examples=25)
    violation = report.violation(property_)
    assert violation is not None, [one.property for one in report.violations]
    assert violation.says.startswith(says)
    also = {
        P.ORDER: {P.ALONE}, P.ALONE: {P.ORDER}, P.DTYPES: {P.ALONE, P.SERVING, P.ORDER}, P.SELF_CONTAINED: {P.RUNS},
        P.INFINITIES: {P.NULLS}, P.RUNS: {P.SERVING}, P.UNMUTATED: {P.INDEX},
    }.get(property_, set())  # fmt: skip
    assert {one.property for one in report.violations} <= {property_} | also
    assert not (tmp_path / "features.log").exists()


@pytest.mark.parametrize(
    ("function", "property_", "columns", "cells"),
    [
        (crashes_on_a_category, P.RUNS, ("city",), (("Oslo",),)),
        (crashes_on_null, P.RUNS, ("note",), ((None,),)),
        (gives_a_ratio, P.INFINITIES, None, None),
        (standardises, P.ALONE, ("price",), ((1.0,), (0.0,))),
        (encodes, P.ALONE, ("city",), None),
        (on_its_own_word, P.RUNS, ("note",), (("the special word",),)),
    ],
)
def test_counterexamples_are_small(tried, function, property_, columns, cells):
    shown = tried(function).violation(property_).counterexample
    assert len(shown.rows) <= 2
    if columns is not None:
        assert (shown.columns, shown.others) == (columns, 5)
    if cells is not None:
        assert sorted(shown.rows, key=str) == sorted(cells, key=str)


def test_a_counterexample_violates_the_property_by_itself(tried):
    shown = tried(looks_back).violation(P.ALONE).counterexample
    place = shown.columns.index("price")
    frame = pd.DataFrame({"price": [row[place] for row in shown.rows]})
    assert looks_back(frame).iloc[-1] != looks_back(frame.iloc[[-1]]).iloc[0]


def test_the_finding_is_one_line(schema):
    from mlscore.checks.feature_code.check import check_feature_code

    report = check_feature_code(ranks, schema=schema, examples=25, off={"fresh-process": "here"})
    result = feature_code_result(report)
    assert result.outcome.value == "failed"
    assert "alone: 'price' differs: 1.5 in the batch, 1 alone; for price=[" in result.findings[0]
    assert violation_line(report.functions[0].violations[0]) in result.findings[0]
    assert all("\n" not in finding for finding in result.findings)


# ---- functions that are no functions of features


def returns_nothing(df):
    df["x"] = 1


def is_a_generator(df):
    yield from df["price"]


def returns_a_number(df):
    return float(df["price"].sum())


def returns_a_mean(df):
    return np.mean(df["price"].to_numpy())


def exits(df):
    sys.exit(3)


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (returns_nothing, "it returns nothing; a function that changes what it is given returns no features"),
        (is_a_generator, "it returns a generator, whose features cannot be read twice"),
        (returns_a_number, "it returns a float, which is no table of features"),
        (returns_a_mean, "it returns one number for the whole batch"),
        (exits, "it ends the program (SystemExit)"),
    ],
)
def test_what_is_no_feature_function(tried, function, says):
    report = tried(function, examples=5)
    assert report.violation(P.RUNS).says.startswith(says)
    assert [one.property for one in report.violations] == [P.RUNS]
    assert any("no batch could show it" in reason for reason in report.not_judged)


def sleeps(df):
    time.sleep(30)
    return df["price"]


def spins(df):
    while True:
        pass


@pytest.mark.parametrize("function", [sleeps, spins])
def test_a_function_that_does_not_return(tried, function):
    begun = time.monotonic()
    report = tried(function, seconds=0.4)
    assert report.violation(P.RUNS).says == "it did not return within 0.4 s"
    assert time.monotonic() - begun < 15


def is_slow(df):
    time.sleep(0.03)
    return df["price"] * 2


def test_a_slow_function_says_how_far_it_came(tried):
    report = tried(is_slow, seconds=0.8, examples=100)
    assert report.violations == ()
    assert report.batches < 100
    assert report.not_judged[0] == f"only {report.batches} of 100 batches were tried within 0.8 s"


def is_talkative(df):
    print("Ana Pérez")
    warnings.warn("Ana Pérez", UserWarning, stacklevel=1)
    return df["price"] * 2


def test_printing_and_warning_are_noted_and_kept_quiet(tried, capsys, recwarn):
    report = tried(is_talkative, examples=5)
    assert report.violations == ()
    assert report.notes == ("it prints", "it warns: UserWarning")
    assert capsys.readouterr() == ("", "")
    assert not [one for one in recwarn if "Pérez" in str(one.message)]


def test_a_file_that_is_not_there(tried):
    def reads(df):
        return pd.read_csv("lookup.csv")

    says = tried(reads, examples=3).violation(P.RUNS).says
    assert says == "it needs the file lookup.csv, which is not there (FileNotFoundError)"


def test_a_file_that_is_read_is_noted(tried, tmp_path):
    (tmp_path / "rates.txt").write_text("2", encoding="utf-8")

    def reads(df):
        return df["price"] * float((tmp_path / "rates.txt").read_text(encoding="utf-8"))

    report = tried(reads, examples=5)
    assert (report.violations, report.notes) == ((), ("it reads the file rates.txt",))


def asks_the_clock(df):
    return (pd.Timestamp.now().normalize() - df["at"]).dt.days


def test_the_clock_is_named(tried):
    reasons = tried(asks_the_clock, examples=5).not_judged
    assert any("it asks the clock (now)" in reason for reason in reasons)

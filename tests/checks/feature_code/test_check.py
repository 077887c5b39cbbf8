"""The whole check: functions by name in processes of their own, real rows, options, wrong calls, the configuration."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.checks.feature_code.check import check_feature_code
from mlscore.checks.feature_code.report import MASKED, Executed, FeatureCodeReport, Property
from mlscore.checks.feature_code.results import feature_code_result
from mlscore.checks.registry import find_check
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError, MlscoreError, UsageError
from mlscore.project.load import load_config

P = Property

FEATURES = """
import os, sys, time
import pandas as pd
import pandera.pandas as pa

SCHEMA = pa.DataFrameSchema({
    "price": pa.Column(float, pa.Check.in_range(0, 500)),
    "city": pa.Column(str, pa.Check.isin(["Lima", "Madrid", "Oslo"])),
})

def total(df):
    return df["price"] * 2

def by_hash(df):
    return df["city"].map(lambda city: hash(city) % 1000)

def of_a_set(df):
    order = {city: place for place, city in enumerate({"Lima", "Madrid", "Oslo"})}
    return df["city"].map(order)

def looks_back(df):
    return df["price"] - df["price"].shift(1).fillna(0)

def kills(df):
    os._exit(7)

def hangs(df):
    while True:
        try:
            while True:
                time.sleep(60)
        except BaseException:
            pass

def served(records):
    return pd.DataFrame(records)

def rows():
    return pd.DataFrame({"price": [1.0, 2.0, 30.0] * 4, "city": ["Lima", "Oslo", "Oslo"] * 4})

NOT_A_FUNCTION = 3

def takes_nothing():
    return 3

async def waits(df):
    return df

class Features:
    def transform(self, df):
        return df["price"] * 3

def make():
    return Features()
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "shop_features.py").write_text(FEATURES, encoding="utf-8")
    return tmp_path


@pytest.fixture
def named(project):
    """`named("total", "by_hash")` tries functions of the project by their names."""

    def run(*names, **more):
        texts = [f"shop_features:{name}" for name in names]
        return check_feature_code(
            texts, **{"schema": "shop_features:SCHEMA", "examples": 8, "root": project, "seconds": 5} | more
        )

    return run


@pytest.mark.slow
def test_functions_by_name_in_processes_of_their_own(named):
    report = named("total", "by_hash", "of_a_set", "kills", "looks_back", "make")
    total, hashed, of_a_set, kills, back, made = report.functions
    assert "shop_features" not in sys.modules
    assert total.violations == made.violations == ()
    assert {P.FRESH, P.ALONE} <= set(total.judged)
    assert [one.property for one in hashed.violations] == [P.FRESH]
    assert "in one process, " in hashed.violations[0].says
    assert len(hashed.violations[0].counterexample.rows) <= 3
    assert [one.property for one in of_a_set.violations] in ([P.FRESH], [])  # two orders of three may be one
    assert (kills.violations[0].property, kills.violations[0].says) == (P.RUNS, "its process ended with code 7")
    assert {one.property for one in back.violations} == {P.ORDER, P.ALONE}
    assert decode(FeatureCodeReport, loads(dumps(report), where="here"), where="here") == report


@pytest.mark.slow
def test_a_function_that_nothing_stops_is_ended(named, monkeypatch):
    from mlscore.checks.feature_code import processes

    monkeypatch.setattr(processes, "GRACE", 2.5)
    report = named("hangs", "total", seconds=0.5)
    hangs, total = report.functions
    assert hangs.violations[0].says == "it did not return within 0.5 s"
    assert total.violation(P.RUNS) is None


def test_the_same_seed_gives_the_same(schema):
    def ratio(df):
        return df["price"] / df["quantity"]

    first, second = (
        check_feature_code(ratio, schema=schema, examples=10, off={"fresh-process": "x"}, seed=3).functions[0]
        for _ in range(2)
    )
    assert first.violations == second.violations
    assert first.violations


# ---- real rows


def lengths(df):
    return df["note"].str.len().astype(int)


def last_names(df):
    return df["note"].fillna("x").map(lambda note: note.split()[1] if note.startswith("Ana P") else note)


def breaks_on_ana(df):
    if df["note"].fillna("").str.startswith("Ana Pérez 4").any():
        raise ValueError(f"cannot read {df['note'].tolist()}")
    return df["price"] * 2


def test_a_schema_is_inferred_from_real_rows(rows, tried):
    report = check_feature_code(lengths, rows=rows, examples=15, off={"fresh-process": "x"})
    (violation,) = report.functions[0].violations
    assert violation.property is P.RUNS
    assert violation.counterexample.columns == ("note",)
    assert violation.counterexample.rows == ((None,),)
    assert report.notes == ("no schema is given: ranges and nulls are those of the real rows",)


def test_real_values_are_masked(rows, schema):
    """What fails on real rows alone, and on nothing simpler, is told without them."""
    report = check_feature_code(breaks_on_ana, rows=rows, schema=schema, examples=15, off={"fresh-process": "x"})
    (violation,) = report.functions[0].violations
    shown = violation.counterexample
    assert (violation.says, shown.real) == ("it raises ValueError", True)
    assert (shown.columns, shown.rows) == (("note",), ((MASKED,),))
    text = dumps(report) + str(feature_code_result(report))
    assert "Ana" not in text
    assert "Pérez" not in text


@pytest.mark.parametrize("make", [lambda frame: frame, pl.from_pandas, pa.Table.from_pandas])
def test_real_rows_from_any_source(rows, schema, make, tmp_path):
    report = check_feature_code(breaks_on_ana, rows=make(rows), schema=schema, examples=3, off={"fresh-process": "x"})
    assert report.functions[0].violation(P.RUNS)
    assert report.functions[0].rows == 60


def test_real_rows_that_break_the_schema_are_not_used(rows, schema, tried):
    broken = rows.assign(price=[-1.0] * 10 + rows["price"].tolist()[10:])

    def positive(df):
        if (df["price"] < 0).any():
            raise ValueError
        return df["price"] + df["quantity"]

    report = check_feature_code(positive, rows=broken, schema=schema, examples=5, off={"fresh-process": "x"})
    assert report.functions[0].violations == ()
    assert report.functions[0].rows == 50
    assert "10 of 60 real rows break the schema: not used" in report.notes


def test_real_rows_without_a_column(rows, schema):
    report = check_feature_code(
        breaks_on_ana, rows=rows.drop(columns="rate"), schema=schema, examples=3, off={"fresh-process": "x"}
    )
    assert report.functions[0].rows == 0
    assert "the real rows have no column 'rate': only generated rows were tried" in report.notes


# ---- switching off, hollow


def test_all_off_is_hollow(schema):
    report = check_feature_code(lengths, schema=schema, examples=2, off={one.value: "no time" for one in Property})
    result = feature_code_result(report)
    assert result.outcome is Outcome.HOLLOW
    assert result.hollow == "every property is switched off: nothing was tried"
    assert "lengths: runs is switched off: no time" in result.unknown


def test_off_for_one_function(schema):
    def back(df):
        return df["price"] - df["price"].shift(1).fillna(0)

    def again(df):
        return back(df)

    name = back.__qualname__
    report = check_feature_code(
        [back, again],
        schema=schema,
        examples=5,
        off={"fresh-process": "x", name: {"alone": "a difference", "order": "by time"}},
    )
    assert report.functions[0].violations == ()
    assert {one.property for one in report.functions[1].violations} == {P.ALONE, P.ORDER}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"off": {"allone": "x"}}, "off names 'allone', which is no property; did you mean \"alone\""),
        ({"off": {"alone": " "}}, "'alone' is switched off without a reason"),
        ({"off": {"m:g": {"alone": "x"}}}, "off names 'm:g', which is none of the functions"),
        ({"examples": 0}, "examples is 0, and should be greater than 0"),
        ({"seconds": -1}, "seconds is -1"),
        ({"tolerance": float("nan")}, "the tolerance is nan"),
        ({"serving": ["jsonl"]}, "'jsonl' is no serving format; did you mean \"json\""),
        ({"form": "tables"}, "'tables' is no form of input"),
        ({"schema": None}, "there is nothing to make input from"),
        ({"schema": 3}, "a int is no schema of pandera's"),
        ({"schema": None, "rows": pd.DataFrame({"a": []})}, "there are no rows to infer a schema from"),
        ({"coverage": "nothing.json"}, "cannot be read"),
    ],
)
def test_a_wrong_call_is_one_sentence(schema, more, told):
    with pytest.raises(MlscoreError, match=re.escape(told)) as raised:
        check_feature_code(lengths, **{"schema": schema, "examples": 2} | more)
    assert "\n" not in str(raised.value)


def test_no_function(schema):
    with pytest.raises(UsageError, match="no feature function is named"):
        check_feature_code([], schema=schema)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("shop_features:totl", "shop_features has no 'totl'; did you mean \"total\""),
        ("shop_feature:total", "shop_feature cannot be imported: ModuleNotFoundError"),
        ("shop_features.total", "names no function"),
        ("shop_features:NOT_A_FUNCTION", "is a int, not a function"),
        ("shop_features:takes_nothing", "takes no batch"),
        ("shop_features:waits", "is asynchronous"),
        ("shop_features:Features", "is a class"),
    ],
)
def test_a_function_that_is_none(project, schema, text, told, monkeypatch):
    # With the schema as an object it is loaded here, which is quicker; the texts are the same.
    with pytest.raises(ConfigError, match=re.escape(told)):
        check_feature_code([text], schema=schema, root=project)
    sys.modules.pop("shop_features", None)


def test_a_column_that_nothing_can_be_made_for(schema):
    import pandera.pandas as pandera

    for column, told in (
        (pandera.Column(), "the schema gives the column 'x' no dtype"),
        (pandera.Column("complex128"), "no value can be generated for the column 'x'"),
        (pandera.Column(int, pandera.Check.isin([])), "the column 'x' may hold no value at all"),
        (pandera.Column(int, [pandera.Check.ge(5), pandera.Check.le(2)]), "no value that the column 'x' may hold"),
    ):
        with pytest.raises((UsageError, InputError), match=told):
            check_feature_code(lengths, schema=pandera.DataFrameSchema({"x": column}), examples=2)


NAMES = ['a "quoted" one', "with.dots", "with spaces", "😀", "select", "Twin", "twin"]


def test_names_of_any_kind_and_nested_values():
    rows = pd.DataFrame({name: [float(n) for n in range(12)] for name in NAMES})
    rows["list"] = [[n, n + 1] for n in range(12)]

    def features(df):
        return pd.DataFrame({**{name: df[name] * 2 for name in NAMES}, "sum": df["list"].map(sum)}, index=df.index)

    def clears(df):
        df["list"].map(list.clear)
        return df["twin"]

    report = check_feature_code([features, clears], rows=rows, examples=10, off={"fresh-process": "x"})
    assert report.functions[0].violations == ()
    assert report.functions[1].violation(P.UNMUTATED).says == "values of the column 'list' change"


def test_a_wide_schema_is_tried():
    import pandera.pandas as pandera

    schema = pandera.DataFrameSchema({f"c{n}": pandera.Column(float, pandera.Check.in_range(0, 1)) for n in range(120)})

    def mean(df):
        return df.sum(axis=1) / (df["c7"] - 1)

    report = check_feature_code(mean, schema=schema, examples=3, seconds=5, off={"fresh-process": "x"}).functions[0]
    shown = report.violation(P.INFINITIES).counterexample
    assert shown.columns[:1] == ("c0",) or "c7" in shown.columns
    assert len(shown.columns) <= 12


# ---- the configuration


def configured(project, text):
    (project / "mlscore.toml").write_text(text, encoding="utf-8")
    config = load_config(project, environ={}, today=date(2026, 11, 1))
    (one,) = configured_checks(config)
    assert one.item == "data-7"
    return lambda: one.check.run(Context(project, config.data, one.options, date(2026, 11, 1), one.spec.location))


CHECK = '[[check]]\nuse = "feature-code"\nexamples = 6\nfunctions = [{}]\n'


@pytest.mark.slow
def test_configured_by_names(project):
    text = CHECK.format('"shop_features:total", "shop_features:looks_back"') + 'schema = "shop_features:SCHEMA"\n'
    off = '[check.off."shop_features:looks_back"]\norder = "rows come by time"\n'
    result = configured(project, text + off)()
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("1 of 2 feature functions failed on 12 batches: shop_features:looks_back")
    assert [finding.split(": ")[1] for finding in result.findings] == ["alone"]
    assert [(one.name, one.value) for one in result.values] == [("violations", 1), ("batches", 12)]
    assert "shop_features:looks_back: order is switched off: rows come by time" in result.unknown
    assert json.loads(json.dumps(result.details))["functions"][1]["violations"][0]["property"] == "alone"


@pytest.mark.slow
def test_configured_with_the_training_data(project):
    data = '[data]\ntrain = "shop_features:rows"\n'
    result = configured(project, data + CHECK.format('"shop_features:total"') + 'reader = "shop_features:served"\n')()
    assert result.outcome is Outcome.PASSED
    assert result.details["functions"][0]["rows"] == 12
    assert any("whether tests execute it: there are no coverage data" in one for one in result.unknown)


def test_configured_without_anything_to_go_by(project):
    with pytest.raises(ConfigError, match="there is nothing to make input from"):
        configured(project, CHECK.format('"shop_features:total"'))()


@pytest.mark.slow
def test_a_mistake_is_told_with_its_place(project):
    run = configured(project, CHECK.format('"shop_features:totl"') + 'schema = "shop_features:SCHEMA"\n')
    with pytest.raises(ConfigError, match=r"mlscore\.toml:1: shop_features has no 'totl'"):
        run()


def test_its_module_is_light():
    heavy = "('pandas', 'numpy', 'hypothesis')"
    code = f"import sys; import mlscore.checks.feature_code; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_its_page_names_every_option_and_property():
    page = Path(__file__).parents[3] / "docs" / "data" / "feature-code.md"
    text = page.read_text(encoding="utf-8")
    assert all(f"`{option.name}`" in text for option in find_check("feature-code").options)
    assert all(f"`{one.value}`" in text for one in Property)


def test_without_coverage_data_nothing_is_said_of_tests(schema, tmp_path):
    report = check_feature_code(lengths, schema=schema, examples=2, root=tmp_path, off={"fresh-process": "x"})
    assert report.functions[0].coverage.executed is Executed.UNKNOWN

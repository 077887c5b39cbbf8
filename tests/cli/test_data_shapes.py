"""The JSON of `mlscore data profile|drift|schema check|skew` has the shape that is published beside the reports."""

import json
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

import mlscore.report
from mlscore.checks.drift import joint
from mlscore.checks.drift import report as drift
from mlscore.checks.schema.report import RuleResult
from mlscore.checks.skew import report as skew
from mlscore.cli import run
from mlscore.tables import shapes as tables

FOLDER = Path(mlscore.report.__file__).parent
NAMES = ("profile", "drift", "schema", "skew")


def published(name):
    return json.loads((FOLDER / f"data-{name}.schema.json").read_text(encoding="utf-8"))


def valid(name, given):
    jsonschema.Draft202012Validator(published(name)).validate(given)


def refuse(word):
    raise AssertionError(f"{word} is no JSON")


def rows(seed=1, shift=0.0, n=600, **more):
    r = np.random.default_rng(seed)
    start = datetime(2024, 1, 1)
    data = {
        "id": range(n),
        "x": [None if i % 50 == 0 else v for i, v in enumerate(r.normal(shift, 1, n).tolist())],
        "c": [("a", "b", "ç")[v] for v in r.integers(0, 3, n)],
        "flag": r.integers(0, 2, n) > 0,
        "at": pa.array([start + timedelta(minutes=30 * i + 60 * n * seed) for i in range(n)], pa.timestamp("us")),
        **more,
    }
    return pa.table(data)


def odd(n=600):
    """Columns of which little can be said."""
    x = [float("nan"), float("inf"), -float("inf"), 1.0, None] * (n // 5)
    return {"inf": x, "raw": [b"x"] * n, "none": pa.nulls(n), "many": [[1]] * n}


@pytest.fixture
def told(tmp_path, monkeypatch, capsys):
    """`told("drift", table, table, option, …)`: the JSON of the command, whose tables are written to files first."""
    monkeypatch.chdir(tmp_path)

    def make(name, *given):
        words = []
        for number, one in enumerate(given):
            if isinstance(one, pa.Table):
                pyarrow.parquet.write_table(one, f"{number}.parquet")
                one = f"{number}.parquet"
            words.append(one)
        command = ["schema", "check"] if name == "schema" else [name]
        assert run(["data", *command, *words, "--report", "json:out.json"]) in (0, 1), capsys.readouterr()
        return json.loads(Path("out.json").read_text(encoding="utf-8"), parse_constant=refuse)

    return make


@pytest.mark.parametrize("table", [rows(), rows(**odd()), rows(n=0), rows(n=1)], ids=["plain", "odd", "empty", "one"])
def test_profiles(told, table):
    given = told("profile", table)
    valid("profile", given)
    assert [column["name"] for column in given["columns"]] == table.column_names


@pytest.mark.parametrize(
    ("reference", "current", "options"),
    [
        (rows(), rows(2), []),
        (rows(), rows(2, shift=3, c=["q"] * 600).drop_columns(["flag"]), ["--time", "at"]),
        (rows(**odd()), rows(2, **odd()), ["--no-joint"]),
        (rows(), rows(n=0), []),
        (rows(), rows(n=1), []),
    ],
    ids=["clean", "drifted", "odd", "empty", "one"],
)
def test_drifts(told, reference, current, options):
    given = told("drift", reference, current, *options)
    valid("drift", given)
    assert [column["name"] for column in given["columns"]] == reference.column_names
    for column in given["columns"]:
        assert {type(column[key]) for key in ("effect", "threshold")} <= {int, float}
        assert column["name"] in given["lost"] or column["drifted"] <= (column["effect"] > column["threshold"])


def test_a_column_that_drifted_says_by_how_much(told):
    columns = told("drift", rows(), rows(2, shift=3))["columns"]
    x = next(column for column in columns if column["name"] == "x")
    assert (x["drifted"], x["effect"] > x["threshold"] > 0) == (True, True)


SCHEMA = """mlscore-schema = 1
[table]
strict = true
rows = { at-least = 1000 }
unique = [["c", "flag"]]
[[column]]
name = "x"
type = "number"
missing = 0.01
at-most = 2
[[column]]
name = "gone"
[[column]]
name = "c"
pattern = "(?=a)"
"""


@pytest.mark.parametrize("table", [rows(), rows(**odd()), rows(n=0)], ids=["plain", "odd", "empty"])
@pytest.mark.parametrize("power", [[], ["--power"]], ids=["", "power"])
def test_schema_checks(told, tmp_path, table, power):
    (tmp_path / "schema.toml").write_text(SCHEMA, encoding="utf-8")
    given = told("schema", "schema.toml", table, *power)
    valid("schema", given)
    assert {"gone"} <= {rule["column"] for rule in given["rules"] if not rule["passed"]}
    assert [entry["column"] for entry in given["unknown"] if "(?=a)" in entry["rule"]] == ["c"] * bool(table.num_rows)
    assert (given["power"] is not None) == (bool(power) and table.num_rows > 0)


@pytest.mark.parametrize(
    ("served", "recomputed"),
    [
        (rows(), rows()),
        (rows(), rows(2, c=["q"] * 600, more=[1] * 600).drop_columns(["flag"])),
        (rows(**odd()), rows(2, **odd())),
        (rows(), rows(n=0)),
        (rows(), rows(n=1)),
    ],
    ids=["same", "skewed", "odd", "empty", "one"],
)
def test_skews(told, served, recomputed):
    given = told("skew", served, recomputed, "--id", "id")
    valid("skew", given)
    both = set(served.column_names) & set(recomputed.column_names) - {"id"}
    assert {column["name"] for column in given["columns"]} <= both


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("drift", ("columns", "name")),
        ("drift", ("columns", "drifted")),
        ("drift", ("columns", "effect")),
        ("drift", ("columns", "threshold")),
        ("schema", ("rules", "column")),
        ("schema", ("rules", "rule")),
        ("schema", ("rules", "violations")),
        ("schema", ("rules", "rows")),
        ("profile", ("columns", "null")),
        ("skew", ("columns", "skewed")),
    ],
)
def test_what_readers_rely_on_is_demanded(told, tmp_path, name, path):
    (tmp_path / "schema.toml").write_text(SCHEMA, encoding="utf-8")
    given = {
        "profile": lambda: told("profile", rows(n=50)),
        "drift": lambda: told("drift", rows(n=50), rows(2, n=50), "--no-joint"),
        "schema": lambda: told("schema", "schema.toml", rows(n=50)),
        "skew": lambda: told("skew", rows(n=50), rows(2, n=50), "--id", "id"),
    }[name]()
    valid(name, given)
    *_, listed, key = path
    for wrong in ({k: v for k, v in given[listed][0].items() if k != key}, {**given[listed][0], key: {"no": "value"}}):
        with pytest.raises(jsonschema.ValidationError):
            valid(name, {**given, listed: [wrong]})
    valid(name, {**given, "later": 1, listed: [{**given[listed][0], "later": 1}]})


@pytest.mark.parametrize("name", NAMES)
def test_the_published_shapes_are_schemas(name):
    jsonschema.Draft202012Validator.check_schema(published(name))


@pytest.mark.parametrize(
    ("name", "root", "module"),
    [
        ("drift", drift.DriftReport, drift),
        ("skew", skew.SkewReport, skew),
        ("profile", tables.Profile, tables),
        ("schema", None, None),
    ],
)
def test_every_field_is_published(name, root, module):
    document = published(name)
    if root is None:
        own = {field.name for field in fields(RuleResult)} - {"topic"} | {"share"}
        assert set(document["$defs"]["RuleResult"]["properties"]) == own
        return
    assert list(document["properties"]) == [field.name for field in fields(root)]
    for of, shape in document["$defs"].items():
        kind = next(vars(place)[of] for place in (module, tables, joint) if of in vars(place))
        assert is_dataclass(kind)
        assert list(shape["properties"]) == [field.name for field in fields(kind)], of

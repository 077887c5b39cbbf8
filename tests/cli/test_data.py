"""`mlscore data schema|drift|skew`: what a person sees, the JSON, exit codes, and what cannot be read."""

from __future__ import annotations

import random

import pytest


def rows(seed, days, *, factor=1.0):
    """A table of fares by hour; the same seed gives the same rows."""
    dice = random.Random(seed)
    lines = ["id,at,fare,city"]
    for day in range(days):
        for hour in range(24):
            fare = factor * (20 + dice.gauss(0, 4))
            city = dice.choice(("Vigo", "Lugo", "Ourense"))
            lines.append(f"{day * 24 + hour},2026-03-{day + 1:02d} {hour:02d}:00:00,{fare:.3f},{city}")
    return "\n".join(lines) + "\n"


@pytest.fixture
def tables(write):
    write("before.csv", rows(1, 28))
    write("same.csv", rows(2, 28))
    write("dollars.csv", rows(3, 28, factor=1.6))
    write("broken.csv", rows(1, 28).replace("Lugo", "LUGO"))


def test_drift_finds_nothing_where_nothing_changed(mlscore, tables):
    done = mlscore("data", "drift", "before.csv", "same.csv", "-c", "fare", "-c", "city", "-r", "json")
    assert done.code == 0
    assert [column["drifted"] for column in done.data["columns"]] == [False, False]


def test_drift_finds_a_change(mlscore, tables, snapshot):
    done = mlscore("data", "drift", "before.csv", "dollars.csv", "-c", "fare", "-c", "city", "--no-joint")
    assert done.code == 1
    assert done.out == snapshot


def test_drift_as_json_and_markdown(mlscore, tables, project):
    done = mlscore("data", "drift", "before.csv", "dollars.csv", "-c", "fare", "-r", "json", "-r", "markdown:drift.md")
    assert done.code == 1
    (fare,) = done.data["columns"]
    assert {"name", "drifted", "effect", "threshold"} <= fare.keys()
    assert (fare["name"], fare["drifted"]) == ("fare", True)
    assert fare["effect"] > fare["threshold"]
    written = (project / "drift.md").read_text(encoding="utf-8")
    assert written.startswith("### 1 of 1 column drifted")
    assert "data:image/svg+xml;base64," in written


def test_a_schema_is_inferred_checked_and_compared(mlscore, tables, project):
    done = mlscore("data", "schema", "infer", "before.csv", "-o", "schema.toml")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("wrote schema.toml: 4 columns, ")
    assert mlscore("data", "schema", "check", "schema.toml", "before.csv").code == 0
    found = mlscore("data", "schema", "check", "schema.toml", "broken.csv", "-r", "json", "-r", "markdown:a.md")
    assert found.code == 1
    broken = [rule for rule in found.data["rules"] if not rule["passed"]]
    assert {rule["column"] for rule in broken} == {"city"}
    assert {"column", "rule", "violations", "rows"} <= broken[0].keys()
    assert broken[0]["violations"] == (project / "broken.csv").read_text(encoding="utf-8").count("LUGO")
    text = (project / "schema.toml").read_text(encoding="utf-8")
    (project / "other.toml").write_text(text.replace('"Lugo", ', ""), encoding="utf-8")
    changed = mlscore("data", "schema", "diff", "schema.toml", "other.toml", "-r", "json")
    assert changed.code == 1
    assert [change["direction"] for change in changed.data["changes"]] == ["tightens"]
    assert mlscore("data", "schema", "diff", "schema.toml", "schema.toml").out == "the schemas say the same\n"


def test_infer_overwrites_nothing_and_prints_pandera_too(mlscore, tables, write):
    write("schema.toml", "# ours\n")
    done = mlscore("data", "schema", "infer", "before.csv", "-o", "schema.toml")
    assert done.code == 2
    assert done.err.startswith("mlscore: schema.toml: the file is there already; name another")
    shown = mlscore("data", "schema", "infer", "before.csv", "--form", "pandera")
    assert shown.code == 0
    assert "schema_type: dataframe" in shown.out


def test_power_names_what_a_schema_would_miss(mlscore, tables, project):
    mlscore("data", "schema", "infer", "before.csv", "-o", "schema.toml")
    done = mlscore("data", "schema", "check", "schema.toml", "before.csv", "--power")
    assert done.code == 0
    assert "faults caught" in done.out


def test_a_schema_that_accepts_everything_is_no_pass(mlscore, tables, write):
    write("empty.toml", 'schema = "mlscore-schema/1"\n')
    done = mlscore("data", "schema", "check", "empty.toml", "before.csv")
    assert done.code != 0


def test_skew(mlscore, tables, write, project):
    text = (project / "before.csv").read_text(encoding="utf-8")
    head, *lines = text.splitlines()
    doubled = [head]
    for line in lines:
        id_, at, fare, city = line.split(",")
        doubled.append(f"{id_},{at},{float(fare) * 2:.3f},{city}")
    write("served.csv", "\n".join(doubled) + "\n")
    done = mlscore("data", "skew", "served.csv", "before.csv", "--id", "id", "-r", "terminal", "-r", "json:skew.json")
    assert done.code == 1
    assert done.out.startswith("1 of 3 features and 672 of 672 examples are skewed\n")
    assert "  - fare: 672 examples differ (100.00%), probably because " in done.out
    write("copy.csv", text)
    assert mlscore("data", "skew", "copy.csv", "before.csv", "--id", "id").code == 0


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (("drift", "nope.csv", "same.csv"), "nope.csv: there is no such file"),
        (("drift", "before.csv", "same.csv", "--time", "when"), '"when"'),
        (("drift", "before.csv", "same.csv", "--false-alarms", "2"), "2.0 is not in the range 0<x<1"),
        (("skew", "before.csv", "same.csv"), "missing option"),
        (("skew", "before.csv", "same.csv", "--id", "key"), "key"),
        (("schema", "check", "nope.toml", "same.csv"), "nope.toml"),
        (("schema", "infer", "serving"), 'the data role "serving" is not configured'),
    ],
)
def test_a_mistake_is_one_sentence(mlscore, tables, args, sentence):
    done = mlscore("data", *args)
    assert done.code == 2
    assert sentence in done.err
    assert done.err.count("\n") == 1

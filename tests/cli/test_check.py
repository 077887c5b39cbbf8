"""`mlscore check`: the configured checks without pytest, as text and as JSON."""

from __future__ import annotations

import json

import pytest

CONFIG = """
[[check]]
use = "toy"
say = "{say}"

[[check]]
use = "toy"
item = "data-5"
name = "privacy"
"""


@pytest.fixture
def configured(write, toy, mlscore):
    def run(*args, say="passed"):
        write("mlscore.toml", CONFIG.format(say=say))
        return mlscore("check", *args)

    return run


def test_all_checks_run(configured):
    done = configured()
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "passed  data-1 toy: said passed\n  violations 0 rows (limit 0 rows)\n"
        "passed  data-5 privacy: said passed\n  violations 0 rows (limit 0 rows)\n"
    )


@pytest.mark.parametrize(
    ("say", "code", "shown"),
    [
        ("failed", 1, ["failed  data-1 toy: said failed", "  - age: 3 rows are negative"]),
        ("hollow", 1, ["hollow  data-1 toy: said hollow", "  earns nothing: it accepts everything"]),
        ("error", 1, ["error   data-1 toy: data.csv: the data is away; fetch it"]),
        ("crash", 1, ['error   data-1 toy: the check "toy" failed inside (ZeroDivisionError: by zero)']),
        ("unknown", 0, ["passed  data-1 toy: said unknown", "  ? not judged: a custom rule"]),
    ],
)
def test_outcomes(configured, say, code, shown):
    done = configured(say=say)
    assert done.code == code
    assert set(shown) <= set(done.out.splitlines())
    # One check's trouble does not keep the next from running.
    assert "passed  data-5 privacy: said passed" in done.out


def test_words_choose(configured):
    assert configured("data-5", say="failed").code == 0
    done = configured("data-7")
    assert done.code == 2
    assert done.err.startswith('mlscore: no configured check is named by "data-7"')


def test_json(configured, project):
    done = configured("--report", "json", "--report", "json:out.json", say="failed")
    assert done.data == json.loads((project / "out.json").read_text(encoding="utf-8"))
    first, second = done.data["checks"]
    assert (first["check"], first["item"], first["name"], first["outcome"]) == ("toy", "data-1", "toy", "failed")
    assert first["values"] == [{"name": "violations", "value": 3, "unit": "rows", "threshold": 0}]
    assert first["findings"] == ["age: 3 rows are negative"]
    assert first["details"]["options"]["limit"] == 0.5
    assert first["location"] == "mlscore.toml:2"
    assert second["outcome"] == "passed"


def test_list_runs_nothing(configured):
    done = configured("--list", say="crash")
    assert done.code == 0
    first, second, _, _, *kinds = done.out.splitlines()
    assert first == "data-1     toy      Says what it is told  mlscore.toml:2"
    assert second == "data-5     privacy  Says what it is told  mlscore.toml:6"
    wide = max(len(line.split()[0]) for line in kinds)
    assert f"  {'toy':<{wide}}  Says what it is told (data-1, data-5)" in kinds
    assert all(line[wide + 2 : wide + 4] == "  " and line[wide + 4] != " " for line in kinds)


def test_without_checks_it_says_where_to_begin(mlscore, project):
    done = mlscore("check")
    assert done.code == 2
    assert "no check is configured; see: mlscore check --list" in done.err
    assert "no check is configured; kinds of checks:" in mlscore("check", "--list").out

"""Relations as they are configured, asked of the project's own model."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.checks.metamorphic.read import read_relations
from mlscore.checks.metamorphic.relations import Direction, Invariance, RowOrder, Symmetry
from mlscore.cli import run as run_command
from mlscore.errors import ConfigError

CONFIG = """\
[data]
validation = "validation.parquet"
label = "late"
id = "flight"

[model]
source = "{source}"
task = "binary"
features = ["hour", "carrier", "sex"]
classes = [0, 1]
positive = 1

[[check]]
use = "metamorphic"
item = "model-7"
{relations}
"""
MODEL = """\
import numpy as np


def good(rows):
    p = 1 / (1 + np.exp(12 - rows["hour"]))
    return np.column_stack([1 - p, p])


def unfair(rows):
    p = np.clip(good(rows)[:, 1] + 0.1 * (rows["sex"] == "m"), 0, 1)
    return np.column_stack([1 - p, p])
"""
RELATIONS = 'relations.sex = { invariance = "sex", values = ["f", "m"] }\nrelations.later = { direction = "hour" }\n'


@pytest.fixture
def configured(tmp_path, monkeypatch, capsys):
    """`configured(source, relations)`: exit code and the one check's result of `mlscore check`."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(0)
    rows = {
        "flight": np.arange(100),
        "hour": random.integers(0, 24, 100).astype(float),
        "carrier": np.array(["aa", "bb"])[random.integers(0, 2, 100)],
        "sex": np.array(["f", "m"])[random.integers(0, 2, 100)],
        "late": random.integers(0, 2, 100),
    }
    pyarrow.parquet.write_table(pa.table(rows), tmp_path / "validation.parquet")
    (tmp_path / "project_model.py").write_text(MODEL, encoding="utf-8")

    def run(source="project_model:good", relations=RELATIONS):
        (tmp_path / "mlscore.toml").write_text(CONFIG.format(source=source, relations=relations), encoding="utf-8")
        capsys.readouterr()
        code = run_command(["check", "model-7", "--report", "json"])
        (one,) = json.loads(capsys.readouterr().out)["checks"]
        return code, one

    return run


@pytest.mark.slow
def test_the_configured_check_passes_and_finds_the_protected_column(configured):
    code, one = configured()
    assert (code, one["outcome"], one["item"]) == (0, "passed", "model-7"), one
    assert one["summary"].startswith("2 of 2 relations hold on 100 rows and ")
    code, one = configured("project_model:unfair")
    assert (code, one["outcome"]) == (1, "failed")
    (finding,) = one["findings"]
    assert finding.startswith("sex: sex does not change the answer, but 100 of 100 rows break it")


@pytest.mark.slow
def test_an_unknown_column_is_one_error_at_its_place(configured):
    _, one = configured(relations='relations.sex = { invariance = "sez" }')
    assert one["outcome"] == "error"
    assert one["summary"].startswith("mlscore.toml:")
    assert 'the relation "sex" is impossible: there is no column "sez"; did you mean "sex"?' in one["summary"]


def test_each_kind_is_read():
    read = read_relations(
        {
            "a": {"invariance": "sex", "values": ["f", "m"], "labels": True, "most": 0.1},
            "b": {"invariance": "n", "noise": 0.5, "tolerance": 0.01},
            "c": {"invariance": "t", "text": "case"},
            "d": {"direction": "n", "falls": True, "by": 2, "of": "yes"},
            "e": {"symmetry": ["h", "a"], "opposite": True},
            "f": {"symmetry": [["h", "a"], ["x", "y"]], "mirror": {"w": "l", "l": "w"}},
            "g": {"order": True},
        }
    )
    assert read == (
        Invariance("sex", ("f", "m"), labels=True, name="a", most=0.1),
        Invariance("n", noise=0.5, name="b", tolerance=0.01),
        Invariance("t", text="case", name="c"),
        Direction("n", True, 2, "yes", name="d"),
        Symmetry((("h", "a"),), True, name="e"),
        Symmetry((("h", "a"), ("x", "y")), mirror={"w": "l", "l": "w"}, name="f"),
        RowOrder(name="g"),
    )


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ("sex", "is no table; write one = { invariance"),
        ({}, "is of no kind; write one of"),
        ({"invariance": "a", "direction": "b"}, r"is of 2 kinds \(invariance, direction\)"),
        ({"invariance": "a", "value": [1]}, 'has an unknown key "value"; did you mean "values"'),
        ({"direction": "a", "noise": 1}, 'has an unknown key "noise"'),
        ({"direction": "a", "falls": "yes"}, "says falls = 'yes', which is neither true nor false"),
        ({"invariance": "a", "noise": True}, "says noise = True, which is no number"),
        ({"invariance": "a", "most": 2}, "says most = 2, which is no share"),
        ({"invariance": "a", "tolerance": -1}, "says tolerance = -1, which is less than 0"),
        ({"invariance": "a", "values": "f"}, "says values = 'f', which is no list"),
        ({"invariance": "a", "text": 1}, "says text = 1; write text"),
        ({"invariance": ["a"]}, r"names \['a'\], which is no column"),
        ({"symmetry": ["a"]}, r"exchanges \['a'\], which are no two columns"),
        ({"symmetry": ["a", "b"], "mirror": "x"}, "says mirror = 'x'"),
        ({"order": False}, "says order = False; write { order = true }"),
    ],
)
def test_a_table_that_makes_no_relation_is_told(table, why):
    with pytest.raises(ConfigError, match=f'the relation "one" {why}'):
        read_relations({"one": table})


def test_no_relation_at_all_is_told():
    with pytest.raises(ConfigError, match="no relation is given; write"):
        read_relations({})


@pytest.mark.slow
def test_rows_are_generated_from_the_project_s_schema(configured, tmp_path):
    schema = (
        "import pandera.pandas as pa\n"
        'HOURS = pa.DataFrameSchema({"hour": pa.Column(float, pa.Check.in_range(0, 48)), "sex": pa.Column(str)})\n'
    )
    (tmp_path / "metamorphic_schema.py").write_text(schema, encoding="utf-8")
    wild = MODEL.replace('np.exp(12 - rows["hour"]))', 'np.exp(12 - rows["hour"])) * (rows["hour"] < 40)')
    relations = 'relations.later = { direction = "hour" }\n'
    (tmp_path / "project_wild.py").write_text(wild, encoding="utf-8")
    code, one = configured(relations=relations, source="project_wild:good")
    assert (code, one["outcome"]) == (0, "passed")
    code, one = configured(relations=relations + 'schema = "metamorphic_schema:HOURS"\n', source="project_wild:good")
    assert (code, one["outcome"]) == (1, "failed"), one

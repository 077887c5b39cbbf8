"""What a running check is given: sources by role, path, environment and callable, each mistake one sentence."""

from __future__ import annotations

import sys
import traceback
from datetime import date

import pytest

from mlscore.checks.context import Context, expanded, importable, resolve_source
from mlscore.errors import ConfigError
from mlscore.project.config import DataSettings, ModelSettings

DATA = DataSettings(sources={"train": "data/train.csv", "serving": "frames_here:served"})


@pytest.fixture
def root(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("age,city\n31,Vigo\n40,Lugo\n", encoding="utf-8")
    (tmp_path / "frames_here.py").write_text(
        "def served():\n    return 'data/train.csv'\ndef broken():\n    raise KeyError('no')\n"
        "def refused():\n    raise OSError('postgresql://u:hunter2@host/d: no')\n",
        encoding="utf-8",
    )
    (tmp_path / "unread_here.py").write_text("def served(:\n", encoding="utf-8")
    (tmp_path / "failing_here.py").write_text("1 / 0\n", encoding="utf-8")
    yield tmp_path
    sys.modules.pop("frames_here", None)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("train", "{root}/data/train.csv"),
        ("data/*.csv", "{root}/data/*.csv"),
        ("/abs/file.parquet", "/abs/file.parquet"),
        ("s3://bucket/a.parquet", "s3://bucket/a.parquet"),
        ("${FOLDER_OF_DATA}/a.csv", "{root}/elsewhere/a.csv"),
    ],
)
def test_a_source_leads_somewhere(root, monkeypatch, given, found):
    monkeypatch.setenv("FOLDER_OF_DATA", "elsewhere")
    assert resolve_source(given, DATA, root) == found.format(root=root)


def test_a_callable_is_called_with_the_project_importable(root):
    before = list(sys.path)
    assert resolve_source("serving", DATA, root) == "data/train.csv"
    assert sys.path == before


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("validation", 'mlscore.toml:3: the data role "validation" is not configured; add validation = '),
        ("trian", 'mlscore.toml:3: there is no data role and no file "trian"; did you mean "train"?'),
        ("${NO_SUCH_THING_SET}", "mlscore.toml:3: the environment variable NO_SUCH_THING_SET is not set"),
        ("frames_here:absent", "mlscore.toml:3: frames_here:absent cannot be imported: "),
        ("no_such_module_here:f", "no_such_module_here:f cannot be imported: No module named"),
        ("frames_here:broken", "frames_here:broken failed: KeyError: 'no'"),
        ("frames_here:refused", "frames_here:refused failed: OSError: postgresql://***@host/d: no"),
        ("unread_here:served", "unread_here:served cannot be imported: SyntaxError: "),
        ("failing_here:served", "failing_here:served cannot be imported: ZeroDivisionError: division by zero"),
        ("", "mlscore.toml:3: the source of data is empty"),
        ("${EMPTY_HERE}", "mlscore.toml:3: the source of data is empty"),
    ],
)
def test_a_mistake_is_one_sentence(root, monkeypatch, given, sentence):
    monkeypatch.setenv("EMPTY_HERE", " ")
    with pytest.raises(ConfigError) as error:
        resolve_source(given, DATA, root, where="mlscore.toml:3")
    assert sentence in str(error.value)
    assert "hunter2" not in "".join(traceback.format_exception(error.value))


def test_only_braces_are_replaced(monkeypatch):
    monkeypatch.setenv("A", "x")
    assert expanded("$A ${A} {A}") == "$A x {A}"


def test_the_path_is_as_before_even_after_a_failure(root):
    before = list(sys.path)
    with importable(root):
        assert str(root) in sys.path
    assert sys.path == before
    with pytest.raises(ZeroDivisionError), importable(root):
        raise ZeroDivisionError
    assert sys.path == before


def test_a_context_opens_tables_and_reads_options(root):
    context = Context(
        root=root,
        data=DATA,
        options={"source": None, "say": "x", "limit": 2, "share": 0.5, "columns": ("a", "b"), "deep": True},
        today=date(2026, 11, 1),
    )
    assert (context.text("say"), context.text("source")) == ("x", None)
    assert (context.number("limit"), context.number("share"), context.number("deep")) == (2.0, 0.5, None)
    assert (context.texts("columns"), context.texts("say")) == (("a", "b"), ())
    with context.table("train") as table:
        assert table.count() == 2
        assert [column.name for column in table.columns] == ["age", "city"]


def test_a_context_opens_the_model_and_its_previous_release(root):
    told = []
    model = ModelSettings(
        source="frames_here:late", previous="frames_here:never", task="regression", places={"source": "mlscore.toml:9"}
    )
    with (root / "frames_here.py").open("a", encoding="utf-8") as file:
        file.write("def late(rows):\n    return rows['age']\ndef never(rows):\n    return rows['age'] * 0\n")
    context = Context(root, DATA, {}, date(2026, 11, 1), None, told.append, model)
    with context.table("train") as table:
        rows = table.sample(10, 0)
    with context.predictor() as predictor, context.predictor(previous=True) as previous:
        assert sorted(predictor.predict(rows).values.tolist()) == [31, 40]
        assert previous.predict(rows).values.tolist() == [0, 0]
    assert [(one.what, one.share) for one in told][-1] == ("predicting 2 rows", 1.0)


@pytest.mark.parametrize(
    ("previous", "sentence"),
    [(False, 'no model is configured; add source = "…"'), (True, "no previous release of the model is configured")],
)
def test_without_a_model_the_key_to_write_is_said(root, previous, sentence):
    with pytest.raises(ConfigError) as error:
        Context(root, DATA, {}, date(2026, 11, 1)).predictor(previous=previous)
    assert sentence in str(error.value)

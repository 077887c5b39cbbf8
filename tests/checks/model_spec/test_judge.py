"""A specification is tried in a process of its own, whose crash and hanging are findings; and what it is tried on."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from mlscore.checks import check_model_spec
from mlscore.checks.configured import configured_checks
from mlscore.checks.context import Context
from mlscore.checks.model_spec import judge
from mlscore.checks.model_spec.material import make_material
from mlscore.checks.model_spec.report import as_result
from mlscore.checks.model_spec.shapes import Aspect, SpecReport, Tried
from mlscore.errors import ConfigError, InputError, UsageError
from mlscore.predictors.shapes import Task
from mlscore.project.load import load_config

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame({"a": RANDOM.normal(size=60), "c": ["x", "y", "z"] * 20, "late": RANDOM.permutation(60) < 30})
SPEC = '''
"""A specification for each kind of end."""

import os
import signal

import pandera.pandas as pa
from sklearn.tree import DecisionTreeClassifier

SCHEMA = pa.DataFrameSchema({"a": pa.Column(float, pa.Check.in_range(-3, 3)), "b": pa.Column(int, pa.Check.isin([0, 1]))})
NOTHING = 7


class Dying(DecisionTreeClassifier):
    def __getstate__(self):
        os.kill(os.getpid(), signal.SIGKILL)


def tree():
    return DecisionTreeClassifier()


def dying():
    return Dying()


def none():
    return None


def word():
    return "model"


def broken():
    raise ValueError("no such layer")
'''


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("specs")
    (folder / "spec.py").write_text(SPEC, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[tool.mlscore.data]\nlabel = "late"\n[[tool.mlscore.check]]\nuse = "model-spec"\nbuild = "spec:tree"\n'
        'schema = "spec:SCHEMA"\noff = { loss = "it has no steps" }\n',
        encoding="utf-8",
    )
    return folder


@pytest.mark.slow
def test_the_command_judges_a_sound_specification(root, capsys, monkeypatch):
    from mlscore.cli import run

    monkeypatch.chdir(root)
    assert run(["check", "infra-2", "--report", "json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["checks"]
    assert told["outcome"] == "passed"
    assert (
        told["summary"] == "spec:tree keeps 8 promises: builds, input, step, overfits, uses-input, intact, saved, seed"
    )
    assert 'labels of generated rows follow the column "a"' in " ".join(told["notes"])
    assert "loss is off: it has no steps" in told["notes"]


@pytest.mark.slow
def test_a_crash_is_a_finding_and_the_other_aspects_go_on(root):
    off = dict.fromkeys(("input", "loss", "step", "seed", "estimator", "gradients"), "not here")
    report = check_model_spec("spec:dying", root=root, schema="spec:SCHEMA", off=off)
    assert report.findings == ("saved: its process was ended by SIGKILL",)
    assert report.judged == (Aspect.BUILDS, Aspect.OVERFITS, Aspect.USES_INPUT, Aspect.INTACT, Aspect.SAVED)
    assert as_result(report).summary == "saved: its process was ended by SIGKILL"


WORKER = """
import os, signal, sys, time
from pathlib import Path
from mlscore.checks.model_spec.apart import read_request, write_line

folder = Path(sys.argv[1])
aspects = read_request(folder)["aspects"]
for name in aspects:
    write_line(folder, {"begun": name})
    if name == "step" and WAYS == "hangs":
        time.sleep(60)
    if name == "step" and WAYS == "dies":
        os.kill(os.getpid(), signal.SIGSEGV)
    if name == "builds" and WAYS == "never":
        os._exit(3)
    told = {"aspect": name, "judged": True, "findings": [], "unknown": [], "notes": [], "figures": {}}
    write_line(folder, {"tried": told})
"""


@pytest.mark.parametrize(
    ("ways", "finding", "unknown"),
    [
        ("hangs", "step: it did not return within 2 s", "seed: the time was up"),
        ("dies", "step: its process was ended by SIGSEGV", None),
        ("never", "builds: its process ended with exit code 3", "seed: it does not build"),
    ],
)
def test_how_a_process_may_end(ways, finding, unknown, tmp_path, monkeypatch):
    (tmp_path / f"ends_{ways}.py").write_text(f'WAYS = "{ways}"\n{WORKER}', encoding="utf-8")
    monkeypatch.setattr(judge, "_WORKER", f"ends_{ways}")
    report = check_model_spec("spec:tree", root=tmp_path, schema="spec:SCHEMA", limit=2 if ways == "hangs" else 60)
    assert report.findings == (finding,)
    assert unknown in report.not_judged if unknown else not report.not_judged


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"off": {"sede": "x"}}, 'there is no aspect "sede" to be off; did you mean "seed"'),
        ({"off": {"seed": " "}}, 'no reason is given why "seed" is off'),
        ({"off": {"builds": "x"}}, 'there is no aspect "builds" to be off'),
        ({"save": "spec:save"}, "save and load are one without the other"),
    ],
)
def test_bad_options_are_one_sentence(options, why, tmp_path):
    with pytest.raises(UsageError, match=why):
        check_model_spec("spec:tree", root=tmp_path, schema="spec:SCHEMA", **options)


@pytest.fixture
def ask(root, tmp_path, monkeypatch):
    """What the worker says of a request, without a process."""
    from mlscore.checks.model_spec import worker

    monkeypatch.syspath_prepend(str(root))

    def run(build, rows=None, **more):
        if rows is not None:
            rows.to_parquet(tmp_path / "rows.parquet")
        asked = {"build": build, "schema": "spec:SCHEMA", "rows": rows is not None, "label": None, "features": [],
                 "task": None, "classes": [], "save": None, "load": None, "off": {}, "seed": 0, "few": 10, "level": 0.9,
                 "steps": 5, "aspects": ["builds"], **more}  # fmt: skip
        (tmp_path / "request.json").write_text(json.dumps(asked), encoding="utf-8")
        worker.main(tmp_path)
        error, lines = tmp_path / "error.json", tmp_path / "lines.jsonl"
        said = json.loads(error.read_text(encoding="utf-8")) if error.exists() else None
        return said, [
            json.loads(one) for one in lines.read_text(encoding="utf-8").splitlines()
        ] if lines.exists() else []

    return run


@pytest.mark.parametrize(
    ("build", "finding"),
    [
        ("spec:broken", "spec:broken raises ValueError: no such layer"),
        ("spec:none", "spec:none returns None, and no model"),
    ],
)
def test_what_does_not_build_is_a_finding(build, finding, ask):
    error, lines = ask(build)
    assert error is None
    assert lines[-1]["tried"]["findings"] == [finding]


@pytest.mark.parametrize(
    ("build", "more", "error"),
    [
        ("spec:tre", {}, ("spec has no 'tre'", 'did you mean "tree"')),
        ("spce:tree", {}, ("spce cannot be imported", "")),
        ("spec:NOTHING", {}, ("spec:NOTHING is no function", "")),
        ("spec:word", {}, ("spec:word builds a str, which has neither fit nor step", "step(batch)")),
        ("spec:tree", {"save": "spec:keep", "load": "spec:keep"}, ("spec has no 'keep'", "")),
        ("spec:tree", {"features": ["z"]}, ('there is no column "z", which is a feature', "there are a, b")),
        ("spec:tree", {"schema": "spec:NOTHING"}, ("a int is no schema of pandera's", "")),
        ("spec:tree", {"schema": None}, ("there is nothing to make input from", "")),
        ("spec:tree", {"task": "multilabel"}, ("a model of several labels a row is not tried", "")),
    ],
)
def test_mistakes_are_one_sentence(build, more, error, ask):
    said, _ = ask(build, **more)
    assert said[1].startswith(error[0])
    assert error[1] in (said[2] or "")


# --- what models are tried on


def material(folder, rows=None, *, model=None, **more):
    if rows is not None:
        rows.to_parquet(folder / "rows.parquet")
    asked = {"schema": None, "rows": rows is not None, "label": "late", "features": [], "task": None, "classes": [],
             "seed": 0, "few": 10, **more}  # fmt: skip
    return make_material(asked, folder, model)


def test_real_rows_are_taken_where_there_are_some(tmp_path):
    made = material(tmp_path, ROWS)
    frame, labels = made.few
    assert (made.task, made.classes, made.real) == (Task.BINARY, (False, True), True)
    assert list(frame.columns) == ["a", "c"]
    assert sorted(labels) == [False] * 5 + [True] * 5
    assert len(made.generated[0]) == 32
    assert set(made.generated[0]["c"]) == {"x", "y", "z"}


def test_rows_that_cannot_be_learned_by_heart_are_left_out(tmp_path):
    rows = pd.concat([ROWS.iloc[:5]] * 3 + [ROWS.iloc[5:9].assign(a=None)], ignore_index=True)
    rows["late"] = np.arange(len(rows)) % 2 == 0
    frame, _ = material(tmp_path, rows).few
    assert len(frame) == 5
    assert not frame.duplicated().any()


@pytest.mark.parametrize(
    ("labels", "model", "task"),
    [
        (np.arange(60) / 7, None, Task.REGRESSION),
        (np.arange(60), None, Task.REGRESSION),
        (np.arange(60) % 3, None, Task.MULTICLASS),
        (["late", "early"] * 30, None, Task.BINARY),
        (None, DecisionTreeRegressor(), Task.REGRESSION),
        (None, DecisionTreeClassifier(), Task.BINARY),
    ],
)
def test_the_task_is_told_by_labels_or_else_by_the_model(labels, model, task, tmp_path):
    rows = ROWS.drop(columns="late") if labels is None else ROWS.assign(late=labels)
    assert material(tmp_path, rows, model=model).task is task


def test_labels_of_generated_rows_follow_a_column(tmp_path):
    made = material(tmp_path, ROWS.drop(columns="late"), classes=["on time", "late"])
    frame, labels = made.few
    assert made.notes == ('no labelled rows are given: labels of generated rows follow the column "a"',)
    assert frame["a"][labels == "late"].min() > frame["a"][labels == "on time"].max()


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (ROWS.assign(late=None), 'no row has a label "late"'),
        (ROWS.assign(late=1), "all rows have one label, 1"),
        (ROWS.assign(a=1.0, c="x"), "there are not two rows that differ"),
        (ROWS.assign(a=np.nan), "no row is whole: each lacks a value"),
        (ROWS[["late"]], "there is no column beside the label"),
    ],
)
def test_rows_of_no_use_are_told(rows, why, tmp_path):
    with pytest.raises((InputError, UsageError), match=why):
        material(tmp_path, rows)


def test_nothing_about_learning_is_hollow():
    tried = (Tried(Aspect.BUILDS, True), Tried(Aspect.LOSS, False))
    report = SpecReport("spec:tree", tried, {}, 10, 32, hollow=judge._hollow(tried))
    assert as_result(report).outcome == "hollow"
    assert judge._hollow((*tried, Tried(Aspect.OVERFITS, True))) is None


def test_the_configured_check_says_what_it_lacks(root):
    (check,) = configured_checks(load_config(root, environ={}, today=date(2026, 11, 1)))
    assert (check.item, check.check.id) == ("infra-2", "model-spec")
    config = load_config(root, environ={}, today=date(2026, 11, 1))
    options = {**check.options, "schema": None}
    with pytest.raises(ConfigError, match="there is nothing to make input from"):
        check.check.run(Context(root, config.data, options, date(2026, 11, 1), where="pyproject.toml:3"))

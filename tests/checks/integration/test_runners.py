"""Pipelines that other tools run: Make, DVC and MLflow's projects really, the others by their recorded command lines."""

from __future__ import annotations

import json
import os
import stat
import sys

import pytest

from mlscore.checks.integration import runners
from mlscore.checks.integration.judge import check_integration
from mlscore.checks.integration.mlproject import command_of, entry_points
from mlscore.checks.integration.runners import call_command, kedro_command, read_pipeline
from mlscore.checks.integration.shapes import Kind
from mlscore.checks.integration.stages import read_stages
from mlscore.errors import ConfigError

MAKEFILE = """\
model.json: prepared.csv
	python train.py
prepared.csv: raw.csv
	python prepare.py $(MORE)
"""
DVC = """\
vars:
  - model: model.json
stages:
  train:
    cmd:
      - echo training
      - python ${script}.py
    deps: [prepared.csv, train.py]
    outs:
      - ${model}:
          cache: false
  prepare:
    cmd: python prepare.py
    deps: [raw.csv, prepare.py, "https://example.org/raw.csv"]
    outs: [prepared.csv]
"""
MLPROJECT = """\
name: late
entry_points:
  prepare:
    command: "python prepare.py"
  main:
    parameters:
      depth: {type: float, default: 3}
      name: string
    command: "python train.py {depth} {name}"
"""
EMPTY = "open('prepared.csv', 'w')"


@pytest.fixture
def alone(monkeypatch):
    """Only what the system has: no DVC and no MLflow."""
    monkeypatch.setattr(runners, "installed", lambda distribution: False)
    found = runners.program_beside
    monkeypatch.setattr(runners, "program_beside", lambda name: None if name in ("dvc", "mlflow") else found(name))


@pytest.fixture
def go(project, alone):
    def make(runner, given, files, **options):
        root = project({**files, "raw.csv": "a,b\n" + "".join(f"{i % 100},{i}\n" for i in range(99))})
        pipeline = read_pipeline(runner, read_stages(given), root)
        options = {"twice": False, "prepare": pipeline.prepare, **options}
        return pipeline, check_integration(pipeline.stages, root, **options)

    return make


def test_make(go):
    given = {"prepared.csv": {"parameters": {"MORE": "1"}, "makes": ["prepared.csv"]}, "model": {"run": "model.json"}}
    pipeline, report = go("make", given, {"Makefile": MAKEFILE}, twice=True)
    assert report.passed, report.findings
    assert [one.command.split("/")[-1] for one in report.stages] == ["make prepared.csv MORE=1", "make model.json"]
    assert pipeline.tool == "make"
    _, report = go("make", given, {"Makefile": MAKEFILE, "prepare.py": EMPTY})
    assert (report.findings[0].kind, report.findings[0].stage) == (Kind.EMPTY, "prepared.csv")
    _, report = go("make", {"nothing": {}}, {"Makefile": MAKEFILE})
    assert "No rule to make target 'nothing'" in report.findings[0].says


def test_dvc_s_stages_in_the_order_of_what_they_need(go):
    files = {"dvc.yaml": DVC, "params.yaml": "script: train\n"}
    pipeline, report = go("dvc", {}, files)
    assert report.passed, report.findings
    assert [one.name for one in report.stages] == ["prepare", "train"]
    assert pipeline.stages[0].needs == ("raw.csv", "prepare.py")
    assert pipeline.stages[1].command == ("/bin/sh", "-c", "set -e\necho training\npython train.py")
    assert [one.path for one in report.stages[1].outputs] == ["model.json"]
    assert pipeline.notes[0].startswith("DVC is not installed: the commands of dvc.yaml were run")
    _, report = go("dvc", {}, {**files, "prepare.py": EMPTY})
    assert (report.findings[0].kind, report.findings[0].stage) == (Kind.EMPTY, "prepare")


def test_dvc_s_stages_that_are_written_out(project, alone):
    text = (
        "stages:\n"
        "  each:\n    foreach: [a, b]\n    do:\n      cmd: echo ${item}\n      outs: ['${item}.txt']\n      wdir: sub\n"
        "  named:\n    foreach:\n      one: {n: 1}\n    do:\n      cmd: echo ${key} ${item.n}\n"
        "  grid:\n    matrix:\n      x: [1, 2]\n      y: ${ys}\n    cmd: echo ${item.x} ${item.y} ${deep.er[1]}\n"
    )
    root = project({"dvc.yaml": text, "params.yaml": "ys: [u]\ndeep: {er: [0, true]}\n"})
    stages = {one.name: one for one in read_pipeline("dvc", (), root).stages}
    assert {name: one.command[2] for name, one in stages.items()} == {
        "each@a": "echo a",
        "each@b": "echo b",
        "named@one": "echo one 1",
        "grid@1-u": "echo 1 u true",
        "grid@2-u": "echo 2 u true",
    }
    assert (stages["each@a"].makes, stages["each@a"].folder) == (("sub/a.txt",), "sub")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: [", r"dvc\.yaml: is no YAML"),
        ("- a", r"dvc\.yaml: holds no table"),
        ("stages: {}", "holds no stages"),
        ("stages: {a: {deps: [x]}}", "the stage a has no cmd"),
        ("stages: {a: {cmd: x, deps: y}}", '"deps" of the stage a is no list'),
        (
            "stages: {a: {cmd: 'x ${no.where}'}}",
            r"the stage a asks for \$\{no\.where\}, which neither params.yaml nor vars",
        ),
        (
            "vars: [{t: {u: 1}}]\nstages: {a: {cmd: 'x ${t}'}}",
            r"the stage a writes out \$\{t\}; run it by DVC itself: pip install",
        ),
        ("vars: [a.json]\nstages: {a: {cmd: x}}", "which is not read from here; run it by DVC itself: pip install dvc"),
        ("stages: {a: {cmd: x, outs: [/data/x]}}", '"/data/x" is outside of the project'),
        ("stages: {a: {cmd: x, deps: [m], outs: [n]}, b: {cmd: x, deps: [n], outs: [m]}}", "in a circle"),
    ],
)
def test_a_dvc_yaml_that_does_not_fit(project, alone, text, why):
    root = project({"dvc.yaml": text})
    with pytest.raises(ConfigError, match=why):
        read_pipeline("dvc", (), root)


def test_what_a_runner_needs_is_told(project, alone):
    root = project()
    given = read_stages({"a": {"run": "m:f"}})
    for runner, hint in (
        ("kedro", "kedro is not installed; pip install kedro"),
        ("prefect", "prefect is not installed; pip install prefect"),
        ("zenml", 'zenml is not installed; pip install "zenml[local]"'),
        ("airflow", "apache-airflow is not installed; pip install apache-airflow"),
        ("make", "there is no Makefile; add it, or choose another runner"),
        ("mlproject", "there is no MLproject; mend the runner, or add the file"),
    ):
        with pytest.raises(ConfigError) as told:
            read_pipeline(runner, given, root)
        assert str(told.value) == hint
    with pytest.raises(ConfigError, match=r"there is no dvc\.yaml"):
        read_pipeline("dvc", (), root)


def test_what_dvc_yaml_cannot_say(project, alone):
    root = project(
        {"dvc.yaml": "stages: {a: {cmd: cp raw.csv b.csv, deps: [raw.csv], outs: [b.csv]}}", "raw.csv": "a\n1\n"}
    )
    report = check_integration(read_pipeline("dvc", (), root).stages, root, twice=False)
    assert [one.kind for one in report.findings] == [Kind.SAME]
    marked = read_pipeline("dvc", read_stages({"a": {"copies": True}}), root)
    assert check_integration(marked.stages, root, twice=False).passed
    with pytest.raises(ConfigError, match=r'what the stage a does stands in dvc\.yaml; leave all but "copies" out'):
        read_pipeline("dvc", read_stages({"a": {"makes": "x"}}), root)
    with pytest.raises(ConfigError, match=r'dvc\.yaml has no stage "b"; there are a'):
        read_pipeline("dvc", read_stages({"b": {"copies": True}}), root)


def test_an_mlproject(go):
    files = {
        "MLproject": MLPROJECT,
        "train.py": "import sys\nWHOLE\nassert sys.argv[1:] == ['3', 'a b', '--more', '1']",
    }
    given = {
        "prepare": {"needs": ["raw.csv"], "makes": ["prepared.csv"]},
        "train": {"run": "main", "parameters": {"name": "a b", "more": 1}, "makes": ["model.json"]},
    }
    pipeline, report = go("mlproject", given, files)
    assert report.passed, report.findings
    assert pipeline.tool == "the commands of MLproject"
    _, report = go("mlproject", given, {**files, "train.py": "pass"})
    assert [(one.kind, one.stage) for one in report.findings] == [(Kind.MISSING, "train")]
    with pytest.raises(ConfigError, match='the entry point "main" needs the parameter "name"'):
        go("mlproject", {"main": {}}, files)
    with pytest.raises(ConfigError, match='there is no entry point "prepares"; did you mean "prepare"'):
        go("mlproject", {"prepares": {}}, files)
    with pytest.raises(ConfigError, match="MLproject: holds no entry points with commands"):
        go("mlproject", given, {"MLproject": "entry_points: {main: {}}"})


# Contracts: command lines that were run with the real tools, whose versions are beside them; a stand-in takes their place.

RECORDED = {
    "dvc 3.67.1": ("repro", "--force", "--single-item", "train"),
    "mlflow 3.17.2": ("run", "--env-manager=local", "-e", "main", "-P", "n=5", "."),
    "kedro 1.7.0": ("python", "-m", "kedro", "run", "--pipeline", "training", "--params", "n=7"),
    "apache-airflow 3.3.2": ("dags", "test", "train", "--conf", '{"n": 1}'),
}


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """`stand_in(name, script)`: a program of that name that is found first; `{{log}}` in it is a file of its calls."""
    folder = tmp_path / "bin"
    folder.mkdir()
    log = tmp_path / "calls"

    def make(name, script=""):
        path = folder / name
        path.write_text(f'#!/bin/sh\necho "$@" >> {log}\n{script}\n', encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr(runners, "installed", lambda distribution: distribution in (name, f"apache-{name}"))
        monkeypatch.setattr(runners, "program_beside", lambda wanted: str(path) if wanted == name else None)
        return lambda: log.read_text(encoding="utf-8").splitlines()

    return make


def test_contract_dvc(project, stand_in):
    calls = stand_in("dvc", 'test -d .git && case "$4" in prepare) python prepare.py;; train) python train.py;; esac')
    root = project({"dvc.yaml": DVC.replace("python ${script}.py", "python train.py"), "raw.csv": "a,b\n1,2\n60,3\n"})
    pipeline = read_pipeline("dvc", (), root)
    report = check_integration(pipeline.stages, root, prepare=pipeline.prepare, twice=False)
    assert report.passed, report.findings
    assert calls()[1].split() == list(RECORDED["dvc 3.67.1"])
    assert pipeline.tool == "dvc repro"


def test_contract_mlflow(project, stand_in):
    calls = stand_in("mlflow", "echo [] > model.json")
    root = project({"MLproject": "entry_points: {main: {command: 'python train.py {n}', parameters: {n: float}}}"})
    given = read_stages({"main": {"parameters": {"n": 5}, "makes": "model.json"}})
    pipeline = read_pipeline("mlproject", given, root)
    assert pipeline.tool == "mlflow run"
    assert check_integration(pipeline.stages, root, twice=False).passed
    assert calls()[0].split() == list(RECORDED["mlflow 3.17.2"])
    assert command_of(entry_points(root), "main", {}, "mlflow")[-1] == "."


def test_contract_airflow(project, stand_in):
    calls = stand_in(
        "airflow", 'test "$AIRFLOW__CORE__DAGS_FOLDER" = "$PWD/dags" && echo [] > model.json; echo $AIRFLOW_HOME'
    )
    root = project()
    pipeline = read_pipeline("airflow", read_stages({"train": {"parameters": {"n": 1}, "makes": "model.json"}}), root)
    report = check_integration(pipeline.stages, root, prepare=pipeline.prepare, twice=False)
    assert report.passed, report.findings
    assert calls() == ["db migrate", " ".join(RECORDED["apache-airflow 3.3.2"])]


def test_contract_kedro():
    assert kedro_command("training", {"n": 7}) == RECORDED["kedro 1.7.0"]
    assert kedro_command("training", {}) == RECORDED["kedro 1.7.0"][:-2]


def test_flows_are_called(project, monkeypatch):
    """Prefect's flows and ZenML's pipelines are functions that run when they are called (prefect 3.8.8, zenml 0.98.0)."""
    monkeypatch.setattr(runners, "installed", lambda distribution: True)
    monkeypatch.setattr(runners, "program_beside", lambda name: "/bin/true")
    flow = "def train(rows=0):\n    open('model.json', 'w').write(str([rows]))\n\n\n"
    flow += "def fail():\n    raise ValueError('no rows')\n"
    root = project({"flows.py": flow})
    for runner in ("prefect", "zenml"):
        given = read_stages({"train": {"run": "flows:train", "parameters": {"rows": 7}, "makes": "model.json"}})
        pipeline = read_pipeline(runner, given, root)
        assert pipeline.prepare == (("/bin/true", "init") if runner == "zenml" else ())
        report = check_integration(pipeline.stages, root, prepare=pipeline.prepare, twice=False)
        assert report.passed, report.findings
    stages = read_pipeline("prefect", read_stages({"fail": {"run": "flows:fail"}}), root).stages
    report = check_integration(stages, root, twice=False)
    assert report.findings[0].says.endswith('ValueError: no rows"')
    with pytest.raises(ConfigError, match='"train" names no flow'):
        call_command("train", {})
    assert json.loads(call_command("a.b:c", {"n": [1]})[-1]) == {"n": [1]}


def test_programs_beside_our_python_come_first(tmp_path, monkeypatch):
    beside = tmp_path / "python"
    path = tmp_path / "tool"
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(beside))
    assert runners.program_beside("tool") == str(path)
    assert runners.program_beside("no-such-tool") is None
    assert os.path.exists(runners.program_beside("sh"))

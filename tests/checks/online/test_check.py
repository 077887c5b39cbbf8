"""The configured check: what it reads, what it writes on request, and what it says."""

import json
import sqlite3

import pytest

from mlscore.cli import run as run_command
from mlscore.errors import ConfigError, InputError


def lines(rows):
    return "".join(json.dumps({"model": name, "auc": a, "sales": b}) + "\n" for name, a, b in rows)


@pytest.fixture
def launches(project, history):
    def write(tau, pairs, seed=0):
        (project / "launches.jsonl").write_text(lines(history(tau, pairs, seed)), encoding="utf-8")

    return write


WHERE = {"pairs": "launches.jsonl", "offline": "auc", "online": "sales"}


def test_agreement_and_its_opposite(judge, launches):
    launches(0.7, 25)
    result = judge(**WHERE)
    assert result.outcome == "passed"
    assert [value.name for value in result.values] == ["tau", "rho", "pairs"]
    assert judge(**WHERE, **{"online-better": "lower"}).outcome == "failed"
    assert judge(**WHERE, **{"online-better": "lower", "offline-better": "lower"}).outcome == "passed"
    launches(0.9, 4)
    assert judge(**WHERE).outcome == "hollow"


def test_a_limit_of_one_s_own(judge, launches):
    launches(0.3, 120)
    assert judge(**WHERE, least=0.1).outcome == "passed"
    result = judge(**WHERE, least=0.6)
    assert result.outcome == "failed"
    assert result.summary.startswith("auc hardly tells sales: tau 0.")


def test_a_function_gives_the_history(judge, project, history):
    code = f"def rows():\n    return {history(0.8, 20)!r}\ndef broken():\n    raise OSError('the store is away')\n"
    (project / "launch_history.py").write_text(code, encoding="utf-8")
    assert judge(pairs="launch_history:rows").outcome == "passed"
    with pytest.raises(ConfigError, match="launch_history:broken failed: OSError: the store is away"):
        judge(pairs="launch_history:broken")


def test_a_relative_tracking_uri_is_the_project_s(judge, project, history):
    base = sqlite3.connect(project / "mlflow.db")
    base.executescript(
        "CREATE TABLE experiments (experiment_id INTEGER, name TEXT);"
        "CREATE TABLE runs (run_uuid TEXT, experiment_id INTEGER, status TEXT, lifecycle_stage TEXT, start_time INTEGER);"
        "CREATE TABLE params (run_uuid TEXT, key TEXT, value TEXT);"
        "CREATE TABLE latest_metrics (run_uuid TEXT, key TEXT, value FLOAT, is_nan BOOLEAN);"
        "INSERT INTO experiments VALUES (1, 'flights');"
    )
    for name, auc, sales in history(0.8, 20):
        base.execute("INSERT INTO runs VALUES (?, 1, 'FINISHED', 'active', 1)", (name,))
        base.execute("INSERT INTO latest_metrics VALUES (?, 'auc', ?, 0), (?, 'sales', ?, 0)", (name, auc, name, sales))
    base.commit()
    base.close()
    result = judge(pairs="sqlite:///mlflow.db", offline="auc", online="sales")
    assert result.outcome == "passed"
    assert result.details["agreement"]["pairs"] == 20


def test_variants_are_written_once(judge, project):
    result = judge(variants="experiment")
    assert result.outcome == "hollow"
    assert result.hollow.startswith("0 pairs")
    assert "degraded variants were written to experiment, with their error offline" in result.notes[0]
    table = project / "experiment" / "variants.csv"
    first = table.read_text(encoding="utf-8")
    assert "stale-weights-share-0.2" in first
    table.write_text(first + "mine\n", encoding="utf-8")
    assert judge(variants="experiment").notes == ("the variants in experiment are left as they are",)
    assert table.read_text(encoding="utf-8").endswith("mine\n")


def test_variants_without_time_are_not_stale(judge, launches):
    launches(0.7, 25)
    result = judge(**WHERE, variants="experiment", time=None)
    assert result.outcome == "passed"
    assert any("stale models" in line for line in result.unknown)


@pytest.mark.parametrize(
    ("options", "error", "why"),
    [
        ({}, ConfigError, 'nothing says where offline and online figures are; add pairs = "…"'),
        ({"pairs": "none.csv"}, InputError, "none.csv"),
        ({**WHERE, "online": "sale"}, InputError, 'there is no column "sale"; did you mean "sales"'),
        ({**WHERE, "least": 1.5}, InputError, "is no rank correlation to ask for"),
        ({"variants": "model.skops"}, ConfigError, "nothing is written over"),
    ],
)
def test_bad_options_are_one_sentence(judge, launches, options, error, why):
    launches(0.7, 25)
    with pytest.raises(error, match=why):
        judge(**options)


def test_from_the_command_line(project, launches, monkeypatch, capsys):
    launches(-0.8, 20)
    (project / "mlscore.toml").write_text(
        '[[check]]\nuse = "online-agreement"\npairs = "launches.jsonl"\noffline = "auc"\nonline = "sales"\n',
        encoding="utf-8",
    )
    monkeypatch.chdir(project)
    assert run_command(["check", "model-2"]) == 1
    said = capsys.readouterr().out
    assert said.startswith(
        "failed  model-2 online-agreement: models that are better by auc are worse by sales: tau -0."
    )


@pytest.mark.slow
def test_variants_of_a_model_in_a_process_of_its_own(judge, project):
    result = judge(variants="experiment", apart=True)
    assert "degraded variants were written" in result.notes[0]
    assert len(list((project / "experiment").glob("*.skops"))) >= 8

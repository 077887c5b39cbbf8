"""Each tool's trials are read as it writes them."""

import json
import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlscore.checks.tuning.read import read_trials
from mlscore.checks.tuning.shapes import Range
from mlscore.errors import ConfigError, InputError


@pytest.fixture(scope="module")
def grid():
    rows, labels = make_classification(120, random_state=0)
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return GridSearchCV(model, {"logisticregression__C": [0.01, 1.0, 100.0]}, cv=3).fit(rows, labels)


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize("how", ["lists", "frame", "csv"])
def test_cv_results(grid, tmp_path, how):
    path = tmp_path / ("cv.csv" if how == "csv" else "cv.json")
    if how == "lists":
        path.write_text(json.dumps({key: plain(value) for key, value in grid.cv_results_.items()}))
    elif how == "frame":
        pd.DataFrame(grid.cv_results_).to_json(path)
    else:
        pd.DataFrame(grid.cv_results_).to_csv(path)
    trials = read_trials(path)
    assert [one.params for one in trials.trials] == [{"logisticregression__C": c} for c in (0.01, 1.0, 100.0)]
    assert [one.value for one in trials.trials] == pytest.approx(list(grid.cv_results_["mean_test_score"]))
    assert trials.trials[0].folds == pytest.approx(
        [grid.cv_results_[f"split{fold}_test_score"][0] for fold in range(3)]
    )
    assert trials.greater


def test_cv_results_of_several_scores_with_lost_fits_and_conditions(tmp_path):
    columns = {
        "params": [{"C": 1, "kind": "a"}, {"C": 2}, {"C": 3}],
        "param_C": [1, 2, 3],
        "param_kind": ["a", None, None],
        "mean_test_auc": [0.5, 0.7, float("nan")],
        "split0_test_auc": [0.4, 0.7, 0],
        "split1_test_auc": [0.6, 0.7, 0],
        "mean_test_f1": [0.1, 0.2, 0.3],
    }
    path = tmp_path / "cv.json"
    path.write_text(json.dumps(columns))
    trials = read_trials(path, metric="auc")
    assert [one.params for one in trials.trials] == [{"C": 1, "kind": "a"}, {"C": 2}]
    assert trials.trials[0].folds == (0.4, 0.6)
    assert trials.lost == 1
    with pytest.raises(ConfigError, match='no score "score"'):
        read_trials(path)
    path.write_text(json.dumps({**columns, "param_C": [1]}))
    with pytest.raises(InputError, match="do not fit together"):
        read_trials(path, metric="auc")


ROWS = [(0.01, 6, 0, "COMPLETE", 0.2), (0.1, 3, 2, "COMPLETE", 0.3), (0.2, 4, 1, "PRUNED", 0.1)]


@pytest.mark.parametrize("old", [True, False])
def test_optuna(storage, old):
    trials = read_trials(storage(ROWS, old=old))
    assert [one.params for one in trials.trials] == [
        {"lr": 0.01, "depth": 6, "kind": "gini"},
        {"lr": 0.1, "depth": 3, "kind": None},
    ]
    assert [one.value for one in trials.trials] == [0.2, 0.3]
    assert isinstance(trials.trials[0].params["depth"], int)
    assert not trials.greater
    assert trials.lost == 1
    assert trials.ranges == {"lr": Range(1e-4, 1.0, True), "depth": Range(2, 12)}


def test_optuna_with_several_studies_and_objectives(storage):
    rows = [(0.01, 6, 0, "COMPLETE", 0.2, 7.0), (0.1, 3, 1, "COMPLETE", 0.3, None)]
    path = storage(rows, directions=("MINIMIZE", "MAXIMIZE"), studies=("flights", "trains"))
    with pytest.raises(ConfigError, match="the storage holds 2 studies"):
        read_trials(path)
    with pytest.raises(ConfigError, match='no study "flihgts"'):
        read_trials(path, study="flihgts")
    with pytest.raises(ConfigError, match="2 objectives, by number"):
        read_trials(path, study="flights")
    trials = read_trials(path, study="flights", metric="1")
    assert trials.greater
    assert [one.value for one in trials.trials] == [7.0]
    assert trials.lost == 1


def test_optuna_storages_that_are_none(tmp_path):
    path = tmp_path / "a.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 200)
    with pytest.raises(InputError, match="no storage of Optuna"):
        read_trials(path)


def mlflow_run(folder, name, c, aucs, status=3, stage="active"):
    run = folder / name
    for part in ("params", "metrics", "tags"):
        (run / part).mkdir(parents=True)
    (run / "meta.yaml").write_text(f"run_id: {name}\nstatus: {status}\nlifecycle_stage: {stage}\n")
    (run / "params" / "C").write_text(str(c))
    (run / "metrics" / "val").mkdir()
    (run / "metrics" / "val" / "auc").write_text("".join(f"17 {auc} {step}\n" for step, auc in enumerate(aucs)))


def test_mlflow_runs(tmp_path):
    for experiment, name in (("1", "flights"), ("2", "trains")):
        (tmp_path / experiment).mkdir()
        (tmp_path / experiment / "meta.yaml").write_text(f"name: {name}\n")
        mlflow_run(tmp_path / experiment, "a", 0.5, [0.6, 0.8])
    mlflow_run(tmp_path / "1", "b", 1, [0.7], status=4)
    mlflow_run(tmp_path / "1", "c", 2, [0.9], stage="deleted")
    for folder, study in ((tmp_path, "flights"), (tmp_path / "1", None)):
        trials = read_trials(folder, metric="val/auc", greater=True, study=study)
        assert [(one.params, one.value) for one in trials.trials] == [({"C": 0.5}, 0.8)]
        assert trials.lost == 1
    with pytest.raises(ConfigError, match="2 experiments"):
        read_trials(tmp_path, metric="val/auc", greater=True)
    with pytest.raises(ConfigError, match='no experiment "planes"'):
        read_trials(tmp_path, metric="val/auc", greater=True, study="planes")


MLFLOW = """
CREATE TABLE experiments (experiment_id INTEGER, name VARCHAR);
CREATE TABLE runs (run_uuid VARCHAR, status VARCHAR, start_time BIGINT, lifecycle_stage VARCHAR, experiment_id INTEGER);
CREATE TABLE params (key VARCHAR, value VARCHAR, run_uuid VARCHAR);
CREATE TABLE latest_metrics (key VARCHAR, value FLOAT, is_nan BOOLEAN, run_uuid VARCHAR);
INSERT INTO experiments VALUES (0, 'Default'), (1, 'flights'), (2, 'trains');
INSERT INTO runs VALUES ('a', 'FINISHED', 1, 'active', 1), ('b', 'FAILED', 2, 'active', 1),
  ('c', 'FINISHED', 3, 'deleted', 1), ('d', 'FINISHED', 4, 'active', 2), ('e', 'FINISHED', 5, 'active', 1);
INSERT INTO params VALUES ('C', '0.5', 'a'), ('C', '1', 'b'), ('C', '2', 'c'), ('C', '3', 'd'), ('C', '4', 'e');
INSERT INTO latest_metrics VALUES ('auc', 0.8, 0, 'a'), ('auc', 0.7, 0, 'b'), ('auc', 0.9, 0, 'd'), ('auc', 0.0, 1, 'e');
"""


def test_mlflows_database(tmp_path):
    path = tmp_path / "mlflow.db"
    with closing(sqlite3.connect(path)) as base:
        base.executescript(MLFLOW)
    with pytest.raises(ConfigError, match="it holds 2 experiments"):
        read_trials(path, metric="auc", greater=True)
    trials = read_trials(path, metric="auc", greater=True, study="flights")
    assert [(one.params, one.value) for one in trials.trials] == [({"C": 0.5}, 0.8)]
    assert trials.lost == 2


def test_ray_folders(tmp_path):
    for name, lr, losses in (("t1", 0.1, [3, 2]), ("t2", 0.2, [4])):
        (tmp_path / name).mkdir()
        lines = [json.dumps({"loss": loss, "trial_id": name, "config": {"lr": lr}}) for loss in losses]
        (tmp_path / name / "result.json").write_text("\n".join(lines) + "\n")
    trials = read_trials(tmp_path, metric="loss", greater=False)
    assert [(one.params, one.value) for one in trials.trials] == [({"lr": 0.1}, 2.0), ({"lr": 0.2}, 4.0)]


FLAT = [{"trial_id": "x", "acc": 0.5, "config/lr": 0.1}, {"trial_id": "y", "acc": 0.6, "config/lr": 0.2}]
WANDB = [
    {"name": "brisk", "state": "finished", "config": {"lr": 0.1, "_wandb": {}}, "summary": {"acc": 0.5}},
    {"name": "calm", "config": {"lr": {"value": 0.2, "desc": None}}, "summary": {"acc": 0.6}},
]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ray.json", json.dumps(FLAT)),
        ("ray.jsonl", "\n".join(map(json.dumps, FLAT))),
        ("frame.json", pd.DataFrame(FLAT).to_json()),
        ("ray.csv", pd.DataFrame(FLAT).to_csv()),
        ("wandb.json", json.dumps(WANDB)),
        ("wandb.csv", pd.DataFrame(WANDB).to_csv()),
        ("runs.json", json.dumps({"runs": WANDB})),
    ],
)
def test_exports(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    trials = read_trials(tmp_path / name, metric="acc", greater=True)
    assert [(one.params["lr"], one.value) for one in trials.trials] == [(0.1, 0.5), (0.2, 0.6)]
    assert trials.trials[0].name in ("x", "brisk")


def test_a_table_that_does_not_tell_parameters(tmp_path):
    path = tmp_path / "wandb.csv"
    path.write_text(
        '"Name","State","lr","depth","acc"\n"a","finished","0.1","3","0.5"\n"b","crashed","0.2","","None"\n'
    )
    with pytest.raises(ConfigError, match="nothing tells parameters from results"):
        read_trials(path, metric="acc", greater=True)
    trials = read_trials(path, metric="acc", greater=True, parameters=("lr", "depth"))
    assert [one.params for one in trials.trials] == [{"lr": 0.1, "depth": 3}]
    assert trials.lost == 1


def test_only_the_parameters_that_are_named(tmp_path, storage):
    path = tmp_path / "runs.json"
    path.write_text(json.dumps([{"config": {"lr": 0.1, "seed": n}, "acc": n} for n in range(3)]))
    trials = read_trials(path, metric="acc", greater=True, parameters=("lr",))
    assert [one.params for one in trials.trials] == [{"lr": 0.1}] * 3
    trials = read_trials(storage(ROWS), parameters=("depth",))
    assert [one.params for one in trials.trials] == [{"depth": 6}, {"depth": 3}]
    assert list(trials.ranges) == ["depth"]
    with pytest.raises(ConfigError, match='no trial has the parameter "detph"'):
        read_trials(tmp_path / "study.db", parameters=("detph",))


@pytest.mark.parametrize(
    ("name", "text", "options", "error", "why"),
    [
        ("a.json", "{", {}, InputError, "not valid JSON"),
        ("a.json", "[]", {}, InputError, "holds no trials"),
        ("a.json", "3", {}, InputError, "holds no trials"),
        ("a.csv", "", {}, InputError, "holds no trials"),
        ("a.json", json.dumps(FLAT), {}, ConfigError, "by which metric"),
        ("a.json", json.dumps(FLAT), {"metric": "accc"}, ConfigError, 'no trial has the metric "accc"'),
        ("a.json", json.dumps(FLAT), {"metric": "acc"}, ConfigError, "whether a greater acc is better"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, name, text, options, error, why):
    (tmp_path / name).write_text(text)
    with pytest.raises(error, match=why):
        read_trials(tmp_path / name, **options)


def test_an_empty_folder(tmp_path):
    with pytest.raises(InputError, match="no runs of MLflow and no trials of Ray"):
        read_trials(tmp_path)

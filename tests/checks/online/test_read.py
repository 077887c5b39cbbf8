"""Pairs are read from tables, rows, functions and MLflow's runs; what is left out is counted, what is wrong is named."""

import json
import sqlite3

import pandas as pd
import pytest

from mlscore.checks import read_pairs
from mlscore.checks.online import runs
from mlscore.errors import ConfigError, InputError

ROWS = [
    {"model": "v1", "offline": 0.80, "online": 2.0, "day": "2026-01-01", "users": 100},
    {"model": "v2", "offline": 0.85, "online": 2.2, "day": "2026-02-01", "users": 300},
    {"model": "v3", "offline": 0.90, "online": None, "day": "2026-03-01", "users": 300},
    {"model": "v2", "offline": 0.85, "online": 2.6, "day": "2026-02-11", "users": 100},
]


@pytest.fixture(params=["csv", "jsonl", "parquet", "frame", "rows", "function"])
def source(request, tmp_path):
    frame, path = pd.DataFrame(ROWS), tmp_path / f"launches.{request.param}"
    match request.param:
        case "csv":
            frame.to_csv(path, index=False)
        case "jsonl":
            path.write_text("".join(f"{json.dumps(row)}\n" for row in ROWS), encoding="utf-8")
        case "parquet":
            frame.to_parquet(path)
        case "frame":
            return frame
        case "rows":
            return ROWS
        case "function":
            return lambda: ROWS
    return str(path)


def test_every_form_is_read(source):
    found = read_pairs(source, date="day", weight="users")
    one, two = found.pairs
    assert (one.version, one.offline, one.online, one.weight) == ("v1", 0.8, 2.0, 100)
    assert (two.version, two.online, two.weight) == ("v2", pytest.approx(2.3), 400)  # two launches of one version
    assert two.day - one.day == 31
    assert found.lost == {"without a figure of online": 1}


def test_columns_are_named(tmp_path):
    frame = pd.DataFrame({"release": [1, 2], "auc": [0.8, 0.9], "sales": [5, 7]})
    found = read_pairs(frame, offline="auc", online="sales", version="release")
    assert [pair.version for pair in found.pairs] == ["1", "2"]
    assert (found.offline, found.online) == ("auc", "sales")
    assert [pair.version for pair in read_pairs(frame, offline="auc", online="sales").pairs] == ["1", "2"]
    with pytest.raises(InputError, match='there is no column "sale"; did you mean "sales"'):
        read_pairs(frame, offline="auc", online="sale")
    with pytest.raises(InputError, match='there is no column "model"'):
        read_pairs(frame, offline="auc", online="sales", version="model")


def test_rows_without_a_name_or_weight_are_counted():
    rows = [
        {"model": None, "offline": 1, "online": 2, "users": 3},
        {"model": "a", "offline": 1, "online": 2, "users": None},
        {"model": "b", "offline": 1, "online": 2, "users": 0},
        {"model": "c", "offline": float("nan"), "online": float("inf"), "users": 1},
    ]
    found = read_pairs(rows, weight="users")
    assert found.pairs == ()
    assert found.lost == {"without a name": 1, "without a weight": 2, "without a figure of offline and online": 1}


@pytest.mark.parametrize(
    ("rows", "more", "why"),
    [
        ([("a", "0.1", "well")], {}, '"online" of "a" is \'well\', which is no number; mend the row'),
        ([{"offline": True, "online": 1}], {}, "is True, which is no number"),
        ([{"offline": 1, "online": 1, "n": -1}], {"weight": "n"}, "and no weight is below 0"),
        ([{"offline": 1, "online": 1, "day": "soon"}], {"date": "day"}, "is 'soon', which is no date"),
        ([{"offline": 1, "online": 1, "day": 7}], {"date": "day"}, "is 7, which is no date"),
        ([(1, 2, 3, 4)], {}, "row 1 is a tuple, not a pair"),
        ([(1, 2), 3], {}, "row 2 is a int, not a pair"),
        ([(1, 2), ("a", [2])], {}, "several types"),
        (7, {}, "a int holds no pairs"),
        (lambda: None, {}, "a NoneType holds no pairs"),
    ],
)
def test_what_is_no_pair_is_told(rows, more, why):
    with pytest.raises(InputError, match=why):
        read_pairs(rows, **more)


def test_a_generator_is_rows():
    assert len(read_pairs((n, n) for n in range(3)).pairs) == 3


def test_files_that_are_none(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv"):
        read_pairs(str(tmp_path / "none.csv"))
    (tmp_path / "empty.csv").write_text("", encoding="utf-8")
    with pytest.raises(InputError):
        read_pairs(str(tmp_path / "empty.csv"))
    (tmp_path / "other.db").write_bytes(b"SQLite format 3\x00" + b"\0" * 100)
    with pytest.raises(InputError, match="none of MLflow's"):
        read_pairs(str(tmp_path / "other.db"))
    with pytest.raises(InputError, match="there is no such store"):
        read_pairs(f"sqlite:///{tmp_path / 'none.db'}")


@pytest.fixture
def store(tmp_path):
    """`store(experiments)`: a folder of MLflow's runs, {"name": [(params, metrics, status), …]}."""

    def make(experiments, folder="mlruns"):
        for number, (name, found) in enumerate(experiments.items(), 1):
            home = tmp_path / folder / str(number)
            home.mkdir(parents=True)
            (home / "meta.yaml").write_text(f"name: {name}\nlifecycle_stage: active\n", encoding="utf-8")
            for at, (params, metrics, status) in enumerate(found):
                run = home / f"run{at}"
                (run / "params").mkdir(parents=True)
                (run / "metrics").mkdir()
                (run / "meta.yaml").write_text(f"status: {status}\nlifecycle_stage: active\n", encoding="utf-8")
                for key, value in params.items():
                    (run / "params" / key).write_text(str(value), encoding="utf-8")
                for key, value in metrics.items():
                    (run / "metrics" / key).write_text(f"1 0.5 0\n2 {value} 1\n", encoding="utf-8")
        return tmp_path / folder

    return make


RUNS = [
    ({}, {"auc": 0.8, "ctr": 2.0}, 3),
    ({}, {"auc": 0.9}, 3),
    ({}, {"auc": 0.7, "ctr": 1.0}, 4),
]
NAMED = [
    ({"release": "a"}, {"auc": 0.8}, 3),
    ({"release": "a"}, {"ctr": 2.0}, 3),
    ({"release": "b"}, {"auc": 0.9, "ctr": 3.0}, 3),
]


@pytest.mark.parametrize("form", ["{}", "file://{}", "file:{}"])
def test_runs_in_a_folder(store, form):
    found = read_pairs(form.format(store({"flights": RUNS})), offline="auc", online="ctr")
    (pair,) = found.pairs
    assert (pair.version, pair.offline, pair.online) == ("run0", 0.8, 2.0)
    assert found.lost == {"a run that did not end well": 1, "without a figure of ctr": 1}


def test_runs_of_one_release_are_joined(store):
    found = read_pairs(store({"flights": NAMED}), offline="auc", online="ctr", version="release")
    assert [(pair.version, pair.offline, pair.online) for pair in found.pairs] == [("a", 0.8, 2.0), ("b", 0.9, 3.0)]


def test_runs_that_cannot_be_chosen(store):
    folder = store({"flights": RUNS, "ships": NAMED})
    with pytest.raises(ConfigError, match="it holds 2 experiments"):
        read_pairs(folder, offline="auc", online="ctr")
    assert len(read_pairs(folder, offline="auc", online="ctr", experiment="ships", version="release").pairs) == 2
    with pytest.raises(ConfigError, match='no run has the metric "crt"; did you mean "ctr"'):
        read_pairs(folder, offline="auc", online="crt", experiment="ships")
    with pytest.raises(ConfigError, match='no run has the parameter "version"'):
        read_pairs(folder, offline="auc", online="ctr", experiment="ships", version="version")


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_runs_in_a_database(tmp_path, form):
    path = tmp_path / "mlflow.db"
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE experiments (experiment_id INTEGER, name TEXT);"
        "CREATE TABLE runs (run_uuid TEXT, experiment_id INTEGER, status TEXT, lifecycle_stage TEXT, start_time INTEGER);"
        "CREATE TABLE params (run_uuid TEXT, key TEXT, value TEXT);"
        "CREATE TABLE latest_metrics (run_uuid TEXT, key TEXT, value FLOAT, is_nan BOOLEAN);"
        "INSERT INTO experiments VALUES (1, 'flights');"
        "INSERT INTO runs VALUES ('r1', 1, 'FINISHED', 'active', 1), ('r2', 1, 'FINISHED', 'deleted', 2);"
        "INSERT INTO latest_metrics VALUES ('r1', 'auc', 0.8, 0), ('r1', 'ctr', 3.0, 0), ('r2', 'auc', 0.1, 0);"
    )
    base.commit()
    base.close()
    (pair,) = read_pairs(form.format(path), offline="auc", online="ctr").pairs
    assert (pair.version, pair.offline, pair.online) == ("r1", 0.8, 3.0)


def test_a_server_needs_mlflow(monkeypatch):
    monkeypatch.setattr(runs.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Exception, match=r"mlflow is not installed.*pip install \"ml-test-score\[mlflow\]\""):
        read_pairs("https://mlflow.example.org", offline="auc", online="ctr")


@pytest.mark.slow
def test_a_server_is_asked_through_mlflow(tmp_path, monkeypatch):
    """By way of MLflow's own client, as a server is; here of a folder, which needs no network."""
    import mlflow

    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    uri = (tmp_path / "runs").as_uri()
    client = mlflow.MlflowClient(tracking_uri=uri)
    experiment = client.create_experiment("flights", artifact_location=str(tmp_path / "kept"))
    for number in range(3):
        run = client.create_run(experiment).info.run_id
        client.log_param(run, "release", f"v{number}")
        client.log_metric(run, "auc", 0.8 + number / 100)
        client.log_metric(run, "ctr", 2.0 + number)
        client.set_terminated(run, "FAILED" if number == 2 else "FINISHED")
    monkeypatch.setattr(runs, "_SERVERS", ("file:",))
    found = read_pairs(uri, offline="auc", online="ctr", version="release")
    assert [(pair.version, pair.online) for pair in found.pairs] == [("v0", 2.0), ("v1", 3.0)]
    assert found.lost == {"a run that did not end well": 1}
    with pytest.raises(InputError, match="there is no experiment 'ships'"):
        read_pairs(uri, offline="auc", online="ctr", experiment="ships")

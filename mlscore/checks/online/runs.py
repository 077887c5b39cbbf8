"""Pairs from MLflow's runs: a folder, a tracking database in SQLite, or a tracking server that MLflow itself asks."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlscore.checks.tuning.folders import mlflow_records
from mlscore.checks.tuning.mlflow_store import is_mlflow, mlflow_rows
from mlscore.checks.tuning.optuna import is_sqlite
from mlscore.checks.tuning.records import Record, number
from mlscore.errors import ConfigError, InputError, UsageError, did_you_mean
from mlscore.predictors.process import environment_of
from mlscore.project.redact import redact

Rows = tuple[list[dict[str, Any]], dict[str, int]]
_SERVERS = ("http://", "https://", "databricks", "postgresql://", "mysql://")
_LOCAL = ("sqlite:///", "file://", "file:")
_URI = "MLFLOW_TRACKING_URI"
_MINUTES = 5
_MOST_RUNS = 20_000
_DONE = "FINISHED"


def read_runs(source: str, metrics: Sequence[str], version: str | None, experiment: str | None) -> Rows | None:
    """The rows of MLflow's runs with the two metrics, and what was left out; None where the source is none of MLflow's.

    The last value of a metric counts. Runs that failed or were deleted are left out. Raises InputError where it cannot be
    read, ConfigError where an experiment has to be named, or no run has a metric.
    """
    if source.startswith(_SERVERS) and not source.endswith((".csv", ".jsonl", ".parquet")) and "?table=" not in source:
        records = _served(source, experiment)
    else:
        name = next((source.removeprefix(start) for start in _LOCAL if source.startswith(start)), source)
        path = Path(name)
        if path.is_dir():
            records = mlflow_records(path, experiment, path.name, bare=True)
            if not records:
                return None
        elif is_sqlite(path):
            if not is_mlflow(path):
                raise InputError(
                    "a database that is none of MLflow's", where=path.name, hint="name MLflow's, or a table"
                )
            records = mlflow_rows(path, experiment, path.name, bare=True)
        elif name != source:
            raise InputError("there is no such store of MLflow's", where=redact(source), hint="mend the tracking URI")
        else:
            return None
    return _rows(records, metrics, version, redact(source))


def rooted(source: object, root: Path) -> object:
    """The source; of a tracking URI with a relative path, that of the path under `root`."""
    for start in _LOCAL:
        if isinstance(source, str) and source.startswith(start):
            return f"{start}{root / source.removeprefix(start)}"
    return source


def _rows(records: Sequence[Record], metrics: Sequence[str], version: str | None, where: str) -> Rows:
    if not records:
        raise InputError("there are no runs", where=where, hint="name another experiment or tracking URI")
    known = tuple(
        dict.fromkeys(key for one in records for key, value in one.values.items() if number(value) is not None)
    )
    for metric in metrics:
        if metric not in known:
            hint = did_you_mean(metric, known) or f"there are {', '.join(known[:12]) or 'none'}"
            raise ConfigError(f'no run has the metric "{metric}"', where=where, hint=hint)
    done = [one for one in records if one.done]
    named = tuple(dict.fromkeys(key for one in records for key in one.params))
    if version is not None and version not in named:
        hint = did_you_mean(version, named) or "leave version out: each run is then a version of its own"
        raise ConfigError(f'no run has the parameter "{version}"', where=where, hint=hint)
    lost = {"a run that did not end well": len(records) - len(done)} if len(done) < len(records) else {}
    rows = []
    for one in done:
        by = one.name if version is None else one.params.get(version)
        figures = [number(one.values.get(metric)) for metric in metrics]
        rows.append({"version": None if by is None else str(by), "offline": figures[0], "online": figures[1]})
    return rows, lost


def _served(uri: str, experiment: str | None) -> list[Record]:
    """What MLflow says in a process of its own: it takes seconds to import, and has versions of its own to keep."""
    if importlib.util.find_spec("mlflow") is None:
        raise UsageError(
            "mlflow is not installed, which a tracking server needs", hint='pip install "ml-test-score[mlflow]"'
        )
    with tempfile.TemporaryDirectory(prefix="mlscore-") as folder:
        told = Path(folder) / "told.json"
        command = [sys.executable, "-m", __name__, experiment or "", str(told)]
        try:
            done = subprocess.run(
                command,
                env=environment_of() | {_URI: uri},  # other users see arguments, and it may hold a password
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=_MINUTES * 60,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise InputError(f"MLflow gave no answer within {_MINUTES} minutes", where=redact(uri)) from None
        if not told.exists():
            words = done.stderr.strip().splitlines()[-1:] or ["MLflow gave no reason"]
            raise InputError(
                f"MLflow's runs cannot be read ({redact(' '.join(words[0].split()))[:300]})",
                where=redact(uri),
                hint="check the tracking URI and the experiment's name",
            )
        found = json.loads(told.read_text(encoding="utf-8"))
    if found["experiments"]:
        raise ConfigError(
            f"it holds {len(found['experiments'])} experiments",
            where=redact(uri),
            hint=f'add experiment = "…": there are {", ".join(found["experiments"][:10])}',
        )
    return [Record(one["name"], one["params"], one["values"], one["done"]) for one in found["runs"]]


def main(experiment: str, told: str) -> None:
    """In the process: ask for the runs of an experiment, or of the only one that has any, and write them down."""
    from mlscore.predictors.extras import need

    client = need("mlflow", "mlflow").MlflowClient(tracking_uri=os.environ[_URI])
    names = {one.experiment_id: one.name for one in client.search_experiments()}
    if experiment:
        names = {id_: name for id_, name in names.items() if name == experiment}
        if not names:
            sys.exit(f"there is no experiment {experiment!r}")
    found = {id_: runs for id_ in names if (runs := _all(client, id_))}
    several = [names[id_] for id_ in found] if len(found) > 1 else []
    runs = [] if several else [one for some in found.values() for one in some]
    Path(told).write_text(json.dumps({"experiments": several, "runs": runs}), encoding="utf-8")


def _all(client: Any, experiment: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token = None
    while len(found) < _MOST_RUNS:
        page = client.search_runs([experiment], max_results=1_000, page_token=token)
        for run in page:
            done = run.info.status == _DONE
            values = {key: value for key, value in run.data.metrics.items() if number(value) is not None}
            found.append({"name": run.info.run_id, "params": dict(run.data.params), "values": values, "done": done})
        token = page.token
        if not token:
            break
    return found


if __name__ == "__main__":
    main(*sys.argv[1:])

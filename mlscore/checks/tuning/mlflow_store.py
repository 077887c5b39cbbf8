"""MLflow's tracking database in SQLite, read without MLflow: the runs of an experiment."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from mlscore.checks.tuning.folders import choose
from mlscore.checks.tuning.records import Record
from mlscore.errors import InputError

_RUNS = """
SELECT e.name, r.run_uuid, r.status FROM runs r JOIN experiments e ON e.experiment_id = r.experiment_id
WHERE r.lifecycle_stage = 'active' ORDER BY r.start_time, r.run_uuid
"""


def is_mlflow(path: Path) -> bool:
    """Whether an SQLite file is a tracking database."""
    try:
        with closing(_open(path)) as base:
            tables = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except sqlite3.Error:
        return False
    return {"experiments", "runs", "params", "latest_metrics"} <= tables


def mlflow_rows(path: Path, experiment: str | None, where: str, *, bare: bool = False) -> list[Record]:
    """The runs of the only experiment with parameters, or of the one named, with the last value of each metric.

    Runs without parameters are no trials, and are left out unless `bare`. The file is opened for reading alone. Raises
    InputError when it cannot be read, and ConfigError when an experiment has to be chosen.
    """
    try:
        with closing(_open(path)) as base:
            runs = base.execute(_RUNS).fetchall()
            params = _by_run(base.execute("SELECT run_uuid, key, value FROM params"))
            values = _by_run(base.execute("SELECT run_uuid, key, value FROM latest_metrics WHERE NOT is_nan"))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise InputError(f"no tracking database that can be read: {error}", where=where, hint="see the file") from None
    found: dict[str, list[Record]] = {}
    for name, run, status in runs:
        if bare or run in params:
            record = Record(run, params.get(run, {}), values.get(run, {}), done=status == "FINISHED")
            found.setdefault(name, []).append(record)
    return choose(found, experiment, where)


def _by_run(rows: sqlite3.Cursor) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for run, key, value in rows:
        found.setdefault(run, {})[key] = value
    return found


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)

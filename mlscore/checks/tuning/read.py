"""Reading a search's trials: which tool wrote a file or folder is told from what it holds."""

from __future__ import annotations

import ast
import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from mlscore.checks.tuning.folders import mlflow_records, ray_records
from mlscore.checks.tuning.mlflow_store import is_mlflow, mlflow_rows
from mlscore.checks.tuning.optuna import is_sqlite, read_optuna
from mlscore.checks.tuning.records import Record, as_trials
from mlscore.checks.tuning.searches import is_cv_results, read_cv_results
from mlscore.checks.tuning.shapes import Trials
from mlscore.checks.tuning.used import parsed
from mlscore.errors import ConfigError, InputError, did_you_mean
from mlscore.project.read import read_text

_HINT = (
    "known are cv_results_ (JSON, CSV), SQLite of Optuna and MLflow, folders of MLflow and Ray, exports of Ray and W&B"
)
_TELL = ("config", "params", "hyperparameters")
_VALUES = ("summary", "metrics", "results", "last_result")


def read_trials(
    path: Path,
    *,
    metric: str | None = None,
    greater: bool | None = None,
    study: str | None = None,
    parameters: Sequence[str] = (),
    name: str | None = None,
) -> Trials:
    """The trials of a search.

    `metric` is the column, metric or number of the objective that was searched by; `greater` says that greater is better;
    both follow from cv_results_ and Optuna's storage themselves. `study` names one of several studies or experiments,
    `parameters` the parameters that were tuned: the others are left out, and in a table
    that does not tell parameters from results these are they. `name` is the file's for errors.

    Raises InputError when the file is none of the known ones, and ConfigError when it needs an option.
    """
    name = name or path.name
    found = _read(path, metric, greater, study, parameters, name)
    if not parameters or not found.trials:
        return found
    known = tuple(dict.fromkeys(key for one in found.trials for key in one.params))
    for one in parameters:
        if one not in known:
            hint = did_you_mean(one, known) or f"there are {', '.join(known[:12])}"
            raise ConfigError(f'no trial has the parameter "{one}"', where=name, hint=hint)
    return replace(
        found,
        trials=tuple(
            replace(trial, params={key: value for key, value in trial.params.items() if key in parameters})
            for trial in found.trials
        ),
        ranges={key: value for key, value in found.ranges.items() if key in parameters},
    )


def _read(
    path: Path, metric: str | None, greater: bool | None, study: str | None, parameters: Sequence[str], name: str
) -> Trials:
    if path.is_dir():
        records = mlflow_records(path, study, name) or ray_records(path)
        if not records:
            raise InputError("the folder holds no runs of MLflow and no trials of Ray Tune", where=name, hint=_HINT)
        return as_trials(records, metric, greater, name)
    if is_sqlite(path):
        if is_mlflow(path):
            return as_trials(mlflow_rows(path, study, name), metric, greater, name)
        return read_optuna(path, study=study, objective=metric, name=name)
    text = read_text(path, where=name, error=InputError)
    if path.suffix.lower() == ".csv":
        return _of_csv(text, metric, greater, parameters, name)
    data = _json(text, name)
    if isinstance(data, dict) and is_cv_results(data):
        return read_cv_results(data, metric, name)
    rows = _rows(data)
    if not rows:
        raise InputError("it holds no trials", where=name, hint=_HINT)
    return as_trials(_records(rows, parameters, name), metric, greater, name)


def _of_csv(text: str, metric: str | None, greater: bool | None, parameters: Sequence[str], name: str) -> Trials:
    try:
        read = list(csv.DictReader(io.StringIO(text)))
    except csv.Error as error:
        raise InputError(f"not valid CSV: {error}", where=name, hint="export it anew") from None
    if not read:
        raise InputError("it holds no trials", where=name, hint=_HINT)
    rows: list[dict[str, Any]] = [
        {key: _cell(value) for key, value in row.items() if key is not None and value not in (None, "")} for row in read
    ]
    columns = {key: [row.get(key) for row in rows] for key in read[0] if key is not None}
    if is_cv_results(columns):
        return read_cv_results(columns, metric, name)
    return as_trials(_records(rows, parameters, name), metric, greater, name)


def _cell(text: str) -> Any:
    """A cell; W&B and Ray write dictionaries into cells as Python writes them."""
    if text.startswith("{") and text.endswith("}"):
        for read in (json.loads, ast.literal_eval):
            try:
                found = read(text)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(found, dict):
                return found
    return parsed(text)


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError) as error:
        raise InputError(f"not valid JSON: {error}", where=name, hint=_HINT) from None


def _rows(data: Any) -> list[dict[str, Any]]:
    """The trials of a list, of a list under some key, or of columns as pandas writes a frame."""
    if isinstance(data, dict) and data and all(isinstance(one, dict) for one in data.values()):
        keys = dict.fromkeys(key for column in data.values() for key in column)
        if all(str(key).isdigit() for key in keys):
            return [{name: column.get(key) for name, column in data.items()} for key in keys]
    if isinstance(data, dict):
        data = next((one for one in data.values() if isinstance(one, list)), [data])
    return [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []


def _records(rows: Iterable[Mapping[str, Any]], parameters: Sequence[str], name: str) -> list[Record]:
    """Each row's parameters and values: tables "config" and "summary", columns "config/…", or the columns named."""
    found: list[Record] = []
    for number, row in enumerate(rows):
        told: dict[str, Any] = {}
        values: dict[str, Any] = {}
        for key, value in row.items():
            if isinstance(value, dict) and key in _TELL:
                # W&B's own files keep {"value": …, "desc": …} for each parameter.
                told |= {k: v["value"] if isinstance(v, dict) and "value" in v else v for k, v in value.items()}
            elif isinstance(value, dict) and key in _VALUES:
                values |= value
            elif key in parameters:
                told[key] = value
            elif key.partition("/")[0] in ("config", "params") and "/" in key:
                told[key.partition("/")[2]] = value
            elif key.startswith(("config.", "params.")):
                told[key.partition(".")[2]] = value
            else:
                values[key] = value
        if not told and not any(record.params for record in found) and number == 0:
            raise ConfigError(
                "nothing tells parameters from results",
                where=name,
                hint='name the parameters\' columns: parameters = ["…"]',
            )
        found.append(Record(str(row.get("name") or row.get("trial_id") or row.get("id") or number), told, values))
    return found

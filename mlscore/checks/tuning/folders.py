"""Folders of trials: MLflow's runs and Ray Tune's, read as files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from mlscore.checks.tuning.records import Record
from mlscore.errors import ConfigError, did_you_mean

T = TypeVar("T")
_FINISHED = (3, "3", "FINISHED")


def mlflow_records(folder: Path, experiment: str | None, where: str, *, bare: bool = False) -> list[Record]:
    """The runs of an experiment's folder, or of the only experiment, or the one named, of a folder of several.

    Runs without parameters are no trials, and are left out unless `bare`.
    Raises ConfigError when an experiment has to be chosen.
    """
    runs = _runs(folder, bare)
    if not runs:
        found = {_named(one): runs for one in sorted(folder.iterdir()) if one.is_dir() and (runs := _runs(one, bare))}
        runs = choose(found, experiment, where)
    return [_run(run) for run in runs]


def choose(found: Mapping[str, list[T]], experiment: str | None, where: str) -> list[T]:
    """What belongs to the experiment that is named, or to the only one. Raises ConfigError where it has to be named."""
    if not found:
        return []
    listed = f"there are {', '.join(list(found)[:10])}"
    if experiment is None and len(found) > 1:
        raise ConfigError(f"it holds {len(found)} experiments", where=where, hint=f'add study = "…": {listed}')
    if experiment is not None and experiment not in found:
        hint = did_you_mean(experiment, tuple(found)) or listed
        raise ConfigError(f'there is no experiment "{experiment}"', where=where, hint=hint)
    return next(iter(found.values())) if experiment is None else found[experiment]


def _runs(folder: Path, bare: bool) -> list[Path]:
    return [
        one
        for one in sorted(folder.iterdir())
        if (one / "meta.yaml").is_file() and (one / "params").is_dir() and (bare or any((one / "params").iterdir()))
        and _meta(one).get("lifecycle_stage", "active") == "active"
    ]  # fmt: skip


def _meta(folder: Path) -> dict[str, Any]:
    import yaml

    try:
        said = yaml.safe_load((folder / "meta.yaml").read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        said = None
    return said if isinstance(said, dict) else {}


def _named(folder: Path) -> str:
    name = _meta(folder).get("name")
    return name if isinstance(name, str) else folder.name


def _run(run: Path) -> Record:
    params = {one.relative_to(run / "params").as_posix(): _text(one) for one in _files(run / "params")}
    values = {one.relative_to(run / "metrics").as_posix(): _last(_text(one)) for one in _files(run / "metrics")}
    return Record(run.name, params, values, done=_meta(run).get("status", 3) in _FINISHED)


def _files(folder: Path) -> list[Path]:
    """The files; a name with slashes is a folder's."""
    return sorted(one for one in folder.rglob("*") if one.is_file()) if folder.is_dir() else []


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")


def _last(lines: str) -> float | None:
    """The value of the last step: each line is time, value and step."""
    steps = []
    for number, line in enumerate(lines.splitlines()):
        words = line.split(" ")
        try:
            step = int(words[2]) if len(words) > 2 else 0
            steps.append((step, int(words[0]), number, float(words[1])))
        except (ValueError, IndexError):
            continue
    return max(steps)[3] if steps else None


def ray_records(folder: Path) -> list[Record]:
    """The trials of Ray Tune's folder: the last line of each result.json, which holds the configuration too."""
    found = []
    for file in sorted(folder.glob("*/result.json")):
        rows = []
        for line in _text(file).splitlines():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError):
                continue
        last = next((row for row in reversed(rows) if isinstance(row, dict)), {})
        told = last.get("config")
        if not isinstance(told, dict):
            try:
                told = json.loads(_text(file.with_name("params.json")))
            except (OSError, ValueError, RecursionError):
                told = {}
        found.append(Record(file.parent.name, told if isinstance(told, dict) else {}, last))
    return found

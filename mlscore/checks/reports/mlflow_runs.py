"""A run in MLflow's file store: its metrics, when it ended, how, and on which data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlscore.checks.reports.load import Document, clean, moment, put
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import InputError
from mlscore.project.read import read_text

_FINISHED = 3
_STATUS = {1: "is still running", 2: "is scheduled", 4: "failed", 5: "was killed"}
_MOST_METRICS = 10_000


def recognises(document: Document) -> bool:
    """Whether it is the folder of a run, or of an experiment with runs."""
    return document.kind == "folder" and (document.path / "meta.yaml").is_file()


def read(document: Document) -> Report:
    """A run's last value of each metric; of an experiment, the run with metrics that ended last.

    A run that failed, was killed or deleted is a finding. Raises InputError where there is no run, and for a file that
    cannot be read.
    """
    folder, notes = document.path, []
    if not (folder / "meta.yaml").is_file():
        raise InputError("the folder is no run of MLflow", where=document.name, hint="name the folder with meta.yaml")
    meta = _meta(folder, document.name)
    if "run_id" not in meta and "run_uuid" not in meta:
        folder, meta = _newest(folder, document.name)
        notes.append(f"the run {clean(meta.get('run_name') or folder.name)} of the experiment ended last")
    metrics, about = _metrics(folder, document.name)
    tag = folder / "tags" / "mlflow.source.git.commit"
    if tag.is_file():
        about["commit"] = clean(read_text(tag, where=document.name, error=InputError))
    findings = []
    status = meta.get("status")
    if status != _FINISHED:
        known = _STATUS.get(status) if isinstance(status, int) else None
        findings.append(Finding("run", False, detail=f"the run {known or 'has no known status'}"))
    if meta.get("lifecycle_stage") == "deleted":
        findings.append(Finding("run", False, detail="the run was deleted"))
    return Report(
        "MLflow",
        made=moment(meta.get("end_time") or meta.get("start_time")),
        findings=tuple(findings),
        metrics=metrics,
        about=about,
        notes=tuple(notes),
    )


def _meta(folder: Path, name: str) -> dict[str, Any]:
    import yaml

    text = read_text(folder / "meta.yaml", where=f"{name}/meta.yaml", error=InputError)
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise InputError("not valid YAML of a run", where=f"{name}/meta.yaml", hint="bring the run's folder back")
    return found


def _newest(experiment: Path, name: str) -> tuple[Path, dict[str, Any]]:
    """The run with metrics that ended last and was not deleted."""
    runs = []
    for path in sorted(experiment.glob("*/meta.yaml")):
        if (path.parent / "metrics").is_dir() and any((path.parent / "metrics").iterdir()):
            meta = _meta(path.parent, f"{name}/{path.parent.name}")
            end = meta.get("end_time") or meta.get("start_time")
            if meta.get("lifecycle_stage") != "deleted" and isinstance(end, int):
                runs.append((end, path.parent, meta))
    if not runs:
        raise InputError("the experiment holds no run with metrics", where=name, hint="name a run's folder")
    _, folder, meta = max(runs, key=lambda one: (one[0], one[1].name))
    return folder, meta


def _metrics(folder: Path, name: str) -> tuple[dict[str, float], dict[str, str]]:
    """The last values, and the data they were measured on where all name the same."""
    metrics: dict[str, float] = {}
    data: set[tuple[str, ...]] = set()
    files = sorted(path for path in (folder / "metrics").rglob("*") if path.is_file())
    if len(files) > _MOST_METRICS:
        raise InputError(f"the run holds {len(files):,} metrics, {_MOST_METRICS:,} is the most", where=name)
    for path in files:
        metric = clean(path.relative_to(folder / "metrics").as_posix())
        where = f"{name}/metrics/{metric}"
        lines = read_text(path, where=where, error=InputError).splitlines()
        points = [line.split() for line in lines if line.strip()]
        try:
            # Time, value, step, and from MLflow 3 the data's name and digest.
            last = max(points, key=lambda one: (int(one[2]) if len(one) > 2 else 0, int(one[0])))
            put(metrics, metric, float(last[1]))
        except (ValueError, IndexError):
            hint = "bring the run's folder back"
            raise InputError("no metric of MLflow: time, value, step", where=where, hint=hint) from None
        data.add(tuple(last[3:5]))
    only = next(iter(data)) if len(data) == 1 else ()
    return metrics, dict(zip(("data", "data digest"), map(clean, only), strict=False))

"""Tracing an example through whatever a source names: in the model's own process, or in a worker of ours."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.model_spec.apart import run_apart
from mlscore.checks.trace.shapes import End, Snapshot, Step, Walked
from mlscore.checks.trace.walk import LOOK
from mlscore.errors import InputError
from mlscore.predictors.channel import pack_rows
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.sources import CALLABLE, ONNX, find
from mlscore.project.config import ModelSettings

if TYPE_CHECKING:
    import pyarrow as pa

_WORKER = "mlscore.checks.trace.worker"


def trace_steps(
    steps: Sequence[str], row: pa.Table, settings: ModelSettings, predictor: Predictor | None, root: Path, limit: float
) -> Walked:
    """The example through functions of the project, each "module:function". Raises ConfigError for one there is not."""
    return _apart({**_request(row, settings, predictor), "steps": list(steps)}, root, limit)


def trace_model(
    row: pa.Table, settings: ModelSettings, predictor: Predictor, root: Path, limit: float
) -> Walked | None:
    """The example through the steps of an opened model; None where nobody can look into it."""
    row = row.select(list(predictor.features)) if predictor.features else row
    request = _request(row, settings, predictor)
    told = predictor.inside(LOOK, request, limit=limit)
    if told is not None:
        return read_walk(told)
    if not isinstance(settings.source, str) or "://" in settings.source or settings.source.startswith("models:/"):
        return None
    found = find(settings.source, root)
    if found.kind not in (CALLABLE, ONNX):
        return None
    return _apart({**request, "steps": [], "kind": found.kind, "name": found.name}, root, limit)


def _request(row: pa.Table, settings: ModelSettings, predictor: Predictor | None) -> dict[str, Any]:
    task = predictor.task if predictor is not None else settings.task
    classes = (predictor.classes if predictor is not None else None) or settings.classes or None
    return {
        "row": base64.b64encode(pack_rows(row)).decode("ascii"),
        "task": task,
        "classes": None if classes is None else list(classes),
        "positive": settings.positive if predictor is None else predictor.positive,
        "threshold": settings.threshold,
    }


def _apart(request: Mapping[str, Any], root: Path, limit: float) -> Walked:
    with tempfile.TemporaryDirectory(prefix="mlscore-") as folder:
        worked = run_apart(_WORKER, request, Path(folder), root, limit)
    if worked.lines:
        return read_walk(worked.lines[-1])
    if worked.finished.code is None:
        return Walked((), None, f"it did not return within {limit:g} s")
    words = worked.finished.last_words if worked.finished.code > 0 else ""
    return Walked((), None, f"its process {worked.finished.ended}" + (f' ("{words}")' if words else ""))


def read_walk(told: Mapping[str, Any]) -> Walked:
    """A walk that JSON carried."""
    steps = tuple(
        Step(
            **{
                **one,
                "before": None if one["before"] is None else _snapshot(one["before"]),
                "after": None if one["after"] is None else _snapshot(one["after"]),
            }
        )
        for one in told["steps"]
    )
    end = told["end"]
    if end is None:
        return Walked(steps, None, told["lost"])
    if isinstance(end["value"], list):
        raise InputError(
            "the model gives several labels a row, which are not traced",
            hint="name a function that gives one of them",
        )
    return Walked(
        steps, End(end["value"], *(None if end[n] is None else tuple(end[n]) for n in ("probabilities", "classes")))
    )


def _snapshot(told: Mapping[str, Any]) -> Snapshot:
    lists = {name: tuple(told[name]) for name in ("shape", "dtypes")}
    columns = None if told["columns"] is None else tuple(told["columns"])
    cells = tuple((int(number), cell) for number, cell in told["cells"])
    return Snapshot(**{**told, **lists, "columns": columns, "cells": cells})


def served_by(predictor: Predictor, row: pa.Table) -> End:
    """What the model serves for the row. Raises InputError as `predict` does."""
    from mlscore.predictors.tidy import plain

    made = predictor.predict(row, finite=False)
    if made.values.ndim != 1:
        raise InputError(
            "the model gives several labels a row, which are not traced",
            hint="name a function that gives one of them",
        )
    shares = None if made.probabilities is None else tuple(float(one) for one in made.probabilities[0])
    return End(plain(made.values[0]), shares, made.classes or predictor.classes)


def with_source(settings: ModelSettings, source: str, predictor: Predictor | None) -> ModelSettings:
    """The settings with another source, which predicts the same as the model does."""
    if predictor is None:
        return replace(settings, source=source)
    task, classes = settings.task or predictor.task.value, settings.classes or predictor.classes or ()
    positive = predictor.positive if settings.positive is None else settings.positive
    return replace(settings, source=source, task=task, classes=classes, positive=positive)

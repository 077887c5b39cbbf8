"""XGBoost's own model files, JSON and UBJSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.kinds.frames import categorised
from mlscore.predictors.shapes import Label, Task

if TYPE_CHECKING:
    import pyarrow as pa

_VERSION = re.compile(rb'"version"\s*:\s*\[\s*(\d+)\s*,\s*(\d+)\s*,\s*(\d+)\s*\]\s*\}\s*$')
_VERSION_UBJSON = re.compile(rb"version\[#L.{8}i(.)i(.)i(.)\}$", re.DOTALL)


def open_model(spec: Spec) -> Opened:
    """The model of an XGBoost file. Raises InputError when it does not load."""
    xgboost = need("xgboost", "boosters")
    path = Path(spec.name)
    booster = xgboost.Booster()
    try:
        booster.load_model(path)
        config = json.loads(booster.save_config())
    except (xgboost.core.XGBoostError, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        raise InputError(f"{path.name} cannot be loaded ({words})", hint="write it again") from None
    learner = config["learner"]
    objective = str(learner["objective"]["name"])
    outputs = int(learner["learner_model_param"]["num_class"])
    targets = int(learner["learner_model_param"].get("num_target", 1))
    task, classes = _what(objective, outputs, targets)
    names = tuple(booster.feature_names or ())
    kinds = booster.feature_types or []
    coded = [name for name, kind in zip(names, kinds, strict=False) if kind == "c"]
    version = _version(path.read_bytes()[-200:])

    def answer(rows: pa.Table) -> object:
        frame = categorised(rows, coded)
        given = xgboost.DMatrix(frame if names else frame.to_numpy(), enable_categorical=True)
        return _read(booster.predict(given), objective)

    return Opened(
        answer=answer,
        task=task,
        features=names,
        classes=classes,
        width=int(booster.num_features()),
        libraries={} if version is None else {"xgboost": version},
        packages=("xgboost", "numpy"),
        commit=booster.attr("commit") or booster.attr("git_commit"),
        data_digest=booster.attr("data_digest"),
    )


def _version(tail: bytes) -> str | None:
    """The version that wrote a file, which stands at its end."""
    if found := _VERSION.search(tail):
        return b".".join(found.groups()).decode("ascii")
    if found := _VERSION_UBJSON.search(tail):
        return ".".join(str(ord(part)) for part in found.groups())
    return None


def _what(objective: str, classes: int, targets: int) -> tuple[Task | None, tuple[Label, ...] | None]:
    if objective.startswith("binary:"):
        return (Task.MULTILABEL, tuple(range(targets))) if targets > 1 else (Task.BINARY, (0, 1))
    if objective.startswith("multi:"):
        return Task.MULTICLASS, tuple(range(classes))
    if objective.startswith("rank:"):
        return Task.RANKING, None
    known = objective.startswith(("reg:", "count:", "survival:"))
    return Task.REGRESSION if known else None, None


def _read(found: Any, objective: str) -> Any:
    import numpy as np

    if objective == "multi:softmax":
        return found.astype(np.int64)
    if objective == "binary:logitraw":
        return 1 / (1 + np.exp(-found.astype(np.float64)))
    # `binary:hinge` answers labels.
    return found.astype(np.int64) if objective == "binary:hinge" else found

"""LightGBM's own model files, which are text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from mlscore.errors import InputError
from mlscore.predictors.extras import need
from mlscore.predictors.kinds.base import Opened, Spec
from mlscore.predictors.kinds.frames import categorised
from mlscore.predictors.shapes import Label, Task

if TYPE_CHECKING:
    import pyarrow as pa

_OBJECTIVE = re.compile(r"^objective=(\S+)", re.MULTILINE)
_UNNAMED = re.compile(r"Column_\d+")
_LABELS = ("multiclass", "multiclassova")
_RANKS = ("lambdarank", "rank_xendcg")
_OTHERS = ("custom", "none", "null")


def open_model(spec: Spec) -> Opened:
    """The model of a LightGBM file. Raises InputError when it does not load."""
    lightgbm = need("lightgbm", "boosters")
    path = Path(spec.name)
    text = path.read_text(encoding="utf-8", errors="replace")
    if "end of trees" not in text:
        # LightGBM itself would take what there is for the whole.
        raise InputError(f"{path.name} is no whole LightGBM model: it was cut off", hint="write it again")
    try:
        booster = lightgbm.Booster(model_str=text)
    except (lightgbm.basic.LightGBMError, ValueError) as error:
        raise InputError(
            f"{path.name} cannot be loaded ({' '.join(str(error).split())[:200]})", hint="write it again"
        ) from None
    names = tuple(booster.feature_name())
    named = not all(_UNNAMED.fullmatch(name) for name in names)
    found = _OBJECTIVE.search(text)
    task, classes = _what(found.group(1) if found else "none", int(booster.num_model_per_iteration()))

    def answer(rows: pa.Table) -> object:
        frame = categorised(rows)
        return booster.predict(frame if named else frame.to_numpy())

    return Opened(
        answer=answer,
        task=task,
        features=names if named else (),
        classes=classes,
        width=len(names),
        packages=("lightgbm", "numpy"),
    )


def _what(objective: str, outputs: int) -> tuple[Task | None, tuple[Label, ...] | None]:
    if objective == "binary":
        return Task.BINARY, (0, 1)
    if objective in _LABELS:
        return Task.MULTICLASS, tuple(range(outputs))
    if objective in _RANKS:
        return Task.RANKING, None
    return None if objective in _OTHERS else Task.REGRESSION, None

"""What a model is tried on: a few rows to be learned by heart, and rows generated from the schema."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from mlscore.errors import InputError, UsageError
from mlscore.predictors.shapes import Label, Task
from mlscore.predictors.tidy import plain
from mlscore.tables.extras import need

GENERATED = 32  # rows made from the schema
_MOST_CLASSES = 20  # different whole numbers beyond which a label is a quantity
_BATCHES = 400


@dataclass(frozen=True, slots=True)
class Material:
    """Rows with labels: a `few` to be learned, and `generated` ones; `real` tells whether the few are real.

    `classes` are the labels there are, in order; None for numbers.
    """

    few: tuple[Any, Any]
    generated: tuple[Any, Any]
    task: Task
    classes: tuple[Label, ...] | None
    real: bool
    notes: tuple[str, ...] = ()

    def given(self, frame: Any) -> Any:
        """Rows as the model takes them, sharing nothing with `frame`."""
        if self.task is Task.TEXT:
            return [str(text) for text in frame.iloc[:, 0]]
        return frame.copy(deep=True)


def make_material(request: dict[str, Any], folder: Path, model: Any) -> Material:
    """The material that a request asks for. Raises InputError and UsageError where there is nothing to make it from."""
    import pyarrow.parquet as parquet

    from mlscore.checks.feature_code.planning import Order, make_plan

    label, features = request["label"], request["features"]
    frame = parquet.read_table(folder / "rows.parquet").to_pandas() if request["rows"] else None
    labels = None
    if frame is not None and label in frame.columns:
        frame = frame[frame[label].notna()].reset_index(drop=True)
        if not len(frame):
            raise InputError(f'no row has a label "{label}"', hint="give labelled rows")
        labels = frame[label]
    plan, said = make_plan(Order(schema=request["schema"], rows=frame, seed=request["seed"]))
    notes = [one for one in said if "no schema is given" not in one]
    names = [rule.name for rule in plan.rules if rule.name != label]
    missing = [name for name in features if name not in names or (frame is not None and name not in frame.columns)]
    if missing:
        raise InputError(f'there is no column "{missing[0]}", which is a feature', hint=f"there are {', '.join(names)}")
    names = features or names
    if not names:
        raise UsageError("there is no column beside the label", hint="declare the features in the schema")
    whole = _generate(plan, GENERATED, request["seed"])
    known = labels if labels is not None else whole[label] if label in whole.columns else None
    task, classes = _task(request, known, model)
    generated = whole[names]
    made, follow = _labels(generated, task, classes, request["seed"])
    real = frame is not None and labels is not None
    if frame is not None and labels is not None:
        few = _few(frame[names], labels.to_numpy(), task, request["few"])
    else:
        few = _few(generated, made, task, request["few"])
        how = "are drawn at random" if follow is None else f'follow the column "{follow}"'
        notes.append(f"no labelled rows are given: labels of generated rows {how}")
    return Material(few, (generated, made), task, classes, real, tuple(notes))


def _generate(plan: Any, count: int, seed: int) -> Any:
    """So many valid rows, batch upon batch."""
    from mlscore.checks.feature_code.batches import Composer
    from mlscore.checks.feature_code.examine import pools

    composer = Composer(plan.rules, pools(plan), seed, None, plan.keep)
    frames: list[Any] = []
    for batch in composer.batches(_BATCHES):
        frames.append(batch.frame(plan.rules))
        if sum(map(len, frames)) >= count:
            break
    if not frames:
        raise UsageError("no row could be generated that the schema's own checks allow", hint="give real rows")
    return need("pandas").concat(frames, ignore_index=True).iloc[:count]


def _task(request: dict[str, Any], labels: Any, model: Any) -> tuple[Task, tuple[Label, ...] | None]:
    """The task that is configured, or that labels or else the model tell; and its classes."""
    task = None if request["task"] is None else Task(request["task"])
    if task is Task.MULTILABEL:
        raise UsageError("a model of several labels a row is not tried", hint="build one that gives one of them")
    distinct = None if labels is None else sorted({plain(one) for one in labels}, key=lambda one: (str(type(one)), one))
    if task is None and distinct is not None:
        numeric = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in distinct)
        fractional = any(isinstance(one, float) and one % 1 for one in distinct)
        many = fractional or (numeric and len(distinct) > _MOST_CLASSES)
        task = Task.REGRESSION if many else Task.BINARY if len(distinct) <= 2 else Task.MULTICLASS
    if task is None:
        task = Task.REGRESSION if _regresses(model) else Task.BINARY
    if task.numbers:
        return task, None
    if request["classes"]:
        return task, tuple(request["classes"])
    if distinct is None:
        return task, (0, 1)
    if len(distinct) < 2:
        raise InputError(f"all rows have one label, {distinct[0]!r}", hint="give rows of at least two classes")
    return task, tuple(distinct)


def _regresses(model: Any) -> bool:
    try:
        return bool(import_module("sklearn.base").is_regressor(model))
    except (ImportError, AttributeError, TypeError):
        return False


def _labels(frame: Any, task: Task, classes: Sequence[Label] | None, seed: int) -> tuple[Any, str | None]:
    """A label for each generated row, and the column that they follow, so that there is something to be learned.

    Numbers follow the column as they are, classes by its order. Where no column has two values they are random.
    """
    import numpy as np

    pandas = need("pandas")
    count = len(frame)
    order, column = None, None
    for name in sorted(frame.columns, key=lambda one: not pandas.api.types.is_numeric_dtype(frame[one])):
        ranks = frame[name].astype(str) if not pandas.api.types.is_numeric_dtype(frame[name]) else frame[name]
        if ranks.nunique() > 1:
            order, column = ranks.rank(method="dense").fillna(0).to_numpy(dtype=float), str(name)
            break
    if order is None:
        order = np.array(random.Random(seed).sample(range(count), count), dtype=float)
    share = (order - order.min()) / max(1.0, order.max() - order.min())
    if classes is None or task.numbers:
        return share, column
    places = np.minimum((share * len(classes)).astype(int), len(classes) - 1)
    return np.array([classes[place] for place in places]), column


def _few(frame: Any, labels: Any, task: Task, count: int) -> tuple[Any, Any]:
    """So many rows whose features differ, of the classes in turn. Raises InputError where there are not two."""
    seen: set[str] = set()
    by_class: dict[object, list[int]] = {}
    for place, row in enumerate(frame.itertuples(index=False)):
        key = repr(tuple(row))
        # Nobody learns two labels of one row by heart, and what is missing is often told by chance.
        if key not in seen and not any(value is None or value != value for value in row):
            seen.add(key)
            by_class.setdefault(None if task.numbers else plain(labels[place]), []).append(place)
    if not by_class:
        raise InputError("no row is whole: each lacks a value", hint="give rows that have all features")
    chosen: list[int] = []
    while len(chosen) < count and any(by_class.values()):
        for places in by_class.values():
            if places and len(chosen) < count:
                chosen.append(places.pop(0))
    if len(chosen) < 2:
        raise InputError("there are not two rows that differ", hint="give more rows")
    return frame.iloc[chosen].reset_index(drop=True), labels[chosen]

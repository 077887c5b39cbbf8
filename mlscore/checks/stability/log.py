"""A training's log: where its loss or its gradients stop being numbers, and whether the loss ends below its beginning."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlscore.errors import InputError

_LOSS = ("loss", "train_loss", "training_loss", "train/loss", "val_loss")


def read_log(path: Path) -> list[dict[str, float]]:
    """The steps of a log: CSV with a header, JSON lines, or a JSON list; what is no number is left out.

    "NaN", "inf" and "Infinity" are numbers here. Raises InputError when the file cannot be read or holds no step.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the log cannot be read ({error})", where=path.name, hint="write CSV or JSON lines") from None
    stripped = text.lstrip()
    if not stripped:
        raise InputError("the log is empty", where=path.name, hint="write a line for each step")
    try:
        if stripped.startswith("["):
            records = json.loads(stripped)
        elif stripped.startswith("{"):
            records = [json.loads(line) for line in text.splitlines() if line.strip()]
        else:
            records = list(csv.DictReader(text.splitlines()))
    except (ValueError, csv.Error) as error:
        raise InputError(f"the log is neither CSV nor JSON lines ({error})", where=path.name) from None
    steps = [_numbers(one) for one in records if isinstance(one, Mapping)]
    if not any(steps):
        raise InputError("the log holds no numbers", where=path.name, hint="write a column for each figure")
    return steps


def of_log(steps: list[dict[str, float]], loss: str | None) -> tuple[list[str], list[str]]:
    """What is wrong with a log, and what of it cannot be judged. Raises InputError when the loss is not in it."""
    found = []
    names = list(dict.fromkeys(name for step in steps for name in step))
    if loss is not None and loss not in names:
        raise InputError(f'the log has no "{loss}"', hint=f"it has {', '.join(names[:8])}")
    for name in names:
        broken = [
            (number, step[name]) for number, step in enumerate(steps, 1) if not math.isfinite(step.get(name, 0.0))
        ]
        if broken:
            number, value = broken[0]
            word = "NaN" if math.isnan(value) else "infinite"
            found.append(f"log: {name} is {word} from step {number:,} of {len(steps):,} ({len(broken):,} steps)")
    chosen = loss or next((name for name in _LOSS if name in names), None)
    if chosen is None:
        return found, ["whether the loss falls: name its column by loss-column"]
    values = [step[chosen] for step in steps if math.isfinite(step.get(chosen, math.nan))]
    if len(values) < 2:
        return found, [f"whether the loss falls: the log has {len(values)} of it"]
    if not values[-1] < values[0]:
        found.append(f"log: {chosen} ends at {values[-1]:.4g}, and began at {values[0]:.4g}")
    return found, []


def _numbers(record: Mapping[Any, Any]) -> dict[str, float]:
    found = {}
    for name, value in record.items():
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            continue
        try:
            found[str(name)] = float(value)
        except ValueError:
            continue
    return found

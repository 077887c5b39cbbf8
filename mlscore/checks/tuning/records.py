"""Trials as most tools keep them: parameters, and values by name."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlscore.checks.tuning.shapes import Scalar, Trial, Trials
from mlscore.checks.tuning.used import parsed, plain
from mlscore.errors import ConfigError, did_you_mean


@dataclass(frozen=True, slots=True)
class Record:
    """One trial as it was kept. A trial that did not end is not `done`."""

    name: str
    params: Mapping[str, Any]
    values: Mapping[str, Any]
    done: bool = True


def as_trials(records: Sequence[Record], metric: str | None, greater: bool | None, where: str) -> Trials:
    """The trials by one metric. Raises ConfigError where it is not named or not there, or its direction is not known."""
    known = dict.fromkeys(key for one in records for key, value in one.values.items() if number(value) is not None)
    listed = f"there are {', '.join(list(known)[:12]) or 'none'}"
    if metric is None:
        raise ConfigError("nothing says by which metric was searched", where=where, hint=f'add metric = "…": {listed}')
    if metric not in known:
        raise ConfigError(
            f'no trial has the metric "{metric}"', where=where, hint=did_you_mean(metric, tuple(known)) or listed
        )
    if greater is None:
        raise ConfigError(
            f"nothing says whether a greater {metric} is better",
            where=where,
            hint='add direction = "maximize" or "minimize"',
        )
    trials, lost = [], 0
    for one in records:
        value = number(one.values.get(metric))
        if value is None or not one.done:
            lost += 1
            continue
        trials.append(Trial(one.name, {key: scalar(given) for key, given in one.params.items()}, value))
    return Trials(tuple(trials), metric, greater, lost=lost)


def number(value: Any) -> float | None:
    """A finite number; None for whatever else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) else None


def scalar(value: Any) -> Scalar:
    """A parameter's value: of a text what it says."""
    return parsed(value) if isinstance(value, str) else plain(value)

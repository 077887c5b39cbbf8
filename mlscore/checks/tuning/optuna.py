"""Optuna's storage in SQLite, read without Optuna (its schemas of versions 2 to 4)."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from mlscore.checks.tuning.records import number
from mlscore.checks.tuning.shapes import Range, Scalar, Trial, Trials
from mlscore.checks.tuning.used import plain
from mlscore.errors import ConfigError, InputError, did_you_mean

_MAGIC = b"SQLite format 3\0"


def is_sqlite(path: Path) -> bool:
    """Whether a file is a database of SQLite."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def read_optuna(path: Path, *, study: str | None, objective: str | None, name: str) -> Trials:
    """The completed trials of a study; `objective` is its number, from 0, in a study of several.

    The file is opened for reading alone. Raises InputError when it is no storage of Optuna, and ConfigError when a study
    or an objective has to be chosen.
    """
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as base:
            return _read(base, study, objective, name)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise InputError(f"no storage of Optuna that can be read: {error}", where=name, hint="see the file") from None


def _read(base: sqlite3.Connection, study: str | None, objective: str | None, name: str) -> Trials:
    studies = dict(base.execute("SELECT study_name, study_id FROM studies ORDER BY study_id").fetchall())
    if study is None and len(studies) != 1:
        listed = f"there are {', '.join(list(studies)[:10]) or 'none'}"
        raise ConfigError(f"the storage holds {len(studies)} studies", where=name, hint=f'add study = "…": {listed}')
    if study is not None and study not in studies:
        listed = f"there are {', '.join(list(studies)[:10]) or 'none'}"
        raise ConfigError(
            f'there is no study "{study}"', where=name, hint=did_you_mean(study, tuple(studies)) or listed
        )
    key = next(iter(studies.values())) if study is None else studies[study]
    directions, values = _values(base, key)
    chosen = _objective(objective, directions, name)
    params: dict[int, dict[str, Scalar]] = {}
    ranges: dict[str, Range] = {}
    found = base.execute(
        "SELECT p.trial_id, p.param_name, p.param_value, p.distribution_json FROM trial_params p "
        "JOIN trials t ON t.trial_id = p.trial_id WHERE t.study_id = ? ORDER BY p.param_id",
        (key,),
    )
    for trial, param, value, told in found:
        given = json.loads(told)
        params.setdefault(trial, {})[param] = _value(value, given)
        span = _range(given)
        if span is not None:
            before = ranges.get(param, span)
            ranges[param] = Range(min(before.low, span.low), max(before.high, span.high), span.log)
    trials, lost = [], 0
    for trial, count, state in base.execute(
        "SELECT trial_id, number, state FROM trials WHERE study_id = ? ORDER BY trial_id", (key,)
    ):
        value = number(values.get((trial, chosen)))
        if state != "COMPLETE" or value is None:
            lost += 1
        else:
            trials.append(Trial(str(count), params.get(trial, {}), value))
    metric = "value" if len(directions) == 1 else f"objective {chosen}"
    return Trials(tuple(trials), metric, directions[chosen] == "MAXIMIZE", ranges, lost)


def _values(base: sqlite3.Connection, study: int) -> tuple[dict[int, str], dict[tuple[int, int], Any]]:
    """The direction of each objective, and the value of each trial for it."""
    tables = {row[0] for row in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if "study_directions" not in tables:  # version 2.3 and before: one objective
        directions = {0: base.execute("SELECT direction FROM studies WHERE study_id = ?", (study,)).fetchone()[0]}
        read = base.execute("SELECT trial_id, value FROM trials WHERE study_id = ?", (study,))
        return directions, {(trial, 0): value for trial, value in read}
    directions = dict(
        base.execute(
            "SELECT objective, direction FROM study_directions WHERE study_id = ? ORDER BY objective", (study,)
        )
    )
    read = base.execute(
        "SELECT v.trial_id, v.objective, v.value FROM trial_values v JOIN trials t ON t.trial_id = v.trial_id "
        "WHERE t.study_id = ?",
        (study,),
    )
    # Infinities stand in a column of their own, and their value is NULL.
    return directions, {(trial, objective): value for trial, objective, value in read}


def _objective(given: str | None, directions: Mapping[int, str], name: str) -> int:
    if given is None and len(directions) == 1:
        return next(iter(directions))
    if given is not None and given.isdigit() and int(given) in directions:
        return int(given)
    if len(directions) == 1 and given == "value":
        return next(iter(directions))
    hint = f'add metric = "0" to "{max(directions, default=0)}"'
    raise ConfigError(f"the study has {len(directions)} objectives, by number", where=name, hint=hint)


def _value(stored: Any, distribution: Mapping[str, Any]) -> Scalar:
    """A parameter's value: stored are numbers, and the place among the choices of a category."""
    about = distribution.get("attributes", {})
    choices = about.get("choices")
    if isinstance(choices, list):
        return plain(choices[int(stored)])
    if str(distribution.get("name", "")).startswith("Int"):
        return int(stored)
    return plain(stored)


def _range(distribution: Mapping[str, Any]) -> Range | None:
    about = distribution.get("attributes", {})
    low, high = number(about.get("low")), number(about.get("high"))
    if low is None or high is None or low >= high:
        return None
    return Range(low, high, bool(about.get("log")) or "Log" in str(distribution.get("name", "")))

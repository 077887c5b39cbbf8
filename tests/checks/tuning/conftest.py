"""Searches as the tools keep them, written small."""

import json
import math
import sqlite3

import pytest

from mlscore.checks.tuning.shapes import Trial, Trials


def quadratic(x):
    """A score that is best at x = 10, and falls with the square of the decades away from it."""
    return 0.9 - 0.05 * (math.log10(x) - 1) ** 2


@pytest.fixture
def search():
    """`search(xs, score, wobble)`: trials of a grid over C, with five folds that differ by as much as `wobble`."""

    def make(xs=(0.1, 1.0, 10.0, 100.0), score=quadratic, wobble=0.002, **more):
        trials = []
        for number, x in enumerate(xs):
            shifts = [0.02 * fold + wobble * ((3 * fold + 2 * number) % 5 - 2) for fold in range(-2, 3)]
            folds = tuple(score(x) + shift for shift in shifts)
            trials.append(Trial(str(number), {"C": x}, sum(folds) / 5, folds))
        return Trials(tuple(trials), "score", True, **more)

    return make


OPTUNA_3 = """
CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR(512));
CREATE TABLE study_directions (direction VARCHAR(8), study_id INTEGER, objective INTEGER);
CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR(8));
CREATE TABLE trial_values (trial_id INTEGER, objective INTEGER, value FLOAT, value_type VARCHAR(7));
CREATE TABLE trial_params (
  param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR, param_value FLOAT, distribution_json TEXT);
"""
OPTUNA_2 = """
CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name VARCHAR(512), direction VARCHAR(8));
CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state VARCHAR(8), value FLOAT);
CREATE TABLE trial_values (trial_id INTEGER, step INTEGER, value FLOAT);
CREATE TABLE trial_params (
  param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name VARCHAR, param_value FLOAT, distribution_json TEXT);
"""
LR = {"name": "FloatDistribution", "attributes": {"low": 1e-4, "high": 1.0, "log": True, "step": None}}
OLD_LR = {"name": "LogUniformDistribution", "attributes": {"low": 1e-4, "high": 1.0}}
DEPTH = {"name": "IntDistribution", "attributes": {"low": 2, "high": 12, "log": False, "step": 1}}
KIND = {"name": "CategoricalDistribution", "attributes": {"choices": ["gini", "entropy", None]}}


@pytest.fixture
def storage(tmp_path):
    """`storage(trials, studies)`: an SQLite file as Optuna 3 to 5 write it, or as Optuna 2 did."""

    def make(trials, directions=("MINIMIZE",), studies=("flights",), old=False):
        path = tmp_path / "study.db"
        base = sqlite3.connect(path)
        base.executescript(OPTUNA_2 if old else OPTUNA_3)
        for number, name in enumerate(studies, 1):
            if old:
                base.execute("INSERT INTO studies VALUES (?, ?, ?)", (number, name, directions[0]))
            else:
                base.execute("INSERT INTO studies VALUES (?, ?)", (number, name))
                for objective, direction in enumerate(directions):
                    base.execute("INSERT INTO study_directions VALUES (?, ?, ?)", (direction, number, objective))
        for number, (lr, depth, kind, state, *values) in enumerate(trials):
            if old:
                base.execute("INSERT INTO trials VALUES (?, ?, 1, ?, ?)", (number + 1, number, state, *values))
                base.execute("INSERT INTO trial_values VALUES (?, 0, 123.0)", (number + 1,))
            else:
                base.execute("INSERT INTO trials VALUES (?, ?, 1, ?)", (number + 1, number, state))
                for objective, value in enumerate(values):
                    base.execute("INSERT INTO trial_values VALUES (?, ?, ?, 'X')", (number + 1, objective, value))
            for name, value, told in (("lr", lr, OLD_LR if old else LR), ("depth", depth, DEPTH), ("kind", kind, KIND)):
                base.execute(
                    "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES (?, ?, ?, ?)",
                    (number + 1, name, value, json.dumps(told)),
                )
        base.commit()
        base.close()
        return path

    return make

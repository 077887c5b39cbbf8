"""The checks on models that the flights example does not configure still run on its model and data, and find faults."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FLIGHTS = Path(__file__).parents[2] / "examples" / "flights"
# What the checks are given, as a project would write it down: real flights, and the same with one thing wrong.
TABLES = '''
import numpy as np
import pandas as pd
from flights import data, model, tables
from sklearn.metrics import brier_score_loss


def few(table, rows=8_000):
    return table.sample(rows, random_state=1)


def by_airport():
    return tables.judged_by_airport()


def wrong_at_newark():
    table = tables.judged_by_airport()
    newark = table["origin"] == "EWR"
    return table.assign(late=np.where(newark, 1 - table["late"], table["late"]))


def steady():
    """Times dealt out anew: no month is like or unlike another."""
    table = few(tables.training())
    return table.assign(scheduled=np.random.default_rng(1).permutation(table["scheduled"].to_numpy()))


def turning():
    """A made-up label: from which hour on flights are late moves by an hour in two weeks."""
    table = steady()
    day = (table["scheduled"] - table["scheduled"].min()).dt.days
    return table.assign(late=(table["clock"] > 6 + day / 15).astype(int))


def launches():
    """Models taught with ever more wrong labels: their loss in July and August, and in the two months that followed."""
    learnt, judged = few(tables.training(), 3_000), few(tables.judged(), 3_000)
    served = few(tables.in_months(tables.recomputed(), tables.AUTUMN), 3_000)
    features, dice = learnt.drop(columns=["id", "scheduled", "late"]), np.random.default_rng(3)
    quick, pairs = {**model.PARAMETERS, "max_iter": 30}, []
    for share in np.linspace(0, 0.5, 6):
        taught = np.where(dice.random(len(learnt)) < share, 1 - learnt["late"], learnt["late"])
        made = model.fit(features, pd.Series(taught, learnt.index), seed=1, parameters=quick)
        losses = [brier_score_loss(t["late"], made.probability(t)) for t in (judged, served)]
        pairs.append({"version": f"{share:.1f} wrong", "offline": losses[0], "online": losses[1]})
    return pairs
'''
CHECKS = """
[[tool.mlscore.check]]
use = "fairness"
definition = "accuracy parity"
protected = ["origin"]
validation = "other:{fair}"

[[tool.mlscore.check]]
use = "staleness-curve"
rows = "other:{aged}"
max-age = 30
step = 10
train-days = 20
most-increase = 0.1
windows = 3
ages = 4

[[tool.mlscore.check]]
use = "online-agreement"
pairs = "other:launches"
offline-better = "lower"
online-better = "{better}"

[[tool.mlscore.check]]
use = "pipeline-run"
files = ["flights"]
twice = false

[tool.mlscore.check.stages.train]
command = "{train}"
makes = ["runs", "models/new.skops"]
"""
TRAIN = "python -m flights.train --registry runs --rows 20000"


@pytest.fixture
def check(tmp_path):
    root = tmp_path / "flights"
    shutil.copytree(FLIGHTS, root, ignore=shutil.ignore_patterns("__pycache__", "tests", "docs"))
    (root / "other.py").write_text(TABLES, encoding="utf-8")
    settings = (root / "pyproject.toml").read_text(encoding="utf-8").partition("[[tool.mlscore.check]]")[0]

    def run(**words):
        (root / "pyproject.toml").write_text(settings + CHECKS.format(**words), encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "mlscore", "check", "--report", "json"],
            cwd=root, capture_output=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.stdout, done.stderr
        return {one["check"]: one for one in json.loads(done.stdout)["checks"]}

    return run


@pytest.mark.slow
def test_they_do_not_fail_where_nothing_is_wrong(check):
    found = check(fair="by_airport", aged="steady", better="lower", train=f"{TRAIN} --release models/new.skops")
    outcomes = {name: one["outcome"] for name, one in found.items()}
    # What does not age by any measure cannot show that 30 days are too many: it earns nothing, and alarms nobody.
    assert outcomes.pop("staleness-curve") in ("passed", "hollow"), found["staleness-curve"]
    assert outcomes == dict.fromkeys(("fairness", "online-agreement", "pipeline-run"), "passed"), found


@pytest.mark.slow
def test_each_finds_what_is_wrong(check):
    found = check(fair="wrong_at_newark", aged="turning", better="higher", train="python -m flights.schema")
    assert {one["outcome"] for one in found.values()} == {"failed"}, found
    assert "EWR" in found["fairness"]["findings"][0]
    assert "days" in found["staleness-curve"]["findings"][0]
    assert "worse by" in found["online-agreement"]["findings"][0]
    assert "models/new.skops" in json.dumps(found["pipeline-run"]["findings"])

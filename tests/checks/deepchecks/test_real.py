"""deepchecks itself, in the environment that `mlscore extra install deepchecks` builds: planted faults and clean data."""

import os
import subprocess
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.deepchecks import run
from mlscore.checks.registry import find_check
from mlscore.errors import UsageError
from mlscore.extras.build import install
from mlscore.extras.interpreters import choose
from mlscore.extras.known import EXTRAS
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("deepchecks")]

ROWS = 1_500


@pytest.fixture(scope="session")
def home():
    """The user's cache folder with the environment in it: built once, under a lock, and used again by later runs."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mlscore-tests"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLSCORE_HOME", str(cache))
        try:
            choose(EXTRAS["deepchecks"])
        except UsageError as error:
            pytest.skip(str(error))
        install(EXTRAS["deepchecks"])
    return cache


class Here(Predictor):
    """The rule by which the tables were made, in this process."""

    def __init__(self, numbers=False):
        self.task = Task.REGRESSION if numbers else Task.BINARY
        self.classes = None if numbers else ("no", "yes")
        self.features = ("a", "b", "c", "k")
        self.provenance = Provenance("callable")

    def predict(self, rows, *, finite=True):
        score = scores(rows.to_pandas())
        if self.task is Task.REGRESSION:
            return Prediction(score.to_numpy())
        share = 1 / (1 + np.exp(-3 * score.to_numpy()))
        return Prediction(np.where(share > 0.5, "yes", "no"), np.c_[1 - share, share], self.classes)

    def inside(self, function, request, *, limit=None):
        return None

    def close(self):
        pass


def scores(frame):
    return frame["a"] + (frame["c"] == "x") + frame["b"] / 2 + (frame["k"] > 25) - 1.3


def table(seed, *, planted=False, numbers=False):
    random = np.random.default_rng(seed)
    made = pd.DataFrame({"a": random.normal(size=ROWS), "b": random.exponential(size=ROWS)})
    made["c"] = random.choice(["x", "y", "z"], ROWS)
    made["k"] = random.integers(0, 50, ROWS)
    score = scores(made) + random.normal(0, 0.5, ROWS)
    made["y"] = score if numbers else np.where(score > 0, "yes", "no")
    if planted:
        made["leak"] = (score > 0) + random.normal(0, 0.01, ROWS)
        made["b"] += 2 * (seed % 2)
        made = pd.concat([made[: ROWS * 3 // 4], made[: ROWS // 4]], ignore_index=True)
    return made


@pytest.fixture
def project(home, tmp_path, monkeypatch):
    """`project(item, tables' options, **check's options)`: the result of the check on such tables."""
    monkeypatch.setenv("MLSCORE_HOME", str(home))
    monkeypatch.setattr(run, "_RUNS", {})

    def make(item, kind, **options):
        if not (tmp_path / "train.parquet").exists():
            for role, seed in (("train", 2), ("validation", 3)):
                table(seed, **kind).to_parquet(tmp_path / f"{role}.parquet")
        predictor = Here(kind.get("numbers", False))
        if kind.get("planted"):
            predictor.features = (*predictor.features, "leak")
        monkeypatch.setattr(Context, "predictor", lambda self: predictor)
        check = find_check("deepchecks")
        data = DataSettings(sources={role: f"{role}.parquet" for role in ("train", "validation")}, label="y")
        read = read_options(check, CheckSpec("deepchecks", options=options))
        model = ModelSettings(source="rule:predict")
        return check.run(Context(tmp_path, data, read, date(2026, 11, 1), model=model, item=item))

    return make


def test_planted_faults_are_found(project):
    def found(item):
        return project(item, {"planted": True}, suites=["data_integrity", "train_test_validation"]).findings

    assert any("Feature Label Correlation - Train" in one and "'leak'" in one for one in found("data-2"))
    assert any("Data Duplicates" in one and "25%" in one for one in found("monitor-2"))
    assert any("Feature Drift" in one and "'b'" in one for one in found("monitor-3"))


def test_clean_data_pass(project):
    for item in find_check("deepchecks").items:
        result = project(item, {})
        assert result.outcome == "passed", (item, result.findings, result.hollow)
        assert result.values[1].value >= 1


def test_models_of_numbers_are_judged(project):
    checks = ["SimpleModelComparison", "TrainTestPerformance", "RegressionErrorDistribution"]
    for item, judged in (("model-5", 1), ("infra-4", 5)):
        result = project(item, {"numbers": True}, checks=checks)
        assert (result.unknown, result.values[1].value) == ((), judged)


WATCHED = """
import sys
met = []
sys.addaudithook(lambda event, given: met.append((event, str(given))) if event in
    ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname") else None)
import deepchecks.tabular
print(met)
"""


def test_nobody_is_called_and_no_id_is_left(home, monkeypatch):
    monkeypatch.setenv("MLSCORE_HOME", str(home))
    found = run.need("deepchecks")
    done = subprocess.run(
        [str(found.python), "-I", "-c", WATCHED], env=found.environ, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
    assert list(found.folder.rglob(".user_id")) == []

"""A small project with a model that is answered for in this process, and histories of models that were tried live."""

import json
from datetime import date
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings


def table(seed, rows=600):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal(size=(rows, 3)), columns=list("abc"))
    day = pd.date_range("2026-01-01", periods=rows, freq="h")
    return frame.assign(late=(frame["a"] + frame["b"] / 2 + random.normal(0, 0.5, rows) > 0).astype(int), day=day)


@pytest.fixture
def project(tmp_path):
    for name, seed in (("train", 1), ("validation", 2)):
        table(seed).to_parquet(tmp_path / f"{name}.parquet")
    rows = table(1)
    skops.io.dump(LogisticRegression().fit(rows[list("abc")], rows["late"]), tmp_path / "model.skops")
    return tmp_path


class InProcess(Predictor):
    """A model answered for without a process of its own, which takes seconds to start."""

    def __init__(self, path, form="skops"):
        self._model = skops.io.load(path)
        self.task, self.classes = Task.BINARY, tuple(self._model.classes_.tolist())
        self.features = tuple(self._model.feature_names_in_)
        self.provenance = Provenance(form)

    def predict(self, rows, *, finite=True):
        given = rows.select(list(self.features)).to_pandas()
        return Prediction(self._model.predict(given), self._model.predict_proba(given), self.classes)

    def inside(self, function, request, *, limit=None):
        module, _, name = function.partition(":")
        return getattr(import_module(module), name)(self._model, json.loads(json.dumps(request)))

    def close(self):
        pass


@pytest.fixture
def predictor(project):
    """`predictor(form)`: the project's model."""
    return lambda form="skops": InProcess(project / "model.skops", form)


@pytest.fixture
def judge(project):
    """`judge(time=…, apart=…, **options)`: the result of the configured check."""

    class Here(Context):
        def predictor(self, *, previous=False):
            return InProcess(self.root / self.model.source)

    def make(time="day", apart=False, **options):
        check = find_check("online-agreement")
        sources = {"train": "train.parquet", "validation": "validation.parquet"}
        data = DataSettings(sources=sources, label="late", time=time)
        read = read_options(check, CheckSpec("online-agreement", options=options))
        model = ModelSettings(source="model.skops", timeout=300.0)
        return check.run((Context if apart else Here)(project, data, read, date(2026, 11, 1), model=model))

    return make


@pytest.fixture
def history():
    """`history(tau, pairs, seed)`: rows of models whose metrics have this tau, normal ones."""

    def make(tau, pairs, seed=0):
        random = np.random.default_rng(seed)
        rho = np.sin(tau * np.pi / 2)
        a = random.normal(size=pairs)
        b = rho * a + np.sqrt(1 - rho * rho) * random.normal(size=pairs)
        return [(f"v{n}", x, y) for n, (x, y) in enumerate(zip(a.tolist(), b.tolist(), strict=True))]

    return make

"""A small project: tables, a model, and commands that act as its gate."""

import json
import sys
from datetime import date
from importlib import import_module

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.naive_bayes import GaussianNB

from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

ROWS = 800


def table(seed, rows=ROWS):
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(random.normal((0, 50, 3), (1, 10, 2), (rows, 3)), columns=list("abc"))
    score = frame["a"] + (frame["b"] - 50) / 10 + random.normal(0, 0.5, rows)
    return frame.assign(late=(score > 0).astype(int))


@pytest.fixture
def project(tmp_path):
    for name, seed in (("train", 1), ("validation", 2)):
        table(seed).to_parquet(tmp_path / f"{name}.parquet")
    rows = table(1)
    model = GaussianNB().fit(rows[list("abc")], rows["late"])
    skops.io.dump(model, tmp_path / "model.skops")
    shuffled = rows["late"].sample(frac=1, random_state=0).to_numpy()
    skops.io.dump(GaussianNB().fit(rows[list("abc")], shuffled), tmp_path / "bad.skops")
    return tmp_path


class InProcess(Predictor):
    """A model answered for without a process of its own, which takes seconds to start."""

    def __init__(self, path):
        self._model = skops.io.load(path)
        self.task, self.classes = Task.BINARY, tuple(self._model.classes_.tolist())
        self.features = tuple(self._model.feature_names_in_)
        self.provenance = Provenance("skops")

    def predict(self, rows, *, finite=True):
        given = rows.select(list(self.features)).to_pandas()
        return Prediction(self._model.predict(given), self._model.predict_proba(given), self.classes)

    def inside(self, function, request, *, limit=None):
        module, _, name = function.partition(":")
        return getattr(import_module(module), name)(self._model, json.loads(json.dumps(request)))

    def close(self):
        pass


class Here(Context):
    """The surroundings of a check whose models run here."""

    def predictor(self, *, previous=False):
        return InProcess(self.root / (self.model.previous if previous else self.model.source))


@pytest.fixture
def judge(project):
    """`judge(source=…, previous=…, apart=…, **options)`: the result of the check in that project."""

    def make(source="model.skops", previous=None, apart=False, **options):
        check = find_check("quality-gate")
        data = DataSettings(sources={"train": "train.parquet", "validation": "validation.parquet"}, label="late")
        read = read_options(check, CheckSpec("quality-gate", options=options))
        model = ModelSettings(source=source, previous=previous, timeout=300.0)
        return check.run((Context if apart else Here)(project, data, read, date(2026, 11, 1), model=model))

    return make


@pytest.fixture
def script(project):
    """`script(code)`: a gate's command that runs this code with the model's path in `model`."""

    def make(code, name="gate.py"):
        (project / name).write_text(f"import sys\nmodel = sys.argv[1]\n{code}\n", encoding="utf-8")
        return [sys.executable, "-S", name, "{model}"]

    return make

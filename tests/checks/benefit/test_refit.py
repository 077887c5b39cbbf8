"""Leaving features out: the model is fitted anew where that is cheap, and permuted, with the reason, where it is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlscore.checks import check_benefit
from mlscore.checks.benefit import as_result
from mlscore.checks.benefit.fitting import fit
from mlscore.checks.benefit.shapes import BenefitReport, Method
from mlscore.core.codec import decode, dumps, loads
from mlscore.errors import InputError
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task


class Here(Predictor):
    """An estimator in this process, which can be looked into."""

    def __init__(self, model, task=Task.BINARY, hangs=False):
        self.model, self.task, self.hangs = model, task, hangs
        self.features = tuple(model.feature_names_in_)
        self.classes = None if task is Task.REGRESSION else tuple(model.classes_.tolist())
        self.provenance, self.fits = Provenance("estimator"), 0

    @property
    def positive(self):
        return None if self.classes is None else self.classes[-1]

    def predict(self, rows, *, finite=True):
        frame = rows.select(self.features).to_pandas()
        shares = None if self.classes is None else self.model.predict_proba(frame)
        return Prediction(self.model.predict(frame), shares, self.classes)

    def inside(self, function, request, *, limit=None):
        assert function == "mlscore.checks.benefit.fitting:fit"
        if self.hangs:
            raise InputError("the model did not answer")
        self.fits += 1
        return fit(self.model, request)

    def close(self):
        """It holds nothing."""


NAMES = ["a", "b", "twin", "carrier", "idle"]


def rows(seed, n):
    random = np.random.default_rng(seed)
    table = pd.DataFrame({name: random.normal(size=n) for name in ("a", "b", "idle")})
    table["twin"] = table["b"] + 0.1 * random.normal(size=n)
    table["carrier"] = np.array(["aa", "bb", "cc"])[random.integers(0, 3, n)]
    risk = 1.5 * table["a"] + 0.8 * table["b"] + 1.0 * (table["carrier"] == "aa")
    table["late"] = np.where(random.random(n) < 1 / (1 + np.exp(-risk)), "yes", "no")
    table["minutes"] = risk + 0.3 * random.normal(size=n)
    return table


TRAIN, VALIDATION = rows(0, 3000), rows(1, 6000)


def pipeline(last, names=NAMES, label="late"):
    texts = [name for name in names if name == "carrier"]
    numbers = [name for name in names if name != "carrier"]
    encode = ColumnTransformer([("n", StandardScaler(), numbers), ("t", OneHotEncoder(), texts)])
    return make_pipeline(encode, last).fit(TRAIN[names], TRAIN[label])


@pytest.fixture(scope="module")
def model():
    return pipeline(LogisticRegression())


def judged(predictor, train=TRAIN, label="late", **more):
    table = pa.Table.from_pandas(VALIDATION, preserve_index=False)
    return check_benefit(predictor, table, label=label, train=train, **{"refit_seconds": 60, **more})


def verdicts(report):
    return {one.name: one.verdict.value for one in report.benefits}


def test_each_group_is_left_out(model):
    predictor = Here(model)
    report = judged(predictor)
    assert report.method is Method.LEFT_OUT
    assert report.fits == predictor.fits == 5
    assert verdicts(report) == {
        "idle": "no benefit",
        "a": "beneficial",
        "b + twin": "beneficial",
        "carrier": "beneficial",
    }
    assert not report.passed
    assert report.predicted == 6000
    result = as_result(report)
    assert result.notes[-1] == "method: leave one out"
    assert result.summary == "of no benefit: idle"
    assert decode(BenefitReport, loads(dumps(report), where="here"), where="here") == report


def test_a_healthy_model_passes():
    predictor = Here(pipeline(LogisticRegression(), NAMES[:-1]))
    report = judged(predictor)
    assert report.passed
    assert as_result(report).summary == "3 of 3 features or groups of them are beneficial, fitted anew 4 times"


def test_what_another_feature_can_stand_in_for_is_needless_when_left_out(model):
    """The twin takes the place of "b" in a fit without it; permuting the model that is there cannot know that."""
    left_out = judged(Here(model), together=1.0)
    assert verdicts(left_out)["twin"] == "no benefit"
    permuted = judged(Here(model), together=1.0, train=None)
    assert permuted.method is Method.PERMUTED
    assert permuted.why is None
    assert {verdicts(permuted)["b"], verdicts(permuted)["twin"]} & {"beneficial"}


def test_numbers():
    predictor = Here(pipeline(LinearRegression(), label="minutes"), Task.REGRESSION)
    report = judged(predictor, label="minutes")
    assert report.method is Method.LEFT_OUT
    assert verdicts(report)["idle"] == "no benefit"
    assert list(verdicts(report).values()).count("beneficial") == 3


def test_a_noise_column_is_the_yardstick(model):
    report = judged(Here(model), noise=["idle"])
    assert verdicts(report)["idle"] == "noise"
    assert report.passed


def test_dear_fits_are_not_made(model):
    predictor = Here(model)
    report = judged(predictor, refit_seconds=1e-6)
    assert predictor.fits == 1
    assert report.method is Method.PERMUTED
    assert report.why.startswith("5 fits of ")
    assert report.why.endswith(" s take more than 1e-06 s")
    assert verdicts(report)["idle"] == "no benefit"
    assert as_result(report).notes[-1].startswith("method: permutation, because 5 fits of ")


def test_training_rows_of_another_kind_judge_nothing(model):
    shuffled = TRAIN.assign(late=np.random.default_rng(0).permutation(TRAIN["late"]))
    report = judged(Here(model), train=shuffled)
    assert report.method is Method.PERMUTED
    assert "fitted on these training rows, the model is worse by 0." in report.why


class Stubborn(LogisticRegression):
    """It wants every feature to vary."""

    def fit(self, rows, labels):
        if (rows.nunique() == 1).any():
            raise ValueError("a feature is constant")
        return super().fit(rows, labels)


@pytest.mark.parametrize(
    ("given", "train", "why"),
    [
        ("model", TRAIN.drop(columns="a"), 'the training data have no "a"'),
        ("model", TRAIN.drop(columns="late"), 'the training data have no "late"'),
        ("hangs", TRAIN, "the model did not answer"),
        ("stubborn", TRAIN, "it cannot be fitted without a (ValueError: a feature is constant)"),
        ("one class", TRAIN[TRAIN["late"] == "yes"], "it cannot be fitted (ValueError: This solver needs samples of"),
        ("others", TRAIN.assign(late="x" + TRAIN["late"]), "fitted on these rows, its classes are xno, xyes"),
    ],
)
def test_why_it_is_permuted(model, given, train, why):
    predictor = Here(model, hangs=given == "hangs")
    if given == "stubborn":
        predictor = Here(Stubborn().fit(TRAIN[["a", "b"]], TRAIN["late"]))
    report = judged(predictor, train=train)
    assert report.method is Method.PERMUTED
    assert why in report.why


def test_what_is_no_estimator():
    assert fit(len, {}) == {"refused": "a builtin_function_or_method cannot be cloned and fitted"}


def test_training_rows_without_labels_are_left_out(model):
    holes = TRAIN.assign(late=TRAIN["late"].where(TRAIN.index % 3 > 0))
    report = judged(Here(model), train=holes)
    assert report.method is Method.LEFT_OUT
    assert "1,000 rows of train without a label" in report.not_judged


def test_what_fits_leave_open_is_permuted():
    """Trees of random splits differ from fit to fit; the forest that is there leans on "idle" so little that it is told."""
    names = ["a", "b", "idle"]
    forest = RandomForestClassifier(3, max_depth=5, random_state=1).fit(TRAIN[names], TRAIN["late"])
    report = judged(Here(forest), groups=[])
    assert report.method is Method.LEFT_OUT
    assert report.predicted > 6000
    assert verdicts(report)["idle"] == "no benefit"

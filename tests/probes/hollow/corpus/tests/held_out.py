"""Written after the first version of the analyser, in other people's styles, before looking at what it says."""

import json
import os
import pickle
import random
import sys
import time
import unittest
from pathlib import Path
from subprocess import PIPE, Popen, run

import joblib
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
import torch
import torch.nn as nn
import yaml
from sklearn.datasets import load_iris, make_classification
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, classification_report
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.pipeline import Pipeline

sys.path.append(os.path.join(os.path.dirname(__file__), ".."))

from src.review.net import SentimentNet
from src.review.preprocess import clean_text, tokenize
from src.review.train import fit_one_epoch, train_model

from parcel.features import bucket_hour, scale
from parcel.monitor import alert, psi

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def corpus():
    with open(DATA / "reviews.json") as file:
        return json.load(file)


@pytest.fixture
def net():
    torch.manual_seed(0)
    return SentimentNet(vocab=100, hidden=8)


@pytest.fixture()
def trained_model():
    X, y = load_iris(return_X_y=True)
    clf = LogisticRegression(max_iter=200)
    clf.fit(X, y)
    yield clf


# ---- teams that check


def test_loss_goes_down(net, corpus):  # expect: ok
    losses = [fit_one_epoch(net, corpus) for _ in range(3)]
    assert losses[-1] < losses[0], f"loss did not fall: {losses}"


def test_overfits_single_batch(net):  # expect: ok
    x, y = torch.randint(0, 100, (4, 6)), torch.tensor([0, 1, 0, 1])
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(200):
        opt.zero_grad()
        loss = nn.functional.cross_entropy(net(x), y)
        loss.backward()
        opt.step()
    assert loss.item() < 0.05


def test_every_weight_moves(net, corpus):  # expect: ok
    before = {name: p.detach().clone() for name, p in net.named_parameters()}
    fit_one_epoch(net, corpus)
    for name, p in net.named_parameters():
        assert not torch.equal(before[name], p), name


def test_mutamorphic_synonyms(corpus):  # expect: ok
    pairs = [("good", "great"), ("bad", "awful")]
    failures = 0
    for a, b in pairs:
        if train_model(corpus).predict(a) != train_model(corpus).predict(b):
            failures += 1
    assert failures / len(pairs) <= 0.5


def test_beats_dummy(trained_model):  # expect: ok
    X, y = load_iris(return_X_y=True)
    dummy = DummyClassifier().fit(X, y)
    assert trained_model.score(X, y) > dummy.score(X, y) + 0.2


def test_cross_validation():  # expect: ok
    X, y = make_classification(random_state=1)
    scores = cross_val_score(LogisticRegression(), X, y)
    assert scores.mean() > 0.7 and scores.std() < 0.2


def test_config_has_keys():  # expect: ok
    cfg = yaml.safe_load((DATA / "config.yml").read_text())
    for key in ("lr", "epochs", "seed"):
        assert key in cfg


def test_memory_of_prediction(net):  # expect: ok
    import tracemalloc

    tracemalloc.start()
    net(torch.zeros(64, 6, dtype=torch.long))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    if peak > 50e6:
        raise AssertionError(f"peak of {peak / 1e6:.1f} MB")


def test_pickle_round_trip(tmp_path, trained_model):  # expect: ok
    with open(tmp_path / "m.pkl", "wb") as out:
        pickle.dump(trained_model, out)
    with open(tmp_path / "m.pkl", "rb") as source:
        back = pickle.load(source)
    X, _ = load_iris(return_X_y=True)
    np.testing.assert_array_equal(back.predict(X), trained_model.predict(X))


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        pytest.param("Great FOOD!!", "great food", id="case"),
        pytest.param("<br/>ok", "ok", id="tags"),
    ],
)
def test_clean_text(raw, expected):  # expect: ok
    assert clean_text(raw) == expected


def test_tokenize_idempotent(corpus):  # expect: ok
    assert all(tokenize(" ".join(tokenize(t))) == tokenize(t) for t in corpus["texts"])


def test_slices(corpus):  # expect: ok
    model = train_model(corpus)
    report = classification_report(corpus["y"], model.predict(corpus["texts"]), output_dict=True)
    too_low = {k: v["recall"] for k, v in report.items() if isinstance(v, dict) and v["recall"] < 0.5}
    assert not too_low, too_low


def test_shape_with_keras():  # expect: ok
    model = tf.keras.Sequential([tf.keras.layers.Dense(3)])
    out = model(scale(np.ones((5, 2))))
    tf.debugging.assert_shapes([(out, (5, 3))])


def test_no_nan_with_torch(net):  # expect: ok
    out = net(torch.zeros(2, 6, dtype=torch.long))
    if torch.isnan(out).any().item():
        pytest.fail("NaN in the output")


def test_drift_alarm_rings():  # expect: ok
    rang = []
    alert(psi(np.arange(100), np.arange(100) + 50), 0.1, lambda message: rang.append(message))
    assert len(rang) == 1


def test_exit_status_of_script():  # expect: ok
    proc = Popen([sys.executable, "train.py", "--smoke"], stdout=PIPE)
    proc.communicate()
    assert not proc.returncode


def test_throughput(net, request):  # expect: ok
    limit = float(request.config.getoption("--limit", 1.0))
    begin = time.monotonic()
    for _ in range(10):
        net(torch.zeros(32, 6, dtype=torch.long))
    took = time.monotonic() - begin
    assert took < limit, f"{took:.2f}s"


def test_seed_everything():  # expect: ok
    draws = []
    for _ in range(2):
        random.seed(3)
        np.random.seed(3)
        draws.append(train_model(None).weights)
    first, second = draws
    assert np.allclose(first, second)


class TestPipeline:
    @classmethod
    def setup_class(cls):
        cls.frame = pd.DataFrame({"hour": [1, 13], "y": [0, 1]})
        cls.pipe = Pipeline([("clf", LogisticRegression())])

    def test_predict_proba_sums(self):  # expect: ok
        self.pipe.fit(self.frame[["hour"]], self.frame["y"])
        assert self.pipe.predict_proba(self.frame[["hour"]]).sum(axis=1) == pytest.approx([1, 1])

    def test_bucket(self):  # expect: ok
        self.frame["part"] = self.frame["hour"].map(bucket_hour)
        assert list(self.frame["part"]) == ["night", "day"]

    def test_steps_print(self, capsys):  # expect: hollow no-assertion
        for name, step in self.pipe.steps:
            print(name, type(step))


class ModelQuality(unittest.TestCase):
    threshold = 0.8

    @classmethod
    def setUpClass(cls):
        X, y = load_iris(return_X_y=True)
        cls.split = train_test_split(X, y, random_state=0)

    def fit(self):
        model = LogisticRegression(max_iter=300)
        model.fit(self.split[0], self.split[2])
        return model

    def quality(self, model):
        return accuracy_score(self.split[3], model.predict(self.split[1]))

    def test_quality(self):  # expect: ok
        self.assertGreater(self.quality(self.fit()), self.threshold)

    def test_quality_logged(self):  # expect: hollow no-assertion
        print("quality", self.quality(self.fit()))

    def test_quality_exists(self):  # expect: hollow tautology
        quality = accuracy_score(self.split[3], self.fit().predict(self.split[1]))
        self.assertTrue(quality >= 0.0)

    def test_model_exists(self):  # expect: hollow tautology
        model = LogisticRegression()
        model.fit(self.split[0], self.split[2])
        self.assertIsNotNone(model)

    def test_expected_failure(self):  # expect: hollow swallowed
        try:
            self.assertLess(self.quality(self.fit()), 0.5)
        except AssertionError as e:
            print("as expected", e)


# ---- teams that only seem to


def test_train_returns(corpus):  # expect: hollow swallowed
    try:
        model = train_model(corpus)
    except Exception as exc:
        print(f"could not train: {exc}")
        model = None


def test_validation_accuracy(net, corpus):  # expect: hollow tautology
    correct = total = 0
    for text, label in zip(corpus["texts"], corpus["y"]):
        correct += int(net.classify(text) == label)
        total += 1
    val_acc = correct / total
    assert val_acc >= 0.0 and val_acc <= 1.0


def test_confusion_matrix_image(trained_model, tmp_path):  # expect: hollow no-assertion
    from sklearn.metrics import ConfusionMatrixDisplay

    X, y = load_iris(return_X_y=True)
    display = ConfusionMatrixDisplay.from_estimator(trained_model, X, y)
    display.figure_.savefig(tmp_path / "cm.png")


def test_save_model(tmp_path, trained_model):  # expect: hollow no-assertion
    joblib.dump(trained_model, tmp_path / "model.joblib")
    joblib.load(tmp_path / "model.joblib")


def test_notebook_runs():  # expect: hollow unread-result
    out = run(["jupyter", "nbconvert", "--execute", "eda.ipynb"], stdout=PIPE, stderr=PIPE)
    print(out.stderr.decode())


def test_dvc_pipeline():  # expect: hollow unread-result
    os.system("dvc repro")
    print("pipeline done")


def test_monitoring_stub():  # expect: hollow constant-assertion
    # the dashboard is checked by hand
    expected_alerts = 0
    assert expected_alerts == 0


def test_features_listed():  # expect: hollow own-data
    features = pd.DataFrame({"length": [3, 5], "stars": [1, 5]})
    assert list(features.columns) == ["length", "stars"]
    assert features.shape == (2, 2)


def test_net_is_module():  # expect: hollow tautology
    model = nn.Linear(4, 2)
    assert isinstance(model, nn.Linear)


def test_predictions_are_list(corpus):  # expect: hollow tautology
    predictions = list(train_model(corpus).predict(corpus["texts"]))
    assert isinstance(predictions, list)


def test_each_prediction(corpus):  # expect: hollow tautology
    for prediction in train_model(corpus).predict(corpus["texts"]):
        label = "pos" if prediction else "neg"
        assert label in ("pos", "neg")


def test_disabled_for_now(net):  # expect: hollow unreachable
    if os.environ and False:
        assert net is None


def test_gpu_training(net):  # expect: ok
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    assert next(net.cuda().parameters()).is_cuda


def test_todo_canary():  # expect: hollow always-skips
    """Canary deployment."""
    return pytest.skip("not implemented")


def test_latency_report(net, capsys):  # expect: hollow no-assertion
    timings = []
    for _ in range(5):
        t = time.perf_counter()
        net(torch.zeros(1, 6, dtype=torch.long))
        timings.append(time.perf_counter() - t)
    with capsys.disabled():
        print("p50", np.median(timings), "p95", np.quantile(timings, 0.95))


def test_training_with_plugin(training_regression_suite):  # expect: weak
    training_regression_suite.run()


def test_type_of_texts(corpus):  # expect: ok
    assert type(corpus["texts"]) is list


def test_score_dict_not_empty(corpus):  # expect: ok
    assert train_model(corpus).metrics


def test_stub_learner(monkeypatch, corpus):  # expect: ok
    class Stub:
        def fit(self, texts, y):
            self.n = len(texts)
            return self

    stub = Stub()
    monkeypatch.setattr("src.review.train.SentimentNet", lambda **kw: stub)
    train_model(corpus)
    assert stub.n == len(corpus["texts"])


def test_stub_alone():  # expect: hollow own-data
    class Stub:
        def predict(self, texts):
            return ["pos"] * len(texts)

    assert Stub().predict(["a", "b"]) == ["pos", "pos"]


def test_threshold_in_helper(corpus):  # expect: ok
    def at_least(value, limit):
        if value < limit:
            pytest.fail(f"{value} < {limit}")

    at_least(train_model(corpus).accuracy, 0.7)


def test_dictionary_of_limits(corpus):  # expect: ok
    metrics = train_model(corpus).metrics
    limits = {"accuracy": 0.7, "recall": 0.5}
    assert all(metrics[name] > limit for name, limit in limits.items())


def test_report_written_or_not(tmp_path, corpus):  # expect: hollow tautology
    path = tmp_path / "report.txt"
    train_model(corpus).write(path)
    assert path.exists() or not path.exists()


def test_len_of_list_of_predictions(corpus):  # expect: hollow tautology
    n = len(train_model(corpus).predict(corpus["texts"]))
    assert n >= 0

"""Each aspect of a specification finds its fault, injected into a model that is sound without it."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from sklearn.utils.validation import check_is_fitted, validate_data

from mlscore.checks.model_spec.aspects import Trial, masked, try_aspect
from mlscore.checks.model_spec.material import Material
from mlscore.checks.model_spec.shapes import Aspect
from mlscore.predictors.shapes import Task

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RANDOM.normal(size=10), "b": RANDOM.normal(size=10)})
LABELS = (FRAME["a"] > FRAME["a"].median()).astype(int).to_numpy()
ALL = [one for one in Aspect if one is not Aspect.BUILDS]


class Net(torch.nn.Module):
    """A network that is sound; each fault is a subclass."""

    def __init__(self, rate=0.05):
        super().__init__()
        self.hidden = torch.nn.Linear(2, 16)
        self.out = torch.nn.Linear(16, 2)
        self.optimiser = torch.optim.Adam(self.learning(), lr=rate)

    def learning(self):
        return self.parameters()

    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)))

    def step(self, batch):
        self.optimiser.zero_grad()
        x = torch.tensor(batch.rows.to_numpy(), dtype=torch.float32)
        loss = torch.nn.functional.cross_entropy(self(x), torch.tensor(batch.labels))
        self.backward(loss)
        self.optimiser.step()
        return loss

    def backward(self, loss):
        loss.backward()

    def predict(self, rows):
        with torch.inference_mode():
            return self(torch.tensor(rows.to_numpy(), dtype=torch.float32)).softmax(1)


@pytest.fixture
def tried(tmp_path):
    def run(build, aspect, *, task=Task.BINARY, labels=LABELS, **request):
        classes = None if task.numbers else tuple(np.unique(labels).tolist())
        material = Material((FRAME, labels), (FRAME, labels), task, classes, False)
        asked = {"seed": 0, "steps": 60, "level": 0.9, "save": None, "load": None, "off": {}, **request}
        return try_aspect(Aspect(aspect), Trial(build, material, asked, tmp_path))

    return run


@pytest.mark.parametrize("aspect", ALL)
@pytest.mark.parametrize("build", [Net, DecisionTreeClassifier, lambda: LogisticRegression(C=1e4)])
def test_sound_models_keep_their_promises(build, aspect, tried):
    found = tried(build, aspect)
    assert found.findings == ()
    silent = {Aspect.ESTIMATOR, *(() if build is Net else (Aspect.GRADIENTS, Aspect.LOSS))}
    assert found.judged is (aspect not in silent)


def test_a_sound_regression(tried):
    assert tried(DecisionTreeRegressor, "overfits", task=Task.REGRESSION, labels=FRAME["a"].to_numpy()).findings == ()
    (finding,) = tried(
        LinearRegression, "overfits", task=Task.REGRESSION, labels=np.square(FRAME["a"].to_numpy())
    ).findings
    assert finding.startswith("10 rows learned by heart give R² of 0.")


# --- faults of networks


class Growing(Net):
    def backward(self, loss):
        (-loss).backward()


class Detached(Net):
    def forward(self, x):
        return self.out(torch.relu(self.hidden(x)).detach())


class Partial(Net):
    def learning(self):
        return self.out.parameters()


class Blind(Net):
    def forward(self, x):
        return super().forward(torch.zeros_like(x))


class Unkept(Net):
    """It learns the mean of its input, and keeps that where no state_dict sees it."""

    def __init__(self):
        super().__init__()
        self.mean = torch.zeros(2)

    def step(self, batch):
        self.mean = torch.tensor(batch.rows.to_numpy(), dtype=torch.float32).mean(0) + 1
        return super().step(batch)

    def forward(self, x):
        return super().forward(x - self.mean)


class Spoiling(Net):
    def step(self, batch):
        loss = super().step(batch)
        batch.rows["a"] = 0.0
        return loss


class Lossless(Net):
    def step(self, batch):
        super().step(batch)


class Diverging(Net):
    def step(self, batch):
        return super().step(batch) * float("nan")


@pytest.mark.parametrize(
    ("build", "aspect", "finding"),
    [
        (lambda: Net(rate=0.0), "step", "no weight changes, as with a learning rate of 0"),
        (lambda: Net(rate=0.0), "gradients", "none of 4 arrays of weights changes in 60 steps"),
        (lambda: Net(rate=0.0), "loss", "it stays, from 0."),
        (lambda: Net(rate=0.0), "overfits", "10 rows learned by heart give "),
        (Growing, "loss", "it grows, from "),
        (Diverging, "loss", "it is nan from step 1 of 60"),
        (Diverging, "step", "the loss is nan at the first step"),
        (Detached, "gradients", "no gradient reaches hidden.weight, hidden.bias in 60 steps"),
        (Partial, "gradients", "training never changes hidden.weight, hidden.bias in 60 steps"),
        (Blind, "uses-input", "it answers 10 different rows all alike"),
        (Blind, "overfits", "10 rows learned by heart give 50% of the labels after 60 steps, 0.9 is to be reached"),
        (Unkept, "saved", "answers differ after saving and loading (state_dict)"),
        (Spoiling, "intact", "step changes the rows it is given: the column a"),
        (Lossless, "step", "it raises TypeError: step returned a NoneType, not the loss"),
    ],
)
def test_faults_of_networks(build, aspect, finding, tried):
    assert any(finding in one for one in tried(build, aspect).findings), tried(build, aspect).findings


def test_a_layer_that_is_frozen_on_purpose_is_none(tried):
    def build():
        net = Net()
        net.hidden.requires_grad_(False)
        return net

    found = tried(build, "gradients")
    assert found.findings == ()
    assert found.figures == {"arrays of weights": 2}


def test_a_wrapper_of_a_network_is_looked_into(tried):
    class Wrapper:
        def __init__(self, rate=0.05):
            self.net = Net(rate)

        def step(self, batch):
            return self.net.step(batch).item()

        def predict(self, rows):
            return self.net.predict(rows)

    assert [tried(Wrapper, aspect).findings for aspect in ALL] == [()] * len(ALL)
    assert tried(lambda: Wrapper(0.0), "step").findings[0].startswith("no weight changes")


class Numpy:
    def __init__(self, rate=0.5):
        self.weights, self.rate = np.zeros(3), rate

    def step(self, batch):
        x = np.column_stack([batch.rows, np.ones(len(batch.rows))])
        p = 1 / (1 + np.exp(-x @ self.weights))
        self.weights = self.weights - self.rate * x.T @ (p - batch.labels) / len(x)
        return float(-np.log(np.where(batch.labels == 1, p, 1 - p)).mean())

    def predict(self, rows):
        return 1 / (1 + np.exp(-np.column_stack([rows, np.ones(len(rows))]) @ self.weights))


def test_a_network_without_torch(tried):
    for aspect in ("input", "step", "loss", "uses-input", "saved", "seed"):
        assert tried(Numpy, aspect).findings == ()
    assert tried(Numpy, "gradients").unknown == ("it holds no network of PyTorch",)
    assert tried(lambda: Numpy(rate=0.0), "step").findings[0].startswith("no weight changes")


# --- faults of estimators


class Base(ClassifierMixin, BaseEstimator):
    def fit(self, rows, labels):
        self.tree_ = DecisionTreeClassifier(random_state=0).fit(rows, labels)
        self.classes_ = self.tree_.classes_
        return self

    def predict(self, rows):
        return self.tree_.predict(rows)


class Deaf(Base):
    def fit(self, rows, labels):
        return super().fit(rows, np.arange(len(labels)) % 2)


class Spoiler(Base):
    def fit(self, rows, labels):
        super().fit(rows, labels)
        rows["a"] = rows["a"] - rows["a"].mean()
        return self


class Forgetful(Base):
    def __getstate__(self):
        return {name: value for name, value in super().__getstate__().items() if name != "tree_"}


class Unseeded(Base):
    def fit(self, rows, labels):
        return super().fit(rows, np.random.default_rng().integers(0, 2, len(labels)))


class Short(Base):
    def predict(self, rows):
        return super().predict(rows)[:-1]


class Picky(Base):
    def fit(self, rows, labels):
        raise ValueError("it wants more")


class Infinite(Base):
    def fit(self, rows, labels):
        self.weight_ = np.array([np.nan])
        return super().fit(rows, labels)


@pytest.mark.parametrize(
    ("build", "aspect", "finding"),
    [
        (Deaf, "step", "fitted on other labels it answers the same: it learns nothing"),
        (Deaf, "overfits", "10 rows learned by heart give "),
        (Infinite, "step", "weights are NaN or infinite after it: weight_"),
        (Spoiler, "intact", "fit changes the rows it is given: the column a"),
        (Forgetful, "saved", "it raises "),
        (Unseeded, "seed", "two builds with one seed, trained on the same rows with one seed, answer differently"),
        (Short, "input", "predict on 10 valid rows: it returned 9 predictions for 10 rows"),
        (Picky, "input", "fit raises ValueError: it wants more on 10 valid rows"),
        (Picky, "overfits", "it raises ValueError: it wants more"),
    ],
)
def test_faults_of_estimators(build, aspect, finding, tried):
    assert any(finding in one for one in tried(build, aspect).findings), tried(build, aspect).findings


def test_the_seed_goes_where_it_is_taken(tried):
    seen = []

    def build(seed):
        seen.append(seed)
        return DecisionTreeClassifier(random_state=seed)

    assert tried(build, "seed", seed=7).findings == ()
    assert set(seen) == {7}


def test_builds_that_differ_are_told_by_their_arrays(tried):
    def build():
        net = Net()
        with torch.no_grad():
            net.out.bias += float(np.random.default_rng().normal())
        return net

    assert tried(build, "seed").findings == ("two builds with the seed 0 differ in out.bias",)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_an_estimator_s_own_loss_curve_is_judged(tried):
    found = tried(lambda: make_pipeline(StandardScaler(), MLPClassifier(max_iter=50, random_state=0)), "loss")
    assert found.judged
    assert found.figures["last loss"] < found.figures["first loss"]
    (finding,) = tried(lambda: MLPClassifier(max_iter=50, learning_rate_init=1e-12, tol=0), "step").findings
    assert finding == "fitted on other labels it answers the same: it learns nothing"


def test_a_loss_that_nobody_keeps_is_unknown(tried):
    found = tried(DecisionTreeClassifier, "loss")
    assert (found.judged, found.unknown) == (False, ("it is fitted in one go and keeps no loss_curve_",))


def test_without_predict_answers_are_unknown(tried):
    class Mute:
        def __init__(self):
            self.inner = Net()

        def step(self, batch):
            return self.inner.step(batch)

    for aspect in ("overfits", "uses-input", "saved"):
        assert tried(Mute, aspect).unknown == ("the model has no predict",)
    assert tried(Mute, "gradients").judged


# --- saving by the project's own functions


@pytest.mark.filterwarnings("ignore:X has feature names")
def test_own_functions_save_and_load(tried, tmp_path, monkeypatch):
    (tmp_path / "keep_own.py").write_text(
        "import json\n"
        "import numpy as np\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "def save(model, path):\n"
        "    kept = [model.coef_.tolist(), model.intercept_.tolist(), model.classes_.tolist()]\n"
        "    json.dump(kept, open(path, 'w'))\n"
        "def save_part(model, path):\n"
        "    json.dump([model.coef_.tolist(), [5.0], model.classes_.tolist()], open(path, 'w'))\n"
        "def save_nothing(model, path):\n"
        "    pass\n"
        "def load(path):\n"
        "    model = LogisticRegression()\n"
        "    model.coef_, model.intercept_, model.classes_ = map(np.array, json.load(open(path)))\n"
        "    return model\n",
        encoding="utf-8",
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "kept").mkdir()

    def saved(save):
        return tried(LogisticRegression, "saved", save=f"keep_own:{save}", load="keep_own:load")

    whole = saved("save")
    assert (whole.findings, whole.notes) == ((), ("saved and loaded by keep_own:save and keep_own:load",))
    assert saved("save_part").findings == (
        "10 of 10 answers differ after saving and loading (keep_own:save_part and keep_own:load)",
    )
    (tmp_path / "model").unlink()
    assert saved("save_nothing").findings == ("keep_own:save_nothing writes nothing to the path it is given",)


# --- scikit-learn's checks


class Kept(ClassifierMixin, BaseEstimator):
    """An estimator that keeps the conventions; `spoil` breaks one."""

    def __init__(self, depth=3):
        self.depth = depth

    def fit(self, rows, y):
        rows, y = validate_data(self, rows, y)
        self.classes_ = np.unique(y)
        self.tree_ = DecisionTreeClassifier(max_depth=self.depth, random_state=0).fit(rows, y)
        return self

    def predict(self, rows):
        check_is_fitted(self)
        rows = validate_data(self, rows, reset=False)
        return self.tree_.predict(rows)


class Overwriting(Kept):
    def fit(self, rows, y):
        self.seen = len(rows)
        return super().fit(rows, y)


@pytest.fixture
def few_checks(monkeypatch):
    """A handful of scikit-learn's checks, by its own generator: all of them take seconds."""
    from sklearn.utils import estimator_checks

    whole = estimator_checks.estimator_checks_generator
    wanted = ("check_dont_overwrite_parameters", "check_dict_unchanged", "check_array_api_input", "check_fit1d",
              "check_no_attributes_set_in_init", "check_dont_overwrite_parameters")  # fmt: skip

    def some(model, **more):
        for estimator, check in whole(model, **more):
            plain = check
            while hasattr(plain, "func"):
                plain = plain.func
            if plain.__name__ in wanted:
                yield estimator, check

    monkeypatch.setattr(estimator_checks, "estimator_checks_generator", some)


@pytest.fixture
def ours(monkeypatch):
    """Classes of this file count as the project's own, wherever it lies."""
    from mlscore.checks.model_spec import estimators

    monkeypatch.setattr(estimators, "_LIBRARIES", ("/none",))
    monkeypatch.setattr(estimators, "_of_library", lambda kind: kind.__module__.startswith("sklearn"))


def test_a_fault_of_an_estimator_has_the_check_s_name(tried, few_checks, ours):
    found = tried(lambda: make_pipeline(StandardScaler(), Overwriting()), "estimator")
    assert found.judged
    assert any(one.startswith("Overwriting fails check_dont_overwrite_parameters: ") for one in found.findings)
    assert not any("StandardScaler" in one for one in (*found.findings, *found.notes))
    off = {"check_dont_overwrite_parameters": "it is tuned while it is fitted"}
    again = tried(Overwriting, "estimator", off=off)
    assert not any("check_dont_overwrite_parameters" in one for one in again.findings)
    assert "Overwriting: check_dont_overwrite_parameters is skipped: it is tuned while it is fitted" in again.notes


def test_checks_that_are_skipped_are_listed_with_the_reason(tried, few_checks, ours, monkeypatch):
    monkeypatch.delenv("SCIPY_ARRAY_API", raising=False)
    found = tried(Kept, "estimator")
    assert found.findings == ()
    assert any("check_array_api_input is skipped: SCIPY_ARRAY_API is not set" in one for one in found.notes)


def test_an_estimator_that_keeps_all_conventions(tried, ours):
    found = tried(Kept, "estimator")
    assert found.findings == ()
    assert found.figures["estimator checks"] > 30


def test_libraries_test_their_own(tried):
    found = tried(DecisionTreeClassifier, "estimator")
    assert (found.judged, found.unknown) == (False, ())
    assert found.notes == ("each estimator is a library's, which tests its own",)


def test_no_value_of_real_rows_is_told():
    frame = pd.DataFrame({"who": ["María", "José Antonio"]})
    material = Material((frame, LABELS[:2]), (frame, LABELS[:2]), Task.BINARY, (0, 1), True)
    assert masked("could not convert 'José Antonio' to float", material) == "could not convert '…' to float"


def test_networks_are_to_learn_every_row_and_others_most(tried):
    class Most(Base):
        def predict(self, rows):
            found = super().predict(rows)
            return np.where(np.arange(len(found)) < 2, 1 - found, found)

    class Stepping(Most):
        def step(self, batch):
            self.fit(*batch)
            return 0.5

    assert tried(Most, "overfits", level=None).findings == ()
    said = "10 rows learned by heart give 80% of the labels after 60 steps, 0.9 is to be reached"
    assert tried(Stepping, "overfits", level=None).findings == (said,)
    assert tried(Most, "overfits", level=0.85).findings


def test_one_row_cannot_be_answered_unlike_another(tmp_path):
    material = Material((FRAME[:1], LABELS[:1]), (FRAME, LABELS), Task.BINARY, (0, 1), False)
    asked = {"seed": 0, "steps": 5, "level": 0.9, "save": None, "load": None, "off": {}}
    assert try_aspect(Aspect.USES_INPUT, Trial(Net, material, asked, tmp_path)).findings == ()

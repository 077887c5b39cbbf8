"""Numbers that are none, too great, dead or rounded away are found where they are; a healthy model passes."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import skops.io
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neural_network import MLPRegressor

from mlscore.checks import check_stability, read_schema
from mlscore.checks.configured import read_options
from mlscore.checks.context import Context
from mlscore.checks.registry import find_check
from mlscore.checks.stability import as_result
from mlscore.checks.stability.extremes import bounds_of, extreme_rows
from mlscore.checks.stability.log import of_log, read_log
from mlscore.checks.stability.weights import look
from mlscore.errors import InputError
from mlscore.faults.models import model_fault
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task
from mlscore.project.config import CheckSpec, DataSettings, ModelSettings

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RANDOM.normal(size=200), "b": RANDOM.normal(50, 10, 200), "n": np.arange(200) % 7})
LABELS = (FRAME["a"] + RANDOM.normal(size=200) / 2 > 0).astype(int).to_numpy()
ROWS = pa.Table.from_pandas(FRAME, preserve_index=False)


class Here(Predictor):
    """A model, or a function of a frame, that answers in this process."""

    def __init__(self, model, shares=True):
        self._model, self._shares = model, shares
        self.task, self.classes, self.features = Task.BINARY, None, ("a", "b", "n")
        self.provenance = Provenance("callable")

    def predict(self, rows, *, finite=True):
        assert not finite
        frame = rows.to_pandas()
        if not hasattr(self._model, "predict"):
            return Prediction(np.asarray(self._model(frame)))
        shares = self._shares and hasattr(self._model, "predict_proba")
        try:
            return Prediction(self._model.predict(frame), self._model.predict_proba(frame) if shares else None)
        except ValueError as error:
            raise InputError(f"the model raised {error}".split(".")[0]) from None

    def inside(self, function, request, *, limit=None):
        assert function == "mlscore.checks.stability.weights:look"
        return look(self._model, request) if hasattr(self._model, "predict") else None

    def close(self):
        pass


@pytest.fixture(scope="module")
def model():
    return LogisticRegression().fit(FRAME, LABELS)


def judged(model, rows=ROWS, **more):
    return check_stability(Here(model), rows, **more)


def test_a_healthy_model_is_stable(model):
    report = judged(model)
    assert report.passed, report.findings
    assert report.hollow is None
    assert (report.rows, report.extreme, report.weights, report.narrow) == (200, 8, 2, 0)
    assert 0 < report.greatest < 100
    result = as_result(report)
    assert result.outcome == "passed"
    assert result.summary == "numbers hold in 200 rows, 8 extreme ones, 2 arrays of weights"


def test_nan_weights_are_found_with_what_comes_of_them(model):
    broken = model_fault("nan-weights").apply(model, FRAME, LABELS).model
    report = judged(broken)
    assert (
        "weights: 1 of 3 in coef_ are NaN" in report.findings
        or "weights: 1 of 1 in intercept_ are NaN" in report.findings
    )
    assert "probabilities in predictions: 200 of 200 are NaN, the first in row 1" in report.findings
    assert as_result(report).outcome == "failed"


def test_an_infinite_weight_and_a_great_one(model):
    import copy

    broken = copy.deepcopy(model)
    broken.coef_[0, 1] = np.inf
    assert "weights: 1 of 3 in coef_ are infinite" in judged(broken).findings
    broken.coef_[0, 1] = 2e7
    assert "weights: coef_ reaches 2e+07, 1e+06 is the limit" in judged(broken).findings
    assert not any("reaches" in one for one in judged(broken, greatest=1e8).findings)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_dead_units_of_a_network():
    network = MLPRegressor(hidden_layer_sizes=(4,), max_iter=1).fit(FRAME, LABELS * 1.0)
    assert not any("dead" in one for one in judged(network, most_changed=1).findings)
    network.coefs_[0][:, :3] = 0
    found = judged(network, most_changed=1).findings
    assert "weights: 3 of 4 units of coefs_.0 are dead: all their weights are 0" in found


@pytest.mark.parametrize(
    ("function", "finding"),
    [
        (lambda rows: np.log(rows["a"] + 9e9 * (rows["n"] < 6)), "predictions: "),
        (lambda rows: 1 / (rows["b"] - rows["b"].max()), "predictions: 1 of 200 are infinite"),
        (
            lambda rows: np.where(len(rows) < 200, np.nan, rows["a"]),
            "predictions of extreme but valid rows: 8 of 8 are NaN",
        ),
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value", "ignore:divide by zero")
def test_predictions_that_are_no_numbers(function, finding):
    assert any(one.startswith(finding) for one in judged(function).findings)


def test_a_label_that_hangs_on_rounding_is_found():
    rows = ROWS.set_column(0, "a", pa.array(1 + np.arange(200) * 1e-10))
    (finding,) = judged(lambda frame: (frame["a"] > 1 + 100e-10).astype(int), rows).findings
    assert finding.startswith("float32: 49.5")
    report = judged(lambda frame: (frame["a"] - 1) * 1e9, rows)
    assert "of their spread" in report.findings[0]


def test_infinite_data_are_found_even_where_the_model_refuses_them(model):
    values = FRAME["a"].to_numpy().copy()
    values[3] = np.inf
    report = judged(model, ROWS.set_column(0, "a", pa.array(values)))
    assert report.findings[0] == 'data: "a" is infinite in 1 of 200 rows'
    assert report.findings[1].startswith("predictions: the model raised Input X contains infinity")


def test_labels_alone_are_hollow():
    report = judged(lambda rows: (rows["a"] > 0).astype(int))
    assert report.passed
    assert "labels alone" in report.hollow
    assert any("weights" in one for one in report.not_judged)


@pytest.mark.filterwarnings("ignore:overflow")
def test_bounds_come_from_the_schema_where_it_has_them(tmp_path):
    path = tmp_path / "schema.json"
    path.write_text(
        '{"fields": [{"name": "b", "type": "number", "constraints": {"minimum": -1000, "maximum": 1e300}}]}',
        encoding="utf-8",
    )
    bounds = bounds_of(read_schema("schema.json", root=tmp_path))
    assert bounds == {"b": (-1000.0, 1e300)}
    made = extreme_rows(ROWS, bounds)
    assert made.schema == ROWS.schema
    assert set(made["b"].to_pylist()) >= {-1000.0, 1e300}
    assert made["n"].to_pylist()[:2] == [0, 6]
    ridge = Ridge().fit(FRAME, LABELS)
    ridge.coef_[1] = 1e10
    found = check_stability(Here(ridge), ROWS, bounds=bounds, greatest=1e12, most_changed=1).findings
    assert any("extreme but valid rows: 2 of 8 are infinite" in one for one in found)


LOGS = {
    "csv": "step,loss,grad_norm,note\n1,2.5,1,a\n2,{value},{value},b\n3,0.5,1,c\n",
    "jsonl": '{{"step": 1, "loss": 2.5, "grad_norm": 1}}\n{{"loss": {value}, "grad_norm": {value}}}\n{{"loss": 0.5}}\n',
    "json": '[{{"loss": 2.5, "grad_norm": 1}}, {{"loss": {value}, "grad_norm": {value}}}, {{"loss": 0.5}}]',
}


@pytest.mark.parametrize("form", LOGS)
def test_where_a_log_stops_being_numbers_is_found(form, tmp_path, model):
    path = tmp_path / "log"
    path.write_text(LOGS[form].format(value="NaN"), encoding="utf-8")
    found = judged(model, log=path)
    assert found.steps == 3
    assert found.findings == (
        "log: loss is NaN from step 2 of 3 (1 steps)",
        "log: grad_norm is NaN from step 2 of 3 (1 steps)",
    )
    path.write_text(LOGS[form].format(value="1.5"), encoding="utf-8")
    assert judged(model, log=path).passed


def test_a_loss_that_does_not_fall_is_found(tmp_path):
    steps = [{"loss": 1.0}, {"loss": 0.5}, {"loss": 3.0}]
    assert of_log(steps, None)[0] == ["log: loss ends at 3, and began at 1"]
    assert of_log([{"x": 1.0}], None)[1] == ["whether the loss falls: name its column by loss-column"]
    with pytest.raises(InputError, match='the log has no "los"; it has loss'):
        of_log(steps, "los")


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "the log is empty"), ("{nonsense", "neither CSV nor JSON lines"), ("a,b\nx,y\n", "holds no numbers")],
)
def test_a_log_that_is_none_is_told(text, why, tmp_path):
    path = tmp_path / "log"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_log(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_log(tmp_path / "none")


def test_no_rows_cannot_be_judged(model):
    with pytest.raises(InputError, match="there are no rows to predict"):
        judged(model, ROWS.slice(0, 0))


@pytest.mark.slow
def test_the_configured_check_finds_nan_weights(tmp_path, model):
    FRAME.assign(late=LABELS).to_parquet(tmp_path / "validation.parquet")
    skops.io.dump(model_fault("nan-weights").apply(model, FRAME, LABELS).model, tmp_path / "model.skops")
    check = find_check("stability")
    data = DataSettings(sources={"validation": "validation.parquet"}, label="late")
    settings = ModelSettings(source="model.skops", timeout=300.0)
    options = read_options(check, CheckSpec("stability"))
    result = check.run(Context(tmp_path, data, options, date(2026, 11, 1), model=settings))
    assert not result.passed
    assert any("are NaN" in finding and finding.startswith("weights") for finding in result.findings)
    assert any(finding.startswith("probabilities in predictions: 200 of 200") for finding in result.findings)

"""The way of one example: through estimators and their branches, functions, networks, and ONNX graphs."""

import base64

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import torch
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from mlscore.checks.trace.graph import read_nodes, through_graph, with_outputs
from mlscore.checks.trace.snapshot import MOST, describe
from mlscore.checks.trace.traced import read_walk
from mlscore.checks.trace.walk import Walk, finish, look, through_steps, watched
from mlscore.predictors.channel import pack_rows
from mlscore.predictors.kinds.base import Spec
from mlscore.predictors.worker import opener

RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"a": RANDOM.normal(size=60), "b": RANDOM.normal(50, 10, 60), "city": ["Vigo", "León", "Lugo"] * 20}
)
LABELS = np.where(FRAME["a"] > 0, "late", "on time")
ROW = FRAME.iloc[:1].assign(b=[None]).astype({"b": float})
ASKED = {"task": "binary", "classes": None, "positive": None, "threshold": None}


def request(frame=ROW, **more):
    row = pack_rows(pa.Table.from_pandas(frame, preserve_index=False))
    return {**ASKED, "row": base64.b64encode(row).decode(), **more}


@pytest.fixture(scope="module")
def model():
    prepare = ColumnTransformer(
        [
            ("num", Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())]), ["a", "b"]),
            ("city", OneHotEncoder(sparse_output=True), ["city"]),
        ]
    )
    return Pipeline([("prepare", prepare), ("nothing", "passthrough"), ("model", LogisticRegression())]).fit(
        FRAME, LABELS
    )


def test_a_pipeline_is_walked_through_branch_and_step(model):
    walked = read_walk(look(model, request()))
    assert [(step.name, step.kind, step.depth) for step in walked.steps] == [
        ("prepare.num.fill", "SimpleImputer", 1),
        ("prepare.num.scale", "StandardScaler", 1),
        ("prepare.city", "OneHotEncoder", 1),
        ("prepare", "ColumnTransformer", 0),
        ("nothing", "passthrough", 0),
        ("model.predict_proba", "LogisticRegression", 0),
        ("model.predict", "LogisticRegression", 0),
    ]
    fill, scale, city, prepare, *_ = walked.steps
    assert (fill.before.nulls, fill.after.nulls) == (1, 0)
    assert fill.after.columns == scale.after.columns == ("a", "b")
    assert city.after.columns == ("city_León", "city_Lugo", "city_Vigo")
    assert prepare.after.shape == (1, 5)
    assert prepare.after.columns[:3] == ("num__a", "num__b", "city__city_León")
    assert walked.end.value == model.predict(ROW)[0]
    assert walked.end.probabilities == pytest.approx(tuple(model.predict_proba(ROW)[0]))
    assert walked.steps[-2].after.columns == ("late", "on time")


def test_configured_labels_take_the_place_of_the_model_s_own(model):
    end = read_walk(look(model, request(classes=["L", "O"], positive="L"))).end
    assert end.classes == ("L", "O")
    assert end.value == {"late": "L", "on time": "O"}[model.predict(ROW)[0]]


def test_a_search_a_union_and_a_regression():
    union = FeatureUnion([("one", StandardScaler()), ("two", FunctionTransformer(np.square))])
    pipeline = Pipeline([("union", union), ("fit", LinearRegression())])
    search = GridSearchCV(pipeline, {"fit__positive": [False]}, cv=2).fit(FRAME[["a", "b"]].to_numpy(), FRAME["a"])
    walked = read_walk(look(search, request(FRAME[["a", "b"]].iloc[:1], task="regression")))
    assert [step.name for step in walked.steps] == ["union.one", "union.two", "union", "fit.predict"]
    assert walked.end.value == pytest.approx(FRAME["a"][0])
    assert walked.end.probabilities is None


def test_a_step_that_raises_is_the_last(model):
    walked = read_walk(look(model, request(ROW.assign(city="Gijón"))))
    assert walked.steps[-1].name == "prepare.city"
    assert walked.steps[-1].error.startswith("ValueError: Found unknown categories")
    assert walked.end is None
    assert walked.lost.startswith("prepare.city raises ValueError")


# --- functions


def test_functions_are_walked_through_one_after_the_other():
    def fill(frame):
        return frame.fillna(50.0)

    def numbers(frame):
        return frame[["a", "b"]].to_numpy()

    def score(array):
        return [0.75]

    walk = Walk()
    steps = [("fill", fill), ("numbers", numbers), ("score", score)]
    walked = read_walk(
        finish(walk, lambda: through_steps(steps, ROW, walk), {**ASKED, "classes": [0, 1], "positive": 1})
    )
    assert [step.after.form for step in walked.steps] == ["DataFrame", "ndarray", "list"]
    assert (walked.end.value, walked.end.probabilities) == (1, (0.25, 0.75))


@pytest.mark.parametrize(
    ("end", "task", "value"),
    [
        ("late", "multiclass", "late"),
        (np.array([[0.1, 0.9]]), "binary", 1),
        (4.5, "regression", 4.5),
        (True, "binary", True),
    ],
)
def test_what_functions_may_end_in(end, task, value):
    classes = [0, 1] if isinstance(end, np.ndarray) else None
    asked = {**ASKED, "task": task, "classes": classes}
    assert read_walk(finish(Walk(), lambda: end, asked)).end.value == value


@pytest.mark.parametrize(
    ("end", "why"),
    [
        (None, "what it ends in is no answer to one row: it returned None"),
        ([1, 0], "what it ends in is no answer to one row: it returned 2 predictions for 1 rows"),
        (pd.DataFrame({"a": []}), "what it ends in is no answer to one row: it returned 0 predictions for 1 rows"),
    ],
)
def test_what_is_no_answer_is_told(end, why):
    assert read_walk(finish(Walk(), lambda: end, ASKED)).lost == why


# --- networks


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.body = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU())
        self.head = torch.nn.Linear(3, 2)

    def forward(self, x):
        return self.head(self.body(x))


def test_each_layer_of_a_network_is_seen_behind_a_function():
    net = Net()

    def predict(rows):
        with torch.inference_mode():
            return net(torch.tensor(rows[["a", "b"]].to_numpy(), dtype=torch.float32)).softmax(1)

    walk = Walk()
    asked = {**ASKED, "classes": [0, 1]}
    walked = read_walk(finish(walk, lambda: watched(lambda: predict(FRAME.iloc[:1]), walk), asked))
    assert [(step.name, step.kind) for step in walked.steps] == [
        ("body.0", "Linear"),
        ("body.1", "ReLU"),
        ("head", "Linear"),
    ]
    assert [step.after.shape for step in walked.steps] == [(1, 3), (1, 3), (1, 2)]
    assert walked.steps[0].after.dtypes == ("float32",)
    assert walked.steps[1].after.cells[0][1] >= 0
    assert sum(walked.end.probabilities) == pytest.approx(1)
    hooks = torch.nn.modules.module
    assert not hooks._global_forward_hooks
    assert not hooks._global_forward_pre_hooks


def test_a_layer_that_raises_leaves_no_hook():
    walk = Walk()
    told = finish(walk, lambda: watched(lambda: Net()(torch.zeros(1, 7)), walk), ASKED)
    assert told["lost"].startswith("it raises RuntimeError")
    assert not torch.nn.modules.module._global_forward_hooks


# --- ONNX


@pytest.fixture(scope="module")
def onnx_file(tmp_path_factory):
    from skl2onnx import to_onnx

    numbers = FRAME[["a", "b"]].to_numpy(dtype=np.float32)
    fitted = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())]).fit(numbers, LABELS == "late")
    path = tmp_path_factory.mktemp("onnx") / "model.onnx"
    made = to_onnx(fitted, numbers[:1], options={"zipmap": False})
    path.write_bytes(made.SerializeToString())
    return path, fitted, numbers


def test_an_onnx_graph_shows_what_its_nodes_give(onnx_file):
    path, fitted, numbers = onnx_file
    rows = pa.table({"a": numbers[:1, 0], "b": numbers[:1, 1]})
    opened = opener("onnx")(Spec("onnx", str(path)))
    walk = Walk()
    run = finish(walk, lambda: through_graph(path, opened, rows, walk), {**ASKED, "classes": [0, 1]}, opened.classes)
    walked = read_walk(run)
    assert [step.kind for step in walked.steps][:2] == ["Scaler", "LinearClassifier"]
    scaled = [cell for _, cell in walked.steps[0].after.cells]
    assert scaled == pytest.approx(fitted[0].transform(numbers[:1])[0].tolist(), rel=1e-5)
    assert walked.end.probabilities == pytest.approx(fitted.predict_proba(numbers[:1])[0].tolist(), rel=1e-5)


def test_outputs_are_added_without_a_library(onnx_file):
    onnx = pytest.importorskip("onnx")
    data = onnx_file[0].read_bytes()
    names = [name for node in read_nodes(data) for name in node.outputs]
    merged = onnx.load_from_string(with_outputs(data, names[:1]))
    assert [one.name for one in merged.graph.output][-1] == names[0]
    assert [one.output[0] for one in merged.graph.node] == [node.outputs[0] for node in read_nodes(data)]


# --- values


@pytest.mark.parametrize(
    ("value", "form", "shape", "nulls", "infinite"),
    [
        (pd.DataFrame({"x": [1.0, None], "y": ["a", "b"]}), "DataFrame", (2, 2), 1, 0),
        (pd.Series([np.inf, -np.inf], name="s"), "Series", (2,), 0, 2),
        (np.array([[np.nan, 1.0]]), "ndarray", (1, 2), 1, 0),
        (torch.tensor([float("nan")]), "Tensor", (1,), 1, 0),
        (pa.table({"x": [None, 1]}), "Table", (2, 1), 1, 0),
        ([[1, 2], [3, 4]], "list", (2, 2), 0, 0),
        ([{"a": 1, "b": None}], "list", (1, 2), 1, 0),
        ({"a": 1}, "dict", (1,), 0, 0),
        (pd.Series([pd.NaT, pd.Timestamp("2024-01-01")]), "Series", (2,), 1, 0),
        ("late", "str", (), 0, 0),
        (None, "NoneType", (), 1, 0),
        (np.float32(2.5), "float32", (), 0, 0),
    ],
)
def test_values_of_all_forms_are_described(value, form, shape, nulls, infinite):
    found = describe(value)
    assert (found.form, found.shape, found.nulls, found.infinite) == (form, shape, nulls, infinite)


def test_wide_values_keep_what_is_not_zero():
    wide = np.zeros((1, 5000))
    wide[0, 4321] = 7
    found = describe(wide)
    assert (found.cells, found.size) == (((4321, 7.0),), 5000)
    wide[0, 4] = 7
    assert describe(wide).digest != found.digest
    assert len(describe(np.ones(1000)).cells) == MOST

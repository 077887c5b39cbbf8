"""What is always true, whatever the code under test does, and what only looks like it."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlscore.probes.hollow.modules import Function, Project, index
from mlscore.probes.hollow.ranges import named
from mlscore.probes.hollow.scope import Scope
from mlscore.probes.hollow.static import UNKNOWN, static
from mlscore.project.tree import Tree

HEAD = """
import time
import numpy as np
import pandas as pd
import sklearn.metrics
from pathlib import Path
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, mean_squared_error, r2_score
from model import Model, load, train
import model
import torch
LIMIT = 3
def helper(x):
    return x
def yes(x):
    print(x)
    return True
def maybe(x):
    if x:
        return True
    return False
"""
ALWAYS = [
    "assert 1 + 1 == 2", "assert LIMIT == 3", "assert LIMIT", "n = 4\nassert n == 4", "assert [1, x]", "assert {'a': x}",
    "assert (x, y) == (x, y)", "assert not []", "assert not None", "assert 'a' in 'abc'", "assert len([1, 2]) == 2",
    "assert sorted([2, 1]) == [1, 2]", "assert True and True", "assert True if x else 1", "assert any([True, x])",
    "assert not (x is not x)", "assert x is x", "assert x.y == x.y", "assert x[0] == x[0]", "assert not x != x",
    "assert x <= x", "assert x in [x, y]", "assert x in (y, x)", "assert x == 1 or 'text'", "assert x or True",
    "assert x or not x", "assert not x or x", "assert x is None or x is not None", "assert x in y or x not in y",
    "assert x.is_file() or not x.is_file()", "same = x\nassert same == x", "same = x\nassert same is x",
    "assert np.array_equal(x, x, equal_nan=True)", "assert np.allclose(x, x, equal_nan=True)", "assert x.equals(x)",
    "assert x == pytest.approx(x)",
    "np.testing.assert_allclose(x, x)", "pd.testing.assert_frame_equal(x, x)", "assert len(x) >= 0", "assert 0 <= len(x)",
    "assert len(x) > -1", "assert not len(x) < 0", "assert x.shape[0] >= 0", "assert x.size >= 0",
    "assert x.isna().sum() >= 0", "assert x.nunique() >= 0", "assert abs(x) >= 0", "assert np.abs(x) >= 0",
    "assert x ** 2 >= 0", "assert x.abs() >= 0", "assert float(len(x)) >= 0.0",
    "accuracy = x.score()\nassert accuracy <= 1", "assert x['accuracy'] >= 0", "assert 0 <= x.f1 <= 1",
    "val_acc = x.run()\nassert 0.0 <= val_acc and val_acc <= 1.0", "roc_auc = x.run()\nassert 0 <= roc_auc <= 100",
    "accuracy, loss = x.evaluate()\nassert 0 <= accuracy <= 1", "assert 0 <= accuracy_score(x, y) <= 1",
    "assert sklearn.metrics.f1_score(x, y) >= 0", "assert mean_squared_error(x, y) >= 0",
    "rmse = x.run()\nassert rmse >= 0", "assert -1 < accuracy_score(x, y) < 2",
    "assert all(0 <= a <= 1 for a in x.accuracies)", "acc = x / len(y)\nassert 0 <= acc <= 1",
    "start = time.time()\nx.fit()\nassert time.time() - start >= 0", "assert Model() is not None",
    "m = Model()\nassert m is not None", "m = Model()\nassert m != None", "m = Model()\nassert not m is None",
    "assert LogisticRegression().fit(x, y) is not None", "assert pd.read_csv('a.csv') is not None",
    "assert np.zeros(3) is not None", "assert [] is not None", "assert str(x) is not None", "assert helper is not None",
    "assert model is not None", "assert torch is not None", "assert f'{x}' is not None",
    "assert isinstance(Model(), Model)", "m = Model()\nassert isinstance(m, (str, Model))",
    "m = LogisticRegression()\nassert isinstance(m, LogisticRegression)", "assert type(Model()) is Model",
    "m = Model()\nassert type(m) == Model", "assert isinstance(pd.read_csv('a.csv'), pd.DataFrame)",
    "assert isinstance(x, object)", "assert isinstance(bool(x), bool)", "assert isinstance(list(x), list)",
    "assert isinstance([a for a in x], list)", "assert isinstance(str(x), str)", "assert callable(helper)",
    "assert helper", "assert model", "assert Path('a')", "assert (a for a in x)", "assert map(len, x)",
    "assert lambda: x", "assert x.all", "assert (x > 0).any", "assert bool(x) in (True, False)",
    "flag = x is None\nassert flag in [True, False]", "kind = 'a' if x else 'b'\nassert kind in ('a', 'b')",
    "assert yes(x)", "assert yes(x) is not None or yes(x)", "ok = len(x) >= 0\nassert ok", "assert (n := len(x)) >= 0",
    "if x > 3:\n        assert x > 3",
]  # fmt: skip
CAN_FAIL = [
    "assert x", "assert x == 1", "assert not x", "assert x == y", "assert x is y", "assert x.y == y.x",
    "assert x[0] == x[1]", "assert x() == x()", "assert x.predict() == x.predict()", "assert x or y", "assert x and True",
    "assert x == 1 or y", "assert x is None or y is not None", "assert next(x) or not next(x)", "assert {**x}",
    "assert [*x]", "assert f'{x}'", "assert len(x) > 0", "assert len(x) >= 1", "assert len(x) <= 10",
    "assert x.shape[0] == 3", "assert abs(x) > 0.1", "assert x >= 0", "assert 0 <= x <= 1", "assert x ** 3 >= 0",
    "assert x.isna().sum() == 0", "assert np.abs(x) < 3", "accuracy = x.score()\nassert accuracy >= 0.5",
    "accuracy = x.score()\nassert accuracy <= 0.99", "accuracy_gain = x.run()\nassert accuracy_gain >= 0",
    "delta = x.accuracy - y.accuracy\nassert delta >= 0", "accuracy = x.accuracy - y.accuracy\nassert accuracy >= 0",
    "min_accuracy = x.run()\nassert min_accuracy >= 0", "r2 = r2_score(x, y)\nassert r2 >= 0",
    "assert r2_score(x, y) <= 1 and r2_score(x, y) >= 0", "loss = x.run()\nassert loss >= 0",
    "loss = x.run()\nassert loss == loss, 'nan'", "assert x == x, 'x is NaN'", "score = x.run()\nassert 0 <= score <= 1",
    "assert load() == 3", "assert isinstance(load(), Model)", "m = load()\nassert isinstance(m, Model)",
    "assert isinstance(Model(), (str, dict))", "assert isinstance(Model().parts, list)", "assert type(load()) is Model",
    "assert x.read is not None and x.read() == 1", "m = Model()\nm = load()\nassert isinstance(m, Model)",
    "m = Model() if x else None\nassert m is not None", "assert Model().name is not None and Model().name == 'a'",
    "assert x.search('a') is not None", "assert find(x) is not None", "assert isinstance(x, bool)",
    "assert x in (True, False)", "assert x in ('pos', 'neg')", "kind = 'a' if x else load()\nassert kind in ('a', 'b')",
    "assert maybe(x)", "assert helper(x)", "assert x.is_fitted", "assert x.empty", "assert Path('a').exists()",
    "assert all(a > 0 for a in x)", "assert any(x)", "assert all(x)", "assert x if y else y",
    "assert not any(a for a in x)", "assert np.all(x > 0)",
    "found = False\nfor a in x:\n        if a:\n            found = True\nassert found",
    "bad = []\nfor a in x:\n        bad.append(a)\nassert not bad", "bad = []\nx.fill(bad)\nassert not bad",
    "n = 0\nn += len(x)\nassert n == 4",
    "try:\n        x.run()\n        ok = True\nexcept KeyError:\n        pass\nassert ok",
    "for a in x:\n        last = 1\nassert last == 1",
    "n = 3\n\n    def set_n():\n        nonlocal n\n        n = x\n    set_n()\n    assert n == 3",
    "before = x.weights\ntrain(x)\nassert x.weights != before", "copy = x.copy()\nassert copy == x",
    "a = x\na = y\nassert a == x", "assert x * y == x * y", "if x > 3:\n        assert x > 4",
    "assert pytest.approx(x) == y", "assert x != y",
]  # fmt: skip


def source(body):
    lines = body.split("\n")
    # Lines of compound statements bring their own indentation.
    return (
        HEAD
        + "import pytest\ndef test(x, y):\n"
        + "\n".join(f"    {line}" if line[:1] != " " else line for line in lines)
    )


@pytest.mark.parametrize("body", ALWAYS)
def test_always_true(judge, body):
    finding = judge(source(body), "test")
    assert finding is not None
    assert finding.verdict == "hollow"
    assert finding.reason in {"tautology", "constant-assertion", "not-called"}


@pytest.mark.parametrize("body", CAN_FAIL)
def test_can_fail(judge, body):
    finding = judge(source(body), "test")
    assert finding is None or finding.verdict == "weak"
    if finding is not None:
        assert finding.reason in {"only-not-none", "unknown-helper", "formatted-text"}


@pytest.mark.parametrize(
    "body", ["assert False", "assert x is not x", "assert 1 == 2", "assert not Model()", "assert not 1"]
)
def test_always_false_does_fail(judge, body):
    assert judge(source(body), "test") is None


def test_one_real_assertion_is_enough(judge):
    assert judge(source("assert True\nassert x == 3\nassert len(x) >= 0"), "test") is None


def test_the_first_of_several_vain_assertions_is_named(judge):
    finding = judge("def test(x):\n    print(x)\n    assert len(x) >= 0\n    assert True\n", "test")
    assert (finding.reason, finding.location.line) == ("tautology", 3)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("accuracy", 0, 1), ("val_acc", 0, 1), ("testAccuracy", 0, 1), ("f1", 0, 1), ("f1_macro", 0, 1), ("roc_auc", 0, 1),
     ("AUC", 0, 1), ("recall_at_5", 0, 1), ("rmse", 0, float("inf")), ("mae_train", 0, float("inf"))],
)  # fmt: skip
def test_names_that_promise_bounds(name, low, high):
    bounds = named(name)
    assert bounds is not None
    assert (bounds.low, bounds.high) == (low, high)


@pytest.mark.parametrize(
    "name",
    ["loss", "score", "r2", "accuracy_drop", "accuracy_diff", "auc_gain", "accurate", "account", "race", "x",
     "accuracy_threshold", "n_recall", "delta_f1", "percent_accuracy", "matthews"],
)  # fmt: skip
def test_names_that_promise_nothing(name):
    assert named(name) is None


numbers = st.one_of(st.integers(-20, 20), st.sampled_from([0.5, -1.5, 2.0]))
leaves = st.one_of(
    numbers.map(repr),
    st.booleans().map(repr),
    st.just("None"),
    st.sampled_from(["''", "'a'", "'ab'", "[]", "[1, 2]", "()"]),
)


def combined(inner):
    operators = st.sampled_from(
        ["+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "in", "is"]
    )
    functions = st.sampled_from(["len", "abs", "bool", "not ", "sum", "sorted", "min", "str", "-"])
    return st.one_of(
        st.tuples(inner, operators, inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        st.tuples(functions, inner).map(lambda t: f"({t[0]}({t[1]}))"),
        st.tuples(inner, inner, inner).map(lambda t: f"({t[0]} if {t[1]} else {t[2]})"),
        st.tuples(inner, inner).map(lambda t: f"[{t[0]}, {t[1]}][0]"),
    )


@example("((abs(1)) is (1 or None))")
@given(st.recursive(leaves, combined, max_leaves=8))
def test_static_value_has_the_truth_that_python_gives_it(expression):
    scope = an_empty_scope()
    value = static(ast.parse(expression, mode="eval").body, scope)
    if value is UNKNOWN:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert bool(value) is bool(eval(expression))


def an_empty_scope():
    tree = ast.parse("def test():\n    pass\n")
    module = index("test_it.py", tree)
    return Scope(Project(Tree(Path("nowhere"))), Function(module, tree.body[0]))

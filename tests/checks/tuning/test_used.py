"""What is in use: a model's own hyperparameters, and files of parameters."""

import json

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlscore.checks.tuning.used import hyperparameters, look_up, parsed, read_params, same
from mlscore.errors import ConfigError, InputError


def test_estimators_and_searches():
    model = make_pipeline(StandardScaler(), LogisticRegression(C=3.0))
    told = hyperparameters(model, {})
    assert told["logisticregression__C"] == 3.0
    json.dumps(told)
    rows, labels = [[0.0], [1.0], [2.0], [3.0]] * 3, [0, 0, 1, 1] * 3
    searched = GridSearchCV(model, {"logisticregression__C": [0.1]}, cv=2).fit(rows, labels)
    assert hyperparameters(searched, {})["logisticregression__C"] == 0.1


def test_boosters():
    class Lgbm:
        params = {"num_leaves": 31}  # noqa: RUF012

    class Xgb:
        def save_config(self):
            return json.dumps({"learner": {"tree": {"max_depth": "6"}}})

    class Cat:
        def get_all_params(self):
            return {"depth": 4}

    assert hyperparameters(Lgbm(), {}) == {"num_leaves": 31}
    assert look_up("max_depth", hyperparameters(Xgb(), {})) == "learner.tree.max_depth"
    assert hyperparameters(Cat(), {}) == {"depth": 4}
    assert hyperparameters(print, {}) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.json", '{"train": {"model": {"C": 1e-3, "kind": null}}}'),
        ("p.yaml", "train:\n  model: {C: 0.001, kind: null}\n"),
        ("p.toml", '[train.model]\nC = 0.001\nkind = "None"\n'),
    ],
)
def test_files_of_parameters(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    told = read_params(tmp_path / name, name, "train.model")
    assert same(told["C"], 0.001)
    assert same(told["kind"], None)
    assert "train.model.C" in read_params(tmp_path / name, name)
    with pytest.raises(ConfigError, match=r'no section "train\.optimiser"'):
        read_params(tmp_path / name, name, "train.optimiser")


@pytest.mark.parametrize("text", ["[1]", "{", "a: [", "3"])
def test_files_that_hold_none(tmp_path, text):
    for name in ("p.json", "p.yaml"):
        (tmp_path / name).write_text(text)
        if (name, text) == ("p.yaml", "{"):
            continue
        with pytest.raises(InputError, match="no parameters by name"):
            read_params(tmp_path / name, name)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        (1, 1.0, True),
        ("0.1", 0.1, True),
        (0.1, 0.1 + 1e-12, True),
        ("True", True, True),
        (True, 1, True),
        (True, 2, False),
        ("None", None, True),
        (None, 0, False),
        ("gini", "Gini", False),
        (float("nan"), float("nan"), True),
        (1e-3, 1.1e-3, False),
    ],
)
def test_same_values(one, other, equal):
    assert same(one, other) is equal
    assert same(other, one) is equal


def test_names_and_words():
    told = {"clf__C": 1, "scale__C": 2, "tree__depth": 3}
    assert look_up("C", told) is None  # two could be meant
    assert look_up("depth", told) == "tree__depth"
    assert look_up("pipe__tree__depth", {"depth": 3}) == "depth"
    assert [parsed(word) for word in ("3", "3.5", "true", "null", "gini", " 4 ")] == [3, 3.5, True, None, "gini", 4]

"""Predictions of whatever a model returned, and the sentence for what is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.predictors import Task
from mlscore.predictors.kinds.base import Answer
from mlscore.predictors.tidy import Expected, MisanswerError, tidy

WORDS = ("no", "yes")


def ask(raw, rows, task, classes=None, **more):
    return tidy(raw, Expected(rows, Task(task), classes, **more))


@pytest.mark.parametrize(
    "raw",
    [
        [1, 2.5],
        (1, 2.5),
        np.array([[1], [2.5]]),
        pd.Series([1, 2.5]),
        pd.DataFrame({"x": [1, 2.5]}),
        pa.array([1.0, 2.5]),
    ],
)
def test_numbers_come_in_many_forms(raw):
    assert ask(raw, 2, "regression").values.tolist() == [1.0, 2.5]


def test_probabilities_choose_the_class():
    found = ask([[0.2, 0.5, 0.3], [0.6, 0.1, 0.3]], 2, "multiclass", ("a", "b", "c"))
    assert found.values.tolist() == ["b", "a"]
    assert found.classes == ("a", "b", "c")


def test_the_model_s_own_labels_stand_without_a_threshold():
    own = Answer(["no", "no"], [[0.4, 0.6], [0.9, 0.1]])
    assert ask(own, 2, "binary", WORDS).values.tolist() == ["no", "no"]
    assert ask(own, 2, "binary", WORDS, threshold=0.5).values.tolist() == ["yes", "no"]


def test_the_threshold_is_for_the_positive_label_wherever_it_stands():
    found = ask([0.3, 0.1], 2, "binary", WORDS, positive="no", threshold=0.2)
    assert found.values.tolist() == ["no", "yes"]
    assert np.allclose(found.probabilities, [[0.3, 0.7], [0.1, 0.9]])


def test_labels_that_are_floats_are_labels():
    assert ask(np.array([0.0, 1.0]), 2, "binary", (0, 1)).values.tolist() == [0, 1]
    assert ask(np.array([1.0, 3.0]), 2, "multiclass", (1, 2, 3)).values.tolist() == [1, 3]


def test_labels_keep_their_types():
    assert ask([True, False], 2, "binary", (False, True)).values.dtype == bool
    assert ask(["a", 1], 2, "multiclass").values.tolist() == ["a", 1]


def test_a_multilabel_model_says_zeros_and_ones_or_probabilities():
    found = ask([[0, 1], [1, 1]], 2, "multilabel", ("x", "y"))
    assert (found.values.tolist(), found.probabilities, found.classes) == ([[0, 1], [1, 1]], None, ("x", "y"))
    found = ask([[0.4, 0.7], [0.5, 0.2]], 2, "multilabel")
    assert (found.values.tolist(), found.classes) == ([[0, 1], [1, 0]], (0, 1))


@pytest.mark.parametrize(
    ("raw", "rows", "task", "classes", "sentence", "row"),
    [
        ([1, 2], 3, "regression", None, "it returned 2 predictions for 3 rows", None),
        (5.0, 3, "regression", None, "it returned one float", None),
        ("yes", 3, "binary", WORDS, "it returned a str", None),
        ({"a": 1}, 1, "regression", None, "it returned a dict", None),
        (map(abs, [1]), 1, "regression", None, "it returned a map", None),
        ([[1, 2], [3]], 2, "regression", None, "it returned rows of different lengths", None),
        (np.zeros((2, 2, 2)), 2, "regression", None, "it returned an array of 3 dimensions", None),
        (np.zeros((2, 3)), 2, "regression", None, "it returned 3 numbers for each row", None),
        ([1.0, np.nan, np.nan], 3, "regression", None, "it returned NaN (in 2 rows altogether)", 1),
        ([1.0, -np.inf], 2, "ranking", None, "it returned an infinite number", 1),
        ([1.0, "2"], 2, "regression", None, "it returned text where a number is due", 1),
        ([1.0, [2]], 2, "regression", None, "it returned rows of different lengths", None),
        (["no", "maybe"], 2, "binary", WORDS, 'it returned "maybe", which is none of its classes (no, yes)', 1),
        ([0, 1], 2, "binary", WORDS, 'it returned "0", which is none of its classes (no, yes)', 0),
        ([[0.5, 0.4], [0.5, 0.5]], 2, "binary", WORDS, "its probabilities sum to 0.9", 0),
        ([0.5, 1.5], 2, "binary", WORDS, "it returned probabilities below 0 or above 1", 1),
        ([[0.1, 0.2, 0.7]], 1, "binary", WORDS, "it returned 3 probabilities for each row", None),
        ([0.5], 1, "binary", ("a", "b", "c"), "it returned one probability for each row", None),
        ([[0.5, np.nan]], 1, "binary", WORDS, "it returned NaN", 0),
        ([0, 1], 2, "multilabel", None, "it returned one value for each row", None),
        ([[0, 1]], 1, "multilabel", ("x", "y", "z"), "it returned 2 columns", None),
        ([[0, 2]], 1, "multilabel", None, "it returned something else than 0 and 1", 0),
        (["a", None], 2, "multiclass", None, "it returned None", 1),
        (None, 2, "multiclass", None, "it returned None", None),
    ],
)
def test_what_is_no_prediction_is_one_sentence(raw, rows, task, classes, sentence, row):
    with pytest.raises(MisanswerError) as error:
        ask(raw, rows, task, classes)
    assert error.value.what == sentence
    assert error.value.row == row


@given(st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_labels_and_sure_probabilities_say_the_same(chosen):
    classes = ("a", "b", "c")
    labels = ask([classes[n] for n in chosen], len(chosen), "multiclass", classes)
    shares = ask(np.eye(3)[chosen], len(chosen), "multiclass", classes)
    assert labels.values.tolist() == shares.values.tolist()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20), st.floats(0, 1))
def test_a_threshold_parts_the_probabilities(shares, threshold):
    found = ask(np.array(shares), len(shares), "binary", ("n", "y"), threshold=threshold)
    assert found.values.tolist() == ["y" if one >= threshold else "n" for one in found.probabilities[:, 1]]
    assert np.allclose(found.probabilities.sum(axis=1), 1)

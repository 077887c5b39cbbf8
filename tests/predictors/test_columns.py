"""The columns a model is given: order, names and number, each mistake one sentence."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mlscore.errors import ConfigError, InputError
from mlscore.predictors.columns import check_features, select

ROWS = pa.table({"b": [1], "a": [2], "label": [0]})


def test_the_model_s_own_names_stand():
    assert check_features((), ("a", "b"), 2, None) == ("a", "b")
    assert check_features(("a", "b"), (), 2, None) == ("a", "b")
    assert check_features(("a", "b"), ("a", "b"), 2, None) == ("a", "b")
    assert check_features((), (), None, None) == ()


@pytest.mark.parametrize(
    ("configured", "own", "width", "sentence"),
    [
        (("a",), ("a", "b"), None, "3: 1 features are configured, and the model takes 2; it takes a, b"),
        (("a", "b", "c"), (), 2, "3 features are configured, and the model takes 2; name those it was trained on"),
        (("a", "bb"), ("a", "b"), 2, 'the model has no feature "bb"; did you mean "b"?'),
        (
            ("b", "a"),
            ("a", "b"),
            2,
            'the features are in another order than the model\'s: number 1 is "b", and the model takes "a" there; leave',
        ),
    ],
)
def test_features_that_do_not_agree_are_one_sentence(configured, own, width, sentence):
    with pytest.raises(ConfigError) as error:
        check_features(configured, own, width, "mlscore.toml:3")
    assert sentence in str(error.value)


def test_columns_are_chosen_by_name_in_the_model_s_order():
    assert select(ROWS, ("a", "b")).column_names == ["a", "b"]
    assert select(ROWS, (), None) is ROWS


@pytest.mark.parametrize(
    ("rows", "features", "width", "sentence"),
    [
        (ROWS, ("a", "labell"), None, 'the rows have no column "labell", which the model takes; did you mean "label"?'),
        (ROWS, ("x", "y"), None, "the rows lack x, y, which the model takes; they have b, a, label"),
        (ROWS, (), 2, "the model takes 2 columns, and the rows have 3; name the columns"),
        (pa.table([[1], [2]], names=["a", "a"]), ("a",), None, 'the rows have two columns "a"; rename one'),
    ],
)
def test_rows_that_do_not_fit_are_one_sentence(rows, features, width, sentence):
    with pytest.raises(InputError) as error:
        select(rows, features, width)
    assert sentence in str(error.value)

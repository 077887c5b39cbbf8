"""Limits of metrics: what holds, what cannot fail, which metrics a name stands for, and limits that are none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.checks.reports.limits import Limit, named, read_limits
from mlscore.errors import ConfigError


@pytest.mark.parametrize(
    ("limit", "value", "holds"),
    [
        (Limit(least=0.8), 0.8, True),
        (Limit(least=0.8), 0.79, False),
        (Limit(most=0.1), 0.1, True),
        (Limit(most=0.1), 0.2, False),
        (Limit(0.1, 0.2), 0.15, True),
        (Limit(0.1, 0.2), 0.3, False),
        (Limit(least=0.8), math.nan, False),
        (Limit(most=0.8), math.nan, False),
        (Limit(most=0.8), math.inf, False),
        (Limit(least=0.8), -math.inf, False),
    ],
)
def test_limits(limit, value, holds):
    assert limit.holds(value) is holds


@pytest.mark.parametrize(
    ("limit", "metric", "can"),
    [
        (Limit(least=0.0), "accuracy", False),
        (Limit(least=0.0), "recall:late", False),
        (Limit(most=1.0), "line-rate:a.py", False),
        (Limit(0, 1), "f1_score", False),
        (Limit(least=0.01), "accuracy", True),
        (Limit(most=0.99), "accuracy", True),
        (Limit(most=1.0), "log_loss", True),
        (Limit(least=0), "r2_score", True),
        (Limit(most=1), "accuracy difference", True),
    ],
)
def test_limits_that_cannot_fail(limit, metric, can):
    assert limit.can_fail(metric) is can


def test_words():
    assert str(Limit(0.25, 0.5)) == "at least 0.25 and at most 0.5"
    assert str(Limit(most=3)) == "at most 3"


@pytest.mark.parametrize(
    ("given_", "why"),
    [
        ({"a": 1}, 'the limit of "a" says neither least nor most; write "a" = {least = …}, {most = …} or both'),
        ({"a": {}}, "says neither least nor most"),
        ({"a": {"leest": 1}}, 'the limit of "a" has an unknown key "leest"; did you mean "least"?'),
        ({"a": {"least": "x"}}, 'the limit of "a": least is no number'),
        ({"a": {"least": True}}, "least is no number"),
        ({"a": {"most": math.nan}}, "most is no number"),
        ({"a": {"most": math.inf}}, "most is no number"),
        ({"a": {"least": 2, "most": 1}}, 'the limit of "a": least is above most; exchange them'),
        ([], "limits are no table"),
    ],
)
def test_limits_that_are_none(given_, why):
    with pytest.raises(ConfigError) as caught:
        read_limits(given_, "pyproject.toml:3")
    assert str(caught.value).startswith("pyproject.toml:3: ")
    assert why in str(caught.value)


def test_names():
    names = ["recall:a", "recall:b", "test[1]", "recall"]
    assert named("recall:*", names) == ["recall:a", "recall:b"]
    assert named("recall", names) == ["recall"]
    assert named("test[1]", names) == ["test[1]"]
    assert named("test[*", names) == ["test[1]"]
    assert named("*", names) == names
    assert named("loss", ["loss", "loss (2)", "loss (x)", "loss2"]) == ["loss", "loss (2)"]
    assert named("precision", names) == []


@given(names=st.lists(st.text(max_size=6), unique=True, max_size=5))
def test_a_name_stands_for_itself(names):
    for name in names:
        assert name in named(name, names)

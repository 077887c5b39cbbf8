"""Which tests a selection includes, and why not the others."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.probes.automation import CiRun, Selection, covers
from mlscore.probes.automation.selecting import evaluate


def included(selection, *, path="tests/unit/test_a.py", inner="TestX::test_slow_path", markers=("mlscore",), name=None):
    run = CiRun("x", "pytest", "pytest", (), ("push",), True, None, selection)
    name = name or inner.rpartition("::")[2]
    return covers(run, path=path, nodeid=f"{path}::{inner}", markers=frozenset(markers), name=name)


@pytest.mark.parametrize(
    ("selection", "reason"),
    [
        (Selection(), None),
        (Selection(paths=("tests",)), None),
        (Selection(paths=("tests/unit",)), None),
        (Selection(paths=("tests/uni",)), "outside the paths"),
        (Selection(paths=("tests/e2e", "tests/unit/test_a.py")), None),
        (Selection(paths=("tests/unit/test_b.py",)), "outside the paths"),
        (Selection(paths=("tests/*/test_a.py",)), None),
        (Selection(paths=("tests/*",)), None),
        (Selection(paths=("tests/*.py",)), "outside the paths"),
        (Selection(paths=("tests/**/test_*.py",)), None),
        (Selection(paths=()), "outside the paths"),
        (Selection(ignored=("tests/unit",)), "--ignore=tests/unit"),
        (Selection(ignored=("tests/un",)), None),
        (Selection(ignored_globs=("tests/*/test_a*",)), "--ignore-glob"),
        (Selection(ignored_globs=("tests/un*",)), "--ignore-glob"),
        # These fit a folder above the file and not the file itself.
        (Selection(ignored_globs=("tests/u???",)), "--ignore-glob=tests/u???"),
        (Selection(ignored_globs=("tes[t]s",)), "--ignore-glob=tes[t]s"),
        (Selection(ignored_globs=("*/unit",)), "--ignore-glob=*/unit"),
        (Selection(ignored_globs=("*/uni",)), None),
        (Selection(ignored_globs=("other/*",)), None),
        (Selection(markexpr="mlscore"), None),
        (Selection(markexpr="not slow"), None),
        (Selection(markexpr="not mlscore"), "deselected by -m 'not mlscore'"),
        (Selection(markexpr="slow or mlscore"), None),
        (Selection(markexpr="slow and mlscore"), "deselected by -m"),
        (Selection(markexpr="mlscore(id=1)"), "perhaps deselected by -m"),
        (Selection(markexpr="mlscore and"), "perhaps deselected by -m"),
        (Selection(keyword="slow_path"), None),
        (Selection(keyword="not slow"), "deselected by -k"),
        (Selection(keyword="TESTX"), None),
        (Selection(keyword="test_a.py"), None),
        (Selection(keyword="unit"), "perhaps deselected by -k"),
        (Selection(keyword="not unit"), "perhaps deselected by -k"),
        (Selection(keyword="mlscore and not other"), None),
        (Selection(keyword="other"), "deselected by -k"),
        (Selection(paths=("tests/unit/test_a.py::TestX",)), None),
        (Selection(paths=("tests/unit/test_a.py::TestX::test_slow_path",)), None),
        (Selection(paths=("tests/unit/test_a.py::TestX::test_slow",)), "other tests of its file"),
        (Selection(paths=("tests/unit/test_a.py::TestY", "tests/unit")), None),
        (Selection(deselected=("tests/unit/test_a.py::TestX",)), "--deselect="),
        (Selection(deselected=("tests/unit/test_b.py",)), None),
    ],
)  # fmt: skip
def test_covers(selection, reason):
    found = included(selection)
    assert (found is None) == (reason is None), found
    assert reason is None or reason in found


def test_a_named_test_covers_its_parameters():
    assert included(Selection(paths=("t.py::test_a",)), path="t.py", inner="test_a[x-1]") is None
    assert included(Selection(paths=("t.py::test_a[x-1]",)), path="t.py", inner="test_a[x-2]") is not None


NAMES = ("alpha", "beta", "gamma")


@st.composite
def expressions(draw, depth=0):
    kind = draw(st.integers(0, 4 if depth < 4 else 0))
    if kind <= 1:
        return draw(st.sampled_from(NAMES))
    if kind == 2:
        return f"not {draw(expressions(depth + 1))}"
    left, right = draw(expressions(depth + 1)), draw(expressions(depth + 1))
    return f"({left} {'and' if kind == 3 else 'or'} {right})"


@settings(max_examples=60, deadline=None)
@given(expressions())
def test_expressions_mean_what_python_means(expression):
    for values in itertools.product((False, True), repeat=len(NAMES)):
        known = dict(zip(NAMES, values, strict=True))
        assert evaluate(expression, known.__getitem__) is eval(expression, {}, known)


@settings(max_examples=60, deadline=None)
@given(expressions())
def test_doubt_is_never_taken_for_certainty(expression):
    """Where one name is in doubt, a certain answer must hold whichever way the doubt falls."""
    doubtful = evaluate(expression, {"alpha": None, "beta": True, "gamma": False}.__getitem__)
    either = {eval(expression, {}, {"alpha": alpha, "beta": True, "gamma": False}) for alpha in (True, False)}
    assert doubtful is None or either == {doubtful}


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="()ab notr\"'=,\n\\[", max_size=40))
def test_any_expression_is_answered(expression):
    assert evaluate(expression, lambda name: True) in (True, False, None)

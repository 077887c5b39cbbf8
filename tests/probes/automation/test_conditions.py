"""Conditions of CI systems: read, and weighed with doubt kept as doubt."""
# ruff: noqa: E501 (a case per line reads best)

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlscore.probes.automation.conditions import (
    ALWAYS,
    AT_TIMES,
    NEVER,
    PERSON,
    UNKNOWABLE,
    UNSURE,
    USUAL,
    WORDS,
    ConditionError,
    evaluate,
    weigh,
)

KNOWN = {
    "yes": True, "no": False, "empty": "", "none": None, "event": "push", "branch": USUAL, "secret": UNKNOWABLE,
    "person": PERSON, "message": WORDS, "$VAR": "x", "a.b": "ab", "a.b-c.d": "deep",
}  # fmt: skip


def call(name, arguments):
    return {"always": True, "failure": False}.get(name, UNKNOWABLE)


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("true", ALWAYS), ("false", NEVER), ("null", NEVER), ("'x'", ALWAYS), ("''", NEVER), ("0", NEVER), ("1", ALWAYS),
        ("yes", ALWAYS), ("!yes", NEVER), ("!!yes", ALWAYS), ("empty", NEVER), ("none", NEVER), ("$VAR", ALWAYS),
        ("event == 'push'", ALWAYS), ("event == 'PUSH'", ALWAYS), ("event != 'push'", NEVER), ("event == \"push\"", ALWAYS),
        ("a.b == 'ab'", ALWAYS), ("a['b'] == 'ab'", ALWAYS), ("a['b-c'].d == 'deep'", ALWAYS),
        ("branch", AT_TIMES), ("branch == 'main'", AT_TIMES), ("branch != 'main'", AT_TIMES), ("!branch", AT_TIMES),
        ("secret", UNSURE), ("secret == 'x'", UNSURE), ("!secret", UNSURE),
        ("person == 'me'", UNSURE), ("person != 'me'", AT_TIMES),
        ("message =~ /skip/", NEVER), ("message !~ /skip/", ALWAYS), ("event =~ /^pu/", ALWAYS), ("event =~ /x/", NEVER),
        ("event =~ /[/", UNSURE), ("yes && branch", AT_TIMES), ("no && secret", NEVER), ("yes && secret", UNSURE),
        ("branch && secret", UNSURE), ("branch || secret", AT_TIMES), ("secret || yes", ALWAYS), ("no || secret", UNSURE),
        ("(no || yes) && !no", ALWAYS), ("always()", ALWAYS), ("failure() || no", NEVER), ("always() && branch", AT_TIMES),
        ("unknown(1, 'a')", UNSURE), ("1 < 2", UNSURE), ("branch > 1", AT_TIMES), ("'it''s' == 'it''s'", ALWAYS),
        ("", UNSURE), ("yes &&", UNSURE), ("(yes", UNSURE), ("yes yes", UNSURE), ("?", UNSURE), ("/x/", UNSURE), ("a[", UNSURE),
    ],
)  # fmt: skip
def test_weights(text, weight):
    assert weigh(text, lambda name: KNOWN.get(name, UNKNOWABLE), call) == weight


def test_conditions_choose_values_as_the_languages_do():
    assert evaluate("yes && 'a' || 'b'", KNOWN.get, call) == "a"
    assert evaluate("no && 'a' || 'b'", KNOWN.get, call) == "b"


@pytest.mark.parametrize("text", ["(" * 200, "!" * 5000 + "yes", "yes" + " && yes" * 2000, "'" * 3])
def test_what_is_out_of_reason_ends(text):
    assert weigh(text, KNOWN.get, call) in (UNSURE, ALWAYS)


VALUES = {NEVER: False, UNSURE: UNKNOWABLE, AT_TIMES: USUAL, ALWAYS: True}


@pytest.mark.parametrize(("left", "right"), list(itertools.product(VALUES, repeat=2)))
def test_and_takes_the_less_sure_and_or_the_surer(left, right):
    known = {"a": VALUES[left], "b": VALUES[right]}
    assert weigh("a && b", known.get, call) == min(left, right)
    assert weigh("a || b", known.get, call) == max(left, right)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="ab.$'\"/!=~&|()<>[], 1x", max_size=40))
def test_any_condition_is_weighed(text):
    assert weigh(text, lambda name: True, call) in (NEVER, UNSURE, AT_TIMES, ALWAYS)


def test_errors_are_conditions_errors():
    with pytest.raises(ConditionError):
        evaluate("(", KNOWN.get, call)

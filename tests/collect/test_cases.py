"""The properties in which cases and a run's facts travel: whole round trips, and texts that are no such property."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.collect.cases import (
    Case,
    SuiteFacts,
    Told,
    from_property,
    from_suite_property,
    run_facts,
    settle,
    to_property,
    to_suite_property,
)
from mlscore.core.evidence import Outcome, Value
from mlscore.core.placement import Placement

TEXT = st.text(max_size=20)
FIGURE = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), TEXT)
VALUES = st.builds(
    Value,
    TEXT,
    FIGURE,
    st.one_of(st.none(), TEXT.filter(bool)),
    st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), TEXT),
)
PLACEMENTS = st.builds(
    Placement,
    items=st.lists(TEXT, max_size=3).map(tuple),
    section=st.one_of(st.none(), TEXT.filter(bool)),
    suggested=st.one_of(st.none(), TEXT.filter(bool)),
    why=TEXT,
    problems=st.lists(TEXT, max_size=2).map(tuple),
    manual=st.booleans(),
)
SOMETHING = st.one_of(st.none(), TEXT.filter(bool))
CASES = st.builds(
    Case,
    nodeid=TEXT,
    path=TEXT,
    line=st.one_of(st.none(), st.integers(1, 10**6)),
    qualname=TEXT,
    outcome=st.sampled_from(Outcome),
    placement=PLACEMENTS,
    detail=TEXT,
    markers=st.lists(TEXT, max_size=3).map(tuple),
    values=st.lists(VALUES, max_size=3).map(tuple),
    at=SOMETHING,
    ci=SOMETHING,
)
CASE = Case("a.py::t", "a.py", 1, "t", Outcome.PASSED, Placement(("data-1",)))


@given(CASES, st.integers(1, 9))
def test_a_case_travels_whole(case, attempt):
    text = to_property(case, attempt=attempt)
    assert from_property(text) == Told(case, attempt)
    assert text.isascii()


@given(
    st.builds(
        SuiteFacts,
        tests=st.integers(0, 10**6),
        silent=st.lists(CASES, max_size=3).map(tuple),
        partial=st.lists(TEXT, max_size=2).map(tuple),
        errors=st.lists(TEXT, max_size=2).map(tuple),
        interrupted=st.one_of(st.none(), TEXT),
        ci=st.one_of(st.none(), TEXT),
        whole=st.lists(TEXT, max_size=2).map(tuple),
    )
)
def test_facts_travel_whole(facts):
    assert from_suite_property(to_suite_property(facts)) == facts


def test_nan_travels_too():
    told = from_property(to_property(replace(CASE, values=(Value("auc", float("nan")),))))
    assert str(told.case.values[0].value) == "nan"


GOOD = json.loads(to_property(CASE))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "data-1",
        "[]",
        "null",
        "3",
        "[" * 100_000,
        json.dumps({**GOOD, "v": 2}),
        json.dumps({k: v for k, v in GOOD.items() if k != "id"}),
        json.dumps({**GOOD, "items": "data-1"}),
        json.dumps({**GOOD, "items": [1]}),
        json.dumps({**GOOD, "outcome": "splendid"}),
        json.dumps({**GOOD, "outcome": ["passed"]}),
        json.dumps({**GOOD, "values": [["auc", {}, None, None]]}),
        json.dumps({**GOOD, "values": [["auc"]]}),
        json.dumps({**GOOD, "values": "auc"}),
        json.dumps({**GOOD, "path": None}),
    ],
)
def test_another_text_is_no_case(text):
    assert from_property(text) is None


FACTS = json.loads(to_suite_property(SuiteFacts()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        json.dumps({**FACTS, "v": 2}),
        json.dumps({**FACTS, "silent": [{}]}),
        json.dumps({**FACTS, "ci": 1}),
    ],
)
def test_another_text_is_no_facts(text):
    assert from_suite_property(text) is None


@pytest.mark.parametrize("attempt", [0, -1, "two", None])
def test_an_attempt_that_makes_no_sense_is_the_first(attempt):
    assert from_property(json.dumps({**GOOD, "attempt": attempt})).attempt == 1


@pytest.mark.parametrize(
    ("outcome", "vetoes", "wanted"),
    [
        (Outcome.PASSED, {}, (Outcome.PASSED, "own")),
        (Outcome.PASSED, {Outcome.ERROR: "e"}, (Outcome.ERROR, "e")),
        (Outcome.SKIPPED, {Outcome.FAILED: "f"}, (Outcome.FAILED, "f")),
        (Outcome.ERROR, {Outcome.ERROR: "e"}, (Outcome.ERROR, "own")),
        (Outcome.ERROR, {Outcome.FAILED: "f", Outcome.ERROR: "e"}, (Outcome.FAILED, "f")),
        (Outcome.FAILED, {Outcome.FAILED: "f"}, (Outcome.FAILED, "own")),
    ],
)
def test_a_failure_outweighs_what_the_property_says(outcome, vetoes, wanted):
    settled = settle(replace(CASE, outcome=outcome, detail="own"), vetoes)
    assert (settled.outcome, settled.detail) == wanted


def test_facts_of_a_run_follow_from_its_cases():
    def case(outcome, *items):
        return replace(CASE, outcome=outcome, placement=Placement(items))

    run = run_facts(
        "pytest",
        [
            case(Outcome.PASSED, "data-1"),
            case(Outcome.FAILED, "data-2"),
            case(Outcome.ERROR, "data-3"),
            case(Outcome.SKIPPED, "data-4"),
            case(Outcome.PASSED),
            case(Outcome.NOT_RUN, "data-5", "data-1"),
            case(Outcome.NOT_RUN, "data-5"),
            case(Outcome.NOT_RUN),
        ],
        ci=None,
        tests=9,
        partial=["a", "b", "a"],
        errors=["x.py", "x.py"],
    )
    assert (run.marked, run.unreached) == (3, ("data-5", "data-1"))
    assert (run.tests, run.partial, run.errors, run.interrupted) == (9, ("a", "b"), ("x.py",), None)

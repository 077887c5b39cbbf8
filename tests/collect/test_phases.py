"""A test's outcome out of its phases."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.collect.phases import DETAIL_LENGTH, Phase, Phases, brief, ran
from mlscore.core.evidence import Outcome

SETUP, TEARDOWN = Phase("setup", "passed"), Phase("teardown", "passed")
CALLS = st.builds(
    Phase,
    st.just("call"),
    st.sampled_from(["passed", "failed", "skipped"]),
    st.just("why"),
    st.one_of(st.none(), st.just("reason: bug")),
)


def outcome(*phases):
    told = Phases()
    for phase in phases:
        told.add(phase)
    return told.outcome()


@given(st.lists(CALLS, min_size=1, max_size=5))
def test_a_failed_call_is_never_forgotten(calls):
    found = outcome(SETUP, *calls, TEARDOWN)[0]
    assert (found is Outcome.FAILED) is any(c.outcome == "failed" for c in calls)


@given(st.lists(CALLS, min_size=1, max_size=5), st.sampled_from(["setup", "teardown"]))
def test_only_a_clean_run_passes(calls, broken):
    phases = [SETUP, *calls, TEARDOWN]
    assert (outcome(*phases)[0] is Outcome.PASSED) is (
        all(c.outcome != "failed" for c in calls) and calls[-1].outcome == "passed" and calls[-1].wasxfail is None
    )
    phases[0 if broken == "setup" else -1] = Phase(broken, "failed", "no")
    assert outcome(*phases)[0] in (Outcome.FAILED, Outcome.ERROR)


def test_phases_that_have_not_come_yet():
    assert outcome() == (Outcome.NOT_RUN, "its call phase did not run")
    assert outcome(SETUP) == (Outcome.NOT_RUN, "its call phase did not run")
    assert outcome(SETUP, Phase("call", "passed")) == (Outcome.PASSED, "")


def test_a_skip_in_teardown_takes_nothing_back():
    assert outcome(SETUP, Phase("call", "passed"), Phase("teardown", "skipped", "Skipped: late")) == (
        Outcome.PASSED,
        "",
    )


@pytest.mark.parametrize(
    ("phase", "detail"),
    [
        (Phase("call", "skipped", "Skipped: no GPU"), "no GPU"),
        (Phase("setup", "skipped", "Skipped: no GPU\nat all"), "no GPU"),
        (Phase("call", "skipped", "", "reason: bug 3"), "xfailed: bug 3"),
        (Phase("call", "skipped", "", ""), "xfailed"),
        (Phase("setup", "skipped", "", "[NOTRUN] hangs"), "not executed, as its xfail mark asks: hangs"),
        (Phase("setup", "skipped", "", "[NOTRUN] "), "not executed, as its xfail mark asks"),
    ],
)
def test_why_a_test_was_skipped(phase, detail):
    assert outcome(*([] if phase.when == "setup" else [SETUP]), phase, TEARDOWN) == (Outcome.SKIPPED, detail)


@pytest.mark.parametrize(
    ("when", "result", "wasxfail", "wanted"),
    [
        ("call", "passed", None, True),
        ("call", "failed", None, True),
        ("call", "skipped", None, False),
        ("call", "skipped", "bug", True),
        ("call", "passed", "bug", True),
        ("setup", "passed", None, False),
        ("setup", "failed", None, True),
        ("setup", "skipped", None, False),
        ("setup", "skipped", "[NOTRUN] bug", False),
        ("setup", "skipped", "reason: [NOTRUN] bug", False),
        ("call", "skipped", "reason: bug", True),
        ("teardown", "passed", None, False),
        ("teardown", "failed", None, False),
    ],
)
def test_which_report_counts_as_a_test_that_ran(when, result, wasxfail, wanted):
    assert ran(when, result, wasxfail) is wanted


@given(st.text())
def test_a_message_in_brief_is_one_short_line(text):
    short = brief(text)
    assert len(short) <= DETAIL_LENGTH
    assert len(short.splitlines()) <= 1
    assert short == short.strip()
    assert bool(short) is bool(text.strip())

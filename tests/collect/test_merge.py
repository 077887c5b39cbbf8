"""The same test told several times: one case, and never better than the worst that ran."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.collect.cases import Case, SuiteFacts
from mlscore.collect.merge import merge, partial_reasons, settled
from mlscore.core.evidence import Outcome, Value
from mlscore.core.placement import Placement

CASE = Case("a.py::t", "a.py", 1, "t", Outcome.PASSED, Placement(("data-1",)))
TOLD = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED, Outcome.NOT_RUN)


def merged(*outcomes):
    (case,) = merge((f"{n}.xml", replace(CASE, outcome=o, detail=o.value)) for n, o in enumerate(outcomes))
    return case


@given(st.lists(st.sampled_from(TOLD), min_size=1, max_size=6))
def test_order_never_matters_and_failures_always_do(outcomes):
    found = merged(*outcomes).outcome
    assert found is merged(*reversed(outcomes)).outcome
    assert (found in (Outcome.FAILED, Outcome.ERROR)) is bool({Outcome.FAILED, Outcome.ERROR} & set(outcomes))
    assert (found is Outcome.PASSED) is (Outcome.PASSED in outcomes and found not in (Outcome.FAILED, Outcome.ERROR))


@pytest.mark.parametrize(
    ("outcomes", "wanted"),
    [
        ([Outcome.SKIPPED, Outcome.PASSED], (Outcome.PASSED, "passed")),
        ([Outcome.PASSED, Outcome.FAILED], (Outcome.FAILED, "failed (in 1.xml)")),
        ([Outcome.FAILED, Outcome.FAILED], (Outcome.FAILED, "failed")),
        ([Outcome.ERROR, Outcome.SKIPPED], (Outcome.ERROR, "error (in 0.xml)")),
        ([Outcome.NOT_RUN, Outcome.SKIPPED], (Outcome.SKIPPED, "skipped")),
    ],
)
def test_what_the_one_case_says(outcomes, wanted):
    found = merged(*outcomes)
    assert (found.outcome, found.detail) == wanted


def test_of_equals_the_one_in_ci_and_with_figures_is_kept():
    plain, in_ci = CASE, replace(CASE, ci="GitLab CI")
    figures = replace(in_ci, values=(Value("auc", 1),))
    assert merge([("", plain), ("", in_ci), ("", figures)]) == (figures,)


def test_the_first_comers_order_is_kept():
    cases = [replace(CASE, nodeid=f"a.py::t{n}") for n in (2, 1, 3)]
    assert merge(("", c) for c in [*cases, cases[0]]) == tuple(cases)


class TestKnownFromItsFileAlone:
    """A test that one job never collected is known without its parameters."""

    whole = replace(CASE, outcome=Outcome.NOT_RUN)
    one = replace(CASE, nodeid="a.py::t[1]")

    def test_it_gives_way_to_its_cases_that_ran(self):
        assert merge([("", self.whole), ("", self.one)]) == (self.one,)
        assert merge([("", replace(self.whole, outcome=Outcome.SKIPPED)), ("", self.one)]) == (self.one,)

    @pytest.mark.parametrize("outcome", [Outcome.SKIPPED, Outcome.NOT_RUN])
    def test_and_to_those_that_did_not_as_they_tell_more(self, outcome):
        told = replace(self.one, outcome=outcome)
        assert merge([("", self.whole), ("", told)]) == (told,)

    def test_and_not_to_another_test(self):
        other = replace(self.one, path="b.py", nodeid="b.py::t[1]")
        assert merge([("", self.whole), ("", other)]) == (self.whole, other)

    def test_a_test_of_which_a_part_of_the_parameters_was_left_out_stays(self):
        part = replace(self.whole, nodeid="a.py::t[...]")
        assert merge([("", part), ("", self.one)]) == (part, self.one)
        assert merge([("", part), ("", self.whole)]) == (part, self.whole)

    def test_a_bracket_in_a_path_is_no_parameter(self):
        whole = replace(self.whole, path="a[1].py", nodeid="a[1].py::t")
        assert merge([("", whole), ("", replace(whole, nodeid="a[1].py::t[1]"))])[0].nodeid == "a[1].py::t[1]"


class TestSettled:
    """A guess about a place gives way to the job that was there."""

    guess = replace(CASE, path="tests/b.py", nodeid="tests/b.py::t", outcome=Outcome.NOT_RUN, guess=True)

    def left(self, *places, guesses=()):
        return settled([SuiteFacts(silent=(self.guess,)), SuiteFacts(whole=places, silent=guesses)])[0]

    @pytest.mark.parametrize("places", [("tests/b.py",), ("tests",), ("",), ("other", "tests")])
    def test_it_gives_way(self, places):
        assert self.left(*places) == ()

    @pytest.mark.parametrize("places", [(), ("tests/a.py",), ("test",), ("tests/b.py/c",)])
    def test_not_to_a_job_that_was_elsewhere(self, places):
        assert self.left(*places) == (self.guess,)

    def test_nor_to_one_that_guesses_the_same(self):
        assert self.left("tests", guesses=(self.guess,)) == (self.guess,)

    def test_nor_to_its_own_job(self):
        assert settled([SuiteFacts(silent=(self.guess,), whole=("",))]) == [(self.guess,)]

    def test_what_is_known_stays(self):
        known = replace(self.guess, guess=False)
        assert settled([SuiteFacts(silent=(known,)), SuiteFacts(whole=("",))]) == [(known,), ()]


def test_why_a_run_is_partial():
    cases = [
        replace(CASE, outcome=Outcome.NOT_RUN, detail="a"),
        replace(CASE, outcome=Outcome.NOT_RUN, detail="b"),
        replace(CASE, outcome=Outcome.NOT_RUN, detail="a"),
        replace(CASE, outcome=Outcome.SKIPPED, detail="c"),
        replace(CASE, outcome=Outcome.NOT_RUN, detail="d", placement=Placement()),
    ]
    assert partial_reasons(cases) == ("a", "b")

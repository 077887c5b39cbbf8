"""The same test told several times: one case, and never better than the worst that ran."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlscore.collect.cases import Case
from mlscore.collect.merge import merge, partial_reasons
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

    def test_but_not_to_cases_that_did_not_run_either(self):
        not_run = replace(self.one, outcome=Outcome.NOT_RUN)
        assert merge([("", self.whole), ("", not_run)]) == (self.whole, not_run)

    def test_and_not_to_another_test(self):
        other = replace(self.one, path="b.py", nodeid="b.py::t[1]")
        assert merge([("", self.whole), ("", other)]) == (self.whole, other)

    def test_a_test_of_which_a_part_of_the_parameters_was_left_out_stays(self):
        part = replace(self.whole, nodeid="a.py::t[...]")
        assert merge([("", part), ("", self.one)]) == (part, self.one)


def test_why_a_run_is_partial():
    cases = [
        replace(CASE, outcome=Outcome.NOT_RUN, detail="a"),
        replace(CASE, outcome=Outcome.NOT_RUN, detail="b"),
        replace(CASE, outcome=Outcome.NOT_RUN, detail="a"),
        replace(CASE, outcome=Outcome.SKIPPED, detail="c"),
        replace(CASE, outcome=Outcome.NOT_RUN, detail="d", placement=Placement()),
    ]
    assert partial_reasons(cases) == ("a", "b")

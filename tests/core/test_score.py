"""Item results to a score under rules of one's own: which stage of a ladder binds, and means that are exact."""

from dataclasses import replace
from fractions import Fraction

import pytest


@pytest.mark.parametrize(
    ("lacking", "total", "binding"),
    [
        (("data-1", "infra-1"), 0, ("data",)),
        (("model-1", "infra-1", "monitor-1"), 1, ("model",)),
        (("infra-1",), 2, ("infra",)),
        (("monitor-1",), 3, ("monitor",)),
        ((), 4, ()),
    ],
)
def test_of_a_ladder_the_first_stage_that_is_not_complete_binds_alone(line, rubric, full, lacking, total, binding):
    ladder = replace(rubric, scoring=replace(rubric.scoring, total="ladder"))
    found = line(full(*lacking), rubric_=ladder).score
    assert (found.verified, found.binding) == (total, binding)


def test_weights_of_a_third_leave_no_rest(line, rubric, test_evidence):
    weights = {"data-1": Fraction(1, 3), "data-2": Fraction(1, 7)}
    items = tuple(replace(item, weight=weights.get(item.id, item.weight)) for item in rubric.items)
    rule = replace(rubric.scoring, section="weighted-mean", total="mean")
    found = line([test_evidence("data-1")], rubric_=replace(rubric, items=items, scoring=rule)).score
    # The section's weights: 1/3 + 1/7 + 5 * 1.
    assert found.sections[0].verified == Fraction(1, 3) / Fraction(115, 21) == Fraction(7, 115)
    assert found.verified == Fraction(7, 460)

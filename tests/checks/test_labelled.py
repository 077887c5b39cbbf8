"""Labels that the model does not know are counted and named, whatever their type."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mlscore.checks.labelled import told, unknown_classes


@pytest.mark.parametrize(
    ("labels", "classes", "found"),
    [
        (pa.array([0, 1, 2, 2, None]), (0, 1), {"2": 2}),
        (pa.array([0, 1, 2]), ("0", "1"), {"2": 1}),
        (pa.array([0.0, 1.0, float("nan")]), (0, 1), {}),
        (pa.array(["yes", "no", "maybe"]).dictionary_encode(), ("no", "yes"), {"maybe": 1}),
        (pa.array([True, False]), (0, 1), {}),
        (pa.array(["0", "1", "x"]), (0, 1), {"x": 1}),
        (pa.array([0, 1]), ("no", "yes"), {"0": 1, "1": 1}),
        (pa.array([5, 6]), None, {}),
        (pa.nulls(2, pa.int64()), (0, 1), {}),
    ],
)
def test_labels_that_are_no_class(labels, classes, found):
    assert unknown_classes(labels, classes) == found


def test_the_sentence_names_the_commonest():
    assert told(unknown_classes(pa.array([0, 1]), (0, 1)), 2) == []
    strange = unknown_classes(pa.array([0, *range(2, 9), 3]), (0, 1))
    assert told(strange, 9) == [
        "8 of 9 rows have a label that the model does not know, and can only be wrong: "
        '"3" (2), "2" (1), "4" (1), "5" (1), "6" (1) and 2 more'
    ]

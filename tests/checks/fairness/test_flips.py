"""Answers that change with a protected attribute alone."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from mlscore.checks import flip_attribute
from mlscore.errors import InputError


def fair(rows):
    return [int(age > 40) for age in rows["age"].to_pylist()]


def unfair(rows):
    return [
        int(age > (40 if sex == "m" else 60))
        for age, sex in zip(*(rows[n].to_pylist() for n in ("age", "sex")), strict=True)
    ]


def test_a_model_that_does_not_look(answers):
    found = flip_attribute(fair, answers(), "sex")
    assert found.changed.value == 0.0
    assert found.worst is None
    assert found.values in (("f", "m"), ("m", "f"))


def test_a_model_that_looks(answers):
    table = answers()
    found = flip_attribute(unfair, table, "sex")
    between = pc.and_(pc.greater(table["age"], 40), pc.less_equal(table["age"], 60))
    assert found.changed.value == pytest.approx(pc.mean(between).as_py())
    assert found.changed.low < found.changed.value < found.changed.high
    assert found.worst in ("from f to m", "from m to f")


def test_more_than_two_values_and_missing_ones(answers):
    table = answers(rows=1000)
    table = table.set_column(1, "region", pa.array([None, *table["region"].to_pylist()[1:]]))
    found = flip_attribute(lambda rows: [r == "islands" for r in rows["region"].to_pylist()], table, "region")
    assert found.changed.value == 1.0
    assert len(found.values) == 3


def test_what_cannot_be_flipped(answers):
    table = answers(rows=50)
    with pytest.raises(InputError, match="no column 'gender'"):
        flip_attribute(fair, table, "gender")
    with pytest.raises(InputError, match="fewer than two values"):
        flip_attribute(fair, table.filter(pc.equal(table["sex"], "f")), "sex")

"""Answers given to groups of people, fair and unfair by choice."""

import numpy as np
import pyarrow as pa
import pytest


@pytest.fixture
def answers():
    """`answers(seed, rows, boost={group: ...})`: a model right in 85 %; `boost` adds positive answers of a group."""

    def make(seed=0, rows=8000, boost=None, base=0.4):
        random = np.random.default_rng(seed)
        sex = np.array(["f", "m"])[random.integers(0, 2, rows)]
        region = np.array(["north", "south", "islands"])[random.choice(3, rows, p=[0.5, 0.45, 0.05])]
        age = random.integers(18, 90, rows)
        label = random.random(rows) < base
        said = np.where(random.random(rows) < 0.85, label, ~label)
        for (s, r), more in (boost or {}).items():
            of = ((sex == s) | (s is None)) & ((region == r) | (r is None))
            said = np.where(of & (random.random(rows) < more), True, said)
        return pa.table(
            {
                "sex": pa.array(sex),
                "region": pa.array(region),
                "age": pa.array(age),
                "label": pa.array(label.astype(int)),
                "said": pa.array(said.astype(int)),
            }
        )

    return make

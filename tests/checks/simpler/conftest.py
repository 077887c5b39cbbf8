"""A problem that a linear model solves in part, and answers of good and bad models to it."""

import numpy as np
import pyarrow as pa
import pytest


@pytest.fixture
def problem():
    """`problem(seed, rows)`: features, the label "late", and the chance behind it, which a perfect model would answer."""

    def make(seed=0, rows=4000, interaction=2.0):
        random = np.random.default_rng(seed)
        hour, wind = random.integers(0, 24, rows), random.gamma(2, 5, rows)
        carrier = np.array(["aa", "bb", "cc"])[random.integers(0, 3, rows)]
        noise = random.normal(size=rows)
        risk = (
            0.08 * (hour - 12)
            + 0.04 * (wind - 10)
            + interaction * np.sign(noise) * np.where(carrier == "aa", 1, -1)
            - 1
        )
        chance = 1 / (1 + np.exp(-risk))
        label = random.random(rows) < chance
        return pa.table(
            {
                "hour": pa.array(hour),
                "wind": pa.array(wind, mask=random.random(rows) < 0.05),
                "carrier": pa.array(carrier),
                "noise": pa.array(noise),
                "late": pa.array(label.astype(int)),
                "said": pa.array((chance > 0.5).astype(int)),
                "chance": pa.array(chance),
            }
        )

    return make


@pytest.fixture
def put():
    """`put(table, name, values)`: the table with one column replaced or added."""

    def make(table, name, values):
        array = values if isinstance(values, (pa.Array, pa.ChunkedArray)) else pa.array(values)
        if name in table.column_names:
            return table.set_column(table.column_names.index(name), name, array)
        return table.append_column(name, array)

    return make

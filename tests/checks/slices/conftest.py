"""Predictions with and without weak slices."""

import numpy as np
import pyarrow as pa
import pytest

ROWS = 12_000


@pytest.fixture
def predicted():
    """`predicted(seed, rows, weak=..., rate=...)`: rows with labels and predictions wrong in 5 %, more where `weak` is."""

    def make(seed=0, rows=ROWS, weak=None, rate=0.4, base=0.05):
        random = np.random.default_rng(seed)
        columns = {
            "age": random.integers(18, 90, rows),
            "income": random.lognormal(3, 1, rows),
            "score": random.normal(size=rows),
            "city": np.array(["madrid", "bilbao", "vigo", "sevilla", "cadiz"])[random.integers(0, 5, rows)],
            "plan": np.array(["free", "basic", "full"])[random.choice(3, rows, p=[0.6, 0.3, 0.1])],
            "member": random.random(rows) < 0.5,
        }
        label = random.integers(0, 2, rows)
        chance = np.full(rows, base)
        if weak is not None:
            chance = np.where(weak(columns), base + rate, chance)
        wrong = random.random(rows) < chance
        holes = random.random(rows) < 0.1
        arrow = {name: pa.array(values) for name, values in columns.items()}
        arrow["income"] = pa.array(columns["income"], mask=holes)
        arrow |= {"label": pa.array(label), "prediction": pa.array(np.where(wrong, 1 - label, label))}
        return pa.table(arrow)

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

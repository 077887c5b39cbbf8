"""A table of features as the training code computes them, which tests serve with something wrong."""

import numpy as np
import pyarrow as pa
import pytest


@pytest.fixture(scope="session")
def clean():
    """800 examples of every kind of feature; `id` tells them apart, `at` orders them within each `city`."""
    random = np.random.default_rng(7)
    rows = 800
    start = np.datetime64("2024-01-01T00:00", "us")
    return pa.table(
        {
            "id": np.arange(rows),
            "price": random.gamma(2, 30, rows).round(3),
            "age": random.integers(18, 90, rows),
            "ratio": random.normal(size=rows),
            "city": random.choice(["Málaga", "León", "Lima", "Ávila", "New York"], rows),
            "at": start + np.arange(rows) * np.timedelta64(37, "m"),
            "member": random.random(rows) < 0.3,
        }
    )


@pytest.fixture
def put(clean):
    """`put("price", values)` is the clean table with other values in a column."""

    def change(name, values):
        return clean.set_column(clean.schema.names.index(name), name, pa.array(values))

    return change

"""Schemas and tables that several tests share."""

from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from mlscore.checks.schema.check import check_schema


def _held(schema, table, **more):
    """The violations of each rule by its id."""
    return {rule.id: rule.violations for rule in check_schema(schema, table, **more).rules}


@pytest.fixture
def held():
    """`held(schema, table)`: the violations of each rule by its id."""
    return _held


@pytest.fixture(scope="session")
def trips():
    """A small, clean table of every common kind, the same each time."""
    n = 400
    return pa.table(
        {
            "id": list(range(1, n + 1)),
            "age": [None if i % 40 == 7 else 18 + (i * 7) % 60 for i in range(n)],
            "price": [round(2.5 + (i * 37 % 400) / 10, 2) for i in range(n)],
            "city": [("Bilbao", "Madrid", "Vigo")[i * 5 % 3] for i in range(n)],
            "code": [f"AB{(i * 791) % 900 + 100}" for i in range(n)],
            "paid": [i % 3 == 0 for i in range(n)],
            "at": pa.array([datetime(2024, 1, 1) + timedelta(hours=7 * i) for i in range(n)], pa.timestamp("us")),
        }
    )

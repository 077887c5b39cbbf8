"""A schema of feature functions' input, and trying one in few words."""

import pandas as pd
import pandera.pandas as pandera
import pytest

from mlscore.checks.feature_code.check import check_feature_code

NOT_HERE = {"fresh-process": "tried by a test of its own"}


def make_schema():
    return pandera.DataFrameSchema(
        {
            "price": pandera.Column(float, pandera.Check.in_range(0, 500)),
            "quantity": pandera.Column(int, pandera.Check.in_range(0, 20)),
            "city": pandera.Column(str, pandera.Check.isin(["Lima", "Madrid", "Oslo"])),
            "at": pandera.Column("datetime64[ns]"),
            "rate": pandera.Column(float, pandera.Check.in_range(0, 1), nullable=True),
            "note": pandera.Column(str, nullable=True),
        }
    )


@pytest.fixture(scope="session")
def schema():
    return make_schema()


@pytest.fixture
def tried(schema):
    """`tried(function)` is the report of one function, without another process."""

    def run(function, **more):
        arguments = {"schema": schema, "examples": 15, "off": NOT_HERE} | more
        if arguments["off"] is not NOT_HERE:
            arguments["off"] = NOT_HERE | arguments["off"]
        return check_feature_code(function, **arguments).functions[0]

    return run


@pytest.fixture(scope="session")
def rows():
    """Real rows of that schema, whose texts are somebody's."""
    count = 60
    return pd.DataFrame(
        {
            "price": [round(3.7 * n % 499, 2) for n in range(count)],
            "quantity": [n % 20 for n in range(count)],
            "city": [("Lima", "Madrid", "Oslo")[n % 3] for n in range(count)],
            "at": pd.date_range("2024-01-01", periods=count, freq="7h").astype("datetime64[ns]"),
            "rate": [None if n % 7 == 0 else n / 100 for n in range(count)],
            "note": [None if n % 5 == 0 else f"Ana Pérez {n}" for n in range(count)],
        }
    )

"""The engines that must agree, the data they are given, and a reference in plain Python that says what is right.

A new engine is one function here: from an Arrow table to a Table over the same rows in the same columns.
"""

import math
import os
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.tables.conditions import (
    Compare,
    CompareColumns,
    Every,
    Holds,
    Infinite,
    Length,
    Matches,
    Missing,
    Not,
    NotANumber,
    OneOf,
    Some,
)
from mlscore.tables.table import open_table


def duckdb_file(data, folder):
    """DuckDB over a Parquet file."""
    path = folder / f"{len(list(folder.iterdir()))}.parquet"
    pa.parquet.write_table(data, path, row_group_size=max(1, data.num_rows // 3))
    return open_table(path)


def duckdb_frame(data, folder):
    """DuckDB over a frame in memory."""
    return open_table(data)


ENGINES = {"duckdb-file": duckdb_file, "duckdb-frame": duckdb_frame}


# Engines that run outside: each is a fixture `in_NAME` of tests/tables/conftest.py that is called in the same way.
SERVERS = ["postgres", pytest.param("spark", marks=pytest.mark.slow)]
# One process holds either a Spark of its own or a connection to another's: where a server is named, it is the one asked.
if os.environ.get("SPARK_CONNECT_URL"):
    SERVERS = ["connect"]
    ENGINES = {}


@pytest.fixture(params=[*ENGINES, *SERVERS])
def load(request, tmp_path):
    """`load(arrow table)`: a Table of the engine under test."""
    tables = []
    into = ENGINES.get(request.param) or request.getfixturevalue(f"in_{request.param}")

    def make(data):
        tables.append(into(data, tmp_path))
        return tables[-1]

    yield make
    for table in tables:
        table.close()


NAMES = {
    "whole": "whole",
    "real": 'real "quoted" number',
    "money": "money.with.dots",
    "flag": "select",
    "text": "free text 🙂",
    "day": "day's",
    "at": "at; DROP TABLE x --",
    "zoned": "zoned",
    "raw": "raw",
    "many": "many",
    "absent": "absent",
}
TEXTS = [
    "",
    "a",
    "A",
    "x y z",
    "it's",
    'say "so"',
    "naïve 🙂 text",
    "100%",
    "a_b",
    "back\\slash",
    "O'Brien; --",
    "a a a",
]


def build(rows, seed=7):
    """Rows that are awkward in every way a column can be, in the columns that NAMES tells."""
    dice = random.Random(seed)
    start = datetime(2013, 1, 29, 22, 30)

    def holes(values, share=0.1):
        return [None if dice.random() < share else value for value in values]

    real = [dice.gauss(0, 100) for _ in range(rows)]
    for number, special in enumerate((math.nan, math.inf, -math.inf, -0.0, 0.0, 1e300, -1e-300)):
        if number < rows // 2:
            real[number] = special
    times = [start + timedelta(minutes=37 * n, microseconds=n) for n in range(rows)]
    columns = {
        "whole": (holes([dice.randint(-20, 20) for _ in range(rows)]), pa.int64()),
        "real": (holes(real), pa.float64()),
        "money": (holes([Decimal(dice.randint(-9999, 9999)).scaleb(-2) for _ in range(rows)]), pa.decimal128(10, 2)),
        "flag": (holes([dice.random() < 0.3 for _ in range(rows)]), pa.bool_()),
        "text": (holes([dice.choice(TEXTS) for _ in range(rows)]), pa.string()),
        "day": (holes([date(2012, 12, 30) + timedelta(days=dice.randint(0, 40)) for _ in range(rows)]), pa.date32()),
        "at": (holes(times), pa.timestamp("us")),
        "zoned": (holes([time.replace(tzinfo=UTC) for time in times]), pa.timestamp("us", tz="UTC")),
        "raw": (holes([bytes(range(n % 9)) for n in range(rows)]), pa.binary()),
        "many": (holes([[n, n + 1] for n in range(rows)]), pa.list_(pa.int64())),
        "absent": ([None] * rows, pa.float64()),
    }
    return pa.table({NAMES[key]: pa.array(values, of) for key, (values, of) in columns.items()})


@pytest.fixture(scope="session")
def awkward():
    """`awkward(rows, seed=7)`: the awkward table."""
    return build


@pytest.fixture(scope="session")
def names():
    """The awkward table's names by what they hold."""
    return NAMES


class Reference:
    """The answers in plain Python, over the rows as Python has them."""

    def __init__(self, data):
        self.data = data
        self.rows = data.to_pylist()

    def values(self, column):
        return [row[column] for row in self.rows]

    def finite(self, column):
        """The values on the line of numbers."""
        return [x for x in map(position, self.values(column)) if x is not None and math.isfinite(x)]

    def binned(self, column, edges, rows=None, of=lambda value: value):
        """Counts per bin, null and NaN."""
        bins, null, nan = [0] * (len(edges) + 1), 0, 0
        for row in self.rows if rows is None else rows:
            value = row[column]
            if value is None:
                null += 1
                continue
            place = position(of(value))
            if math.isnan(place):
                nan += 1
            else:
                bins[sum(place > edge for edge in edges)] += 1
        return tuple(bins), null, nan

    def frequencies(self, column):
        """How often each value stands there, as the name it has among categories."""
        return Counter(named(value) for value in self.values(column) if value is not None)

    def quantile(self, column, share):
        """The smallest value that at least this share of the finite values does not exceed."""
        ordered = sorted(self.finite(column))
        return ordered[max(0, math.ceil(round(share * len(ordered), 9)) - 1)]

    def moments(self, column):
        """Mean and standard deviation of a sample, summed without rounding."""
        values = self.finite(column)
        mean = math.fsum(values) / len(values)
        if max(abs(x - mean) for x in values) > 1e145:
            return mean, None  # squares are beyond a double
        return mean, math.sqrt(math.fsum((x - mean) ** 2 for x in values) / (len(values) - 1))

    def true_of(self, condition, row):
        """Whether a condition is true of a row: True, False, or None where a value is missing or NaN."""
        if isinstance(condition, Not):
            inner = self.true_of(condition.condition, row)
            return None if inner is None else not inner
        if isinstance(condition, (Every, Some)):
            parts = [self.true_of(part, row) for part in condition.conditions]
            decided = isinstance(condition, Some)
            return decided if decided in parts else None if None in parts else not decided
        if isinstance(condition, Missing):
            return row[condition.column] is None
        if isinstance(condition, CompareColumns):
            left, right = row[condition.left], row[condition.right]
            return None if absent(left) or absent(right) else compare(left, condition.operator, right)
        value = row[condition.column]
        if isinstance(condition, (NotANumber, Infinite)):
            if value is None:
                return None
            number = isinstance(value, float)
            return number and (math.isnan(value) if isinstance(condition, NotANumber) else math.isinf(value))
        if absent(value):
            return None
        return holds(condition, value)


def absent(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


def compare(left, operator, right):
    if isinstance(left, float) and isinstance(right, Decimal):
        right = float(right)
    if isinstance(left, Decimal) and isinstance(right, float):
        left = float(left)
    if isinstance(left, datetime) and isinstance(right, datetime):
        left, right = left.replace(tzinfo=None), right.replace(tzinfo=None)
    return {
        "=": left == right,
        "<>": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[str(operator)]


def holds(condition, value):
    import re

    if isinstance(condition, Compare):
        return compare(value, condition.operator, condition.value)
    if isinstance(condition, OneOf):
        return any(compare(value, "=", one) for one in condition.values)
    if isinstance(condition, Matches):
        how = re.fullmatch if condition.full else re.match if condition.start else re.search
        return how(condition.pattern, value) is not None
    if isinstance(condition, Holds):
        tests = {"start": value.startswith, "end": value.endswith, "anywhere": value.__contains__}
        return tests[str(condition.place)](condition.text)
    assert isinstance(condition, Length)
    low, high = condition.at_least, condition.at_most
    return (low is None or len(value) >= low) and (high is None or len(value) <= high)


def position(value):
    """A value on the line of numbers; times in seconds."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return (value.replace(tzinfo=None) - datetime(1970, 1, 1)) / timedelta(seconds=1)
    if isinstance(value, date):
        return float((value - date(1970, 1, 1)).days * 86_400)
    return float(value)


def named(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


@pytest.fixture(scope="session")
def reference():
    """`reference(arrow table)`: the answers in plain Python."""
    return Reference

"""Columns that changed places between two tables: each is distributed as the other was, and not as itself."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

from mlscore.checks.intervals import upper_tail
from mlscore.tables.shapes import Kind

_ROWS = 5_000
_LEAST = 30  # rows of each table, below which nothing is said
_MOST = 200  # columns compared, in the order of the table
_UNLIKE = 1e-6  # the chance at which a column is not what it was
_LIKE = 0.01  # the chance above which it may be the other
_NUMBERS = (Kind.INTEGER, Kind.NUMBER)
Values = list[float] | list[str]


def swapped_columns(before: Path, after: Path) -> list[tuple[str, str]]:
    """Pairs of columns of both tables of which each now holds what the other held.

    Distributions of samples are compared by the test of Kolmogorov and Smirnov with its asymptotic p-value (Smirnov,
    Annals of Mathematical Statistics 19, 1948), texts by their frequencies with the chi-squared test. A pair is told when
    both are unlike themselves (p below 1e-6, divided by the number of columns) and both like the other (p above 0.01).
    Raises InputError where a table cannot be read.
    """
    from mlscore.tables.table import open_table

    with open_table(before) as one, open_table(after) as other:
        theirs = {column.name: column.kind in _NUMBERS for column in one.columns}
        now = {column.name: column.kind in _NUMBERS for column in other.columns}
        shared = [name for name in now if name in theirs][:_MOST]
        if len(shared) < 2:
            return []
        a, b = one.sample(_ROWS, 0, shared), other.sample(_ROWS, 0, shared)
    if min(a.num_rows, b.num_rows) < _LEAST:
        return []
    old = {name: _values(a.column(name), theirs[name]) for name in shared}
    new = {name: _values(b.column(name), now[name]) for name in shared}
    unlike = [name for name in shared if chance(old[name], new[name]) < _UNLIKE / len(shared)]
    return [
        (x, y) for x, y in combinations(unlike, 2) if chance(old[x], new[y]) > _LIKE and chance(old[y], new[x]) > _LIKE
    ]


def _values(column: Any, numbers: bool) -> Values:
    there = (value for value in column.to_pylist() if value is not None)
    if numbers:
        return [number for number in map(float, there) if not math.isnan(number)]
    return [str(value) for value in there]


def chance(one: Values, other: Values) -> float:
    """The chance that two samples of one distribution differ as much as these; 0 for numbers and texts."""
    if not one or not other:
        return float(not one and not other)
    if isinstance(one[0], str) != isinstance(other[0], str):
        return 0.0
    return _frequencies(one, other) if isinstance(one[0], str) else _smirnov(one, other)


def _smirnov(one: Values, other: Values) -> float:
    import numpy as np

    a, b = np.sort(np.asarray(one, dtype=float)), np.sort(np.asarray(other, dtype=float))
    both = np.concatenate([a, b])
    apart = np.abs(
        np.searchsorted(a, both, side="right") / len(a) - np.searchsorted(b, both, side="right") / len(b)
    ).max()
    size = math.sqrt(len(a) * len(b) / (len(a) + len(b)))
    at = float(apart) * (size + 0.12 + 0.11 / size)
    if at < 0.2:
        return 1.0
    tail = sum((1 if k % 2 else -1) * math.exp(-2 * (k * at) ** 2) for k in range(1, 101))
    return min(1.0, max(0.0, 2 * tail))


def _frequencies(one: Values, other: Values) -> float:
    a, b = Counter(one), Counter(other)
    total = a + b
    # Values too rare for the test are counted together.
    often = [
        value for value, count in total.items() if count * min(len(one), len(other)) / (len(one) + len(other)) >= 5
    ]
    cells = [(a[value], b[value]) for value in often]
    rest = (len(one) - sum(x for x, _ in cells), len(other) - sum(y for _, y in cells))
    if sum(rest):
        cells.append(rest)
    if len(cells) < 2:
        return 1.0
    statistic = 0.0
    for x, y in cells:
        for count, size in ((x, len(one)), (y, len(other))):
            expected = (x + y) * size / (len(one) + len(other))
            statistic += (count - expected) ** 2 / expected
    return _chi_squared(statistic, len(cells) - 1)


def _chi_squared(statistic: float, freedom: int) -> float:
    """The upper tail by the cube root's normal form (Wilson and Hilferty, PNAS 17, 1931)."""
    spread = 2 / (9 * freedom)
    at = ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)
    return upper_tail(at)

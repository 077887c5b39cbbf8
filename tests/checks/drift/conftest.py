"""A table in memory that counts with this program's own bins, so that the mathematics is tested without an engine."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks.drift import arrays, clock
from mlscore.checks.drift.bins import Moments, answers
from mlscore.checks.drift.summarise import _counts, summarise
from mlscore.checks.drift.summary import Facet
from mlscore.tables.shapes import UNDATED, Column, Counts, Edges, Kind, RowBlocks

KINDS = (
    (pa.types.is_boolean, Kind.BOOLEAN),
    (pa.types.is_integer, Kind.INTEGER),
    (pa.types.is_floating, Kind.NUMBER),
    (pa.types.is_decimal, Kind.NUMBER),
    (pa.types.is_string, Kind.TEXT),
    (pa.types.is_date, Kind.DATE),
    (pa.types.is_timestamp, Kind.DATETIME),
    (pa.types.is_binary, Kind.BINARY),
    (pa.types.is_nested, Kind.NESTED),
)


class Memory:
    """What drift detection needs of a Table."""

    def __init__(self, data):
        self.data = data
        self.columns = tuple(
            Column(field.name, next((kind for test, kind in KINDS if test(field.type)), Kind.OTHER), str(field.type))
            for field in data.schema
        )

    def count(self):
        return self.data.num_rows

    def sample(self, n, seed):
        if n >= self.data.num_rows:
            return self.data
        rows = np.random.default_rng(seed).choice(self.data.num_rows, n, replace=False)
        return self.data.take(np.sort(rows))

    def violations(self, conditions):
        counted = Counter(str(row) for row in self.data.to_pylist())
        return dict.fromkeys(conditions, sum(count for count in counted.values() if count > 1))

    def counts(self, bins, blocks=None):
        if isinstance(blocks, RowBlocks):
            places = np.arange(self.data.num_rows) // blocks.rows
            names = [str(number) for number in range(int(places.max(initial=-1)) + 1)]
        else:
            seconds = arrays.moments(self.data.column(blocks.column))
            known = np.isfinite(seconds)
            numbers = clock.number(np.where(known, seconds, 0.0), blocks.unit)
            found = np.unique(numbers[known])
            names = [clock.name(int(number), blocks.unit) for number in found]
            places = np.where(known, np.searchsorted(found, numbers), len(names))
            names += [UNDATED] if not known.all() else []
        kinds = {column.name: column.kind for column in self.columns}
        result = {}
        for name, of in bins.items():
            ordered = isinstance(of, Edges)
            facet = Facet(
                of.aspect.value, ordered, of.values if ordered else (), () if ordered else of.values, (), Counts(())
            )
            codes, _ = answers(facet, kinds[of.column], self.data.column(of.column), Moments(None))
            table = np.zeros((len(names), of.size + 3), dtype=np.int64)
            np.add.at(table, (places, codes), 1)
            result[name] = {block: _counts(row, of.size) for block, row in zip(names, table, strict=True)}
        return result


@pytest.fixture(scope="session")
def memory():
    return Memory


@pytest.fixture(scope="session")
def summary_of():
    """A summary of an Arrow table or a mapping of columns."""

    def make(data, **given):
        return summarise(Memory(data if isinstance(data, pa.Table) else pa.table(data)), **given)

    return make

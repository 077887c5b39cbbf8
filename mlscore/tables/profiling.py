"""Making a table's profile: a sample of some columns, what it proposes, one pass over them; then the next columns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import Any, TypeVar

from mlscore.tables.engines.base import Engine, Sample
from mlscore.tables.queries import profile as queries
from mlscore.tables.queries.scope import MOST_AGGREGATES
from mlscore.tables.queries.values import count
from mlscore.tables.shapes import Column, ColumnProfile, Kind, Profile

SAMPLE = 100_000
# Columns that are sampled and counted together: all of an ordinary table's.
_TOGETHER = 200
_OPAQUE = (Kind.BINARY, Kind.NESTED)
T = TypeVar("T")


def batches(things: Sequence[T], weight: Callable[[T], int]) -> Iterator[list[T]]:
    """The things in groups that one query can take."""
    group: list[T] = []
    heavy = 0
    for thing in things:
        if group and heavy + weight(thing) > MOST_AGGREGATES:
            yield group
            group, heavy = [], 0
        group.append(thing)
        heavy += weight(thing)
    if group:
        yield group


def profile(engine: Engine, columns: Sequence[Column], bins: int, top: int, seed: int) -> Profile:
    """What `Table.profile` says."""
    found: list[ColumnProfile] = []
    rows, exact = None, True
    for start in range(0, len(columns), _TOGETHER):
        together = columns[start : start + _TOGETHER]
        sample = engine.sampled(SAMPLE, seed, [c.name for c in together if c.kind not in _OPAQUE])
        exact = sample.whole
        distinct = _distinct(engine, sample, together) if exact else {}
        for batch in batches(_plans(engine, sample, together, bins, top), queries.aggregates):
            cells = iter(engine.run(queries.profile_query(engine.scope, batch, exact=exact), "profiling")[0])
            rows = int(next(cells))
            found += [queries.read_profile(plan, rows, cells, top, distinct.get(plan.column.name)) for plan in batch]
    if rows is None:
        rows = int(engine.run(f"SELECT COUNT(*) FROM {engine.scope.relation}", "counting rows")[0][0])
    estimated = () if exact else ("quantiles: within 1.2 % of the rows", *engine.estimated)
    return Profile(str(engine.source), engine.name, rows, tuple(found), estimated)


def _distinct(engine: Engine, sample: Sample, columns: Sequence[Column]) -> dict[str, int]:
    found: dict[str, int] = {}
    for batch in batches([c for c in columns if c.kind not in (*_OPAQUE, Kind.BOOLEAN)], lambda _: 100):
        cells = iter(engine.run(queries.distinct_query(sample.scope, batch), "counting distinct values")[0])
        found |= {column.name: count(cells) for column in batch}
    return found


def _plans(engine: Engine, sample: Sample, columns: Sequence[Column], bins: int, top: int) -> list[queries.Plan]:
    scope, least = sample.scope, 1 if sample.whole else max(2, ceil(queries.RARE * sample.rows))
    proposals: dict[str, queries.Proposal] = {}
    for some in batches([c for c in columns if c.kind.ordered], lambda _: 20):
        cells: Iterator[Any] = iter(engine.run(queries.proposal_query(scope, some), "reading a sample")[0])
        proposals |= {column.name: queries.read_proposal(cells) for column in some}
    counted = [c for c in columns if c.kind not in (*_OPAQUE, Kind.BOOLEAN)] if top else []
    names = frequent(engine, sample, counted, top, least)
    return [
        queries.plan(
            column,
            proposals.get(column.name, queries.Proposal()),
            names.get(column.name, ()),
            bins,
            exact=sample.whole,
        )
        for column in columns
    ]


def frequent(
    engine: Engine, sample: Sample, columns: Sequence[Column], most: int, least: int
) -> dict[str, tuple[str, ...]]:
    """The sample's most frequent values of each column as text, those of `least` rows and more."""
    names: dict[str, list[str]] = {}
    for batch in batches(columns, lambda _: 100):
        found = engine.run(queries.frequent_query(sample.scope, batch, most, least), "finding frequent values")
        for number, value, _ in sorted(found, key=lambda row: (row[0], -row[2], row[1])):
            names.setdefault(batch[number].name, []).append(value)
    return {name: tuple(values) for name, values in names.items()}

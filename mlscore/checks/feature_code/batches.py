"""Batches: rows put together from pools of values or from real rows, and made into frames."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mlscore.checks.feature_code.report import MASKED, Counterexample
from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.checks.feature_code.values import simple
from mlscore.tables.extras import need
from mlscore.tables.queries.values import LONGEST
from mlscore.tables.shapes import Scalar

MOST_ROWS = 6
MOST_SHOWN = 12  # columns of a counterexample
CHANGED = 0.3  # the share of a real row's cells that are replaced
NULLS = 0.25


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows as columns of values; `real` names for each column the rows whose value is of real data."""

    columns: Mapping[str, tuple[Any, ...]]
    real: Mapping[str, frozenset[int]]
    rows: int

    @property
    def tainted(self) -> bool:
        """Whether it holds any value of real data."""
        return any(self.real.values())

    def frame(self, rules: Sequence[ColumnRule]) -> Any:
        """The batch as a pandas frame with the rules' dtypes."""
        return frame_of({rule.name: self.columns[rule.name] for rule in rules}, rules)

    def take(self, places: Sequence[int]) -> Batch:
        """These rows alone, in this order."""
        return Batch(
            {name: tuple(values[place] for place in places) for name, values in self.columns.items()},
            {
                name: frozenset(number for number, place in enumerate(places) if place in real)
                for name, real in self.real.items()
            },
            len(places),
        )

    def put(self, name: str, place: int, value: Any) -> Batch:
        """The batch with a generated value in one cell."""
        values = list(self.columns[name])
        values[place] = value
        return Batch({**self.columns, name: tuple(values)}, {**self.real, name: self.real[name] - {place}}, self.rows)


def frame_of(columns: Mapping[str, Sequence[Any]], rules: Sequence[ColumnRule]) -> Any:
    """Columns of values as a pandas frame with the rules' dtypes."""
    pandas = need("pandas")
    made = {rule.name: pandas.Series(list(columns[rule.name]), dtype=rule.dtype) for rule in rules}
    return pandas.DataFrame(made)


def real_batch(frame: Any, rules: Sequence[ColumnRule]) -> Batch:
    """All rows of a pandas frame."""
    rows = len(frame)
    everywhere = frozenset(range(rows))
    columns = {rule.name: tuple(frame[rule.name].tolist()) for rule in rules}
    return Batch(columns, {rule.name: everywhere for rule in rules}, rows)


class Composer:
    """Puts batches together, the same ones for the same seed."""

    def __init__(
        self,
        rules: Sequence[ColumnRule],
        pools: Mapping[str, Sequence[Any]],
        seed: int,
        real: Batch | None = None,
        keep: Callable[[Any], Sequence[int]] | None = None,
    ) -> None:
        self.rules = tuple(rules)
        self._pools = pools
        self._random = random.Random(seed)
        self._real = real
        self._keep = keep
        self._next = {rule.name: 1 for rule in self.rules}
        self.refused = 0

    def batches(self, count: int) -> Iterator[Batch]:
        """At most `count` batches: one without nulls first, then one row of the simplest values, then all sorts."""
        tries = 0
        made = 0
        while made < count and tries < 3 * count + 10:
            batch = self.valid(self._batch(tries))
            tries += 1
            if batch.rows:
                made += 1
                yield batch
            else:
                self.refused += 1

    def valid(self, batch: Batch) -> Batch:
        """The rows of a batch that the schema's own checks allow: all of them where it has none."""
        if self._keep is None:
            return batch
        kept = self._keep(batch.frame(self.rules))
        return batch if len(kept) == batch.rows else batch.take(kept)

    def _batch(self, number: int) -> Batch:
        if number == 1:
            return self._plain(
                {rule.name: [self._pools[rule.name][0] if self._pools[rule.name] else None] for rule in self.rules}, 1
            )
        if self._real is not None and self._real.rows and number % 3 == 2:
            return self._changed(self._real)
        rows = MOST_ROWS if number == 0 else self._random.randint(1, MOST_ROWS)
        empty = self._random.choice(self.rules).name if number % 6 == 4 else None
        some = number % 2 == 1
        columns: dict[str, list[Any]] = {}
        for rule in self.rules:
            values = self._column(rule, rows)
            if rule.nullable and rule.name == empty:
                values = [None] * rows
            elif rule.nullable and some:
                values = [None if self._random.random() < NULLS else value for value in values]
            columns[rule.name] = values
        if rows > 2 and number % 5 == 3 and not any(rule.unique for rule in self.rules):
            for values in columns.values():  # two rows that are the same
                values[-1] = values[0]
        return self._plain(columns, rows)

    def _column(self, rule: ColumnRule, rows: int) -> list[Any]:
        values = self._pools[rule.name]
        if not values:
            return [None] * rows
        if rule.unique:
            chosen = self._random.sample(range(len(values)), min(rows, len(values)))
            return [values[place] for place in chosen] + [None] * (rows - len(chosen))
        return [self._pick(rule.name, values) for _ in range(rows)]

    def _pick(self, name: str, values: Sequence[Any]) -> Any:
        """Half of the cells walk through the pool, so that every value of it stands in some batch."""
        if self._random.random() < 0.5:
            return self._random.choice(values)
        self._next[name] += 1
        return values[(self._next[name] - 1) % len(values)]

    def _plain(self, columns: Mapping[str, Sequence[Any]], rows: int) -> Batch:
        opaque = {rule.name for rule in self.rules if rule.opaque}
        return Batch(
            {name: tuple(values) for name, values in columns.items()},
            {name: frozenset(range(rows)) if name in opaque else frozenset() for name in columns},
            rows,
        )

    def _changed(self, real: Batch) -> Batch:
        """A few real rows, some of their cells replaced."""
        batch = real.take(self._random.sample(range(real.rows), min(real.rows, self._random.randint(1, MOST_ROWS))))
        for rule in self.rules:
            for place in range(batch.rows):
                if self._random.random() < CHANGED and not rule.unique and self._pools[rule.name] and not rule.opaque:
                    nothing = rule.nullable and self._random.random() < NULLS
                    batch = batch.put(
                        rule.name, place, None if nothing else self._random.choice(self._pools[rule.name])
                    )
        return batch


def counterexample(batch: Batch, rules: Sequence[ColumnRule], real: bool) -> Counterexample:
    """A batch as it is reported: real values masked, columns at their simplest value left out."""
    shown = [rule for rule in rules if not _plainest(batch, rule)] or list(rules)
    shown = shown[:MOST_SHOWN]
    rows = tuple(
        tuple(MASKED if place in batch.real[rule.name] else cell(batch.columns[rule.name][place]) for rule in shown)
        for place in range(batch.rows)
    )
    return Counterexample(
        columns=tuple(rule.name for rule in shown),
        dtypes=tuple(str(rule.dtype) for rule in shown),
        rows=rows,
        others=len(rules) - len(shown),
        real=real,
    )


def _plainest(batch: Batch, rule: ColumnRule) -> bool:
    first = simple(rule)[:1]
    values = batch.columns[rule.name]
    return bool(first) and not batch.real[rule.name] and all(not absent(v) and v == first[0] for v in values)


def cell(value: Any) -> Scalar:
    """A generated value as JSON knows it."""
    if absent(value):
        return None
    if isinstance(value, (bool, int, float)):
        return value
    text = value.isoformat() if isinstance(value, (date, datetime)) else str(value)
    return text if len(text) <= LONGEST else text[:LONGEST]

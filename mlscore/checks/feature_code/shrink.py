"""From a batch that violates a property to a smallest one: fewer rows first, then simpler values."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from mlscore.checks.feature_code.batches import Batch
from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.checks.feature_code.values import simple
from mlscore.tables.shapes import Kind

MOST_TRIES = 400


class _Search:
    """The smallest batch so far, and what may still be spent on a smaller one."""

    def __init__(self, batch: Batch, fails: Callable[[Batch], bool], seconds: float) -> None:
        self.batch = batch
        self._fails = fails
        self._until = time.monotonic() + seconds
        self._tries = MOST_TRIES

    @property
    def over(self) -> bool:
        return self._tries <= 0 or time.monotonic() > self._until

    def accept(self, smaller: Batch) -> bool:
        """Take a smaller batch that still fails."""
        if self.over:
            return False
        self._tries -= 1
        if self._fails(smaller):
            self.batch = smaller
            return True
        return False


def shrink(batch: Batch, rules: Sequence[ColumnRule], fails: Callable[[Batch], bool], seconds: float) -> Batch:
    """A batch that `fails` too, with as few rows as could be found in the time, and as simple values.

    Every value put in is one that its column's rule allows; `fails` is asked nothing but whole batches.
    """
    search = _Search(batch, fails, seconds)
    _fewer_rows(search)
    _simpler(search, list(rules))
    _fewer_rows(search)
    return search.batch


def _fewer_rows(search: _Search) -> None:
    step = search.batch.rows // 2
    while step:
        start = 0
        while start < search.batch.rows and search.batch.rows > 1 and not search.over:
            rows = search.batch.rows
            kept = [place for place in range(rows) if not start <= place < start + step]
            if not kept or not search.accept(search.batch.take(kept)):
                start += step
        step //= 2
    for count in (1, 2):  # a single row or pair that was passed over above
        if search.batch.rows > count:
            for place in range(min(search.batch.rows - count + 1, 20)):
                if search.accept(search.batch.take(range(place, place + count))):
                    break


def _simpler(search: _Search, rules: list[ColumnRule]) -> None:
    """Columns of one simple value where that still fails, halves of them where not; then cell by cell."""
    rules = [rule for rule in rules if not rule.opaque and not rule.unique]
    changed = search.batch
    for rule in rules:
        plain = simple(rule)[:1]
        for place in range(changed.rows) if plain else ():
            if changed.columns[rule.name][place] != plain[0] or place in changed.real[rule.name]:
                changed = changed.put(rule.name, place, plain[0])
    if changed is search.batch or (rules and search.accept(changed)):
        return
    if len(rules) > 1:
        middle = len(rules) // 2
        _simpler(search, rules[:middle])
        _simpler(search, rules[middle:])
        return
    for rule in rules:
        for place in range(search.batch.rows):
            _simplest(search, rule, place)


def _simplest(search: _Search, rule: ColumnRule, place: int) -> None:
    value = search.batch.columns[rule.name][place]
    real = place in search.batch.real[rule.name]
    for plain in _candidates(rule, value, real=real):
        same = plain == value and not real
        if same or search.accept(search.batch.put(rule.name, place, plain)):
            return


def _candidates(rule: ColumnRule, value: Any, *, real: bool) -> list[Any]:
    """Simpler values than this one, the simplest first; what is made of a `real` value would still tell of it."""
    found = simple(rule)
    if real:
        return found
    if absent(value):
        return [*found, None]
    if rule.allowed is not None:
        return list(rule.allowed[:10])
    if rule.kind is Kind.NUMBER and isinstance(value, float):
        found += [sign * number for number in (10.0, 100.0, 1000.0) for sign in (1, -1)]
        found += [float(f"{value:.{digits}g}") for digits in (1, 2, 3)]
    elif rule.kind is Kind.INTEGER and isinstance(value, int):
        found += [-1, 10, 100, 1000, *(int(float(f"{value:.{digits}g}")) for digits in (1, 2))]
    elif rule.kind is Kind.TEXT and isinstance(value, str):
        found += [value[:1], value[: len(value) // 2], *dict.fromkeys(value), value.strip()]
    elif rule.kind is Kind.DATETIME:
        found += [value.normalize(), value.floor("h"), value.floor("s")] if hasattr(value, "normalize") else []
    return [one for one in found if rule.allows(one)]

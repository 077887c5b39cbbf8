"""Faults by which whole rows go wrong: duplicated, lost with a slice or a day, kept by a bias."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from mlscore.faults import settings
from mlscore.faults.arrays import Mask, codes, local_days, plain, rows_of
from mlscore.faults.base import Effect, Fault, Injected, pick, size, told
from mlscore.faults.kinds import TIMES, ColumnKind

_CATEGORIES = frozenset({ColumnKind.TEXT, ColumnKind.BOOLEAN, ColumnKind.INTEGER})
_UNORDERED = frozenset({ColumnKind.TEXT, ColumnKind.BOOLEAN})


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatedRows(Fault):
    """Rows come twice."""

    id: ClassVar[str] = "duplicated-rows"
    title: ClassVar[str] = "Duplicated rows"
    does: ClassVar[str] = "Appends a second copy of some rows to the end of the table."
    incident: ClassVar[str] = (
        "A load is tried again after a timeout, a queue delivers twice, or a join finds two partners."
    )
    takes: ClassVar[int] = 0
    effect: ClassVar[Effect] = Effect.ADDED

    share: float = settings.share(0.1, "the rows")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Append copies of the rows taken."""
        everything = np.arange(table.num_rows)
        twice = pick(everything, self.share, random)
        result = rows_of(table, np.concatenate((everything, twice)))
        said = f"{told(len(twice), len(everything), 'rows')} duplicated"
        return self.injected(result, columns, len(everything) + np.arange(len(twice)), said, able=len(everything))


@dataclass(frozen=True, slots=True, kw_only=True)
class LostSlice(Fault):
    """All rows of one category are gone."""

    id: ClassVar[str] = "lost-slice"
    title: ClassVar[str] = "Lost slice"
    does: ClassVar[str] = (
        "Removes all rows of one category: of the one named, or else of that whose share of the rows is nearest "
        "to `share`."
    )
    incident: ClassVar[str] = (
        "One region, shop or device type stops delivering; the total looks a little low, and that is all."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _CATEGORIES
    effect: ClassVar[Effect] = Effect.REMOVED
    least: ClassVar[int] = 2

    share: float = settings.share(0.1, "the rows that the category should have")
    value: str | int | bool | None = settings.setting(None, "the category; without it the seed and `share` choose")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Choose a category and remove its rows."""
        values = plain(table, columns[0])
        ranks = codes(values.array)
        if self.value is not None:
            lost = np.array([text == str(self.value) for text in map(str, values.array.to_pylist())]) & (ranks >= 0)
            if not lost.any() or lost.all():
                raise self.refused(columns, "no row has that value" if not lost.any() else "every row has that value")
        else:
            counts = np.bincount(ranks[ranks >= 0], minlength=1)
            if counts.max() < 2 or counts.max() == len(ranks):
                raise self.refused(columns, "it needs a value that several rows have, and not all")
            off = np.abs(counts - self.share * len(ranks))
            nearest = np.flatnonzero(off == off.min())
            lost = ranks == nearest[int(random.random() * len(nearest))]
        said = f'"{columns[0]}": the {int(lost.sum()):,} of {len(lost):,} rows of one category lost'
        return _without(self, table, columns, lost, said, int(lost.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDay(Fault):
    """All rows of a day are gone."""

    id: ClassVar[str] = "lost-day"
    title: ClassVar[str] = "Lost day"
    does: ClassVar[str] = (
        "Removes all rows of `days` days that follow each other among the days there are (in the column's own "
        "zone). Rows without a date stay."
    )
    incident: ClassVar[str] = (
        "A nightly job fails on one night and nobody runs it again: one partition is missing for good."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = TIMES
    effect: ClassVar[Effect] = Effect.REMOVED
    least: ClassVar[int] = 2

    days: int = settings.count(1, "how many days are lost")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Choose the days and remove their rows."""
        values = plain(table, columns[0])
        day = local_days(values)
        there = np.unique(day[values.valid])
        if len(there) <= self.days:
            raise self.refused(columns, f"its rows are of {len(there)} day(s), and {self.days} should be lost")
        first = int(random.random() * (len(there) - self.days + 1))
        gone = there[first : first + self.days]
        lost = values.valid & (day >= gone[0]) & (day <= gone[-1])
        days = told(self.days, len(there), "days")
        said = f'"{columns[0]}": the {int(lost.sum()):,} of {len(lost):,} rows of {days} lost'
        return _without(self, table, columns, lost, said, int(lost.sum()))


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplingBias(Fault):
    """Whether a row is kept depends on a column."""

    id: ClassVar[str] = "sampling-bias"
    title: ClassVar[str] = "Sampling bias"
    does: ClassVar[str] = (
        "Removes rows with a probability that grows with the column's rank (of categories: with a rank given to "
        "them at random), so that `share` of the rows are lost. Rows without a value are as likely to be lost as "
        "the middle one."
    )
    incident: ClassVar[str] = (
        "Only approved applications have an outcome, only users who answered are asked again, large events are "
        "logged by sampling: the table is no longer a fair picture."
    )
    effect: ClassVar[Effect] = Effect.REMOVED
    least: ClassVar[int] = 2

    share: float = settings.share(0.3, "the rows that can be lost (all but one)")
    strength: float = settings.positive(1.0, "how steeply the probability grows, per standard deviation of the rank")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Draw the rows that are lost, without replacement, by weight."""
        values = plain(table, columns[0])
        ranks = codes(values.array)
        known = ranks >= 0
        counts = np.bincount(ranks[known], minlength=1)
        if np.count_nonzero(counts) < 2:
            raise self.refused(columns, "it needs two different values")
        order = np.arange(len(counts))
        if values.kind in _UNORDERED:
            order = np.argsort(random.random(len(counts)), kind="stable")
        middle = np.empty(len(counts))
        middle[order] = np.cumsum(counts[order]) - counts[order] / 2
        place = middle[ranks[known]]
        height = np.zeros(len(ranks))
        height[known] = (place - place.mean()) / place.std()
        # The least of exponential times at rates w is a draw without replacement by weights w; logarithms keep them finite.
        times = np.log(-np.log1p(-random.random(len(ranks)))) - self.strength * height
        able = len(ranks) - 1
        lost = np.zeros(len(ranks), dtype=bool)
        lost[np.argsort(times, kind="stable")[: size(self.share, able)]] = True
        said = f'"{columns[0]}": {told(int(lost.sum()), able, "rows")} lost, by its value'
        return _without(self, table, columns, lost, said, able)


def _without(
    fault: Fault,
    table: pa.Table,
    columns: tuple[str, ...],
    lost: Mask,
    said: str,
    able: int,
) -> Injected:
    kept = np.flatnonzero(~lost)
    return fault.injected(rows_of(table, kept), columns, np.flatnonzero(lost), said, able=able)


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (DuplicatedRows(), LostSlice(), LostDay(), SamplingBias())

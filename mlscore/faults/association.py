"""Faults by which values meet the wrong row: swapped columns, shuffled, stale, lagged, leaked from the label."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from mlscore.errors import InputError, UsageError
from mlscore.faults import settings
from mlscore.faults.arrays import Rows, Values, codes, differs, good, merged, plain, replaced
from mlscore.faults.base import Fault, Injected, pick, size, told

_TIME = "the column by which the rows are in order of time; without it their own order counts"
_ENTITY = "the column that says whose row it is; without it all rows are of one"


@dataclass(frozen=True, slots=True, kw_only=True)
class SwappedColumns(Fault):
    """The values of two columns change places."""

    id: ClassVar[str] = "swapped-columns"
    title: ClassVar[str] = "Swapped columns"
    does: ClassVar[str] = (
        "Exchanges the values of two columns of the same kind in the rows taken; each column keeps its type."
    )
    incident: ClassVar[str] = (
        "A file without a header changes the order of its columns, or a call mixes up two arguments: latitude and"
        " longitude, planned and actual."
    )
    takes: ClassVar[int] = 2

    share: float = settings.share(1.0, "the rows in which the two differ")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Exchange the values in the rows taken."""
        first, second = (plain(table, name) for name in columns)
        if first.kind is not second.kind:
            raise self.refused(columns, f"one is of kind {first.kind}, the other {second.kind}")
        try:
            there = plain(replaced(table, second.name, first.array), second.name).array
            here = plain(replaced(table, first.name, second.array), first.name).array
        except (pa.ArrowException, InputError) as error:
            raise self.refused(columns, "values of one have no room in the type of the other") from error
        able = np.flatnonzero(differs(first.array, here) & differs(second.array, there))
        if not len(able):
            raise self.refused(columns, "their values are the same")
        rows = pick(able, self.share, random)
        result = replaced(table, first.name, merged(first.array, here, rows))
        result = replaced(result, second.name, merged(second.array, there, rows))
        said = f'"{columns[0]}" and "{columns[1]}": values exchanged in {told(len(rows), len(able), "rows")}'
        return self.injected(result, columns, rows, said, able=len(able))


@dataclass(frozen=True, slots=True, kw_only=True)
class Shuffled(Fault):
    """The values of one column are dealt out anew."""

    id: ClassVar[str] = "shuffled"
    title: ClassVar[str] = "Shuffled column"
    does: ClassVar[str] = (
        "Deals the values of the rows taken out anew among them: the column's distribution stays exactly, its "
        "association with all other columns is lost. A value may by chance meet its equal. Nulls stay."
    )
    incident: ClassVar[str] = (
        "Features and rows are put together by position after one of them was sorted or filtered, or a join goes "
        "by a wrong key."
    )
    least: ClassVar[int] = 2
    exact: ClassVar[bool] = False

    share: float = settings.share(1.0, "the values that are not null (two at the least)")

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Permute the values of the rows taken."""
        values = plain(table, columns[0])
        ranks = codes(values.array)
        able = np.flatnonzero(ranks >= 0)
        if len(np.unique(ranks[able])) < 2:
            raise self.refused(columns, "it needs two different values")
        rows = pick(able, self.share, random, least=2)
        if len(np.unique(ranks[rows])) < 2:
            others = able[ranks[able] != ranks[rows[0]]]
            rows = np.append(rows[1:], others[int(random.random() * len(others))])
        dealt = rows[np.argsort(random.random(len(rows)), kind="stable")]
        if (ranks[dealt] == ranks[rows]).all():  # chance gave each row its own value: exchange one pair
            other = int(np.flatnonzero(ranks[rows] != ranks[rows[0]])[0])
            dealt[[0, other]] = dealt[[other, 0]]
        source = np.arange(len(ranks))
        source[rows] = dealt
        return _moved(
            self, table, values, source, f"{told(len(rows), len(able), 'values')} dealt out anew", rows, len(able)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLeak(Fault):
    """A feature becomes a noisy copy of the label."""

    id: ClassVar[str] = "label-leak"
    title: ClassVar[str] = "Label leak"
    does: ClassVar[str] = (
        "Deals the feature's values out anew in the order of the label plus noise: its distribution stays "
        "exactly, but it tells the label. Rows where either is missing stay."
    )
    incident: ClassVar[str] = (
        "A feature is computed from a snapshot taken after the outcome, or an aggregate counts the very event to "
        "be predicted: offline figures soar, and fall in production."
    )
    least: ClassVar[int] = 2
    exact: ClassVar[bool] = False

    share: float = settings.share(1.0, "the rows with both feature and label (two at the least)")
    strength: float = settings.share(0.95, "the leak that is label and not noise, as a correlation of ranks")
    label: str | None = settings.role("the column to be predicted; needed")

    def columns(self, table: pa.Table) -> tuple[tuple[str, ...], ...]:
        """Every column but the label; none when no label is named or the table lacks it."""
        if self.label not in table.schema.names:
            return ()
        return tuple(names for names in Fault.columns(self, table) if names != (self.label,))

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Sort the feature's values by label plus noise."""
        if self.label is None or self.label in columns:
            raise UsageError(f'the fault "{self.id}" needs as its setting label the name of another column')
        feature, label = plain(table, columns[0]), plain(table, self.label)
        able = np.flatnonzero(good(feature) & good(label))
        if len(able) < 2:
            raise self.refused(columns, "fewer than two rows have both feature and label")
        rows = pick(able, self.share, random, least=2)
        told_by = codes(label.array)[rows].astype(np.float64)
        if told_by.std() == 0:
            raise self.refused(columns, f'all rows taken have the same label "{self.label}"')
        noise = random.standard_normal(len(rows)) * np.sqrt(1 - self.strength**2)
        score = self.strength * (told_by - told_by.mean()) / told_by.std() + noise
        ranks = codes(feature.array)
        source = np.arange(len(ranks))
        # Ties of the score (no noise at all) fall at random.
        source[rows[np.lexsort((random.random(len(rows)), score))]] = rows[np.argsort(ranks[rows], kind="stable")]
        said = f'{told(len(rows), len(able), "values")} dealt out by the label "{self.label}"'
        return _moved(self, table, feature, source, said, rows, len(able))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale(Fault):
    """From some moment on, the last good value is repeated."""

    id: ClassVar[str] = "stale"
    title: ClassVar[str] = "Stale values"
    does: ClassVar[str] = (
        "In one stretch of time repeats the last value before it (of the same entity, where one is named). Nulls "
        "stay, and so do the rows of entities that have no value before."
    )
    incident: ClassVar[str] = (
        "A feed stops, and the cache or the feature store in front of it goes on serving what it had last."
    )
    least: ClassVar[int] = 2
    exact: ClassVar[bool] = False

    share: float = settings.share(0.2, "the values after the first, as one stretch")
    time: str | None = settings.role(_TIME)
    entity: str | None = settings.role(_ENTITY)

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Choose a stretch in which something changes, and repeat what was before it."""
        values = plain(table, columns[0])
        ranks = codes(values.array)
        rows = in_order(table, self.time, None)
        rows = rows[ranks[rows] >= 0]
        if len(rows) < 2:
            raise self.refused(columns, "fewer than two values are not null")
        able = len(rows) - 1
        length = size(self.share, able)
        owner = _owners(table, self.entity)[rows]
        start = _start(ranks[rows], owner, length, random)
        if start is None:
            raise self.refused(columns, "no value changes in a stretch of that size after one that is good")
        last = np.full(int(owner.max()) + 1, -1)
        last[owner[:start]] = np.arange(start)  # of several rows of one owner the last one stands
        held = last[owner[start : start + length]]
        stretch = rows[start : start + length]
        source = np.arange(len(ranks))
        source[stretch] = np.where(held >= 0, rows[held], stretch)
        return _moved(
            self, table, values, source, f"{told(length, able, 'values')} held at the last before", stretch, able
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LaggedJoin(Fault):
    """Every row gets the value of an earlier one."""

    id: ClassVar[str] = "lagged-join"
    title: ClassVar[str] = "Lagged join"
    does: ClassVar[str] = (
        "Gives each row the value of the row `lag` places before it in time (of the same entity, where one is "
        "named). The first rows have none before and stay. Nulls move like values."
    )
    incident: ClassVar[str] = (
        "A feature is joined by the day it was loaded and not by the day it is of: every prediction sees "
        "yesterday's value."
    )
    least: ClassVar[int] = 2
    exact: ClassVar[bool] = False

    lag: int = settings.count(1, "how many rows earlier the value is from")
    time: str | None = settings.role(_TIME)
    entity: str | None = settings.role(_ENTITY)

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Shift the column within time order and entity."""
        values = plain(table, columns[0])
        order = in_order(table, self.time, self.entity)
        owner = _owners(table, self.entity)[order]
        if self.lag >= len(order):
            raise self.refused(columns, f"no row has another {self.lag} places before it")
        same = owner[self.lag :] == owner[: -self.lag]
        rows = order[self.lag :][same]
        source = np.arange(table.num_rows)
        source[rows] = order[: -self.lag][same]
        said = f"{told(len(rows), len(rows), 'rows')} with the value of {self.lag} before"
        return _moved(self, table, values, source, said, rows, len(rows))


def in_order(table: pa.Table, time: str | None, entity: str | None) -> Rows:
    """The positions of the rows by entity, then time, then as they stand; rows without a time come last."""
    when = np.zeros(table.num_rows, dtype=np.int64)
    if time is not None:
        when = codes(plain(table, time).array)
        when = np.where(when < 0, when.max(initial=0) + 1, when)
    return np.lexsort((np.arange(table.num_rows), when, _owners(table, entity)))


def _owners(table: pa.Table, entity: str | None) -> Rows:
    """A number from 0 for each entity; rows without one are of one of their own."""
    return np.zeros(table.num_rows, dtype=np.int64) if entity is None else codes(plain(table, entity).array) + 1


def _start(ranks: Rows, owner: Rows, length: int, random: np.random.Generator) -> int | None:
    """Where a stretch of `length` can start so that a value in it differs from its owner's last before; None if
    nowhere.

    A row `j` whose owner's value changes there, after a run of equal values that began at `i`, differs from the
    last value before any start in (i, j].
    """
    total = len(ranks)
    order = np.argsort(owner, kind="stable")
    same = np.concatenate(([False], owner[order][1:] == owner[order][:-1]))
    equal = same & np.concatenate(([False], ranks[order][1:] == ranks[order][:-1]))
    began = order[np.maximum.accumulate(np.where(equal, 0, np.arange(total)))]  # where the run of each value began
    turns = np.flatnonzero(same & ~equal)
    changes, runs = order[turns], began[turns - 1]
    within = runs < total - length
    changes, runs = changes[within], runs[within]
    if not len(changes):
        return None
    at = int(random.random() * len(changes))
    low = max(int(runs[at]) + 1, int(changes[at]) - length + 1)
    high = min(int(changes[at]), total - length)
    return low + int(random.random() * (high - low + 1))


def _moved(fault: Fault, table: pa.Table, values: Values, source: Rows, said: str, taken: Rows, able: int) -> Injected:
    """The answer of a fault that gives each row the value of the row `source`."""
    ranks = codes(values.array)
    rows = np.flatnonzero(ranks[source] != ranks)
    result = replaced(table, values.name, values.array.take(pa.array(source)))
    return fault.injected(result, (values.name,), rows, f'"{values.name}": {said}', able=able, taken=len(taken))


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (SwappedColumns(), Shuffled(), LabelLeak(), Stale(), LaggedJoin())

"""From a table to its summary: one sample for the bins, one query that counts all rows in them, block by block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mlscore.checks.drift import arrays, clock
from mlscore.checks.drift.bins import SAMPLED, TEXTS_READ, Moments, answers, facets, spread
from mlscore.checks.drift.summary import FIRST_CODE, SAMPLE_ROWS, ColumnSummary, Facet, Sample, Summary
from mlscore.errors import InputError, UsageError, did_you_mean
from mlscore.tables.conditions import Condition, Repeated
from mlscore.tables.shapes import UNDATED, WHOLE, Bins, Blocks, Column, Counts, Kind, RowBlocks, TimeBlocks, Unit

REFERENCE_SAMPLE = 100_000  # rows from which the bins are chosen
CURRENT_SAMPLE = 20_000
ROW_BLOCKS = 64  # blocks of a reference without a time column
LEAST_BLOCK = 50  # rows of such a block
MOST_BLOCKS = 2_000  # of current data; beyond, its own blocks are made longer
MOST_EXAMPLES = 20
MOST_REPEATED = 1_000_000  # rows up to which repeated ones are counted: all columns are compared for that
MOST_COMPARED = 500  # columns, likewise: a key of thousands fills the memory that a small table may take

Codes = NDArray[np.int64]


class Countable(Protocol):
    """What of a Table is needed here."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns as the engine declares them."""

    def count(self) -> int:
        """How many rows there are."""

    def sample(self, n: int, seed: int) -> Any:
        """A uniform sample of at most `n` rows as a pyarrow.Table."""

    def counts(self, bins: Mapping[str, Bins], blocks: Blocks | None = None) -> dict[str, dict[str, Counts]]:
        """Rows per bin and block, a column per name."""

    def violations(self, conditions: Mapping[str, Condition]) -> dict[str, int]:
        """Rows that each condition is true of."""


def summarise(
    table: Countable,
    *,
    like: Summary | None = None,
    time: str | None = None,
    columns: Iterable[str] | None = None,
    source: str = "",
    seed: int = 0,
) -> Summary:
    """The summary of a table: of a reference by itself, of current data in the bins and blocks of the reference (`like`).

    Columns that `like` has and the table does not are left out, and so are those of another kind whose values its bins
    cannot take. Raises UsageError when the time column or a column asked for is not there, or is no time.
    """
    time = like.time if like is not None else time
    known = {column.name: column for column in table.columns}
    _check(known, time, columns if like is None else None, source)
    chosen = _chosen(known, like, columns)
    rows = table.count()
    size = CURRENT_SAMPLE if like is not None else REFERENCE_SAMPLE
    sample = table.sample(size, seed)
    seconds = arrays.moments(sample.column(time)) if time is not None else None
    moments = Moments(seconds)
    shapes = {
        column.name: _facets(column, like, sample, moments, time)
        for column in chosen
        if column.name in sample.schema.names
    }
    cut = _blocks(seconds, rows, time, like)
    wanted = {
        f"{name}\0{facet.aspect}": facet.bins(name)
        for name, found in shapes.items()
        for facet in found
        if facet.aspect not in SAMPLED
    }
    counted = table.counts(wanted, cut) if wanted and rows else {}
    names, sizes, undated = _sizes(counted, cut, rows)
    places = _places(seconds, cut, names)
    summaries = []
    for name, found in shapes.items():
        kind = known[name].kind
        filled = []
        for facet in found:
            if facet.aspect in SAMPLED:
                filled.append(_sampled(facet, kind, sample.column(name), moments, places, len(names)))
            else:
                filled.append(_filled(facet, counted.get(f"{name}\0{facet.aspect}", {}), names))
        examples = _examples(filled[0], kind, sample.column(name))
        summaries.append(ColumnSummary(name, kind, tuple(filled), examples))
    return Summary(
        source=source,
        rows=rows,
        time=time,
        unit="rows" if not isinstance(cut, TimeBlocks) else cut.unit.value,
        block_rows=cut.rows if isinstance(cut, RowBlocks) else None,
        blocks=names,
        sizes=sizes,
        undated=undated,
        columns=tuple(summaries),
        sample=_kept(sample, rows, summaries, known, moments, places, seed),
        declared={name: column.kind for name, column in known.items()},
        repeated=_repeated(table, rows),
    )


def _check(known: Mapping[str, Column], time: str | None, columns: Iterable[str] | None, source: str) -> None:
    names = list(known)
    for name in (*(columns or ()), *((time,) if time is not None else ())):
        if name not in known:
            raise UsageError(f'there is no column "{name}"', where=source or None, hint=did_you_mean(name, names))
    if time is not None and known[time].kind not in (Kind.DATE, Kind.DATETIME):
        raise UsageError(
            f'the time column "{time}" holds {known[time].kind.value} values',
            where=source or None,
            hint="name a column of dates or times",
        )


def _chosen(known: Mapping[str, Column], like: Summary | None, columns: Iterable[str] | None) -> list[Column]:
    if like is None:
        if columns is None:
            return [column for column in known.values() if not column.labels_rows]
        return [known[name] for name in dict.fromkeys(columns)]
    found = [known[column.name] for column in like.columns if column.name in known]
    return [column for column in found if _comparable(column.kind, like.column(column.name))]


def _comparable(kind: Kind, before: ColumnSummary | None) -> bool:
    """Whether values of this kind can be counted in the bins of the reference's column."""
    if before is None:
        return False
    return (
        kind is before.kind
        or (kind.numeric and before.kind.numeric)
        or {kind, before.kind} == {Kind.DATE, Kind.DATETIME}
    )


def _facets(column: Column, like: Summary | None, sample: Any, moments: Moments, time: str | None) -> tuple[Facet, ...]:
    before = like.column(column.name) if like is not None else None
    if before is not None:
        kept = before.facets
        if column.kind is Kind.DATE:
            kept = tuple(facet for facet in kept if facet.aspect != "hour")
        return tuple(replace(facet, total=_none(facet), blocks=()) for facet in kept)
    return facets(column, sample.column(column.name), moments, is_time=column.name == time)


def _none(facet: Facet) -> Counts:
    return Counts((0,) * (len(facet.edges) + 1 if facet.ordered else len(facet.categories)))


def _blocks(seconds: Any, rows: int, time: str | None, like: Summary | None) -> Blocks | None:
    """How the table is cut; None when there is too little of it."""
    if time is not None:
        known = seconds[np.isfinite(seconds)]
        if not len(known):
            return None
        unit = clock.unit_for(float(known.min()), float(known.max()))
        if like is not None and like.unit != "rows":
            span = float(known.max() - known.min())
            unit = Unit(like.unit) if span / clock.SECONDS[Unit(like.unit)] <= MOST_BLOCKS else unit
        return TimeBlocks(time, unit)
    size = max(LEAST_BLOCK, -(-rows // ROW_BLOCKS))
    if like is not None and like.block_rows is not None:
        size = max(like.block_rows, -(-rows // MOST_BLOCKS))
    return RowBlocks(size) if rows else None


def _sizes(
    counted: Mapping[str, Mapping[str, Counts]], cut: Blocks | None, rows: int
) -> tuple[tuple[str, ...], tuple[int, ...], int]:
    """The blocks in order, empty ones between them included, their rows, and the rows without a time."""
    first = next(iter(counted.values()), {})
    if cut is None or not first:
        return (), (), rows if isinstance(cut, TimeBlocks) else 0
    found = {name: counts.rows for name, counts in first.items() if name not in (UNDATED, WHOLE)}
    undated = first[UNDATED].rows if UNDATED in first else 0
    if isinstance(cut, TimeBlocks):
        names = clock.between(min(found), max(found), cut.unit) if found else ()
        return names, tuple(found.get(name, 0) for name in names), undated
    order = sorted(found, key=int)
    return tuple(str(int(name) * cut.rows) for name in order), tuple(found[name] for name in order), 0


def _filled(facet: Facet, counted: Mapping[str, Counts], names: tuple[str, ...]) -> Facet:
    """The facet with the engine's counts."""
    none = _none(facet)
    total = none
    for counts in counted.values():
        total = total + counts
    by_rows = [name for name in counted if name.isdigit()]
    if by_rows:
        rows = tuple(facet.coarsen(counted[name]) for name in sorted(by_rows, key=int))
    else:
        rows = tuple(facet.coarsen(counted.get(name, none)) for name in names)
    return replace(facet, total=total, blocks=rows)


def _sampled(facet: Facet, kind: Kind, values: Any, moments: Moments, places: Codes | None, blocks: int) -> Facet:
    """The facet with counts of the sample; its blocks are zeros where the rows' blocks are not known."""
    if facet.aspect in ("lettering", "opening", "words", "digits") and len(values) > TEXTS_READ:
        some = spread(len(values))
        values = values.take(some)
        moments = Moments(moments.seconds[some] if moments.seconds is not None else None)
        places = places[some] if places is not None else None
    codes, rows = answers(facet, kind, values, moments)
    size = len(_none(facet).bins)
    total = _counts(np.bincount(codes, minlength=size + 3), size)
    none = facet.coarsen(_none(facet))
    if places is None:
        return replace(facet, total=total, blocks=(none,) * blocks)
    of = places[rows]
    table = np.zeros((blocks, size + 3), dtype=np.int64)
    np.add.at(table, (of[of >= 0], codes[of >= 0]), 1)
    return replace(facet, total=total, blocks=tuple(facet.coarsen(_counts(row, size)) for row in table))


def _counts(row: Codes, size: int) -> Counts:
    bins = tuple(int(count) for count in row[:size])
    return Counts(bins, other=int(row[size]), null=int(row[size + 1]), nan=int(row[size + 2]))


def _places(seconds: Any, cut: Blocks | None, names: tuple[str, ...]) -> Codes | None:
    """The block of each sampled row as its index, -1 for rows without a time; None where blocks are not of time."""
    if seconds is None or not isinstance(cut, TimeBlocks) or not names:
        return None
    first = clock.number_of(names[0], cut.unit)
    places = np.full(len(seconds), -1, dtype=np.int64)
    known = np.isfinite(seconds)
    places[known] = clock.number(seconds[known], cut.unit) - first
    places[(places < 0) | (places >= len(names))] = -1
    return places


def _examples(facet: Facet, kind: Kind, values: Any) -> tuple[str, ...]:
    """Values of the sample that no category names, most frequent first."""
    if facet.ordered or kind not in (Kind.TEXT, Kind.BOOLEAN) or not facet.total.other:
        return ()
    known = set(facet.categories)
    counted: dict[str, int] = {}
    for text in arrays.texts(values):
        if text is not None and text not in known:
            counted[text] = counted.get(text, 0) + 1
    return tuple(sorted(counted, key=lambda text: (-counted[text], text))[:MOST_EXAMPLES])


def _repeated(table: Countable, rows: int) -> int | None:
    """Rows that stand more than once; None where it is too large or wide, or a column cannot be compared."""
    if not rows or rows > MOST_REPEATED:
        return None if rows else 0
    names = tuple(column.name for column in table.columns if not column.labels_rows)
    if len(names) > MOST_COMPARED:
        return None
    try:
        return table.violations({"repeated": Repeated(names)})["repeated"] if names else 0
    except InputError:
        return None


def _kept(
    sample: Any,
    rows: int,
    columns: list[ColumnSummary],
    known: Mapping[str, Column],
    moments: Moments,
    places: Codes | None,
    seed: int,
) -> Sample:
    """The rows that are kept one by one, as letters, with the smallest of as many random numbers as there are rows."""
    size = min(SAMPLE_ROWS, sample.num_rows)
    rng = np.random.default_rng((seed, rows, sample.num_rows))
    chosen = rng.permutation(sample.num_rows)[:size]
    # The smallest of `rows` uniform numbers in order: partial sums of exponential gaps over those still to come.
    gaps = rng.exponential(size=size) / (rows - np.arange(size)) if size else np.empty(0)
    priorities = 1 - np.exp(-np.cumsum(gaps))
    codes = {}
    for column in columns:
        values = sample.column(column.name).take(chosen) if size else sample.column(column.name)
        held = Moments(moments.seconds[chosen] if moments.seconds is not None else None)
        for name, facet in column.paired.items():
            found, _ = answers(facet, known[column.name].kind, values, held)
            codes[name] = "".join(map(chr, FIRST_CODE + _coarse(facet, found)))
    return Sample(
        priorities=tuple(float(f"{priority:.9g}") for priority in priorities),
        blocks=tuple(int(place) for place in places[chosen]) if places is not None else (-1,) * size,
        codes=codes,
    )


def _coarse(facet: Facet, codes: Codes) -> Codes:
    """Fine codes as coarse ones: the coarse bins, then other, then missing and NaN."""
    size = len(_none(facet).bins)
    wide = facet.coarse_size
    if facet.ordered:
        table = np.searchsorted(np.array(facet.coarse, dtype=np.int64), np.arange(size), side="left")
    else:
        table = np.minimum(np.arange(size), facet.coarse[0])
    return np.concatenate([table, [wide, wide + 1, wide + 1]])[codes]

"""What drift detection keeps of a table: counts in fixed bins, per block of time or rows, and a small coded sample.

A summary is some hundred kilobytes of JSON whatever the table's size, holds no row, and adds up: `a + b` is the summary of
both windows. The bins are fixed once, from the reference; everything that is compared with it is counted in them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from mlscore.core.codec import decode, encode, loads
from mlscore.errors import InputError, OutputError
from mlscore.tables.shapes import Aspect, Bins, Categories, Counts, Edges, Kind, Unit

SCHEMA = "mlscore.drift-summary/1"
# Rows whose bins are kept one by one for the joint test; 20 columns of them are 100 kilobytes.
SAMPLE_ROWS = 5_000
STORED = b'{"schema":"mlscore.drift-summary/'
# The codes of a sampled row are letters from here on: a coarse bin, then "other", then "missing".
FIRST_CODE = ord("A")


@dataclass(frozen=True, slots=True)
class Facet:
    """One question about a column whose answers are counted: its value, a text's length or first words, a time's hour ...

    Ordered answers have `edges`, named ones `categories`. `total` counts all rows in these bins. `blocks` counts each
    block of the summary in fewer bins: of edges, those whose index is in `coarse` remain; of categories the first
    `coarse[0]`, and the rarer ones together. A row of `blocks` is the coarse bins, then other, missing and NaN.
    """

    aspect: str
    ordered: bool
    edges: tuple[float, ...]
    categories: tuple[str, ...]
    coarse: tuple[int, ...]
    total: Counts
    blocks: tuple[tuple[int, ...], ...] = ()

    @property
    def coarse_size(self) -> int:
        """How many coarse bins there are, other, missing and NaN not among them."""
        if self.ordered:
            return len(self.coarse) + 1
        return self.coarse[0] + (self.coarse[0] < len(self.categories))

    def bins(self, column: str) -> Bins:
        """What the tables room is asked to count."""
        aspect = Aspect(self.aspect)
        return Edges(self.edges, column, aspect) if self.ordered else Categories(self.categories, column, aspect)

    def coarsen(self, counts: Counts) -> tuple[int, ...]:
        """The fine counts as a row of `blocks`."""
        if self.ordered:
            bounds = (0, *(index + 1 for index in self.coarse), len(counts.bins))
            bins = tuple(sum(counts.bins[low:high]) for low, high in pairwise(bounds))
            return (*bins, counts.other, counts.null, counts.nan)
        kept = self.coarse[0]
        rare = (sum(counts.bins[kept:]),) if kept < len(counts.bins) else ()
        return (*counts.bins[:kept], *rare, counts.other, counts.null, counts.nan)

    def same_bins(self, other: Facet) -> bool:
        """Whether both are counted in the same bins."""
        return (self.aspect, self.ordered, self.edges, self.categories, self.coarse) == (
            other.aspect,
            other.ordered,
            other.edges,
            other.categories,
            other.coarse,
        )


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A column: its kind, and its facets, the first of which tells the missing rate. `examples` are values that no
    category names, for the report of new categories; only columns with categories have them.
    """

    name: str
    kind: Kind
    facets: tuple[Facet, ...]
    examples: tuple[str, ...] = ()

    @property
    def paired(self) -> dict[str, Facet]:
        """The facets that stand for the column beside others, by a name: a time's age where it is known, else the first.

        A text's first letters do as well: its length alone would not tell which text it is.
        """
        facets = {facet.aspect: facet for facet in self.facets}
        first = {self.name: facets.get("age", self.facets[0])}
        return {**first, f"{self.name} (first letters)": facets["opening"]} if "opening" in facets else first


@dataclass(frozen=True, slots=True)
class Sample:
    """A uniform sample without replacement, as bins: those rows that drew the smallest of uniform random numbers.

    So the sample of two windows together is the smallest of both samples' `priorities` (bottom-k sampling, E. Cohen,
    H. Kaplan, "Summarizing data using bottom-k sketches", 2007). `blocks` is the block of each row as its index in the
    summary, -1 where it is not known; `codes` holds a letter per row and paired facet.
    """

    priorities: tuple[float, ...] = ()
    blocks: tuple[int, ...] = ()
    codes: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """A table, or a window of one, as drift detection sees it.

    `unit` is that of the blocks (hour, day, week, month, year) or "rows"; `blocks` names them in order by their first
    moment or their first row's number, `sizes` counts their rows. `undated` rows have no time and are in no block.
    `declared` has all columns of the table, those that were left out among them. `repeated` counts the rows that
    stand more than once; None where the table is too large to tell.
    """

    source: str
    rows: int
    time: str | None
    unit: str
    block_rows: int | None
    blocks: tuple[str, ...]
    sizes: tuple[int, ...]
    undated: int
    columns: tuple[ColumnSummary, ...] = field(repr=False)
    sample: Sample = field(repr=False)
    declared: dict[str, Kind]
    repeated: int | None = None
    schema: str = SCHEMA

    def column(self, name: str) -> ColumnSummary | None:
        """The column of that name, if there is one."""
        return next((column for column in self.columns if column.name == name), None)

    def __add__(self, more: Summary) -> Summary:
        """Both windows as one. Raises ValueError when they are not counted in the same bins and blocks."""
        return add(self, more)


def add(one: Summary, two: Summary) -> Summary:
    """The summary of two windows together; blocks of time of the same name add up, blocks of rows follow one another.

    Raises ValueError when the summaries differ in columns, bins, time column or unit.
    """
    if (one.time, one.unit, one.block_rows) != (two.time, two.unit, two.block_rows):
        raise ValueError("the two summaries are cut into different blocks")
    if [(c.name, c.kind) for c in one.columns] != [(c.name, c.kind) for c in two.columns]:
        raise ValueError("the two summaries have different columns")
    if one.declared != two.declared:
        raise ValueError("the two summaries are of tables with different columns")
    names, left, right = _places(one, two)
    columns = []
    for a, b in zip(one.columns, two.columns, strict=True):
        if len(a.facets) != len(b.facets) or not all(x.same_bins(y) for x, y in zip(a.facets, b.facets, strict=True)):
            raise ValueError(f'column "{a.name}" is counted in different bins')
        facets = tuple(
            replace(x, total=x.total + y.total, blocks=_rows(x, y, len(names), left, right))
            for x, y in zip(a.facets, b.facets, strict=True)
        )
        examples = tuple(sorted({*a.examples, *b.examples}))
        columns.append(replace(a, facets=facets, examples=examples))
    sizes = [0] * len(names)
    for places, summary in ((left, one), (right, two)):
        for place, size in zip(places, summary.sizes, strict=True):
            sizes[place] += size
    return replace(
        one,
        rows=one.rows + two.rows,
        blocks=names,
        sizes=tuple(sizes),
        undated=one.undated + two.undated,
        columns=tuple(columns),
        # Rows of one window that stand in the other as well are not seen.
        repeated=None if one.repeated is None or two.repeated is None else one.repeated + two.repeated,
        sample=_sample(one.sample, two.sample, left, right),
    )


def _places(one: Summary, two: Summary) -> tuple[tuple[str, ...], list[int], list[int]]:
    """The names of all blocks in order, and where each side's blocks stand among them."""
    from mlscore.checks.drift.clock import between  # numpy is imported when windows are added, not to read a file

    if one.unit == "rows":
        start = one.rows
        names = one.blocks + tuple(str(start + int(name)) for name in two.blocks)
        return names, list(range(len(one.blocks))), list(range(len(one.blocks), len(names)))
    known = (*one.blocks, *two.blocks)
    names = between(min(known), max(known), Unit(one.unit)) if known else ()
    at = {name: place for place, name in enumerate(names)}
    return names, [at[name] for name in one.blocks], [at[name] for name in two.blocks]


def _rows(one: Facet, two: Facet, size: int, left: list[int], right: list[int]) -> tuple[tuple[int, ...], ...]:
    rows = [(0,) * (one.coarse_size + 3)] * size
    for places, facet in ((left, one), (right, two)):
        for place, row in zip(places, facet.blocks, strict=True):
            rows[place] = tuple(a + b for a, b in zip(rows[place], row, strict=True))
    return tuple(rows)


def _sample(one: Sample, two: Sample, left: list[int], right: list[int]) -> Sample:
    if one.codes is None or two.codes is None:
        return Sample()
    rows = []
    for side, (sample, places) in enumerate(((one, left), (two, right))):
        for row, (priority, block) in enumerate(zip(sample.priorities, sample.blocks, strict=True)):
            rows.append((priority, side, row, places[block] if block >= 0 else -1))
    kept = sorted(rows)[:SAMPLE_ROWS]
    sides = (one.codes, two.codes)
    return Sample(
        priorities=tuple(priority for priority, _, _, _ in kept),
        blocks=tuple(block for *_, block in kept),
        codes={name: "".join(sides[side][name][row] for _, side, row, _ in kept) for name in one.codes},
    )


def dumps(summary: Summary) -> str:
    """The summary as one line of JSON; its schema stands first, by which the file is known."""
    return (
        json.dumps(
            {"schema": summary.schema, **encode(summary)}, ensure_ascii=False, allow_nan=False, separators=(",", ":")
        )
        + "\n"
    )


def save(summary: Summary, path: Path) -> None:
    """Write the summary to a file. Raises OutputError when that cannot be done."""
    try:
        path.write_text(dumps(summary), encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror}", where=path) from error


def parse(text: str, *, where: str) -> Summary:
    """A summary from its JSON. Raises InputError when it is none, or one of a newer mlscore."""
    data = loads(text, where=where)
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        what = f'a summary of the schema "{schema}"' if isinstance(schema, str) else "not a drift summary"
        raise InputError(what, where=where, hint=f'this mlscore reads "{SCHEMA}": write the summary again')
    summary = decode(Summary, data, where=where)
    for column in summary.columns:
        for facet in column.facets:
            bins = len(facet.edges) + 1 if facet.ordered else len(facet.categories)
            if len(facet.total.bins) != bins or any(len(row) != facet.coarse_size + 3 for row in facet.blocks):
                raise InputError(f'the counts of column "{column.name}" do not fit their bins', where=where)
            if len(facet.blocks) != len(summary.blocks):
                raise InputError(f'column "{column.name}" is not counted in every block', where=where)
    return summary


def is_stored(path: Path) -> bool:
    """Whether a file is, by its beginning, a summary that was saved, of whatever version."""
    try:
        with path.open("rb") as file:
            return file.read(len(STORED)) == STORED
    except OSError:
        return False


def load(path: Path) -> Summary:
    """A summary from a file that `save` wrote. Raises InputError when it cannot be read or is none."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read: {error}", where=path) from error
    return parse(text, where=str(path))

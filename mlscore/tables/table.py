"""Table: the one interface to rows, whichever engine holds them."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError, UsageError
from mlscore.tables.conditions import Condition, Repeated
from mlscore.tables.engines.base import Engine
from mlscore.tables.extras import need
from mlscore.tables.profiling import SAMPLE, batches, frequent, profile
from mlscore.tables.queries import counts as counting
from mlscore.tables.queries import join as joining
from mlscore.tables.queries import where
from mlscore.tables.queries.bins import check
from mlscore.tables.queries.scope import Scope, as_number, finite
from mlscore.tables.queries.tally import tally
from mlscore.tables.queries.values import count, scalar
from mlscore.tables.shapes import (
    Aspect,
    Blocks,
    Categories,
    Column,
    ColumnDifference,
    Counts,
    Difference,
    Edges,
    JoinResult,
    Profile,
    RowBlocks,
    Scalar,
    TableOptions,
    Tolerance,
)
from mlscore.tables.sources import Source, read_source

if TYPE_CHECKING:
    import pyarrow as pa

_EXACT = Tolerance()
_COMPARED = 100  # columns in one query: it takes a hundredth of a second and a megabyte to plan each
_EXPLAINED = 200  # columns of which examples are looked for, one query each


def open_table(
    source: object,
    *,
    options: TableOptions | None = None,
    storage: Mapping[str, Any] | None = None,
    engine: str | None = None,
) -> Table:
    """The table of a path, a glob, a folder, a URL or a frame, or of a connection and a table's name as a pair.

    `storage` goes to the object store's file system; `engine` "spark" lets Spark read files, which the one of the options
    does else.

    Use it in a `with` statement, or close it. Raises InputError where the source cannot be read, UsageError where an
    extra is missing or a limit is met.
    """
    options = options or TableOptions()
    recognised = read_source(source, storage=storage, engine=engine)
    if engine is None and recognised.in_files:
        recognised = read_source(recognised, engine=options.engine)
    module = importlib.import_module(f"mlscore.tables.engines.{recognised.engine}")
    opened: Engine = module.open_engine(recognised, options)
    return Table(opened)


class Table:
    """Rows that are counted where they are; nothing but figures and the few rows asked for leaves the engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def __enter__(self) -> Table:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Table {self.source} by {self._engine.name}>"

    def close(self) -> None:
        """Give back memory, temporary files and connections."""
        self._engine.close()

    @property
    def engine(self) -> Engine:
        """What runs the queries, for checks that compose their own: `engine.run(sql, what)` over `engine.scope`."""
        return self._engine

    @property
    def source(self) -> Source:
        """Where the rows are; its `str()` holds no credentials."""
        return self._engine.source

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns in their order."""
        return self._engine.scope.columns

    def count(self) -> int:
        """How many rows there are."""
        return int(self._engine.run(f"SELECT COUNT(*) FROM {self._engine.scope.relation}", "counting rows")[0][0])

    def profile(self, columns: Sequence[str] | None = None, bins: int = 20, top: int = 10, seed: int = 0) -> Profile:
        """Columns in figures: one pass over the table after a sample of it.

        Counts, extremes, mean and deviation are exact, and so are the counts of the histogram and of frequent values. Where
        to cut and which values to count is proposed by the sample, so that a value of less than 1 row in 2,000 may be
        missing from `top`. Quantiles lie between exactly known ranks less than 1.2 % of the rows apart; those of a table
        no larger than the sample are exact, and so is the number of its distinct values.
        Raises InputError for unknown columns.
        """
        chosen = self._engine.scope.chosen(columns)
        if bins < 1 or top < 0:
            raise UsageError("a profile needs at least one bin, and no negative number of top values")
        return profile(self._engine, chosen, bins, top, seed)

    def edges(self, columns: Sequence[str], bins: int, seed: int = 0, sample: int = SAMPLE) -> dict[str, Edges]:
        """Edges between `bins` bins of about equally many rows, from a sample; fewer where values repeat.

        A column without a finite value has no edges. Raises InputError for unknown columns and those without an order.
        """
        scope = self._engine.scope
        for name in columns:
            if not scope.kind(name).ordered:
                what = f"the column {name!r} holds {scope.kind(name).value} values, which edges do not fit"
                raise InputError(what, where=scope.source, hint="ask for its categories")
        if bins < 1:
            raise UsageError("edges part at least one bin")
        if bins == 1 or not columns:
            return {name: Edges(()) for name in columns}
        drawn = self._engine.sampled(sample, seed, columns).scope
        shares = ", ".join(repr(round(number / bins, 9)) for number in range(1, bins))
        made: dict[str, Edges] = {}
        for batch in batches(drawn.chosen(columns), lambda _: bins):
            values = [as_number(c, finite(c, drawn.sql(c.name))) for c in batch]
            cells = ", ".join(f"QUANTILE_DISC({value}, [{shares}])" for value in values)
            row = self._engine.run(f"SELECT {cells} FROM {drawn.relation}", "finding edges")[0]
            for column, found in zip(batch, row, strict=True):
                distinct = sorted({float(value) for value in found or () if value is not None})
                made[column.name] = Edges(tuple(distinct))
        return made

    def top(
        self, columns: Sequence[str], most: int, aspect: Aspect = Aspect.VALUE, seed: int = 0, sample: int = SAMPLE
    ) -> dict[str, Categories]:
        """The `most` frequent values (or words) of each column, most frequent first, ties in the order of their text.

        Candidates come from a sample, their order from all rows. Raises InputError for unknown and unfit columns.
        """
        for name in columns:
            check(self._engine.scope, name, Categories((), aspect=aspect))
        drawn = self._engine.sampled(sample, seed, columns)
        candidates: dict[str, Categories] = {}
        if aspect is Aspect.WORD:
            for name in columns:
                found = self._engine.run(counting.frequent_words(drawn.scope, name, 2 * most), "finding words")
                candidates[name] = Categories(tuple(word for word, _ in found), aspect=aspect)
        else:
            values = frequent(self._engine, drawn, drawn.scope.chosen(columns), 2 * most, 1)
            candidates = {name: Categories(values.get(name, ())) for name in columns}
        ranked: dict[str, Categories] = {}
        for name, counted in (self.counts(candidates) if most > 0 else {}).items():
            whole = next(iter(counted.values()))
            pairs = sorted(zip(whole.bins, candidates[name].values, strict=True), key=lambda pair: (-pair[0], pair[1]))
            ranked[name] = Categories(tuple(str(value) for count, value in pairs[:most] if count), aspect=aspect)
        return {name: ranked.get(name, Categories((), aspect=aspect)) for name in columns}

    def counts(
        self, bins: Mapping[str, Edges | Categories], blocks: Blocks | None = None
    ) -> dict[str, dict[str, Counts]]:
        """Rows per bin of each column, per block: under `WHOLE` without blocks, else by the block's name, in order.

        One pass over the table; words, and categories beyond some fifty (eight in DuckDB), take one more over their
        column. Raises InputError for unknown columns and bins that do not fit.
        """
        scope = self._engine.numbered() if isinstance(blocks, RowBlocks) else self._engine.scope
        wanted = counting.tasks(scope, bins, regroup=self._engine.searches)
        block = None if blocks is None else counting.block_of(scope, blocks)
        search = self._engine.searches
        found: counting.Found = {}
        for part in counting.passes(scope, wanted, block, search=search):
            found |= part.read(self._engine.run(part.sql, "counting"), search)
        for task in wanted:
            if task.bins.aspect is Aspect.WORD:
                sql = counting.word_query(scope, task.column.name, block, [str(value) for value in task.bins.values])
                counting.with_words(task, found[task.name], self._engine.run(sql, "counting words"), block is not None)
            elif task.many and isinstance(task.bins, Categories):
                rows = self._engine.run(counting.category_query(scope, task, block), "counting categories")
                counting.with_categories(task, found[task.name], rows, block is not None)
        return {name: dict(sorted(found[name].items(), key=lambda pair: counting.order(pair[0]))) for name in bins}

    def violations(self, conditions: Mapping[str, Condition]) -> dict[str, int]:
        """How many rows each condition is true of: one pass for all, one more for each question of repeated rows.

        Raises InputError for unknown columns and for comparisons that cannot be.
        """
        scope = self._engine.scope
        repeated = {name: given for name, given in conditions.items() if isinstance(given, Repeated)}
        native = self._engine.dialect == "duckdb"
        sql = {name: tally(scope, c, native=native) for name, c in conditions.items() if name not in repeated}
        found: dict[str, int] = {}
        for batch in batches(list(sql), lambda _: 1):
            cells = ", ".join(sql[name] for name in batch)
            row = self._engine.run(f"SELECT {cells} FROM {scope.relation}", "counting violations")[0]
            found |= {name: int(cell or 0) for name, cell in zip(batch, row, strict=True)}
        for name, given in repeated.items():
            asked = where.count_repeated(scope, given)
            found[name] = int(self._engine.run(asked, "counting repeated rows")[0][0])
        return {name: found[name] for name in conditions}

    def violations_by(self, conditions: Mapping[str, Condition], blocks: Blocks) -> dict[str, dict[str, int]]:
        """How many rows of each block each condition is true of, by the block's name, in order: one pass for all.

        A question of repeated rows takes one more, and asks for rows that are repeated within their block. Raises
        InputError as `violations`.
        """
        scope, block = self._blocked(blocks)
        repeated = {name: given for name, given in conditions.items() if isinstance(given, Repeated)}
        sql = {name: where.condition(scope, given) for name, given in conditions.items() if name not in repeated}
        found: dict[str, dict[str, int]] = {}
        for batch in [*batches(list(sql), lambda _: 1)] or [[]]:  # without conditions, the blocks alone
            cells = "".join(f", COUNT_IF({sql[name]})" for name in batch)
            asked = f"SELECT {block} AS block{cells} FROM {scope.relation} GROUP BY 1"
            for row in self._engine.run(asked, "counting violations"):
                counted = {name: int(cell or 0) for name, cell in zip(batch, row[1:], strict=True)}
                found.setdefault(counting.block_name(row[0]), dict.fromkeys(repeated, 0)).update(counted)
        for name, given in repeated.items():
            for value, rows in self._engine.run(where.count_repeated_by(scope, given, block), "counting repeated rows"):
                if counting.block_name(value) in found:  # rows may have come between two queries
                    found[counting.block_name(value)][name] = int(rows)
        ordered = sorted(found.items(), key=lambda pair: counting.order(pair[0]))
        return {name: {of: counted[of] for of in conditions} for name, counted in ordered}

    def repeated_by(self, given: Repeated, blocks: Blocks, only: Condition, limit: int) -> list[dict[str, Scalar]]:
        """At most `limit` of the values that rows share with others of their block, among rows that `only` is true of.

        Raises InputError as `violations`.
        """
        scope, block = self._blocked(blocks)
        sql = where.repeated_values(scope, given, block, only, max(0, limit))
        rows = self._engine.run(sql, "finding examples")
        return [{name: scalar(cell) for name, cell in zip(given.columns, row, strict=True)} for row in rows]

    def _blocked(self, blocks: Blocks) -> tuple[Scope, str]:
        """The rows, numbered where that is asked for, and what tells their blocks apart."""
        scope = self._engine.numbered() if isinstance(blocks, RowBlocks) else self._engine.scope
        return scope, counting.block_of(scope, blocks)

    def rows_where(
        self, condition: Condition, limit: int, columns: Sequence[str] | None = None
    ) -> list[dict[str, Scalar]]:
        """At most `limit` rows that a condition is true of, which ones is not said. Raises InputError as `violations`."""
        scope = self._engine.scope
        names = [column.name for column in scope.chosen(columns)]
        limit = max(0, limit)
        if isinstance(condition, Repeated):
            sql = where.repeated_rows(scope, condition, names, limit)
        else:
            shown = ", ".join(scope.sql(name) for name in names)
            sql = f"SELECT {shown} FROM {scope.relation} WHERE {where.condition(scope, condition)} LIMIT {limit}"
        rows = self._engine.run(sql, "finding examples") if names else []
        return [{name: scalar(cell) for name, cell in zip(names, row, strict=True)} for row in rows]

    def sample(self, n: int, seed: int = 0, columns: Sequence[str] | None = None) -> pa.Table:
        """At most `n` rows drawn evenly from all, in no particular order; all of them where there are no more."""
        arrow = need("pyarrow")
        names = [column.name for column in self._engine.scope.chosen(columns)]
        drawn = self._engine.sampled(n, seed, names).scope
        shown = ", ".join(drawn.sql(name) for name in names)
        sql = f"SELECT {shown} FROM {drawn.relation} LIMIT {max(0, n)}"
        batches = list(self._engine.batches(sql, "drawing a sample"))
        return arrow.Table.from_batches(batches).rename_columns(names)

    def batches(self, rows: int, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
        """All rows, in tables of `rows` each but the last, which order is not said; an empty table gives one without rows.

        Ask nothing else of the table before the last has come. Raises InputError for unknown columns.
        """
        arrow = need("pyarrow")
        names = [column.name for column in self._engine.scope.chosen(columns)]
        sql = f"SELECT {', '.join(map(self._engine.scope.sql, names))} FROM {self._engine.scope.relation}"
        held: list[pa.RecordBatch] = []
        size, some = 0, False
        for batch in self._engine.batches(sql, "reading rows"):
            held.append(batch)
            size += batch.num_rows
            if size >= rows:
                whole = arrow.Table.from_batches(held).rename_columns(names)
                for start in range(0, size - size % rows, rows):
                    yield whole.slice(start, rows)
                held, size, some = whole.slice(size - size % rows).to_batches(), size % rows, True
        if size or not some:
            yield arrow.Table.from_batches(held).rename_columns(names)

    def join(
        self,
        other: Table,
        on: str | Sequence[str],
        compare: Mapping[str, Tolerance] | Sequence[str] | None = None,
        examples: int = 5,
    ) -> JoinResult:
        """This table (left) beside another (right): ids that meet, and columns that differ beyond their tolerance.

        `compare` names the columns, by default all that both have but the key; without tolerances they must be equal.
        At most `examples` are given of each of the 200 columns that differ most.
        Raises InputError for columns that one of them has not, or that cannot be compared.
        """
        keys = (on,) if isinstance(on, str) else tuple(on)
        right = self._engine.beside(other._engine)
        if right is not None:
            return self._join(right, keys, compare, examples)
        with (
            tempfile.TemporaryDirectory(prefix="mlscore-", dir=self._engine.options.temp_folder) as folder,
            self._local(Path(folder, "left")) as mine,
            other._local(Path(folder, "right")) as theirs,
        ):
            return mine.join(theirs, keys, compare, examples)

    def _local(self, stem: Path) -> Table:
        """The same rows in a file here, for tables of different engines."""
        path = stem.with_suffix(".parquet")
        self._engine.export(path, "bringing rows here")
        return open_table(replace(read_source(path), label=str(self.source)), options=self._engine.options)

    def _join(
        self,
        right: Scope,
        on: tuple[str, ...],
        compare: Mapping[str, Tolerance] | Sequence[str] | None,
        examples: int,
    ) -> JoinResult:
        left, run = self._engine.scope, self._engine.run
        if compare is None:
            theirs = {column.name for column in right.columns}
            compare = [c.name for c in left.columns if c.name in theirs and c.name not in on]
        tolerances = dict(compare) if isinstance(compare, Mapping) else dict.fromkeys(compare, _EXACT)
        met = iter(run(joining.meeting_query(left, right, on), "joining ids")[0])
        matched, left_only, right_only, left_twice, right_twice = (count(met) for _ in range(5))
        left_missing, right_missing = (
            count(iter(run(joining.missing_query(scope, on), "joining ids")[0])) for scope in (left, right)
        )
        relation = joining.joined(left, right, on, repeated=bool(left_twice or right_twice))
        columns: dict[str, ColumnDifference] = {}
        anywhere = []
        for start in range(0, len(tolerances), _COMPARED):
            some = dict(list(tolerances.items())[start : start + _COMPARED])
            cells = iter(run(joining.comparison_query(left, right, relation, some), "comparing")[0])
            _, differing = count(cells), count(cells)
            anywhere.append(differing)
            for name in some:
                columns[name] = ColumnDifference(name, count(cells), count(cells), count(cells), next(cells))
        apart = sorted((one for one in columns.values() if one.differing), key=lambda one: -one.differing)
        differing = max(anywhere, default=0)
        if sum(map(bool, anywhere)) > 1:  # a row may differ in columns of several queries
            unlike = {one.name: tolerances[one.name] for one in apart}
            differing = int(run(joining.differing_query(left, right, relation, unlike), "comparing")[0][0])
        for one in apart[:_EXPLAINED] if examples > 0 else ():
            sql = joining.examples_query(left, right, relation, on, one.name, tolerances[one.name], examples)
            rows = [tuple(map(scalar, row)) for row in run(sql, "finding examples")]
            found = tuple(Difference(row[:-2], row[-2], row[-1]) for row in rows)
            columns[one.name] = replace(one, examples=found)
        return JoinResult(
            on=on,
            matched=matched,
            left_only=left_only,
            right_only=right_only,
            left_duplicated=left_twice,
            right_duplicated=right_twice,
            left_missing=left_missing,
            right_missing=right_missing,
            differing=differing,
            columns=tuple(columns.values()),
        )

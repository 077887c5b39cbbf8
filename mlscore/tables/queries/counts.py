"""Counting rows per bin, of all columns at once and per block where asked: one pass over the table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mlscore.errors import InputError
from mlscore.tables.queries import quote
from mlscore.tables.queries.bins import FEW, at_most, check, equals
from mlscore.tables.queries.scope import MOST_AGGREGATES, Scope, as_number, floating
from mlscore.tables.queries.values import count
from mlscore.tables.shapes import (
    UNDATED,
    WHOLE,
    Aspect,
    Blocks,
    Categories,
    Column,
    Counts,
    Edges,
    Kind,
    TimeBlocks,
)

Found = dict[str, dict[str, Counts]]
BLOCK = "mlscore block"
FEW_REGROUPED = 8  # measured on DuckDB: comparing with more texts costs more than a pass over their column


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to count: the name it is asked for under, the column, the bins, the condition of each category."""

    name: str
    column: Column
    bins: Edges | Categories
    conditions: tuple[str | None, ...] = ()
    few_names: int = FEW

    @property
    def many(self) -> bool:
        """Whether there are more bins than comparing with each of them is worth."""
        if isinstance(self.bins, Edges):
            return len(self.bins.values) > FEW
        return len(self.bins.values) > self.few_names and self.column.kind in (Kind.TEXT, Kind.OTHER)


def tasks(scope: Scope, bins: Mapping[str, Edges | Categories], *, regroup: bool = False) -> list[Task]:
    """What is asked for, checked. Raises InputError for unknown columns and bins that do not fit their kind.

    `regroup`: reading one column again costs the engine little, so that more than a few categories are counted by a
    query of their own.
    """
    few, made = FEW_REGROUPED if regroup else FEW, []
    for name, of in bins.items():
        # Without categories only missing values are counted, which every kind can have.
        missing = isinstance(of, Categories) and of.aspect is Aspect.VALUE and not of.values
        column = scope.column((of.column or name) if missing else check(scope, name, of))
        named = of.values if isinstance(of, Categories) and of.aspect is Aspect.VALUE else ()
        made.append(Task(name, column, of, tuple(equals(scope, column.name, value) for value in named), few))
    return made


def block_of(scope: Scope, blocks: Blocks) -> str:
    """The expression whose values tell blocks apart. Raises InputError where the column holds no times."""
    if not isinstance(blocks, TimeBlocks):
        return f"CAST(FLOOR({quote.identifier(scope.row)} / {blocks.rows}) AS BIGINT)"
    if scope.kind(blocks.column) not in (Kind.DATE, Kind.DATETIME):
        held = scope.kind(blocks.column).value
        hint = "name a column of dates or times, or cut by rows"
        raise InputError(f"the column {blocks.column!r} holds {held} values, not times", where=scope.source, hint=hint)
    return f"DATE_TRUNC('{blocks.unit.value}', CAST({scope.sql(blocks.column)} AS TIMESTAMP))"


def block_name(value: Any) -> str:
    """A block's name, from the value that an engine gives for it."""
    if value is None:
        return UNDATED
    return value.replace(tzinfo=None).isoformat() if isinstance(value, datetime) else str(value)


@dataclass(frozen=True, slots=True)
class Pass:
    """One query that counts some of the tasks, and how to read its rows."""

    sql: str
    tasks: tuple[Task, ...]
    blocked: bool

    def read(self, rows: Sequence[tuple[Any, ...]], searched: bool) -> Found:
        """Counts by task and block."""
        found: Found = {task.name: {} for task in self.tasks}
        for row in rows:
            cells: Iterator[Any] = iter(row)
            block = block_name(next(cells)) if self.blocked else WHOLE
            for task in self.tasks:
                found[task.name][block] = _read(task, cells, searched)
        return found


def passes(scope: Scope, wanted: Sequence[Task], block: str | None, *, search: bool) -> list[Pass]:
    """The queries for these tasks: one, unless there are thousands of bins. `search`: the engine has `HISTOGRAM`."""
    made: list[Pass] = []
    some: list[Task] = []
    selected: list[str] = []
    for task in wanted:
        aggregates = _aggregates(scope, task, search)
        if some and len(selected) + len(aggregates) > MOST_AGGREGATES:
            made.append(_pass(scope, some, selected, block))
            some, selected = [], []
        some.append(task)
        selected += aggregates
    return [*made, _pass(scope, some, selected, block)] if some else made


def _pass(scope: Scope, some: Sequence[Task], selected: Sequence[str], block: str | None) -> Pass:
    columns = list(selected) if block is None else [f"{block} AS {quote.identifier(BLOCK)}", *selected]
    grouped = "" if block is None else f" GROUP BY {block}"
    return Pass(f"SELECT {', '.join(columns)} FROM {scope.relation}{grouped}", tuple(some), block is not None)


def _aggregates(scope: Scope, task: Task, search: bool) -> list[str]:
    sql, bins = scope.sql(task.column.name), task.bins
    counted = ["COUNT(*)", f"COUNT({sql})"]
    if isinstance(bins, Categories):
        if task.many or bins.aspect is Aspect.WORD:
            return counted  # a query of its own counts these
        return counted + [f"COUNT_IF({condition})" for condition in task.conditions if condition]
    if floating(task.column):
        counted.append(f"COUNT_IF(ISNAN({sql}))")
    if task.many and search:
        edges = ", ".join(quote.number(edge) for edge in bins.values)
        value = f"LENGTH({sql})" if bins.aspect is Aspect.LENGTH else as_number(task.column, sql)
        # NaN would be searched for among the edges, and found in the first bin.
        real = f" FILTER (WHERE NOT ISNAN({sql}))" if floating(task.column) else ""
        return [*counted, f"HISTOGRAM(CAST({value} AS DOUBLE), CAST([{edges}] AS DOUBLE[])){real}"]
    return counted + [f"COUNT_IF({at_most(scope, task.column.name, bins.aspect, edge)})" for edge in bins.values]


def _read(task: Task, cells: Iterator[Any], searched: bool) -> Counts:
    rows, present = count(cells), count(cells)
    if isinstance(task.bins, Categories):
        if task.many or task.bins.aspect is Aspect.WORD:
            return Counts((0,) * task.bins.size, null=rows - present, other=present)
        bins = tuple(count(cells) if condition else 0 for condition in task.conditions)
        return Counts(bins, null=rows - present, other=present - sum(bins))
    nan = count(cells) if floating(task.column) else 0
    if task.many and searched:
        found = next(cells) or {}
        inner = [found.get(edge, 0) for edge in task.bins.values]
        return Counts((*inner, present - nan - sum(inner)), null=rows - present, nan=nan)
    cumulated = [count(cells) for _ in task.bins.values]
    bins = tuple(b - a for a, b in zip([0, *cumulated], [*cumulated, present - nan], strict=True))
    return Counts(bins, null=rows - present, nan=nan)


def category_query(scope: Scope, task: Task, block: str | None) -> str:
    """Rows per block and category: `(block, category, rows)`, for more categories than comparisons are worth."""
    sql = scope.sql(task.column.name)
    named = ", ".join(quote.string(value) for value in task.bins.values if isinstance(value, str))
    value = sql if task.column.kind is Kind.TEXT else f"CAST({sql} AS TEXT)"
    return (
        f"SELECT {block or 'NULL'} AS {quote.identifier(BLOCK)}, {value} AS category, COUNT(*) AS n FROM {scope.relation} "
        f"WHERE {value} IN ({named}) GROUP BY {f'{block}, ' if block else ''}{value}"
    )


def with_categories(task: Task, counted: dict[str, Counts], rows: Sequence[tuple[Any, ...]], blocked: bool) -> None:
    """Put the categories' rows into the counts, which so far hold them as `other`."""
    place = {value: number for number, value in enumerate(task.bins.values)}
    sums = {block: [0] * task.bins.size for block in counted}
    for block, category, n in rows:
        sums[block_name(block) if blocked else WHOLE][place[category]] += n
    for block, bins in sums.items():
        before = counted[block]
        counted[block] = Counts(tuple(bins), before.null, before.nan, before.other - sum(bins))


def word_query(scope: Scope, column: str, block: str | None, words: Sequence[str]) -> str:
    """Words of a text column, `(block, word, count)`, those not named under null: spaces part them, case does not tell."""
    sql = scope.sql(column)
    named = ", ".join(quote.string(word) for word in words) or "NULL"
    inner = (
        f"SELECT {block or 'NULL'} AS block, UNNEST(STRING_SPLIT(LOWER({sql}), ' ')) AS word "
        f"FROM {scope.relation} WHERE {sql} IS NOT NULL"
    )
    known = f"CASE WHEN word IN ({named}) THEN word END"
    return (
        f"SELECT block, {known} AS word, COUNT(*) AS n FROM ({inner}) AS words WHERE word <> '' GROUP BY block, {known}"
    )


def with_words(task: Task, counted: dict[str, Counts], rows: Sequence[tuple[Any, ...]], blocked: bool) -> None:
    """Replace the counts of rows by those of words; null stays the rows without a text."""
    place: dict[str | None, int] = {value: number for number, value in enumerate(map(str, task.bins.values))}
    sums = {block: [0] * (task.bins.size + 1) for block in counted}
    for block, word, n in rows:
        sums[block_name(block) if blocked else WHOLE][place.get(word, -1)] += n
    for block, (*bins, other) in sums.items():
        counted[block] = Counts(tuple(bins), null=counted[block].null, other=other)


def frequent_words(sample: Scope, column: str, most: int) -> str:
    """The sample's most frequent words of a text column: `(word, count)`."""
    sql = sample.sql(column)
    inner = f"SELECT UNNEST(STRING_SPLIT(LOWER({sql}), ' ')) AS word FROM {sample.relation} WHERE {sql} IS NOT NULL"
    grouped = f"GROUP BY word ORDER BY n DESC, word LIMIT {most}"
    return f"SELECT word, COUNT(*) AS n FROM ({inner}) AS words WHERE word <> '' {grouped}"


def order(block: str) -> tuple[int, int, str]:
    """Sorts blocks: numbers by their size, times by their text, undated rows last."""
    if block == UNDATED:
        return 2, 0, ""
    return (0, int(block), "") if block.isdigit() else (1, 0, block)

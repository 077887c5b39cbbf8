"""Hundreds of counts in one query as Spark likes them: a value finds its place among the edges once, places are counted.

Spark works through its aggregates one by one for every row, so that a count per edge costs as much as a pass over the
column. `HISTOGRAM_NUMERIC` is exact as long as there are no more distinct values than bins, and places are few: it takes
the part of a count per group, in the same pass and with one aggregate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mlscore.tables.extras import need

_WORTH = 4  # comparisons of one value; below this they are counted as they are
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions on one value, in the order in which they are tried, and the cells of the answer that each fills.

    `nested`: where one holds all later ones do, so that a cell is the sum of the places up to its own.
    """

    cells: tuple[tuple[int, ...], ...]
    nested: bool

    def fill(self, answer: list[Any], places: Sequence[Any] | None) -> None:
        """Put the counts into the cells; `places` is the histogram, null where there was no row."""
        counted = [0] * (len(self.cells) + 1)
        for place, rows in places or ():
            counted[round(place)] += round(rows)
        total = 0
        for numbers, rows in zip(self.cells, counted, strict=False):
            total = total + rows if self.nested else rows
            for number in numbers:
                answer[number] = total


def planned(sql: str) -> tuple[str, Callable[[Row], Row]]:
    """The query in DuckDB's SQL with histograms of places in it, and what makes the row that was asked for of its rows."""
    if sql.count("COUNT_IF(") < _WORTH:
        return sql, tuple
    sqlglot = need("sqlglot")
    tree = sqlglot.parse_one(sql, read="duckdb")
    found: dict[tuple[str, bool], list[tuple[Any, int]]] = {}
    for number, cell in enumerate(tree.expressions):
        made = _comparison(sqlglot.exp, cell)
        if made is not None:
            left, nested, key = made
            found.setdefault((left, nested), []).append((key, number))
    worth = {name: cells for name, cells in found.items() if len({key for key, _ in cells}) >= _WORTH}
    if not worth:
        return sql, tuple
    taken = {number for cells in worth.values() for _, number in cells}
    kept = [number for number in range(len(tree.expressions)) if number not in taken]
    shown = [tree.expressions[number].sql(dialect="duckdb") for number in kept]
    groups = []
    for (_, nested), cells in worth.items():
        keys = sorted({key for key, _ in cells})
        places = tuple(tuple(number for other, number in cells if other == key) for key in keys)
        conditions = [tree.expressions[numbers[0]].this.sql(dialect="duckdb") for numbers in places]
        place = _halved(conditions, 0, len(conditions)) if nested else _listed(conditions)
        groups.append(Group(places, nested))
        shown.append(f"HISTOGRAM_NUMERIC(CAST({place} AS DOUBLE), {len(conditions) + 1})")
    rest = tree.copy()
    rest.set("expressions", [])
    width = len(tree.expressions)

    def restore(row: Row) -> Row:
        answer: list[Any] = [None] * width
        for number, value in zip(kept, row, strict=False):
            answer[number] = value
        for group, places in zip(groups, row[len(kept) :], strict=True):
            group.fill(answer, places)
        return tuple(answer)

    rest.set("expressions", [sqlglot.parse_one(text, read="duckdb") for text in shown])
    return rest.sql(dialect="duckdb"), restore


def _comparison(exp: Any, cell: Any) -> tuple[str, bool, Any] | None:
    """Of a count of comparisons with a constant: the value, whether it is one of order, and the constant's rank."""
    if not isinstance(cell, exp.CountIf):
        return None
    condition = cell.this
    if not isinstance(condition, (exp.LT, exp.LTE, exp.EQ)):
        return None
    constant = _constant(exp, condition.expression)
    if constant is None:
        return None
    nested = not isinstance(condition, exp.EQ)
    rank = (constant, isinstance(condition, exp.LTE)) if nested else (constant, False)
    return condition.this.sql(dialect="duckdb"), nested, rank


def _constant(exp: Any, node: Any) -> Any:
    """What a literal is ordered by among literals of its type; None for anything else."""
    if isinstance(node, exp.Paren):
        return _constant(exp, node.this)
    if isinstance(node, exp.Neg):
        inner = _constant(exp, node.this)
        return -inner if isinstance(inner, Decimal) else None
    if isinstance(node, exp.Literal):
        return node.name if node.is_string else Decimal(node.name)
    if isinstance(node, exp.Cast) and node.to.is_type("date", "timestamp") and node.this.is_string:
        return node.this.name
    return None


def _halved(conditions: Sequence[str], low: int, high: int) -> str:
    """The place of the first condition that holds, by halving: each of them implies the later ones."""
    if low == high:
        return str(low)
    middle = (low + high) // 2
    first, second = _halved(conditions, low, middle), _halved(conditions, middle + 1, high)
    return f"CASE WHEN {conditions[middle]} THEN {first} ELSE {second} END"


def _listed(conditions: Sequence[str]) -> str:
    """The place of the only condition that holds."""
    tried = " ".join(f"WHEN {condition} THEN {number}" for number, condition in enumerate(conditions))
    return f"CASE {tried} ELSE {len(conditions)} END"

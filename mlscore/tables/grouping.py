"""Figures of groups of rows: of every combination of a few columns, or of many sets of binned columns at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlscore.errors import InputError
from mlscore.tables.losses import Holding, Total
from mlscore.tables.queries import groups
from mlscore.tables.queries.groups import MISSING, NAN, OTHER, Cell
from mlscore.tables.queries.values import count, scalar
from mlscore.tables.shapes import Bins, Scalar
from mlscore.tables.table import Table

__all__ = ["MISSING", "NAN", "OTHER", "Cell", "Figures", "Sum", "by_places", "by_values"]

# Sets in one query. More of them take more memory than they save reading; measured on DuckDB.
TOGETHER = 60
MOST_GROUPS = 10_000


@dataclass(frozen=True, slots=True)
class Sum:
    """Of a figure: how many rows have one, their sum and the sum of their squares. Of a condition: how often it holds."""

    rows: int
    sum: float
    squares: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One group: how many rows it has, and its totals in the order in which they were asked for."""

    rows: int
    sums: tuple[Sum, ...]


def by_values(
    table: Table, by: Mapping[str, Bins | None], totals: Sequence[Total], most: int = MOST_GROUPS
) -> dict[tuple[Scalar, ...], Figures]:
    """Figures of every combination of the columns' values that occurs, in one pass; without columns, of the whole.

    A column with bins is told by the number of the bin, or MISSING, NAN, OTHER. Raises InputError for unknown columns,
    and where there are more than `most` combinations.
    """
    engine = table.engine
    found = engine.run(groups.values_query(engine.scope, by, totals, most), "adding up groups")
    if len(found) > most:
        raise InputError(
            f"there are more than {most:,} groups by {', '.join(by)}",
            where=str(table.source),
            hint="name columns with fewer values, or cut them into ranges",
        )
    made: dict[tuple[Scalar, ...], Figures] = {}
    for row in found:
        key = tuple(scalar(cell) for cell in row[: len(by)])
        made[key] = _figures(iter(row[len(by) :]), totals)
    return made


def by_places(
    table: Table,
    bins: Mapping[str, Bins],
    sets: Sequence[tuple[str, ...]],
    totals: Sequence[Total],
    *,
    only: Cell | None = None,
    but: Sequence[Cell] = (),
) -> dict[tuple[str, ...], dict[tuple[int, ...], Figures]]:
    """Figures of each set of columns by the places of its rows: the number of a bin, or MISSING, NAN, OTHER.

    One pass for some sixty sets. `only` keeps the rows of one cell (a place for each of some columns), `but` leaves those
    of others out. Raises InputError for unknown columns and bins that do not fit.
    """
    scope = table.engine.scope
    keys = {name: groups.place(scope, name, given) for name, given in bins.items()}
    found: dict[tuple[str, ...], dict[tuple[int, ...], Figures]] = {one: {} for one in sets}
    for start in range(0, len(sets), TOGETHER):
        some = sets[start : start + TOGETHER]
        aside = {name for cell in (*but, only or {}) for name in cell}
        names = [name for name in bins if name in aside or any(name in one for one in some)]
        used = [name for name in names if any(name in one for one in some)]
        relation = groups.coded(scope, keys, totals, names)
        order = {frozenset(one): one for one in some}
        for row in table.engine.run(groups.sets_query(relation, names, some, totals, only, but), "adding up slices"):
            at = {name: code for name, code in zip(used, row, strict=False) if code is not None}
            one = order[frozenset(at)]
            found[one][tuple(int(at[name]) for name in one)] = _figures(iter(row[len(used) :]), totals)
    return found


def _figures(cells: Iterator[Any], totals: Sequence[Total]) -> Figures:
    rows = count(cells)
    sums = []
    for total in totals:
        if isinstance(total, Holding):
            held = count(cells)
            sums.append(Sum(rows, float(held), float(held)))
            continue
        there, added = count(cells), float(next(cells) or 0.0)
        sums.append(Sum(there, added, float(next(cells) or 0.0) if groups.width(total) == 3 else added))
    return Figures(rows, tuple(sums))

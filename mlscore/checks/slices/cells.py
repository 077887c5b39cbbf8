"""Every slice of one and of two columns: how columns are cut, what each slice is called, its sums in arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations
from typing import TYPE_CHECKING

from mlscore.tables.grouping import MISSING, NAN, OTHER, Cell, Figures, by_places
from mlscore.tables.losses import Moments
from mlscore.tables.queries import quote
from mlscore.tables.shapes import Bins, Categories, Column, Kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlscore.tables.table import Table

    Numbers = npt.NDArray[np.float64]

_SPECIAL = {MISSING: "is missing", NAN: "is not a number"}


@dataclass(frozen=True, slots=True)
class Cut:
    """How columns are cut into bins, and the kinds of the columns."""

    bins: Mapping[str, Bins]
    kinds: Mapping[str, Kind]

    def words(self, cell: Cell) -> str:
        """A cell in words: `carrier = AA, 100 < distance <= 200`."""
        return ", ".join(self.span(name, code, code) for name, code in cell.items())

    def span(self, name: str, first: int, last: int) -> str:
        """The bins of a column from the first to the last, in words."""
        bins, kind = self.bins[name], self.kinds[name]
        if first in _SPECIAL:
            return f"{name} {_SPECIAL[first]}"
        if isinstance(bins, Categories):
            return f"{name} is rare" if first == OTHER else f"{name} = {bins.values[first]}"
        low = _edge(kind, bins.values[first - 1]) if first > 0 else None
        high = _edge(kind, bins.values[last]) if last < len(bins.values) else None
        if low is None or high is None:
            return f"{name} <= {high}" if high is not None else f"{name} > {low}" if low is not None else f"any {name}"
        return f"{low} < {name} <= {high}"


def _edge(kind: Kind, edge: float) -> str:
    if kind not in (Kind.DATE, Kind.DATETIME):
        return f"{edge:.6g}"
    moment = quote.at_second(edge)
    if moment is None:
        return f"{edge:.6g} s"
    at: datetime = moment.replace(tzinfo=UTC)
    return at.date().isoformat() if kind is Kind.DATE else at.replace(tzinfo=None).isoformat()


def cut(table: Table, columns: Sequence[Column], bins: int, categories: int, seed: int) -> Cut:
    """Columns with an order cut at quantiles, others by their most frequent values; those that never vary are left out."""
    ordered = [column.name for column in columns if column.kind.ordered]
    named = [column.name for column in columns if column.kind in (Kind.TEXT, Kind.OTHER)]
    made: dict[str, Bins] = {**table.edges(ordered, bins, seed)}
    made |= table.top(named, categories, seed=seed) if named else {}
    made |= {column.name: Categories(("true", "false")) for column in columns if column.kind is Kind.BOOLEAN}
    order = [column.name for column in columns if column.name in made]
    return Cut({name: made[name] for name in order}, {column.name: column.kind for column in columns})


@dataclass(frozen=True, slots=True)
class Sums:
    """Rows of each cell that have a figure, the figures' sums, and the sums of their squares."""

    rows: Numbers
    sum: Numbers
    squares: Numbers

    def less(self, other: Sums) -> Sums:
        """What remains without the rows of another."""
        import numpy as np

        return Sums(self.rows - other.rows, self.sum - other.sum, np.maximum(0.0, self.squares - other.squares))

    def where(self, kept: npt.NDArray[np.bool_]) -> Sums:
        """The same, of some cells; nothing of the others."""
        return Sums(self.rows * kept, self.sum * kept, self.squares * kept)


@dataclass(frozen=True, slots=True)
class Cells:
    """All slices: the columns and places of each, and its sums of every figure that was asked for."""

    keys: tuple[tuple[tuple[str, int], ...], ...]
    figures: tuple[Sums, ...]

    def cell(self, number: int) -> dict[str, int]:
        """The place of each column of a slice."""
        return dict(self.keys[number])


def all_sets(columns: Sequence[str], pairs: bool) -> list[tuple[str, ...]]:
    """The sets of columns that slices are cut by."""
    return [*((name,) for name in columns), *(combinations(columns, 2) if pairs else ())]


def add_up(table: Table, by: Cut, sets: Sequence[tuple[str, ...]], totals: Sequence[Moments]) -> Cells:
    """The sums of every slice, from all rows."""
    found = by_places(table, by.bins, sets, totals)
    keys = [tuple(zip(one, at, strict=True)) for one, groups in found.items() for at in groups]
    listed = [figures for groups in found.values() for figures in groups.values()]
    return Cells(tuple(keys), tuple(_sums(listed, number) for number in range(len(totals))))


def inside(
    table: Table,
    by: Cut,
    sets: Sequence[tuple[str, ...]],
    totals: Sequence[Moments],
    cells: Cells,
    only: Cell,
    but: Sequence[Cell],
) -> tuple[Sums, ...]:
    """The sums of every slice from the rows of one cell that are not in others."""
    found = by_places(table, by.bins, sets, totals, only=only, but=but)
    flat = {
        tuple(zip(one, at, strict=True)): figures for one, groups in found.items() for at, figures in groups.items()
    }
    nothing = Figures(0, ())
    listed = [flat.get(key, nothing) for key in cells.keys]
    return tuple(_sums(listed, number) for number in range(len(totals)))


def _sums(listed: Sequence[Figures], number: int) -> Sums:
    import numpy as np

    rows = [figures.sums[number] if figures.sums else None for figures in listed]
    table = np.array([(one.rows, one.sum, one.squares) if one else (0.0, 0.0, 0.0) for one in rows], dtype=float)
    table = table.reshape(-1, 3)
    return Sums(table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy())

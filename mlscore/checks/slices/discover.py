"""Finding weak slices among all: the surest first, then what remains weak without its rows, until nothing does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlscore.checks.intervals import at_least, deviate, upper_tail, variance
from mlscore.checks.slices.cells import Cells, Cut, Sums, inside
from mlscore.checks.slices.shapes import Why
from mlscore.tables.losses import Moments
from mlscore.tables.shapes import Edges

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlscore.tables.table import Table

    Numbers = npt.NDArray[np.float64]


HALFWAY = 0.5


@dataclass(frozen=True, slots=True)
class Bound:
    """One thing that slices are held against: a figure (its number among the totals) and what its mean must not exceed.

    `rest`: the mean of all other rows is added to it. `flags`: the figure is 0 or 1, so that its tail is known exactly.
    """

    why: Why
    figure: int
    most: float
    rest: bool = False
    flags: bool = False


@dataclass(frozen=True, slots=True)
class Find:
    """A slice that is worse than it may be: its number among the cells, the reason, and its chance without a cause."""

    number: int
    why: Why
    p: float


@dataclass(frozen=True, slots=True)
class Whole:
    """Rows, sum and sum of squares of one figure over all rows that are looked at."""

    rows: float
    sum: float
    squares: float

    def less(self, of: Sums, number: int) -> Whole:
        """What remains without one cell's rows."""
        rows, added, squares = float(of.rows[number]), float(of.sum[number]), float(of.squares[number])
        return Whole(self.rows - rows, self.sum - added, max(0.0, self.squares - squares))


def surprise(bound: Bound, rows: float, added: float, squares: float, whole: Whole) -> float:
    """The chance that a slice does so badly, or worse, when its true mean is what the bound allows.

    The greater of two: Welch's statistic (Biometrika 34, 1947) on the slice's own variance, which errs on the safe side
    where losses are skewed to the right, and for errors the exact binomial tail, which a normal curve underrates in
    small slices.
    """
    most, noise = bound.most, 0.0
    if bound.rest:
        others = whole.rows - rows
        if others < 2:
            return 1.0
        most += (whole.sum - added) / others
        noise = variance(int(others), whole.sum - added, max(0.0, whole.squares - squares)) / others
    excess = added / rows - most
    if excess <= 0:
        return 1.0
    spread = variance(int(rows), added, squares) / rows + noise
    p = upper_tail(excess / math.sqrt(spread)) if spread > 0 else 0.0
    if bound.flags:
        p = max(p, at_least(round(added), int(rows), min(1.0, max(0.0, most))))
    elif spread <= 0:
        return 1.0
    return p


def deviates(bound: Bound, sums: Sums, whole: Whole, least: int) -> Numbers:
    """How many standard errors each slice is above its bound; -inf where it has too few rows."""
    import numpy as np

    n = np.maximum(sums.rows, 2)
    spread = np.maximum(0.0, sums.squares - sums.sum**2 / n) / (n - 1) / n
    most = np.full(len(n), bound.most)
    others = whole.rows - sums.rows
    fits = sums.rows >= least
    if bound.rest:
        m = np.maximum(others, 2)
        added, squares = whole.sum - sums.sum, np.maximum(0.0, whole.squares - sums.squares)
        most += added / m
        spread += np.maximum(0.0, squares - added**2 / m) / (m - 1) / m
        fits &= others >= least
    excess = sums.sum / n - most
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(excess > 0, excess / np.sqrt(spread), -np.inf)
    return np.asarray(np.where(fits & ~np.isnan(z), z, -np.inf))


def search(
    table: Table,
    by: Cut,
    sets: Sequence[tuple[str, ...]],
    totals: Sequence[Moments],
    cells: Cells,
    wholes: Sequence[Whole],
    bounds: Sequence[Bound],
    *,
    least: int,
    alpha: float,
    most: int,
) -> list[Find]:
    """The weak slices, the surest first; none of them is explained by those before it.

    Each is the slice farthest above a bound, in standard errors, among the rows in no slice found before, as in
    sequential covering (Fürnkranz, AI Review 13, 1999). So a slice that merely overlaps a weak one, contains it, or is
    part of it is not reported beside it. The chance that any slice is reported that does not exceed its bound is at
    most `alpha`, after Holm (Scand. J. Stat. 6, 1979, pp. 65-70), over all slices that are large enough and all bounds.
    """
    import numpy as np

    tests = int(sum((cells.figures[bound.figure].rows >= least).sum() for bound in bounds))
    figures, remaining = list(cells.figures), list(wholes)
    places = {one: number for number, one in enumerate(sets)}
    set_of = np.array([places[tuple(name for name, _ in key)] for key in cells.keys], dtype=np.int64)
    alive = np.ones(len(sets), dtype=bool)
    found: list[Find] = []
    while len(found) < most and tests > len(found):
        level = alpha / (tests - len(found))
        # The exact tail decides; a statistic that is far below its deviate cannot be significant.
        lowest = 0.9 * deviate(level, sides=1)
        ranked = [deviates(b, figures[b.figure], remaining[b.figure], least) for b in bounds]
        best = _first(bounds, ranked, figures, remaining, level, lowest)
        if best is None:
            break
        before = [cells.cell(one.number) for one in found]
        found.append(best)
        remaining = [old.less(sums, best.number) for old, sums in zip(remaining, figures, strict=True)]
        # Without these rows slices do better, if anything: columns by which none came halfway are done with.
        highest = np.max([deviates(b, figures[b.figure], remaining[b.figure], least) for b in bounds], axis=0)
        best_of = np.full(len(sets), -np.inf)
        np.maximum.at(best_of, set_of, highest)
        alive &= best_of >= HALFWAY * lowest
        again = [one for one, still in zip(sets, alive, strict=True) if still]
        if not again or len(found) == most:
            break
        taken = inside(table, by, again, totals, cells, cells.cell(best.number), before)
        kept = alive[set_of]
        figures = [old.less(part).where(kept) for old, part in zip(figures, taken, strict=True)]
    return found


def _first(
    bounds: Sequence[Bound],
    ranked: Sequence[Numbers],
    figures: Sequence[Sums],
    wholes: Sequence[Whole],
    level: float,
    lowest: float,
) -> Find | None:
    import numpy as np

    together = np.stack(ranked)
    candidates = np.argwhere(together >= lowest)
    order = np.argsort(-together[candidates[:, 0], candidates[:, 1]], kind="stable")
    for which, number in candidates[order]:
        bound = bounds[int(which)]
        sums = figures[bound.figure]
        rows, added, squares = float(sums.rows[number]), float(sums.sum[number]), float(sums.squares[number])
        p = surprise(bound, rows, added, squares, wholes[bound.figure])
        if p <= level:
            return Find(int(number), bound.why, p)
    return None


@dataclass(frozen=True, slots=True)
class Span:
    """Found cells that lie side by side, as one: the first and last place of each column."""

    places: tuple[tuple[str, int, int], ...]
    members: tuple[Find, ...]


def merged(finds: Sequence[Find], cells: Cells, by: Cut) -> list[Span]:
    """Finds that differ by neighbouring bins of one column with an order, put together."""
    spans = [Span(tuple((name, code, code) for name, code in cells.keys[one.number]), (one,)) for one in finds]
    changed = True
    while changed:
        changed = False
        for a in range(len(spans)):
            for b in range(a + 1, len(spans)):
                both = _together(spans[a], spans[b], by)
                if both is not None:
                    spans[a] = replace(spans[a], places=both, members=spans[a].members + spans[b].members)
                    del spans[b]
                    changed = True
                    break
            if changed:
                break
    return spans


def _together(a: Span, b: Span, by: Cut) -> tuple[tuple[str, int, int], ...] | None:
    if [one[0] for one in a.places] != [one[0] for one in b.places] or a.members[0].why is not b.members[0].why:
        return None
    differing = [(one, other) for one, other in zip(a.places, b.places, strict=True) if one != other]
    if len(differing) != 1:
        return None
    (name, low, high), (_, start, end) = differing[0]
    if not isinstance(by.bins[name], Edges) or min(low, start) < 0 or (high + 1 != start and end + 1 != low):
        return None
    span = (name, min(low, start), max(high, end))
    return tuple(span if one[0] == name else one for one in a.places)

"""What a report shows of a column besides its verdict: the named measures, and two histograms over the same bins."""

from __future__ import annotations

from itertools import pairwise
from math import isfinite

from mlscore.checks.drift import measures
from mlscore.checks.drift.report import Figures, Histogram
from mlscore.checks.drift.summary import Facet
from mlscore.tables.shapes import Counts

BARS = 20
CATEGORIES = 10
TAIL = 0.005  # of the rows on each side is drawn into the outer bars


def figures(reference: Facet, current: Facet) -> Figures:
    """The named measures between two sides of a facet."""
    left, right = (side.coarsen(side.total)[:-2] for side in (reference, current))
    chi = measures.chi_square(left, right)
    index = measures.population_stability(left, right)
    smirnov = moved = None
    if reference.ordered:
        before, now = reference.total.bins, current.total.bins
        smirnov = measures.kolmogorov_smirnov(before, now)
        if len(reference.edges) > 1:
            moved = measures.wasserstein(before, now, positions(reference.edges))
    return Figures(
        population_stability=_short(index),
        jensen_shannon=round(measures.jensen_shannon(left, right), 6),
        total_variation=round(measures.total_variation(left, right), 6),
        chi_square=float(f"{chi.statistic:.6g}"),
        cramers_v=round(chi.cramers_v_corrected, 6),
        kolmogorov_smirnov=_short(smirnov),
        wasserstein=_short(moved),
    )


def _short(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(f"{value:.6g}")


def positions(edges: tuple[float, ...]) -> tuple[float, ...]:
    """Where the rows of each bin stand: in its middle, those of the outer bins at their only edge."""
    return (edges[0], *(low / 2 + high / 2 for low, high in pairwise(edges)), edges[-1])


def histogram(reference: Facet, current: Facet) -> Histogram | None:
    """Both sides in a few bars of equal width, or in the commonest categories and all others as the last; None if empty."""
    if not reference.ordered:
        named = reference.categories[:CATEGORIES]
        if not named:
            return None
        return Histogram((), (*named, "(other)"), _named(reference.total), _named(current.total))
    both = [a + b for a, b in zip(reference.total.bins, current.total.bins, strict=True)]
    edges = reference.edges
    if len(edges) < 2 or not sum(both):
        return None
    low, high = _span(edges, both)
    if not low < high or not isfinite(high - low):
        return None
    cuts = tuple(low + (high - low) * number / BARS for number in range(BARS + 1))
    return Histogram(cuts, (), *(_bars(edges, side.total.bins, low, high) for side in (reference, current)))


def _named(total: Counts) -> tuple[int, ...]:
    return (*total.bins[:CATEGORIES], sum(total.bins[CATEGORIES:]) + total.other)


def _span(edges: tuple[float, ...], counts: list[int]) -> tuple[float, float]:
    """Where the middle of both sides lies: all but a small tail on each side."""
    total, below, low, high = sum(counts), 0, None, edges[-1]
    for number, count in enumerate(counts):
        below += count
        if low is None and below > TAIL * total:
            low = edges[max(0, number - 1)]
        if below >= (1 - TAIL) * total:
            high = edges[min(number, len(edges) - 1)]
            break
    return (edges[0] if low is None else low), high


def _bars(edges: tuple[float, ...], counts: tuple[int, ...], low: float, high: float) -> tuple[int, ...]:
    """Counts of narrow bins spread evenly over the bars they touch, whole rows only; what is outside goes to the ends."""
    width = (high - low) / BARS
    ends = [0.0] * (BARS + 1)  # rows up to the end of each bar
    bounds = [(edges[0], edges[0]), *pairwise(edges), (edges[-1], edges[-1])]
    for (start, end), count in zip(bounds, counts, strict=True):
        if not count:
            continue
        for bar in range(1, BARS):
            cut = low + bar * width
            ends[bar] += count * (1.0 if end <= cut else 0.0 if start >= cut else (cut - start) / (end - start))
    ends[BARS] = float(sum(counts))
    whole = [round(value) for value in ends]
    return tuple(b - a for a, b in pairwise(whole))

"""Joint drift: whether current rows can be told from reference rows by how columns go together, not by their values.

Each side's columns are first turned into normal scores of their own ranks (ties at random), so that both sides have the
same margins and what drifted in one column alone is not seen again. Two figures are taken. The one is that of a
classifier two-sample test (D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests", 2017): the classifier is a
linear discriminant over the products of pairs of scores, learnt on one half of the rows and judged on the other, both
ways; its figure is the area under the ROC curve (AUC), 0.5 where the sides cannot be told apart. The other is the
greatest change of any pair's correlation of ranks, which sees a single pair among many columns. The thresholds come from
windows of the reference against its rest, and from permuted labels, whichever is greater.

It sees a pair of columns whose association is lost, gained or turned. It does not see what changes only among three
columns at once, nor pairs whose association is flat in ranks, in their distance from the middle and in the commonest
category.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from math import log, pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlscore.checks.drift.calibrate import LEAST_WINDOWS
from mlscore.checks.drift.normal import normal_quantile, t_quantile
from mlscore.checks.drift.summary import FIRST_CODE, Summary
from mlscore.checks.drift.windows import Floats

FLOOR = 0.55  # the area under the curve below which a difference is too small to matter
CHANGE_FLOOR = 0.1  # the same of the change of a correlation
LEAST_ROWS = 60  # of each side, for halves of thirty
MOST_WINDOWS = 20
DEALS = 20
MOST_SECOND = 40  # columns up to which the second score of each is used as well
KEPT_PAIRS = 12
# Scores up to which one thread is faster than to wake several, on a busy machine by far, and how many multiplications at
# a time are too few for the library of linear algebra to wake them.
NARROW = 64
SMALL = 200_000
MARGIN = 1.25  # what the windows' excess, known from few of them, may be greater than it seems
NONE = np.empty((0, 2))
EULER = 0.5772156649015329
AREA = "area under the ROC curve of a classifier over pairs of columns"
CHANGE = "change of the correlation of a pair of columns"
NAMED_PAIRS = 3

Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two columns and the correlation of their scores on both sides."""

    left: str
    right: str
    reference: float
    current: float


@dataclass(frozen=True, slots=True)
class Joint:
    """The figure that stands out more, its threshold, and the pairs that changed most when it drifted.

    `area` is the classifier's, `change` the greatest change of a pair's correlation, each with its threshold. `windows`
    of the reference stand behind them; 0 where permuted labels alone do.
    """

    drifted: bool
    effect: float
    threshold: float
    measure: str
    area: float
    area_threshold: float
    change: float
    change_threshold: float
    rows: tuple[int, ...]
    windows: int
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """Codes of a sample, a column each, and how many codes each column has. `letters` tell sides apart."""

    codes: Codes = field(compare=False)
    sizes: tuple[int, ...]
    ordered: tuple[bool, ...]
    letters: tuple[str, ...] = ()

    def rows(self, chosen: NDArray[Any]) -> _Side:
        """Some of the rows."""
        return _Side(self.codes[chosen], self.sizes, self.ordered)


def joint_drift(reference: Summary, current: Summary, *, length: int | None, rate: float, seed: int = 0) -> Joint | str:
    """Test the association of columns; a sentence that says why where that cannot be done.

    `length` is how many blocks of the reference a window of the current data spans (None: no windows).
    """
    names = [name for c in reference.columns if c.facets and current.column(c.name) is not None for name in c.paired]
    one, two = reference.sample.codes or {}, current.sample.codes or {}
    names = [name for name in names if name in one and name in two]
    if len(names) < 2:
        return "joint drift was not tested: there are not two columns in common with a sample"
    left, right = _side(reference, names), _side(current, names)
    if min(len(left.codes), len(right.codes)) < LEAST_ROWS:
        return f"joint drift was not tested: a side has fewer than {LEAST_ROWS} sampled rows"
    rng = np.random.default_rng(seed)
    area, change = _figures(left, right, rng)
    permuted = _permuted(left, right, rng)
    # Half of the rate for each figure. The greatest of many changes has the tail of Gumbel's law, the area a normal one.
    limits = [
        0.5 + t_quantile(rate / 2, len(permuted) - 1) * _spread(permuted[:, 0]),
        _gumbel_limit(permuted[:, 1], rate / 2),
    ]
    usual, random = (
        _usual(left, reference.sample.blocks, len(reference.blocks), length, seed) if length else (NONE, NONE)
    )
    windows = len(reference.blocks) // length if length and len(usual) else 0
    if windows:
        # Beyond what as many random rows differ by, windows of the reference differ by what the current data may differ by
        # as well. It adds to chance as squares do: windows of the sample have fewer rows, so that a ratio would hide it.
        chance, own = _spread(permuted[:, 0]), _excess(_spread(usual[:, 0]), _spread(random[:, 0]))
        limits[0] = 0.5 + (limits[0] - 0.5) * sqrt(chance**2 + own**2) / chance
        chance, own = (
            max(1e-6, float(permuted[:, 1].mean())),
            _excess(float(usual[:, 1].mean()), float(random[:, 1].mean())),
        )
        limits[1] *= sqrt(chance**2 + own**2) / chance
    limits = [max(FLOOR, limits[0]), max(CHANGE_FLOOR, limits[1])]
    limits = [min(1.0, limit) for limit in limits]
    by_area = (area - 0.5) / (limits[0] - 0.5) >= change / limits[1]
    drifted = area > limits[0] or change > limits[1]
    return Joint(
        drifted=drifted,
        effect=round(area if by_area else change, 6),
        threshold=round(limits[0] if by_area else limits[1], 6),
        measure=AREA if by_area else CHANGE,
        area=round(area, 6),
        area_threshold=round(limits[0], 6),
        change=round(change, 6),
        change_threshold=round(limits[1], 6),
        rows=(len(left.codes), len(right.codes)),
        windows=windows,
        pairs=_pairs(names, left, right) if drifted else (),
    )


def _spread(areas: Floats) -> float:
    """The root mean square of areas about one half, at least what no sample is finer than."""
    return max(1e-6, float(np.sqrt(((areas - 0.5) ** 2).mean())))


def _excess(windows: float, chance: float) -> float:
    """What windows differ by besides chance; known from few of them, so it may be greater by MARGIN."""
    return MARGIN * sqrt(max(0.0, windows**2 - chance**2))


def _gumbel_limit(values: Floats, rate: float) -> float:
    """Gumbel's quantile by the method of moments, as much wider as Student's t is than the normal law."""
    quantile = (-log(-log(1 - rate)) - EULER) * sqrt(6) / pi
    wider = t_quantile(rate, len(values) - 1) / normal_quantile(rate)
    return float(values.mean() + quantile * wider * values.std(ddof=1))


def _side(summary: Summary, names: list[str]) -> _Side:
    codes = summary.sample.codes or {}
    columns = [
        np.frombuffer(codes[name].encode("utf-32-le"), dtype="<u4").astype(np.int64) - FIRST_CODE for name in names
    ]
    paired = {name: facet for column in summary.columns if column.facets for name, facet in column.paired.items()}
    return _Side(
        np.stack(columns, axis=1),
        tuple(paired[name].coarse_size + 2 for name in names),
        tuple(paired[name].ordered for name in names),
        tuple(codes[name] for name in names),
    )


def _scores(side: _Side, rng: np.random.Generator) -> Floats:
    """Normal scores of each column's ranks, ties in an order of chance; missing ones are 0, the middle.

    Ties must not share a rank: their score would tell the side by the share of the tie, and margins are not the question.
    A second score tells what ranks do not: the distance from the middle of ordered values, the first of the categories.
    """
    second = len(side.sizes) <= MOST_SECOND
    columns = []
    for number, size in enumerate(side.sizes):
        codes, missing = side.codes[:, number], size - 1
        gone = codes == missing
        counts = np.bincount(codes, minlength=size).astype(np.float64)
        counts[missing] = 0
        below = np.cumsum(counts) - counts
        shares = (below[codes] + rng.random(len(codes)) * counts[codes]) / max(1.0, counts.sum())
        scores = np.where(gone, 0.0, _normal(shares))
        # A product with a missing score is 0: the others make up for it, so that the mean of the products stays.
        columns.append(scores * (len(codes) / max(1.0, counts.sum())))
        if second:
            # Categories are in the order of the reference, so the first is the same one on both sides.
            first = (codes == 0) + 0.3 * rng.standard_normal(len(codes))
            other = np.abs(scores) if side.ordered[number] else first
            columns.append(_standard(other, gone))
    return np.stack(columns, axis=1)


STEPS = 1_000
_QUANTILES = np.array([-normal_quantile((step + 0.5) / STEPS) for step in range(STEPS)])


def _normal(shares: Floats) -> Floats:
    """The normal quantiles of shares, to a thousandth."""
    return np.asarray(_QUANTILES[np.minimum((shares * STEPS).astype(np.int64), STEPS - 1)], dtype=np.float64)


def _ranks(side: _Side) -> Floats:
    """Standardised middle ranks: whose mean products are Spearman's correlations."""
    columns = []
    for number, size in enumerate(side.sizes):
        codes, missing = side.codes[:, number], size - 1
        counts = np.bincount(codes, minlength=size).astype(np.float64)
        counts[missing] = 0
        total = max(1.0, counts.sum())
        ranks = np.cumsum(counts) - counts / 2
        ranks -= (ranks * counts).sum() / total
        spread = sqrt((ranks * ranks * counts).sum() / total)
        ranks = ranks / spread if spread >= 1e-12 else np.zeros(size)
        ranks[missing] = 0.0
        columns.append(ranks[codes])
    return np.stack(columns, axis=1)


def _standard(values: Floats, missing: NDArray[np.bool_]) -> Floats:
    known = values[~missing]
    spread = float(known.std()) if len(known) else 0.0
    if spread < 1e-12:
        return np.zeros(len(values))
    return np.where(missing, 0.0, (values - known.mean()) / spread)


def _figures(left: _Side, right: _Side, rng: np.random.Generator) -> tuple[float, float]:
    """The classifier's area and the greatest change of a correlation."""
    change = np.triu(np.abs(_correlations(right) - _correlations(left)), 1)
    return _area(left, right, rng), float(change.max())


def _correlations(side: _Side) -> Floats:
    """The correlations of ranks of all pairs of columns, each over the rows that have both."""
    present = (side.codes != np.array(side.sizes) - 1).astype(np.float64)
    return np.asarray(_products(_ranks(side)) / np.maximum(1.0, _products(present)), dtype=np.float64)


def _area(left: _Side, right: _Side, rng: np.random.Generator) -> float:
    """The cross-fitted AUC of the classifier: learnt on one half, judged on the other, both ways."""
    scores = (_scores(left, rng), _scores(right, rng))
    halves = [rng.permutation(len(side)) % 2 == 0 for side in scores]
    areas = []
    for turn in (True, False):
        learn = [side[half == turn] for side, half in zip(scores, halves, strict=True)]
        judge = [side[half != turn] for side, half in zip(scores, halves, strict=True)]
        form = _form(learn[0], learn[1], own=2 if len(left.sizes) <= MOST_SECOND else 1)
        said = [_scored(side, form) for side in judge]
        areas.append(_auc(said[0], said[1]))
    return float(np.mean(areas))


def _scored(scores: Floats, form: Floats) -> Floats:
    """The classifier's figure of each row: the weighted sum of the few products that were kept."""
    left, right = np.nonzero(form)
    return np.asarray((scores[:, left] * scores[:, right] * form[left, right]).sum(axis=1), dtype=np.float64)


def _form(one: Floats, two: Floats, own: int) -> Floats:
    """The weights of the products: their difference over their variance, for the pairs that tell the sides apart best.

    `own` scores belong to one column: their products with each other are the column's own margin and stay out.
    """
    means, variances = [], []
    for side in (one, two):
        mean = _products(side) / len(side)
        squares = side * side
        means.append(mean)
        variances.append(np.maximum(_products(squares) / len(side) - mean * mean, 1e-9) / len(side))
    difference = means[1] - means[0]
    variance = variances[0] + variances[1]
    evidence = np.abs(difference) / np.sqrt(variance)
    width = len(difference)
    column = np.arange(width) // own
    apart = (column[:, None] < column[None, :]) & (variance > 1e-8)
    evidence = np.where(apart, evidence, 0.0)
    least = np.sort(evidence, axis=None)[-min(KEPT_PAIRS, evidence.size)]
    kept = apart & (evidence >= max(least, 1e-12))
    return np.asarray(np.where(kept, difference / (variance * min(len(one), len(two))), 0.0), dtype=np.float64)


def _products(scores: Floats) -> Floats:
    """The sums of products of each two columns."""
    rows, width = scores.shape
    if width > NARROW:
        return np.asarray(scores.T @ scores, dtype=np.float64)
    length = SMALL // max(1, width * width)
    whole = rows // length * length
    parts = scores[:whole].reshape(-1, length, width)
    rest = scores[whole:]
    return np.asarray(np.matmul(parts.transpose(0, 2, 1), parts).sum(axis=0) + rest.T @ rest, dtype=np.float64)


def _auc(one: Floats, two: Floats) -> float:
    """The share of pairs in which the second side scores higher; ties count half (Mann-Whitney)."""
    values = np.concatenate([one, two])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[len(one) :].sum() - len(two) * (len(two) + 1) / 2) / (len(one) * len(two)))


def _permuted(left: _Side, right: _Side, rng: np.random.Generator) -> Floats:
    """Both figures for labels dealt at random, a row per deal."""
    codes = np.concatenate([left.codes, right.codes])
    found = []
    for _ in range(DEALS):
        order = rng.permutation(len(codes))
        both = _Side(codes, left.sizes, left.ordered)
        sides = [both.rows(rows) for rows in (order[: len(left.codes)], order[len(left.codes) :])]
        found.append(_figures(sides[0], sides[1], rng))
    return np.array(found)


@lru_cache(maxsize=4)
def _usual(left: _Side, places: tuple[int, ...], count: int, length: int, seed: int) -> tuple[Floats, Floats]:
    """Both figures for windows of the reference against its rest, and for as many random rows against the others.

    Empty where the sample's blocks are not known, or too few rows are in a window. Kept, because one reference is
    compared with many windows: it has no part of the current data in it.
    """
    blocks = np.array(places)
    if not len(blocks) or (blocks < 0).all() or count < LEAST_WINDOWS * length:
        return NONE, NONE
    rng = np.random.default_rng((seed, 1))
    windows: list[tuple[float, float]] = []
    random: list[tuple[float, float]] = []
    known = blocks >= 0
    for start in np.unique(np.linspace(0, count - length, MOST_WINDOWS).astype(int)):
        inside = (blocks >= start) & (blocks < start + length)
        if min(inside.sum(), (known & ~inside).sum()) < LEAST_ROWS:
            continue
        dealt = np.zeros(len(blocks), dtype=bool)
        dealt[rng.permutation(np.flatnonzero(known))[: inside.sum()]] = True
        for chosen, found in ((inside, windows), (dealt, random)):
            sides = [left.rows(of) for of in (known & ~chosen, chosen)]
            found.append(_figures(sides[0], sides[1], rng))
    return (np.array(windows), np.array(random)) if len(windows) >= LEAST_WINDOWS else (NONE, NONE)


def _pairs(names: list[str], left: _Side, right: _Side) -> tuple[Pair, ...]:
    before, after = _correlations(left), _correlations(right)
    change = np.triu(np.abs(after - before), 1)
    largest = np.argsort(change, axis=None)[::-1][:NAMED_PAIRS]
    found = [np.unravel_index(int(place), change.shape) for place in largest]
    return tuple(
        Pair(names[i], names[j], round(float(before[i, j]), 4), round(float(after[i, j]), 4))
        for i, j in found
        if change[i, j] > 0.05
    )

"""Joint drift: whether a classifier tells current rows from reference rows by how columns go together, not by their values.

Each side's columns are first turned into normal scores of their own ranks, so that both sides have the same margins and
what drifted in one column alone is not seen again. The classifier is a quadratic form of these scores: a linear
discriminant with equal weights of evidence over the products of pairs, learnt on one half of the rows and judged on
the other, both ways (a classifier two-sample test: D. Lopez-Paz, M. Oquab, "Revisiting classifier two-sample tests", 2017).
Its figure is the area under the ROC curve (AUC), 0.5 where the sides cannot be told apart. The threshold comes from windows
of the reference against its rest, and from permuted labels, whichever is greater.

It sees a pair of columns whose association is lost, gained or turned. It does not see what changes only among three
columns at once, nor pairs whose association is flat in ranks, in their distance from the middle and in the commonest
category.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from mlscore.checks.drift.calibrate import LEAST_WINDOWS
from mlscore.checks.drift.normal import normal_quantile, t_quantile
from mlscore.checks.drift.summary import FIRST_CODE, Summary
from mlscore.checks.drift.windows import Floats

FLOOR = 0.55  # the area under the curve below which a difference is too small to matter
LEAST_ROWS = 60  # of each side, for halves of thirty
MOST_WINDOWS = 40
MOST_SECOND = 40  # columns up to which the second score of each is used as well
KEPT_PAIRS = 12
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
    """The classifier's AUC, the threshold it was held against, and the pairs that changed most when it drifted.

    `windows` of the reference stand behind the threshold; 0 where permuted labels alone do.
    """

    drifted: bool
    effect: float
    threshold: float
    measure: str
    rows: tuple[int, int]
    windows: int
    pairs: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class _Side:
    """Codes of a sample, a column each, and how many codes each column has."""

    codes: Codes
    sizes: tuple[int, ...]
    ordered: tuple[bool, ...]


def joint_drift(reference: Summary, current: Summary, *, length: int | None, rate: float, seed: int = 0) -> Joint | str:
    """Test the association of columns; a sentence that says why where that cannot be done.

    `length` is how many blocks of the reference a window of the current data spans (None: no windows).
    """
    names = [c.name for c in reference.columns if c.facets and current.column(c.name) is not None]
    one, two = reference.sample.codes or {}, current.sample.codes or {}
    names = [name for name in names if name in one and name in two]
    if len(names) < 2:
        return "joint drift was not tested: there are not two columns in common with a sample"
    left, right = _side(reference, names), _side(current, names)
    if min(len(left.codes), len(right.codes)) < LEAST_ROWS:
        return f"joint drift was not tested: a side has fewer than {LEAST_ROWS} sampled rows"
    rng = np.random.default_rng(seed)
    effect = _area(left, right, rng)
    limit = _permuted(left, right, rate, rng)
    blocks = np.array(reference.sample.blocks)
    usual = _usual(left, blocks, len(reference.blocks), length, rng) if length else np.empty(0)
    windows = len(reference.blocks) // length if length and len(usual) else 0
    if windows >= LEAST_WINDOWS:
        spread = float(usual.std(ddof=1)) * sqrt(1 + 1 / windows)
        limit = max(limit, float(usual.mean()) + t_quantile(rate, windows - 1) * spread, float(usual.max()))
    else:
        windows = 0
    limit = min(1.0, max(limit, FLOOR))
    drifted = effect > limit
    return Joint(
        drifted=drifted,
        effect=round(effect, 6),
        threshold=round(limit, 6),
        measure="area under the ROC curve of a classifier over pairs of columns",
        rows=(len(left.codes), len(right.codes)),
        windows=windows,
        pairs=_pairs(names, left, right) if drifted else (),
    )


def _side(summary: Summary, names: list[str]) -> _Side:
    codes = summary.sample.codes or {}
    columns = [
        np.frombuffer(codes[name].encode("utf-32-le"), dtype="<u4").astype(np.int64) - FIRST_CODE for name in names
    ]
    found = [summary.column(name) for name in names]
    return _Side(
        np.stack(columns, axis=1),
        tuple(column.facets[0].coarse_size + 2 for column in found if column),
        tuple(column.facets[0].ordered for column in found if column),
    )


def _scores(side: _Side) -> Floats:
    """Normal scores of each column's ranks (ties share their middle rank); missing ones are 0, the middle.

    A second score tells what ranks do not: the distance from the middle of ordered values, the commonest of the others.
    """
    second = len(side.sizes) <= MOST_SECOND
    columns = []
    for number, size in enumerate(side.sizes):
        codes = side.codes[:, number]
        counts = np.bincount(codes, minlength=size).astype(np.float64)
        missing = size - 1
        present = counts.copy()
        present[missing] = 0
        rank = (np.cumsum(present) - present / 2) / max(1.0, present.sum())
        table = np.array([-normal_quantile(min(0.9999, max(0.0001, r))) for r in rank])
        table[missing] = 0.0
        columns.append(_standard(table[codes], codes == missing))
        if second:
            other = (
                np.abs(table) if side.ordered[number] else (np.arange(size) == int(present.argmax())).astype(np.float64)
            )
            columns.append(_standard(other[codes], codes == missing))
    return np.stack(columns, axis=1)


def _standard(values: Floats, missing: NDArray[np.bool_]) -> Floats:
    known = values[~missing]
    spread = float(known.std()) if len(known) else 0.0
    if spread < 1e-12:
        return np.zeros(len(values))
    return np.where(missing, 0.0, (values - known.mean()) / spread)


def _area(left: _Side, right: _Side, rng: np.random.Generator) -> float:
    """The cross-fitted AUC of the classifier: learnt on one half, judged on the other, both ways."""
    scores = (_scores(left), _scores(right))
    halves = [rng.permutation(len(side)) % 2 == 0 for side in scores]
    areas = []
    for turn in (True, False):
        learn = [side[half == turn] for side, half in zip(scores, halves, strict=True)]
        judge = [side[half != turn] for side, half in zip(scores, halves, strict=True)]
        form = _form(learn[0], learn[1], own=2 if len(left.sizes) <= MOST_SECOND else 1)
        said = [((side @ form) * side).sum(axis=1) for side in judge]
        areas.append(_auc(said[0], said[1]))
    return float(np.mean(areas))


def _form(one: Floats, two: Floats, own: int) -> Floats:
    """The weights of the products: their difference over their variance, for the pairs that tell the sides apart best.

    `own` scores belong to one column: their products with each other are the column's own margin and stay out.
    """
    means, variances = [], []
    for side in (one, two):
        mean = side.T @ side / len(side)
        squares = side * side
        means.append(mean)
        variances.append(np.maximum(squares.T @ squares / len(side) - mean * mean, 1e-9) / len(side))
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


def _auc(one: Floats, two: Floats) -> float:
    """The share of pairs in which the second side scores higher; ties count half (Mann-Whitney)."""
    values = np.concatenate([one, two])
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    return float((ranks[len(one) :].sum() - len(two) * (len(two) + 1) / 2) / (len(one) * len(two)))


def _permuted(left: _Side, right: _Side, rate: float, rng: np.random.Generator) -> float:
    """The AUC that labels dealt at random exceed with probability `rate`, by the normal law fitted to some deals."""
    codes = np.concatenate([left.codes, right.codes])
    areas = []
    for _ in range(MOST_WINDOWS // 2):
        order = rng.permutation(len(codes))
        one, two = order[: len(left.codes)], order[len(left.codes) :]
        areas.append(
            _area(_Side(codes[one], left.sizes, left.ordered), _Side(codes[two], left.sizes, left.ordered), rng)
        )
    return float(np.mean(areas) + t_quantile(rate, len(areas) - 1) * np.std(areas, ddof=1))


def _usual(side: _Side, blocks: Codes, count: int, length: int, rng: np.random.Generator) -> Floats:
    """The AUC of windows of the reference against its rest; empty where the sample's blocks are not known."""
    if not len(blocks) or (blocks < 0).all() or count < LEAST_WINDOWS * length:
        return np.empty(0)
    starts = np.unique(np.linspace(0, count - length, MOST_WINDOWS).astype(int))
    areas = []
    for start in starts:
        inside = (blocks >= start) & (blocks < start + length)
        outside = ~inside & (blocks >= 0)
        if min(inside.sum(), outside.sum()) >= LEAST_ROWS:
            one = _Side(side.codes[outside], side.sizes, side.ordered)
            areas.append(_area(one, _Side(side.codes[inside], side.sizes, side.ordered), rng))
    return np.array(areas) if len(areas) >= LEAST_WINDOWS else np.empty(0)


def _pairs(names: list[str], left: _Side, right: _Side) -> tuple[Pair, ...]:
    own = 2 if len(left.sizes) <= MOST_SECOND else 1
    one, two = _scores(left)[:, ::own], _scores(right)[:, ::own]
    before, after = one.T @ one / len(one), two.T @ two / len(two)
    change = np.triu(np.abs(after - before), 1)
    largest = np.argsort(change, axis=None)[::-1][:NAMED_PAIRS]
    found = [np.unravel_index(int(place), change.shape) for place in largest]
    return tuple(
        Pair(names[i], names[j], round(float(before[i, j]), 4), round(float(after[i, j]), 4))
        for i, j in found
        if change[i, j] > 0.05
    )

"""Distances between windows of blocks: runs of the reference against its rest, and neighbouring windows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def jensen_shannon(left: Floats, right: Floats) -> Floats:
    """Jensen-Shannon distances along the last axis, as `measures.jensen_shannon`; NaN where a side is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        p = left / left.sum(axis=-1, keepdims=True)
        q = right / right.sum(axis=-1, keepdims=True)
        middle = (p + q) / 2
        terms = np.where(p > 0, p * np.log2(p / middle), 0.0) + np.where(q > 0, q * np.log2(q / middle), 0.0)
        distance = np.sqrt(np.clip(terms.sum(axis=-1) / 2, 0.0, 1.0))
    empty = (left.sum(axis=-1) == 0) | (right.sum(axis=-1) == 0)
    return np.asarray(np.where(empty, np.nan, distance), dtype=np.float64)


def rate_difference(left: Floats, right: Floats) -> Floats:
    """Absolute differences of rates; the last axis is (counted, not counted). NaN where a side is empty."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = [side[..., 0] / side.sum(axis=-1) for side in (left, right)]
    return np.asarray(np.abs(rates[0] - rates[1]), dtype=np.float64)


def runs(blocks: Floats, length: int) -> Floats:
    """Sums over every run of `length` consecutive blocks: row w is the sum of blocks w ... w + length - 1."""
    total = np.concatenate([np.zeros((1, *blocks.shape[1:])), np.cumsum(blocks, axis=0)])
    return np.asarray(total[length:] - total[:-length], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Cut:
    """How a reference is cut into windows.

    `length` blocks make a pseudo-current window; `step` blocks on each side are compared for a sudden change. `rows` is
    how many rows the current data has in such a window, or fewer: windows of the reference are thinned to it, because
    a small window is noisier than a large one.
    """

    length: int
    step: int
    rows: float


def thinned(windows: Floats, rows: float, rng: np.random.Generator) -> Floats:
    """Windows of more than `rows` rows drawn down to it at random, the others as they are."""
    sizes = windows.sum(axis=-1)
    over = sizes > rows
    if not over.any():
        return windows
    kept = windows.copy()
    shares = windows[over] / sizes[over][:, None]
    shares /= shares.sum(axis=-1, keepdims=True)
    kept[over] = rng.multinomial(max(1, round(rows)), shares)
    return kept


def level(blocks: Floats, cut: Cut, measure: Any, rng: np.random.Generator) -> Floats:
    """The distance of every run of `cut.length` blocks to all other blocks together."""
    windows = runs(blocks, cut.length)
    rest = blocks.sum(axis=0) - windows
    return np.asarray(measure(thinned(windows, cut.rows, rng), rest), dtype=np.float64)


def steps(blocks: Floats, length: int, measure: Any) -> Floats:
    """The distance between the `length` blocks before and after each block from number `length` on.

    Entry k is the step at block `length + k`, the first block of the later window.
    """
    windows = runs(blocks, length)
    if len(windows) <= length:
        return np.empty(0)
    return np.asarray(measure(windows[:-length], windows[length:]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Worth:
    """What the distances of a reference's windows are worth: how many stand side by side, and how many dimensions vary.

    `windows` is less than what fits by what neighbours share. `freedom` is how many independent directions the shares vary
    in, at least 1. `inflation` is how much greater the square of a new window's distance is expected to be than that of
    the windows, which took part in the mean that they are compared with. `lasting` is the correlation of neighbours.
    """

    windows: float
    freedom: float
    inflation: float
    lasting: float = 0.0


def worth(blocks: Floats, length: int, weights: Floats) -> Worth:
    """The worth of windows of `length` blocks against their rest."""
    fit = len(blocks) / length
    deviations = _deviations(runs(blocks, length), weights)
    if len(deviations) < 2:
        return Worth(max(1.0, fit), 1.0, 1 + 1 / max(1.0, fit))
    lasting = _persistence(deviations, length, fit)
    # Of squares, neighbours share the square of what they share themselves.
    kept = fit * (1 - lasting**2) / (1 + lasting**2)
    return Worth(max(2.0, kept), _freedom(deviations), 1 + (1 + lasting) / (1 - lasting) / fit, lasting)


def worth_of_steps(blocks: Floats, length: int, weights: Floats) -> Worth:
    """The worth of steps between neighbouring windows of `length` blocks: each needs two windows of its own."""
    windows = runs(blocks, length)
    if len(windows) <= length + 1:
        return Worth(2.0, 1.0, 1.0)
    shares = _shares(windows)
    steps = (shares[length:] - shares[:-length]) * weights
    known = ~np.isnan(steps).any(axis=-1)
    return Worth(max(2.0, len(blocks) / (2 * length)), _freedom(steps[known]), 1.0)


def _shares(windows: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.asarray(windows / windows.sum(axis=-1, keepdims=True), dtype=np.float64)


def _deviations(windows: Floats, weights: Floats) -> Floats:
    shares = _shares(windows)
    shares = shares[~np.isnan(shares).any(axis=-1)]
    return np.asarray((shares - shares.mean(axis=0)) * weights, dtype=np.float64) if len(shares) else shares


def _freedom(deviations: Floats) -> float:
    """The participation ratio of the covariance's eigenvalues, (sum)^2 / sum of squares; few windows pull it down."""
    if len(deviations) < 2:
        return 1.0
    covariance = deviations.T @ deviations
    squares = float((covariance * covariance).sum())
    return float(max(1.0, np.trace(covariance) ** 2 / squares)) if squares > 1e-30 else 1.0


def _persistence(deviations: Floats, length: int, fit: float) -> float:
    """The correlation of neighbouring windows over all bins together, 0 to 0.9.

    The mean is estimated from the same windows, which pulls the figure down by about one over their number: that is added.
    """
    spread = float((deviations * deviations).sum() / len(deviations))
    if spread <= 1e-18 or len(deviations) <= length:
        return 0.0
    together = float((deviations[:-length] * deviations[length:]).sum() / (len(deviations) - length))
    return float(np.clip(together / spread + 1 / fit, 0.0, 0.9))

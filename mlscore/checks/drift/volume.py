"""Drift of the rows themselves: how many there are in a block of time, whether one is empty, whether rows are repeated."""

from __future__ import annotations

import numpy as np

from mlscore.checks.drift.calibrate import LEAST_WINDOWS, Distances, missing_noise, threshold
from mlscore.checks.drift.report import Trial
from mlscore.checks.drift.summary import Summary
from mlscore.checks.drift.trials import Plan
from mlscore.checks.drift.windows import Floats, Worth, runs

ROWS_FLOOR = 0.05  # of the natural logarithm of rows per block: five per cent more or fewer
EMPTY_FLOOR = 0.7  # the same of one block: half the usual
REPEATED_FLOOR = 0.01
LEAST_BLOCKS = 14  # fewer do not tell what an empty block is
RATIO = "logarithm of the ratio of rows"


def rows_trials(reference: Summary, current: Summary, cut: Plan, rate: float, seed: int) -> tuple[Trial, ...]:
    """Trials of the rows per block of time, of its emptiest block, and of repeated rows, as far as they can be had.

    The first and last block of each side are left out: they may be cut short.
    """
    trials = []
    before = np.array(reference.sizes[1:-1], dtype=np.float64)
    now = np.array(current.sizes[1:-1], dtype=np.float64)
    if reference.unit == current.unit != "rows" and len(now) and cut.length:
        length = min(cut.length, len(now))
        fit = len(before) // length
        if fit >= LEAST_WINDOWS and before.sum():
            windows = runs(before, length)
            rest = (before.sum() - windows) / (len(before) - length)
            mean = _away(windows / length, rest)
            trials.append(_trial(float(_away(now.mean(), before.mean())), mean, fit, rate / 2))
        if len(before) >= LEAST_BLOCKS and before.sum():
            # No law is fitted to the emptiest block: it must hold less than half of the reference's emptiest.
            middle = float(np.median(before))
            usual = float(_below(before.min(), middle))
            at = int(now.argmin())
            effect, limit = float(_below(now[at], middle)), usual + EMPTY_FLOOR
            since = current.blocks[1 + at] if effect > limit else None
            trials.append(
                Trial("emptiest block", RATIO, effect, limit, EMPTY_FLOOR, 0.0, usual, effect > limit, since=since)
            )
    # Rows of other columns are repeated more or less often: where a column is lost or new, that alone is the news.
    same = set(reference.declared) == set(current.declared)
    if same and reference.repeated is not None and current.repeated is not None and reference.rows and current.rows:
        rng = np.random.default_rng(seed)
        chance = missing_noise(reference.repeated, reference.rows, current.rows, rate / 2, REPEATED_FLOOR, rng)
        effect = abs(current.repeated / current.rows - reference.repeated / reference.rows)
        limit = min(1.0, max(REPEATED_FLOOR, chance))
        trials.append(
            Trial("repeated rows", "difference of rates", effect, limit, REPEATED_FLOOR, chance, None, effect > limit)
        )
    return tuple(trials)


def _away(mean: Floats, usual: Floats) -> Floats:
    """The distance of two means of rows per block on the scale of logarithms."""
    return np.asarray(np.abs(np.log(mean + 0.5) - np.log(usual + 0.5)), dtype=np.float64)


def _below(rows: Floats, middle: float) -> Floats:
    return np.asarray(np.maximum(0.0, np.log(middle + 0.5) - np.log(rows + 0.5)), dtype=np.float64)


def _trial(effect: float, distances: Floats, fit: int, level: float) -> Trial:
    worth = Worth(max(2.0, fit * (1 - _lasting(distances))), 1.0, 1 + 1 / fit)
    usual = threshold(Distances(distances, worth, 1), None, level)
    limit = max(usual, ROWS_FLOOR)
    return Trial("rows per block", RATIO, effect, limit, ROWS_FLOOR, 0.0, usual, effect > limit)


def _lasting(values: Floats) -> float:
    """How much of a window's figure its neighbour has as well, 0 to 1."""
    if len(values) < 4 or values.std() < 1e-12:
        return 0.0
    return float(max(0.0, np.corrcoef(values[:-1], values[1:])[0, 1])) ** 2

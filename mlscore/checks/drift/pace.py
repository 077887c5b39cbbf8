"""How a drift came: at once at some block, or bit by bit, as a season or a trend does."""

from __future__ import annotations

from dataclasses import replace
from math import log

import numpy as np

from mlscore.checks.drift.report import Pace, Trial
from mlscore.checks.drift.summary import Summary
from mlscore.checks.drift.trials import LONGEST_STEP, RATES, Plan, Track
from mlscore.checks.drift.windows import Floats, runs

# The part of the whole change (of its square) that a place must hold to be the one, and that none holds in a season.
SUDDEN, GRADUAL = 0.55, 0.3
# A window is at most this part of the current data, or a slow change across it would look like a sudden one.
PART = 5
# How many times as large as what is usual from window to window the square of the change must be to tell anything.
CLEAR = 2.0
# Of the reference's own steps between such windows, those that most are below: weekends, and what chance adds.
MOST = 0.9


def with_pace(track: Track, trial: Trial, current: Summary, cut: Plan) -> Trial:
    """The trial with its pace, where it drifted.

    At each block short windows before and after it are compared. A sudden change is as large between the windows on its
    two sides as between the current data and the reference; of a slow one, neighbouring windows show a small part only.
    What chance and weekdays add is taken off; where that is most of it, the pace is unknown. The beginning of the current
    data is such a place only where it follows on the reference; without that a change is at most seen to be sudden
    within it.
    """
    if not trial.drifted:
        return trial
    whole = trial.effect**2 - _chance(track, track.reference, track.current)
    blocks = track.current_blocks
    if whole <= 0 or not blocks.sum() or len(blocks) != len(current.blocks):
        return replace(trial, pace=Pace.UNKNOWN)
    width = max(1, len(blocks) // PART)
    # Whole days and whole weeks, where there are that many: hours and weekdays then stand on both sides alike.
    cycle = LONGEST_STEP.get(current.unit, 1)
    width -= width % cycle if width >= cycle else 0
    back = max(width, cycle) if cut.follows else width
    lead = track.reference_blocks[-back:] if cut.follows else blocks[:0]
    series = np.concatenate([lead, blocks])
    usual = _usual(track, back, width)
    if usual * CLEAR > whole:
        return replace(trial, pace=Pace.UNKNOWN)
    best, at = 0.0, 0
    for place in range(max(1, len(lead)), len(series) - width + 1):
        before = series[max(0, place - back) : place].sum(axis=0)
        after = series[place : place + width].sum(axis=0)
        if min(before.sum(), after.sum()) < 1:
            continue
        part = (float(track.of(before, after)) ** 2 - usual) / whole
        if part > best:
            best, at = part, place - len(lead)
    if best >= SUDDEN:
        return replace(trial, pace=Pace.SUDDEN, since=current.blocks[at])
    return replace(trial, pace=Pace.GRADUAL if best <= GRADUAL and cut.follows else Pace.UNKNOWN)


def _usual(track: Track, back: int, width: int) -> float:
    """The square of a step between such windows that is usual in the reference, or by chance where rows are fewer now."""
    blocks = track.reference_blocks
    mean = float(track.current.sum()) / max(1, len(track.current_blocks))
    window = track.reference / max(1.0, float(track.reference.sum())) * mean
    chance = _chance(track, window * back, window * width)
    if len(blocks) < 2 * (back + width):
        return chance
    steps = track.of(runs(blocks, back)[:-width], runs(blocks, width)[back:])
    known = steps[~np.isnan(steps)]
    return max(chance, float(np.quantile(known**2, MOST))) if len(known) else chance


def _chance(track: Track, before: Floats, after: Floats) -> float:
    """The square of the distance that independent rows of equal shares are expected to have."""
    rows = 1 / max(1.0, float(before.sum())) + 1 / max(1.0, float(after.sum()))
    both = before + after
    if track.measure in RATES:
        rate = float(both[0] / max(1.0, both.sum()))
        return rate * (1 - rate) * rows
    return float(max(0, int((both > 0).sum()) - 1) * rows / (8 * log(2)))

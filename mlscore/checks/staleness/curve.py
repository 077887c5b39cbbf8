"""The curve of losses by age: increases on the same rows with their intervals, and the age at which it meets a limit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from mlscore.checks.drift.normal import t_quantile, t_tail
from mlscore.checks.intervals import Interval, deviate, upper_tail
from mlscore.checks.staleness.shapes import Point

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Losses = Mapping[float, Numbers]  # of one window's rows, by the model's age in days


def points_of(windows: Sequence[Losses], alpha: float = 0.05) -> tuple[Point, ...]:
    """The points of the curve: each age that all windows have, the youngest first."""
    ages = sorted(set.intersection(*(set(one) for one in windows)))
    found = []
    for age in ages:
        loss = sum(float(one[age].mean()) for one in windows) / len(windows)
        found.append(Point(age, loss, increase([one[age] - one[ages[0]] for one in windows], alpha), len(windows)))
    return tuple(found)


def increase(differences: Sequence[Numbers], alpha: float = 0.05) -> Interval:
    """The mean over windows of the mean paired difference, with its interval.

    Of several windows by Student's t over their means, in which chance of rows, of trainings and of seasons is; never
    narrower than the chance of rows alone makes it. Of one window by the normal interval of its rows.
    """
    value, error, freedom = _summed(differences)
    half = (deviate(alpha) if freedom is None else t_quantile(alpha / 2, freedom)) * error if error else 0.0
    return Interval(value, value - half, value + half)


def decay_of(windows: Sequence[Losses], alpha: float = 0.05) -> tuple[Interval, float]:
    """The mean increase over all ages but the youngest, and the probability of such a one by chance (one-sided)."""
    ages = sorted(set.intersection(*(set(one) for one in windows)))
    differences = [sum(one[age] for age in ages[1:]) / (len(ages) - 1) - one[ages[0]] for one in windows]
    value, error, freedom = _summed(differences)
    if not error:
        return increase(differences, alpha), 0.0 if value > 0 else 1.0
    t = value / error
    return increase(differences, alpha), upper_tail(t) if freedom is None else t_tail(t, freedom)


def _summed(differences: Sequence[Numbers]) -> tuple[float, float, float | None]:
    """The mean, its standard error, and the degrees of freedom; None for the normal distribution."""
    import numpy as np

    means = [float(one.mean()) for one in differences]
    value = sum(means) / len(means)
    rows = sum(float(np.var(one, ddof=1)) / len(one) if len(one) > 1 else math.inf for one in differences)
    error = math.sqrt(rows) / len(means)
    if len(means) == 1:
        return value, error, None
    between = math.sqrt(float(np.var(means, ddof=1)) / len(means))
    return value, max(error, between), len(means) - 1


def monotone(values: Sequence[float]) -> list[float]:
    """The nearest values that never fall: pooled adjacent violators (Ayer et al., Ann. Math. Stat. 26, 1955)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, n), (b, m) = blocks[-2:]
            blocks[-2:] = [((a * n + b * m) / (n + m), n + m)]
    return [value for value, count in blocks for _ in range(count)]


def crossing(ages: Sequence[float], values: Sequence[float], limit: float) -> float | None:
    """The age at which values that never fall exceed the limit, on straight lines between ages; None where they do not."""
    if values[0] > limit:
        return ages[0]
    for (before, low), (after, high) in pairwise(zip(ages, values, strict=True)):
        if high > limit:
            return before + (after - before) * (limit - low) / (high - low)
    return None


def at_age(ages: Sequence[float], values: Sequence[float], age: float) -> float:
    """The value at an age between the first and the last."""
    for (before, low), (after, high) in pairwise(zip(ages, values, strict=True)):
        if age <= after:
            return low + (high - low) * max(0.0, age - before) / (after - before)
    return values[-1]

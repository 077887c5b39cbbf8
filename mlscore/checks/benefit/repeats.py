"""The gain over several permutations of the same rows: what of its variance is the rows', and what the permutations'."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlscore.checks.intervals import Interval, deviate
from mlscore.checks.simpler.metrics import Answers, Metric, auc_parts, losses

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int64]


def repeated_gain(
    metric: Metric, truth: Numbers, base: Answers, permuted: Sequence[Answers], orders: Sequence[Codes], alpha: float
) -> Interval:
    """By how much the base is better than the mean of answers to rows permuted in each of these orders, all rows in each.

    A cell is what one row adds to the gain in one order: the difference of losses, or DeLong's components of the AUC
    (Biometrics 44, 1988) around their means. Cells vary by row, by the row whose value it was dealt (the donor), and by
    both together; orders that are averaged leave the first two as they are, and divide the third. So the variance is that
    of the rows' means, and of the donors' means less what the other two add to these (a two-way layout: Searle, Casella
    and McCulloch, Variance Components, 1992, chapter 4). Each row is a donor too, so that its two effects may go together:
    twice their covariance is added.
    """
    import numpy as np

    cells, value = _cells(metric, truth, base, permuted)
    repeats, n = cells.shape
    by_row = cells.mean(axis=0)
    by_donor = np.zeros(n)
    for each, order in zip(cells, orders, strict=True):
        by_donor[order] += each / repeats
    ((rows, both), (_, donors)) = np.cov(by_row, by_donor)
    # By chance alone the rest may seem less than none.
    rest = max(0.0, float(donors - np.var(cells) / repeats + 2 * both))
    half = deviate(alpha) * math.sqrt((float(rows) + rest) / n)
    return Interval(value, value - half, value + half)


def _cells(metric: Metric, truth: Numbers, base: Answers, permuted: Sequence[Answers]) -> tuple[Numbers, float]:
    """A row of cells for each order, and the gain."""
    import numpy as np

    if metric is not Metric.AUC:
        own = losses(metric, truth, base)
        differences = np.stack([losses(metric, truth, said) - own for said in permuted])
        return differences, float(differences.mean())
    assert base.score is not None
    n = len(truth)
    positive, negative = truth == 1, truth == 0
    figure, *own_parts = auc_parts(truth, base.score)
    cells, gains = np.zeros((len(permuted), n)), []
    for number, said in enumerate(permuted):
        assert said.score is not None
        other, *parts = auc_parts(truth, said.score)
        gains.append(figure - other)
        for where, mine, theirs in zip((positive, negative), own_parts, parts, strict=True):
            apart = mine - theirs
            cells[number, where] = n / max(1, len(apart)) * (apart - gains[-1])
    return cells, float(np.mean(gains))

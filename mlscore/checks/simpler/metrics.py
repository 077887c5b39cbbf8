"""How much better one set of answers is than another on the same rows: metrics with paired intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mlscore.checks.intervals import Interval, deviate, mean

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

LEAST = 1e-15


class Metric(StrEnum):
    """What answers are measured by."""

    ERROR = "error"
    LOG = "log loss"
    AUC = "AUC"
    ABSOLUTE = "absolute error"
    SQUARED = "squared error"

    @property
    def higher(self) -> bool:
        """Whether more is better."""
        return self is Metric.AUC

    @property
    def numeric(self) -> bool:
        """Whether it is about numbers, not about classes."""
        return self in (Metric.ABSOLUTE, Metric.SQUARED)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What was said of each row: a value (of classes: its number, -1 for none), the probability of the label, a score."""

    values: Numbers
    of_label: Numbers | None = None
    score: Numbers | None = None


def figure(metric: Metric, truth: Numbers, said: Answers) -> float:
    """The metric over all rows."""
    if metric is Metric.AUC:
        assert said.score is not None
        return float(auc_parts(truth, said.score)[0])
    return float(losses(metric, truth, said).mean())


def losses(metric: Metric, truth: Numbers, said: Answers) -> Numbers:
    """The loss of each row."""
    import numpy as np

    made: Any
    if metric is Metric.ERROR:
        made = (said.values != truth).astype(float)
    elif metric is Metric.LOG:
        assert said.of_label is not None
        made = -np.log(np.maximum(said.of_label, LEAST))
    else:
        distance = np.abs(said.values - truth)
        made = distance if metric is Metric.ABSOLUTE else distance**2
    return np.asarray(made, dtype=float)


def gain(metric: Metric, truth: Numbers, model: Answers, simple: Answers, alpha: float) -> Interval:
    """By how much the model is better than the simpler one, paired row by row.

    Losses: the mean of the differences with its normal interval. AUC: DeLong, DeLong and Clarke-Pearson (Biometrics 44,
    1988, pp. 837-845), by midranks as Sun and Xu (IEEE Signal Process. Lett. 21, 2014).
    """
    import numpy as np

    if metric is not Metric.AUC:
        differences = losses(metric, truth, simple) - losses(metric, truth, model)
        return mean(len(differences), float(differences.sum()), float((differences**2).sum()), alpha)
    assert model.score is not None
    assert simple.score is not None
    a, positive_a, negative_a = auc_parts(truth, model.score)
    b, positive_b, negative_b = auc_parts(truth, simple.score)
    value = a - b
    if len(positive_a) < 2 or len(negative_a) < 2:
        return Interval(value, -1.0, 1.0)
    spread = np.var(positive_a - positive_b, ddof=1) / len(positive_a)
    spread += np.var(negative_a - negative_b, ddof=1) / len(negative_a)
    half = deviate(alpha) * math.sqrt(float(spread))
    return Interval(value, value - half, value + half)


def auc_parts(truth: Numbers, score: Numbers) -> tuple[float, Numbers, Numbers]:
    """The AUC, and what each positive and each negative row adds to it: in one sort, equal scores counting half."""
    import numpy as np

    known = (truth == 0) | (truth == 1)
    if not known.all():  # rows of a class that training has not seen
        truth, score = truth[known], score[known]
    order = np.argsort(score)
    ranked, positive = score[order], truth == 1
    sorted_positive = positive[order]
    n, m = len(score), int(np.count_nonzero(positive))
    ties = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1
    starts, ends = np.concatenate([[0], ties]), np.concatenate([ties, [n]])
    before = np.concatenate([[0], np.cumsum(sorted_positive)])
    # Positive rows below each row's score, with half of those at it; the same of negative rows.
    below = np.repeat((before[starts] + before[ends]) / 2, ends - starts)
    beneath = np.repeat((starts + ends) / 2, ends - starts) - below
    parts = np.empty(n)
    parts[order] = np.where(sorted_positive, beneath / max(1, n - m), 1 - below / max(1, m))
    of_positive, of_negative = parts[positive], parts[~positive]
    return float(of_positive.mean()), of_positive, of_negative

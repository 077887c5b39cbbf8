"""Whether one setting is worse than another beyond noise: by folds, by repeated trials, or by a noise that is told."""

from __future__ import annotations

import math
from collections.abc import Sequence

from mlscore.checks.intervals import at_least, upper_tail
from mlscore.checks.tuning.shapes import Setting


class Noise:
    """What is known of the noise of values, and tests with it. `told` is the standard deviation of one trial's value."""

    def __init__(self, settings: Sequence[Setting], told: float | None) -> None:
        self._told = told
        self._folded = bool(settings) and all(
            len(one.folds) == len(settings[0].folds) >= 2 and len(one.values) == 1 for one in settings
        )
        repeats = [one.values for one in settings if len(one.values) > 1]
        self._freedom = sum(len(values) - 1 for values in repeats)
        squares = sum(sum((value - sum(values) / len(values)) ** 2 for value in values) for values in repeats)
        self._deviation = math.sqrt(squares / self._freedom) if self._freedom else None

    @property
    def source(self) -> str | None:
        """Where the noise is known from; None where it is not known."""
        if self._told is not None:
            return "told"
        if self._folded:
            return "folds"
        return None if self._deviation is None else "repeated trials"

    def p(self, better: Setting, worse: Setting) -> float | None:
        """The one-sided probability that equals differ so, None where no noise is known.

        On the same folds by the corrected resampled t-test (Nadeau and Bengio, Machine Learning 52, 2003, section 3), whose
        variance allows for the overlap of training sets: 1/k + 1/(k - 1) for k folds. Else by the pooled
        deviation of trials with the same parameters (Student's t), or by the deviation that is told.
        """
        gap = abs(better.value - worse.value)
        if self._told is None and self._folded:
            steps = [a - b for a, b in zip(better.folds, worse.folds, strict=True)]
            many = len(steps)
            middle = sum(steps) / many
            variance = sum((step - middle) ** 2 for step in steps) / (many - 1)
            return _tail(abs(middle), math.sqrt(variance * (1 / many + 1 / (many - 1))), many - 1)
        width = math.sqrt(1 / len(better.values) + 1 / len(worse.values))
        if self._told is not None:
            return _tail(gap, self._told * width, None)
        return None if self._deviation is None else _tail(gap, self._deviation * width, self._freedom)


def _tail(gap: float, error: float, freedom: int | None) -> float:
    if gap == 0:
        return 0.5
    if error <= gap * 1e-12:
        return 0.0
    t = gap / error
    if freedom is None:
        return upper_tail(t)
    if freedom == 1:
        return 0.5 - math.atan(t) / math.pi
    # Student's tail as an incomplete beta function (DLMF 8.17, Abramowitz and Stegun 26.7.1).
    return 0.5 * max(0.0, 1 - at_least(0.5, (freedom - 1) / 2, t * t / (freedom + t * t)))

"""How many rows of a window may break a rule by chance: a tolerance learnt from windows in which all was well."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

_WALKED = 2_000  # beyond this mean the tail is that of a normal distribution, corrected for its skew
OUTLIER = 1e-4  # a clean window exceeds the bound learnt from the better ones this rarely
MOST_OUTLIERS = 0.2  # at most this share of the windows is left out: more are no outliers, but how the data is


@dataclass(frozen=True, slots=True)
class Learnt:
    """What clean windows say of a rule: the share of values that break it, how much it varies from window to window.

    `share` is of `values` in `windows` windows; `correlation` is the intra-class correlation within windows: 0 where
    windows differ by chance alone. `left_out` numbers the windows that were not clean.
    """

    share: float
    values: int
    windows: int
    correlation: float
    left_out: tuple[int, ...] = ()

    def bound(self, checked: int, alarm: float) -> int:
        """The most violations among `checked` values that a clean window exceeds with a probability of at most `alarm`.

        The count is taken as overdispersed: binomial variance inflated by the correlation within windows (the design
        effect of Kish, 1965), and by what the reference leaves uncertain about the share (half a violation is added to
        it). Its tail is a negative binomial's.
        """
        if checked <= 0:
            return 0
        share = (self.share * self.values + 0.5) / (self.values + 1) if self.values else 0.5
        mean = checked * share
        spread = share * (1 - share)
        within = checked * spread * (1 + (checked - 1) * self.correlation)
        size = self.values / max(1, self.windows)
        known = max(1.0, self.values / (1 + max(0.0, size - 1) * self.correlation))
        return min(checked, _tail(mean, within + checked**2 * spread / known, alarm))


def learn(violations: Sequence[int], checked: Sequence[int]) -> Learnt:
    """Learn from windows. Of the worst fifth those are left out that lie far beyond what the better ones let expect.

    The worst windows are taken up one after the other, from the best of them on, as long as each is within the bound
    that those before it teach: so several bad windows do not hide each other, and what merely varies is taken up step
    by step.
    """
    kept = sorted((n for n, size in enumerate(checked) if size), key=lambda n: violations[n] / checked[n])
    clean = kept[: math.ceil(len(kept) * (1 - MOST_OUTLIERS))]
    for number in kept[len(clean) :]:
        learnt = _pooled([violations[n] for n in clean], [checked[n] for n in clean], ())
        if violations[number] > learnt.bound(checked[number], OUTLIER):
            break
        clean.append(number)
    odd = tuple(sorted(kept[len(clean) :]))
    return _pooled([violations[n] for n in clean], [checked[n] for n in clean], odd)


def _pooled(violations: Sequence[int], checked: Sequence[int], left_out: tuple[int, ...]) -> Learnt:
    values = sum(checked)
    if not values:
        return Learnt(0.0, 0, 0, 0.0, left_out)
    share = sum(violations) / values
    return Learnt(share, values, len(checked), _correlation(violations, checked, share), left_out)


def _correlation(violations: Sequence[int], checked: Sequence[int], share: float) -> float:
    """The intra-class correlation by the moments of the windows' shares (analysis of variance), never below 0."""
    windows, values = len(checked), sum(checked)
    if windows < 2 or share in (0.0, 1.0) or values <= windows:
        return 0.0
    between = sum(size * (broken / size - share) ** 2 for broken, size in zip(violations, checked, strict=True))
    within = sum(broken * (1 - broken / size) for broken, size in zip(violations, checked, strict=True))
    mean_between, mean_within = between / (windows - 1), within / (values - windows)
    size = (values - sum(n * n for n in checked) / values) / (windows - 1)
    total = mean_between + (size - 1) * mean_within
    return min(1.0, max(0.0, (mean_between - mean_within) / total)) if total > 0 else 0.0


def _tail(mean: float, variance: float, alarm: float) -> int:
    """The smallest k that a count of this mean and variance exceeds with a probability of at most `alarm`."""
    if mean > _WALKED or variance <= mean * (1 + 1e-9):
        z = NormalDist().inv_cdf(1 - alarm)
        deviation = math.sqrt(variance)
        skew = (2 * variance - mean) / (mean * deviation) if variance > mean else 1 / deviation
        return math.ceil(mean + z * deviation + (z * z - 1) / 6 * skew * deviation + 0.5)
    size = mean * mean / (variance - mean)
    success = mean / variance
    log = size * math.log(success)
    below, k = 0.0, 0
    while k < 1_000_000:
        below += math.exp(log)
        if 1 - below <= alarm:
            return k
        log += math.log(k + size) - math.log(k + 1) + math.log1p(-success)
        k += 1
    return k

"""Distances between two distributions, from the counts of the same bins.

Every function takes two sequences of counts (not negative, of one length) and gives a plain float. Shares are the counts
over their sum: no pseudo-count is added, except where a formula would divide by zero (the population stability index, which
says so). A distance between two empty sides is 0.0, between an empty and a filled one the measure's greatest value where it
has one, else NaN. Lengths that differ, and counts that are negative or not finite, raise ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf, isfinite, log, log2, nan, sqrt

Numbers = Sequence[float]

# What an empty bin counts as in the population stability index, in rows: the usual half row of contingency tables.
HALF_A_ROW = 0.5


@dataclass(frozen=True, slots=True)
class ChiSquare:
    """Pearson's statistic of a table of two rows, its degrees of freedom, and the effect sizes that follow from it."""

    statistic: float
    freedom: int
    rows: float

    @property
    def cramers_v(self) -> float:
        """Cramér's V, 0 to 1: the square root of statistic / rows for a table of two rows.

        H. Cramér, "Mathematical Methods of Statistics", 1946, section 21.9.
        """
        return sqrt(min(1.0, self.statistic / self.rows)) if self.rows else 0.0

    @property
    def cramers_v_corrected(self) -> float:
        """Cramér's V less what chance alone gives, 0 to 1.

        W. Bergsma, "A bias-correction for Cramér's V and Tschuprow's T", Journal of the Korean Statistical Society 42
        (2013), 323-328.
        """
        if self.rows <= 1 or not self.freedom:
            return 0.0
        excess = max(0.0, self.statistic / self.rows - self.freedom / (self.rows - 1))
        return min(1.0, sqrt(excess / (2 - 1 / (self.rows - 1) - 1)))


def total_variation(reference: Numbers, current: Numbers) -> float:
    """Half the sum of the absolute differences of the shares, 0 to 1: the share of rows that would have to change bin.

    D. A. Levin, Y. Peres, E. L. Wilmer, "Markov Chains and Mixing Times", 2009, proposition 4.2.
    """
    shares = _shares(reference, current)
    if shares is None:
        return _one_sided(reference, current, 1.0)
    return min(1.0, sum(abs(p - q) for p, q in zip(*shares, strict=True)) / 2)


def jensen_shannon(reference: Numbers, current: Numbers) -> float:
    """Jensen-Shannon distance, 0 to 1: the square root of the divergence with logarithms to the base 2.

    J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information Theory 37 (1991),
    145-151; that its root is a metric: D. M. Endres, J. E. Schindelin, the same journal 49 (2003), 1858-1860.
    """
    shares = _shares(reference, current)
    if shares is None:
        return _one_sided(reference, current, 1.0)
    divergence = 0.0
    for p, q in zip(*shares, strict=True):
        middle = (p + q) / 2
        divergence += (p * log2(p / middle) if p else 0.0) / 2 + (q * log2(q / middle) if q else 0.0) / 2
    return sqrt(min(1.0, max(0.0, divergence)))


def population_stability(reference: Numbers, current: Numbers) -> float:
    """Population stability index (PSI), 0 and upwards: the sum of (q - p) ln(q / p) over the shares p and q.

    It is Jeffreys' divergence, known in credit scoring as PSI: N. Siddiqi, "Credit Risk Scorecards", 2006, chapter 8, whose
    rule of thumb calls less than 0.1 stable and more than 0.25 a shift. A bin that is empty on one side counts as half a
    row there, or the index would be infinite; a bin that is empty on both sides says nothing.
    """
    if _shares(reference, current) is None:
        return _one_sided(reference, current, inf)
    pairs = [(a, b) for a, b in zip(reference, current, strict=True) if a or b]
    left = [a or HALF_A_ROW for a, _ in pairs]
    right = [b or HALF_A_ROW for _, b in pairs]
    sum_left, sum_right = sum(left), sum(right)
    index = 0.0
    for a, b in zip(left, right, strict=True):
        p, q = a / sum_left, b / sum_right
        index += (q - p) * log(q / p)
    return max(0.0, index)


def kolmogorov_smirnov(reference: Numbers, current: Numbers) -> float:
    """The greatest difference of the two cumulative shares at the bins' edges, 0 to 1; the bins must be in order.

    N. Smirnov, "Table for estimating the goodness of fit of empirical distributions", Annals of Mathematical Statistics
    19 (1948), 279-281. On bins it is at most the figure on the rows themselves: what moves inside a bin is not seen.
    """
    shares = _shares(reference, current)
    if shares is None:
        return _one_sided(reference, current, 1.0)
    greatest = difference = 0.0
    for p, q in zip(*shares, strict=True):
        difference += p - q
        greatest = max(greatest, abs(difference))
    return min(1.0, greatest)


def wasserstein(reference: Numbers, current: Numbers, positions: Numbers) -> float:
    """First Wasserstein distance, in the unit of `positions`: how far the average row would have to move.

    L. N. Vaserstein, "Markov processes over denumerable products of spaces", Problems of Information Transmission 5
    (1969); on a line it is the area between the cumulative shares. Each bin's rows count as standing at its position
    (its middle, say); they must not decrease. Raises ValueError when there are not as many positions as bins.
    """
    shares = _shares(reference, current)
    if len(positions) != len(reference):
        raise ValueError(f"{len(positions)} positions for {len(reference)} bins")
    if any(not low <= high for low, high in pairwise(positions)):
        raise ValueError("positions must not decrease")
    if shares is None:
        return _one_sided(reference, current, nan)
    distance = difference = 0.0
    for number in range(len(positions) - 1):
        difference += shares[0][number] - shares[1][number]
        distance += abs(difference) * (positions[number + 1] - positions[number])
    return distance


def chi_square(reference: Numbers, current: Numbers) -> ChiSquare:
    """Pearson's chi-square of the table with the two sides as its rows; bins empty on both sides are left out.

    K. Pearson, "On the criterion that a given system of deviations ...", Philosophical Magazine 50 (1900), 157-175. The
    statistic grows with the number of rows: judge by `cramers_v`, which does not.
    """
    if _shares(reference, current) is None:
        return ChiSquare(0.0, 0, float(sum(reference) + sum(current)))
    left, right = float(sum(reference)), float(sum(current))
    rows, statistic, filled = left + right, 0.0, 0
    for a, b in zip(reference, current, strict=True):
        both = a + b
        if both:
            filled += 1
            # Of two rows, (a - expected)^2 is the same in both; shares keep large counts exact enough.
            difference = a / left - b / right
            statistic += difference * difference * left * right / both
    return ChiSquare(statistic, max(0, filled - 1), rows)


def missing_rate_difference(reference_missing: float, reference_rows: float, missing: float, rows: float) -> float:
    """Current missing rate less that of the reference, -1 to 1; 0.0 when a side has no rows."""
    if not reference_rows or not rows:
        return 0.0
    return missing / rows - reference_missing / reference_rows


def _shares(reference: Numbers, current: Numbers) -> tuple[list[float], list[float]] | None:
    """Both sides as shares of their sums; None when a side is empty. Raises ValueError on counts that are none."""
    if len(reference) != len(current):
        raise ValueError(f"{len(reference)} bins of the reference and {len(current)} of the current data")
    for counts in (reference, current):
        if any(not (isfinite(count) and count >= 0) for count in counts):
            raise ValueError("counts must be finite and not negative")
    left, right = sum(reference), sum(current)
    if not left or not right:
        return None
    return [a / left for a in reference], [b / right for b in current]


def _one_sided(reference: Numbers, current: Numbers, greatest: float) -> float:
    return greatest if bool(sum(reference)) != bool(sum(current)) else 0.0

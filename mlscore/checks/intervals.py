"""Intervals and tail probabilities of shares and means, without resampling: what checks on predictions decide by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

_NORMAL = NormalDist()
_STEPS = 500
_TINY = 1e-300


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with the limits between which it lies at the confidence asked for."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


def deviate(alpha: float, *, sides: int = 2) -> float:
    """The normal deviate that is exceeded with probability `alpha`, in both tails together or in one."""
    return -_NORMAL.inv_cdf(alpha / sides)


def upper_tail(z: float) -> float:
    """The probability that a normal deviate exceeds z, exact far out too."""
    return 0.5 * math.erfc(z / math.sqrt(2))


def share(successes: float, rows: int, alpha: float = 0.05) -> Interval:
    """A share with its score interval (Wilson, JASA 22, 1927, pp. 209-212); NaN and the whole range without rows."""
    if rows == 0:
        return Interval(math.nan, 0.0, 1.0)
    z = deviate(alpha)
    p = successes / rows
    middle = (p + z * z / (2 * rows)) / (1 + z * z / rows)
    half = z / (1 + z * z / rows) * math.sqrt(p * (1 - p) / rows + z * z / (4 * rows * rows))
    # The limits enclose the estimate, which rounding alone could deny at 0 and 1.
    return Interval(p, min(p, max(0.0, middle - half)), max(p, min(1.0, middle + half)))


def mean(rows: int, added: float, squares: float, alpha: float = 0.05) -> Interval:
    """A mean with its normal interval from the rows' sum and sum of squares; unbounded below two rows."""
    if rows == 0:
        return Interval(math.nan, -math.inf, math.inf)
    value = added / rows
    if rows < 2:
        return Interval(value, -math.inf, math.inf)
    half = deviate(alpha) * math.sqrt(variance(rows, added, squares) / rows)
    return Interval(value, value - half, value + half)


def variance(rows: int, added: float, squares: float) -> float:
    """The variance of a sample (n - 1) from its sums; 0 where rounding would make it negative."""
    if rows < 2:
        return 0.0
    return max(0.0, (squares - added * added / rows) / (rows - 1))


def difference(a: Interval, b: Interval) -> Interval:
    """a - b of two independent shares, from their score intervals (Newcombe, Stat. Med. 17, 1998, method 10)."""
    value = a.value - b.value
    low = value - math.hypot(a.value - a.low, b.high - b.value)
    high = value + math.hypot(a.high - a.value, b.value - b.low)
    return Interval(value, max(-1.0, low), min(1.0, high))


def ratio(a: Interval, b: Interval) -> Interval:
    """a / b of two independent shares, from their intervals (Donner and Zou, Stat. Methods Med. Res. 21, 2012, eq. 9)."""
    if not b.value > 0:
        return Interval(math.nan if not a.value > 0 else math.inf, 0.0, math.inf)
    value = a.value / b.value
    product = a.value * b.value

    def root(of: float) -> float:
        return math.sqrt(max(0.0, of))

    low_below, high_below = b.high * (2 * b.value - b.high), b.low * (2 * b.value - b.low)
    low = a.low / b.high if b.high > 0 else 0.0
    if low_below > 0:
        low = (product - root(product**2 - a.low * b.high * (2 * a.value - a.low) * (2 * b.value - b.high))) / low_below
    high = math.inf
    if high_below > 0:
        high = (
            product + root(product**2 - a.high * b.low * (2 * a.value - a.high) * (2 * b.value - b.low))
        ) / high_below
    return Interval(value, min(value, max(0.0, low)), max(value, high))


def at_least(successes: float, rows: float, p: float) -> float:
    """The probability of so many successes or more in a binomial of `rows` trials with probability p.

    By the incomplete beta function's continued fraction (DLMF 8.17.5 and 8.17.22), evaluated after Lentz.
    """
    if successes <= 0 or p >= 1:
        return 1.0
    if p <= 0 or successes > rows:
        return 0.0
    return _beta(p, successes, rows - successes + 1)


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function."""
    front = math.exp(
        math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    )  # fmt: skip
    if x > (a + 1) / (a + b + 2):
        return max(0.0, 1 - front * _fraction(1 - x, b, a) / b)
    return min(1.0, front * _fraction(x, a, b) / a)


def _fraction(x: float, a: float, b: float) -> float:
    c, d = 1.0, 1 / _away(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _away(1 + term * d)
            c = _away(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return value


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY

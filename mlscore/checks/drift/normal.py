"""Quantiles of the normal, Student's t and Fisher's F distributions, so that scipy is not needed at run time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import exp, lgamma, log
from statistics import NormalDist

_NORMAL = NormalDist()
_STEPS = 200
_LEAST = 1e-300  # of a tail, so that it has a logarithm


def normal_quantile(upper: float) -> float:
    """The value that a standard normal variable exceeds with probability `upper` (0 < upper < 1)."""
    return -_NORMAL.inv_cdf(upper)


def normal_tail(value: float) -> float:
    """The probability that a standard normal variable exceeds `value`."""
    return _NORMAL.cdf(-value)


def t_tail(value: float, freedom: float) -> float:
    """The probability that Student's t with `freedom` > 0 degrees of freedom exceeds `value`.

    Half of the regularised incomplete beta function at freedom / (freedom + value^2), by its continued fraction:
    W. Gautschi, "Computational aspects of three-term recurrence relations", SIAM Review 9 (1967); Abramowitz, Stegun,
    "Handbook of Mathematical Functions", 26.5.8 and 26.7.1.
    """
    if value < 0:
        return 1 - t_tail(-value, freedom)
    x = freedom / (freedom + value * value)
    return _incomplete_beta(x, freedom / 2, 0.5) / 2


def t_quantile(upper: float, freedom: float) -> float:
    """The value that Student's t with `freedom` > 0 degrees of freedom exceeds with probability `upper` (0 < upper < 1)."""
    if upper > 0.5:
        return -t_quantile(1 - upper, freedom)
    return _exceeded(upper, lambda value: t_tail(value, freedom))


def f_tail(value: float, above: float, below: float) -> float:
    """The probability that Fisher's F with `above` and `below` degrees of freedom exceeds `value` >= 0.

    Abramowitz, Stegun, "Handbook of Mathematical Functions", 26.6.2.
    """
    return _incomplete_beta(below / (below + above * value), below / 2, above / 2)


@lru_cache(maxsize=4_096)
def f_quantile(upper: float, above: float, below: float) -> float:
    """The value that Fisher's F with these degrees of freedom exceeds with probability `upper` (0 < upper < 1)."""
    return _exceeded(upper, lambda value: f_tail(value, above, below))


def _exceeded(upper: float, tail: Callable[[float], float]) -> float:
    """Where a tail that falls from 0 on has come down to `upper`, by the Illinois rule on its logarithm.

    M. Dowell, P. Jarratt, "A modified regula falsi method for computing the root of an equation", BIT 11 (1971).
    """

    def over(value: float) -> float:
        return log(max(tail(value), _LEAST)) - log(upper)

    low, high = 0.0, 1.0
    left, right = over(low), over(high)
    while right > 0:
        low, left = high, right
        high *= 2
        right = over(high)
    side = 0
    for _ in range(_STEPS):
        if high - low <= 1e-12 * high or left == right:
            break
        middle = (low * right - high * left) / (right - left)
        value = over(middle)
        if abs(value) < 1e-12:
            return middle
        if value > 0:
            low, left = middle, value
            right = right / 2 if side == 1 else right
            side = 1
        else:
            high, right = middle, value
            left = left / 2 if side == -1 else left
            side = -1
    return (low + high) / 2


def _incomplete_beta(x: float, a: float, b: float) -> float:
    if x <= 0 or x >= 1:
        return min(1.0, max(0.0, x))
    if x > (a + 1) / (a + b + 2):
        return 1 - _incomplete_beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    # Lentz's evaluation of the continued fraction.
    fraction, c, d = 1.0, 1.0, 0.0
    for step in range(_STEPS):
        m = step // 2
        if step == 0:
            term = 1.0
        elif step % 2 == 0:
            term = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        else:
            term = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d = 1 + term * d
        d = 1 / (d if abs(d) > 1e-300 else 1e-300)
        c = 1 + term / (c if abs(c) > 1e-300 else 1e-300)
        fraction *= c * d
        if step and abs(1 - c * d) < 1e-14:
            break
    return front * (fraction - 1)

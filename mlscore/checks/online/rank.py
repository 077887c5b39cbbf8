"""Rank correlation: Kendall's tau-b and Spearman's rho, weighted or not, with intervals, exact probabilities and power."""

from __future__ import annotations

import math
from itertools import permutations
from typing import TYPE_CHECKING

from mlscore.checks.intervals import Interval, deviate, upper_tail

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]

ALL = 7  # pairs whose permutations are all tried, where values are equal or weights differ: 5,040
DRAWN = 60  # pairs whose permutations are drawn then
DRAWS = 5_000
COUNTED = 150  # pairs whose permutations are counted, where neither is so; beyond, the normal approximation holds
POWER = 0.8
MOST_NEEDED = 10_000
_SPREAD = 0.437  # the variance of atanh(tau), times the pairs less 4
_CLOSE = 1e-9


def kendall(a: Numbers, b: Numbers, weights: Numbers | None = None) -> float:
    """Tau-b (Kendall, Biometrika 33, 1945, pp. 239-251); NaN where one of them does not vary.

    A pair of pairs counts as much as the product of their weights.
    """
    return _tau(_signs(a), _signs(b), _products(a, weights))


def spearman(a: Numbers, b: Numbers, weights: Numbers | None = None) -> float:
    """Rho: the correlation of the mid-ranks (Spearman, Am. J. Psychol. 15, 1904); NaN where one of them does not vary."""
    import numpy as np

    heavy = np.ones(len(a)) if weights is None else weights
    x, y = (midranks(values) for values in (a, b))
    x, y = (values - np.average(values, weights=heavy) for values in (x, y))
    spread = float((heavy * x * x).sum() * (heavy * y * y).sum())
    return float((heavy * x * y).sum()) / math.sqrt(spread) if spread > 0 else math.nan


def midranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the middle of theirs."""
    import numpy as np

    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[places], dtype=float)


def partial(ab: float, ac: float, bc: float) -> float:
    """Tau of a and b without what both share with c (Kendall, Biometrika 32, 1942); NaN where c tells one of them."""
    left = (1 - ac * ac) * (1 - bc * bc)
    return (ab - ac * bc) / math.sqrt(left) if left > _CLOSE else math.nan


def effective(weights: Numbers) -> float:
    """How many values of equal weight tell as much (Kish, Survey Sampling, 1965)."""
    return float(weights.sum() ** 2 / (weights**2).sum())


def interval_of_tau(tau: float, pairs: float, alpha: float = 0.05) -> Interval:
    """The interval of tau by Fisher's transformation (Bonett and Wright, Psychometrika 65, 2000, eq. 3).

    It is the whole range below five pairs. At the ends the estimate is moved inwards by half the step between two values
    that tau can take, so that the interval has a width.
    """
    if pairs < 5:
        return Interval(tau, -1.0, 1.0)
    most = 1 - 2 / (pairs * (pairs - 1))
    return _fisher(tau, max(-most, min(most, tau)), math.sqrt(_SPREAD / (pairs - 4)), alpha)


def interval_of_rho(rho: float, pairs: float, alpha: float = 0.05) -> Interval:
    """The interval of rho (Bonett and Wright, eq. 4), the ends as for tau."""
    if pairs < 5:
        return Interval(rho, -1.0, 1.0)
    most = 1 - 3 / (pairs * (pairs**2 - 1))
    return _fisher(rho, max(-most, min(most, rho)), math.sqrt((1 + rho * rho / 2) / (pairs - 3)), alpha)


def chances(a: Numbers, b: Numbers, weights: Numbers | None = None, seed: int = 0) -> tuple[float, float]:
    """The probabilities of a tau as great, and of one as small, were the b dealt out among the a by chance.

    Exact by counting inversions (Kendall, Biometrika 30, 1938, pp. 81-93) up to 150 pairs. With equal values or weights:
    of all permutations up to 7 pairs, of 5,000 drawn ones, the one at hand counted in (Phipson and Smyth, Stat. Appl.
    Genet. Mol. Biol. 9, 2010), up to 60. Beyond by the normal approximation of atanh(tau).
    """
    import numpy as np

    count = len(a)
    if weights is None and count <= COUNTED and all(len(np.unique(values)) == count for values in (a, b)):
        return _counted(count, kendall(a, b))
    if count > DRAWN:
        size = float(count) if weights is None else effective(weights)
        tau = max(-1 + 1e-12, min(1 - 1e-12, kendall(a, b, weights)))
        z = math.atanh(tau) * math.sqrt(max(1.0, size - 4) / _SPREAD)
        return upper_tail(z), upper_tail(-z)
    across, down = _signs(a) * _products(a, weights), _signs(b)
    if count <= ALL:
        orders = np.array(list(permutations(range(count))))
    else:
        random = np.random.default_rng(seed)
        orders = random.permuted(np.tile(np.arange(count), (DRAWS, 1)), axis=1)
    here = float((across * down).sum())
    sums = np.concatenate(
        [
            np.einsum("ij,kij->k", across, down[some[:, :, None], some[:, None, :]])
            for some in np.array_split(orders, max(1, orders.size * count // 2_000_000))
        ]
    )
    close = _CLOSE * max(1.0, float(np.abs(across).sum()))
    great, small = int((sums >= here - close).sum()), int((sums <= here + close).sum())
    if count <= ALL:
        return great / len(sums), small / len(sums)
    return (great + 1) / (len(sums) + 1), (small + 1) / (len(sums) + 1)


def needed(planned: float, least: float, alpha: float = 0.05) -> int | None:
    """How many pairs give a verdict with a power of 80 % where tau is `planned`; None for more than 10,000.

    The verdict is that tau is above 0 and its estimate not below `least` where `planned` is above it, else that tau is
    below `least`; what is shown is shown at `alpha` / 2. By the same transformation as the interval.
    """
    there, limit = (math.atanh(max(-0.999, min(0.999, value))) for value in (planned, least))
    chance, power = deviate(alpha), deviate(1 - POWER, sides=1)
    gaps = [(there, chance + power), (there - limit, power)] if planned > least else [(limit - there, chance + power)]
    if any(gap <= 0 for gap, _ in gaps):
        return None
    count = 4 + _SPREAD * max(z / gap for gap, z in gaps) ** 2
    return math.ceil(max(5.0, count)) if count <= MOST_NEEDED else None


def _counted(count: int, tau: float) -> tuple[float, float]:
    """The exact probabilities of a tau as great and as small between untied rankings."""
    import numpy as np

    of = np.ones(1)  # the probability of each number of inversions, one ranked value after the other
    for ranked in range(2, count + 1):
        of = np.convolve(of, np.full(ranked, 1 / ranked))
    inversions = round((1 - tau) * count * (count - 1) / 4)
    return min(1.0, float(of[: inversions + 1].sum())), min(1.0, float(of[inversions:].sum()))


def _fisher(value: float, inner: float, error: float, alpha: float) -> Interval:
    half = deviate(alpha) * error
    low, high = (math.tanh(math.atanh(inner) + side * half) for side in (-1, 1))
    return Interval(value, min(low, value), max(high, value))


def _signs(values: Numbers) -> Numbers:
    import numpy as np

    return np.sign(values[:, None] - values[None, :])


def _products(values: Numbers, weights: Numbers | None) -> Numbers:
    import numpy as np

    return np.ones((len(values), len(values))) if weights is None else weights[:, None] * weights[None, :]


def _tau(across: Numbers, down: Numbers, products: Numbers) -> float:
    spread = float((products * across * across).sum() * (products * down * down).sum())
    return float((products * across * down).sum()) / math.sqrt(spread) if spread > 0 else math.nan

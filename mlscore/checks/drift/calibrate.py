"""From the distances of the reference's own windows to a threshold per test, at a false alarm rate over all tests.

Each test has the distances d of the reference's windows to its rest. To first order d^2 is a sum of squares of
deviations in k independent directions (the participation ratio of their covariance says how many). So a new window's
d^2, over the mean of the windows' own, is about Fisher's F with k degrees of freedom above and as many for each
window below: a prediction interval, which pays for the spread being estimated from few windows (F. E. Satterthwaite,
"An approximate distribution of estimates of variance components", Biometrics Bulletin 2, 1946). Windows that overlap
tell less than their number: counted are those that fit side by side, less for what neighbours share. Where that makes a
handful, single blocks, of which there are more, may lower the threshold, as far as the windows themselves allow.

The p that each test may spend follows from the false alarm rate over all tests together: the greatest of correlated
normal variables with the correlation that the windows show (the distribution of the maximum of P. H. Westfall and S.
S. Young, "Resampling-Based Multiple Testing", 1993, section 2.3), shrunk towards independence, and never above the
rate itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, sqrt

import numpy as np

from mlscore.checks.drift.normal import f_quantile, normal_quantile, normal_tail
from mlscore.checks.drift.windows import Floats, Worth, jensen_shannon

# Fewer windows side by side than this carry no tail: the fallback is used, and said.
LEAST_WINDOWS = 6
# Beyond this many tests their correlation is not simulated; independence is assumed, which errs towards fewer alarms.
MOST_SIMULATED = 300
DRAWS = 20_000
STORM = 2.0  # how much worse than the worst that was seen the next one may be
MANY = 10_000.0  # degrees of freedom of what is as good as known
NOISE_DRAWS = 500
MOST_DRAWS = 50_000


# Fewer windows side by side than this carry no tail: the fallback is used, and said.
LEAST_WINDOWS = 6
# Beyond this many tests their correlation is not simulated; independence is assumed, which errs towards fewer alarms.
MOST_SIMULATED = 300
DRAWS = 20_000
STORM = 2.0  # how much worse than the worst that was seen the next one may be
MANY = 10_000.0  # degrees of freedom of what is as good as known
NOISE_DRAWS = 500
MOST_DRAWS = 50_000


def level_per_test(distances: list[Floats], windows: int, rate: float, seed: int = 0) -> float:
    """The probability that each test may alarm with, so that any of them does with `rate` together.

    `distances` holds a row of window distances per test, all of the same windows; `windows` of them are independent.
    """
    count = len(distances)
    independent = 1 - (1 - rate) ** (1 / count) if count else rate
    if count < 2 or count > MOST_SIMULATED or windows < LEAST_WINDOWS:
        return independent
    values = np.sqrt(np.array(distances))
    values = values[:, ~np.isnan(values).any(axis=0)]
    spread = values.std(axis=1) if values.shape[1] > 1 else np.zeros(count)
    moving = spread > 1e-12
    if moving.sum() < 2:
        return independent
    correlation = np.eye(count)
    correlation[np.ix_(moving, moving)] = np.corrcoef(values[moving])
    # A correlation of few windows is mostly noise, and noise looks like common structure.
    shrink = min(1.0, max(0.05, 2 / sqrt(windows)))
    correlation = (1 - shrink) * correlation + shrink * np.eye(count)
    rng = np.random.default_rng(seed)
    factor = np.linalg.cholesky(correlation + 1e-9 * np.eye(count))
    greatest = np.concatenate(
        [(rng.standard_normal((2_000, count)) @ factor.T).max(axis=1) for _ in range(DRAWS // 2_000)]
    )
    simulated = normal_tail(float(np.quantile(greatest, 1 - rate)))
    return float(min(rate, max(independent, simulated)))


@dataclass(frozen=True, slots=True)
class Distances:
    """The distances of windows of one length to their rest, and their worth."""

    values: Floats
    worth: Worth
    length: int

    @property
    def square(self) -> float:
        """The mean square of the distances, as a new window's is expected to be."""
        known = self.values[~np.isnan(self.values)]
        return float((known * known).mean()) * self.worth.inflation if len(known) else 0.0

    @property
    def excess(self) -> float:
        """How far the worst window is out, beyond what all of them are."""
        squares = self.values[~np.isnan(self.values)] ** 2
        return sqrt(float(squares.max() - squares.mean())) if len(squares) else 0.0


def threshold(windows: Distances, blocks: Distances | None, level: float, short: Distances | None = None) -> float:
    """What a new window's distance exceeds with probability `level`, from the distances of the reference's windows.

    `blocks` are the distances of single blocks, where windows are longer than one. While there are fewer windows than the
    level asks for, nothing that the reference itself contains is an alarm. `short` are the distances of runs of a few
    blocks: one such run that is twice as far out as the reference's worst is no alarm either, for storms and strikes keep
    to no normal law.
    """
    known = windows.values[~np.isnan(windows.values)]
    if not len(known):
        return 1.0
    worth = windows.worth
    limit = windows.square * f_quantile(level, worth.freedom, max(1.0, worth.windows - 1) * worth.freedom)
    if blocks is not None:
        limit = min(limit, _from_blocks(windows, blocks, level))
    if short is not None:
        limit = max(limit, (sqrt(windows.square) + STORM * short.excess * short.length / windows.length) ** 2)
    usual = np.sort(known)[min(len(known) - 1, ceil((1 - level) * (len(known) + 1)) - 1)]
    return max(sqrt(limit), float(usual))


def _from_blocks(windows: Distances, blocks: Distances, level: float) -> float:
    """The square of the threshold by way of single blocks, of which there are many.

    Were blocks to depend on the one before alone, a window of n of them would vary by (1 + r) / (1 - r) / n of one block,
    with r their correlation; r is taken two standard errors up. What the windows themselves vary is the least it can be.
    """
    freedom = max(1.0, min(windows.worth.freedom, blocks.worth.freedom))
    count = len(blocks.values)
    lasting = min(0.95, blocks.worth.lasting + 2 / sqrt(count * freedom))
    shorter = (1 / windows.length + 1 / count) / (1 + 1 / count)
    square = blocks.square * shorter * (1 + lasting) / (1 - lasting)
    return max(
        square * f_quantile(level, freedom, max(1.0, blocks.worth.windows - 1) * freedom),
        windows.square * f_quantile(level, freedom, MANY),
    )


def noise(counts: Floats, rows: float, level: float, rng: np.random.Generator) -> float:
    """The Jensen-Shannon distance that `rows` independent rows exceed with probability `level` when nothing has changed.

    The shares are those of the reference with half a row added to each bin, drawn anew for both sides.
    """
    total = float(counts.sum())
    if not total or rows < 1:
        return 1.0
    size = len(counts)
    # 8 ln 2 n JS^2 is about chi-square; the bound by its normal approximation spares the draws where rows are many.
    both = total * rows / (total + rows)
    z = normal_quantile(level)
    bound = sqrt((size + z * sqrt(2 * size) + 2 * z * z) / (8 * np.log(2) * both))
    if bound < 0.02:
        return float(bound)
    shares = (counts + 0.5) / (total + size / 2)
    left = rng.multinomial(round(total), shares, size=NOISE_DRAWS).astype(np.float64)
    right = rng.multinomial(max(1, round(rows)), shares, size=NOISE_DRAWS).astype(np.float64)
    drawn = jensen_shannon(left, right)
    values = np.sqrt(drawn)
    limit = float(values.mean() + z * values.std())
    return float(max(limit * limit, drawn.max()))


def missing_noise(
    missing: float, reference_rows: float, rows: float, level: float, floor: float, rng: np.random.Generator
) -> float:
    """The difference of missing rates that `rows` independent rows exceed with probability `level`, nothing changed.

    The rate itself is uncertain: it is drawn from the reference's beta posterior with Jeffreys' prior, the rows from it.
    A bound (Bernstein's) is enough where it is below `floor`.
    """
    rate = (missing + 1) / (reference_rows + 2)
    chance = 1 / max(1.0, rows) + 1 / max(1.0, reference_rows)
    z = normal_quantile(level)
    bound = z * sqrt(rate * (1 - rate) * chance) + z * z * chance
    if bound <= floor:
        return float(bound)
    draws = int(min(MOST_DRAWS, 20 / level))
    rates = rng.beta(missing + 0.5, max(0.0, reference_rows - missing) + 0.5, size=draws)
    drawn = rng.binomial(max(1, round(rows)), rates) / max(1, round(rows))
    away = np.abs(drawn - missing / max(1.0, reference_rows))
    return float(np.quantile(away, 1 - level, method="higher"))

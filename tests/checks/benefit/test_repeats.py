"""Several permutations of the same rows: the gain's interval gets narrower, and still holds the truth."""

from __future__ import annotations

import numpy as np
import pytest

from mlscore.checks.benefit.repeats import repeated_gain
from mlscore.checks.simpler.metrics import Answers, Metric, gain


def drawn(seed, n, repeats, metric):
    """The gain of a column that matters, and of whose values some spoil whatever row they are dealt to."""
    random = np.random.default_rng(seed)
    a, z = random.normal(size=n), random.normal(size=n)
    orders = [random.permutation(n) for _ in range(repeats)]
    if metric is Metric.SQUARED:
        truth = a + z + 0.5 * random.normal(size=n)
        said = [Answers(a + z[order]) for order in orders]
        return metric, truth, Answers(a + z), said, orders
    p = 1 / (1 + np.exp(-a - z))
    truth = (random.random(n) < p).astype(float)
    said = [1 / (1 + np.exp(-a - z[order])) for order in orders]
    scored = [Answers(np.zeros(n), None, score) for score in (p, *said)]
    return metric, truth, scored[0], scored[1:], orders


@pytest.mark.parametrize("metric", [Metric.AUC, Metric.SQUARED])
def test_the_interval_is_narrower_and_holds_the_truth(metric):
    """95 % of intervals hold the gain on very many rows, to the chance of 300 draws: 91 % or more, and not all."""
    truth = repeated_gain(*drawn(0, 300_000, 2, metric), 0.05).value
    once = [repeated_gain(*drawn(1 + seed, 300, 1, metric), 0.05) for seed in range(300)]
    often = [repeated_gain(*drawn(1 + seed, 300, 5, metric), 0.05) for seed in range(300)]
    for found in (once, often):
        held = sum(one.low <= truth <= one.high for one in found)
        assert 273 <= held < 300
    width = [np.mean([one.high - one.low for one in found]) for found in (once, often)]
    assert width[1] < 0.85 * width[0]


def test_one_permutation_is_the_plain_gain():
    for metric in (Metric.AUC, Metric.SQUARED):
        _, truth, base, (said,), orders = drawn(3, 500, 1, metric)
        one = repeated_gain(metric, truth, base, [said], orders, 0.05)
        plain = gain(metric, truth, base, said, 0.05)
        assert one.value == pytest.approx(plain.value)
        # Rows that are donors too make it less certain, where their two effects go together.
        assert plain.low - 0.6 * (plain.value - plain.low) < one.low <= plain.low + 1e-3

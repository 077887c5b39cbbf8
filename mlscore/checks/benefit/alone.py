"""How well each feature predicts by itself: shares and means of its values, learnt on one half and tried on the other.

A feature that tells the label nearly alone was often made from it, or after it: Kaufman, Rosset and Perlich, Leakage in
Data Mining (KDD 2011), on detection.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlscore.checks.benefit.answers import Truth, constant
from mlscore.checks.intervals import Interval
from mlscore.checks.policy.associate import prepare
from mlscore.checks.simpler.metrics import Answers, Metric, figure, gain
from mlscore.tables.shapes import Kind

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Codes = npt.NDArray[np.int64]

BINS = 256  # of numbers of more distinct values
LEAST_IN_BIN = 16
MOST_CATEGORIES = 1000
PRIOR = 2.0  # rows' worth of the whole's shares that are mixed into each value's


def scale(truth: Truth) -> float:
    """What the metric of a constant could gain at most; 0 where a constant is perfect."""
    return 0.5 if truth.metric is Metric.AUC else figure(truth.metric, truth.values, constant(truth))


def coded(name: str, kind: Kind, column: Any) -> tuple[Codes, Numbers | None] | None:
    """A category for each row, and the numbers where it has some; None of binary and nested columns."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not kind.ordered:
        made = prepare(name, kind, column, MOST_CATEGORIES)
        return None if made is None else (made.codes, None)
    numbers = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_temporal(numbers.type):
        numbers = numbers.cast(pa.int32() if numbers.type.bit_width == 32 else pa.int64())
    values = np.array(pc.cast(numbers, pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=float)
    there = np.isfinite(values)
    ranked = np.sort(values[there])
    distinct = ranked[np.concatenate([[True], ranked[1:] != ranked[:-1]])] if len(ranked) else ranked
    most = max(2, min(BINS, len(ranked) // LEAST_IN_BIN))
    if len(distinct) > most:
        distinct = np.unique(ranked[np.linspace(0, len(ranked) - 1, most + 1).astype(int)[1:-1]])
    codes = np.where(there, np.searchsorted(distinct, values), len(distinct) + 1)
    return codes.astype(np.int64), values


def skill(truth: Truth, codes: Codes, numbers: Numbers | None, alpha: float, seed: int) -> Interval:
    """From 0, as a constant, to 1, always right, with its interval; below 0 where it is worse than a constant."""
    won = gain(truth.metric, truth.values, answers(truth, codes, numbers, seed), constant(truth), alpha)
    by = scale(truth)
    return Interval(won.value / by, won.low / by, won.high / by)


def by_chance(truth: Truth, codes: Codes, numbers: Numbers | None, order: Codes, seed: int) -> float:
    """The skill of the same values dealt out in another order: that of a column which tells nothing."""
    said = answers(truth, codes[order], None if numbers is None else numbers[order], seed)
    lost = figure(truth.metric, truth.values, said) - figure(truth.metric, truth.values, constant(truth))
    return (lost if truth.metric.higher else -lost) / scale(truth)


def answers(truth: Truth, codes: Codes, numbers: Numbers | None, seed: int) -> Answers:
    """What the feature alone says of each half of the rows, learnt on the other."""
    import numpy as np

    n = len(truth.values)
    half = np.zeros(n, dtype=bool)
    half[np.random.default_rng(seed).permutation(n)[: n // 2]] = True
    classes = 0 if truth.metric.numeric else int(truth.values.max()) + 1
    values, of_label, score = np.zeros(n), np.zeros(n), np.zeros(n)
    for learnt in (half, ~half):
        tried = ~learnt
        known, groups, asked = truth.values[learnt], codes[learnt], codes[tried]
        if classes:
            shares = _shares(known, groups, int(codes.max()) + 1, classes)[asked]
            values[tried] = shares.argmax(axis=1)
            of_label[tried] = shares[np.arange(len(asked)), truth.values[tried].astype(int)]
            score[tried] = shares[:, 1] if classes > 1 else 0.0
        elif numbers is None:
            values[tried] = _means(known, groups, int(codes.max()) + 1)[asked]
        else:
            values[tried] = _between(known, groups, numbers[learnt], asked, numbers[tried])
    return Answers(values, of_label, score)


def _shares(known: Numbers, groups: Codes, most: int, classes: int) -> Numbers:
    import numpy as np

    counts = np.bincount(groups * classes + known.astype(int), minlength=most * classes).reshape(most, classes)
    whole = counts.sum(axis=0) / max(1, len(known))
    shares: Numbers = (counts + PRIOR * whole) / (counts.sum(axis=1, keepdims=True) + PRIOR)
    return shares


def _means(known: Numbers, groups: Codes, most: int) -> Numbers:
    import numpy as np

    sizes, sums = np.bincount(groups, minlength=most), np.bincount(groups, weights=known, minlength=most)
    means: Numbers = (sums + PRIOR * known.mean()) / (sizes + PRIOR)
    return means


def _between(known: Numbers, groups: Codes, numbers: Numbers, asked: Codes, of: Numbers) -> Numbers:
    """Means of the label by bin, joined by straight lines; rows without a number have a mean of their own."""
    import numpy as np

    most = int(max(groups.max(), asked.max())) + 1
    means = _means(known, groups, most)
    there = np.isfinite(numbers)
    sizes = np.bincount(groups[there], minlength=most)
    used = np.flatnonzero(sizes)
    if not len(used):
        return means[asked]
    places = np.bincount(groups[there], weights=numbers[there], minlength=most)[used] / sizes[used]
    levels = np.bincount(groups[there], weights=known[there], minlength=most)[used] / sizes[used]
    finite = np.isfinite(of)
    return np.where(finite, np.interp(np.where(finite, of, 0.0), places, levels), means[asked])

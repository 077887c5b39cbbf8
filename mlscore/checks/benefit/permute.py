"""Permuting groups of features on more and more rows, each until its interval says what there is to know.

Importance by permuting: Breiman, Random Forests, Machine Learning 45 (2001), section 10; of any model: Fisher, Rudin and
Dominici, JMLR 20 (2019), section 3. The looks at growing numbers of rows are paid for by sharing out the error probability
among the groups, and among the looks: half for the last, the rest evenly for those before it (Bonferroni). What is open
at the last look is permuted several times: more rows there are not, and the permutations' own chance can be averaged out.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.checks.benefit.answers import Truth, answers_of, differing, first, joined
from mlscore.checks.benefit.repeats import repeated_gain
from mlscore.checks.benefit.shapes import Verdict
from mlscore.checks.intervals import Interval, deviate
from mlscore.checks.simpler.metrics import Answers, Metric, gain

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from mlscore.predictors.predictor import Predictor
    from mlscore.predictors.shapes import Prediction

    Codes = npt.NDArray[np.int64]

FIRST = 500
REPEATS = 5  # permutations of all rows at the last look
BATCH = 20_000  # rows that are asked at once
LEAST_CHANGED = 20  # rows answered otherwise, for a normal interval to be trusted
LEAST_CLASS = 20


@dataclass(slots=True)
class Unit:
    """A group in the making: what the model says of the rows permuted so far."""

    features: tuple[str, ...]
    orders: list[Codes]
    noise: bool
    said: list[Answers] = field(default_factory=list)
    again: list[Answers] = field(default_factory=list)  # in the orders after the first
    gain: Interval = Interval(math.nan, -math.inf, math.inf)
    verdict: Verdict = Verdict.UNDECIDED
    rows: int = 0


def sizes(rows: int, start: int = FIRST) -> list[int]:
    """The numbers of rows at which one looks: from `start`, each twice the one before, to all."""
    found = []
    size = max(1, start)
    while size * 1.5 < rows:
        found.append(size)
        size *= 2
    return [*found, rows]


def permute(
    predictor: Predictor,
    rows: pa.Table,
    truth: Truth,
    base: Answers,
    groups: Sequence[tuple[str, ...]],
    noise: Sequence[str],
    worth: float,
    whole: float,
    *,
    alpha: float,
    seed: int,
    start: int = FIRST,
    repeats: int = REPEATS,
) -> tuple[list[Unit], int]:
    """The groups with their verdicts, and how many rows were predicted for them.

    `worth` is the gain that counts as a benefit, `whole` the most that the metric of one row in all can change it by times
    their number. Columns of `noise` are never decided, and any gain must exceed theirs. What is open at the last look
    is permuted `repeats` times.
    """
    import numpy as np

    random = np.random.default_rng(seed)
    units = [Unit((name,), [random.permutation(rows.num_rows)], True) for name in noise]
    units += [Unit(tuple(each), [random.permutation(rows.num_rows)], False) for each in groups]
    looks = sizes(rows.num_rows, start)
    share = alpha / max(1, len(units))
    early, late = (share / 2 / (len(looks) - 1), share / 2) if len(looks) > 1 else (0.0, share)
    predicted = before = 0
    for size in looks:
        open_ = [unit for unit in units if unit.verdict is Verdict.UNDECIDED]
        if all(unit.noise for unit in open_):
            break
        predicted += _ask(predictor, rows, truth, open_, slice(before, size))
        before = size
        last = size == rows.num_rows
        for number in range(1, repeats if last else 1):
            for unit in open_:
                unit.orders.append(random.permutation(rows.num_rows))
            predicted += _ask(predictor, rows, truth, open_, slice(0, size), number)
        # No verdict can be wrong at both ends: that there is benefit where there is none, and none where there is.
        each = 2 * (late if last else early)
        seen, known = first(base, slice(0, size)), truth.values[:size]
        yard = 0.0
        for unit in open_:
            unit.said = [joined(unit.said)]
            unit.rows = size
            unit.gain = gain(truth.metric, known, seen, unit.said[0], each)
            if unit.again:
                made = [*unit.said, *unit.again]
                unit.gain = repeated_gain(truth.metric, known, seen, made, unit.orders, each)
            if unit.noise:
                yard = max(yard, unit.gain.high)
            elif last or _enough(truth, size):
                unit.verdict = _verdict(unit, seen, yard, worth, whole, each, last=last)
    for unit in units:
        if unit.noise:
            unit.verdict = Verdict.NOISE
    return units, predicted


def _enough(truth: Truth, size: int) -> bool:
    if truth.metric is not Metric.AUC:
        return True
    positive = int(truth.values[:size].sum())
    return bool(min(positive, size - positive) >= LEAST_CLASS)


def _verdict(
    unit: Unit, base: Answers, yard: float, worth: float, whole: float, alpha: float, *, last: bool
) -> Verdict:  # fmt: skip
    changed = max(differing(base, said) for said in (*unit.said, *unit.again))
    if changed == 0 and last:
        return Verdict.NONE  # the model does not look at it
    if changed >= LEAST_CHANGED and unit.gain.low > yard:
        return Verdict.BENEFICIAL
    high = unit.gain.high
    if changed < LEAST_CHANGED and not last:
        # The normal interval knows nothing of rows that are changed seldom: at most so many are, and each by all.
        z = deviate(alpha)
        high = max(high, (changed + z * math.sqrt(changed) + z * z) / unit.rows * whole)
    return Verdict.NONE if high < worth else Verdict.UNDECIDED


def _ask(
    predictor: Predictor, rows: pa.Table, truth: Truth, units: Sequence[Unit], part: slice, number: int = 0
) -> int:  # fmt: skip
    """Let the model answer the part's rows with each unit's columns permuted, many units at once where that is cheap.

    `number` is that of the order.
    """
    import pyarrow as pa

    n: int = part.stop - part.start
    plain, labels = rows.slice(part.start, n), truth.values[part]
    at_once = max(1, BATCH // max(1, n))
    for begin in range(0, len(units), at_once):
        some = units[begin : begin + at_once]
        tables = []
        for unit in some:
            taken = pa.array(unit.orders[number][part])
            table = plain
            for name in unit.features:
                table = table.set_column(table.column_names.index(name), name, rows.column(name).take(taken))
            tables.append(table)
        made = predictor.predict(pa.concat_tables(tables))
        for place, unit in enumerate(some):
            own = slice(place * n, (place + 1) * n)
            (unit.again if number else unit.said).append(answers_of(_cut(made, own), truth, labels))
    return n * len(units)


def _cut(made: Prediction, rows: slice) -> Prediction:
    from mlscore.predictors.shapes import Prediction

    shares = None if made.probabilities is None else made.probabilities[rows]
    return Prediction(made.values[rows], shares, made.classes)

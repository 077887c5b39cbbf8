"""Judging a candidate: its loss against a fixed limit, and against the previous release on the same rows."""

from __future__ import annotations

import math
from contextlib import nullcontext
from typing import TYPE_CHECKING

from mlscore.checks.intervals import Interval, at_least, deviate, mean, share, upper_tail, variance
from mlscore.checks.quality_gate.shapes import Quality
from mlscore.errors import InputError
from mlscore.tables.conditions import Literal, Missing
from mlscore.tables.grouping import Sum, by_values
from mlscore.tables.losses import Given, Loss, Measure, Moments, Worsening
from mlscore.tables.shapes import TableOptions

if TYPE_CHECKING:
    from mlscore.tables.table import Table

ALLOWED = 0.05  # of a standard deviation of the previous release's loss
_SAMPLE = 100_000  # rows from which the best constant answer is computed
_POWER = 0.8
_CLOSE = 1e-12


def check_quality(
    source: object,
    *,
    label: str,
    against: str,
    measure: Measure | str = Measure.ERROR,
    positive: Literal | None = None,
    previous: str | None = None,
    answers: tuple[str, str] | None = None,
    limit: float | None = None,
    worsening: float | None = None,
    most_changed: float | None = None,
    alpha: float = 0.01,
    options: TableOptions | None = None,
) -> Quality:
    """Judge a candidate by a loose limit, and by a tight one against the previous release.

    `source` is a Table, or anything that one can be opened from, with labels beside what was predicted: `against` is the
    column of the prediction, of the score for log loss and Brier score, or of a loss of one's own where `measure` is
    "given". `previous` is the same column of the previous release, `answers` the columns of both releases' predictions.

    The candidate is refused when its mean loss is above `limit` (against slow decay; a model that just meets it passes), or
    when it is greater than the previous release's by more than `worsening`, beyond what chance explains (against sudden
    drops; by default a twentieth of the standard deviation of its loss, which trainings on other rows may differ by), or
    when more than `most_changed` of the answers differ. Chance is judged on the differences of the same rows: by
    the exact test of McNemar (Psychometrika 12, 1947) for shares of errors where `worsening` is 0, else by their normal
    interval. `alpha` is the chance that a candidate as good as the previous release is refused.

    Raises InputError where columns are missing or do not fit, and where no row has a label and a prediction.
    """
    from mlscore.tables.table import Table, open_table

    with nullcontext(source) if isinstance(source, Table) else open_table(source, options=options) as table:
        now = _loss(measure, label, against, positive)
        before = None if previous is None else _loss(measure, label, previous, positive)
        totals = [Moments(now)]
        if before is not None:
            totals += [Moments(before), Moments(Worsening(now, before))]
        if answers is not None:
            totals.append(Moments(Loss(Measure.ERROR, *answers)))
        figures = next(iter(by_values(table, {}, totals).values()))
        sums = figures.sums
        if sums[0].rows == 0:
            raise InputError(f'no row has both "{label}" and "{against}"', where=str(table.source))
        flags = isinstance(now, Loss) and now.measure is Measure.ERROR
        loss = _interval(sums[0], flags)
        changed = sums[-1].sum / sums[-1].rows if answers is not None and sums[-1].rows else None
        refusals, unknown = _absolute(loss, limit)
        lost = table.violations({"lost": Missing(against)})["lost"]
        if lost:
            refusals.append(f"{lost:,} rows have no prediction")
        difference, p, noticed = None, None, None
        if worsening is None:
            worsening = (
                0.0 if before is None else ALLOWED * math.sqrt(variance(sums[1].rows, sums[1].sum, sums[1].squares))
            )
        if before is not None:
            difference = _difference(sums[2], alpha)
            p = _chance(sums[2], flags, worsening)
            noticed = worsening + (deviate(alpha, sides=1) + deviate(1 - _POWER, sides=1)) * _error(sums[2])
            if p <= alpha:
                over = f", {worsening:.4g} allowed" if worsening else ""
                refusals.append(
                    f"the loss is greater than the previous release's, {loss.value:.4g} after {_mean(sums[1]):.4g}: by "
                    f"{difference} on the same rows{over}"
                )
        if most_changed is not None and changed is not None and changed > most_changed:
            refusals.append(f"{changed:.2%} of the answers are not the previous release's, {most_changed:.2%} allowed")
        constant = _constant(table, now, label)
        return Quality(
            measure=measure.value if isinstance(measure, Measure) else str(measure),
            rows=sums[0].rows,
            loss=loss,
            constant=constant,
            limit=limit,
            previous=None if before is None else _mean(sums[1]),
            worsening=difference,
            allowed=worsening,
            noticed=noticed,
            p=p,
            changed=changed,
            most_changed=most_changed,
            refusals=tuple(refusals),
            not_judged=tuple(unknown),
            hollow=_hollow(limit, constant, difference, changed, most_changed, noticed),
        )


def _loss(measure: Measure | str, label: str, against: str, positive: Literal | None) -> Loss | Given:
    if measure == "given":
        return Given(against)
    try:
        return Loss(Measure(measure), label, against, positive)
    except ValueError:
        known = ", ".join([*(one.value for one in Measure), "given"])
        raise InputError(f'"{measure}" is no loss', hint=f"one of {known}") from None


def _interval(of: Sum, flags: bool) -> Interval:
    return share(of.sum, of.rows) if flags else mean(of.rows, of.sum, of.squares)


def _mean(of: Sum) -> float:
    return of.sum / of.rows if of.rows else math.nan


def _error(of: Sum) -> float:
    """The standard error of the mean."""
    return math.sqrt(variance(of.rows, of.sum, of.squares) / of.rows) if of.rows else math.inf


def _absolute(loss: Interval, limit: float | None) -> tuple[list[str], list[str]]:
    if limit is None:
        return [], []
    # NaN is above every limit.
    if not loss.value <= limit:
        return [f"the loss is {loss}, above the limit of {limit:.4g}"], []
    if loss.high > limit:
        return [], [f"whether the loss is within the limit of {limit:.4g} on other rows too: it is {loss}"]
    return [], []


def _difference(of: Sum, alpha: float) -> Interval:
    """The mean worsening with the interval that the one-sided test of `alpha` belongs to."""
    return mean(of.rows, of.sum, of.squares, 2 * alpha)


def _chance(of: Sum, flags: bool, worsening: float) -> float:
    """The probability of such a worsening, or a greater one, where there is none beyond what is allowed."""
    if flags and worsening == 0:
        # Of a row's difference -1, 0 or 1: the sum of squares counts rows that differ.
        worse = (of.sum + of.squares) / 2
        return at_least(round(worse), round(of.squares), 0.5)
    value, error = _mean(of), _error(of)
    if not math.isfinite(value):
        return 0.0
    if error <= _CLOSE:
        return 0.0 if value > worsening + _CLOSE else 1.0
    return upper_tail((value - worsening) / error)


def _constant(table: Table, loss: Loss | Given, label: str) -> float | None:
    """The mean loss of the best answer that is the same for all rows; None where it cannot be told."""
    import numpy as np

    if isinstance(loss, Given) or loss.measure is None:
        return None
    column = table.sample(_SAMPLE, 0, [label]).column(label).drop_null()
    if not len(column):
        return None
    if loss.measure in (Measure.ABSOLUTE, Measure.SQUARED):
        numbers = np.asarray(column.to_numpy(), dtype=float)
        numbers = numbers[np.isfinite(numbers)]
        if loss.measure is Measure.SQUARED:
            return float(np.var(numbers))
        return float(np.abs(numbers - np.median(numbers)).mean())
    shares = np.array([one["counts"] for one in column.value_counts().to_pylist()], dtype=float)
    shares /= shares.sum()
    if loss.measure is Measure.ERROR:
        return float(1 - shares.max())
    if loss.measure is Measure.BRIER:
        return float(1 - (shares**2).sum()) / 2
    return float(-(shares * np.log(shares)).sum())


def _hollow(
    limit: float | None,
    constant: float | None,
    difference: Interval | None,
    changed: float | None,
    most_changed: float | None,
    noticed: float | None,
) -> str | None:
    if difference is None and limit is None:
        return "there is neither a limit nor a previous release"
    if difference is None and limit is not None and constant is not None and constant <= limit:
        return f"the limit of {limit:.4g} also lets a model through that answers every row alike (loss {constant:.4g})"
    loose = limit is None or (constant is not None and constant <= limit)
    if changed == 0 and difference is not None and difference.value == 0 and loose:
        return "the previous release answers every row alike with the candidate: it may be the same model"
    if loose and noticed is not None and constant is not None and noticed > constant:
        return f"so few rows have labels that only a loss greater by {noticed:.3g} would be noticed"
    return None

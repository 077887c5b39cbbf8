"""Judging a model slice by slice: declared slices and those that are looked for, against limits and a previous release."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlscore.checks.intervals import Interval, mean, share, variance
from mlscore.checks.slices.cells import Cells, Cut, add_up, all_sets, cut
from mlscore.checks.slices.declared import condition_of
from mlscore.checks.slices.discover import Bound, Span, Whole, merged, search, surprise
from mlscore.checks.slices.shapes import Slice, SliceReport, Why
from mlscore.errors import InputError
from mlscore.tables.conditions import (
    Compare,
    Condition,
    Every,
    Infinite,
    Literal,
    Missing,
    Not,
    NotANumber,
    Operator,
    Some,
)
from mlscore.tables.grouping import Sum, by_values
from mlscore.tables.losses import Given, Loss, Measure, Moments, Worsening
from mlscore.tables.shapes import Kind, TableOptions

if TYPE_CHECKING:
    from mlscore.tables.table import Table

LEAST_ROWS, LEAST_SHARE = 50, 0.002
EFFECT = 0.4  # of a standard deviation of the loss: what Slice Finder's authors take for a relevant effect
WORSENING = 0.1
MOST = 20
_OPAQUE = (Kind.BINARY, Kind.NESTED)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked of every slice: the losses that are added up, the bounds, and how the answer is shown."""

    totals: tuple[Moments, ...]
    bounds: tuple[Bound, ...]
    flags: bool


def check_slices(
    source: object,
    *,
    label: str,
    against: str,
    measure: Measure | str = Measure.ERROR,
    positive: Literal | None = None,
    previous: str | None = None,
    columns: Sequence[str] | None = None,
    slices: Mapping[str, object] | None = None,
    discover: bool = True,
    pairs: bool = True,
    limit: float | None = None,
    margin: float | None = None,
    worsening: float | None = None,
    least_rows: int | None = None,
    bins: int = 10,
    categories: int = 20,
    alpha: float = 0.01,
    most: int = MOST,
    seed: int = 0,
    options: TableOptions | None = None,
) -> SliceReport:
    """Look for slices on which a model does worse than it may.

    `source` is a Table, or anything that one can be opened from, with the labels beside what was predicted: `against` is
    the column of the prediction, of the score for log loss and Brier score, or of a loss of one's own where `measure` is
    "given". `previous` is the same column of the previous release. `slices` are declared ones, by name.

    A slice of at least `least_rows` rows (by default 50, and 0.2 % of all) is weak when its mean loss is above `limit`,
    above that of all other rows by more than `margin`, or above the previous release's by more than `worsening`, beyond
    what chance explains: `alpha` is the chance that any slice is called weak that is not, over all slices looked at.
    Without `limit` and `margin` the margin is 0.4 standard deviations of the loss (the effect size of Chung et al., Slice
    Finder, ICDE 2019, doi:10.1109/ICDE.2019.00139); `worsening` is by default 0.1 of them.

    Raises InputError where columns are missing or do not fit, and where no row has a label.
    """
    from mlscore.tables.table import Table, open_table

    with nullcontext(source) if isinstance(source, Table) else open_table(source, options=options) as table:
        now = _loss(measure, label, against, positive)
        before = None if previous is None else _loss(measure, label, previous, positive)
        aside = {label, against, previous}
        chosen = [c for c in table.engine.scope.chosen(columns) if c.name not in aside and c.kind not in _OPAQUE]
        named = {name: condition_of(name, given, table) for name, given in (slices or {}).items()}
        rows, wrong, unknown, hollow = _quality(table, label, against, previous, now)
        whole, old = _whole(table, now, before)
        if whole.rows == 0:
            raise InputError(f'no row has both "{label}" and "{against}"', where=str(table.source))
        spread = math.sqrt(variance(whole.rows, whole.sum, whole.squares))
        if limit is None and margin is None:
            margin = EFFECT * spread
        if before is not None and worsening is None:
            worsening = WORSENING * spread
        question = _question(now, before, limit, margin, worsening)
        least = least_rows or max(LEAST_ROWS, math.ceil(LEAST_SHARE * whole.rows))
        declared, poor, lacking = _declared(table, named, question, (whole, old), least, alpha)
        unknown += lacking
        # Where the whole is beyond a bound its slices are too; those that stand out from the rest still say where.
        over = [b for b in question.bounds if not b.rest and _surely(b, (whole, old)[b.figure], alpha)]
        wrong += [_over(bound, (whole, old)[bound.figure], question.flags) for bound in over]
        weak: list[Slice] = []
        examined = 0
        if discover and chosen:
            asked = _Question(
                question.totals, tuple(_outstanding(b, over, spread) for b in question.bounds), question.flags
            )
            how = cut(table, chosen, bins, categories, seed)
            weak, examined = _discovered(table, how, pairs, asked, (whole, old), least, alpha, most)
        if hollow is None and examined == 0 and not any(one.rows >= least for one in declared):
            hollow = f"no slice has {least:,} rows with a label, so that none was judged"
        if hollow is None and whole.rows > 1 and spread == 0:
            hollow = "the loss of every row is the same, so that no slice can differ"
        figure = _interval(whole, question.flags)
        return SliceReport(
            measure=measure.value if isinstance(measure, Measure) else str(measure),
            rows=rows,
            loss=figure,
            previous=None if before is None else mean(old.rows, old.sum, old.squares),
            weak=tuple(sorted([*poor, *weak], key=lambda one: (-one.loss.value, one.p, one.name))),
            declared=tuple(declared),
            examined=examined + len(declared),
            least_rows=least,
            limit=limit,
            margin=margin,
            worsening=worsening if before is not None else None,
            wrong=tuple(wrong),
            not_judged=tuple(unknown),
            hollow=hollow,
        )


def _loss(measure: Measure | str, label: str, against: str, positive: Literal | None) -> Loss | Given:
    if measure == "given":
        return Given(against)
    try:
        return Loss(Measure(measure), label, against, positive)
    except ValueError:
        known = ", ".join([*(one.value for one in Measure), "given"])
        raise InputError(f'"{measure}" is no loss', hint=f"one of {known}") from None


def _question(
    now: Loss | Given, before: Loss | Given | None, limit: float | None, margin: float | None, worsening: float | None
) -> _Question:
    flags = isinstance(now, Loss) and now.measure is Measure.ERROR
    totals = [Moments(now)] + ([] if before is None else [Moments(Worsening(now, before))])
    bounds = []
    if limit is not None:
        bounds.append(Bound(Why.LIMIT, 0, limit, flags=flags))
    if margin is not None:
        bounds.append(Bound(Why.REST, 0, margin, rest=True, flags=flags))
    if before is not None and worsening is not None:
        bounds.append(Bound(Why.PREVIOUS, 1, worsening))
    return _Question(tuple(totals), tuple(bounds), flags)


def _quality(
    table: Table, label: str, against: str, previous: str | None, loss: Loss | Given
) -> tuple[int, list[str], list[str], str | None]:
    """The rows, what is wrong with the predictions, what cannot be judged, and why nothing could be found."""
    scope = table.engine.scope
    numeric = scope.kind(against).numeric
    there = Not(_nothing(label))
    asked: dict[str, Condition] = {"label": _nothing(label), "prediction": Every((there, _nothing(against)))}
    if isinstance(loss, Given):
        asked = {"prediction": _nothing(against)}
    if numeric:
        asked["infinite"] = Infinite(against)
    if isinstance(loss, Loss) and loss.measure.scored:
        scope_kind = scope.kind(against)
        if not scope_kind.numeric:
            raise InputError(f'"{against}" holds {scope_kind.value} values, not probabilities', where=scope.source)
        beyond = (Compare(against, Operator.LESS, 0.0), Compare(against, Operator.GREATER, 1.0))
        asked["beyond"] = Some(beyond)
    if previous is not None:
        asked["previous"] = _nothing(previous)
    found = table.violations(asked)
    rows = table.count()
    wrong = []
    if found["prediction"]:
        wrong.append(f'{found["prediction"]:,} rows have a label and no "{against}"')
    if found.get("infinite"):
        wrong.append(f'"{against}" is infinite in {found["infinite"]:,} rows')
    if found.get("beyond"):
        wrong.append(f'"{against}" is no probability (0 to 1) in {found["beyond"]:,} rows')
    unknown = [f"{found['label']:,} of {rows:,} rows have no label"] if found.get("label") else []
    if found.get("previous"):
        unknown.append(f'{found["previous"]:,} rows have no "{previous}"')
    hollow = None
    if isinstance(loss, Loss) and (loss.measure is Measure.ERROR or loss.measure.scored) and found["label"] < rows:
        values = [key[0] for key in by_values(table, {label: None}, [], 100_000) if key[0] is not None]
        if len({value for value in values if value == value}) == 1:
            hollow = f'every "{label}" is the same, so that nothing is known of other classes'
    return rows, wrong, unknown, hollow


def _nothing(column: str) -> Some:
    return Some((Missing(column), NotANumber(column)))


def _whole(table: Table, now: Loss | Given, before: Loss | Given | None) -> tuple[Sum, Sum]:
    totals = [Moments(now)] + ([] if before is None else [Moments(Worsening(now, before))])
    sums = next(iter(by_values(table, {}, totals).values())).sums
    return sums[0], sums[-1]


def _interval(of: Sum, flags: bool, alpha: float = 0.05) -> Interval:
    return share(of.sum, of.rows, alpha) if flags else mean(of.rows, of.sum, of.squares, alpha)


def _as_whole(of: Sum) -> Whole:
    return Whole(of.rows, of.sum, of.squares)


def _surely(bound: Bound, of: Sum, alpha: float) -> bool:
    return of.rows > 1 and surprise(bound, of.rows, of.sum, of.squares, _as_whole(of)) <= alpha


def _outstanding(bound: Bound, over: Sequence[Bound], spread: float) -> Bound:
    if bound not in over:
        return bound
    return replace(bound, rest=True, most=EFFECT * spread if bound.why is Why.LIMIT else bound.most)


def _over(bound: Bound, of: Sum, flags: bool) -> str:
    figure = _interval(of, flags and bound.figure == 0)
    if bound.why is Why.PREVIOUS:
        return f"all rows: the loss is {figure} greater than the previous release's, more than {bound.most:.4g}"
    return f"all rows: the loss is {figure}, above the limit of {bound.most:.4g}"


def _declared(
    table: Table,
    named: Mapping[str, tuple[Condition, tuple[str, ...]]],
    question: _Question,
    wholes: tuple[Sum, Sum],
    least: int,
    alpha: float,
) -> tuple[list[Slice], list[Slice], list[str]]:
    """Every declared slice, those of them that are weak, and what is not judged."""
    if not named:
        return [], [], []
    totals = [Moments(total.of, condition) for condition, _ in named.values() for total in question.totals]
    sums = next(iter(by_values(table, {}, totals).values())).sums
    each = len(question.totals)
    listed: list[Slice] = []
    weak: list[Slice] = []
    unknown: list[str] = []
    level = alpha / max(1, len(named) * len(question.bounds))
    for number, (name, (_, columns)) in enumerate(named.items()):
        mine = sums[number * each : (number + 1) * each]
        rows = mine[0].rows
        if rows < least:
            few = "no row" if rows == 0 else f"{rows:,} rows, {least:,} the least"
            unknown.append(f'the slice "{name}": {few} with a label')
        found = [
            (
                surprise(
                    b, mine[b.figure].rows, mine[b.figure].sum, mine[b.figure].squares, _as_whole(wholes[b.figure])
                ),
                b,
            )
            for b in question.bounds
            if mine[b.figure].rows >= least
        ]
        p, bound = min(found, key=lambda pair: pair[0], default=(1.0, None))
        bad = bound is not None and p <= level
        why = bound.why if bad and bound is not None else None
        one = _slice(name, columns, mine, wholes, question.flags, why, p, declared=True)
        if rows > 1:
            listed.append(one)
        if bad:
            weak.append(one)
    return listed, weak, unknown


def _discovered(
    table: Table,
    how: Cut,
    pairs: bool,
    question: _Question,
    wholes: tuple[Sum, Sum],
    least: int,
    alpha: float,
    most: int,
) -> tuple[list[Slice], int]:
    sets = all_sets(list(how.bins), pairs)
    cells = add_up(table, how, sets, question.totals)
    whole = [_as_whole(wholes[number]) for number in range(len(question.totals))]
    finds = (
        search(
            table, how, sets, question.totals, cells, whole, question.bounds, least=least, alpha=alpha, most=most
        )
        if question.bounds
        else []
    )  # fmt: skip
    weak = [_of_span(span, cells, how, wholes, question.flags) for span in merged(finds, cells, how)]
    return weak, int((cells.figures[0].rows >= least).sum())


def _of_span(span: Span, cells: Cells, how: Cut, wholes: tuple[Sum, Sum], flags: bool) -> Slice:
    mine = []
    for sums in cells.figures:
        numbers = [one.number for one in span.members]
        rows = int(sums.rows[numbers].sum())
        mine.append(Sum(rows, float(sums.sum[numbers].sum()), float(sums.squares[numbers].sum())))
    name = ", ".join(how.span(column, first, last) for column, first, last in span.places)
    columns = tuple(column for column, _, _ in span.places)
    p = min(one.p for one in span.members)
    return _slice(name, columns, tuple(mine), wholes, flags, span.members[0].why, p)


def _slice(
    name: str,
    columns: tuple[str, ...],
    mine: Sequence[Sum],
    wholes: tuple[Sum, Sum],
    flags: bool,
    why: Why | None,
    p: float,
    *,
    declared: bool = False,
) -> Slice:
    one, whole = mine[0], wholes[0]
    others = Sum(whole.rows - one.rows, whole.sum - one.sum, max(0.0, whole.squares - one.squares))
    return Slice(
        name=name,
        columns=columns,
        rows=one.rows,
        share=one.rows / whole.rows,
        loss=_interval(one, flags),
        rest=_interval(others, flags) if others.rows else None,
        previous=mean(mine[1].rows, mine[1].sum, mine[1].squares) if len(mine) > 1 else None,
        why=why,
        p=p,
        declared=declared,
    )

"""Judging a model by one definition of fairness: every two groups of enough rows held against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from itertools import combinations
from typing import TypeVar

from mlscore.checks.fairness.groups import FIVE, group_metrics, interval, missing
from mlscore.checks.fairness.shapes import (
    Comparison,
    Definition,
    FairnessReport,
    Group,
    GroupReport,
    Metric,
    Statistic,
)
from mlscore.checks.intervals import Interval, difference, ratio
from mlscore.errors import InputError
from mlscore.tables.shapes import Scalar, TableOptions

LEAST_ROWS = 30
Word = TypeVar("Word", Definition, Statistic)


def check_fairness(
    source: object,
    *,
    definition: Definition | str,
    label: str,
    prediction: str,
    protected: Sequence[str],
    positive: Scalar = None,
    statistic: Statistic | str = Statistic.DIFFERENCE,
    limit: float | None = None,
    ranges: Mapping[str, Sequence[float]] | None = None,
    intersections: bool = True,
    least_rows: int = LEAST_ROWS,
    alpha: float = 0.05,
    options: TableOptions | None = None,
) -> FairnessReport:
    """Hold the groups by protected attributes, and their intersections, against one definition of fairness.

    Two groups are unfair when their `statistic` is beyond `limit` (0.1 for a difference, 0.8 for a ratio) even at the
    end of its interval, fair when it is within the limit at both ends, and else not judged; so is a group with fewer than
    `least_rows` rows that its share is of. `alpha` is the chance that any interval misses, over all pairs (Bonferroni's
    inequality). Differences after Newcombe (1998), ratios after Donner and Zou (2012). Other parameters and errors are
    those of `group_metrics`.
    """
    chosen, how = _named(Definition, definition), _named(Statistic, statistic)
    most = how.usual if limit is None else limit
    metrics = tuple(dict.fromkeys([*chosen.metrics, *FIVE]))
    from mlscore.tables.table import Table, open_table

    with nullcontext(source) if isinstance(source, Table) else open_table(source, options=options) as table:
        groups = group_metrics(
            table,
            label=label,
            prediction=prediction,
            protected=protected,
            positive=positive,
            metrics=metrics,
            ranges=ranges,
            intersections=intersections,
        )
    return judge(groups, chosen, how, most, least_rows=least_rows, alpha=alpha)


def judge(
    groups: GroupReport, definition: Definition, statistic: Statistic, limit: float, *, least_rows: int, alpha: float
) -> FairnessReport:
    """Hold metrics that are known against a definition."""
    pairs, unknown = _pairs(groups, definition.metrics, least_rows)
    level = alpha / max(1, len(pairs))
    compared = [_compare(a, b, metric, statistic, limit, level) for metric, a, b in pairs]
    unfair = [one for one in compared if one.unfair]
    unknown += _undecided(compared, statistic, limit)
    if groups.unlabelled:
        unknown.append(f"{groups.unlabelled:,} of {groups.rows:,} rows have no label")
    hollow = None
    selected = groups.overall[Metric.SELECTION.value].value
    if not any(one.fair or one.unfair for one in compared):
        hollow = f"there is not enough data to tell any two groups' {_listed(definition)} apart, or equal"
    elif selected in (0.0, 1.0):
        hollow = f"every row is given the same answer ({'positive' if selected else 'negative'})"
    return FairnessReport(
        definition=definition,
        statistic=statistic,
        limit=limit,
        groups=groups,
        unfair=tuple(
            sorted(unfair, key=lambda c: -c.apart.value if statistic is Statistic.DIFFERENCE else c.apart.value)
        ),
        judged=len(compared),
        fair=sum(one.fair for one in compared),
        not_judged=tuple(unknown),
        hollow=hollow,
    )


def _named(kind: type[Word], given: str) -> Word:
    try:
        return kind(given)
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise InputError(f'"{given}" is no {kind.__name__.lower()}', hint=f"one of {known}") from None


def _listed(definition: Definition) -> str:
    return " and ".join(metric.value for metric in definition.metrics)


def _pairs(
    groups: GroupReport, metrics: Sequence[Metric], least: int
) -> tuple[list[tuple[Metric, Group, Group]], list[str]]:
    pairs: list[tuple[Metric, Group, Group]] = []
    unknown: list[str] = []
    for columns in dict.fromkeys(group.columns for group in groups.groups):
        mine = groups.by(*columns)
        for metric in metrics:
            enough = []
            for group in mine:
                if missing(group):
                    if len(columns) == 1 and metric is metrics[0]:
                        unknown.append(f"{group.name} in {group.rows:,} rows, which belong to no group")
                elif group.of[metric.value] < least:
                    few = f"{metric.value} of {group.of[metric.value]:,} rows, {least:,} the least"
                    unknown.append(f"{group.name}: not enough data ({few})")
                else:
                    enough.append(group)
            pairs += [(metric, a, b) for a, b in combinations(enough, 2)]
    return pairs, unknown


def _compare(a: Group, b: Group, metric: Metric, statistic: Statistic, limit: float, level: float) -> Comparison:
    one, other = interval(a, metric, level), interval(b, metric, level)
    if one.value < other.value:
        a, b, one, other = b, a, other, one
    if statistic is Statistic.DIFFERENCE:
        apart = difference(one, other)
        unfair, fair = apart.low > limit, max(apart.high, -apart.low) <= limit
    else:
        apart = ratio(other, one)
        # Which of two near groups is ahead is chance: the ratio the other way round must hold as well.
        turned = 1 / apart.high if apart.high > 1 else 1.0
        unfair, fair = apart.high < limit, apart.low >= limit and turned >= limit
    return Comparison(metric, a.name, b.name, apart, unfair, fair)


def _undecided(compared: Sequence[Comparison], statistic: Statistic, limit: float) -> list[str]:
    """Each pair that may lie on either side of the limit; of a group that is in several, the one that says most."""
    open_ = [one for one in compared if not one.fair and not one.unfair]
    told: dict[tuple[str, Metric], Comparison] = {}

    def beyond(one: Comparison) -> float:
        return one.apart.value - limit if statistic is Statistic.DIFFERENCE else limit - one.apart.value

    for one in sorted(open_, key=beyond, reverse=True):
        told.setdefault((one.lower, one.metric), one)
    return [
        f"{one.lower} beside {one.higher}: the {statistic} of the {one.metric} is {words(one.apart)}, "
        f"on either side of {limit:g}"
        for one in told.values()
    ]


def words(apart: Interval) -> str:
    """An interval with three decimals."""
    return f"{apart.value:.3f} ({apart.low:.3f} to {apart.high:.3f})"

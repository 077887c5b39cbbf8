"""Metrics by group and intersection of groups: the engine counts once, and the counts are added up for every grouping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from mlscore.checks.fairness.shapes import Gap, Group, GroupReport, Metric
from mlscore.checks.intervals import Interval, share
from mlscore.errors import InputError
from mlscore.tables.grouping import by_values
from mlscore.tables.queries.groups import MISSING, NAN
from mlscore.tables.shapes import Bins, Edges, Kind, Scalar, TableOptions

if TYPE_CHECKING:
    from mlscore.tables.table import Table

FIVE = (Metric.SELECTION, Metric.TRUE_POSITIVE, Metric.FALSE_POSITIVE, Metric.ACCURACY, Metric.PRECISION)
# Attributes that are crossed at once: more make groups of nobody.
DEEPEST = 3
MOST = 2_000


@dataclass(slots=True)
class Counted:
    """How often a group's labelled rows are what, and how many of its rows have no label."""

    tp: int = 0
    fp: int = 0
    tn: int = 0
    fn: int = 0
    right: int = 0  # the label itself predicted, which of several classes is more than tp + tn
    selected: int = 0  # of all rows
    rows: int = 0

    def add(self, more: Counted) -> None:
        """Count another group's rows in."""
        for name in ("tp", "fp", "tn", "fn", "right", "selected", "rows"):
            setattr(self, name, getattr(self, name) + getattr(more, name))

    @property
    def labelled(self) -> int:
        """Rows with a label."""
        return self.tp + self.fp + self.tn + self.fn

    def shares(self, metric: Metric) -> tuple[int, int]:
        """A metric as so many rows of so many."""
        positive, negative = self.tp + self.fn, self.fp + self.tn
        return {
            Metric.SELECTION: (self.selected, self.rows),
            Metric.TRUE_POSITIVE: (self.tp, positive),
            Metric.FALSE_POSITIVE: (self.fp, negative),
            Metric.TRUE_NEGATIVE: (self.tn, negative),
            Metric.FALSE_NEGATIVE: (self.fn, positive),
            Metric.ACCURACY: (self.right, self.labelled),
            Metric.PRECISION: (self.tp, self.tp + self.fp),
        }[metric]


def group_metrics(
    source: object,
    *,
    label: str,
    prediction: str,
    protected: Sequence[str],
    positive: Scalar = None,
    metrics: Sequence[Metric | str] = FIVE,
    ranges: Mapping[str, Sequence[float]] | None = None,
    intersections: bool = True,
    alpha: float = 0.05,
    options: TableOptions | None = None,
) -> GroupReport:
    """Metrics with score intervals at 1 - `alpha`, over all rows, by each protected attribute and by their intersections.

    `source` is a Table, or anything one can be opened from. `positive` is the label's value that counts as positive, by
    default true or 1. `ranges` cuts attributes with an order at edges: {"age": [30, 65]}. The rows are read once.
    A missing value of an attribute is a group of its own, named so.

    Raises InputError for unknown columns, kinds that do not fit, and more than 2,000 combinations of values.
    """
    from mlscore.tables.table import Table, open_table

    if not protected:
        raise InputError("no protected attribute is named", hint="name at least one column")
    wanted = tuple(Metric(metric) for metric in metrics)
    with nullcontext(source) if isinstance(source, Table) else open_table(source, options=options) as table:
        by = _keys(table, protected, ranges or {})
        positive = _positive(table, label, prediction, positive)
        found = by_values(table, {**by, label: None, prediction: None}, [], most=MOST * 16)
        cells = _cells(found, len(protected), positive)
        if len(cells) > MOST:
            raise InputError(
                f"{', '.join(protected)} have {len(cells):,} combinations of values",
                where=str(table.source),
                hint="cut numbers into ranges: ranges = { age = [30, 65] }",
            )
    whole = Counted()
    for cell in cells.values():
        whole.add(cell)
    groups: list[Group] = []
    for size in range(1, min(DEEPEST, len(protected)) + 1 if intersections else 2):
        for places in combinations(range(len(protected)), size):
            groups += _grouped(cells, protected, by, places, wanted, alpha)
    return GroupReport(
        rows=whole.rows,
        unlabelled=whole.rows - whole.labelled,
        overall=_shares(whole, wanted, alpha),
        groups=tuple(groups),
        gaps=_gaps(groups, wanted),
        positive=positive,
    )


def _shares(counted: Counted, metrics: Sequence[Metric], alpha: float) -> dict[str, Interval]:
    return {one.value: share(*counted.shares(one), alpha) for one in metrics if counted.shares(one)[1]}


def _keys(table: Table, protected: Sequence[str], ranges: Mapping[str, Sequence[float]]) -> dict[str, Bins | None]:
    scope = table.engine.scope
    by: dict[str, Bins | None] = {}
    for name in protected:
        kind = scope.kind(name)
        if kind in (Kind.BINARY, Kind.NESTED):
            raise InputError(f"the protected attribute {name!r} holds {kind.value} values", where=scope.source)
        by[name] = Edges(tuple(sorted({float(edge) for edge in ranges[name]}))) if name in ranges else None
    for name in ranges:
        if name not in by:
            raise InputError(f"ranges cut {name!r}, which is no protected attribute", hint=f"it is {', '.join(by)}")
    return by


def _positive(table: Table, label: str, prediction: str, given: Scalar) -> Scalar:
    scope = table.engine.scope
    one, other = scope.kind(label), scope.kind(prediction)
    if one is not other and not (one.numeric and other.numeric):
        raise InputError(
            f"{label!r} holds {one.value} values and {prediction!r} {other.value} ones: they cannot be compared",
            where=scope.source,
            hint="let the model predict the label's own values",
        )
    if given is not None:
        return given
    if one is Kind.BOOLEAN:
        return True
    if one.numeric:
        return 1
    raise InputError(f'nothing says which "{label}" is the positive one', where=scope.source, hint='add positive = "…"')


def _cells(found: Mapping[tuple[Scalar, ...], Any], keys: int, positive: Scalar) -> dict[tuple[Scalar, ...], Counted]:
    cells: dict[tuple[Scalar, ...], Counted] = {}
    for key, figures in found.items():
        *values, truth, said = key
        one = cells.setdefault(tuple(None if value != value else value for value in values[:keys]), Counted())
        rows, selected = figures.rows, said == positive and said is not None
        one.rows += rows
        one.selected += rows if selected else 0
        if truth is None or truth != truth:
            continue
        one.right += rows if truth == said else 0
        if truth == positive:
            one.tp += rows if selected else 0
            one.fn += 0 if selected else rows
        else:
            one.fp += rows if selected else 0
            one.tn += 0 if selected else rows
    return cells


def _grouped(
    cells: Mapping[tuple[Scalar, ...], Counted],
    protected: Sequence[str],
    by: Mapping[str, Bins | None],
    places: tuple[int, ...],
    metrics: Sequence[Metric],
    alpha: float,
) -> list[Group]:
    added: dict[tuple[Scalar, ...], Counted] = {}
    for key, cell in cells.items():
        added.setdefault(tuple(key[place] for place in places), Counted()).add(cell)
    columns = tuple(protected[place] for place in places)
    made = []
    for key, counted in sorted(added.items(), key=lambda pair: [(v is None, str(type(v)), v) for v in pair[0]]):
        named = [words(name, value, by[name]) for name, value in zip(columns, key, strict=True)]
        made.append(
            Group(
                columns=columns,
                values=key,
                name=", ".join(named),
                rows=counted.rows,
                metrics=_shares(counted, metrics, alpha),
                of={metric.value: counted.shares(metric)[1] for metric in metrics},
            )
        )
    return made


def words(column: str, value: Scalar, bins: Bins | None) -> str:
    """A group of one attribute in words."""
    if bins is None or not isinstance(value, int):
        return f"{column} is missing" if value is None else f"{column} = {value}"
    if value in (MISSING, NAN):
        return f"{column} is missing"
    edges = [float(edge) for edge in bins.values]
    low, high = (edges[value - 1] if value > 0 else None), (edges[value] if value < len(edges) else None)
    if low is None or high is None:
        return f"{column} <= {high:g}" if high is not None else f"{column} > {low:g}" if low is not None else column
    return f"{low:g} < {column} <= {high:g}"


def missing(group: Group) -> bool:
    """Whether the group is that of rows whose attribute is not known."""
    return group.name.endswith(" is missing") or " is missing, " in group.name


def _gaps(groups: Sequence[Group], metrics: Sequence[Metric]) -> tuple[Gap, ...]:
    made = []
    for columns in dict.fromkeys(group.columns for group in groups):
        for metric in metrics:
            there = [
                (g.metrics[metric.value].value, g.name) for g in groups if g.columns == columns and g.of[metric.value]
            ]
            if len(there) < 2:
                continue
            (low, lowest), (high, highest) = min(there), max(there)
            made.append(Gap(columns, metric, high - low, low / high if high > 0 else None, highest, lowest))
    return tuple(made)


def interval(group: Group, metric: Metric, alpha: float) -> Interval:
    """A group's metric at another confidence."""
    rows = group.of[metric.value]
    return share(round(group.metrics[metric.value].value * rows), rows, alpha)

"""A table's profile: a sample says where to cut and what to look for, then one pass counts it exactly.

Approximate quantiles and heavy hitters are the dear part of a profile: their sketches cost several times all the rest.
Here the sample only proposes: edges a little below and above each quantile, and the most frequent values. The pass counts
the rows under each edge and the rows of each value, so that a quantile lies between two ranks that are known exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlscore.tables.queries import quote
from mlscore.tables.queries.bins import at_most, equals
from mlscore.tables.queries.scope import Scope, as_number, finite, floating
from mlscore.tables.queries.values import count as figure
from mlscore.tables.queries.values import known, of_text, scalar
from mlscore.tables.shapes import Aspect, Column, ColumnProfile, Frequency, Kind, Quantile

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
RARE = 0.0005  # values with a smaller share of the sample are not proposed as frequent ones
_MARGIN = 0.006  # of the edges around a quantile: 3.8 standard errors of the median of a sample of 100,000 rows
_ASKED = (0.0, 0.01, *(s + d for s in SHARES for d in (-_MARGIN, 0.0, _MARGIN)), 0.99, 1.0)
_UNITS = {Kind.INTEGER: 1.0, Kind.DATE: 86_400.0}  # the distance of neighbouring values


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a sample says of an ordered column: its quantiles at `_ASKED`, none without a value, and its mean."""

    quantiles: tuple[float, ...] = ()
    mean: float = 0.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What the pass counts of a column: rows under edges and ranks, and rows of frequent values.

    A rank goes with whether several rows may share its value: then the rows below it are counted too.
    """

    column: Column
    edges: tuple[float, ...] = ()
    ranks: tuple[tuple[float, bool], ...] = ()
    frequent: tuple[str, ...] = ()
    shift: float = 0.0
    quantiles: Mapping[float, float] = field(default_factory=dict)


def proposal_query(sample: Scope, columns: Sequence[Column]) -> str:
    """Quantiles (as a list) and mean of the sample's ordered columns."""
    shares = ", ".join(f"{share:.3f}" for share in _ASKED)
    cells = []
    for column in columns:
        value = as_number(column, finite(column, sample.sql(column.name)))
        cells += [f"QUANTILE_DISC({value}, [{shares}])", f"AVG({value})"]
    return f"SELECT {', '.join(cells)} FROM {sample.relation}"


def read_proposal(cells: Iterator[Any]) -> Proposal:
    """One column's part of the answer to `proposal_query`."""
    values, mean = next(cells), next(cells)
    if not values or values[0] is None:
        return Proposal()
    return Proposal(tuple(map(float, values)), known(mean) or 0.0)


def frequent_query(sample: Scope, columns: Sequence[Column], top: int, least: int) -> str:
    """The sample's most frequent values of all columns in one query: `(number of the column, value as text, rows)`."""
    parts = []
    for number, column in enumerate(columns):
        sql = sample.sql(column.name)
        shown = f"CAST(CAST({sql} AS DOUBLE) AS TEXT)" if column.kind is Kind.NUMBER else f"CAST({sql} AS TEXT)"
        where = f"ABS({sql}) <= {quote.LARGEST}" if floating(column) else f"{sql} IS NOT NULL"
        parts.append(
            f"SELECT {number} AS c, v, n FROM (SELECT {shown} AS v, COUNT(*) AS n FROM {sample.relation} WHERE {where} "
            f"GROUP BY {shown} HAVING COUNT(*) >= {least} ORDER BY n DESC, v LIMIT {top}) AS part"
        )
    return " UNION ALL ".join(parts)


def plan(column: Column, proposal: Proposal, frequent: tuple[str, ...], bins: int, *, exact: bool) -> Plan:
    """Where to cut a column. `exact`: the sample is the whole table, so its quantiles are the table's."""
    values = proposal.quantiles
    if not values:
        return Plan(column, frequent=frequent)
    inner = values[2:-2]
    return Plan(
        column,
        edges=_even(column.kind, values, bins),
        ranks=() if exact else tuple((v, column.kind in _UNITS or inner.count(v) > 1) for v in sorted(set(inner))),
        frequent=frequent,
        shift=proposal.mean,
        quantiles=dict(zip(SHARES, inner[1::3], strict=True)) if exact else {},
    )


def _even(kind: Kind, values: Sequence[float], bins: int) -> tuple[float, ...]:
    """Edges of bins of equal width over the sample's range; long tails are left to the outer bins."""
    lowest, low, high, highest = values[0], values[1], values[-2], values[-1]
    if highest - lowest <= 3 * (high - low):
        low, high = lowest, highest
    unit = _UNITS.get(kind)
    if unit and high - low < bins * unit:
        return tuple(low + unit * step for step in range(max(1, round((high - low) / unit))))
    edges = [low + (high - low) * (step / bins) for step in range(1, bins)]
    if unit:
        edges = [math.floor(edge / unit) * unit for edge in edges]
    return tuple(sorted({edge for edge in edges if math.isfinite(edge)}))


def told_apart(column: Column, sql: str) -> str:
    """What distinct values are counted of."""
    return f"CAST({sql} AS TEXT)" if column.kind is Kind.OTHER else sql


def distinct_query(sample: Scope, columns: Sequence[Column]) -> str:
    """Exact numbers of distinct values, of a sample that is the whole table."""
    counted = (f"COUNT(DISTINCT {told_apart(column, sample.sql(column.name))})" for column in columns)
    return f"SELECT {', '.join(counted)} FROM {sample.relation}"


def profile_query(scope: Scope, plans: Sequence[Plan], *, exact: bool) -> str:
    """Everything counted at once; distinct values only where they are not known exactly."""
    inner, cells = [], ["COUNT(*)"]
    names = {made.column.name: f"v{number}" for number, made in enumerate(plans)}
    seen = Scope("t", scope.columns, scope.source, names)
    for number, made in enumerate(plans):
        sql = scope.sql(made.column.name)
        inner.append(f"{sql} AS v{number}")
        if floating(made.column):
            inner.append(f"{finite(made.column, sql)} AS f{number}")
        cells += _cells(seen, made, f"f{number}" if floating(made.column) else f"v{number}", exact)
    return f"SELECT {', '.join(cells)} FROM (SELECT {', '.join(inner)} FROM {scope.relation}) AS t"


def aggregates(made: Plan) -> int:
    """How many aggregates a plan asks for, about."""
    return 12 + len(made.edges) + 2 * len(made.ranks) + len(made.frequent)


def _cells(seen: Scope, made: Plan, value: str, exact: bool) -> list[str]:
    column, name = made.column, made.column.name
    raw = seen.sql(name)
    cells = [f"COUNT({raw})"]
    if column.kind is Kind.BOOLEAN:
        return [*cells, f"COUNT_IF({raw})"]
    if column.kind is Kind.NESTED:
        return cells
    if column.kind is Kind.BINARY:
        return [*cells, f"MIN(OCTET_LENGTH({raw}))", f"MAX(OCTET_LENGTH({raw}))"]
    if not exact:
        cells.append(f"APPROX_COUNT_DISTINCT({told_apart(column, raw)})")
    if column.kind is Kind.TEXT:
        cells += [f"COUNT_IF({raw} = '')", f"MIN(LENGTH({raw}))", f"MAX(LENGTH({raw}))"]
    if column.kind is not Kind.OTHER:
        cells += [f"MIN({value})", f"MAX({value})"]
    if column.kind.numeric:
        off = f"(CAST({value} AS DOUBLE) - {quote.number(made.shift)})"
        square = f"{off} * {off}"
        if floating(column):  # beyond this squares overflow, which some engines refuse; an infinite sum says so to all
            beyond = f"WHEN {value} IS NOT NULL THEN {quote.number(math.inf)}"
            square = f"CASE WHEN ABS({off}) <= 1e145 THEN {square} {beyond} END"
        cells += [f"COUNT_IF({value} = 0)", f"COUNT_IF({value} < 0)", f"SUM({off})", f"SUM({square})"]
    if floating(column):
        cells += [f"COUNT({value})", f"COUNT_IF(ISNAN({raw}))", f"COUNT_IF({raw} < (-{quote.LARGEST}))"]
    cells += [f"COUNT_IF({at_most(seen, name, Aspect.VALUE, edge)})" for edge in made.edges]
    for rank, shared in made.ranks:
        signs = ("<", "<=") if shared else ("<=",)
        cells += [f"COUNT_IF({at_most(seen, name, Aspect.VALUE, rank, sign)})" for sign in signs]
    cells += [f"COUNT_IF({equals(seen, name, value) or 'FALSE'})" for value in made.frequent]
    return cells


def read_profile(made: Plan, rows: int, cells: Iterator[Any], top: int, distinct: int | None) -> ColumnProfile:
    """One column's part of the answer to `profile_query`; `distinct` where it is known exactly."""
    column, kind = made.column, made.column.kind
    present = figure(cells)
    told: dict[str, Any] = {}
    if kind is Kind.BOOLEAN:
        told = _booleans(present, figure(cells))
    elif kind is Kind.BINARY:
        told = {"shortest": next(cells), "longest": next(cells)}
    elif kind is not Kind.NESTED:
        told = _ordinary(made, present, cells, top, distinct)
    return ColumnProfile(column.name, kind, column.native, rows, rows - present, **told)


def _booleans(present: int, true: int) -> dict[str, Any]:
    counted = sorted(((true, True), (present - true, False)), reverse=True)
    top = tuple(Frequency(value, count) for count, value in counted if count)
    return {"true": true, "distinct": len(top), "top": top}


def _ordinary(made: Plan, present: int, cells: Iterator[Any], top: int, distinct: int | None) -> dict[str, Any]:
    kind = made.column.kind
    told: dict[str, Any] = {"distinct": min(figure(cells), present) if distinct is None else distinct}
    if kind is Kind.TEXT:
        told |= {"empty": figure(cells), "shortest": next(cells), "longest": next(cells)}
    if kind is not Kind.OTHER:
        told |= {"minimum": scalar(next(cells)), "maximum": scalar(next(cells))}
    count, lowest = present, 0
    if kind.numeric:
        told |= {"zero": figure(cells), "negative": figure(cells)}
        total, squares = next(cells), next(cells)
        if floating(made.column):
            count, nan, lowest = figure(cells), figure(cells), figure(cells)
            told |= {"nan": nan, "infinite": present - count - nan}
        told |= _moments(count, total, squares, made.shift)
    under = [figure(cells) for _ in made.edges]
    points = []
    for rank, shared in made.ranks:
        below = figure(cells) - lowest
        points.append((rank, below, figure(cells) - lowest if shared else below))
    found = [(of_text(kind, value), figure(cells)) for value in made.frequent]
    if made.column.kind.ordered and present > told.get("nan", 0):
        whole = present - told.get("nan", 0)
        told["edges"] = made.edges
        told["histogram"] = tuple(b - a for a, b in zip([0, *under], [*under, whole], strict=True))
    if count and (points or made.quantiles):
        told["quantiles"] = tuple(
            Quantile(share, made.quantiles[share] if made.quantiles else _quantile(kind, points, share * count))
            for share in SHARES
        )
    ranked = sorted((pair for pair in found if pair[1]), key=lambda pair: (-pair[1], str(pair[0])))
    told["top"] = tuple(Frequency(scalar(value), count) for value, count in ranked[:top])
    return told


def _moments(count: int, total: Any, squares: Any, shift: float) -> dict[str, float | None]:
    """Mean and standard deviation from sums of differences from a shift near the mean, which loses no digits."""
    if not count or total is None or not math.isfinite(total):
        return {}
    variance = (
        None if count < 2 or not math.isfinite(squares) else max(0.0, squares - total * total / count) / (count - 1)
    )
    return {"mean": shift + total / count, "deviation": None if variance is None else math.sqrt(variance)}


def _quantile(kind: Kind, points: Sequence[tuple[float, int, int]], target: float) -> float:
    """The value at a rank, between two values whose ranks `(value, rows below, rows up to it)` are known."""
    before: tuple[float, int] | None = None
    for value, below, upto in points:
        if upto >= target:
            if below < target or before is None:
                return value
            step = (target - before[1]) / max(1, below - before[1])
            between = before[0] + (value - before[0]) * min(1.0, max(0.0, step))
            unit = _UNITS.get(kind)
            return math.ceil(between / unit) * unit if unit else between
        before = (value, upto)
    return points[-1][0]

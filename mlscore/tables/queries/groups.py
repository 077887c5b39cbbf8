"""Adding up over groups of rows: many sets of columns in one query, each row's place in its columns' bins its key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlscore.errors import InputError
from mlscore.tables.conditions import Compare, Operator
from mlscore.tables.losses import Given, Holding, Loss, Measure, PerRow, Total, Worsening
from mlscore.tables.queries.bins import at_most, check, equals
from mlscore.tables.queries.scope import Scope, floating
from mlscore.tables.queries.where import condition
from mlscore.tables.shapes import Bins, Edges, Kind

MISSING, NAN, OTHER = -1, -2, -3  # the places of values that are in no bin
# A larger figure is left out: the sum of its squares would overflow.
LARGEST = "1e150"
LEAST = "1e-15"  # of a probability that a logarithm is taken of

Cell = Mapping[str, int]


def place(scope: Scope, name: str, bins: Bins) -> str:
    """The number of the bin that a row falls into, never null. Raises InputError where the bins do not fit."""
    column = scope.column(check(scope, name, bins))
    sql = scope.sql(column.name)
    cases = [f"WHEN {sql} IS NULL THEN {MISSING}"]
    if floating(column):
        cases.append(f"WHEN ISNAN({sql}) THEN {NAN}")
    if isinstance(bins, Edges):
        for number, edge in enumerate(bins.values):
            cases.append(f"WHEN {at_most(scope, column.name, bins.aspect, edge)} THEN {number}")
        rest = len(bins.values)
    else:
        for number, value in enumerate(bins.values):
            same = equals(scope, column.name, value)
            if same is not None:
                cases.append(f"WHEN {same} THEN {number}")
        rest = OTHER
    return f"CASE {' '.join(cases)} ELSE {rest} END"


def per_row(scope: Scope, of: PerRow) -> str:
    """A row's figure, null where there is none. Raises InputError for columns that do not fit."""
    if isinstance(of, Worsening):
        return f"{_double(per_row(scope, of.now))} - {_double(per_row(scope, of.before))}"
    if isinstance(of, Given):
        return _finite(_number(scope, of.column))
    return _loss(scope, of)


def _loss(scope: Scope, of: Loss) -> str:
    label = scope.sql(of.label)
    there = f"{label} IS NOT NULL" + (f" AND NOT ISNAN({label})" if floating(scope.column(of.label)) else "")
    if of.measure is Measure.ERROR:
        _alike(scope, of.label, of.against)
        return f"CASE WHEN {there} THEN CASE WHEN {label} = {scope.sql(of.against)} THEN 0 ELSE 1 END END"
    against = _number(scope, of.against)
    if not of.measure.scored:
        distance = f"ABS({_number(scope, of.label)} - {against})"
        if of.measure is Measure.ABSOLUTE:
            return _finite(distance)
        return f"CASE WHEN {distance} <= 1e75 THEN {distance} * {distance} END"
    positive = of.positive if of.positive is not None else scope.kind(of.label) is Kind.BOOLEAN or 1
    truth = condition(scope, Compare(of.label, Operator.EQUAL, positive))
    inside = f"{there} AND {against} >= 0 AND {against} <= 1"
    of_truth = f"CASE WHEN {truth} THEN {against} ELSE 1 - {against} END"
    if of.measure is Measure.BRIER:
        return f"CASE WHEN {inside} THEN (1 - {of_truth}) * (1 - {of_truth}) END"
    return f"CASE WHEN {inside} THEN -LN(GREATEST({of_truth}, {LEAST})) END"


def _alike(scope: Scope, left: str, right: str) -> None:
    one, other = scope.kind(left), scope.kind(right)
    if one is not other and not (one.numeric and other.numeric):
        raise InputError(
            f"{left!r} holds {one.value} values and {right!r} {other.value} ones: they cannot be compared",
            where=scope.source,
            hint="let the model predict the label's own values",
        )


def _number(scope: Scope, column: str) -> str:
    kind = scope.kind(column)
    if not kind.numeric:
        raise InputError(
            f"the column {column!r} holds {kind.value} values, not numbers",
            where=scope.source,
            hint="name a column of numbers, or measure errors of classes",
        )
    return _double(scope.sql(column))


def _double(sql: str) -> str:
    return f"CAST({sql} AS DOUBLE)"


def _finite(sql: str) -> str:
    return f"CASE WHEN ABS({sql}) <= {LARGEST} THEN {sql} END"


def _figure(scope: Scope, total: Total) -> str:
    if isinstance(total, Holding):
        return f"CASE WHEN {condition(scope, total.condition)} THEN 1 ELSE 0 END"
    of = per_row(scope, total.of)
    return of if total.within is None else f"CASE WHEN {condition(scope, total.within)} THEN {of} END"


def _aggregates(totals: Sequence[Total]) -> list[str]:
    listed: list[str] = []
    for number, total in enumerate(totals):
        if isinstance(total, Holding):
            listed.append(f"SUM(m{number})")
        elif _flag(total.of):
            listed += [f"COUNT(m{number})", f"SUM(m{number})"]
        else:
            listed += [f"COUNT(m{number})", f"SUM(m{number})", f"SUM(m{number} * m{number})"]
    return listed


def _flag(of: PerRow) -> bool:
    return isinstance(of, Loss) and of.measure is Measure.ERROR


def width(total: Total) -> int:
    """How many cells of a row tell a total."""
    if isinstance(total, Holding):
        return 1
    return 2 if _flag(total.of) else 3


def coded(scope: Scope, keys: Mapping[str, str], totals: Sequence[Total], names: Sequence[str]) -> str:
    """Each row as its places (`k0`, `k1` … in the order of `names`) and figures (`m0` …), as a relation."""
    cells = [f"CAST({keys[name]} AS SMALLINT) AS k{number}" for number, name in enumerate(names)]
    cells += [f"{_figure(scope, total)} AS m{number}" for number, total in enumerate(totals)]
    return f"(SELECT {', '.join(cells)} FROM {scope.relation}) AS coded"


def sets_query(
    relation: str,
    names: Sequence[str],
    sets: Sequence[Sequence[str]],
    totals: Sequence[Total],
    only: Cell | None,
    but: Sequence[Cell],
) -> str:
    """A row per group of every set: a place per column (null: not of its set), the rows, the totals.

    `only` keeps the rows of one cell, `but` leaves those of others out.
    """
    numbers = {name: f"k{number}" for number, name in enumerate(names)}
    used = [name for name in names if any(name in one for one in sets)]
    shown = [numbers[name] for name in used]
    where = [] if only is None else [_cell(only, numbers)]
    where += [f"NOT {_cell(cell, numbers)}" for cell in but]
    grouped = ", ".join(f"({', '.join(numbers[name] for name in one)})" for one in sets)
    return (
        f"SELECT {', '.join([*shown, 'COUNT(*)', *_aggregates(totals)])} FROM {relation}"
        f"{' WHERE ' + ' AND '.join(where) if where else ''} GROUP BY GROUPING SETS ({grouped})"
    )


def _cell(cell: Cell, numbers: Mapping[str, str]) -> str:
    return f"({' AND '.join(f'{numbers[name]} = {code}' for name, code in cell.items())})"


def values_query(scope: Scope, by: Mapping[str, Bins | None], totals: Sequence[Total], most: int) -> str:
    """A row per combination of values that occurs (places, of columns with bins), the rows, the totals; `most` + 1 rows."""
    cells = [
        f"{scope.sql(name) if bins is None else place(scope, name, bins)} AS k{number}"
        for number, (name, bins) in enumerate(by.items())
    ]
    cells += [f"{_figure(scope, total)} AS m{number}" for number, total in enumerate(totals)]
    keys = ", ".join(f"k{number}" for number in range(len(by)))
    listed = (
        ", ".join([keys, "COUNT(*)", *_aggregates(totals)]) if by else ", ".join(["COUNT(*)", *_aggregates(totals)])
    )
    relation = f"(SELECT {', '.join(cells)} FROM {scope.relation}) AS coded" if cells else scope.relation
    grouped = f" GROUP BY {keys}" if by else ""
    return f"SELECT {listed} FROM {relation}{grouped} LIMIT {most + 1}"

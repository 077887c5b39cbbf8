"""Which bin a value falls into, as comparisons: k cumulative counts are faster than one search per row, up to a point."""

from __future__ import annotations

import math
from datetime import datetime

from mlscore.errors import InputError
from mlscore.tables.queries import quote
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import Aspect, Categories, Edges, Kind

# Measured on DuckDB: up to here comparing with each edge costs less than searching among them.
FEW = 48


def at_most(scope: Scope, column: str, aspect: Aspect, edge: float, operator: str = "<=") -> str:
    """The value (or its length) is not above an edge, or is below it. Never true of a missing value, nor of NaN."""
    sql, kind = scope.sql(column), scope.kind(column)
    if aspect is Aspect.LENGTH:
        return f"LENGTH({sql}) {operator} {quote.integer(math.floor(edge))}"
    if kind is Kind.INTEGER:
        return f"{sql} {operator} {quote.integer(math.floor(edge))}"
    if kind is Kind.NUMBER:
        return f"{sql} {operator} {quote.number(edge)}"
    moment = quote.at_second(edge)
    if moment is None:
        return f"{sql} IS NOT NULL" if edge > 0 else "FALSE"
    if kind is Kind.DATE:
        return f"{sql} {operator} {quote.moment(moment.date())}"
    return f"{sql} {operator} {quote.moment(moment)}"


def equals(scope: Scope, column: str, category: str) -> str | None:
    """The value has this name; None where no value of the column can have it."""
    sql, kind = scope.sql(column), scope.kind(column)
    if kind is Kind.TEXT:
        return f"{sql} = {quote.string(category)}"
    if kind is Kind.BOOLEAN:
        return {"true": sql, "false": f"NOT {sql}"}.get(category)
    if kind.numeric:
        try:
            value = int(category) if kind is Kind.INTEGER else float(category)
        except ValueError:
            return None
        if isinstance(value, float) and math.isnan(value):
            return None
        native = scope.column(column).native.upper()
        if native.startswith(("DECIMAL", "NUMERIC")):
            # Names are doubles' names: a decimal of more digits than these have would equal none of them. Decimals of no
            # declared width can be beyond any double.
            double = f"CAST({sql} AS DOUBLE)"
            sql = double if "(" in native else f"CASE WHEN ABS({sql}) <= {quote.LARGEST} THEN {double} END"
        return f"{sql} = {quote.literal(value)}"
    if kind in (Kind.DATE, Kind.DATETIME):
        try:
            return f"{sql} = {quote.moment(datetime.fromisoformat(category))}"
        except ValueError:
            return None
    return f"CAST({sql} AS TEXT) = {quote.string(category)}"


def check(scope: Scope, name: str, bins: Edges | Categories) -> str:
    """The column that is binned. Raises InputError where it is of a kind that these bins do not fit."""
    column = bins.column if bins.column is not None else name
    kind = scope.kind(column)
    if bins.aspect is not Aspect.VALUE:
        fits = kind is Kind.TEXT and (bins.aspect is Aspect.LENGTH) == isinstance(bins, Edges)
    elif isinstance(bins, Edges):
        fits = kind.ordered
    else:
        fits = kind not in (Kind.BINARY, Kind.NESTED)
    if not fits:
        what = "edges" if isinstance(bins, Edges) else "categories"
        raise InputError(
            f"the column {column!r} holds {kind.value} values, which {what} of its {bins.aspect.value} do not fit",
            where=scope.source,
            hint="ask for edges of ordered columns, categories of named ones",
        )
    return column

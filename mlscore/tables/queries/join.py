"""Two relations of one engine laid side by side by a key: whose ids meet, and whose values differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mlscore.errors import InputError
from mlscore.tables.queries import quote
from mlscore.tables.queries.scope import Scope, as_number
from mlscore.tables.shapes import Column, Kind, Tolerance

_SIDE_BY_SIDE = 50  # conditions


def keys(left: Scope, right: Scope, on: Sequence[str]) -> list[tuple[str, str]]:
    """Both sides' expressions of each column of the key, comparable. Raises InputError for columns that cannot be a key."""
    if not on:
        raise InputError("a join needs the column of the ids", hint="name it")
    pairs = []
    for name in on:
        a, b = left.column(name), right.column(name)
        for column, scope in ((a, left), (b, right)):
            if column.kind in (Kind.BINARY, Kind.NESTED):
                what = f"the column {name!r} holds {column.kind.value} values, which cannot be ids"
                raise InputError(what, where=scope.source, hint="name a column of numbers or texts")
        pairs.append(_comparable(a, left.sql(name), b, right.sql(name)))
    return pairs


def _comparable(a: Column, left: str, b: Column, right: str) -> tuple[str, str]:
    """Both values as they are where their kinds can be compared, else both as text."""
    times = (Kind.DATE, Kind.DATETIME)
    if a.kind is b.kind or (a.kind.numeric and b.kind.numeric):
        return left, right
    if a.kind in times and b.kind in times:
        return f"CAST({left} AS TIMESTAMP)", f"CAST({right} AS TIMESTAMP)"
    return f"CAST({left} AS TEXT)", f"CAST({right} AS TEXT)"


def meeting_query(left: Scope, right: Scope, on: Sequence[str]) -> str:
    """One row: ids both hold once, of the left alone, of the right alone, repeated on the left, on the right."""
    pairs = keys(left, right, on)
    sides = []
    for number, scope in enumerate((left, right)):
        named = ", ".join(f"{pair[number]} AS k{place}" for place, pair in enumerate(pairs))
        there = " AND ".join(f"{pair[number]} IS NOT NULL" for pair in pairs)
        sides.append(f"SELECT {named}, {1 - number} AS l, {number} AS r FROM {scope.relation} WHERE {there}")
    grouped = ", ".join(f"k{place}" for place in range(len(pairs)))
    return (
        "SELECT COUNT_IF(l = 1 AND r = 1), COUNT_IF(r = 0), COUNT_IF(l = 0), COUNT_IF(l > 1), COUNT_IF(r > 1) FROM "
        f"(SELECT {grouped}, SUM(l) AS l, SUM(r) AS r FROM ({' UNION ALL '.join(sides)}) AS ids GROUP BY {grouped}) AS met"
    )


def missing_query(scope: Scope, on: Sequence[str]) -> str:
    """How many rows have no id."""
    absent = " OR ".join(f"{scope.sql(name)} IS NULL" for name in on)
    return f"SELECT COUNT_IF({absent}) FROM {scope.relation}"


def sides(left: Scope, right: Scope) -> tuple[Scope, Scope]:
    """Both scopes under the aliases that they have in `joined`."""
    return left.over(left.relation, "l"), right.over(right.relation, "r")


def joined(left: Scope, right: Scope, on: Sequence[str], *, repeated: bool) -> str:
    """What stands after FROM for the compared rows; `repeated`: some ids are ambiguous and left out."""
    pairs = keys(*sides(left, right), on)
    meet = " AND ".join(f"{a} = {b}" for a, b in pairs)
    relation = f"{left.relation} AS l INNER JOIN {right.relation} AS r ON {meet}"
    if not repeated:
        return relation
    for number, scope in enumerate((left, right)):
        named = [pair[number] for pair in keys(left, right, on)]
        listed = ", ".join(f"{sql} AS k{place}" for place, sql in enumerate(named))
        once = f"SELECT {listed} FROM {scope.relation} GROUP BY {', '.join(named)} HAVING COUNT(*) = 1"
        same = " AND ".join(f"{pair[number]} = once{number}.k{place}" for place, pair in enumerate(pairs))
        relation += f" INNER JOIN ({once}) AS once{number} ON {same}"
    return relation


def differs(left: Scope, right: Scope, name: str, tolerance: Tolerance) -> str:
    """The two values of a column disagree. TRUE or FALSE, never null. Raises InputError for a tolerance that cannot be."""
    a, b = left.column(name), right.column(name)
    x, y = _comparable(a, left.sql(name), b, right.sql(name))
    unlike = f"{x} IS DISTINCT FROM {y}"
    if not (tolerance.absolute or tolerance.relative):
        return unlike
    if not comparable_by_distance(a, b):
        what = f"the column {name!r} holds {a.kind.value} and {b.kind.value} values: no tolerance applies"
        raise InputError(what, where=left.source, hint="leave the tolerance out")
    x, y = as_number(a, left.sql(name)), as_number(b, right.sql(name))
    finite = f"ABS({x}) <= {quote.LARGEST} AND ABS({y}) <= {quote.LARGEST}"
    limit = quote.number(tolerance.absolute)
    if tolerance.relative:
        limit += f" + {quote.number(tolerance.relative)} * GREATEST(ABS({x}), ABS({y}))"
    return f"({unlike} AND NOT COALESCE({finite} AND ABS({x} - {y}) <= {limit}, FALSE))"


def comparable_by_distance(a: Column, b: Column) -> bool:
    """Whether a distance between values of these columns means something."""
    times = (Kind.DATE, Kind.DATETIME)
    return (a.kind.numeric and b.kind.numeric) or (a.kind in times and b.kind in times)


def comparison_query(left: Scope, right: Scope, relation: str, compare: Mapping[str, Tolerance]) -> str:
    """One row: rows compared, rows that differ anywhere; then of each column four figures.

    These are: rows that differ, rows missing on the left, on the right, and the greatest finite distance of differing ones.
    """
    left, right = sides(left, right)
    apart = {name: differs(left, right, name, tolerance) for name, tolerance in compare.items()}
    cells = ["COUNT(*)", f"COUNT_IF({_any(list(apart.values()))})"]
    for name, different in apart.items():
        a, b = left.column(name), right.column(name)
        cells += [f"COUNT_IF({different})"]
        cells += [f"COUNT_IF({side.sql(name)} IS NULL)" for side in (left, right)]
        x, y = as_number(a, left.sql(name)), as_number(b, right.sql(name))
        far = f"ABS({x} - {y})" if comparable_by_distance(a, b) else ""
        cells.append(f"MAX(CASE WHEN {different} AND {far} <= {quote.LARGEST} THEN {far} END)" if far else "NULL")
    return f"SELECT {', '.join(cells)} FROM {relation}"


def differing_query(left: Scope, right: Scope, relation: str, compare: Mapping[str, Tolerance]) -> str:
    """How many of the compared rows differ anywhere, and nothing else."""
    left, right = sides(left, right)
    apart = [differs(left, right, name, tolerance) for name, tolerance in compare.items()]
    return f"SELECT COUNT_IF({_any(apart)}) FROM {relation}"


def _any(conditions: Sequence[str]) -> str:
    """One of the conditions is true; thousands of them are nested no deeper than a parser can follow."""
    if len(conditions) <= _SIDE_BY_SIDE:
        return " OR ".join(conditions) or "FALSE"
    half = len(conditions) // 2
    return f"({_any(conditions[:half])}) OR ({_any(conditions[half:])})"


def examples_query(
    left: Scope, right: Scope, relation: str, on: Sequence[str], name: str, tolerance: Tolerance, limit: int
) -> str:
    """Rows that differ in a column: the id's columns, the left value, the right value."""
    left, right = sides(left, right)
    shown = [*(left.sql(key) for key in on), left.sql(name), right.sql(name)]
    different = differs(left, right, name, tolerance)
    return f"SELECT {', '.join(shown)} FROM {relation} WHERE {different} LIMIT {limit}"

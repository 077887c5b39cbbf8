"""Conditions as SQL: negations are carried inwards, so that nothing becomes true of a missing value by being negated."""

from __future__ import annotations

import re
from datetime import date, datetime

from mlscore.errors import InputError
from mlscore.tables.conditions import (
    Compare,
    CompareColumns,
    Condition,
    Every,
    Holds,
    Infinite,
    Length,
    Literal,
    Matches,
    Missing,
    Not,
    NotANumber,
    OneOf,
    Operator,
    Parses,
    Place,
    Repeated,
    Some,
)
from mlscore.tables.queries import quote
from mlscore.tables.queries.scope import Scope, floating
from mlscore.tables.shapes import Column, Kind

_OPPOSITE = {
    Operator.EQUAL: Operator.UNEQUAL,
    Operator.UNEQUAL: Operator.EQUAL,
    Operator.LESS: Operator.AT_LEAST,
    Operator.AT_LEAST: Operator.LESS,
    Operator.GREATER: Operator.AT_MOST,
    Operator.AT_MOST: Operator.GREATER,
}
# What a text must look like to be read as a kind; beyond its looks a date must also be in the calendar.
_LOOKS = {
    Kind.INTEGER: r"^\s*[+-]?[0-9]+\s*$",
    Kind.NUMBER: r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$",
    Kind.BOOLEAN: r"^\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*$",
    Kind.DATE: r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$",
    Kind.DATETIME: r"^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?\s*$",
}


def condition(scope: Scope, given: Condition, negated: bool = False) -> str:
    """A condition (or its opposite) that is TRUE where it holds and FALSE or NULL elsewhere.

    Raises InputError for unknown columns, for literals that the column's kind cannot be compared with, and for a
    `Repeated` inside another condition.
    """
    if isinstance(given, Not):
        return condition(scope, given.condition, not negated)
    if isinstance(given, (Every, Some)):
        if not given.conditions:
            return "TRUE" if isinstance(given, Every) != negated else "FALSE"
        word = " AND " if isinstance(given, Every) != negated else " OR "
        return "(" + word.join(condition(scope, part, negated) for part in given.conditions) + ")"
    if isinstance(given, Missing):
        return f"{scope.sql(given.column)} IS {'NOT ' if negated else ''}NULL"
    if isinstance(given, (NotANumber, Infinite)):
        return _special(scope, given, negated)
    if isinstance(given, CompareColumns):
        return _columns(scope, given, negated)
    if isinstance(given, Repeated):
        raise InputError("a condition on repeated rows cannot stand inside another one", hint="ask for it by itself")
    return _atom(scope, given, negated)


def _special(scope: Scope, given: NotANumber | Infinite, negated: bool) -> str:
    column, sql = scope.column(given.column), scope.sql(given.column)
    if not floating(column):
        return f"{sql} IS NOT NULL" if negated else "FALSE"
    said = f"ISNAN({sql})" if isinstance(given, NotANumber) else f"ISINF({sql})"
    return f"NOT {said}" if negated else said


def _columns(scope: Scope, given: CompareColumns, negated: bool) -> str:
    left, right = scope.column(given.left), scope.column(given.right)
    operator = Operator(given.operator)
    operator = _OPPOSITE[operator] if negated else operator
    a, b = scope.sql(given.left), scope.sql(given.right)
    alike = left.kind is right.kind or all(c.kind.numeric for c in (left, right))
    if not alike and not all(c.kind in (Kind.DATE, Kind.DATETIME) for c in (left, right)):
        what = f"{left.name!r} holds {left.kind.value} values and {right.name!r} {right.kind.value} ones"
        raise InputError(f"{what}: they cannot be compared", where=scope.source, hint="compare columns of one kind")
    numbers = [f"NOT ISNAN({sql})" for column, sql in ((left, a), (right, b)) if floating(column)]
    return _all([f"{a} {operator.value} {b}", *numbers])


def _atom(scope: Scope, given: Compare | OneOf | Matches | Holds | Length | Parses, negated: bool) -> str:
    column, sql = scope.column(given.column), scope.sql(given.column)
    real = [f"NOT ISNAN({sql})"] if floating(column) else []
    if isinstance(given, Compare):
        operator = Operator(given.operator)
        operator = _OPPOSITE[operator] if negated else operator
        left, right = _comparable(scope, column, sql, given.value)
        # On every engine NaN is less than no number, and equal to none.
        exact = operator in (Operator.LESS, Operator.AT_MOST, Operator.EQUAL)
        return _all([f"{left} {operator.value} {right}", *([] if exact else real)])
    if isinstance(given, OneOf):
        if not given.values:
            return _all([f"{sql} IS NOT NULL", *real]) if negated else "FALSE"
        pairs = [_comparable(scope, column, sql, value) for value in given.values]
        listed = ", ".join(right for _, right in pairs)
        return _all([f"{pairs[0][0]} {'NOT ' if negated else ''}IN ({listed})", *real])
    if isinstance(given, Parses):
        return _all([_parses(sql, given.kind, negated), f"{sql} IS NOT NULL", *real])
    if column.kind is not Kind.TEXT:
        what = f"the column {column.name!r} holds {column.kind.value} values, not text"
        raise InputError(what, where=scope.source, hint="ask for its values instead")
    return _text(sql, given, negated)


def _parses(sql: str, kind: Kind, negated: bool) -> str:
    if kind is Kind.TEXT:
        return "FALSE" if negated else "TRUE"
    if kind not in _LOOKS:
        hint = f"one of {', '.join(known.value for known in _LOOKS)}"
        raise InputError(f"whether a text can be read as {kind.value} is not known", hint=hint)
    looks = f"REGEXP_MATCHES(CAST({sql} AS TEXT), {quote.string(_LOOKS[kind])})"
    if kind in (Kind.DATE, Kind.DATETIME):
        day = f"TRY_CAST(SUBSTRING(TRIM(CAST({sql} AS TEXT)), 1, 10) AS DATE)"
        return f"(NOT {looks} OR {day} IS NULL)" if negated else f"({looks} AND {day} IS NOT NULL)"
    return f"NOT {looks}" if negated else looks


def _text(sql: str, given: Matches | Holds | Length, negated: bool) -> str:
    if isinstance(given, Length):
        limits = (
            [f"LENGTH({sql}) {'<' if negated else '>='} {quote.integer(given.at_least)}"]
            if given.at_least is not None
            else []
        )
        if given.at_most is not None:
            limits.append(f"LENGTH({sql}) {'>' if negated else '<='} {quote.integer(given.at_most)}")
        if not limits:
            return "FALSE" if negated else f"{sql} IS NOT NULL"
        return f"({(' OR ' if negated else ' AND ').join(limits)})"
    if isinstance(given, Matches):
        pattern = _pattern(given.pattern)
        if given.full or given.start:
            pattern = f"^(?:{pattern}){'$' if given.full else ''}"
        said = f"REGEXP_MATCHES({sql}, {quote.string(pattern)})"
    else:
        part = quote.string(given.text)
        function = {Place.START: "STARTS_WITH", Place.END: "ENDS_WITH", Place.ANYWHERE: "CONTAINS"}[Place(given.place)]
        said = f"{function}({sql}, {part})"
    return f"NOT {said}" if negated else said


def _pattern(pattern: str) -> str:
    """The pattern, when it is one. Raises InputError."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise InputError(f"{pattern!r} is not a regular expression: {error}", hint="mend the pattern") from None
    return pattern


def _comparable(scope: Scope, column: Column, sql: str, value: Literal) -> tuple[str, str]:
    """Both sides of a comparison with a literal. Raises InputError where the kinds cannot be compared."""
    kind = column.kind
    if isinstance(value, bool):
        fits = kind is Kind.BOOLEAN
    elif isinstance(value, str):
        if kind in (Kind.DATE, Kind.DATETIME):
            return sql, quote.moment(_moment(scope, column, value))
        if kind is Kind.OTHER:
            return f"CAST({sql} AS TEXT)", quote.string(value)
        fits = kind is Kind.TEXT
    elif isinstance(value, date):
        fits = kind in (Kind.DATE, Kind.DATETIME)
    else:
        fits = kind.numeric and value == value
    if not fits:
        what = f"the column {column.name!r} holds {kind.value} values"
        raise InputError(
            f"{what}, which cannot be compared with {value!r}",
            where=scope.source,
            hint="give a value of the column's kind, or mend the column's type",
        )
    return sql, quote.literal(value)


def _moment(scope: Scope, column: Column, value: str) -> date | datetime:
    try:
        return date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    except ValueError:
        what = f"{value!r}, compared with the {column.kind.value} column {column.name!r}, is no time"
        raise InputError(what, where=scope.source, hint="write it as 2013-01-31 or 2013-01-31T12:00:00") from None


def _all(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({' AND '.join(parts)})"


def count_repeated(scope: Scope, given: Repeated) -> str:
    """How many rows share their values of these columns with another row."""
    return f"SELECT COALESCE(SUM(n), 0) AS n FROM ({_repeated(scope, given)}) AS repeated"


def count_repeated_by(scope: Scope, given: Repeated, block: str) -> str:
    """`(block, rows)` of the blocks where rows share their values of these columns with another row of the same block."""
    return f"SELECT b, SUM(n) AS n FROM ({_repeated(scope, given, block)}) AS repeated GROUP BY b"


def repeated_values(scope: Scope, given: Repeated, block: str, only: Condition, limit: int) -> str:
    """What rows share with another row of the same block, of the rows that `only` is true of."""
    keys = ", ".join(f"k{number}" for number in range(len(given.columns)))
    return f"SELECT {keys} FROM ({_repeated(scope, given, block, only)}) AS repeated LIMIT {limit}"


def repeated_rows(scope: Scope, given: Repeated, shown: list[str], limit: int) -> str:
    """Rows that share their values of these columns with another row."""
    side = scope.over(scope.relation, "t")
    equals = "IS NOT DISTINCT FROM" if given.missing_equal else "="
    on = " AND ".join(f"{side.sql(column)} {equals} k.k{number}" for number, column in enumerate(given.columns))
    names = ", ".join(side.sql(name) for name in shown)
    return (
        f"SELECT {names} FROM {scope.relation} AS t INNER JOIN ({_repeated(scope, given)}) AS k ON {on} LIMIT {limit}"
    )


def _repeated(scope: Scope, given: Repeated, block: str | None = None, only: Condition | None = None) -> str:
    if not given.columns:
        raise InputError(
            "repeated rows need at least one column", hint="name the columns that should be unique together"
        )
    names = [scope.sql(column) for column in given.columns]
    keys = ", ".join(f"{sql} AS k{number}" for number, sql in enumerate(names))
    if block is not None:
        names, keys = [block, *names], f"{block} AS b, {keys}"
    asked = [] if given.missing_equal else [f"{scope.sql(column)} IS NOT NULL" for column in given.columns]
    asked += [] if only is None else [condition(scope, only)]
    there = f"WHERE {' AND '.join(asked)} " if asked else ""
    grouped = f"GROUP BY {', '.join(names)} HAVING COUNT(*) > 1"
    return f"SELECT {keys}, COUNT(*) AS n FROM {scope.relation} {there}{grouped}"

"""Scanning every row in the engine: which columns hold candidates, how many, and the candidates themselves to judge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.checks.privacy.detectors import DETECTORS, LOOSE, Detector
from mlscore.tables.queries.quote import string
from mlscore.tables.queries.scope import MOST_AGGREGATES, Scope, floating
from mlscore.tables.shapes import Column, Kind

if TYPE_CHECKING:
    from mlscore.tables.engines.base import Engine

VALUES = 20_000  # distinct values of a column and kind that are judged one by one
_CHARACTERS = 20_000_000  # and at most about so many characters of them
_AS_TEXT = (Kind.TEXT, Kind.NESTED, Kind.OTHER)


def as_text(scope: Scope, column: Column) -> str | None:
    """The column's values as SQL text: whole numbers by their digits, others as null; None for kinds that are not text."""
    sql = scope.sql(column.name)
    if column.kind in _AS_TEXT or column.kind is Kind.INTEGER:
        return f"CAST({sql} AS TEXT)"
    if column.kind is Kind.NUMBER:
        whole = f"{sql} = FLOOR({sql}) AND ABS({sql}) < 1000000000000000000"
        return f"CASE WHEN {whole} THEN CAST(CAST({sql} AS BIGINT) AS TEXT) END"
    return None


def searched(column: Column) -> tuple[Detector, ...]:
    """The detectors that look at a column of this kind."""
    if column.kind in _AS_TEXT:
        return DETECTORS
    if column.kind.numeric:
        return tuple(one for one in DETECTORS if one.numbers)
    return ()


@dataclass(frozen=True, slots=True)
class Looked:
    """A column at first sight: rows, those with a value, those whose value may hold anything at all (`loose`).

    `large` counts numbers from 100,000, `characters` all those of the texts.
    """

    column: Column
    rows: int
    present: int
    loose: int
    large: int = 0
    characters: int = 0


def first_look(engine: Engine, columns: Sequence[Column]) -> list[Looked]:
    """One pass over all columns (in groups that one query can take)."""
    scope = engine.scope
    looked: list[Looked] = []
    for start in range(0, len(columns), MOST_AGGREGATES // 4):
        group = columns[start : start + MOST_AGGREGATES // 4]
        cells = ["COUNT(*)"]
        for column in group:
            sql, characters = scope.sql(column.name), "0"
            if column.kind in _AS_TEXT:
                text = f"CAST({sql} AS TEXT)"
                loose, large = f"COUNT_IF(REGEXP_MATCHES({text}, {string(LOOSE)}))", "0"
                characters = f"SUM(LENGTH({text}))"
            elif column.kind.numeric:
                # Not by ABS: the least integer has none.
                real = f" AND ABS({sql}) < 1000000000000000000" if floating(column) else ""
                loose, large = (
                    f"COUNT_IF(({sql} >= {least} OR {sql} <= -{least}){real})" for least in (100_000_000, 100_000)
                )
            else:
                loose, large = "0", "0"
            cells += [f"COUNT({sql})", loose, large, characters]
        row = engine.run(f"SELECT {', '.join(cells)} FROM {scope.relation}", "looking for personal data")[0]
        figures = [int(cell or 0) for cell in row]
        for number, column in enumerate(group):
            looked.append(Looked(column, figures[0], *figures[1 + 4 * number : 5 + 4 * number]))
    return looked


def count_candidates(
    engine: Engine, pairs: Sequence[tuple[Column, Detector]]
) -> Iterator[tuple[Column, Detector, int]]:
    """How many rows of each column the coarse pattern of each detector lets through: one pass for all."""
    scope = engine.scope
    for start in range(0, len(pairs), MOST_AGGREGATES):
        group = pairs[start : start + MOST_AGGREGATES]
        cells = [f"COUNT_IF(REGEXP_MATCHES({as_text(scope, column)}, {string(one.pattern)}))" for column, one in group]
        row = engine.run(f"SELECT {', '.join(cells)} FROM {scope.relation}", "counting candidates")[0]
        for (column, one), cell in zip(group, row, strict=True):
            yield column, one, int(cell or 0)


@dataclass(frozen=True, slots=True)
class Candidates:
    """Distinct values that a pattern let through, with their rows; `distinct` is how many there are in all.

    `whole`: all of them are here. Else they are those whose hashes are smallest: the same in every run on the same data.
    """

    values: list[tuple[str, int]]
    distinct: int
    whole: bool


def candidates(engine: Engine, looked: Looked, one: Detector, rows: int, most: int = VALUES) -> Candidates:
    """The values to judge, of `rows` rows that the pattern let through. Raises as the engine does."""
    scope = engine.scope
    held = f"SELECT {as_text(scope, looked.column)} AS t FROM {scope.relation}"
    passed = f"FROM ({held}) AS s WHERE REGEXP_MATCHES(t, {string(one.pattern)})"
    average = looked.characters / max(1, looked.present)
    most = max(200, min(most, int(_CHARACTERS / max(1.0, average))))
    distinct = rows
    if rows > most:
        found = engine.run(f"SELECT APPROX_COUNT_DISTINCT(t) {passed}", "counting candidates")[0][0]
        distinct = max(1, int(found or 0))
    part, cap = "", int(most * 1.3) + 100
    if distinct > most:
        part = f" AND MD5(t) < '{int(most / distinct * 16**8):08x}'"
    sql = f"SELECT t, COUNT(*) AS n {passed}{part} GROUP BY t LIMIT {cap}"
    values = [(str(text), int(n)) for text, n in engine.run(sql, "judging candidates")]
    whole = not part and len(values) < cap
    return Candidates(values, len(values) if whole else distinct, whole)

"""k-anonymity and l-diversity: how many share the quasi-identifiers of the most exposed, counted in one pass.

Sources: L. Sweeney, "k-anonymity: a model for protecting privacy", 2002; A. Machanavajjhala et al., "l-diversity: privacy
beyond k-anonymity", 2007 (its distinct form: so many different values of the sensitive column in every group).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mlscore.checks.privacy.personal import opened
from mlscore.errors import InputError, UsageError
from mlscore.tables.queries.quote import number
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import Kind

UNITS = ("day", "week", "month", "year")
Bin = float | int | str | Sequence[float]


@dataclass(frozen=True, slots=True)
class Diversity:
    """Of one sensitive column: the fewest different values in a group, and the rows in groups with too few."""

    column: str
    smallest: int
    rows: int


@dataclass(frozen=True, slots=True)
class Anonymity:
    """Rows by groups that share all quasi-identifiers; a missing value is a value.

    `smallest` is the k that the table has. `exposed_rows` stand in `exposed_groups` of fewer than `k`. Sizes count
    persons where a person's column was given, else rows.
    """

    source: str
    columns: tuple[str, ...]
    k: int
    rows: int
    groups: int
    smallest: int
    exposed_rows: int
    exposed_groups: int
    diversity: tuple[Diversity, ...] = ()

    @property
    def exposed_share(self) -> float:
        """The share of rows in groups smaller than k."""
        return self.exposed_rows / self.rows if self.rows else 0.0


def measure_anonymity(
    source: object,
    columns: Sequence[str],
    *,
    k: int = 5,
    bins: Mapping[str, Bin] | None = None,
    sensitive: Sequence[str] = (),
    diversity: int = 2,
    person: str | None = None,
) -> Anonymity:
    """Group a table (or whatever `open_table` takes) by its quasi-identifiers, and measure the groups.

    `bins` makes a column coarser before: numbers by a width (10) or by edges ([18, 30, 65]), texts by their first
    characters (3), dates by "week", "month" or "year". `person` names the column of the person's id where one person has
    several rows. Raises UsageError for limits that cannot fail and bins that do not fit, InputError for unknown columns.
    """
    if not columns:
        raise UsageError("no quasi-identifier is named", hint='name them: columns = ["age", "postcode", "sex"]')
    if k < 2 or (sensitive and diversity < 2):
        raise UsageError("a group of one is what anonymity excludes", hint="let k and diversity be 2 or more")
    for name in bins or {}:
        if name not in columns:
            raise UsageError(f"the bins of {name!r} belong to no quasi-identifier", hint="name it among the columns")
    with opened(source) as table:
        engine = table.engine
        scope = engine.scope
        keys = [_binned(scope, name, (bins or {}).get(name)) for name in columns]
        size = f"COUNT(DISTINCT {scope.sql(person)})" if person else "COUNT(*)"
        kinds = [
            f"COUNT(DISTINCT {v}) + MAX(CASE WHEN {v} IS NULL THEN 1 ELSE 0 END)" for v in map(scope.sql, sensitive)
        ]
        listed = ", ".join([f"{key} AS q{n}" for n, key in enumerate(keys)])
        grouped = ", ".join(f"q{n}" for n in range(len(keys)))
        inner = ", ".join(["COUNT(*) AS n", f"{size} AS z", *(f"{kind} AS d{n}" for n, kind in enumerate(kinds))])
        needed = dict.fromkeys([*([person] if person else []), *sensitive])
        kept = "".join(f", {scope.sql(name)}" for name in needed)
        groups = f"SELECT {inner} FROM (SELECT {listed}{kept} FROM {scope.relation}) AS binned GROUP BY {grouped}"
        cells = ["COUNT(*)", "SUM(n)", "MIN(z)", f"SUM(CASE WHEN z < {k} THEN n ELSE 0 END)", f"COUNT_IF(z < {k})"]
        for n in range(len(kinds)):
            cells += [f"MIN(d{n})", f"SUM(CASE WHEN d{n} < {diversity} THEN n ELSE 0 END)"]
        row = engine.run(f"SELECT {', '.join(cells)} FROM ({groups}) AS grouped", "grouping quasi-identifiers")[0]
        figures = [int(cell or 0) for cell in row]
        return Anonymity(
            str(table.source),
            tuple(columns),
            k,
            rows=figures[1],
            groups=figures[0],
            smallest=figures[2],
            exposed_rows=figures[3],
            exposed_groups=figures[4],
            diversity=tuple(Diversity(name, *figures[5 + 2 * n : 7 + 2 * n]) for n, name in enumerate(sensitive)),
        )


def _binned(scope: Scope, name: str, bin_: Bin | None) -> str:
    """The SQL of a quasi-identifier, made coarser."""
    column, sql = scope.column(name), scope.sql(name)
    if column.kind in (Kind.NESTED, Kind.BINARY):
        what = f"the column {name!r} holds {column.kind.value} values, which are no quasi-identifier"
        raise InputError(what, where=scope.source, hint="name columns of text, numbers, dates or truth values")
    if bin_ is None:
        return sql
    if isinstance(bin_, str):
        if bin_ in UNITS and column.kind in (Kind.DATE, Kind.DATETIME):
            return f"DATE_TRUNC('{bin_}', {sql})"
    elif isinstance(bin_, bool):
        pass
    elif isinstance(bin_, (int, float)):
        if column.kind.numeric and math.isfinite(bin_) and bin_ > 0:
            return f"FLOOR(CAST({sql} AS DOUBLE) / {number(float(bin_))})"
        if column.kind is Kind.TEXT and isinstance(bin_, int) and bin_ > 0:
            return f"SUBSTRING(CAST({sql} AS TEXT), 1, {bin_})"
    elif column.kind.numeric and bin_ and all(isinstance(edge, (int, float)) for edge in bin_):
        edges = sorted({float(edge) for edge in bin_})
        cases = " ".join(f"WHEN {sql} < {number(edge)} THEN {n}" for n, edge in enumerate(edges))
        return f"CASE WHEN {sql} IS NULL THEN NULL {cases} ELSE {len(edges)} END"
    raise UsageError(
        f"{bin_!r} does not bin the column {name!r} of {column.kind.value} values",
        where=scope.source,
        hint='numbers take a width or a list of edges, texts a number of characters, dates "week", "month" or "year"',
    )

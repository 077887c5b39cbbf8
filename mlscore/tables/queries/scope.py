"""A relation with its columns: what every query is written against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from mlscore.errors import InputError, did_you_mean
from mlscore.tables.queries import quote
from mlscore.tables.shapes import Column, Kind

# Aggregates in one query: beyond this engines plan for longer than they would need to read again.
MOST_AGGREGATES = 2_000


@dataclass(frozen=True, slots=True)
class Scope:
    """What stands after FROM, and its columns; `inner` names those that the engine knows under another name."""

    relation: str
    columns: tuple[Column, ...]
    source: str
    inner: Mapping[str, str] = field(default_factory=dict)
    alias: str = ""
    _named: dict[str, Column] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._named.update((column.name, column) for column in self.columns)

    @property
    def row(self) -> str:
        """The name of the column that numbers rows where they are numbered: one that no column has in any letters."""
        taken = {self.inner.get(column.name, column.name).casefold() for column in self.columns}
        name = "mlscore row"
        while name in taken:
            name += "_"
        return name

    def column(self, name: str) -> Column:
        """The column of that name, case and all. Raises InputError that names the nearest."""
        if name in self._named:
            return self._named[name]
        known = tuple(column.name for column in self.columns)
        hint = did_you_mean(name, known) or (f"it has {len(known)} columns" if len(known) > 12 else _listed(known))
        raise InputError(f"there is no column {name!r}", where=self.source, hint=hint)

    def kind(self, name: str) -> Kind:
        """The kind of a column. Raises InputError."""
        return self.column(name).kind

    def sql(self, name: str) -> str:
        """The column as an identifier. Raises InputError."""
        self.column(name)
        quoted = quote.identifier(self.inner.get(name, name))
        return f"{self.alias}.{quoted}" if self.alias else quoted

    def over(self, relation: str, alias: str = "") -> Scope:
        """The same columns of another relation: a sample, numbered rows, one side of a join."""
        return Scope(relation, self.columns, self.source, self.inner, alias)

    def chosen(self, names: Iterable[str] | None) -> tuple[Column, ...]:
        """The columns of these names, all when None. Raises InputError."""
        return self.columns if names is None else tuple(self.column(name) for name in names)


def _listed(names: tuple[str, ...]) -> str:
    return f"it has {', '.join(repr(name) for name in names)}" if names else "it has no columns"


def floating(column: Column) -> bool:
    """Whether the column may hold NaN or infinities: a number that is not declared as a decimal."""
    return column.kind is Kind.NUMBER and not column.native.upper().startswith("DECIMAL")


def as_number(column: Column, sql: str) -> str:
    """An ordered value on the line of numbers: itself as a double, times as seconds since 1970 in UTC."""
    if column.kind.numeric:
        return f"CAST({sql} AS DOUBLE)"
    return f"EXTRACT(EPOCH FROM CAST({sql} AS TIMESTAMP))"


def finite(column: Column, sql: str) -> str:
    """The value where it is finite, else null; itself where it cannot be anything else."""
    return f"CASE WHEN ABS({sql}) <= {quote.LARGEST} THEN {sql} END" if floating(column) else sql

"""What a fault is: a documented, sized and reproducible way in which a table goes wrong."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from enum import StrEnum
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pyarrow as pa

from mlscore.errors import InputError, UsageError, did_you_mean
from mlscore.faults import settings
from mlscore.faults.arrays import Rows, Values, differs, plain, replaced
from mlscore.faults.arrays import merged as merge
from mlscore.faults.kinds import VALUES, ColumnKind, kind_of


class Effect(StrEnum):
    """What became of the rows that a fault touched."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, eq=False)
class Injected:
    """A table with a fault in it.

    `fault`: the fault with the settings that are not its defaults. `columns`: the columns it was put into. `rows`:
    the positions, ascending, of the rows that differ: in both tables when they were changed, in `table` when they
    were added, in the table before when they were removed (`effect` says which). `able`: how many rows the size is
    a share of. `taken`: how many of them the fault took; each of them differs, save where values trade places and
    one meets its equal (`Fault.exact` is False there). `description`: one sentence for a person.
    """

    fault: str
    table: pa.Table
    columns: tuple[str, ...]
    effect: Effect
    rows: Rows
    able: int
    taken: int
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(ABC):
    """A kind of fault with its settings. A subclass says what it is in its class attributes and implements `inject`.

    `id`, `title`, `does` (what it does to the table), `incident` (the kind of incident it imitates): texts.
    `kinds`: the kinds of column it is made for. `takes`: how many columns it is applied to at once, 0 for whole
    rows. `effect`: what becomes of the rows. `keeps_schema`: whether names, types and their order stay; `exact`:
    whether every row taken differs. `least`: the fewest rows a table must have.
    """

    id: ClassVar[str]
    title: ClassVar[str]
    does: ClassVar[str]
    incident: ClassVar[str]
    kinds: ClassVar[frozenset[ColumnKind]] = VALUES
    takes: ClassVar[int] = 1
    effect: ClassVar[Effect] = Effect.CHANGED
    keeps_schema: ClassVar[bool] = True
    exact: ClassVar[bool] = True
    least: ClassVar[int] = 1

    def __post_init__(self) -> None:
        settings.check(self)

    def __str__(self) -> str:
        told = ", ".join(
            f"{name}={value if value != '' else repr('')}" for name, value in settings.changed(self).items()
        )
        return f"{self.id}({told})" if told else self.id

    def variants(self) -> tuple[Fault, ...]:
        """The same fault with each of the settings worth trying; itself alone unless a fault says more."""
        return (self,)

    def fits(self, stored: pa.DataType) -> bool:
        """Whether it can be put into a column of this type."""
        return kind_of(stored) in self.kinds

    def columns(self, table: pa.Table) -> tuple[tuple[str, ...], ...]:
        """The choices of columns it can be applied to, by their types alone: whether the values permit it, `apply`
        tells.

        One choice is a tuple of as many names as the fault takes; a fault of whole rows has the one choice `()`. Of
        pairs only neighbours of the same kind are listed; `apply` takes any two. A name that stands twice in the
        table is left out.
        """
        names = [f.name for f in table.schema if table.schema.names.count(f.name) == 1 and self.fits(f.type)]
        if self.takes == 0:
            return ((),)
        if self.takes == 1:
            return tuple((name,) for name in names)
        kinds = [kind_of(table.schema.field(name).type) for name in names]
        chains = ([name for name, of in zip(names, kinds, strict=True) if of is kind] for kind in dict.fromkeys(kinds))
        return tuple(pair for chain in chains for pair in pairwise(chain))

    def apply(self, table: pa.Table, *, columns: str | tuple[str, ...] | list[str] = (), seed: int = 0) -> Injected:
        """The table with this fault in `columns`; the given table is never changed.

        The same table, settings, columns and seed give the same result. The result differs from the table, and has
        its schema where `keeps_schema` says so. Raises InputError when the fault cannot be applied (too few rows, a
        column of another kind, no value it could change), UsageError when the columns are not as many as it takes.
        """
        chosen = (columns,) if isinstance(columns, str) else tuple(columns)
        self._check(table, chosen)
        injected = self.inject(table, chosen, randomness(seed, self.id, chosen))
        if not len(injected.rows):
            raise self.refused(chosen, "no value would differ")
        before, after = table.schema, injected.table.schema
        if self.keeps_schema and (before.names, before.types) != (after.names, after.types):
            raise UsageError(
                f'the fault "{self.id}" changed the schema', hint="its class should say keeps_schema = False"
            )
        return injected

    @abstractmethod
    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Put the fault into these columns, which exist and fit; `injected()` makes the answer."""

    def injected(
        self,
        table: pa.Table,
        columns: tuple[str, ...],
        rows: Rows,
        description: str,
        *,
        able: int,
        taken: int | None = None,
    ) -> Injected:
        """The answer of `inject`: the new table and the rows that differ."""
        ordered = np.sort(np.asarray(rows, dtype=np.int64))
        ordered.flags.writeable = False
        taken = len(ordered) if taken is None else taken
        return Injected(str(self), table, columns, self.effect, ordered, able, taken, description)

    def refused(self, columns: tuple[str, ...], why: str) -> InputError:
        """The error that says why the fault cannot be put into these columns."""
        where = " and ".join(f'"{name}"' for name in columns)
        place = f"column{'s' if len(columns) > 1 else ''} {where}" if columns else "this table"
        return InputError(f'the fault "{self}" cannot be put into {place}: {why}')

    def _check(self, table: pa.Table, columns: tuple[str, ...]) -> None:
        if len(columns) != self.takes or len(set(columns)) != len(columns):
            wants = {0: "no column", 1: "one column", 2: "two different columns"}[self.takes]
            raise UsageError(f'the fault "{self.id}" takes {wants}, not {", ".join(map(repr, columns)) or "none"}')
        for name in columns:
            check_column(table, name)
            stored = table.schema.field(name).type
            if not self.fits(stored):
                kinds = ", ".join(sorted(self.kinds))
                raise self.refused(
                    (name,), f"it is for columns of kind {kinds} that have room for it, and this one is {stored}"
                )
        for each in fields(self):
            if each.metadata.get("role") and getattr(self, each.name) is not None:
                check_role(table, each.name, getattr(self, each.name))
        if table.num_rows < self.least:
            rows = f"{table.num_rows} row{'' if table.num_rows == 1 else 's'}"
            raise self.refused(columns, f"the table has {rows} and it needs at least {self.least}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFault(Fault):
    """A fault that changes single values of one column: a subclass says what each value would become.

    It takes `share` of the values that would differ, chosen at random. `phrase` says in the description what
    happened to them, `needs` in the refusal what the column lacks.
    """

    phrase: ClassVar[str]
    needs: ClassVar[str] = "it has no value that would differ"

    share: float = settings.share(1.0, "the values it would change")

    @abstractmethod
    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """The whole column as it would be, in plain form; values that cannot be changed stay as they are."""

    def say(self) -> str:
        """What happened to the values, for the description."""
        return self.phrase

    def inject(self, table: pa.Table, columns: tuple[str, ...], random: np.random.Generator) -> Injected:
        """Change `share` of the values that would differ."""
        values = plain(table, columns[0])
        if not values.valid.any():
            raise self.refused(columns, "every value is null")
        # There and back: what the stored type rounds away is no change.
        wished = plain(replaced(table, values.name, self.altered(table, values, random)), values.name).array
        able = np.flatnonzero(differs(values.array, wished))
        if not len(able):
            raise self.refused(columns, self.needs)
        rows = pick(able, self.share, random)
        result = replaced(table, values.name, merge(values.array, wished, rows))
        return self.injected(
            result,
            columns,
            rows,
            f'"{values.name}": {told(len(rows), len(able), "values")} {self.say()}',
            able=len(able),
        )


def check_column(table: pa.Table, name: str) -> None:
    """Raise InputError unless the table has exactly one column of this name."""
    times = table.schema.names.count(name)
    if times == 0:
        raise InputError(f'the table has no column "{name}"', hint=did_you_mean(name, table.schema.names))
    if times > 1:
        raise InputError(f'the table has {times} columns named "{name}"', hint="give each its own name")


def check_role(table: pa.Table, role: str, name: str) -> None:
    """Raise InputError unless this column can be label, time or entity: it is there, and its values have an order."""
    check_column(table, name)
    stored = table.schema.field(name).type
    if kind_of(stored) not in VALUES:
        raise InputError(f'the column "{name}" cannot be the {role}', hint=f"values of {stored} have no order")


def told(taken: int, able: int, what: str) -> str:
    """`12 of 120 values`."""
    return f"{taken:,} of {able:,} {what if able != 1 else what.removesuffix('s')}"


def size(share: float, able: int, least: int = 1) -> int:
    """How many of `able` rows a share is: rounded half up, at least `least` and never more than there are."""
    return min(able, max(least, int(share * able + 0.5)))


def pick(able: Rows, share: float, random: np.random.Generator, least: int = 1) -> Rows:
    """`share` of the rows `able`, chosen at random, ascending."""
    order = np.argsort(random.random(len(able)), kind="stable")
    return np.sort(able[order[: size(share, len(able), least)]])


def randomness(seed: int, *names: object) -> np.random.Generator:
    """A generator of its own for each seed, fault and column, so that faults do not fall on the same rows by design."""
    if not isinstance(seed, int) or isinstance(seed, bool):
        raise UsageError(f"a seed is a whole number, not {seed!r}")
    digest = hashlib.blake2b(repr((seed, *names)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))

"""What arrives against its contract: each change by name, with the owner and those who are told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TYPE_CHECKING

from mlscore.checks.upstream.contract import ColumnContract, TableContract
from mlscore.checks.upstream.units import NEAR, moved
from mlscore.tables.conditions import Compare, Condition, Missing, Not, NotANumber, OneOf, Operator, Some
from mlscore.tables.shapes import Column, ColumnProfile, Kind

if TYPE_CHECKING:
    from mlscore.tables.table import Table

ALIKE = 0.6  # how much of two names is common when one may be the other renamed
MOST_PAIRS = 200
LEAST_NUMBERS = 100
_AHEAD = timedelta(days=1)


class Changed(StrEnum):
    """What has changed."""

    OWNER = "owner unknown"
    SOURCE = "cannot be read"
    REMOVED = "removed"
    RENAMED = "renamed"
    TYPE = "type"
    UNIT = "unit suspected"
    MOVED = "moved"
    MISSING = "missing values"
    VALUES = "values"
    RANGE = "range"
    STALE = "stale"
    FUTURE = "from the future"
    EMPTY = "empty"
    ADDED = "added"


_ORDER = list(Changed)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a table. `fails` says whether the contract forbids it; `people` are the owner and who is told.

    `rows` is how many rows break a rule, `figure` what stands behind a suspicion: hours of age, or widths of the range.
    """

    table: str
    column: str | None
    changed: Changed
    message: str
    people: str
    fails: bool = True
    rows: int | None = None
    figure: float | None = None

    def __str__(self) -> str:
        where = self.table if self.column is None else f"{self.table}.{self.column}"
        return f"{where}: {self.message} [{self.people}]"


@dataclass(frozen=True, slots=True)
class ContractResult:
    """The changes of one table, the gravest kind first, and what could not be judged; `rules` is how many were held."""

    table: str
    rows: int
    rules: int
    changes: tuple[Change, ...]
    not_judged: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing changed that the contract forbids."""
        return not any(change.fails for change in self.changes)

    @property
    def hollow(self) -> str | None:
        """Why it could not have failed; None when it could."""
        return None if self.rules else f'the contract of "{self.table}" names no column and no freshness'


def check_contract(contract: TableContract, table: Table, *, now: datetime) -> ContractResult:
    """Hold a table against its contract: one pass of violations, one of figures where typical ranges or times are stated.

    `now` (aware) is what freshness is measured from. Raises InputError when the table cannot be read.
    """
    comparison = _Comparison(contract, table, now)
    return comparison.result()


def unreadable(contract: TableContract, why: str) -> ContractResult:
    """The result for a table that cannot be opened."""
    change = Change(contract.name, None, Changed.SOURCE, f"cannot be read: {why}", contract.people)
    return ContractResult(contract.name, 0, rules_of(contract), (*_owners(contract), change))


def rules_of(contract: TableContract) -> int:
    """How many things a contract states of its table."""
    stated = sum(
        1 + sum(v is not None for v in (c.type, c.nullable, c.values, c.least, c.most, c.typical))
        for c in contract.columns
    )
    return stated + (contract.fresh_hours is not None)


def _owners(contract: TableContract) -> Iterator[Change]:
    if contract.missing:
        what = f"the contract does not say: {', '.join(contract.missing)}"
        yield Change(contract.name, None, Changed.OWNER, what, contract.people)


class _Comparison:
    def __init__(self, contract: TableContract, table: Table, now: datetime) -> None:
        self.contract, self.table, self.now = contract, table, now
        self.arrived = {column.name: column for column in table.columns}
        agreed = {column.name for column in contract.columns}
        self.gone = [column for column in contract.columns if column.name not in self.arrived]
        self.new = [column for column in table.columns if column.name not in agreed and column.name != contract.time]
        self.changes: list[Change] = list(_owners(contract))
        self.unknown: list[str] = []
        self.rows = 0

    def result(self) -> ContractResult:
        here = [column for column in self.contract.columns if column.name in self.arrived]
        sound = [column for column in here if not self._retyped(column)]
        if self.contract.columns or self.contract.fresh_hours is not None:
            pairs = self._possible_renames()
            counted = self._count(sound, pairs)
            profiles = self._profiles(sound, pairs)
            self._rules(sound, counted)
            for column in sound:
                self._typical(column, profiles)
            self._columns(pairs, counted, profiles)
            self._fresh(profiles)
        self.changes.sort(key=lambda change: (not change.fails, _ORDER.index(change.changed)))
        return ContractResult(
            self.contract.name, self.rows, rules_of(self.contract), tuple(self.changes), tuple(self.unknown)
        )

    def _say(
        self, column: str | None, changed: Changed, message: str, *, fails: bool = True, rows: int | None = None,
        figure: float | None = None,
    ) -> None:  # fmt: skip
        self.changes.append(
            Change(self.contract.name, column, changed, message, self.contract.people, fails, rows, figure)
        )

    def _retyped(self, column: ColumnContract) -> bool:
        arrived = self.arrived[column.name]
        if column.type is None or _compatible(column.type, arrived.kind):
            return False
        message = f"type changed: {column.type.value} was agreed, {arrived.kind.value} ({arrived.native}) arrives"
        self._say(column.name, Changed.TYPE, message)
        return True

    def _count(self, sound: Sequence[ColumnContract], pairs: Sequence[_Pair]) -> dict[str, int]:
        conditions: dict[str, Condition] = {}
        for column in sound:
            kind = self.arrived[column.name].kind
            if column.nullable is False:
                conditions[f"null {column.name}"] = Some((Missing(column.name), NotANumber(column.name)))
            if column.values is not None:
                if _holds(kind, column.values):
                    conditions[f"values {column.name}"] = Not(OneOf(column.name, column.values))
                else:
                    self.unknown.append(
                        f"{self._at(column)}: values of another type than the {kind.value} that arrives"
                    )
            if column.least is None and column.most is None:
                continue
            if not kind.numeric:
                self.unknown.append(f"{self._at(column)}: the range of a column that holds {kind.value} values")
                continue
            limits: list[Condition] = []
            if column.least is not None:
                limits.append(Compare(column.name, Operator.LESS, column.least))
            if column.most is not None:
                limits.append(Compare(column.name, Operator.GREATER, column.most))
            conditions[f"range {column.name}"] = Some(tuple(limits))
        for number, pair in enumerate(pairs):
            if pair.gone.values is not None and _holds(pair.new.kind, pair.gone.values):
                conditions[f"pair {number}"] = Not(OneOf(pair.new.name, pair.gone.values))
                conditions[f"null pair {number}"] = Missing(pair.new.name)
        self.rows = self.table.count()
        if not self.rows:
            self._say(None, Changed.EMPTY, "no row arrives")
        return self.table.violations(conditions) if conditions else {}

    def _profiles(self, sound: Sequence[ColumnContract], pairs: Sequence[_Pair]) -> dict[str, ColumnProfile]:
        wanted = {column.name for column in sound if column.typical is not None}
        wanted |= {pair.new.name for pair in pairs if pair.gone.typical is not None}
        if self.contract.fresh_hours is not None and self.contract.time in self.arrived:
            wanted.add(self.contract.time or "")
        names = [name for name in self.arrived if name in wanted]
        return {one.name: one for one in self.table.profile(names, bins=1, top=0).columns} if names else {}

    def _rules(self, sound: Sequence[ColumnContract], counted: dict[str, int]) -> None:
        for column in sound:
            low = "-inf" if column.least is None else f"{column.least:g}"
            high = "inf" if column.most is None else f"{column.most:g}"
            for key, changed, words in (
                ("null", Changed.MISSING, "without a value, which the contract forbids"),
                ("values", Changed.VALUES, f"with a value other than {_listed(column.values or ())}"),
                ("range", Changed.RANGE, f"outside of {low} to {high}{_unit(column)}"),
            ):
                rows = counted.get(f"{key} {column.name}", 0)
                if rows > self.contract.tolerance * self.rows:
                    share = f"{rows / self.rows:.2%}"
                    self._say(column.name, changed, f"{rows:,} of {self.rows:,} rows ({share}) {words}", rows=rows)

    def _typical(self, column: ColumnContract, profiles: dict[str, ColumnProfile]) -> None:
        if column.typical is None:
            return
        arrived = _middle(profiles.get(column.name))
        if arrived is None:
            self.unknown.append(f"{self._at(column)}: its typical range; fewer than {LEAST_NUMBERS} numbers arrive")
            return
        found = moved(column.typical, arrived, column.unit)
        if found is None:
            return
        agreed = f"{column.typical[0]:.4g} to {column.typical[1]:.4g}{_unit(column)}"
        where = f"the middle 90 % lies at {arrived[0]:.4g} to {arrived[1]:.4g}, agreed was {agreed}"
        if found.conversions:
            likely = " or ".join(map(str, found.conversions[:2]))
            self._say(column.name, Changed.UNIT, f"unit suspected, {likely}: {where}", figure=found.distance)
        else:
            self._say(column.name, Changed.MOVED, f"values moved: {where}", figure=found.distance)

    def _possible_renames(self) -> list[_Pair]:
        """Columns that went and came, of fitting types: each may be the other."""
        pairs = [
            _Pair(gone, new, _alike(gone.name, new.name))
            for gone in self.gone
            for new in self.new
            if gone.type is None or _compatible(gone.type, new.kind)
        ]
        pairs.sort(key=lambda pair: -pair.alike)
        return pairs[:MOST_PAIRS]

    def _columns(self, pairs: Sequence[_Pair], counted: dict[str, int], profiles: dict[str, ColumnProfile]) -> None:
        renamed: dict[str, str] = {}
        scored = [(*self._score(number, pair, counted, profiles), pair) for number, pair in enumerate(pairs)]
        for score, why, pair in sorted(scored, key=lambda one: -one[0]):
            if score >= ALIKE and pair.gone.name not in renamed and pair.new.name not in renamed.values():
                renamed[pair.gone.name] = pair.new.name
                message = f'removed; looks renamed to "{pair.new.name}" ({why})'
                self._say(pair.gone.name, Changed.RENAMED, message, figure=score)
        for gone in self.gone:
            if gone.name not in renamed:
                self._say(gone.name, Changed.REMOVED, "removed")
        for new in self.new:
            if new.name not in renamed.values():
                self._say(new.name, Changed.ADDED, f"added ({new.kind.value})", fails=self.contract.closed)

    def _score(
        self, number: int, pair: _Pair, counted: dict[str, int], profiles: dict[str, ColumnProfile]
    ) -> tuple[float, str]:
        """How likely a rename is, from 0 to 1, and by what: the name, the agreed values or the typical range."""
        found = [(pair.alike, f"names {pair.alike:.0%} alike")]
        strange = counted.get(f"pair {number}")
        if strange == 0 and self.rows > counted.get(f"null pair {number}", 0):
            found.append((0.95, "it holds the agreed values"))
        arrived = _middle(profiles.get(pair.new.name))
        if pair.gone.typical is not None and arrived is not None:
            width = pair.gone.typical[1] - pair.gone.typical[0]
            off = max(abs(a - b) for a, b in zip(arrived, pair.gone.typical, strict=True)) / width
            if off <= NEAR:
                found.append((0.9 - off, "its values lie in the typical range"))
        return max(found)

    def _fresh(self, profiles: dict[str, ColumnProfile]) -> None:
        time, limit = self.contract.time, self.contract.fresh_hours
        if time is None or limit is None:
            return
        column = self.arrived.get(time)
        if column is None:
            if time not in {gone.name for gone in self.gone}:
                self._say(time, Changed.REMOVED, "removed; freshness cannot be told")
            return
        if column.kind not in (Kind.DATE, Kind.DATETIME):
            what = f"holds {column.kind.value} values and no times; freshness cannot be told"
            self._say(time, Changed.TYPE, what)
            return
        newest = profiles[time].maximum
        if not isinstance(newest, str):
            if self.rows:
                self._say(time, Changed.STALE, "every time is missing; freshness cannot be told")
            return
        moment = datetime.fromisoformat(newest)
        if column.kind is Kind.DATE:
            moment += timedelta(days=1)  # a day's rows are complete when it ends
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        if moment > self.now + _AHEAD + (timedelta(days=1) if column.kind is Kind.DATE else timedelta()):
            self._say(time, Changed.FUTURE, f"the newest is of {newest}, which is still to come")
            return
        age = max(0.0, (self.now - moment).total_seconds() / 3600)
        if age > limit:
            message = f"stale: the newest is of {newest}, {age:,.1f} hours ago; agreed were {limit:g}"
            self._say(time, Changed.STALE, message, figure=age)

    def _at(self, column: ColumnContract) -> str:
        return f"{self.contract.name}.{column.name}"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A column that went and one that came."""

    gone: ColumnContract
    new: Column
    alike: float


def _compatible(agreed: Kind, arrived: Kind) -> bool:
    """Whole numbers may arrive where numbers were agreed on; everything else is as agreed."""
    return agreed is arrived or (agreed is Kind.NUMBER and arrived is Kind.INTEGER)


def _holds(kind: Kind, values: Sequence[str | int | float | bool]) -> bool:
    """Whether a column of that kind can hold these values."""
    if kind is Kind.BOOLEAN:
        return all(isinstance(value, bool) for value in values)
    if kind.numeric:
        return all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values)
    return kind in (Kind.TEXT, Kind.OTHER) and all(isinstance(value, str) for value in values)


def _middle(profile: ColumnProfile | None) -> tuple[float, float] | None:
    """The 5 % and the 95 % quantile of the numbers that arrive; None of fewer than have such quantiles."""
    if profile is None or not profile.kind.numeric or profile.present - profile.nan - profile.infinite < LEAST_NUMBERS:
        return None
    by_share = {quantile.share: quantile.value for quantile in profile.quantiles}
    return (by_share[0.05], by_share[0.95]) if 0.05 in by_share and 0.95 in by_share else None


def _alike(one: str, other: str) -> float:
    first, second = ("".join(letter for letter in name.casefold() if letter.isalnum()) for name in (one, other))
    return SequenceMatcher(None, first, second).ratio()


def _unit(column: ColumnContract) -> str:
    return f" {column.unit}" if column.unit else ""


def _listed(values: Sequence[object], most: int = 5) -> str:
    shown = ", ".join(str(value) for value in values[:most])
    return f"{shown} and {len(values) - most} more" if len(values) > most else shown

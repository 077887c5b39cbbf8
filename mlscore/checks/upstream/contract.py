"""Contracts of upstream tables: what was agreed on with their owners, from a TOML file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mlscore.checks.spec import Section, read_spec
from mlscore.errors import ConfigError
from mlscore.tables.shapes import Kind

TYPES = tuple(kind.value for kind in Kind if kind is not Kind.OTHER)


@dataclass(frozen=True, slots=True)
class ColumnContract:
    """One column as agreed. None says that nothing was agreed.

    `typical` is where the middle 90 % of the values lie: their 5 % and 95 % quantiles, in `unit`.
    """

    name: str
    type: Kind | None = None
    unit: str | None = None
    nullable: bool | None = None
    values: tuple[str | int | float | bool, ...] | None = None
    least: float | None = None
    most: float | None = None
    typical: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class TableContract:
    """One table as agreed: its columns, who owns it, how the owner is reached, and who is told of a change.

    Its newest `time` is at most `fresh_hours` hours old. `closed` tables may not gain columns. `tolerance` is the share
    of the rows that may break a rule.
    """

    name: str
    columns: tuple[ColumnContract, ...] = ()
    source: str | None = None
    owner: str | None = None
    contact: str | None = None
    tell: tuple[str, ...] = ()
    time: str | None = None
    fresh_hours: float | None = None
    closed: bool = False
    tolerance: float = 0.0

    @property
    def missing(self) -> tuple[str, ...]:
        """Who is not named: the owner, a contact, those who are told."""
        named = (("owner", self.owner), ("contact", self.contact), ("tell", self.tell))
        return tuple(word for word, value in named if not value)

    @property
    def people(self) -> str:
        """Who owns it and who is told, as findings say it."""
        owner = f"owner {self.owner or 'unknown'}{f' ({self.contact})' if self.contact else ''}"
        return f"{owner}; tell {', '.join(self.tell) or 'nobody named'}"


def read_contracts(path: Path, root: Path) -> tuple[TableContract, ...]:
    """The contracts in a TOML file, a `[[table]]` each with its `[[table.column]]`.

    Raises ConfigError, with the line, when it cannot be read, for unknown keys, values that do not fit, and names given
    twice. An owner who is not named is no error: the check fails by it.
    """
    top = read_spec(path, root)
    found = tuple(_table(section) for section in top.tables("table"))
    top.done()
    _once([one.name for one in found], "table", top)
    return found


def _table(section: Section) -> TableContract:
    columns = tuple(_column(one) for one in section.tables("column"))
    made = TableContract(
        name=section.needed("name", "what people call it"),
        columns=columns,
        source=section.text("source"),
        owner=section.text("owner"),
        contact=section.text("contact"),
        tell=section.texts("tell"),
        time=section.text("time"),
        fresh_hours=section.number("fresh-hours", 0),
        closed=section.flag("closed") or False,
        tolerance=section.number("tolerance", 0, 1) or 0.0,
    )
    section.done()
    _once([one.name for one in columns], "column", section)
    if made.fresh_hours is not None and made.time is None:
        hint = 'add time = "…": the column that says how new a row is'
        raise ConfigError('"fresh-hours" needs a time', where=section.at("fresh-hours"), hint=hint)
    return made


def _column(section: Section) -> ColumnContract:
    word = section.choice("type", TYPES)
    least, most = section.number("min"), section.number("max")
    typical = section.numbers("typical")
    made = ColumnContract(
        name=section.needed("name", "the column"),
        type=None if word is None else Kind(word),
        unit=section.text("unit"),
        nullable=section.flag("nullable"),
        values=section.scalars("values"),
        least=least,
        most=most,
        typical=None if typical is None or len(typical) != 2 else (typical[0], typical[1]),
    )
    section.done()
    if least is not None and most is not None and least > most:
        raise ConfigError(f"min {least:g} is greater than max {most:g}", where=section.at("min"), hint="swap them")
    if typical is not None and (made.typical is None or not typical[0] < typical[1]):
        what = '"typical" should be two numbers, the lower first'
        raise ConfigError(what, where=section.at("typical"), hint="write the 5 % and the 95 % quantile")
    numeric = made.type is None or made.type.numeric
    for name, value in (("min", least), ("max", most), ("typical", typical)):
        if value is not None and not numeric:
            what = f'"{name}" is for numbers, and the type is {word}'
            raise ConfigError(what, where=section.at(name), hint="remove one of the two")
    _fits(made, section)
    return made


def _fits(column: ColumnContract, section: Section) -> None:
    """The allowed values are of the column's type."""
    if column.values is None:
        return
    if not column.values:
        raise ConfigError('"values" allows none', where=section.at("values"), hint="list the values that may be")
    known = {bool: Kind.BOOLEAN, int: Kind.INTEGER, float: Kind.NUMBER, str: Kind.TEXT}
    kinds = {known[type(value)] for value in column.values}
    if kinds == {Kind.INTEGER, Kind.NUMBER}:
        kinds = {Kind.NUMBER}
    kind = column.type or next(iter(kinds))
    if kind is Kind.NUMBER and kinds == {Kind.INTEGER}:
        return
    if kinds != {kind}:
        listed = " and ".join(sorted(one.value for one in kinds))
        what = f"the values are {listed}" + (f", and the type is {kind.value}" if column.type else "")
        raise ConfigError(what, where=section.at("values"), hint="write values of one type, the column's")


def _once(names: list[str], what: str, section: Section) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f'two {what}s are called "{name}"', where=section.at(what), hint="keep one")

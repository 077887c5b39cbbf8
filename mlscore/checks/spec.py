"""A TOML file that a check reads, table by table: types checked, dates and numbers made so, unknown keys refused."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from mlscore.core.evidence import Location
from mlscore.errors import ConfigError, did_you_mean
from mlscore.project import values
from mlscore.project.document import Document


class Section:
    """One table of a file. What is asked for is known; `done` refuses the rest."""

    def __init__(self, document: Document, table: dict[str, Any], path: tuple[str | int, ...] = ()) -> None:
        self._document = document
        self._table = table
        self._path = path
        self._known: list[str] = []

    def at(self, *names: str | int) -> Location:
        """The place of the table, or of a key in it."""
        return self._document.at(*self._path, *names)

    def __contains__(self, name: str) -> bool:
        return name in self._table

    @property
    def names(self) -> tuple[str, ...]:
        """The keys of the table, as they stand."""
        return tuple(self._table)

    def _value(self, name: str) -> Any:
        self._known.append(name)
        return self._table.get(name)

    def text(self, name: str) -> str | None:
        """A text that says something; None when it is left out."""
        value = self._value(name)
        return None if value is None else values.text(name, value, self.at(name))

    def needed(self, name: str, what: str) -> str:
        """A text that must be there; `what` says what it is for."""
        value = self.text(name)
        if value is None:
            inside = self._document.inside(*self._path)
            raise ConfigError(f'"{name}" is missing {inside}', where=self.at(), hint=f'add {name} = "…": {what}')
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, or one; none when it is left out."""
        value = self._value(name)
        return () if value is None else values.texts(name, value, self.at(name), one_is_enough=True)

    def flag(self, name: str) -> bool | None:
        """True or false; None when it is left out."""
        value = self._value(name)
        return None if value is None else values.flag(name, value, self.at(name))

    def day(self, name: str) -> date | None:
        """A date; None when it is left out."""
        value = self._value(name)
        return None if value is None else values.day(name, value, self.at(name))

    def choice(self, name: str, choices: Sequence[str]) -> str | None:
        """One of a few words; None when it is left out."""
        value = self._value(name)
        return None if value is None else values.choice(name, value, choices, self.at(name))

    def number(self, name: str, least: float = -math.inf, most: float = math.inf) -> float | None:
        """A finite number between two limits, both included; None when it is left out."""
        value = self._value(name)
        return None if value is None else self._number(name, value, least, most)

    def numbers(self, name: str) -> tuple[float, ...] | None:
        """A list of finite numbers; None when it is left out."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, list):
            raise values.misfit(name, "a list of numbers", value, self.at(name))
        return tuple(self._number(f"{name}[{number}]", one) for number, one in enumerate(value, 1))

    def scalars(self, name: str) -> tuple[str | int | float | bool, ...] | None:
        """A list of texts, numbers and flags; None when it is left out."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, list) or any(isinstance(one, (list, dict)) for one in value):
            raise values.misfit(name, "a list of values", value, self.at(name))
        plain: list[str | int | float | bool] = []
        for one in value:
            plain.append(float(one) if isinstance(one, Decimal) else one if isinstance(one, (int, str)) else str(one))
        return tuple(plain)

    def tables(self, name: str) -> tuple[Section, ...]:
        """The tables under `[[name]]`; none when there are none."""
        value = self._value(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            title = f"[[{'.'.join(str(key) for key in (*self._path, name) if isinstance(key, str))}]]"
            raise values.misfit(name, f"tables, each under {title}", value, self.at(name), hint=f"write {title}")
        return tuple(Section(self._document, one, (*self._path, name, n)) for n, one in enumerate(value))

    def table(self, name: str) -> Section | None:
        """The table `[name]`; None when it is left out."""
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise values.misfit(name, "a table", value, self.at(name), hint=f"write [{name}]")
        return Section(self._document, value, (*self._path, name))

    def named(self) -> Iterator[tuple[str, Section]]:
        """Every key of this table with the table it leads to, for tables whose keys are names of the user's."""
        for name in self._table:
            inner = self.table(name)
            if inner is not None:
                yield name, inner

    def done(self) -> None:
        """Raise ConfigError, with the line and what may have been meant, for the first key that nobody asked for."""
        known = tuple(dict.fromkeys(self._known))
        for name in self._table:
            if name not in known:
                near = did_you_mean(name, known)
                listed = f"known are {', '.join(known)}"
                raise ConfigError(
                    f'unknown key "{name}" {self._document.inside(*self._path)}',
                    where=self.at(name),
                    hint=f"{near} ({listed})" if near else listed,
                )

    def _number(self, name: str, value: object, least: float = -math.inf, most: float = math.inf) -> float:
        number = float(value) if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) else math.nan
        if not math.isfinite(number):
            raise values.misfit(name, "a number", value, self.at(name))
        if not least <= number <= most:
            limits = f"from {least:g} to {most:g}" if math.isfinite(most) else f"from {least:g}"
            raise values.misfit(name, f"a number {limits}", value, self.at(name))
        return number


def read_spec(path: Path, root: Path) -> Section:
    """The top table of a TOML file. Raises ConfigError when it cannot be read, is not UTF-8 or not TOML."""
    document = Document.read(path, shown(path, root))
    return Section(document, document.table or {})


def shown(path: Path, root: Path) -> str:
    """A path as messages show it: relative to the project where it is inside."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

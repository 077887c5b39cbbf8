"""Where a value comes from: an option before the environment, before the file, before the profile, before the default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mlscore.core.evidence import Location
from mlscore.errors import ConfigError
from mlscore.project.document import Document
from mlscore.project.keys import TABLES, Key, key
from mlscore.project.values import Where, parse

DEFAULT = "default"

Options = Mapping[str, tuple[object, str]]


@dataclass(frozen=True, slots=True)
class Given:
    """A value somebody gave, as they gave it. `origin` names the place for a person, `where` is for errors."""

    value: object
    origin: str
    where: Where
    loose: bool = False

    @property
    def in_file(self) -> bool:
        """Whether a file gave it, and not an option or the environment."""
        return isinstance(self.where, Location)


class Layers:
    """The sources of values, and, as they are read, which one each key came from (`origins`)."""

    def __init__(self, document: Document | None, options: Options, environ: Mapping[str, str]) -> None:
        self.document = document
        self.origins: dict[str, str] = {}
        self._options = options
        self._environ = environ
        for name in options:
            table, _, own = name.rpartition(".")
            key(table, own)  # a caller's misspelling is a fault of ours, and raises KeyError
        _check_environment(environ)

    def given(self, table: str, name: str) -> Given | None:
        """The first source that gives the key, or None; the origin is noted either way."""
        full = f"{table}.{name}" if table else name
        found = self._option(full) or self._variable(key(table, name)) or self._written(table, name)
        self.origins[full] = found.origin if found else DEFAULT
        return found

    def value(self, table: str, name: str) -> object | None:
        """The key's value, checked, or None where nobody gave one. Raises ConfigError."""
        found = self.given(table, name)
        return None if found is None else parse(key(table, name), found.value, found.where, loose=found.loose)

    def _option(self, full: str) -> Given | None:
        if full not in self._options:
            return None
        value, origin = self._options[full]
        return Given(value, origin, origin, loose=True)

    def _variable(self, known: Key) -> Given | None:
        if not known.environment:
            return None
        value = self._environ.get(known.variable, "")
        if not value.strip():  # CI systems set variables that have no value to nothing
            return None
        origin = f"environment {known.variable}"
        return Given(value, origin, origin, loose=True)

    def _written(self, table: str, name: str) -> Given | None:
        if self.document is None:
            return None
        values = self.document.table or {}
        path = (table, name) if table else (name,)
        if table:
            values = values.get(table, {})
        if name not in values:
            return None
        where = self.document.at(*path)
        return Given(values[name], str(where), where)


def _check_environment(environ: Mapping[str, str]) -> None:
    """A misspelt MLSCORE_ variable would silently change nothing. Raises ConfigError when one nearly is one of ours."""
    known = [k.variable for table in TABLES.values() for k in table if k.environment]
    for name in sorted(environ):
        if name.startswith("MLSCORE_") and name not in known:
            # Imported on this path alone: it costs start-up time.
            from difflib import get_close_matches

            near = get_close_matches(name, known, n=1, cutoff=0.85)
            if near:
                raise ConfigError(f"unknown variable {name}", where="environment", hint=f'did you mean "{near[0]}"?')

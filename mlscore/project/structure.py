"""Which keys stand where: unknown, misspelt and misplaced keys of a configuration or attestations file are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlscore.errors import ConfigError, did_you_mean
from mlscore.project.document import Document
from mlscore.project.keys import OPEN_TABLES, STATEMENTS, TABLES, TOP, Key, Kind, homes
from mlscore.project.keys import key as key_of
from mlscore.project.values import misfit


def check_configuration(document: Document) -> None:
    """Check every key of a configuration. Raises ConfigError at the first that is unknown or in the wrong table."""
    table = document.table or {}
    for name in table:
        known = _known(document, TOP, (), name)
        if known.kind is Kind.TABLE:
            inner = table[name]
            if not isinstance(inner, dict):
                raise misfit(name, "a table", inner, document.at(name), hint=f"write {document.title(name)}")
            for key in inner:
                _known(document, name, (name,), key)
        elif known.kind is Kind.TABLES:
            _check_entries(document, name, table[name])


def check_statements(document: Document) -> None:
    """Check every key of an attestations file. Raises ConfigError at the first that is unknown or does not belong there."""
    table = document.table or {}
    for name in table:
        if name not in STATEMENTS:
            raise _stranger(document, name)
        _check_entries(document, name, table[name])


def entries(document: Document, name: str) -> list[Mapping[str, Any]]:
    """The tables of an array of tables that has been checked; none when the key is absent."""
    found = (document.table or {}).get(name, [])
    return list(found)


def _check_entries(document: Document, name: str, value: object) -> None:
    title = f"[{document.title(name)}]"
    if not isinstance(value, list):
        raise misfit(name, f"tables, each under {title}", value, document.at(name), hint=f"write {title}")
    for number, entry in enumerate(value):
        where = document.at(name, number)
        if not isinstance(entry, dict):
            raise misfit(name, f"tables, each under {title}", entry, where, hint=f"write {title}")
        for key in entry if name not in OPEN_TABLES else ():
            _known(document, name, (name, number), key)
        for known in TABLES[name]:
            if known.required and known.name not in entry:
                raise ConfigError(f'{title} has no "{known.name}"', where=where, hint=_how_to_add(known))


def _known(document: Document, table: str, path: tuple[str | int, ...], name: str) -> Key:
    for key in TABLES[table]:
        if key.name == name:
            return key
    where = document.at(*path, name)
    here = document.inside(*path)
    own = ", ".join(k.name for k in TABLES[table])
    if table == TOP and name == "tool" and not document.base:
        raise ConfigError(
            f'unknown key "tool" {here}', where=where, hint="in this file the keys stand without [tool.mlscore]"
        )
    elsewhere = homes(name)
    if len(elsewhere) == 1:
        home: tuple[str | int, ...] = (elsewhere[0],) if elsewhere[0] else ()
        if home and key_of(TOP, elsewhere[0]).kind is Kind.TABLES:
            home = (*home, 0)
        raise ConfigError(f'"{name}" belongs {document.inside(*home)}, not {here}', where=where, hint="move it there")
    near = did_you_mean(name, [k.name for k in TABLES[table]])
    hint = near if near and table == TOP else f"{near} (known are {own})" if near else f"known are {own}"
    raise ConfigError(f'unknown key "{name}" {here}', where=where, hint=hint)


def _how_to_add(missing: Key) -> str:
    sample = "2026-11-16" if missing.kind is Kind.DATE else '"…"'
    about = missing.help[:1].lower() + missing.help[1:].rstrip(".")
    return f"add {missing.name} = {sample} ({about})"


def _stranger(document: Document, name: str) -> ConfigError:
    where = document.at(name)
    if name in {key.name for key in TABLES[TOP]}:
        return ConfigError(
            f'"{name}" belongs to the configuration, not to a file of attestations', where=where, hint="move it there"
        )
    near = did_you_mean(name, STATEMENTS)
    listed = " and ".join(f"[[{s}]]" for s in STATEMENTS)
    return ConfigError(
        f'unknown key "{name}" in a file of attestations', where=where, hint=near or f"it holds {listed}"
    )

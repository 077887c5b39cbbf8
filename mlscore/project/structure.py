"""Which keys stand where: unknown, misspelt and misplaced keys of a configuration or attestations file are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlscore.errors import ConfigError, did_you_mean
from mlscore.project.document import Document
from mlscore.project.keys import STATEMENTS, TABLES, TOP, Key, Kind, homes
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


def title_of(document: Document, name: str) -> str:
    """How the file writes one table of an array: `[[tool.mlscore.attestation]]`."""
    return f"[{document.title(name)}]"


def _check_entries(document: Document, name: str, value: object) -> None:
    title = title_of(document, name)
    if not isinstance(value, list):
        raise misfit(name, f"tables, each under {title}", value, document.at(name), hint=f"write {title}")
    for number, entry in enumerate(value):
        where = document.at(name, number)
        if not isinstance(entry, dict):
            raise misfit(name, f"tables, each under {title}", entry, where, hint=f"write {title}")
        for key in entry:
            _known(document, name, (name, number), key)
        for known in TABLES[name]:
            if known.required and known.name not in entry:
                raise ConfigError(f'{title} has no "{known.name}"', where=where, hint=known.help)


def _known(document: Document, table: str, path: tuple[str | int, ...], name: str) -> Key:
    for key in TABLES[table]:
        if key.name == name:
            return key
    title = title_of(document, table) if path and isinstance(path[-1], int) else document.title(*(str(p) for p in path))
    where = document.at(*path, name)
    if table == TOP and name == "tool" and not document.base:
        raise ConfigError(
            f'unknown key "tool" at {title}', where=where, hint="in this file the keys stand without [tool.mlscore]"
        )
    own = [k.name for k in TABLES[table]]
    elsewhere = homes(name)
    if len(elsewhere) == 1:
        home = elsewhere[0]
        right = (
            title_of(document, home) if home in (*STATEMENTS, "answer") else document.title(*([home] if home else []))
        )
        raise ConfigError(f'"{name}" belongs to {right}, not to {title}', where=where, hint="move it there")
    near = did_you_mean(name, own)
    raise ConfigError(f'unknown key "{name}" in {title}', where=where, hint=near or f"known are {', '.join(own)}")


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

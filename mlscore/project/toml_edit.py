"""One table of an array added to a TOML text, or changed in place; every other byte stays as it was."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from typing import Any

from mlscore.project.toml_lines import key_lines

Entry = Mapping[str, str | date]


def edit_entries(text: str, path: tuple[str, ...], entry: Entry, number: int | None) -> str | None:
    """`text` with `entry` added to the array of tables at `path`, or, with `number`, its values put into that table.

    Comments, order, blank lines and line ends stay. Returns None when the result would not say what it should.
    """
    before = _data(text)
    wanted = list(_at(before, path))
    if number is None:
        wanted.append(dict(entry))
        changed = _append(text, path, entry)
    else:
        wanted[number] = {**wanted[number], **entry}
        changed = _replace(text, path, entry, number)
    try:
        after = _data(changed)
    except tomllib.TOMLDecodeError:
        return None
    whole = _at(after, path) == wanted and _without(after, path) == _without(before, path)
    return changed if whole else None


def _data(text: str) -> dict[str, Any]:
    # Decimals as they are written: read as numbers, nan would differ from itself.
    return tomllib.loads(text, parse_float=str)


def _at(data: Mapping[str, Any], path: tuple[str, ...]) -> list[dict[str, Any]]:
    for key in path[:-1]:
        data = data.get(key, {})
    found: list[dict[str, Any]] = data.get(path[-1], [])
    return found


def _without(data: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The data apart from what is at `path`; a table that holds nothing else counts as absent."""
    rest = {key: value for key, value in data.items() if key != path[0]}
    inner = _without(data.get(path[0], {}), path[1:]) if path[1:] else {}
    return {**rest, path[0]: inner} if inner else rest


def _append(text: str, path: tuple[str, ...], entry: Entry) -> str:
    """As text at the file's end, which disturbs nothing; into the array where it is written in line."""
    import tomlkit

    if _at(_data(text), path) and not _has_header(text, path):
        document = tomlkit.parse(text)
        added = tomlkit.inline_table()
        added.update(entry)
        _kit_at(document, path).append(added)
        return _line_ends(text, tomlkit.dumps(document))
    table = tomlkit.table()
    table.update(entry)
    gap = "" if not text else "\n" if text.endswith("\n") else "\n\n"
    return text + _line_ends(text, f"{gap}[[{'.'.join(path)}]]\n{table.as_string()}")


def _replace(text: str, path: tuple[str, ...], entry: Entry, number: int) -> str:
    """Edit the one table's own lines alone: a TOML writer given the whole file may move tables that lie apart."""
    import tomlkit

    first, last, own = 0, text.count("\n") + 1, number
    if _has_header(text, path):
        first, last = _extent(text, (*path, number))
        own = 0
    rows = text.split("\n")
    part = "\n".join(rows[first:last]) + ("\n" if last < len(rows) else "")
    document = tomlkit.parse(part)
    target = _kit_at(document, path)[own]
    for key, value in entry.items():
        if target.get(key) != value:
            target[key] = value
    before = "".join(row + "\n" for row in rows[:first])
    return before + _line_ends(text, tomlkit.dumps(document)) + "\n".join(rows[last:])


def _extent(text: str, path: tuple[str | int, ...]) -> tuple[int, int]:
    """The rows of a table with a header of its own: from the header to its last value, before the next key's header."""
    lines = key_lines(text)
    first = lines[path]
    after = [line for key, line in lines.items() if line > first and key[: len(path)] != path]
    rows = text.split("\n")
    last = min(after) - 1 if after else len(rows)
    # Comments and blank lines before the next table are about that one: a new key belongs above them.
    while _says_nothing(rows[last - 1]) and _parses("\n".join([*rows[first - 1 : last - 1], ""])):
        last -= 1
    return first - 1, last


def _says_nothing(row: str) -> bool:
    return not row.strip() or row.lstrip().startswith("#")


def _parses(text: str) -> bool:
    """False where a multi-line string would be cut, whose last line looks like a comment."""
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _has_header(text: str, path: tuple[str, ...]) -> bool:
    line = key_lines(text).get((*path, 0))
    return line is not None and text.split("\n")[line - 1].lstrip().startswith("[[")


def _kit_at(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _line_ends(text: str, changed: str) -> str:
    """New lines end as the file's own do, where those agree."""
    if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
        return changed.replace("\r\n", "\n").replace("\n", "\r\n")
    return changed

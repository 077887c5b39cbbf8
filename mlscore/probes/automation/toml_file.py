"""A TOML file's values together with the lines they stand on."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlscore.probes.automation.shell_state import Unit

if TYPE_CHECKING:
    from mlscore.core.evidence import Location
    from mlscore.project.tree import Tree

_HEADER = re.compile(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_NAME = re.compile(r"\"([^\"]*)\"|'([^']*)'|([\w-]+)")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed file."""

    path: str
    lines: tuple[str, ...]
    data: dict[str, Any]

    def table(self, *keys: str) -> dict[str, Any]:
        """The table under these keys; empty when there is none."""
        found: Any = self.data
        for key in keys:
            found = found.get(key) if isinstance(found, dict) else None
        return found if isinstance(found, dict) else {}

    def unit(self, text: str, *keys: str) -> Unit:
        """A piece of shell that stands under these keys, for following it with its place."""
        start, stop = self._span(keys)
        return Unit(text, self.path, start + 1, exact=False, lines=self.lines[start:stop])

    def place(self, word: str, *keys: str) -> Location:
        """The line under these keys that has the word; else the line of the key."""
        return self.unit("", *keys).place(1, word)

    def _span(self, keys: tuple[str, ...]) -> tuple[int, int]:
        header: tuple[str, ...] = ()
        best, start, stop, table = 0, 0, len(self.lines), False
        for number, line in enumerate(self.lines):
            title, key = _HEADER.match(line), _KEY.match(line)
            if title is None and key is None:
                continue
            # A key's lines end with the next key; a table's end with the next table.
            if best and stop == len(self.lines) and (title is not None or not table):
                stop = number
            header = _names(title[1]) if title else header
            full = header if key is None else (*header, *_names(key[1]))
            if keys[: len(full)] == full and len(full) > best:
                best, start, stop, table = len(full), number, len(self.lines), title is not None
        return start, stop


def read_toml(tree: Tree, path: str) -> TomlFile | None:
    """The file, or None when it is absent or no TOML."""
    text = tree.text(path)
    if text is None:
        return None
    try:
        return TomlFile(path, tuple(text.split("\n")), tomllib.loads(text))
    except (tomllib.TOMLDecodeError, RecursionError):
        return None


def nearest(tree: Tree, folder: str | None, name: str) -> str | None:
    """The file of this name in the folder or the nearest one above it."""
    while folder is not None:
        path = f"{folder}/{name}" if folder else name
        if tree.has(path):
            return path
        folder = folder.rpartition("/")[0] if folder else None
    return None


def _names(text: str) -> tuple[str, ...]:
    return tuple(a or b or c for a, b, c in _NAME.findall(text))

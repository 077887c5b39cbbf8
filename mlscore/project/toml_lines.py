"""The line on which each key of a TOML text stands, which the standard library's parser does not tell."""

from __future__ import annotations

import re
from bisect import bisect_left
from contextlib import suppress
from typing import TypeAlias

TomlPath: TypeAlias = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
_SCALAR = re.compile(r"[^,\]}#\n]+")
_ESCAPED_OR_END = re.compile(r'\\.|"""', re.DOTALL)


class _LostError(Exception):
    """The scanner met something it does not know; what it found before still holds."""


def key_lines(text: str) -> dict[TomlPath, int]:
    """Each key's path and its line, counted from 1.

    A path is the keys from the top, with the number (from 0) of an array's element or of a table in an array of tables:
    `("tool", "mlscore", "attestation", 0, "owner")`. A table's line is the one that first names it, be it a header or a
    dotted key. `text` should be TOML that the standard library has accepted; from the first thing that is not, keys are
    left out rather than guessed.
    """
    scanner = _Scanner(text)
    with suppress(_LostError, RecursionError):
        scanner.document()
    return scanner.lines


def find_line(text: str, path: TomlPath) -> int | None:
    """The line of the key at `path`, else of the nearest table around it, else None."""
    return nearest_line(key_lines(text), path)


def nearest_line(lines: dict[TomlPath, int], path: TomlPath) -> int | None:
    """As `find_line`, when the text has been read already."""
    for length in range(len(path), 0, -1):
        line = lines.get(path[:length])
        if line is not None:
            return line
    return None


class _Scanner:
    """One pass over the text, from key to key; values are skipped, or entered when they hold keys of their own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[TomlPath, int] = {}
        self._ends = [m.start() for m in re.finditer("\n", text)]
        self._arrays: dict[TomlPath, int] = {}

    def document(self) -> None:
        table: TomlPath = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            start = self.at
            if self.text.startswith("[[", start):
                self.at += 2
                keys = self._dotted_key()
                self._expect("]]")
                table = self._table_in_array(keys, start)
            elif self.text.startswith("[", start):
                self.at += 1
                keys = self._dotted_key()
                self._expect("]")
                table = self._resolve(keys, start)
            else:
                self._pair(table)

    def _table_in_array(self, keys: list[str], start: int) -> TomlPath:
        array = (*self._resolve(keys[:-1], start), keys[-1])
        number = self._arrays.get(array, -1) + 1
        self._arrays[array] = number
        self._note(array, start)
        self._note((*array, number), start)
        return (*array, number)

    def _resolve(self, keys: list[str], start: int) -> TomlPath:
        """The path that header keys mean: an array of tables stands for its last table."""
        path: TomlPath = ()
        for key in keys:
            path = (*path, key)
            self._note(path, start)
            if path in self._arrays:
                path = (*path, self._arrays[path])
        return path

    def _pair(self, table: TomlPath) -> None:
        start = self.at
        keys = self._dotted_key()
        self._expect("=")
        path = table
        for key in keys:
            path = (*path, key)
            self._note(path, start)
        self._skip(_SPACE)
        self._value(path)

    def _value(self, path: TomlPath) -> None:
        rest = self.text[self.at : self.at + 3]
        if rest.startswith("["):
            self._array(path)
        elif rest.startswith("{"):
            self._inline_table(path)
        elif rest == '"""':
            self._long_basic()
        elif rest == "'''":
            self._long("'''", self.text.find("'''", self.at + 3))
        elif rest.startswith('"'):
            self._take(_BASIC)
        elif rest.startswith("'"):
            self._take(_LITERAL)
        else:
            self._take(_SCALAR)

    def _array(self, path: TomlPath) -> None:
        self.at += 1
        number = 0
        while True:
            self._skip(_BLANK)
            if self._found("]"):
                return
            if self.at >= len(self.text):
                raise _LostError
            self._note((*path, number), self.at)
            self._value((*path, number))
            number += 1
            self._skip(_BLANK)
            if not self._found(","):
                self._expect("]")
                return

    def _inline_table(self, path: TomlPath) -> None:
        self.at += 1
        while True:
            self._skip(_BLANK)
            if self._found("}"):
                return
            self._pair(path)
            self._skip(_BLANK)
            if not self._found(","):
                self._expect("}")
                return

    def _long_basic(self) -> None:
        end = -1
        for match in _ESCAPED_OR_END.finditer(self.text, self.at + 3):
            if match[0] == '"""':
                end = match.start()
                break
        self._long('"""', end)

    def _long(self, quotes: str, end: int) -> None:
        """Skip a multi-line string whose closing quotes begin at `end`; up to two more belong to the string."""
        if end < 0:
            raise _LostError
        self.at = end + 3
        for _ in range(2):
            if not self._found(quotes[0]):
                return

    def _dotted_key(self) -> list[str]:
        keys = []
        while True:
            self._skip(_SPACE)
            keys.append(self._key())
            self._skip(_SPACE)
            if not self._found("."):
                return keys

    def _key(self) -> str:
        if self.text.startswith('"', self.at):
            raw = self._take(_BASIC)
            if "\\" not in raw:
                return raw[1:-1]
            import tomllib

            try:
                return str(tomllib.loads(f"{raw} = 0").popitem()[0])
            except ValueError:
                raise _LostError from None
        if self.text.startswith("'", self.at):
            return self._take(_LITERAL)[1:-1]
        return self._take(_BARE_KEY)

    def _note(self, path: TomlPath, position: int) -> None:
        if path not in self.lines:
            self.lines[path] = bisect_left(self._ends, position) + 1

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def _take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            raise _LostError
        self.at = match.end()
        return match[0]

    def _found(self, what: str) -> bool:
        if self.text.startswith(what, self.at):
            self.at += len(what)
            return True
        return False

    def _expect(self, what: str) -> None:
        self._skip(_SPACE)
        if not self._found(what):
            raise _LostError

"""The line of a key in TOML text, which tomllib does not tell; needed when there is an error to place, never else."""

from __future__ import annotations

import re

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_KEY = rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_KEY})[ \t]*\]")
_PAIR = re.compile(rf"[ \t]*({_KEY})[ \t]*=(.*)")
_PARTS = re.compile(_PART)
_TRIPLE = re.compile("'''|\"\"\"")


def find_line(text: str, path: tuple[str | int, ...]) -> int | None:
    """The line (from 1) of the key at `path`, else of the nearest table around it, else None.

    A number in `path` counts the tables of an array, `[[bands]]`, from 0.
    """
    best, best_line = 0, None
    table: tuple[str | int, ...] = ()
    counts: dict[tuple[str, ...], int] = {}
    closing: str | None = None
    for number, line in enumerate(text.split("\n"), start=1):
        if closing is not None:
            # Inside a multi-line string nothing is a key, however much a snippet in it looks like one.
            closing = None if closing in line else closing
            continue
        if header := _HEADER.match(line):
            keys = _keys(header[2])
            table = keys
            if header[1] == "[[":
                counts[keys] = counts.get(keys, -1) + 1
                table = (*keys, counts[keys])
            here = table
        elif pair := _PAIR.match(line):
            here = (*table, *_keys(pair[1]))
            closing = _left_open(pair[2])
        else:
            closing = _left_open(line)
            continue
        same = _common(here, path)
        if same > best:
            best, best_line = same, number
    return best_line


def _keys(dotted: str) -> tuple[str, ...]:
    return tuple(part[1:-1] if part[0] in "\"'" else part for part in _PARTS.findall(dotted))


def _left_open(rest: str) -> str | None:
    """The quotes that would close a multi-line string begun in `rest` and not ended there."""
    found = _TRIPLE.findall(rest)
    if not found:
        return None
    return None if rest.count(found[0]) % 2 == 0 else str(found[0])


def _common(here: tuple[str | int, ...], path: tuple[str | int, ...]) -> int:
    same = 0
    for one, other in zip(here, path, strict=False):
        if one != other:
            break
        same += 1
    return same

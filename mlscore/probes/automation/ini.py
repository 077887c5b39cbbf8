"""Reads ini files (`tox.ini`, `setup.cfg`, `pytest.ini`) keeping the line of every value."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECTION = re.compile(r"\[([^\]]+)\]")
_KEY = re.compile(r"([^\s=:#;\[][^=:]*?)\s*[=:]\s*(.*)")


@dataclass(frozen=True, slots=True)
class IniValue:
    """A value: its key's line (from 1), and its lines as (line, text) without comments, blanks and indentation."""

    line: int
    lines: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """The whole value, its lines joined by line ends."""
        return "\n".join(text for _, text in self.lines)


def read_ini(text: str) -> dict[str, dict[str, IniValue]]:
    """Sections with their values. Lines that are no ini are passed over; the last of two equal keys wins."""
    found: dict[str, dict[str, IniValue]] = {}
    section: dict[str, IniValue] = {}
    key: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")) or not stripped:
            continue
        stripped = re.sub(r"\s[#;].*$", "", stripped)
        if line[0] in " \t" and key is not None:
            value = section[key]
            section[key] = IniValue(value.line, (*value.lines, (number, stripped)))
            continue
        header = _SECTION.match(stripped)
        if header is not None:
            section, key = found.setdefault(header[1].strip(), {}), None
            continue
        match = _KEY.match(stripped)
        if match is not None:
            key = match[1].strip()
            section[key] = IniValue(number, ((number, match[2]),) if match[2] else ())
    return found

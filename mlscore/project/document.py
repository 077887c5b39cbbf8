"""A TOML file of the user's with its values, and the place of each: how errors and origins get file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlscore.core.evidence import Location
from mlscore.errors import ConfigError
from mlscore.project.read import parse_toml, read_text
from mlscore.project.toml_lines import TomlPath, key_lines, nearest_line


class Document:
    """One parsed file. `base` is the table that is ours: `("tool", "mlscore")` in pyproject.toml, the top elsewhere.

    `name` is the file's path relative to the project's root, as messages show it.
    """

    def __init__(self, path: Path, name: str, text: str, data: dict[str, Any], base: TomlPath = ()) -> None:
        self.path = path
        self.name = name
        self.base = base
        self.whole = data
        self.text = text
        self._lines: dict[TomlPath, int] | None = None

    @classmethod
    def read(cls, path: Path, name: str, base: TomlPath = ()) -> Document:
        """Read and parse a file. Raises ConfigError when it cannot be read, is not UTF-8 or not TOML."""
        text = read_text(path, where=name)
        return cls(path, name, text, parse_toml(text, where=name), base)

    @property
    def blank(self) -> bool:
        """Whether the file holds nothing at all, not even a comment."""
        return not self.text.strip()

    @property
    def table(self) -> dict[str, Any] | None:
        """Our table's values; None when the file has no such table. Raises ConfigError when it is something else."""
        value: Any = self.whole
        for key in self.base:
            if not isinstance(value, dict) or key not in value:
                return None
            value = value[key]
        if not isinstance(value, dict):
            raise ConfigError(f"{self.title()} should be a table", where=self.at(), hint=f"write {self.title()}")
        return value

    def at(self, *path: str | int) -> Location:
        """The place of a key of ours: its line, or that of the nearest table around it."""
        full = (*self.base, *path)
        return self.at_whole(*full)

    def at_whole(self, *path: str | int) -> Location:
        """The place of any key of the file, counted from its top."""
        if self._lines is None:
            self._lines = key_lines(self.text)
        return Location(self.name, nearest_line(self._lines, path))

    def title(self, *path: str) -> str:
        """How the file writes a table of ours: `[tool.mlscore.gate]` or `[gate]`; "" for the top level."""
        full = [str(key) for key in (*self.base, *path)]
        return f"[{'.'.join(full)}]" if full else ""

    def inside(self, *path: str | int) -> str:
        """Where a table's keys stand, in words: "in [tool.mlscore.gate]", "in [[attestation]]", "at the top level"."""
        title = self.title(*(key for key in path if isinstance(key, str)))
        if path and isinstance(path[-1], int):
            title = f"[{title}]"
        return f"in {title}" if title else "at the top level"

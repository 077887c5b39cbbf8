"""A project's files, read only: listing, and text decoded once and kept."""

from __future__ import annotations

import os
from pathlib import Path

MAX_TEXT_BYTES = 4 * 1024 * 1024
SKIPPED_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", ".tox", ".nox", ".venv", "venv", "env", "node_modules", "__pycache__", ".mypy_cache",
        ".pytest_cache", ".ruff_cache", ".hypothesis", ".eggs", "site-packages",
    }
)  # fmt: skip


class Tree:
    """The files under one root. Paths are relative, with forward slashes. Symbolic links are never followed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[str, str | None] = {}
        self._files: tuple[str, ...] | None = None
        self._base: str | None = None

    def files(self) -> tuple[str, ...]:
        """Every regular file below the root, sorted; version-control and cache folders are left out."""
        if self._files is None:
            found: list[str] = []
            base = str(self.root)
            for folder, folders, names in os.walk(base):
                folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS)
                prefix = os.path.relpath(folder, base).replace(os.sep, "/")
                prefix = "" if prefix == "." else prefix + "/"
                for name in names:
                    path = os.path.join(folder, name)
                    if not os.path.islink(path) and os.path.isfile(path):
                        found.append(prefix + name)
            self._files = tuple(sorted(found))
        return self._files

    def has(self, path: str) -> bool:
        """Whether `path` is a regular file inside the root."""
        full = self._inside(path)
        try:
            return full is not None and full.is_file()
        except OSError:
            # A name that is too long for a file, for one.
            return False

    def text(self, path: str) -> str | None:
        """The file's text without byte-order mark and with `\\n` line ends, or None: absent, too large, or not UTF-8."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def _read(self, path: str) -> str | None:
        full = self._inside(path)
        try:
            if full is None or not full.is_file() or full.stat().st_size > MAX_TEXT_BYTES:
                return None
            text = full.read_bytes().decode("utf-8-sig")
        except (OSError, UnicodeDecodeError):
            return None
        return text.replace("\r\n", "\n").replace("\r", "\n")

    def _inside(self, path: str) -> Path | None:
        """The absolute path, or None when it would leave the root."""
        try:
            if self._base is None:
                self._base = os.path.realpath(self.root)
            # As texts: thousands of paths are asked for, and `Path.resolve` takes three times as long.
            full = os.path.realpath(os.path.join(self._base, path))
        except (OSError, ValueError):
            return None
        return Path(full) if full == self._base or full.startswith(os.path.join(self._base, "")) else None

"""Finding the project: its root, its configuration file, and its name where nobody wrote one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mlscore.errors import ConfigError
from mlscore.project.document import Document

OWN_FILE = "mlscore.toml"
SHARED_FILE = "pyproject.toml"
SHARED_TABLE = ("tool", "mlscore")

_MARKS = (SHARED_FILE, "setup.cfg", "pytest.ini", ".git")


@dataclass(frozen=True, slots=True)
class Project:
    """The project's folder, its configuration (None: defaults alone), and the name it goes by with that name's origin."""

    root: Path
    document: Document | None
    name: str
    name_origin: str


def discover(start: Path) -> Project:
    """The project that `start` (a folder, or a file in it) belongs to.

    The first folder from `start` upward that holds `mlscore.toml`, or a `pyproject.toml` with `[tool.mlscore]`, is the
    root. The search ends with the repository: what lies above its `.git` is not the project's. Without configuration the
    root is the nearest folder with a `pyproject.toml`, `setup.cfg`, `pytest.ini` or `.git`, else `start`.

    Links in `start` are not resolved: the root is spelt as it was asked for. Raises ConfigError when a file cannot be
    read, and when one folder holds two configurations.
    """
    folder = Path(os.path.abspath(start))
    if not os.path.isdir(folder) and os.path.lexists(folder):
        if not os.path.exists(folder):
            raise ConfigError(
                "a symbolic link that leads nowhere", where=str(folder), hint="name the project's folder itself"
            )
        folder = folder.parent
    marked: tuple[Path, Document | None] | None = None
    for place in (folder, *folder.parents):
        shared = _read(place / SHARED_FILE, SHARED_TABLE)
        _check_spelling(shared)
        own = _read(place / OWN_FILE, ())
        found = _one_of(own, shared)
        if found is not None:
            return _project(place, found, shared)
        if marked is None and any(os.path.lexists(place / mark) for mark in _MARKS):
            marked = place, shared
        if os.path.lexists(place / ".git"):
            break
    root, shared = marked or (folder, None)
    return _project(root, None, shared)


def _check_spelling(shared: Document | None) -> None:
    """Raise ConfigError for a table such as [tool.ml-score], which would be left unread without a word."""
    if shared is None:
        return
    tools = shared.whole.get("tool", {})
    for name in tools if isinstance(tools, dict) else ():
        if name != "mlscore" and name.lower().replace("-", "").replace("_", "") in ("mlscore", "mltestscore"):
            raise ConfigError(
                f"[tool.{name}] is not read", where=shared.at_whole("tool", name), hint="did you mean [tool.mlscore]?"
            )


def _read(path: Path, base: tuple[str, ...]) -> Document | None:
    return Document.read(path, path.name, base) if os.path.lexists(path) else None


def _one_of(own: Document | None, shared: Document | None) -> Document | None:
    ours = shared if shared is not None and shared.table is not None else None
    if own is not None and ours is not None:
        raise ConfigError(
            f"two configurations at once: {own.name}, and {ours.title()} in {ours.name}",
            where=ours.at(),
            hint="keep one of them",
        )
    if own is not None and own.blank:
        raise ConfigError(
            "the file is empty", where=own.name, hint='write a first key, such as profile = "poc", or delete the file'
        )
    return own or ours


def _project(root: Path, document: Document | None, shared: Document | None) -> Project:
    named = shared.whole.get("project") if shared is not None else None
    name = named.get("name") if isinstance(named, dict) else None
    if shared is not None and isinstance(name, str) and name.strip():
        return Project(root, document, name, str(shared.at_whole("project", "name")))
    # As text for people: a file name may hold bytes that are no text in this locale.
    folder = os.fsencode(root.name).decode("utf-8", "backslashreplace")
    return Project(root, document, folder or "project", "default")

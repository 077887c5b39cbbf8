"""Finds the pytest configuration that a command reads, as pytest does, and what it says about selection."""

from __future__ import annotations

import shlex
import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlscore.probes.automation.ini import read_ini

if TYPE_CHECKING:
    from mlscore.project.tree import Tree

_ALWAYS = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini")
_SECTIONS = {"tox.ini": "pytest", "setup.cfg": "tool:pytest"}


@dataclass(frozen=True, slots=True)
class PytestSettings:
    """`addopts` and `testpaths` of a configuration file, the folder it lies in, and whether it asks for a score."""

    folder: str = ""
    addopts: tuple[str, ...] = ()
    testpaths: tuple[str, ...] = ()
    scored: bool = False


def pytest_settings(tree: Tree, folder: str) -> PytestSettings:
    """The configuration that pytest reads for tests in `folder` (relative to the root): the nearest one upwards."""
    start = folder
    while True:
        prefix = f"{folder}/" if folder else ""
        for name in (*_ALWAYS, "pyproject.toml", *_SECTIONS):
            found = settings_in(tree, prefix + name)
            if found is not None:
                return found
        if not folder:
            return PytestSettings(start)
        folder = folder.rpartition("/")[0]


def settings_in(tree: Tree, path: str) -> PytestSettings | None:
    """What a file says to pytest, or None when it is absent or says nothing to it."""
    text = tree.text(path)
    if text is None:
        return None
    folder, _, name = path.rpartition("/")
    if name.endswith(".toml"):
        try:
            document = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError):
            return None
        table = _toml_table(document, name)
        return None if table is None else _settings(folder, table)
    sections = read_ini(text)
    title = next((t for t in (_SECTIONS.get(name, "pytest"), "pytest", "tool:pytest") if t in sections), None)
    if title is None:
        return PytestSettings(folder) if name in _ALWAYS else None
    values = {key: value.text for key, value in sections[title].items()}
    return _settings(folder, values)


def _settings(folder: str, table: dict[str, Any]) -> PytestSettings:
    return PytestSettings(
        folder, _words(table, "addopts"), _words(table, "testpaths"), is_true(table.get("mlscore", False))
    )


def is_true(value: object) -> bool:
    """Whether pytest reads a setting as true."""
    return value is True or str(value).strip().lower() in ("1", "yes", "true", "on")


def _toml_table(document: dict[str, Any], name: str) -> dict[str, Any] | None:
    if name in _ALWAYS:
        table = document.get("pytest", {})
    else:
        tool = document.get("tool", {})
        table = tool.get("pytest") if isinstance(tool, dict) else None
        if isinstance(table, dict):
            table = table.get("ini_options", table)
    return table if isinstance(table, dict) else None


def _words(table: dict[str, Any], key: str) -> tuple[str, ...]:
    value = table.get(key, "")
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    try:
        return tuple(shlex.split(str(value)))
    except ValueError:
        return tuple(str(value).split())

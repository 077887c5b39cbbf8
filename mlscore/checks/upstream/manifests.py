"""What a project asks for itself: the names in pyproject.toml, a Pipfile, requirements.in or environment.yml."""

from __future__ import annotations

from typing import Any

from mlscore.checks.upstream.locks import Reader, parse_toml, read_lock, requirement_name
from mlscore.checks.upstream.versions import normal
from mlscore.errors import InputError

# Which manifest belongs to which kind of lock file, in the order in which they are looked for.
BESIDE = {
    "requirements": ("requirements.in", "pyproject.toml"),
    "uv": ("pyproject.toml",),
    "poetry": ("pyproject.toml",),
    "pdm": ("pyproject.toml",),
    "pylock": ("pyproject.toml",),
    "pipenv": ("Pipfile",),
    "conda-lock": ("environment.yml", "environment.yaml"),
    "conda-explicit": ("environment.yml", "environment.yaml"),
    "conda": (),
}


def read_manifest(name: str, text: str, *, included: Reader = lambda _: None) -> frozenset[str]:
    """The normalised names of the packages that a manifest asks for, development's among them.

    Raises InputError when it cannot be read.
    """
    base = name.rpartition("/")[2]
    if base == "pyproject.toml":
        return frozenset(_pyproject(parse_toml(name, text)))
    if base == "Pipfile":
        data = parse_toml(name, text)
        tables = [table for key, table in data.items() if key not in ("source", "requires", "scripts", "pipenv")]
        return frozenset(normal(package) for table in tables if isinstance(table, dict) for package in table)
    return frozenset(read_lock(name, text, included=included).packages)


def _pyproject(data: dict[str, Any]) -> set[str]:
    project, tool = _table(data, "project"), _table(data, "tool")
    poetry = _table(tool, "poetry")
    listed = [project.get("dependencies")]
    listed += _table(project, "optional-dependencies").values()
    listed += _table(data, "dependency-groups").values()
    listed += _table(_table(tool, "pdm"), "dev-dependencies").values()
    listed.append(_table(tool, "uv").get("dev-dependencies"))
    names = {
        requirement_name(one) for group in listed if isinstance(group, list) for one in group if isinstance(one, str)
    }
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(group, "dependencies") for group in _table(poetry, "group").values() if isinstance(group, dict)]
    names |= {normal(package) for table in tables for package in table if package != "python"}
    return {name for name in names if name}


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def decoded(name: str, data: bytes) -> str:
    """The text of a file. Raises InputError when it is not UTF-8 (with or without mark) or UTF-16 with its mark."""
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise InputError("not UTF-8", where=name, hint="save the file as UTF-8") from None

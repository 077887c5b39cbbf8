"""MLflow's projects: the entry points of an MLproject file, and the commands that they are."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlscore.checks.integration.stages import read_file
from mlscore.errors import ConfigError, did_you_mean

FILE = "MLproject"


def entry_points(root: Path, where: object | None = None) -> Mapping[str, Any]:
    """The entry points by name. Raises ConfigError where the file cannot be read or has none."""
    held = read_file(root / FILE, root, where)
    points = held.get("entry_points")
    if not isinstance(points, dict) or not all(isinstance(one, dict) and one.get("command") for one in points.values()):
        raise ConfigError("holds no entry points with commands", where=FILE, hint="add entry_points")
    return points


def command_of(
    points: Mapping[str, Any], name: str, given: Mapping[str, Any], program: str | None, where: object | None = None
) -> tuple[str, ...]:
    """The command that runs an entry point: MLflow's where `program` is its path, else the entry point's own.

    Values are quoted for the shell, as MLflow quotes them, and parameters that are not declared are added as options.
    Raises ConfigError for an entry point that is not there, and for a parameter without a value.
    """
    if name not in points:
        near = did_you_mean(name, tuple(points)) or f"there are {', '.join(points)}"
        raise ConfigError(f'there is no entry point "{name}"', where=where, hint=near)
    if program is not None:
        words = [word for key, value in given.items() for word in ("-P", f"{key}={value}")]
        return (program, "run", "--env-manager=local", "-e", name, *words, ".")
    declared = points[name].get("parameters") or {}
    values: dict[str, str] = {}
    for key, about in declared.items():
        default = about.get("default") if isinstance(about, dict) else None
        value = given.get(key, default)
        if value is None:
            raise ConfigError(
                f'the entry point "{name}" needs the parameter "{key}"',
                where=where,
                hint=f'add it: parameters = {{ {key} = "…" }}',
            )
        values[key] = shlex.quote(str(value))
    line = str(points[name]["command"])
    for key, value in values.items():
        line = line.replace("{" + key + "}", value)
    more = [f"--{key} {shlex.quote(str(value))}" for key, value in given.items() if key not in declared]
    return ("/bin/sh", "-c", " ".join((line, *more)))

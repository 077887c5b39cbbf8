"""The stages as they are configured: by commands, or by what another tool runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlscore.checks.commands import split_command
from mlscore.checks.context import expanded
from mlscore.checks.integration.clean import inside
from mlscore.checks.integration.shapes import Stage
from mlscore.errors import ConfigError, did_you_mean

_KEYS = ("command", "run", "parameters", "needs", "makes", "copies", "folder")


@dataclass(frozen=True, slots=True)
class Declared:
    """One stage as it is written. `run` is what a tool is asked for: a target, an entry point, a flow."""

    name: str
    command: tuple[str, ...] | None
    run: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    makes: tuple[str, ...] = ()
    copies: bool = False
    folder: str = "."

    def stage(self, command: tuple[str, ...], **more: Any) -> Stage:
        """The stage, run by that command."""
        plain = {
            "needs": self.needs, "makes": self.makes, "copies": self.copies, "folder": self.folder
        }  # fmt: skip
        return Stage(self.name, command, **{**plain, **more})


def read_stages(given: Mapping[str, Any], where: object | None = None) -> tuple[Declared, ...]:
    """The stages in the order in which they are written. Raises ConfigError for what does not fit."""
    return tuple(_declared(name, table, where) for name, table in given.items())


def _declared(name: str, table: object, where: object | None) -> Declared:
    said = f"the stage {name}"
    if not isinstance(table, dict):
        raise ConfigError(
            f"{said} is {table!r}, not a table", where=where, hint='write { command = "…", makes = ["…"] }'
        )
    for key in table:
        if key not in _KEYS:
            near = did_you_mean(key, _KEYS) or f"known are {', '.join(_KEYS)}"
            raise ConfigError(f'{said} has no key "{key}"', where=where, hint=near)
    command = table.get("command")
    if command is not None:
        if not isinstance(command, (str, list)) or not all(isinstance(word, str) for word in command):
            raise ConfigError(
                f"the command of {said} is {command!r}", where=where, hint="write a text or a list of texts"
            )
        command = split_command(command, where)
    copies, parameters = table.get("copies", False), table.get("parameters", {})
    run, folder = table.get("run", name), table.get("folder", ".")
    if not isinstance(copies, bool):
        raise ConfigError(f'"copies" of {said} is {copies!r}', where=where, hint="write true or false")
    if not isinstance(parameters, dict):
        raise ConfigError(f'"parameters" of {said} is {parameters!r}', where=where, hint="write { name = value }")
    if not isinstance(run, str) or not isinstance(folder, str) or not run.strip():
        raise ConfigError(f'"run" and "folder" of {said} have to be texts', where=where, hint="write them in quotes")
    return Declared(
        name,
        command,
        run,
        parameters,
        paths(table.get("needs", ()), f'"needs" of {said}', where),
        paths(table.get("makes", ()), f'"makes" of {said}', where),
        copies,
        inside(folder, where),
    )


def paths(given: object, what: str, where: object | None) -> tuple[str, ...]:
    """Paths of the project: a list of texts, or one."""
    if isinstance(given, str):
        given = [given]
    if not isinstance(given, (list, tuple)) or not all(isinstance(one, str) and one.strip() for one in given):
        raise ConfigError(f"{what} is {given!r}", where=where, hint='write a list of paths: ["…"]')
    return tuple(dict.fromkeys(inside(one, where) for one in given))


def by_commands(declared: tuple[Declared, ...], where: object | None = None) -> tuple[Stage, ...]:
    """Stages of plain commands. Raises ConfigError for a stage without one."""
    found = []
    for one in declared:
        if one.command is None:
            raise ConfigError(f"the stage {one.name} has no command", where=where, hint='add command = "…"')
        found.append(one.stage(one.command))
    return tuple(found)


def read_environment(given: Mapping[str, Any], where: object | None = None) -> dict[str, str]:
    """Environment variables, `${NAME}` in them filled from ours. Raises ConfigError for what is no text or number."""
    found = {}
    for name, value in given.items():
        if not isinstance(value, (str, int, float)):
            raise ConfigError(f'the environment variable "{name}" is {value!r}', where=where, hint="write a text")
        plain = str(value).lower() if isinstance(value, bool) else str(value)
        found[name] = expanded(plain, where)
    return found


def read_file(path: Path, root: Path, where: object | None) -> Mapping[str, Any]:
    """A YAML file's table. Raises ConfigError where it cannot be read, or holds something else."""
    import yaml

    name = path.relative_to(root).as_posix()
    try:
        held = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no {name}", where=where, hint="mend the runner, or add the file") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot be read: {error}", where=name, hint="mend the file") from None
    except yaml.YAMLError as error:
        raise ConfigError(f"is no YAML: {' '.join(str(error).split())}", where=name, hint="mend the file") from None
    if not isinstance(held, dict):
        raise ConfigError("holds no table", where=name, hint="mend the file")
    return held

"""DVC's pipelines: `dvc.yaml` read, its stages in the order in which they depend on each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import product
from pathlib import Path, PurePosixPath
from typing import Any

from mlscore.checks.integration.clean import inside
from mlscore.checks.integration.shapes import Stage
from mlscore.checks.integration.stages import read_file
from mlscore.errors import ConfigError

FILE = "dvc.yaml"
_MADE = ("outs", "metrics", "plots")
_NAME = re.compile(r"\$\{\s*([^}]+?)\s*\}")
_HINT = "run it by DVC itself: pip install dvc"


def dvc_stages(root: Path, program: str | None, where: object | None = None) -> tuple[Stage, ...]:
    """The stages of `dvc.yaml` at `root`, each after those that make what it depends on.

    With `program`, the path of DVC, a stage is run by `dvc repro`; without, its own command is. Templates are filled from
    `vars` and params.yaml, and `foreach` and `matrix` written out. Raises ConfigError for what cannot be read or filled.
    """
    held = read_file(root / FILE, root, where)
    given = held.get("stages")
    if not isinstance(given, dict) or not given:
        raise ConfigError("holds no stages", where=FILE, hint="add the pipeline's stages, or choose another runner")
    names = _variables(root, held.get("vars"), None)
    found = [
        _stage(name, table, values, root, program)
        for key, whole in given.items()
        for name, table, values in _written_out(str(key), whole, names)
    ]
    return _ordered(found)


def _ordered(stages: Sequence[Stage]) -> tuple[Stage, ...]:
    maker = {path: stage.name for stage in stages for path in stage.makes}
    by_name = {stage.name: stage for stage in stages}
    # A dependency may lie in a folder that another stage makes.
    needed = {
        stage.name: [
            maker[str(one)]
            for need in stage.needs
            for one in (PurePosixPath(need), *PurePosixPath(need).parents)
            if str(one) in maker and maker[str(one)] != stage.name
        ]
        for stage in stages
    }
    try:
        return tuple(by_name[name] for name in TopologicalSorter(needed).static_order())
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise ConfigError(f"stages depend on each other in a circle: {circle}", where=FILE, hint="part it") from None


def _stage(name: str, table: Any, values: Mapping[str, Any], root: Path, program: str | None) -> Stage:
    if not isinstance(table, dict) or not table.get("cmd"):
        raise ConfigError(f"the stage {name} has no cmd", where=FILE, hint="add the command that it runs")
    table = {**table}
    folder = _filled(str(table.get("wdir", ".")), values, name)
    if "vars" in table:
        values = {**values, **_variables(root, table["vars"], folder)}
    given = table["cmd"] if isinstance(table["cmd"], list) else [table["cmd"]]
    lines = [_filled(str(one), values, name) for one in given]
    # As DVC runs it: by a shell, which ends at the first line that fails.
    command = (
        ("/bin/sh", "-c", "\n".join(["set -e", *lines]) if len(lines) > 1 else lines[0])
        if program is None
        else (program, "repro", "--force", "--single-item", name)
    )
    return Stage(
        name,
        command,
        needs=tuple(_paths(table, ("deps",), folder, values, name)),
        makes=tuple(_paths(table, _MADE, folder, values, name)),
        folder=inside(folder, FILE) if program is None else ".",
    )


def _paths(
    table: Mapping[str, Any], keys: Sequence[str], folder: str, values: Mapping[str, Any], name: str
) -> Iterator[str]:
    for key in keys:
        given = table.get(key) or []
        if not isinstance(given, list):
            raise ConfigError(f'"{key}" of the stage {name} is no list', where=FILE, hint="write a list of paths")
        for one in given:
            path = next(iter(one)) if isinstance(one, dict) and one else one
            if "://" in str(path):
                continue  # what lies elsewhere is not the run's
            yield inside((PurePosixPath(folder) / _filled(str(path), values, name)).as_posix(), FILE)


def _written_out(key: str, table: Any, names: Mapping[str, Any]) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    """A stage, or those that `foreach` and `matrix` make of it, as DVC names them."""
    if isinstance(table, dict) and "foreach" in table:
        over = table["foreach"]
        if isinstance(over, str):
            over = _looked_up(_NAME.sub(r"\1", over).strip(), names, key)
        pairs = over.items() if isinstance(over, dict) else [(None, one) for one in over]
        for number, (name, item) in enumerate(pairs):
            word = name if name is not None else number if isinstance(item, (dict, list)) else item
            more = {"item": item} if name is None else {"key": name, "item": item}
            yield f"{key}@{word}", table.get("do"), {**names, **more}
    elif isinstance(table, dict) and isinstance(table.get("matrix"), dict):
        axes = {
            axis: _looked_up(_NAME.sub(r"\1", one).strip(), names, key) if isinstance(one, str) else one
            for axis, one in table["matrix"].items()
        }
        for chosen in product(*(list(enumerate(one)) for one in axes.values())):
            words = [
                f"{a}{n}" if isinstance(one, (dict, list)) else str(one)
                for a, (n, one) in zip(axes, chosen, strict=True)
            ]
            item = {axis: one for axis, (_, one) in zip(axes, chosen, strict=True)}
            yield f"{key}@{'-'.join(words)}", table, {**names, "item": item}
    else:
        yield key, table, names


def _variables(root: Path, given: Any, folder: str | None) -> dict[str, Any]:
    """What templates are filled from: params.yaml, then the files and tables of `vars`."""
    found: dict[str, Any] = {}
    base = root if folder is None else root / folder
    if (base / "params.yaml").is_file():
        found |= read_file(base / "params.yaml", root, FILE)
    for one in given if isinstance(given, list) else []:
        if isinstance(one, dict):
            found |= one
            continue
        path = base / inside(str(one).partition(":")[0], FILE)
        if path.suffix not in (".yaml", ".yml"):
            raise ConfigError(f'"vars" names {one}, which is not read from here', where=FILE, hint=_HINT)
        found |= read_file(path, root, FILE)
    return found


def _filled(text: str, values: Mapping[str, Any], stage: str) -> str:
    def value(match: re.Match[str]) -> str:
        found = _looked_up(match.group(1), values, stage)
        if isinstance(found, (dict, list)):
            raise ConfigError(f"the stage {stage} writes out ${{{match.group(1)}}}", where=FILE, hint=_HINT)
        return str(found).lower() if isinstance(found, bool) else str(found)

    return _NAME.sub(value, text)


def _looked_up(name: str, values: Mapping[str, Any], stage: str) -> Any:
    found: Any = values
    for part in re.split(r"[.\[\]]+", name.rstrip("]")):
        if isinstance(found, Mapping) and part in found:
            found = found[part]
        elif isinstance(found, list) and part.isdigit() and int(part) < len(found):
            found = found[int(part)]
        else:
            what = f"the stage {stage} asks for ${{{name}}}, which neither params.yaml nor vars holds"
            raise ConfigError(what, where=FILE, hint="add it, or mend the name")
    return found

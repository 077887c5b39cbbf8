"""Follows `pre-commit run` into the local hooks of .pre-commit-config.yaml."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import UNKNOWN, resolve
from mlscore.probes.automation.yaml_file import Map, Text, YamlError, is_false, is_true, maps, read_yaml, texts

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

FILE = ".pre-commit-config.yaml"
MAX_FILES = 2000
_VALUED = frozenset(
    {
        "--hook-stage",
        "--stage",
        "-c",
        "--config",
        "--color",
        "--files",
        "--from-ref",
        "--to-ref",
        "-s",
        "-o",
        "--source",
    }
)
# Languages whose entry is a command of this repository or of its environment.
_COMMANDS = frozenset({"system", "script", "python", "unsupported", "unsupported_script"})
_RENAMED = {"commit": "pre-commit", "push": "pre-push", "merge-commit": "pre-merge-commit"}


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the local hooks that a `pre-commit run` runs."""
    words = list(order.words[1:])
    if words[:1] != ["run"] or order.cwd is None:
        return []
    config, stage, hook, some = FILE, "pre-commit", None, False
    every = False
    rest = words[1:]
    while rest:
        option, has_value, value = rest.pop(0).partition("=")
        if not option.startswith("-"):
            hook = hook or option
            continue
        if option in _VALUED and not has_value:
            value = rest.pop(0) if rest else ""
        if option in ("--hook-stage", "--stage"):
            stage = _RENAMED.get(value, value)
        elif option in ("-c", "--config"):
            config = resolve(order.cwd, value) or ""
        every = every or option in ("-a", "--all-files")
        some = some or option in ("--from-ref", "--source", "-s", "--files")
    text = engine.tree.text(config)
    try:
        documents = read_yaml(text, config) if text is not None else []
    except YamlError:
        return []
    if not documents or not isinstance(documents[-1], Map):
        return []
    document = documents[-1]
    skipped = order.env.get("SKIP", "").split(",")
    leads: list[Lead] = []
    for repository in maps(document.get("repos")):
        for entry in maps(repository.get("hooks")) if repository.get("repo") == "local" else ():
            names = (entry.text("id"), entry.text("alias"))
            if (hook is not None and hook not in names) or any(name in skipped for name in names if name):
                continue
            stages = [_RENAMED.get(s, s) for s in texts(entry.get("stages") or document.get("default_stages"))]
            why = None
            if stages and stage not in stages:
                why = f"the hook runs at the stage `{', '.join(stages)}` alone"
            elif not every and not some and not is_true(entry.get("always_run")):
                why = "without `--all-files` pre-commit looks at staged files alone, and CI has none"
            leads += [lead.dead(why) for lead in _hook(engine, order, document, entry, every=every)]
    return leads


def _hook(engine: Engine, order: Order, document: Map, hook: Map, *, every: bool) -> list[Lead]:
    entry = hook.text("entry")
    if entry is None or str(hook.get("language", "")) not in _COMMANDS:
        return []
    try:
        words = [*shlex.split(entry), *(str(text) for text in texts(hook.get("args")))]
    except ValueError:
        return []
    files = _files(engine, document, hook)
    if not files and not is_true(hook.get("always_run")):
        return []
    if not is_false(hook.get("pass_filenames")):
        words += files if every and len(files) <= MAX_FILES else [UNKNOWN]
    place = entry.location
    key = ("pre-commit", place, tuple(words))
    # Hooks run at the top of the repository.
    inner = replace(order, words=tuple(words), cwd="", documents=(), fed=None)
    return engine.once(key, lambda: [lead.behind(place) for lead in engine.order(inner)])


def _files(engine: Engine, document: Map, hook: Map) -> list[str]:
    """The repository's files that the hook is for."""
    found = list(engine.tree.files())
    for node in (document, hook):
        for key, wanted in (("files", True), ("exclude", False)):
            pattern = node.text(key)
            if isinstance(pattern, Text) and pattern:
                try:
                    expression = re.compile(pattern)
                except re.error:
                    return found
                found = [path for path in found if (expression.search(path) is not None) == wanted]
    kinds = {*texts(hook.get("types")), *texts(hook.get("types_or"))}
    return [path for path in found if path.endswith((".py", ".pyi"))] if "python" in kinds else found

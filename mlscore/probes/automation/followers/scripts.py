"""Follows the tasks of project tools: poe, taskipy, pdm, hatch, rye, pixi, pipenv and mise."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.runs import UNKNOWN, resolve
from mlscore.probes.automation.toml_file import TomlFile, nearest, read_toml
from mlscore.probes.automation.wrappers import skip_options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

_PLAIN_SHELL = Shell(errexit=False)
_ARGS = re.compile(r"\{args(?::([^{}]*))?\}")
_TOKENS = re.compile(r"\{(root|home|env:[^{}]*)[^{}]*\}")


@dataclass(frozen=True, slots=True)
class _Project:
    """A tool's tasks as they stand in a file."""

    engine: Engine
    order: Order
    file: TomlFile
    folder: str

    def words(self, words: Iterable[str], keys: tuple[str, ...], order: Order | None = None) -> list[Lead]:
        """Follows a command that no shell reads."""
        found = replace(order or self.order, words=tuple(words), documents=())
        if not found.words:
            return []
        place = self.file.place(found.words[0], *keys)
        return [lead.behind(place) for lead in self.engine.order(found)]

    def text(
        self, text: str, arguments: Iterable[str], keys: tuple[str, ...], order: Order | None = None
    ) -> list[Lead]:
        """Follows a command given as one text that is split, but read by no shell."""
        try:
            words = shlex.split(text, comments=True)
        except ValueError:
            return []
        return self.words((*words, *arguments), keys, order)

    def shell(
        self,
        text: str,
        arguments: Iterable[str],
        keys: tuple[str, ...],
        order: Order | None = None,
        shell: Shell = _PLAIN_SHELL,
    ) -> list[Lead]:
        """Follows a command that a shell reads."""
        order = order or self.order
        text = " ".join([text, *(shlex.quote(a) if UNKNOWN not in a else a for a in arguments)])
        unit = self.file.unit(text, *keys)
        return self.engine.script([unit], shell=shell, cwd=order.cwd, env=order.env)


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs behind a task runner's command."""
    name = order.words[0].rsplit("/", 1)[-1]
    tool = {"poethepoet": "poe", "taskipy": "task"}.get(name, name)
    files: list[TomlFile] = []
    names = {
        "pipenv": ("Pipfile",),
        "pixi": ("pixi.toml", "pyproject.toml"),
        "mise": ("mise.toml", ".mise.toml"),
        "hatch": ("hatch.toml", "pyproject.toml"),
    }
    for file_name in names.get(tool, ("pyproject.toml",)):
        path = nearest(engine.tree, order.cwd, file_name)
        file = read_toml(engine.tree, path) if path else None
        if path is None or file is None:
            continue
        files.append(file)
        project = _Project(engine, order, file, path.rpartition("/")[0])
        key = (tool, path, order.words[1:], order.cwd)
        leads = engine.once(key, lambda project=project: _TOOLS[tool](project, order.words[1:]))  # type: ignore[misc]
        if leads:
            return leads
    if name in ("pdm", "rye", "pixi", "pipenv") and order.words[1:2] == ("run",):
        return engine.order(order.with_words(skip_options(order.words[2:], _VALUED)))
    if name == "hatch":
        return _hatch_plain(engine, order, files)
    return []


_VALUED = frozenset({"-p", "--project", "-e", "--environment", "--venv", "--manifest-path", "-C", "--directory"})


# -- poe ---------------------------------------------------------------------------------------------------------------


def _poe(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    if {"-d", "--dry-run", "-h", "--help"} & set(words[:3]):
        return []
    rest = skip_options(words, frozenset({"-C", "--directory", "--root", "-e", "--executor"}))
    order = replace(project.order, cwd=project.folder)
    return _poe_task(project, order, rest[0], rest[1:], 0) if rest else []


def _poe_task(project: _Project, order: Order, name: str, arguments: tuple[str, ...], depth: int) -> list[Lead]:
    poe = project.file.table("tool", "poe")
    keys = ("tool", "poe", "tasks", name)
    tasks = poe.get("tasks")
    task = tasks.get(name) if isinstance(tasks, dict) else None
    return _poe_run(project, order, task, arguments, keys, str(poe.get("default_task_type", "cmd")), depth)


def _poe_run(
    project: _Project,
    order: Order,
    task: Any,
    arguments: tuple[str, ...],
    keys: tuple[str, ...],
    kind: str,
    depth: int,
) -> list[Lead]:
    if task is None or depth > 8:
        return []
    if isinstance(task, str):
        task = {kind: task}
    elif isinstance(task, list):
        task = {"sequence": task}
    if not isinstance(task, dict):
        return []
    env = task.get("env")
    if isinstance(env, dict):
        order = replace(order, env={**order.env, **{k: v for k, v in env.items() if isinstance(v, str)}})
    if isinstance(task.get("cwd"), str):
        order = replace(order, cwd=resolve(order.cwd, task["cwd"]))
    extra = () if task.get("args") else tuple(word for word in arguments if word != "--")
    leads: list[Lead] = []
    for need in task.get("deps") or ():
        words = shlex.split(str(need))
        leads += _poe_task(project, order, words[0], tuple(words[1:]), depth + 1) if words else []
    if isinstance(task.get("cmd"), str):
        leads += project.text(task["cmd"], extra, keys, order)
    elif isinstance(task.get("shell"), str):
        leads += project.shell(task["shell"], (), keys, order)
    elif isinstance(task.get("ref"), str):
        words = shlex.split(task["ref"])
        leads += _poe_task(project, order, words[0], (*words[1:], *extra), depth + 1) if words else []
    for key in ("sequence", "parallel"):
        inner = str(task.get("default_item_type", "ref"))
        for item in task.get(key) or ():
            leads += _poe_run(project, order, item, (), keys, inner, depth + 1)
    if task.get("ignore_fail") in (True, "return_zero"):
        leads = [lead.dead("`ignore_fail` of the poe task swallows its failure") for lead in leads]
    return leads


# -- taskipy, pdm, rye, pixi, pipenv -------------------------------------------------------------------------------------


def _taskipy(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    tasks = project.file.table("tool", "taskipy", "tasks")
    leads: list[Lead] = []
    for name in (f"pre_{words[0]}", words[0], f"post_{words[0]}") if words else ():
        task = tasks.get(name)
        text = task.get("cmd") if isinstance(task, dict) else task
        if isinstance(text, str):
            order = replace(project.order, cwd=project.folder)
            arguments = words[1:] if name == words[0] else ()
            leads += project.shell(text, arguments, ("tool", "taskipy", "tasks", name), order)
    return leads


def _pdm(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    rest = skip_options(words, _VALUED)
    rest = skip_options(rest[1:], _VALUED) if rest[:1] == ("run",) else rest
    return _pdm_script(project, rest[0], rest[1:], 0) if rest else []


def _pdm_script(project: _Project, name: str, arguments: tuple[str, ...], depth: int) -> list[Lead]:
    scripts = project.file.table("tool", "pdm", "scripts")
    leads: list[Lead] = []
    if name not in scripts or depth > 8:
        return leads
    for part in (f"pre_{name}", name, f"post_{name}"):
        keys = ("tool", "pdm", "scripts", part)
        script = scripts.get(part)
        extra = arguments if part == name else ()
        table: dict[str, Any] = script if isinstance(script, dict) else {"cmd": script}
        env = table.get("env")
        order = replace(project.order, cwd=project.folder)
        if isinstance(env, dict):
            order = replace(order, env={**order.env, **{k: str(v) for k, v in env.items()}})
        if isinstance(table.get("working_dir"), str):
            order = replace(order, cwd=resolve(order.cwd, table["working_dir"]))
        if isinstance(table.get("cmd"), str):
            text, extra = _placed(table["cmd"], extra)
            leads += project.text(text, extra, keys, order)
        elif isinstance(table.get("cmd"), list):
            leads += project.words((*map(str, table["cmd"]), *extra), keys, order)
        elif isinstance(table.get("shell"), str):
            text, extra = _placed(table["shell"], extra)
            leads += project.shell(text, extra, keys, order)
        for step in table.get("composite") or ():
            words = shlex.split(str(step))
            if words[:1] and words[0] in scripts:
                leads += _pdm_script(project, words[0], tuple(words[1:]), depth + 1)
            else:
                leads += project.words(words, keys, order)
    return leads


def _placed(text: str, arguments: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """A command with `{args:default}` filled in; without it the arguments go to the end."""
    if not _ARGS.search(text):
        return text, arguments
    given = " ".join(shlex.quote(a) for a in arguments)
    return _ARGS.sub(lambda match: given or match[1] or "", text), ()


def _rye(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    if words[:1] == ("test",):
        rest = words[words.index("--") + 1 :] if "--" in words else ()
        return project.words(("pytest", *rest), ("tool", "rye"))
    if words[:1] != ("run",):
        return []
    rest = skip_options(words[1:], _VALUED)
    return _rye_script(project, rest[0], rest[1:], 0) if rest else []


def _rye_script(project: _Project, name: str, arguments: tuple[str, ...], depth: int) -> list[Lead]:
    script = project.file.table("tool", "rye", "scripts").get(name)
    keys = ("tool", "rye", "scripts", name)
    if isinstance(script, dict) and depth < 8:
        leads = [lead for step in script.get("chain") or () for lead in _rye_script(project, str(step), (), depth + 1)]
        script = script.get("cmd")
        if leads:
            return leads
    if isinstance(script, list):
        return project.words((*map(str, script), *arguments), keys)
    return project.text(script, arguments, keys) if isinstance(script, str) else []


def _pixi(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    if words[:1] != ("run",):
        return []
    rest = skip_options(words[1:], _VALUED)
    return _pixi_task(project, rest[0], rest[1:], 0) if rest else []


def _pixi_task(project: _Project, name: str, arguments: tuple[str, ...], depth: int) -> list[Lead]:
    base = () if project.file.path.endswith("pixi.toml") else ("tool", "pixi")
    features = [("feature", feature) for feature in project.file.table(*base, "feature")]
    for where in ((), *features):
        keys = (*base, *where, "tasks", name)
        task = project.file.table(*keys[:-1]).get(name)
        if task is None or depth > 8:
            continue
        table: dict[str, Any] = task if isinstance(task, dict) else {"cmd": task}
        order = replace(project.order, cwd=project.folder)
        if isinstance(table.get("cwd"), str):
            order = replace(order, cwd=resolve(order.cwd, table["cwd"]))
        leads: list[Lead] = []
        needs = table.get("depends-on") or table.get("depends_on") or ()
        for need in [needs] if isinstance(needs, str) else needs:
            need_name = need.get("task") if isinstance(need, dict) else need
            leads += _pixi_task(project, str(need_name), (), depth + 1)
        command = table.get("cmd")
        if isinstance(command, list):
            leads += project.words((*map(str, command), *arguments), keys, order)
        elif isinstance(command, str):
            leads += project.shell(command, arguments, keys, order)
        return leads
    return []


def _pipenv(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    if words[:1] != ("run",) or len(words) < 2:
        return []
    script = project.file.table("scripts").get(words[1])
    return project.text(script, words[2:], ("scripts", words[1])) if isinstance(script, str) else []


def _mise(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    if words[:1] not in (("run",), ("r",)):
        return []
    rest = skip_options(words[1:], _VALUED)
    return _mise_task(project, rest[0], rest[1:], 0) if rest else []


def _mise_task(project: _Project, name: str, arguments: tuple[str, ...], depth: int) -> list[Lead]:
    task = project.file.table("tasks").get(name)
    table: dict[str, Any] = task if isinstance(task, dict) else {"run": task}
    needs = table.get("depends") or ()
    leads: list[Lead] = []
    for need in ([needs] if isinstance(needs, str) else needs) if depth < 8 else ():
        leads += _mise_task(project, str(need), (), depth + 1)
    runs = table.get("run") or ()
    for text in [runs] if isinstance(runs, str) else runs:
        order = replace(project.order, cwd=resolve(project.folder, str(table.get("dir", ""))))
        leads += project.shell(str(text), arguments, ("tasks", name), order, Shell())
    return leads


# -- hatch -------------------------------------------------------------------------------------------------------------


def _hatch(project: _Project, words: tuple[str, ...]) -> list[Lead]:
    parsed = _hatch_words(words)
    if parsed is None:
        return []
    environment, rest, testing = parsed
    base = () if project.file.path.endswith("hatch.toml") else ("tool", "hatch")
    if testing:
        table = project.file.table(*base, "envs", "hatch-test")
        default = [str(a) for a in table.get("default-args") or ["tests"]]
        arguments = (*(rest or default), *map(str, table.get("extra-args") or ()))
        scripts = table.get("scripts")
        text = scripts.get("run") if isinstance(scripts, dict) else None
        keys = (*base, "envs", "hatch-test", "scripts", "run")
        if text is None:
            return project.words(("pytest", *arguments), keys[:-2]) if table else []
        return _hatch_commands(project, {"run": text}, "run", tuple(arguments), keys[:-1], 0)
    for place, scripts in _hatch_scripts(project.file, base, environment):
        if rest and rest[0] in scripts:
            return _hatch_commands(project, scripts, rest[0], rest[1:], place, 0)
    return []


def _hatch_words(words: tuple[str, ...]) -> tuple[str, tuple[str, ...], bool] | None:
    """The environment, the command in it, and whether it is `hatch test`; None for other commands."""
    environment = "default"
    rest = list(words)
    while rest and (rest[0].startswith("-") or rest[0] == "env"):
        if rest.pop(0) in ("-e", "--env") and rest:
            environment = rest.pop(0)
    if rest[:1] == ["test"]:
        if {"-s", "--show", "-h", "--help"} & set(rest):
            return None
        valued = frozenset({"--retries", "--retry-delay", "-py", "--python", "-i", "--include", "-x", "--exclude"})
        return "hatch-test", skip_options(tuple(rest[1:]), valued), True
    if rest[:1] != ["run"]:
        return None
    rest.pop(0)
    while rest and rest[0].startswith(("-", "+")):
        if rest.pop(0) in ("-e", "--env") and rest:
            environment = rest.pop(0)
    if rest and re.match(r"[\w.-]*:", rest[0]):
        named, _, rest[0] = rest[0].partition(":")
        environment = named or environment
    return (environment, tuple(rest), False) if rest else None


def _hatch_scripts(
    file: TomlFile, base: tuple[str, ...], environment: str
) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """The scripts that an environment has: its own, and those of the environments it takes after."""
    found: list[tuple[tuple[str, ...], dict[str, Any]]] = []
    seen: set[str] = set()
    while environment not in seen:
        seen.add(environment)
        table = file.table(*base, "envs", environment)
        scripts = table.get("scripts")
        if isinstance(scripts, dict):
            found.append(((*base, "envs", environment, "scripts"), scripts))
        environment = environment if table.get("detached") else str(table.get("template", "default"))
    return found


def _hatch_commands(
    project: _Project,
    scripts: dict[str, Any],
    name: str,
    arguments: tuple[str, ...],
    place: tuple[str, ...],
    depth: int,
) -> list[Lead]:
    value = scripts.get(name)
    leads: list[Lead] = []
    order = replace(project.order, cwd=project.folder)
    for command in (value if isinstance(value, list) else [value]) if depth < 8 else ():
        text = str(command or "").strip()
        ignored = text.startswith("- ")
        text, _ = _placed(text.removeprefix("- "), arguments)
        text = _TOKENS.sub(
            lambda match: "" if match[1].startswith("env:") else "." if match[1] == "root" else UNKNOWN, text
        )
        first, _, rest = text.partition(" ")
        if first in scripts and first != name:
            found = _hatch_commands(project, scripts, first, tuple(rest.split()), place, depth + 1)
        else:
            found = project.shell(text, (), (*place, name), order)
        why = "the `- ` before it in the hatch script ignores its failure"
        leads += [lead.dead(why) for lead in found] if ignored else found
    return leads


def _hatch_plain(engine: Engine, order: Order, files: list[TomlFile]) -> list[Lead]:
    """`hatch run pytest` without a script of that name, and `hatch test` without configuration."""
    parsed = _hatch_words(order.words[1:])
    if parsed is None:
        return []
    _, rest, testing = parsed
    if testing:
        tables = [
            file.table(*base, "envs", "hatch-test", "scripts") for file in files for base in ((), ("tool", "hatch"))
        ]
        own = any("run" in table for table in tables)
        return [] if own else engine.order(order.with_words(("pytest", *(rest or ("tests",)))))
    return engine.order(order.with_words(rest))


_TOOLS = {
    "poe": _poe,
    "task": _taskipy,
    "pdm": _pdm,
    "rye": _rye,
    "pixi": _pixi,
    "pipenv": _pipenv,
    "hatch": _hatch,
    "mise": _mise,
}

"""Follows `invoke TASK` into the tasks of tasks.py, read as syntax and never run."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.followers.python_code import (
    Code,
    Function,
    Value,
    decorator,
    keyword,
    parse_module,
)
from mlscore.probes.automation.runs import resolve
from mlscore.probes.automation.shell_state import Unit
from mlscore.probes.automation.toml_file import nearest

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

_VALUED = frozenset({"-c", "--collection", "-r", "--search-root", "-f", "--config", "-T", "--command-timeout"})
_NOTHING = frozenset({"-l", "--list", "-R", "--dry", "-h", "--help", "-V", "--version"})


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the tasks that an invoke command runs."""
    folder, file = order.cwd, "tasks.py"
    rest = list(order.words[1:])
    while rest and rest[0].startswith("-"):
        option, has_value, value = rest.pop(0).partition("=")
        if option in _NOTHING:
            return []
        if option in ("-w", "--warn-only"):
            return [
                lead.dead(f"`invoke {option}` ignores its failure") for lead in follow(engine, _without(order, option))
            ]
        if option in _VALUED:
            value = value if has_value else rest.pop(0) if rest else ""
            if option in ("-r", "--search-root"):
                folder = None if folder is None else resolve(folder, value)
            elif option in ("-c", "--collection"):
                file = f"{value}.py"
    path = nearest(engine.tree, folder, file)
    text = engine.tree.text(path) if path else None
    module = parse_module(text) if text is not None else None
    if path is None or module is None:
        return []
    found = path
    return engine.once(("invoke", path, tuple(rest)), lambda: _tasks(engine, order, module, found, rest))


def _without(order: Order, option: str) -> Order:
    return order.with_words(word for word in order.words if word != option)


def _tasks(engine: Engine, order: Order, module: ast.Module, path: str, words: list[str]) -> list[Lead]:
    code = Code(_is_run, {})
    code.load(module)
    tasks: dict[str, Function] = {}
    default: str | None = None
    for name, function in code.functions.items():
        mark = decorator(function, frozenset({"task"}))
        if mark is None:
            continue
        given = code.value(keyword(mark, "name")) if isinstance(mark, ast.Call) else None
        tasks[given if isinstance(given, str) else name.replace("_", "-")] = function
        if isinstance(mark, ast.Call) and code.value(keyword(mark, "default")) is True:
            default = name.replace("_", "-")
    asked: list[tuple[str, dict[str, Value]]] = []
    for word in words:
        flag, has_value, value = word.partition("=")
        if not word.startswith("-"):
            asked.append((word.rpartition(".")[2].replace("_", "-"), {}))
        elif asked:
            name = flag.lstrip("-").replace("-", "_")
            negated = name.startswith("no_")
            asked[-1][1][name.removeprefix("no_")] = value if has_value else not negated
    leads: list[Lead] = []
    done: set[str] = set()
    for name, bound in asked or [(default or "", {})]:
        leads += _task(engine, order, code, tasks, path, name, bound, done)
    return leads


def _task(
    engine: Engine,
    order: Order,
    code: Code,
    tasks: dict[str, Function],
    path: str,
    name: str,
    bound: dict[str, Value],
    done: set[str],
) -> list[Lead]:
    function = tasks.get(name)
    if function is None or name in done:
        return []
    done.add(name)
    mark = decorator(function, frozenset({"task"}))
    before, after = _neighbours(mark, "pre"), _neighbours(mark, "post")
    if isinstance(mark, ast.Call):
        before = [*(arg.id for arg in mark.args if isinstance(arg, ast.Name)), *before]
    leads: list[Lead] = []
    for other in before:
        leads += _task(engine, order, code, tasks, path, other.replace("_", "-"), {}, done)
    code.cwd = path.rpartition("/")[0]
    for reached in code.walk(function, bound):
        call = reached.call
        command = code.value(call.args[0]) if call.args else None
        if not isinstance(command, str):
            continue
        unit = Unit(command, path, call.lineno, exact=False)
        found = engine.script([unit], shell=Shell(errexit=False), cwd=reached.cwd, env=order.env)
        warn = code.value(keyword(call, "warn"))
        if keyword(call, "warn") is not None and warn is not False:
            found = [lead.dead("`warn=True` of the invoke task ignores its failure") for lead in found]
        if code.value(keyword(call, "asynchronous")) is True or code.value(keyword(call, "disown")) is True:
            found = [lead.dead("the invoke task does not wait for it") for lead in found]
        leads += [lead.dead(reached.why_not) for lead in found]
    for other in after:
        leads += _task(engine, order, code, tasks, path, other.replace("_", "-"), {}, done)
    return leads


def _neighbours(mark: ast.expr | None, name: str) -> list[str]:
    value = keyword(mark, name) if isinstance(mark, ast.Call) else None
    return [item.id for item in value.elts if isinstance(item, ast.Name)] if isinstance(value, ast.List) else []


def _is_run(call: ast.Call) -> bool:
    target = call.func
    return (isinstance(target, ast.Attribute) and target.attr in ("run", "sudo")) or (
        isinstance(target, ast.Name) and target.id == "run"
    )

"""Follows `nox` into the sessions of noxfile.py, read as syntax and never run."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location
from mlscore.probes.automation.engine import Order
from mlscore.probes.automation.followers.python_code import Code, Function, decorator, keyword, parse_module
from mlscore.probes.automation.runs import UNKNOWN, Lead, Selection, resolve, shown

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine

_VALUED = frozenset(
    {
        "-f", "--noxfile", "-p", "--python", "--pythons", "-P", "--force-python", "--report", "--envdir", "-db",
        "--default-venv-backend", "-fb", "--force-venv-backend", "--extra-pythons", "-k", "--keywords",
        "--download-python",
    }
)  # fmt: skip
_NOTHING = frozenset({"-l", "--list", "--list-sessions", "--install-only", "--help", "-h", "--version", "--usage"})
_RUNS = frozenset({"run", "run_always", "run_install"})
MAX_SESSIONS = 100


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the sessions that a nox command runs."""
    words = order.words[1:]
    at = words.index("--") if "--" in words else len(words)
    names: list[str] = []
    tags: list[str] = []
    file, filtered = "noxfile.py", False
    rest = list(words[:at])
    while rest:
        option, has_value, value = rest.pop(0).partition("=")
        if option in _NOTHING:
            return []
        if option in ("-s", "-e", "-t", "--session", "--sessions", "--tags"):
            values = [value] if has_value else []
            while not has_value and rest and not rest[0].startswith("-"):
                values.append(rest.pop(0))
            (tags if option in ("-t", "--tags") else names).extend(values)
        elif option in _VALUED:
            value = value if has_value else rest.pop(0) if rest else ""
            file = value if option in ("-f", "--noxfile") else file
            filtered = filtered or option in ("-k", "--keywords")
    if not names and not tags and order.env.get("NOXSESSION"):
        names = [name for name in order.env["NOXSESSION"].split(",") if name]
    path = resolve(order.cwd, file)
    text = engine.tree.text(path) if path else None
    module = parse_module(text) if text is not None else None
    if path is None or module is None:
        return []
    found = path
    leads = engine.once(
        ("nox", path, words, order.cwd), lambda: _sessions(engine, order, module, found, names, tags, words[at + 1 :])
    )
    why = "which nox sessions `-k` selects is not followed"
    return [lead.dead(why) for lead in leads] if filtered else leads


def _sessions(
    engine: Engine,
    order: Order,
    module: ast.Module,
    path: str,
    names: list[str],
    tags: list[str],
    posargs: tuple[str, ...],
) -> list[Lead]:
    folder = path.rpartition("/")[0]
    code = Code(_is_run, {"session.posargs": list(posargs)})
    code.load(module)
    sessions: dict[str, tuple[Function, ast.expr]] = {}
    for function in code.functions.values():
        mark = decorator(function, frozenset({"session", "nox_session"}))
        if mark is not None:
            name = code.value(keyword(mark, "name")) if isinstance(mark, ast.Call) else None
            sessions[name if isinstance(name, str) and name else function.name] = (function, mark)
    waiting = names or (_tagged(code, sessions, tags) if tags else _default(code, module, sessions))
    leads: list[Lead] = []
    done: set[str] = set()
    while waiting and len(done) < MAX_SESSIONS:
        asked, waiting = waiting[0], waiting[1:]
        session_name = _known(asked, sessions)
        if session_name is None or session_name in done:
            if UNKNOWN in asked:
                why = "which nox session it runs is not in the repository"
                leads.append(Lead(shown(" ".join(order.words)), Selection(), (), why))
            continue
        done.add(session_name)
        function = sessions[session_name][0]
        code.cwd = folder
        first = function.args.args[0].arg if function.args.args else "session"
        code.attributes = {f"{first}.posargs": list(posargs), "session.posargs": list(posargs)}
        for reached in code.walk(function, {}):
            if isinstance(reached.call.func, ast.Attribute) and reached.call.func.attr == "notify":
                waiting = [*waiting, *code.words(reached.call.args[:1])]
                continue
            leads += _run(engine, order, code, reached.call, path, reached.cwd, reached.why_not)
    return leads


def _run(
    engine: Engine, order: Order, code: Code, call: ast.Call, path: str, cwd: str | None, why_not: str | None
) -> list[Lead]:
    env = dict(order.env)
    given = keyword(call, "env")
    for key, value in zip(given.keys, given.values, strict=True) if isinstance(given, ast.Dict) else ():
        name, text = code.value(key), code.value(value)
        if isinstance(name, str):
            env[name] = text if isinstance(text, str) else UNKNOWN
    leads = engine.order(Order(tuple(code.words(call.args)), cwd, env))
    codes = code.value(keyword(call, "success_codes"))
    if codes is not None and codes != ["0"]:
        why_not = why_not or "`success_codes` takes its failure for a success"
    return [replace(lead.dead(why_not), chain=(Location(path, call.lineno), *lead.chain)) for lead in leads]


def _is_run(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in (*_RUNS, "notify")


def _known(asked: str, sessions: dict[str, tuple[Function, ast.expr]]) -> str | None:
    """The session that a name such as `tests-3.12(extra=True)` means."""
    name = re.sub(r"\(.*", "", asked, flags=re.DOTALL)
    while name:
        if name in sessions:
            return name
        name = name.rpartition("-")[0]
    return None


def _default(code: Code, module: ast.Module, sessions: dict[str, tuple[Function, ast.expr]]) -> list[str]:
    for node in module.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions":
            value = code.value(node.value)
            return value if isinstance(value, list) else [UNKNOWN]
    found = []
    for name, (_, mark) in sessions.items():
        default = code.value(keyword(mark, "default")) if isinstance(mark, ast.Call) else None
        if default is not False:
            found.append(name)
    return found


def _tagged(code: Code, sessions: dict[str, tuple[Function, ast.expr]], tags: list[str]) -> list[str]:
    found = []
    for name, (_, mark) in sessions.items():
        own = code.value(keyword(mark, "tags")) if isinstance(mark, ast.Call) else None
        if isinstance(own, list) and set(own) & set(tags):
            found.append(name)
    return found

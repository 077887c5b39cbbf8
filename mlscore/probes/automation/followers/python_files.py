"""Follows `python FILE.py` and `python -c CODE` into scripts that start pytest themselves, read as syntax and never run."""

from __future__ import annotations

import ast
import shlex
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location
from mlscore.probes.automation.engine import Order, Shell
from mlscore.probes.automation.followers.python_code import Code, Function, Value, keyword, parse_module
from mlscore.probes.automation.runs import UNKNOWN, Lead, Selection, resolve, shown
from mlscore.probes.automation.shell_state import Unit

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine

_STARTERS = frozenset(
    {
        "pytest.main", "subprocess.run", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
        "subprocess.Popen", "os.system", "pytest.console_main",
    }
)  # fmt: skip
_EXITS = frozenset({"sys.exit", "exit", "SystemExit", "os._exit", "quit"})
# These raise by themselves when the command fails.
_CHECKED = frozenset({"subprocess.check_call", "subprocess.check_output"})


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs that a Python script of the repository starts, by `pytest.main` or as a command."""
    inline = order.words[:2] == ("python", "-c")
    path = "" if inline else resolve(order.cwd, order.words[0])
    text = "".join(order.words[2:3]) if inline else engine.tree.text(path) if path else None
    if path is None or text is None or "pytest" not in text:
        return []
    module = parse_module(text)
    if module is None:
        return []
    return engine.once(("python", path, text, order.cwd), lambda: _script(engine, order, module, path))


def _script(engine: Engine, order: Order, module: ast.Module, path: str) -> list[Lead]:
    parents = {child: node for node in ast.walk(module) for child in ast.iter_child_nodes(node)}
    exited = _exited(module)
    script = _whole(module)
    arguments: Value = list(order.words[1:])
    code = Code(
        _starts, {"sys.argv": arguments, "sys.executable": "python"}, names={"__name__": "__main__"}, cwd=order.cwd
    )
    code.load(module)
    leads: list[Lead] = []
    seen: set[ast.Call] = set()
    for reached in code.walk(script, {}):
        for call in (
            node for node in ast.walk(reached.call) if isinstance(node, ast.Call) and _name(node) in _STARTERS
        ):
            seen.add(call)
            why = reached.why_not or (None if _handed(call, parents, exited, code) else _LOST)
            leads += [lead.dead(why) for lead in _started(engine, order, code, call, path, reached.cwd)]
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _name(node) == "pytest.main" and node not in seen:
            why = "how the script comes to it cannot be followed"
            leads.append(Lead(shown(ast.unparse(node)), Selection(), (Location(path, node.lineno),), why))
    return leads


_LOST = "the script does not hand on its exit code"


def _whole(module: ast.Module) -> Function:
    """The script's own statements as the body of a function."""
    found = next(node for node in ast.parse("def script(): ...").body if isinstance(node, Function))
    found.body = module.body
    return found


def _started(engine: Engine, order: Order, code: Code, call: ast.Call, path: str, cwd: str | None) -> list[Lead]:
    """The leads of one call that starts something."""
    name, place = _name(call), Location(path, call.lineno)
    first = call.args[0] if call.args else None
    if name.startswith("pytest."):
        value = code.value(first) if first is not None else []
        words = (
            tuple(value)
            if isinstance(value, list)
            else tuple(shlex.split(value))
            if isinstance(value, str)
            else (UNKNOWN,)
        )
        return [lead.behind(place) for lead in engine.order(Order(("pytest", *words), cwd, order.env))]
    given = keyword(call, "cwd")
    if given is not None:
        folder = code.value(given)
        cwd = resolve(cwd, folder) if isinstance(folder, str) and cwd is not None else None
    value = code.value(first)
    if isinstance(value, list):
        return [lead.behind(place) for lead in engine.order(Order(tuple(value), cwd, order.env))]
    if not isinstance(value, str):
        return []
    unit = Unit(value, path, call.lineno, exact=False)
    return engine.script([unit], shell=Shell(errexit=False), cwd=cwd, env=order.env)


def _starts(call: ast.Call) -> bool:
    return any(isinstance(node, ast.Call) and _name(node) in _STARTERS for node in ast.walk(call))


def _name(call: ast.Call) -> str:
    return ast.unparse(call.func) if isinstance(call.func, ast.Attribute | ast.Name) else ""


def _exited(module: ast.Module) -> frozenset[str]:
    """The names of functions whose answer the script leaves with."""
    found = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and _name(node) in _EXITS and node.args and isinstance(node.args[0], ast.Call):
            found.add(_name(node.args[0]))
    return frozenset(found)


def _handed(call: ast.Call, parents: dict[ast.AST, ast.AST], exited: frozenset[str], code: Code) -> bool:
    """Whether a failure of what the call starts makes the script fail."""
    if _name(call) in _CHECKED or code.value(keyword(call, "check")) is True:
        return True
    node: ast.AST = call
    parent = parents.get(node)
    while isinstance(parent, ast.Attribute) or (isinstance(parent, ast.Call) and _name(parent) in ("int", "bool")):
        node, parent = parent, parents.get(parent)
    if isinstance(parent, ast.Call):
        return _name(parent) in _EXITS
    if isinstance(parent, ast.Return):
        return _function(parent, parents) in exited
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
        name, block = parent.targets[0].id, parents.get(parent)
        body: list[ast.stmt] = getattr(block, "body", [])
        later = body[body.index(parent) + 1 :] if parent in body else []
        return any(_leaves(statement, name, exited, parents) for statement in later)
    return False


def _leaves(statement: ast.stmt, name: str, exited: frozenset[str], parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a statement leaves the script with what `name` holds, or because it holds a failure."""
    if isinstance(statement, ast.If):
        test = {node.id for node in ast.walk(statement.test) if isinstance(node, ast.Name)}
        last = statement.body[-1]
        plain = isinstance(statement.test, ast.Compare) and isinstance(statement.test.ops[0], ast.Eq | ast.Is)
        return (
            name in test and not plain and (isinstance(last, ast.Raise) or _exit_code(last) not in (None, "0", "None"))
        )
    if isinstance(statement, ast.Return):
        value = ast.unparse(statement.value) if statement.value else ""
        return value.partition(".")[0] == name and _function(statement, parents) in exited
    return (_exit_code(statement) or "").partition(".")[0] in (name, f"int({name}")


def _exit_code(statement: ast.stmt) -> str | None:
    """What a statement leaves the script with, as text; None when it does not leave."""
    call = (
        statement.value
        if isinstance(statement, ast.Expr)
        else statement.exc
        if isinstance(statement, ast.Raise)
        else None
    )
    if not isinstance(call, ast.Call) or _name(call) not in _EXITS:
        return None
    return ast.unparse(call.args[0]) if call.args else "None"


def _function(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    found: ast.AST | None = node
    while found is not None and not isinstance(found, Function):
        found = parents.get(found)
    return found.name if isinstance(found, Function) else ""

"""Files that a test writes and then finds: nothing but the test itself has had a hand in it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .modules import External

if TYPE_CHECKING:
    from .scope import Scope

EXISTENCE = frozenset({"exists", "is_file", "is_dir"})
_WRITING = frozenset({"write_text", "write_bytes", "touch"})
_PATHS = frozenset({"pathlib.Path", "pathlib.PosixPath"})
_QUIET = EXISTENCE | _WRITING | {"mkdir", "read_text", "read_bytes", "stat"}


def was_written(call: ast.Call, scope: Scope) -> bool:
    """Whether `path.exists()` follows on the test's own writing to that path, with nothing else called in between."""
    match call:
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=asked), args=[]) if asked in EXISTENCE:
            pass
        case ast.Call(func=ast.Attribute(attr="exists"), args=[ast.Name(id=name)]):
            asked = "exists"
        case _:
            return False
    value = scope.value(name)
    if value is None or not scope.once(name) or not _is_path(value, scope):
        return False
    for statement in _before(call, scope):
        if _makes(statement, name, asked):
            return True
        if not _is_quiet(statement):
            return False
    return False


def _before(expr: ast.expr, scope: Scope) -> list[ast.stmt]:
    """The statements of the same block before the one that the expression stands in, the nearest first."""
    node: ast.AST = expr
    while not isinstance(node, ast.stmt) and node in scope.parents:
        node = scope.parents[node]
    parent = scope.parents.get(node, scope.node)
    for _, block in ast.iter_fields(parent):
        if isinstance(block, list) and node in block:
            return list(reversed(block[: block.index(node)]))
    return []


def _is_path(value: ast.expr, scope: Scope) -> bool:
    """Whether an expression is a path of the standard library: below `tmp_path`, or made by `Path(...)`."""
    match value:
        case ast.BinOp(left=left, op=ast.Div()):
            return _is_path(left, scope)
        case ast.Call(func=ast.Attribute(value=inner, attr="joinpath")):
            return _is_path(inner, scope)
        case ast.Name(id="tmp_path") if "tmp_path" in scope.params:
            return True
        case ast.Call(func=func):
            symbol = scope.symbol(func)
            return isinstance(symbol, External) and symbol.dotted in _PATHS
        case _:
            return False


def _makes(statement: ast.stmt, name: str, asked: str) -> bool:
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=written), attr=how))) if written == name:
            return (how in _WRITING and asked != "is_dir") or (how == "mkdir" and asked != "is_file")
        case _:
            return False


def _is_quiet(statement: ast.stmt) -> bool:
    """Whether a statement can do nothing to the file: plain assignments, and looking at or writing other files."""
    if not isinstance(statement, ast.Assign | ast.AnnAssign | ast.Expr | ast.Assert):
        return False
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call | ast.Await)]
    return all(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _QUIET
        for node in calls
    )

"""Walks a Python function such as a nox session or an invoke task, as far as its values are plain."""

from __future__ import annotations

import ast
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import UNKNOWN, resolve, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# What an expression comes to: a text, a list of words, a truth value; None when it is not known.
Value = str | list[str] | bool | None
Function = ast.FunctionDef | ast.AsyncFunctionDef
MAX_DEPTH = 12
MAX_CALLS = 400


@dataclass(frozen=True, slots=True)
class Reached:
    """A call that the walk reaches: where it runs, and why its failure would not count, if so."""

    call: ast.Call
    cwd: str | None
    why_not: str | None


@dataclass(slots=True)
class Code:
    """A module's functions and plain constants, and the calls that a walk over one function reaches.

    `wanted` picks the calls to hand out, `attributes` gives values such as `session.posargs`.
    """

    wanted: Callable[[ast.Call], bool]
    attributes: dict[str, Value]
    functions: dict[str, Function] = field(default_factory=dict)
    names: dict[str, Value] = field(default_factory=dict)
    cwd: str | None = ""
    why_not: list[str] = field(default_factory=list)
    depth: int = 0
    count: int = 0

    def load(self, module: ast.Module) -> None:
        """Takes in the module's functions and constants."""
        for node in module.body:
            if isinstance(node, Function):
                self.functions[node.name] = node
            elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
                self._assign(node)

    # -- values -------------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr | None) -> Value:
        """What an expression comes to."""
        match node:
            case ast.Constant(value=bool() as flag):
                return flag
            case ast.Constant(value=None):
                return False
            case ast.Constant(value=value):
                return str(value)
            case ast.Name(id=name):
                return self.names.get(name)
            case ast.List() | ast.Tuple():
                return self.words(node.elts)
            case ast.JoinedStr():
                return "".join(self._text(part) for part in node.values)
            case ast.FormattedValue():
                return self._text(node.value)
            case ast.BoolOp(op=ast.Or()):
                for inner in node.values:
                    found = self.value(inner)
                    if found is None or found:
                        return found
                return found
            case ast.BinOp(op=ast.Add()):
                left, right = self.value(node.left), self.value(node.right)
                if isinstance(left, list) or isinstance(right, list):
                    return [*_listed(left), *_listed(right)]
                return self._text(node.left) + self._text(node.right)
            case ast.BinOp(op=ast.Div()):
                return f"{self._text(node.left)}/{self._text(node.right)}"
            case ast.IfExp():
                truth = self.truth(node.test)
                return None if truth is None else self.value(node.body if truth else node.orelse)
            case ast.Call(func=ast.Name(id="str" | "Path" | "list" | "tuple"), args=[inner]):
                return self.value(inner)
            case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant(value=str() as glue)), args=[inner]):
                found = self.value(inner)
                return glue.join(found) if isinstance(found, list) else None
        return self.attributes.get(ast.unparse(node)) if isinstance(node, ast.Attribute) else None

    def words(self, nodes: list[ast.expr]) -> list[str]:
        """Several expressions as a command's words."""
        found: list[str] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                found.extend(_listed(self.value(node.value)))
            else:
                value = self.value(node)
                found.extend(value if isinstance(value, list) else [UNKNOWN if value is None else str(value)])
        return found

    def truth(self, node: ast.expr) -> bool | None:
        """Whether a condition holds; None when that is not known."""
        match node:
            case ast.UnaryOp(op=ast.Not()):
                inner = self.truth(node.operand)
                return None if inner is None else not inner
            case ast.BoolOp():
                parts = [self.truth(part) for part in node.values]
                decisive = isinstance(node.op, ast.Or)
                return decisive if decisive in parts else None if None in parts else not decisive
            case ast.Compare(left=ast.Constant(value="CI"), ops=[ast.In()]):
                return True
            case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
                return self.names.get("__name__") == "__main__"
            case ast.Call(args=[ast.Constant(value="CI"), *_]):
                return True
        value = self.value(node)
        return None if value is None or (isinstance(value, str) and UNKNOWN in value) else bool(value)

    def _text(self, node: ast.expr) -> str:
        value = self.value(node)
        return UNKNOWN if value is None else " ".join(value) if isinstance(value, list) else str(value)

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                value = self.value(node.value)
                if isinstance(node, ast.AugAssign):
                    old = self.names.get(target.id)
                    if isinstance(old, list):
                        value = [*old, *_listed(value)]
                    else:
                        value = old + value if isinstance(old, str) and isinstance(value, str) else None
                self.names[target.id] = value

    # -- statements ---------------------------------------------------------------------------------------------------

    def walk(self, function: Function, bound: dict[str, Value]) -> Iterator[Reached]:
        """The wanted calls of a function and of the module's functions that it calls, in order."""
        if self.depth >= MAX_DEPTH:
            return
        before = self.names
        arguments = [*function.args.posonlyargs, *function.args.args]
        defaults: list[ast.expr | None] = [None] * (len(arguments) - len(function.args.defaults))
        pairs = zip(arguments, [*defaults, *function.args.defaults], strict=True)
        local: dict[str, Value] = {arg.arg: self.value(default) for arg, default in pairs}
        pairs_kw = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
        local.update({arg.arg: self.value(default) for arg, default in pairs_kw})
        self.names = {**before, **local, **bound}
        self.depth += 1
        try:
            yield from self._body(function.body)
        finally:
            self.depth -= 1
            self.names = before

    def _body(self, body: list[ast.stmt]) -> Iterator[Reached]:
        for node in body:
            match node:
                case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                    yield from self._calls(node.value)
                    self._assign(node)
                case ast.Expr() | ast.Return():
                    yield from self._calls(node.value)
                case ast.Raise():
                    yield from self._calls(node.exc)
                case ast.If():
                    yield from self._if(node)
                case ast.For():
                    yield from self._for(node)
                case ast.While():
                    with self._because(f"it is inside `while {shown(ast.unparse(node.test))}`"):
                        yield from self._body(node.body)
                case ast.With():
                    yield from self._with(node)
                case ast.Try():
                    swallowed = any(not _raises(handler) for handler in node.handlers)
                    with self._because("its failure is caught by `except`" if swallowed else None):
                        yield from self._body(node.body)
                    yield from self._body([*node.orelse, *node.finalbody])

    def _if(self, node: ast.If) -> Iterator[Reached]:
        truth = self.truth(node.test)
        text = shown(ast.unparse(node.test))
        before = dict(self.names)
        if truth is not False:
            with self._because(None if truth else f"runs only if `{text}`"):
                yield from self._body(node.body)
        after = self.names if truth is None else None
        if truth is None:
            self.names = before
        if not truth:
            with self._because(f"runs only if not `{text}`" if truth is None else None):
                yield from self._body(node.orelse)
        if after is not None:
            self.names = {name: value if after.get(name) == value else None for name, value in self.names.items()}

    def _for(self, node: ast.For) -> Iterator[Reached]:
        items = self.value(node.iter)
        if isinstance(items, list) and isinstance(node.target, ast.Name) and UNKNOWN not in items:
            for item in items[:20]:
                self.names[node.target.id] = item
                yield from self._body(node.body)
        else:
            yield from self._body(node.body)

    def _with(self, node: ast.With) -> Iterator[Reached]:
        before = self.cwd
        for item in node.items:
            call = item.context_expr
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name = ast.unparse(call.func).rpartition(".")[2]
            if name in ("chdir", "cd"):
                self._chdir(call)
            elif name == "suppress":
                with self._because("its failure is caught by `suppress`"):
                    yield from self._body(node.body)
                return
        yield from self._body(node.body)
        self.cwd = before

    def _chdir(self, call: ast.Call) -> None:
        place = self.value(call.args[0])
        self.cwd = resolve(self.cwd, place) if isinstance(place, str) and self.cwd is not None else None

    def _calls(self, node: ast.expr | None) -> Iterator[Reached]:
        if not isinstance(node, ast.Call):
            return
        self.count += 1
        if self.count > MAX_CALLS:
            return
        if self.wanted(node):
            yield Reached(node, self.cwd, self.why_not[0] if self.why_not else None)
        elif isinstance(node.func, ast.Attribute) and node.func.attr in ("chdir", "cd") and node.args:
            self._chdir(node)
        elif ast.unparse(node.func) == "sys.exit" and node.args:
            yield from self._calls(node.args[0])
        elif isinstance(node.func, ast.Name) and node.func.id not in self.functions and len(node.args) == 1:
            # `exit(main())` and its like.
            yield from self._calls(node.args[0])
        elif isinstance(node.func, ast.Name) and node.func.id in self.functions:
            function = self.functions[node.func.id]
            names = [arg.arg for arg in (*function.args.posonlyargs, *function.args.args)]
            bound = dict(zip(names, (self.value(arg) for arg in node.args), strict=False))
            bound.update({kw.arg: self.value(kw.value) for kw in node.keywords if kw.arg})
            yield from self.walk(function, bound)

    @contextmanager
    def _because(self, why: str | None) -> Iterator[None]:
        if why:
            self.why_not.append(why)
        try:
            yield
        finally:
            if why:
                self.why_not.pop()


def parse_module(text: str) -> ast.Module | None:
    """The module, or None when it is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """A call's keyword argument."""
    return next((kw.value for kw in call.keywords if kw.arg == name), None)


def decorator(function: Function, names: frozenset[str]) -> ast.expr | None:
    """The decorator whose last name is one of these."""
    for node in function.decorator_list:
        target = node.func if isinstance(node, ast.Call) else node
        if (target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", None)) in names:
            return node
    return None


def _listed(value: Value) -> list[str]:
    return value if isinstance(value, list) else [UNKNOWN] if value is None else [str(value)]


def _raises(handler: ast.ExceptHandler) -> bool:
    """Whether a handler ends in raising again or in leaving with an error."""
    for node in handler.body:
        if isinstance(node, ast.Raise):
            return True
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            name = ast.unparse(node.value.func)
            if name.endswith(".error") and "log" not in name:
                return True
            if name in ("sys.exit", "exit") and node.value.args and ast.unparse(node.value.args[0]) != "0":
                return True
    return False

"""What pytest hands to a test: fixtures found as pytest finds them, parameters, marks of function, class and module."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .modules import Class, External, Function, Imported, Module, Value
from .static import static

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .modules import FunctionNode, Project
    from .scope import Scope

MAX_FIXTURES = 60


@dataclass(frozen=True, slots=True)
class Decorator:
    """One decorator or mark: its dotted name ("?" when unknown), its call if it is one, its symbol, and its module."""

    dotted: str
    call: ast.Call | None
    function: Function | None
    module: Module
    line: int


@dataclass(slots=True)
class Parameters:
    """The arguments that `parametrize` gives: for each name the expressions of its values; None: they cannot be read."""

    values: dict[str, list[ast.expr] | None] = field(default_factory=dict)
    empty: Decorator | None = None


class Fixtures:
    """Looks fixtures and marks up, for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._of_module: dict[str, dict[str, Function]] = {}

    def of_module(self, module: Module) -> dict[str, Function]:
        """The fixtures visible in a file by their name: defined there, imported, or of its `pytest_plugins`."""
        if module.path not in self._of_module:
            found: dict[str, Function] = {}
            self._of_module[module.path] = found
            for plugin in self._plugins(module):
                found.update(self.of_module(plugin))
            for star in module.stars:
                source = self.project.imported(Imported(star.module, None, star.level), module.path)
                if isinstance(source, Module):
                    found.update(self.of_module(source))
            for name, binding in module.names.items():
                symbol: object = None
                if isinstance(binding, ast.FunctionDef | ast.AsyncFunctionDef):
                    symbol = Function(module, binding)
                elif isinstance(binding, Imported):
                    symbol = self.project.symbol(module, name)
                if isinstance(symbol, Function) and (mark := fixture_mark(symbol.node)) is not None:
                    found[_given_name(mark) or name] = symbol
        return self._of_module[module.path]

    def _plugins(self, module: Module) -> Iterator[Module]:
        binding = module.names.get("pytest_plugins")
        if isinstance(binding, ast.expr):
            for node in ast.walk(binding):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    path = self.project.find(node.value, module.path)
                    plugin = self.project.module(path) if path else None
                    if plugin is not None:
                        yield plugin

    def find(self, name: str, function: Function) -> Function | None:
        """The fixture that a test of this name's argument gets, or None: a plugin's, or no fixture."""
        if function.owner is not None:
            method = self.project.method(function.owner, name)
            if isinstance(method, Function) and fixture_mark(method.node) is not None:
                return method
        for module in self._chain(function.module):
            found = self.of_module(module).get(name)
            # A fixture may override one of the same name and ask for it.
            if found is not None and found.node is not function.node:
                return found
        return None

    def _chain(self, module: Module) -> Iterator[Module]:
        """The file itself, then every conftest.py up the folders."""
        yield module
        folder = module.folder
        while True:
            path = f"{folder}/conftest.py" if folder else "conftest.py"
            conftest = self.project.module(path) if path != module.path else None
            if conftest is not None:
                yield conftest
            if not folder:
                return
            folder = folder.rpartition("/")[0]

    def autouse(self, function: Function) -> Iterator[Function]:
        """Fixtures that apply without being asked for."""
        for module in self._chain(function.module):
            for fixture in self.of_module(module).values():
                if is_autouse(fixture.node):
                    yield fixture
        if function.owner is not None:
            classes = [cls for cls in self.project.ancestry(function.owner) if isinstance(cls, Class)]
            for cls in classes:
                for statement in cls.node.body:
                    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and is_autouse(statement):
                        yield Function(cls.module, statement, function.owner)

    def requested(self, function: Function, parameters: Parameters, names: list[str]) -> list[Function]:
        """Every fixture that runs for a test: asked for by argument or by name, automatic, and what those ask for."""
        found: dict[int, Function] = {}
        queue = list(self.autouse(function))
        for name in (*arguments(function.node), *names):
            if name not in parameters.values:
                fixture = self.find(name, function)
                if fixture is not None:
                    queue.append(fixture)
        while queue and len(found) < MAX_FIXTURES:
            fixture = queue.pop(0)
            if id(fixture.node) in found:
                continue
            found[id(fixture.node)] = fixture
            for name in arguments(fixture.node):
                inner = self.find(name, fixture)
                if inner is not None:
                    queue.append(inner)
        return list(found.values())

    # ---- marks

    def decorators(self, function: Function, scope: Scope) -> Iterator[Decorator]:
        """Decorators of the function, then marks of its class, of the class's bases and of its module."""
        for expr in function.node.decorator_list:
            yield self._decorator(expr, scope, function.module)
        if function.owner is not None:
            for cls in self.project.ancestry(function.owner):
                if isinstance(cls, Class):
                    for expr in cls.node.decorator_list:
                        yield self._decorator(expr, None, cls.module)
                    yield from self._pytestmark(cls.node.body, cls.module)
        yield from self._pytestmark(function.module.tree.body, function.module)

    def _pytestmark(self, body: list[ast.stmt], module: Module) -> Iterator[Decorator]:
        for statement in body:
            match statement:
                case ast.Assign(targets=[ast.Name(id="pytestmark")], value=value):
                    for expr in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
                        yield self._decorator(expr, None, module)
                case _:
                    pass

    def _decorator(self, expr: ast.expr, scope: Scope | None, module: Module, hops: int = 0) -> Decorator:
        call = expr if isinstance(expr, ast.Call) else None
        named = call.func if call is not None else expr
        symbol = self.project.dotted(named, module) if scope is None else scope.symbol(named)
        line = expr.lineno
        if isinstance(symbol, Value) and symbol.expr is not None and hops < 3:
            # `slow = pytest.mark.skipif(...)`, used as a decorator by its name.
            return self._decorator(symbol.expr, None, symbol.module, hops + 1)
        if isinstance(symbol, External):
            return Decorator(symbol.dotted, call, None, module, line)
        if isinstance(symbol, Function):
            return Decorator(f"?{symbol.node.name}", call, symbol, module, line)
        plain = (
            isinstance(named, ast.Name) and symbol is None and named.id in {"staticmethod", "classmethod", "property"}
        )
        return Decorator("builtins" if plain else "?", call, None, module, line)

    def parameters(self, decorators: list[Decorator], scope: Scope) -> Parameters:
        """What `parametrize` marks give to the test."""
        found = Parameters()
        for decorator in decorators:
            if decorator.dotted != "pytest.mark.parametrize" or decorator.call is None:
                continue
            arguments_ = {keyword.arg: keyword.value for keyword in decorator.call.keywords}
            positional = decorator.call.args
            names = _names(positional[0] if positional else arguments_.get("argnames"))
            listed = positional[1] if len(positional) > 1 else arguments_.get("argvalues")
            if listed is None:
                continue
            if static(listed, scope) in ([], (), {}) and decorator.module is scope.module:
                found.empty = decorator
            rows = self._rows(listed, decorator.module)
            for place, name in enumerate(names):
                found.values[name] = None if rows is None else [_cell(row, place, len(names)) for row in rows]
        return found

    def _rows(self, listed: ast.expr, module: Module) -> list[ast.expr] | None:
        if isinstance(listed, ast.Name):
            symbol = self.project.symbol(module, listed.id)
            if not isinstance(symbol, Value) or symbol.expr is None or isinstance(symbol.expr, ast.Name):
                return None
            return self._rows(symbol.expr, symbol.module)
        if isinstance(listed, ast.List | ast.Tuple | ast.Set):
            return listed.elts
        return None


def fixture_mark(node: FunctionNode) -> ast.expr | None:
    """The decorator that makes a function a fixture, or None."""
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        last = named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
        if last in {"fixture", "yield_fixture"}:
            return decorator
    return None


def arguments(node: FunctionNode) -> list[str]:
    """The names of the arguments that pytest would fill with fixtures."""
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [argument.arg for argument in given if argument.arg not in {"self", "cls"}]


def is_autouse(node: FunctionNode) -> bool:
    """Whether the fixture applies without being asked for."""
    mark = fixture_mark(node)
    return mark is not None and _is_true(mark, "autouse")


def answers(node: FunctionNode) -> list[ast.expr]:
    """What a fixture, or any function, returns or yields; nested functions are left out."""
    found: list[ast.expr] = []
    stack: list[ast.AST] = list(node.body)
    while stack:
        one = stack.pop()
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(one, ast.Return | ast.Yield) and one.value is not None:
            found.append(one.value)
        stack.extend(ast.iter_child_nodes(one))
    return found


def first_yield(node: FunctionNode) -> int | None:
    """The line from which a fixture tears down, or None when it has no `yield`."""
    stack: list[ast.AST] = list(node.body)
    lines: list[int] = []
    while stack:
        one = stack.pop()
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(one, ast.Yield | ast.YieldFrom):
            lines.append(one.lineno)
        stack.extend(ast.iter_child_nodes(one))
    return min(lines, default=None)


def _given_name(mark: ast.expr) -> str | None:
    for keyword in mark.keywords if isinstance(mark, ast.Call) else ():
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, str):
            return keyword.value.value
    return None


def _is_true(mark: ast.expr, name: str) -> bool:
    return isinstance(mark, ast.Call) and any(
        keyword.arg == name and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in mark.keywords
    )


def _names(expr: ast.expr | None) -> list[str]:
    match expr:
        case ast.Constant(value=str(text)):
            return [name.strip() for name in text.split(",") if name.strip()]
        case ast.List(elts=elts) | ast.Tuple(elts=elts):
            return [part.value for part in elts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        case _:
            return []


def _cell(row: ast.expr, place: int, width: int) -> ast.expr:
    """The value for one name in one row of `parametrize`; the row itself when it cannot be taken apart."""
    if isinstance(row, ast.Call) and ast.unparse(row.func).endswith("param") and len(row.args) > place:
        return row.args[place]
    if width > 1 and isinstance(row, ast.Tuple | ast.List) and len(row.elts) > place:
        return row.elts[place]
    return row


def constant(call: ast.Call | None, name: str, scope: Scope) -> object:
    """The value of a keyword of a mark: UNKNOWN when only a run can tell it, None when the keyword is absent."""
    for keyword in call.keywords if call is not None else ():
        if keyword.arg == name:
            return static(keyword.value, scope)
    return None

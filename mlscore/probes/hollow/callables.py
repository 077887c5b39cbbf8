"""What an expression may hold that can be called: functions, closures that factories return, objects of helper classes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .modules import Class, External, Function, Value
from .objects import class_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .calls import Calls
    from .scope import Scope

MAX_DEPTH = 6


class Callables:
    """Follows values through assignments, factories, fixtures, containers and `self`; `calls` belongs to the function."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.analysis = calls.analysis

    # ---- objects

    def class_of(self, expr: ast.expr, scope: Scope, depth: int = 0) -> Class | None:
        """The project's class that an expression is an object of, as far as assignments and returns tell."""
        if depth > MAX_DEPTH:
            return None
        made = class_of(expr, scope)
        if made is not None:
            return made if isinstance(made, Class) else None
        match expr:
            case ast.Name(id=name):
                return self._class_of_name(name, scope, depth)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attr):
                for value, where in self._assigned_to_self(attr, scope):
                    found = self.class_of(value, where, depth + 1)
                    if found is not None:
                        return found
                return None
            case ast.Call(func=func):
                return self._class_of_result(func, scope, depth)
            case ast.Await(value=value) | ast.NamedExpr(value=value):
                return self.class_of(value, scope, depth + 1)
            case _:
                return None

    def _class_of_name(self, name: str, scope: Scope, depth: int) -> Class | None:
        if name == "self" and scope.owner is not None:
            return scope.owner
        home = scope.home(name)
        if home is None:
            symbol = scope.project.symbol(scope.module, name)
            return self._class_of_value(symbol, depth) if isinstance(symbol, Value) else None
        value = home.value(name)
        if value is not None:
            return self.class_of(value, home, depth + 1)
        if name in home.managers:
            return self.class_of(home.managers[name], home, depth + 1)
        if name not in home.params:
            return None
        annotated = home.annotation(name)
        if annotated is not None:
            return annotated
        fixture = self.analysis.fixtures.find(name, home.function)
        return self._class_of_answer(fixture, depth) if fixture is not None else None

    def _class_of_value(self, value: Value, depth: int) -> Class | None:
        """The class of a module-level object made by a factory."""
        if not isinstance(value.expr, ast.Call):
            return None
        made = self.analysis.project.dotted(value.expr.func, value.module)
        if isinstance(made, Class):
            return made
        return self._class_of_answer(made, depth) if isinstance(made, Function) else None

    def _class_of_result(self, func: ast.expr, scope: Scope, depth: int) -> Class | None:
        if isinstance(func, ast.Name) and func.id == "cls":
            return scope.owner
        symbol = scope.symbol(func)
        if symbol is None and isinstance(func, ast.Attribute):
            owner = self.class_of(func.value, scope, depth + 1)
            symbol = self.analysis.project.method(owner, func.attr) if owner is not None else None
        return self._class_of_answer(symbol, depth) if isinstance(symbol, Function) else None

    def _class_of_answer(self, function: Function, depth: int) -> Class | None:
        scope = self.analysis.scope(function)
        for answer in self.analysis.answers(function):
            found = self.class_of(answer, scope, depth + 1)
            if found is not None:
                return found
        return scope.class_named(function.node.returns)

    def _assigned_to_self(self, attr: str, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
        """The values that a class's methods, or its body, give to `self.attr`."""
        owner = scope.owner
        for cls in self.analysis.project.ancestry(owner) if owner is not None else ():
            if isinstance(cls, Class):
                for value, method in self.analysis.attributes(cls).get(attr, ()):
                    where = (
                        scope if method is None else self.analysis.scope(Function(cls.module, method, owner, cls.outer))
                    )
                    yield value, where

    # ---- functions

    def functions(self, expr: ast.expr, scope: Scope, depth: int = 0) -> Iterator[Function]:
        """The project's functions that calling the expression may call."""
        if depth > MAX_DEPTH:
            return
        symbol = scope.symbol(expr)
        if isinstance(symbol, Function):
            yield symbol
            return
        match expr:
            case ast.IfExp(body=body, orelse=orelse):
                yield from self.functions(body, scope, depth + 1)
                yield from self.functions(orelse, scope, depth + 1)
            case ast.BoolOp(values=values):
                for value in values:
                    yield from self.functions(value, scope, depth + 1)
            case ast.Subscript(value=value):
                yield from self.items(value, scope, depth + 1)
            case ast.Call(func=func, args=args):
                yield from self._of_result(func, args, scope, depth)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=attr):
                for value, where in self._assigned_to_self(attr, scope):
                    yield from self.functions(value, where, depth + 1)
            case ast.Name(id=name):
                yield from self._of_name(expr, name, scope, depth)
            case _:
                pass
        owner = self.class_of(expr, scope, depth + 1)
        method = self.analysis.project.method(owner, "__call__") if owner is not None else None
        if isinstance(method, Function):
            yield method

    def _of_result(self, func: ast.expr, args: list[ast.expr], scope: Scope, depth: int) -> Iterator[Function]:
        symbol = scope.symbol(func)
        if isinstance(symbol, External) and symbol.last == "partial" and args:
            yield from self.functions(args[0], scope, depth + 1)
        elif isinstance(symbol, Function):
            inner = self.analysis.scope(symbol)
            for answer in self.analysis.answers(symbol):
                yield from self.functions(answer, inner, depth + 1)

    def _of_name(self, expr: ast.Name, name: str, scope: Scope, depth: int) -> Iterator[Function]:
        home = scope.home(name)
        if home is None:
            iterated = _comprehended(expr, scope)
            if iterated is not None:
                yield from self.items(iterated, scope, depth + 1)
            symbol = scope.project.symbol(scope.module, name)
            if isinstance(symbol, Value) and isinstance(symbol.expr, ast.Call):
                made = scope.project.dotted(symbol.expr.func, symbol.module)
                arguments = symbol.expr.args if isinstance(made, External) and made.last == "partial" else []
                held = scope.project.dotted(arguments[0], symbol.module) if arguments else None
                if isinstance(held, Function):
                    yield held
            return
        value = home.value(name)
        if value is not None:
            yield from self.functions(value, home, depth + 1)
        elif name in home.iterated:
            yield from self.items(home.iterated[name], home, depth + 1)
        elif name in home.params:
            fixture = self.analysis.fixtures.find(name, home.function)
            if fixture is not None:
                where = self.analysis.scope(fixture)
                for answer in self.analysis.answers(fixture):
                    yield from self.functions(answer, where, depth + 1)

    def items(self, expr: ast.expr, scope: Scope, depth: int = 0) -> Iterator[Function]:
        """The project's functions among the items of a container or of what a generator yields."""
        if depth > MAX_DEPTH:
            return
        match expr:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                for part in elts:
                    yield from self.functions(part, scope, depth + 1)
                    yield from self.items(part, scope, depth + 1)
            case ast.Dict(values=values):
                for value in values:
                    yield from self.functions(value, scope, depth + 1)
            case ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "copy")):
                yield from self.items(value, scope, depth + 1)
            case ast.Call(func=ast.Name(id="zip" | "enumerate" | "list" | "reversed" | "sorted"), args=args):
                for argument in args:
                    yield from self.items(argument, scope, depth + 1)
            case ast.Call():
                yield from self.functions(expr, scope, depth + 1)
            case ast.Name(id=name):
                home = scope.home(name)
                held = home.value(name) if home is not None else None
                if home is not None and held is not None:
                    yield from self.items(held, home, depth + 1)
                elif home is None:
                    symbol = scope.project.symbol(scope.module, name)
                    here = isinstance(symbol, Value) and symbol.module is scope.module
                    if here and isinstance(symbol, Value) and isinstance(symbol.expr, ast.List | ast.Tuple | ast.Dict):
                        yield from self.items(symbol.expr, scope, depth + 1)
            case _:
                pass


def _comprehended(name: ast.Name, scope: Scope) -> ast.expr | None:
    """What a comprehension around a name iterates over, when the name is one of its targets."""
    child: ast.AST = name
    while (parent := scope.parents.get(child)) is not None:
        if isinstance(parent, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            for generator in parent.generators:
                if any(isinstance(n, ast.Name) and n.id == name.id for n in ast.walk(generator.target)):
                    return generator.iter
        child = parent
    return None


def is_inner(name: ast.Name, scope: Scope) -> bool:
    """Whether a comprehension or a lambda around a name binds it."""
    child: ast.AST = name
    while (parent := scope.parents.get(child)) is not None:
        if isinstance(parent, ast.Lambda) and any(argument.arg == name.id for argument in parent.args.args):
            return True
        child = parent
    return _comprehended(name, scope) is not None

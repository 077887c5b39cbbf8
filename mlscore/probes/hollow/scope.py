"""The names inside one function: what each is bound to, as far as the text tells without running anything."""

from __future__ import annotations

import ast
import copy
from functools import cached_property
from typing import TYPE_CHECKING

from .modules import Class, External, Function, Imported, Module, Value, bindings, each, stored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .modules import FunctionNode, Project, Symbol

MAX_DEPTH = 8
_CONDITIONAL = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.TryStar, ast.match_case, ast.ExceptHandler)


class Scope:
    """One function's names, inside its module and the functions around it."""

    def __init__(self, project: Project, function: Function, outer: Scope | None = None) -> None:
        self.project = project
        self.function = function
        self.module = function.module
        self.outer = outer
        if outer is None and function.outer is not None:
            self.outer = Scope(project, function.outer)
        self.node = function.node
        self.params = tuple(_parameters(function.node))
        self.imports: dict[str, Imported] = {}
        self.nested: dict[str, FunctionNode] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.managers: dict[str, ast.expr] = {}
        self.iterated: dict[str, ast.expr] = {}
        self.unpacked: dict[str, ast.expr] = {}
        self._values: dict[str, ast.expr] = {}
        self._certain: dict[str, bool] = {}
        self._looped: set[str] = set()
        self._parents: dict[ast.AST, ast.AST] = {}
        self._times: dict[str, int] = dict.fromkeys(self.params, 1)
        self._collect(function.node)

    def _collect(self, node: FunctionNode) -> None:
        for statement in each(node.body):
            for name, binding in bindings(statement):
                self._times[name] = self._times.get(name, 0) + 1
                match binding:
                    case Imported():
                        self.imports[name] = binding
                    case ast.FunctionDef() | ast.AsyncFunctionDef():
                        self.nested[name] = binding
                    case ast.ClassDef():
                        self.classes[name] = binding
                    case ast.expr():
                        self._values[name] = binding
            if isinstance(statement, ast.For | ast.AsyncFor):
                for name in stored(statement.target):
                    self.iterated[name] = statement.iter
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    if isinstance(target, ast.Tuple | ast.List):
                        self._values.update(_paired(target, statement.value))
                        self.unpacked.update(dict.fromkeys(stored(target), statement.value))
            if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
                for inner in each(statement.body):
                    self._looped.update(name for name, _ in bindings(inner))
            if isinstance(statement, ast.With | ast.AsyncWith):
                for item in statement.items:
                    if isinstance(item.optional_vars, ast.Name):
                        self.managers[item.optional_vars.id] = item.context_expr
        for inner_node in self.nodes:
            if isinstance(inner_node, ast.Nonlocal | ast.Global):
                for name in inner_node.names:
                    self._times[name] = self._times.get(name, 0) + 2
            elif isinstance(inner_node, ast.NamedExpr) and isinstance(inner_node.target, ast.Name):
                self._times[inner_node.target.id] = self._times.get(inner_node.target.id, 0) + 1
            elif isinstance(inner_node, ast.MatchAs | ast.MatchStar) and inner_node.name:
                self._times[inner_node.name] = self._times.get(inner_node.name, 0) + 1

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the function's body, nested functions included."""
        # Written out rather than by `ast.walk`: this is what the analysis spends most of its time on.
        found: list[ast.AST] = []
        parents: dict[ast.AST, ast.AST] = {}
        for statement in self.node.body:
            queue: list[ast.AST] = [statement]
            for node in queue:
                for field in node._fields:
                    value = getattr(node, field, None)
                    for child in value if isinstance(value, list) else (value,):
                        if isinstance(child, ast.AST):
                            queue.append(child)
                            parents[child] = node
            found += queue
        self._parents = parents
        return found

    @property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The parent of each node of the function's body."""
        return self._parents if self.nodes else {}

    @cached_property
    def loads(self) -> dict[str, list[ast.Name]]:
        """Where each plain name is read, nested functions included."""
        found: dict[str, list[ast.Name]] = {}
        for node in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                found.setdefault(node.id, []).append(node)
        return found

    def binds(self, name: str) -> bool:
        """Whether the function itself binds the name."""
        return name in self._times

    def times(self, name: str) -> int:
        """How often the function binds the name; more than once: by what cannot be told."""
        return self._times.get(name, 0)

    def once(self, name: str) -> bool:
        """Whether the function binds the name exactly once, outside of any loop."""
        return self._times.get(name) == 1 and name not in self._looped

    def value(self, name: str) -> ast.expr | None:
        """The expression that a name of this function is bound to, when it is bound by one plain assignment only.

        An assignment in a branch or loop counts only for reads in the same block: elsewhere the name may be unbound.
        """
        if self._times.get(name) != 1 or name not in self._values:
            return None
        if name not in self._certain:
            self._certain[name] = self._reaches_every_read(name)
        return self._values[name] if self._certain[name] else None

    def _reaches_every_read(self, name: str) -> bool:
        statement: ast.AST = self.parents[self._values[name]]
        child = statement
        while (parent := self.parents.get(child)) is not None:
            if isinstance(parent, _CONDITIONAL):
                block = next((b for b in _blocks(parent) if any(part is child for part in b)), None)
                inside = {id(part) for part in block or ()}
                return all(self._stands_in(load, inside) for load in self.loads.get(name, ()))
            child = parent
        return True

    def _stands_in(self, node: ast.AST | None, block: set[int]) -> bool:
        """Whether a node stands somewhere inside the statements that have these identities."""
        while node is not None and id(node) not in block:
            node = self.parents.get(node)
        return node is not None

    def symbol(self, expr: ast.expr, depth: int = 0) -> Symbol | None:
        """What a name or chain of attributes stands for; an alias (`f = module.f`) is followed; None: a plain value."""
        if depth > MAX_DEPTH:
            return None
        match expr:
            case ast.Name(id=name):
                return self._name(name, depth)
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super")), attr=attr):
                return self._inherited(attr)
            case ast.Attribute(value=value, attr=attr):
                owner = self.owner
                if owner is not None and isinstance(value, ast.Name) and value.id in {"self", "cls"}:
                    return self.project.member(owner, attr)
                base = self.symbol(value, depth + 1)
                if base is None or isinstance(base, Value):
                    cls = self.instance_of(value, depth + 1)
                    return self.project.member(cls, attr) if isinstance(cls, Class) else None
                return self.project.member(base, attr)
            case _:
                return None

    @property
    def owner(self) -> Class | None:
        """The class whose method this function, or a function around it, is."""
        if self.function.owner is not None:
            return self.function.owner
        return self.outer.owner if self.outer is not None else None

    def _inherited(self, attr: str) -> Symbol | None:
        if self.owner is None:
            return None
        for base in self.project.ancestry(self.owner)[1:]:
            if isinstance(base, Class):
                found = self.project.method(base, attr)
                if found is not None:
                    return found
        return None

    def _name(self, name: str, depth: int) -> Symbol | None:
        if name in self.nested and self._times.get(name) == 1:
            return Function(self.module, self.nested[name], None, self.function)
        if name in self.classes:
            return Class(self.module, self.classes[name], self.function)
        if name in self.imports:
            return self.project.imported(self.imports[name], self.module.path)
        if self.binds(name):
            value = self.value(name)
            return self.symbol(value, depth + 1) if isinstance(value, ast.Name | ast.Attribute) else None
        if self.outer is not None:
            return self.outer._name(name, depth + 1)
        return self.project.symbol(self.module, name)

    def home(self, name: str) -> Scope | None:
        """The function, this one or one around it, that binds the name; None: the module or nobody."""
        if self.binds(name):
            return self
        return self.outer.home(name) if self.outer is not None else None

    def instance_of(self, expr: ast.expr, depth: int = 0) -> Class | External | None:
        """The class that an expression is certainly a direct instance of: a call of a class, or a name bound to one."""
        if depth > MAX_DEPTH:
            return None
        match expr:
            case ast.Call(func=func):
                symbol = self.symbol(func, depth + 1)
                if isinstance(symbol, Class):
                    return symbol
                return symbol if isinstance(symbol, External) and is_class_name(symbol.last) else None
            case ast.Name(id="self") if self.owner is not None:
                return self.owner
            case ast.Name(id=name):
                home = self.home(name)
                if home is not None:
                    value = home.value(name)
                    return home.instance_of(value, depth + 1) if value is not None else None
                symbol = self.project.symbol(self.module, name)
                if isinstance(symbol, Value) and symbol.single and isinstance(symbol.expr, ast.Call):
                    made = self.project.dotted(symbol.expr.func, symbol.module)
                    if isinstance(made, Class) or (isinstance(made, External) and is_class_name(made.last)):
                        return made
                return None
            case _:
                return None

    def library(self, expr: ast.expr, depth: int = 0) -> str | None:
        """The dotted name of what an expression was made by, outside the project: `np.ones(3).sum()` is numpy.ones.

        "" stands for something of the project or a literal, "?" for what cannot be told; None for a plain parameter.
        """
        if depth > MAX_DEPTH:
            return "?"
        match expr:
            case ast.Name(id=name):
                return self._library_of_name(expr, name, depth)
            case ast.Attribute(value=value):
                symbol = self.symbol(expr)
                if isinstance(symbol, External):
                    return symbol.dotted
                return "" if symbol is not None else self.library(value, depth + 1)
            case ast.Call(func=func):
                return self.library(func, depth + 1)
            case ast.Subscript(value=value) | ast.Await(value=value) | ast.Starred(value=value):
                return self.library(value, depth + 1)
            case ast.NamedExpr(value=value):
                return self.library(value, depth + 1)
            case _:
                return ""

    def _library_of_name(self, expr: ast.expr, name: str, depth: int) -> str | None:
        symbol = self.symbol(expr)
        if isinstance(symbol, External):
            return symbol.dotted
        if isinstance(symbol, Value):
            if symbol.expr is None:
                return ""
            made = self.project.dotted(symbol.expr, symbol.module)
            return made.dotted if isinstance(made, External) else ""
        if symbol is not None:
            return ""
        home = self.home(name)
        if home is None:
            return ""
        for table in (home._values, home.managers, home.iterated):
            if name in table:
                return home.library(table[name], depth + 1)
        return None if name in home.params else ""

    def annotation(self, name: str) -> Class | None:
        """The project's class that an argument is annotated with."""
        arguments = self.node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.arg == name:
                return self.class_named(argument.annotation)
        return None

    def class_named(self, annotation: ast.expr | None) -> Class | None:
        """The project's class that an annotation names; one written as a text is read too."""
        if (
            isinstance(annotation, ast.Constant)
            and isinstance(annotation.value, str)
            and annotation.value.isidentifier()
        ):
            annotation = ast.Name(id=annotation.value, ctx=ast.Load())
        symbol = self.symbol(annotation) if isinstance(annotation, ast.Name | ast.Attribute) else None
        return symbol if isinstance(symbol, Class) else None

    def root_name(self, expr: ast.expr, depth: int = 0) -> str | None:
        """The plain name that an expression starts from, followed through this function's assignments."""
        while isinstance(expr, ast.Attribute | ast.Subscript | ast.Call | ast.Await):
            expr = expr.func if isinstance(expr, ast.Call) else expr.value
        if not isinstance(expr, ast.Name):
            return None
        for table in (self._values, self.managers, self.iterated):
            if expr.id in table and depth < MAX_DEPTH and expr.id not in self.params:
                return self.root_name(table[expr.id], depth + 1)
        return expr.id

    def inside(self, generators: list[ast.comprehension]) -> Scope:
        """The same scope as seen inside a comprehension, whose targets hide the function's names."""
        inner = copy.copy(self)
        inner._times = dict(self._times)
        inner._values = dict(self._values)
        inner._certain = dict(self._certain)
        inner.iterated = dict(self.iterated)
        for generator in generators:
            for name in stored(generator.target):
                inner._times[name] = 2
                inner._values.pop(name, None)
                inner.iterated[name] = generator.iter
        return inner

    def is_module(self, expr: ast.expr) -> bool:
        """Whether the expression is a module or package that an import statement has bound."""
        symbol = self.symbol(expr)
        return isinstance(symbol, Module) or (isinstance(symbol, External) and symbol.whole)


def _paired(target: ast.Tuple | ast.List, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    """Each name of `a, b = 1, 2` with its part of the right-hand side."""
    if not isinstance(value, ast.Tuple | ast.List) or len(value.elts) != len(target.elts):
        return
    if any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts)):
        return
    for name, part in zip(target.elts, value.elts, strict=True):
        if isinstance(name, ast.Name):
            yield name.id, part


def is_class_name(name: str) -> bool:
    """Whether a call of this name constructs an object, by the convention for class names."""
    return name[:1].isupper()


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """The blocks of one compound statement, each apart."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])


def _parameters(node: FunctionNode) -> Iterator[str]:
    arguments = node.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield argument.arg
    for extra in (arguments.vararg, arguments.kwarg):
        if extra is not None:
            yield extra.arg

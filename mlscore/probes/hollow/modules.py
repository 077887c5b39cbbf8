"""The project's Python files, parsed once, and what a name in one of them stands for."""

from __future__ import annotations

import ast
import builtins
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location

from .known import is_silent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlscore.project.tree import Tree

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
MAX_HOPS = 12


@dataclass(frozen=True, slots=True)
class Imported:
    """A name bound by an import: a module's dotted name, the name taken from it (None: the module), the level of dots."""

    module: str
    name: str | None
    level: int


Binding = FunctionNode | ast.ClassDef | ast.expr | Imported | None


@dataclass(slots=True)
class Module:
    """One parsed file and the names that it binds at its top level."""

    path: str
    tree: ast.Module
    names: dict[str, Binding] = field(default_factory=dict)
    times_bound: dict[str, int] = field(default_factory=dict)
    stars: list[Imported] = field(default_factory=list)
    rebound: frozenset[str] = frozenset()
    changed: frozenset[str] | None = None

    @property
    def folder(self) -> str:
        """The folder of the file, "" for the root."""
        return self.path.rpartition("/")[0]

    def at(self, node: ast.AST) -> Location:
        """Where a node of this file stands."""
        return Location(self.path, getattr(node, "lineno", None))


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function or method of the project; `outer` is the function that it is nested in."""

    module: Module
    node: FunctionNode
    owner: Class | None = None
    outer: Function | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the project."""

    module: Module
    node: ast.ClassDef
    outer: Function | None = None


@dataclass(frozen=True, slots=True)
class Value:
    """A module-level name bound to an expression, by exactly one plain assignment when `single`."""

    module: Module
    expr: ast.expr | None
    single: bool


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the project, by its dotted name; `whole` when an import binds it as a module."""

    dotted: str
    origin: str
    whole: bool = False

    @property
    def root(self) -> str:
        """The top-level package."""
        return self.dotted.partition(".")[0]

    @property
    def last(self) -> str:
        """The name's last part."""
        return self.dotted.rpartition(".")[2]


Symbol = Function | Class | Value | External | Module


def index(path: str, tree: ast.Module, has_globals: bool = True) -> Module:
    """The module with its top-level names, also those bound inside `if`, `try` and `with`."""
    module = Module(path, tree)
    stack: list[ast.stmt] = list(reversed(tree.body))
    while stack:
        statement = stack.pop()
        for name, binding in bindings(statement):
            if name == "*" and isinstance(binding, Imported):
                module.stars.append(binding)
                continue
            module.times_bound[name] = module.times_bound.get(name, 0) + 1
            # `try: import x` / `except ImportError: x = None`: what was imported or defined says more.
            if isinstance(binding, Imported | FunctionNode | ast.ClassDef) or not isinstance(
                module.names.get(name), Imported | FunctionNode | ast.ClassDef
            ):
                module.names[name] = binding
        stack.extend(reversed(blocks(statement)))
    if has_globals:
        globals_ = (node for node in ast.walk(tree) if isinstance(node, ast.Global))
        module.rebound = frozenset(name for node in globals_ for name in node.names)
    return module


def blocks(statement: ast.stmt) -> list[ast.stmt]:
    """The statements inside a compound statement that share its namespace, in order."""
    if isinstance(statement, FunctionNode | ast.ClassDef):
        return []
    inside: list[ast.stmt] = []
    for name in ("body", "handlers", "orelse", "finalbody", "cases"):
        for part in getattr(statement, name, ()):
            inside.extend(part.body if isinstance(part, ast.ExceptHandler | ast.match_case) else [part])
    return inside


def bindings(statement: ast.stmt) -> Iterator[tuple[str, Binding]]:
    """The names that one statement binds by itself; a binding of None says: bound, but to nothing that can be read."""
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield statement.name, statement
        case ast.Import():
            for alias in statement.names:
                name = alias.asname or alias.name.partition(".")[0]
                yield name, Imported(alias.name if alias.asname else name, None, 0)
        case ast.ImportFrom():
            for alias in statement.names:
                yield alias.asname or alias.name, Imported(statement.module or "", alias.name, statement.level)
        case ast.Assign():
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, statement.value
                else:
                    yield from ((name, None) for name in stored(target))
        case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None:
            yield name, value
        case ast.AugAssign():
            yield from ((name, None) for name in stored(statement.target))
        case ast.For() | ast.AsyncFor():
            yield from ((name, None) for name in stored(statement.target))
        case ast.With() | ast.AsyncWith():
            for item in statement.items:
                if item.optional_vars is not None:
                    yield from ((name, None) for name in stored(item.optional_vars))
        case ast.Delete():
            for target in statement.targets:
                yield from ((name, None) for name in stored(target))
        case ast.Try() | ast.TryStar():
            yield from ((handler.name, None) for handler in statement.handlers if handler.name)
        case _:
            pass


def stored(target: ast.expr) -> Iterator[str]:
    """The plain names in an assignment's target."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from stored(part)
    elif isinstance(target, ast.Starred):
        yield from stored(target.value)


class Project:
    """Finds the project's modules, functions and classes by name. Each file is read and parsed once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._modules: dict[str, Module | None] = {}
        self._found: dict[tuple[str, str], str | None] = {}
        self._symbols: dict[tuple[str, str], Symbol | None] = {}
        self._class_members: dict[int, dict[str, ast.stmt]] = {}
        self._ancestries: dict[int, list[Class | External]] = {}

    @cached_property
    def _files(self) -> frozenset[str]:
        return frozenset(path for path in self.tree.files() if path.endswith(".py"))

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        names: dict[str, list[str]] = {}
        for path in sorted(self._files):
            names.setdefault(path.rpartition("/")[2], []).append(path)
        return names

    def module(self, path: str) -> Module | None:
        """The parsed file, or None: absent, not UTF-8, or not the Python that this interpreter reads."""
        if path not in self._modules:
            self._modules[path] = self._parse(path)
        return self._modules[path]

    def _parse(self, path: str) -> Module | None:
        text = self.tree.text(path)
        if text is None:
            return None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return index(path, ast.parse(text), "global " in text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def _roots(self, origin: str) -> Iterator[str]:
        """Folders that Python looks in for absolute imports of the file, nearest first."""
        folder = origin.rpartition("/")[0]
        while folder:
            if f"{folder}/__init__.py" not in self._files:
                yield folder + "/"
                yield folder + "/src/"
            folder = folder.rpartition("/")[0]
        yield from ("", "src/", "lib/", "python/")

    def find(self, dotted: str, origin: str) -> str | None:
        """The file of a module imported absolutely from the file `origin`, or None: not of this project."""
        key = (dotted, origin.rpartition("/")[0])
        if key not in self._found:
            self._found[key] = self._find(dotted, origin)
        return self._found[key]

    def _find(self, dotted: str, origin: str) -> str | None:
        inner = dotted.replace(".", "/")
        for root in self._roots(origin):
            for path in (f"{root}{inner}.py", f"{root}{inner}/__init__.py"):
                if path in self._files:
                    return path
        if is_silent(dotted.partition(".")[0]):
            return None
        last = inner.rpartition("/")[2]
        ends = (f"/{inner}.py", f"/{inner}/__init__.py")
        candidates = [*self._by_name.get(f"{last}.py", ()), *self._by_name.get("__init__.py", ())]
        anywhere = [path for path in candidates if path.endswith(ends)]
        return anywhere[0] if len(anywhere) == 1 else None

    def imported(self, imported: Imported, origin: str, hops: int = 0) -> Symbol | None:
        """What an import statement of the file `origin` binds."""
        if hops > MAX_HOPS:
            return None
        if imported.level:
            base = origin.rpartition("/")[0].split("/") if "/" in origin else []
            up = imported.level - 1
            if up > len(base):
                return None
            parts = base[: len(base) - up] + (imported.module.split(".") if imported.module else [])
            source = self._relative("/".join(parts))
            if source is None and imported.name is not None:
                source = self._relative("/".join([*parts, imported.name]))
                return self.module(source) if source else None
            module = self.module(source) if source else None
        else:
            source = self.find(imported.module, origin)
            module = self.module(source) if source else None
            if module is None:
                outside = External(imported.module, origin, whole=imported.name is None)
                return outside if imported.name is None else self.member(outside, imported.name, hops + 1)
        if module is None or imported.name is None:
            return module
        return self.member(module, imported.name, hops + 1)

    def _relative(self, inner: str) -> str | None:
        for path in (f"{inner}.py", f"{inner}/__init__.py".lstrip("/")):
            if path in self._files:
                return path
        return None

    def symbol(self, module: Module, name: str, hops: int = 0) -> Symbol | None:
        """What a module-level name stands for, or None: not bound there."""
        if hops > MAX_HOPS:
            return None
        key = (module.path, name)
        if hops == 0 and key in self._symbols:
            return self._symbols[key]
        found = self._symbol(module, name, hops)
        if hops == 0:
            self._symbols[key] = found
        return found

    def _symbol(self, module: Module, name: str, hops: int) -> Symbol | None:
        if name in module.names:
            binding = module.names[name]
            match binding:
                case Imported():
                    return self.imported(binding, module.path, hops + 1)
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    return Function(module, binding)
                case ast.ClassDef():
                    return Class(module, binding)
            single = module.times_bound[name] == 1 and name not in module.rebound
            return Value(module, binding, single and binding is not None)
        for star in module.stars:
            source = self.imported(Imported(star.module, None, star.level), module.path, hops + 1)
            if isinstance(source, Module) and source is not module:
                found = self.symbol(source, name, hops + 1)
                if found is not None:
                    return found
        return None

    def member(self, symbol: Symbol, name: str, hops: int = 0) -> Symbol | None:
        """What `symbol.name` stands for, or None when it cannot be told."""
        match symbol:
            case Module():
                found = self.symbol(symbol, name, hops + 1)
                if found is None and symbol.path.endswith("__init__.py"):
                    source = self._relative(f"{symbol.folder}/{name}" if symbol.folder else name)
                    found = self.module(source) if source else None
                return found
            case External():
                source = self.find(f"{symbol.dotted}.{name}", symbol.origin)
                module = self.module(source) if source else None
                return module or External(f"{symbol.dotted}.{name}", symbol.origin)
            case Class():
                return self.method(symbol, name) or self._class_value(symbol, name)
            case _:
                return None

    def _class_value(self, cls: Class, name: str) -> Value | None:
        for one in self.ancestry(cls):
            if isinstance(one, Class):
                for statement in one.node.body:
                    for bound, binding in bindings(statement):
                        if bound == name and isinstance(binding, ast.expr):
                            return Value(one.module, binding, single=False)
        return None

    def method(self, cls: Class, name: str) -> Function | Class | None:
        """The method, or nested class, of that name, looked for in the base classes too."""
        for one in self.ancestry(cls):
            if isinstance(one, Class):
                statement = self._members(one.node).get(name)
                if isinstance(statement, FunctionNode):
                    return Function(one.module, statement, cls, one.outer)
                if isinstance(statement, ast.ClassDef):
                    return Class(one.module, statement, one.outer)
        return None

    def _members(self, node: ast.ClassDef) -> dict[str, ast.stmt]:
        """A class's methods and nested classes by name; of several definitions Python keeps the last."""
        key = id(node)
        if key not in self._class_members:
            found = (part for part in each(node.body) if isinstance(part, FunctionNode | ast.ClassDef))
            self._class_members[key] = {part.name: part for part in found}
        return self._class_members[key]

    def ancestry(self, cls: Class) -> list[Class | External]:
        """The class and its bases, nearest first; a base outside the project is an External, dotted name "?" if unknown."""
        key = id(cls.node)
        if key not in self._ancestries:
            self._ancestries[key] = self._ancestry(cls)
        return self._ancestries[key]

    def _ancestry(self, cls: Class) -> list[Class | External]:
        found: list[Class | External] = []
        seen: set[int] = set()
        queue: list[Class | External] = [cls]
        while queue and len(found) < 30:
            one = queue.pop(0)
            found.append(one)
            if isinstance(one, External) or id(one.node) in seen:
                continue
            seen.add(id(one.node))
            for base in one.node.bases:
                symbol = self.dotted(base, one.module)
                if symbol is None and isinstance(base, ast.Name) and hasattr(builtins, base.id):
                    continue
                known = isinstance(symbol, Class | External)
                queue.append(symbol if known else External("?", one.module.path))  # type: ignore[arg-type]
        return found

    def dotted(self, expr: ast.expr, module: Module) -> Symbol | None:
        """What a name, or a chain of attributes, at a module's top level stands for."""
        match expr:
            case ast.Name(id=name):
                return self.symbol(module, name)
            case ast.Attribute(value=value, attr=attr):
                base = self.dotted(value, module)
                return None if base is None else self.member(base, attr)
            case ast.Subscript(value=value):
                return self.dotted(value, module)
            case ast.Call(func=func):
                return self.dotted(func, module)
            case _:
                return None

    def function(self, path: str, qualname: str) -> Function | None:
        """The function or method of a file by its qualified name, also one inherited from a base class."""
        module = self.module(path)
        if module is None or not qualname:
            return None
        first, *rest = qualname.split(".")
        symbol = self.symbol(module, first)
        for name in rest:
            if not isinstance(symbol, Class):
                return None
            symbol = self.method(symbol, name)
        return symbol if isinstance(symbol, Function) else None


def each(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Every statement that runs in the same namespace, depth first, in the order of the file."""
    stack = list(reversed(list(statements)))
    while stack:
        statement = stack.pop()
        yield statement
        stack.extend(reversed(blocks(statement)))

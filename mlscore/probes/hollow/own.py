"""Expressions that depend on nothing but what the test itself wrote: its literals, its frames, its mocks.

Strict on purpose: whatever reaches the code under test, or comes from it, a file, a clock or the environment, is the
world, and a check of the world can fail.
"""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from .known import DATA_METHODS
from .modules import Class, External, Function, Imported, Value
from .objects import mock_class, patch_call
from .replaced import Replaced
from .static import PURE_BUILTINS, UNKNOWN, is_builtin, static

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .modules import Symbol
    from .scope import Scope

MAX_DEPTH = 14
Tags = frozenset[str]
LITERAL: Tags = frozenset()
LIBRARY: Tags = frozenset({"library"})
MOCK: Tags = frozenset({"mock"})
STAND_IN: Tags = frozenset({"library", "stand-in"})
PARAMETER: Tags = frozenset({"library", "parameter"})

_DATA_ROOTS = frozenset({"numpy", "pandas"})
# Modules of the standard library whose functions depend on their arguments alone.
_PURE_ROOTS = frozenset({"math", "cmath", "json", "datetime", "statistics", "copy", "operator", "fractions", "decimal"})
_IMPURE = frozenset({"load", "dump", "now", "today", "utcnow", "fromtimestamp", "getcontext", "setcontext"})
_READERS = ("read_", "load", "fromfile", "genfromtxt", "memmap", "get_option", "show_", "now", "today", "test")
_CONSTANTS = frozenset({"nan", "inf", "pi", "e", "NaT", "NA", "newaxis", "Inf", "NaN"})
_OWN_BUILTINS = PURE_BUILTINS | {"zip", "enumerate", "isinstance", "type", "reversed", "repr", "hash", "divmod", "print",
                                 "issubclass", "map", "filter", "iter", "next", "slice", "bytes", "chr", "ord"}  # fmt: skip
_CALL_RECORDS = frozenset(
    {"call_args", "call_args_list", "mock_calls", "method_calls", "call_count", "called", "assert_called_with",
     "assert_called_once_with", "assert_any_call", "assert_has_calls", "assert_called", "assert_called_once"}
)  # fmt: skip
_GENERATORS = frozenset({"default_rng", "RandomState", "SeedSequence"})
_HANDS_OFF_ROOTS = frozenset({"numpy", "pandas", "matplotlib", "seaborn", "pytest"})
_STRUCTURE = (
    ast.BinOp, ast.BoolOp, ast.Compare, ast.UnaryOp, ast.Subscript, ast.Tuple, ast.List, ast.Dict, ast.Set, ast.IfExp,
    ast.JoinedStr, ast.FormattedValue, ast.Slice, ast.Starred,
)  # fmt: skip


class Own:
    """Judges the expressions of one function; `given` tells of parameters (literal lists, fixtures of own data)."""

    def __init__(self, scope: Scope, given: Callable[[str], Tags | None]) -> None:
        self.scope = scope
        self.given = given
        # Whether what is yielded may have been changed when control comes back; not asked of the value yielded.
        self.yields = True
        self._escapes: dict[str, bool] = {}
        self._escaping: set[str] = set()
        self._busy: set[str] = set()
        self.replaced = Replaced(self)
        self._quiet: bool | None = None

    def tags(self, expr: ast.expr, hidden: frozenset[str] = frozenset(), depth: int = 0) -> Tags | None:
        """What the expression is made of, or None when it depends on the world. `hidden` are names of comprehensions."""
        if depth > MAX_DEPTH:
            return None
        match expr:
            case ast.Constant():
                return LITERAL
            case ast.Name(id=name):
                return LITERAL if name in hidden else self._name(expr, name, depth)
            case ast.Attribute():
                return self._attribute(expr, hidden, depth)
            case ast.Call():
                return self._call(expr, hidden, depth)
            case ast.Lambda(args=args, body=body):
                return self.tags(body, hidden | {argument.arg for argument in args.args}, depth + 1)
            case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(expr, hidden, depth)
            case _ if isinstance(expr, _STRUCTURE):
                return self._all((c for c in ast.iter_child_nodes(expr) if isinstance(c, ast.expr)), hidden, depth)
            case _:
                return None

    def _all(self, several: Iterable[ast.expr], hidden: frozenset[str], depth: int) -> Tags | None:
        found: Tags = LITERAL
        for one in several:
            tags = self.tags(one, hidden, depth + 1)
            if tags is None:
                return None
            found |= tags
        return found

    def _comprehension(
        self, expr: ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp, hidden: frozenset[str], depth: int
    ) -> Tags | None:
        parts: list[ast.expr] = []
        for generator in expr.generators:
            parts += [generator.iter, *generator.ifs]
            hidden |= {node.id for node in ast.walk(generator.target) if isinstance(node, ast.Name)}
        parts += [expr.key, expr.value] if isinstance(expr, ast.DictComp) else [expr.elt]
        return self._all(parts, hidden, depth)

    def _name(self, expr: ast.expr, name: str, depth: int) -> Tags | None:
        home = self.scope.home(name)
        if home is None:
            symbol = self.scope.symbol(expr)
            if isinstance(symbol, Value) and static(expr, self.scope) is not UNKNOWN:
                return LITERAL
            known = symbol is None and hasattr(builtins, name)
            return LITERAL if known and (name in _OWN_BUILTINS or name[:1].isupper() or name == "object") else None
        if home is not self.scope or not self.scope.binds(name):
            return None
        if name in self._busy:
            return MOCK if self._mock(expr) else LITERAL
        self._busy.add(name)
        try:
            tags = self._bound(name, depth)
            return None if tags is None or self.escapes(name) else tags
        finally:
            self._busy.discard(name)

    def _bound(self, name: str, depth: int) -> Tags | None:
        scope = self.scope
        if scope.times(name) != 1:
            return None
        value = scope.value(name)
        if value is not None:
            return self.tags(value, depth=depth + 1)
        if name in scope.iterated:
            return self.tags(scope.iterated[name], depth=depth + 1)
        if name in scope.managers:
            return self._manager(scope.managers[name], depth)
        return self.given(name) if name in scope.params else None

    def _manager(self, expr: ast.expr, depth: int) -> Tags | None:
        """`with patch(...) as mock`: the test's own as long as nothing else runs in the test."""
        return MOCK if patch_call(expr, self.scope) and self.quiet else None

    def _attribute(self, expr: ast.Attribute, hidden: frozenset[str], depth: int) -> Tags | None:
        symbol = self.scope.symbol(expr)
        if isinstance(symbol, External):
            dtype = symbol.root in _DATA_ROOTS and (symbol.last in _CONSTANTS or symbol.last[-1:].isdigit())
            kind = symbol.root in _DATA_ROOTS and symbol.last in {"ndarray", "DataFrame", "Series", "Index", "errors"}
            return LITERAL if dtype or kind else None
        known_here = symbol is None or self._of_stand_in(symbol)
        base = self.tags(expr.value, hidden, depth + 1) if known_here else None
        # An attribute that pandas and numpy do not have may be an accessor that the project has registered.
        known = base is not None and ("mock" in base or "stand-in" in base or expr.attr in DATA_METHODS)
        return base if known else None

    def _call(self, call: ast.Call, hidden: frozenset[str], depth: int) -> Tags | None:
        func = call.func
        if mock_class(call, self.scope):
            wraps = any(keyword.arg in {"wraps", "side_effect"} for keyword in call.keywords)
            return None if wraps and self._arguments(call, hidden, depth) is None else MOCK
        if isinstance(func, ast.Attribute) and self.replaced.answers(call, func):
            return MOCK
        symbol = self.scope.symbol(func)
        if isinstance(symbol, External):
            return self._library(call, symbol, hidden, depth)
        if isinstance(symbol, Class):
            stand_in = (
                symbol.outer is not None and symbol.outer.node is self.scope.node and self._self_made(symbol.node)
            )
            return STAND_IN if stand_in and self._arguments(call, hidden, depth) is not None else None
        if symbol is not None and not self._of_stand_in(symbol):
            return None
        if isinstance(func, ast.Name):
            if is_builtin(func, self.scope):
                exception = func.id[:1].isupper() and func.id != "NotImplemented"
                if func.id not in _OWN_BUILTINS and not exception:
                    return None
                return self._arguments(call, hidden, depth)
            tags = self.tags(func, hidden, depth + 1)
            return MOCK if tags is not None and "mock" in tags else None
        base = self.tags(func.value, hidden, depth + 1) if isinstance(func, ast.Attribute) else None
        if base is None:
            return None
        if "mock" in base:
            return base
        if not isinstance(func, ast.Attribute) or ("stand-in" not in base and func.attr not in DATA_METHODS):
            return None
        inside = self._arguments(call, hidden, depth)
        return None if inside is None else base | inside

    def _of_stand_in(self, symbol: Symbol) -> bool:
        """Whether a method belongs to a class written inside the test."""
        owner = symbol.owner if isinstance(symbol, Function) else None
        return owner is not None and owner.outer is not None and owner.outer.node is self.scope.node

    def _self_made(self, cls: ast.ClassDef) -> bool:
        """Whether a class written inside the test uses nothing but its own names, builtins and data libraries."""
        if cls.bases or cls.keywords or cls.decorator_list:
            return False
        nodes = list(ast.walk(cls))
        bound = {node.arg for node in nodes if isinstance(node, ast.arg)}
        bound |= {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        return all(
            node.id in bound or is_builtin(node, self.scope, frozenset(_OWN_BUILTINS)) or self._is_data_library(node)
            for node in nodes
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
        )

    def _is_data_library(self, node: ast.Name) -> bool:
        symbol = self.scope.symbol(node)
        return isinstance(symbol, External) and symbol.whole and symbol.root in _DATA_ROOTS

    def _library(self, call: ast.Call, symbol: External, hidden: frozenset[str], depth: int) -> Tags | None:
        if symbol.dotted == "pytest.approx":
            return self._arguments(call, hidden, depth)
        # What a module of the project passes on from numpy is the project's own interface.
        named = (self.path_of(call.func) or "").partition(".")[0]
        if named in _PURE_ROOTS and symbol.root == named and symbol.last not in _IMPURE:
            return self._arguments(call, hidden, depth)
        if named not in _DATA_ROOTS or symbol.root not in _DATA_ROOTS or symbol.last.startswith(_READERS):
            return None
        if self.scope.project.find(symbol.root, self.scope.module.path) is not None:
            # That library is the project under test.
            return None
        # The global generator: the code under test may have seeded it.
        shared = symbol.dotted.startswith("numpy.random.") and symbol.last not in _GENERATORS
        if shared and (self.scope.params or not self.quiet):
            return None
        inside = self._arguments(call, hidden, depth)
        return None if inside is None else LIBRARY | inside

    def _arguments(self, call: ast.Call, hidden: frozenset[str], depth: int) -> Tags | None:
        return self._all([*call.args, *(keyword.value for keyword in call.keywords)], hidden, depth)

    # ---- what leaves the test

    def escapes(self, name: str) -> bool:
        """Whether code outside the test may change, or be shown, what the name holds."""
        if name in self._escapes:
            return self._escapes[name]
        if name in self._escaping:
            return False
        self._escaping.add(name)
        try:
            leaves = any(self._leaves(node) for node in self.scope.loads.get(name, ()))
        finally:
            self._escaping.discard(name)
        # "No" may rest on names still being judged; only an answer that stands alone is kept.
        if leaves or not self._escaping:
            self._escapes[name] = leaves
        return leaves

    def _leaves(self, node: ast.AST) -> bool:
        child, parents = node, self.scope.parents
        while (parent := parents.get(child)) is not None:
            match parent:
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    return True
                case ast.Call(func=func):
                    if child is func:
                        # A method of the object itself: the world comes in through its arguments, unless it is a mock.
                        told = self._arguments(parent, frozenset(), 0) is None or self._depends_on_control(parent)
                        if told and not (self._mock(node) and not self._is_asked_for_calls(node)):
                            return True
                    elif not self._hands_off(parent):
                        return True
                case ast.Assign(targets=targets, value=value):
                    return self._assigned(child, targets, value)
                case ast.AugAssign(value=value):
                    return self.tags(value) is None or self._depends_on_control(parent)
                case ast.AnnAssign(target=ast.Name(id=target)):
                    return self.escapes(target)
                case ast.For(target=target, iter=iterated) if child is iterated:
                    return any(self.escapes(n.id) for n in ast.walk(target) if isinstance(n, ast.Name))
                case ast.Yield() if self.yields:
                    return True
                case ast.NamedExpr() | ast.YieldFrom() | ast.Await():
                    return True
                case ast.stmt():
                    return False
                case _:
                    pass
            child = parent
        return False

    def _assigned(self, child: ast.AST, targets: list[ast.expr], value: ast.expr) -> bool:
        """An assignment that reads the name, or stores into the object that it holds."""
        if child is value:
            for target in targets:
                if not isinstance(target, ast.Name) or self.escapes(target.id):
                    return not (
                        isinstance(target, ast.Tuple | ast.Attribute | ast.Subscript) and self._into_own(target)
                    )
            return False
        return self.tags(value) is None or self._depends_on_control(child)

    def _depends_on_control(self, node: ast.AST) -> bool:
        """Whether a change of an object happens only if something else says so: `if bad: problems.append(name)`."""
        if isinstance(node, ast.Call) and not isinstance(self.scope.parents.get(node), ast.Expr):
            return False
        while (outer := self.scope.parents.get(node)) is not None:
            if isinstance(outer, ast.If | ast.For | ast.While | ast.Try | ast.TryStar | ast.Match | ast.AsyncFor):
                return True
            node = outer
        return False

    def _into_own(self, target: ast.expr) -> bool:
        if isinstance(target, ast.Attribute | ast.Subscript):
            root: ast.expr = target
            while isinstance(root, ast.Attribute | ast.Subscript | ast.Call):
                root = root.func if isinstance(root, ast.Call) else root.value
            return isinstance(root, ast.Name) and root.id in self._busy
        return False

    def _is_asked_for_calls(self, node: ast.AST) -> bool:
        """Whether the test looks at what a mock was called with."""
        for other in self.scope.loads.get(node.id, ()) if isinstance(node, ast.Name) else ():
            child: ast.AST = other
            while isinstance(child := self.scope.parents.get(child, self.scope.node), ast.Attribute):
                if child.attr in _CALL_RECORDS:
                    return True
        return False

    def _mock(self, node: ast.AST) -> bool:
        """Whether the name stands for a mock, whose calls change nothing but itself."""
        if not isinstance(node, ast.Name):
            return False
        value = self.scope.value(node.id)
        if value is not None:
            return mock_class(value, self.scope)
        manager = self.scope.managers.get(node.id)
        if manager is not None:
            return patch_call(manager, self.scope)
        given = self.given(node.id) if node.id in self.scope.params else None
        return given is not None and "mock" in given

    def _hands_off(self, call: ast.Call) -> bool:
        """Whether a call leaves its arguments alone."""
        func = call.func
        if is_builtin(func, self.scope, frozenset(_OWN_BUILTINS)):
            return True
        if isinstance(func, ast.Attribute) and func.attr.startswith("assert"):
            return True
        if mock_class(call, self.scope):
            return True
        if isinstance(func, ast.Name) and hasattr(builtins, func.id) and func.id[:1].isupper():
            return is_builtin(func, self.scope)
        symbol = self.scope.symbol(func)
        if isinstance(symbol, Class) or (isinstance(symbol, Function) and self._of_stand_in(symbol)):
            return self._call(call, frozenset(), 0) is not None
        if isinstance(symbol, External):
            pure = symbol.root in _PURE_ROOTS and symbol.last not in _IMPURE
            return (pure or symbol.root in _HANDS_OFF_ROOTS) and self._arguments(call, frozenset(), 0) is not None
        if symbol is not None:
            return False
        return self._call(call, frozenset(), 0) is not None

    @property
    def quiet(self) -> bool:
        """Whether the test calls nothing but its own mocks, builtins and data libraries."""
        if self._quiet is None:
            self._quiet = True
            self._quiet = all(
                self._hands_off(node) or patch_call(node, self.scope)
                for node in self.scope.nodes
                if isinstance(node, ast.Call)
            )
        return self._quiet

    def path_of(self, expr: ast.expr) -> str | None:
        """The dotted import path of `module.function`, as a patch would name it; None for anything else."""
        match expr:
            case ast.Attribute(value=value, attr=attr):
                base = self.path_of(value)
                return None if base is None else f"{base}.{attr}"
            case ast.Name(id=name):
                imported = self.scope.imports.get(name) or self.scope.module.names.get(name)
                if not isinstance(imported, Imported) or imported.level:
                    return None
                return f"{imported.module}.{imported.name}" if imported.name else imported.module
            case _:
                return None


def own_body(statements: Iterable[ast.stmt], own: Own) -> bool:
    """Whether every statement of a block runs on what the test wrote alone."""
    for statement in statements:
        match statement:
            case ast.Expr(value=value):
                parts: list[ast.expr | None] = [value]
            case ast.Assert(test=test):
                parts = [test]
            case ast.Raise(exc=exc):
                if not isinstance(exc, ast.Call | ast.Name):
                    return False
                made = own.scope.symbol(exc.func if isinstance(exc, ast.Call) else exc)
                if isinstance(made, Class | External | Function):
                    # An exception of the project or of a library, raised by the test itself.
                    parts = list(exc.args) if isinstance(exc, ast.Call) else []
                else:
                    parts = [exc]
            case _:
                return False
        if any(part is None or own.tags(part) is None for part in parts):
            return False
    return True

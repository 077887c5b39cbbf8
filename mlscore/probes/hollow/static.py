"""Values that the text of a test fixes by itself: literals, arithmetic on them, names bound once to them."""

from __future__ import annotations

import ast
import builtins
import operator
from typing import TYPE_CHECKING, Any, Final

from .modules import External, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .modules import Module
    from .scope import Scope

UNKNOWN: Final = object()
MAX_DEPTH = 25
_LIMIT = 10**9
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_, ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
}  # fmt: skip
PURE_BUILTINS = frozenset(
    {"len", "sum", "min", "max", "abs", "round", "bool", "int", "float", "str", "list", "tuple", "set", "frozenset", "dict",
     "sorted", "range", "any", "all"}
)  # fmt: skip
# Expressions between a name and its statement that cannot change what the name holds.
_HARMLESS = (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.IfExp, ast.comprehension, ast.keyword, ast.Tuple,
             ast.GeneratorExp, ast.ListComp, ast.FormattedValue, ast.JoinedStr)  # fmt: skip


def is_builtin(expr: ast.expr, scope: Scope, names: frozenset[str] | None = None) -> bool:
    """Whether the expression is a builtin's plain name, not shadowed, and one of `names` when given."""
    return (
        isinstance(expr, ast.Name)
        and (names is None or expr.id in names)
        and hasattr(builtins, expr.id)
        and scope.home(expr.id) is None
        and scope.symbol(expr) is None
    )


def static(expr: ast.expr, scope: Scope, depth: int = 0) -> Any:
    """The value that an expression always has, or UNKNOWN. Nothing but literals and pure operators is evaluated."""
    if depth > MAX_DEPTH:
        return UNKNOWN
    try:
        return _static(expr, scope, depth)
    except (ArithmeticError, TypeError, ValueError, LookupError, AttributeError):
        return UNKNOWN


def fixed(expr: ast.expr, scope: Scope) -> bool | None:
    """The truth value that a condition always has, also where only a part of it is written out (`x and False`)."""
    match expr:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            value = fixed(operand, scope)
            return None if value is None else not value
        case ast.BoolOp(op=op, values=values):
            decides = isinstance(op, ast.Or)
            found = [fixed(value, scope) for value in values]
            if decides in found:
                return decides
            return None if None in found else not decides
        case _:
            value = static(expr, scope)
            return None if value is UNKNOWN else bool(value)


def possible(expr: ast.expr, scope: Scope) -> list[Any] | None:
    """Every value that an expression can have, when its text lists them: `"late" if x else "in time"`; else None."""
    match expr:
        case ast.IfExp(body=body, orelse=orelse):
            one, other = possible(body, scope), possible(orelse, scope)
            return None if one is None or other is None else one + other
        case ast.Name(id=name):
            home = scope.home(name)
            value = home.value(name) if home is not None else None
            if home is not None and isinstance(value, ast.IfExp):
                return possible(value, home)
    value = static(expr, scope)
    return None if value is UNKNOWN else [value]


def count(expr: ast.expr, scope: Scope, depth: int = 0) -> int | None:
    """The length of a collection that the test writes out, whatever its items are; None: it cannot be told."""
    match expr:
        case ast.List(elts=elts) | ast.Tuple(elts=elts) if not any(isinstance(e, ast.Starred) for e in elts):
            return len(elts)
        case ast.Dict(keys=keys):
            names = [UNKNOWN if key is None else static(key, scope) for key in keys]
            return len(names) if UNKNOWN not in names and len(set(map(repr, names))) == len(names) else None
        case ast.ListComp(generators=[ast.comprehension(iter=iterated, ifs=[], is_async=0)]):
            listed = static(iterated, scope)
            return len(listed) if listed is not UNKNOWN and hasattr(listed, "__len__") else None
        case ast.Name(id=name) if depth < MAX_DEPTH:
            home = scope.home(name)
            value = home.value(name) if home is not None else None
            certain = home is not None and value is not None and home.once(name) and untouched(name, home)
            return count(value, home, depth + 1) if certain and home is not None and value is not None else None
        case _:
            return None


def holds_key(thing: ast.expr, collection: ast.expr, scope: Scope) -> bool:
    """Whether a fixed value stands among the keys or items of a collection that the test writes out."""
    if isinstance(collection, ast.Name):
        home = scope.home(collection.id)
        value = home.value(collection.id) if home is not None else None
        if home is not scope or value is None or not scope.once(collection.id) or not untouched(collection.id, scope):
            return False
        collection = value
    wanted = static(thing, scope)
    match collection:
        case ast.Dict(keys=keys):
            parts = [key for key in keys if key is not None]
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
            parts = elts
        case _:
            return False
    return wanted is not UNKNOWN and any(type(v := static(p, scope)) is type(wanted) and v == wanted for p in parts)


def _static(expr: ast.expr, scope: Scope, depth: int) -> Any:
    def parts(several: list[ast.expr]) -> list[Any] | None:
        values = [static(one, scope, depth + 1) for one in several]
        return None if any(value is UNKNOWN for value in values) else values

    match expr:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return _named(expr, name, scope, depth)
        case ast.Attribute():
            symbol = scope.symbol(expr)
            return False if isinstance(symbol, External) and symbol.dotted == "typing.TYPE_CHECKING" else UNKNOWN
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
            values = parts(elts)
            if values is None:
                return UNKNOWN
            return {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(expr)](values)
        case ast.Dict(keys=keys, values=items):
            names, values = parts([key for key in keys if key is not None]), parts(items)
            known = names is not None and values is not None and len(names) == len(values)
            return dict(zip(names, values, strict=True)) if known and names and values else {} if known else UNKNOWN
        case ast.UnaryOp(op=op, operand=operand):
            value = static(operand, scope, depth + 1)
            return UNKNOWN if value is UNKNOWN else _UNARY[type(op)](value)
        case ast.BinOp(left=left, op=op, right=right):
            values = parts([left, right])
            if values is None or type(op) not in _BINARY or any(_large(value) for value in values):
                return UNKNOWN
            # A text or list multiplied or formatted may grow beyond all bounds.
            if isinstance(op, ast.Mult | ast.Mod) and not all(isinstance(value, int | float) for value in values):
                return UNKNOWN
            return _BINARY[type(op)](*values)
        case ast.BoolOp(op=op, values=several):
            values = parts(several)
            if values is None:
                return UNKNOWN
            # The value that decides, or the last one: `1 or None` is 1, not True.
            decides = isinstance(op, ast.Or)
            return next((value for value in values if bool(value) is decides), values[-1])
        case ast.IfExp(test=test, body=body, orelse=orelse):
            chosen = static(test, scope, depth + 1)
            return UNKNOWN if chosen is UNKNOWN else static(body if chosen else orelse, scope, depth + 1)
        case ast.Compare(left=left, ops=ops, comparators=comparators):
            values = parts([left, *comparators])
            if values is None:
                return UNKNOWN
            # Whether two equal literals are one object is the interpreter's business, except for the singletons.
            if any(isinstance(op, ast.Is | ast.IsNot) for op in ops) and not any(_single(value) for value in values):
                return UNKNOWN
            pairs = zip(ops, values, values[1:], strict=False)
            return all(_COMPARE[type(op)](one, other) for op, one, other in pairs)
        case ast.Subscript(value=value, slice=index):
            values = parts([value, index])
            return _entry(value, index, scope, depth) if values is None else values[0][values[1]]
        case ast.Call(func=func, args=args, keywords=[]):
            if not is_builtin(func, scope, PURE_BUILTINS) or not isinstance(func, ast.Name):
                return UNKNOWN
            values = parts(args)
            if values is None or any(_large(value) for value in values):
                return UNKNOWN
            return getattr(builtins, func.id)(*values)
        case _:
            return UNKNOWN


def _entry(collection: ast.expr, index: ast.expr, scope: Scope, depth: int) -> Any:
    """The fixed value under a fixed key of a dictionary whose other values are not fixed."""
    if isinstance(collection, ast.Name):
        home = scope.home(collection.id)
        value = home.value(collection.id) if home is not None else None
        if home is not scope or value is None or not scope.once(collection.id) or not untouched(collection.id, scope):
            return UNKNOWN
        collection = value
    key = static(index, scope, depth + 1)
    if not isinstance(collection, ast.Dict) or not isinstance(key, str):
        return UNKNOWN
    names = [UNKNOWN if name is None else static(name, scope, depth + 1) for name in collection.keys]
    found = [value for name, value in zip(names, collection.values, strict=True) if name == key]
    return static(found[0], scope, depth + 1) if len(found) == 1 and UNKNOWN not in names else UNKNOWN


def _single(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _large(value: object) -> bool:
    """Whether arithmetic on the value could cost more than it tells."""
    if isinstance(value, int | float):
        return abs(value) > _LIMIT
    return hasattr(value, "__len__") and len(value) > 1000


def _named(expr: ast.expr, name: str, scope: Scope, depth: int) -> Any:
    if name == "__name__" and scope.home(name) is None:
        return scope.module.path.rpartition("/")[2].removesuffix(".py")
    home = scope.home(name)
    if home is not None:
        value = home.value(name)
        if value is None:
            return UNKNOWN
        if not _immutable(value) and not untouched(name, home):
            return UNKNOWN
        return static(value, home, depth + 1)
    symbol = scope.project.symbol(scope.module, name)
    if isinstance(symbol, External):
        return False if symbol.dotted == "typing.TYPE_CHECKING" else UNKNOWN
    if isinstance(symbol, Value) and symbol.single and symbol.module is scope.module and symbol.expr is not None:
        if not _immutable(symbol.expr) and not _untouched_in(name, scope.module):
            return UNKNOWN
        return static(symbol.expr, scope, depth + 1) if _closed(symbol.expr) else UNKNOWN
    return UNKNOWN


def _immutable(expr: ast.expr) -> bool:
    return not any(isinstance(node, ast.List | ast.Dict | ast.Set | ast.Call) for node in ast.walk(expr))


def _closed(expr: ast.expr) -> bool:
    """Whether no name of the function could be mistaken for one of the module's."""
    return not any(isinstance(node, ast.Name) for node in ast.walk(expr))


def untouched(name: str, scope: Scope) -> bool:
    """Whether nothing in the function can change the object that a name of it holds."""
    return all(_harmless(node, scope) for node in scope.loads.get(name, ()))


def _harmless(node: ast.AST, scope: Scope) -> bool:
    child = node
    while (parent := scope.parents.get(child)) is not None:
        match parent:
            case ast.Assert() | ast.If() | ast.While():
                return True
            case ast.For(iter=iterated):
                return child is iterated
            case ast.Subscript(ctx=ast.Load()):
                pass
            case ast.Call(func=func):
                checks = isinstance(func, ast.Attribute) and func.attr.startswith("assert")
                if child is func or not (checks or is_builtin(func, scope, PURE_BUILTINS)):
                    return False
            case ast.Expr():
                return True
            case _ if isinstance(parent, _HARMLESS):
                pass
            case _:
                return False
        child = parent
    return False


def _untouched_in(name: str, module: Module) -> bool:
    """Whether nothing in the file seems to change a module-level list or dictionary."""
    if module.changed is None:
        module.changed = frozenset(_changed(module))
    return name not in module.changed


def _changed(module: Module) -> Iterator[str]:
    """Names whose object a method, an item's assignment or a function that gets it may change."""
    for node in ast.walk(module.tree):
        match node:
            case ast.Attribute(value=ast.Name(id=name)):
                yield name
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Call(func=ast.Attribute(attr="parametrize")):
                pass
            case ast.Call(func=ast.Name(id=called)) if called in PURE_BUILTINS:
                pass
            case ast.Call(args=args):
                yield from (arg.id for arg in args if isinstance(arg, ast.Name))

"""Whether an asserted expression is true, or false, whatever the code under test does."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .files import EXISTENCE, was_written
from .known import METHODS_ALONE, MOCK_ASSERTIONS, MOCK_NON_ASSERTIONS, words
from .modules import Class, External, Function
from .objects import always_true, builtin_type, class_of, defines, mock_like, never_none, never_none_reason
from .ranges import interval
from .static import UNKNOWN, holds_key, is_builtin, possible, static, untouched

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .modules import Symbol
    from .ranges import Interval
    from .scope import Scope

MAX_DEPTH = 20
_LAZY = frozenset({"map", "filter", "zip", "reversed", "enumerate", "iter"})
_BOOLEANS = frozenset({"bool", "isinstance", "issubclass", "hasattr", "callable", "any", "all"})
# `x == x` is how some people test for NaN.
_NAN_WORDS = frozenset({"loss", "losses", "grad", "grads", "gradient", "nan", "psi", "kl", "score", "metric", "error"})
_NEGATED = {
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """The expression is always `value`; `why` is a clause for a person; `weak` when that is suspected, not certain."""

    value: bool
    reason: str
    why: str
    weak: bool = False

    @property
    def flipped(self) -> Fact:
        """The fact about the negated expression."""
        return replace(self, value=not self.value)


def truth(expr: ast.expr, scope: Scope, depth: int = 0) -> Fact | None:
    """What is certain, or suspected, about the truth of an expression; None: it depends on the code under test."""
    if depth > MAX_DEPTH:
        return None
    known = static(expr, scope)
    if known is not UNKNOWN:
        return Fact(bool(known), "constant-assertion", "its value is written in the test itself")
    match expr:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            fact = truth(operand, scope, depth + 1)
            return None if fact is None else fact.flipped
        case ast.BoolOp(op=op, values=values):
            return _boolean(isinstance(op, ast.And), values, scope, depth)
        case ast.Compare():
            return _comparison(expr, scope)
        case ast.IfExp(body=body, orelse=orelse):
            one, other = truth(body, scope, depth + 1), truth(orelse, scope, depth + 1)
            return one if one and other and one.value == other.value else None
        case ast.Name(id=name):
            return _name(expr, name, scope, depth)
        case ast.Attribute():
            return _attribute(expr, scope)
        case ast.Call():
            return _call(expr, scope, depth)
        case ast.NamedExpr(value=value):
            return truth(value, scope, depth + 1)
        case _:
            return _shape(expr)


def _shape(expr: ast.expr) -> Fact | None:
    """Facts that follow from the kind of expression alone."""
    match expr:
        case ast.GeneratorExp():
            return Fact(True, "tautology", "a generator is true, whatever it would yield; all(...) is missing")
        case ast.Lambda():
            return Fact(True, "tautology", "a function that is not called is always true")
        case ast.JoinedStr(values=values) if any(isinstance(part, ast.Constant) and part.value for part in values):
            return Fact(True, "constant-assertion", "a text that is not empty is always true")
        case ast.JoinedStr(values=[_, *_]):
            return Fact(True, "formatted-text", "hardly anything is formatted as an empty text", True)
        case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts) if any(
            not isinstance(part, ast.Starred) for part in elts
        ):
            return Fact(True, "constant-assertion", "a collection that is not empty is always true")
        case ast.Dict(keys=keys) if any(key is not None for key in keys):
            return Fact(True, "constant-assertion", "a collection that is not empty is always true")
        case ast.ListComp():
            return Fact(
                True, "comprehension", "a list of answers is true unless it is empty; all(...) is missing", True
            )
        case _:
            return None


def _boolean(every: bool, values: Sequence[ast.expr], scope: Scope, depth: int) -> Fact | None:
    facts = [truth(value, scope, depth + 1) for value in values]
    # One part that is always false decides an `and`, one that is always true an `or`.
    for fact in facts:
        if fact is not None and fact.value is not every and not fact.weak:
            if not every and fact.reason == "constant-assertion":
                return replace(fact, reason="tautology", why="one side of the `or` is always true")
            return fact
    known = [fact for fact in facts if fact is not None]
    if len(known) == len(facts) and all(fact.value is every for fact in known):
        return _joined(known)
    if not every and _complementary(values):
        return Fact(True, "tautology", "it asks for something or its opposite")
    return None


def _joined(facts: Sequence[Fact]) -> Fact:
    """One fact for several of the same value: suspected when one of them is, named after the most telling."""
    weak = [fact for fact in facts if fact.weak]
    telling = [fact for fact in facts if fact.reason != "constant-assertion"]
    return (weak or telling or list(facts))[0]


def _complementary(values: Sequence[ast.expr]) -> bool:
    texts = {ast.unparse(value) for value in values}
    for value in values:
        match value:
            case ast.UnaryOp(op=ast.Not(), operand=operand) if ast.unparse(operand) in texts and _repeats(operand):
                return True
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _NEGATED and _repeats(value):
                opposite = ast.Compare(left=left, ops=[_NEGATED[type(op)]()], comparators=[right])
                if ast.unparse(opposite) in texts:
                    return True
    return False


def _plain(expr: ast.expr) -> bool:
    """Whether an expression only looks something up: names, attributes, items. Operators may be the project's own."""
    allowed = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.expr_context, ast.Slice, ast.Tuple)
    return all(isinstance(node, allowed) for node in ast.walk(expr))


def _repeats(expr: ast.expr) -> bool:
    """Whether asking twice in a row is bound to get the same answer: nothing in it moves on with each question."""
    moving = {"next", "pop", "read", "get", "send", "random", "readline", "popleft"}
    return not any(
        isinstance(node, ast.Await | ast.NamedExpr | ast.Yield)
        or (isinstance(node, ast.Attribute) and node.attr in moving)
        or (isinstance(node, ast.Name) and node.id in moving)
        for node in ast.walk(expr)
    )


def same(left: ast.expr, right: ast.expr, scope: Scope) -> bool:
    """Whether two expressions denote the same object, evaluated one after the other; aliases are followed."""
    left, right = _stripped(left), _stripped(right)
    if not _plain(left) or not _plain(right):
        return False
    if ast.dump(left) == ast.dump(right):
        return True
    if isinstance(left, ast.Name) and isinstance(right, ast.Name):
        return _original(left.id, scope) == _original(right.id, scope)
    return False


def _stripped(expr: ast.expr) -> ast.expr:
    """`pytest.approx(x)` is x for this purpose."""
    match expr:
        case ast.Call(func=ast.Attribute(attr="approx") | ast.Name(id="approx"), args=[inner, *_]):
            return inner
        case _:
            return expr


def _original(name: str, scope: Scope) -> str:
    for _ in range(MAX_DEPTH):
        value = scope.value(name)
        if not isinstance(value, ast.Name) or not scope.once(name):
            break
        if not scope.binds(value.id) or not scope.once(value.id):
            break
        name = value.id
    return name


def _comparison(expr: ast.Compare, scope: Scope) -> Fact | None:
    operands = [expr.left, *expr.comparators]
    pairs = list(zip(expr.ops, operands, operands[1:], strict=False))
    facts = [_pair(op, left, right, scope) for op, left, right in pairs]
    for fact in facts:
        if fact is not None and not fact.value and not fact.weak:
            return fact
    known = [fact for fact in facts if fact is not None and fact.value]
    if len(known) == len(facts):
        return _joined(known)
    if (
        known
        and len(pairs) == 2
        and all(fact or _touches(*pair, scope) for fact, pair in zip(facts, pairs, strict=True))
    ):
        return Fact(True, "loose-bound", "every value but the very best or worst meets it", True)
    return None


def _pair(op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope) -> Fact | None:
    if isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
        fact = _none_comparison(op, left, right, scope) or _class_comparison(op, left, right, scope)
        if fact is not None:
            return fact
    if same(left, right, scope):
        return _reflexive(op, left)
    if isinstance(op, ast.In | ast.NotIn):
        return _membership(op, left, right, scope)
    return _bounds(op, interval(left, scope), interval(right, scope))


def _none_comparison(op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope) -> Fact | None:
    for one, other in ((left, right), (right, left)):
        if isinstance(other, ast.Constant) and other.value is None:
            why = never_none(one, scope)
            positive = isinstance(op, ast.IsNot | ast.NotEq)
            if why is not None:
                return Fact(positive, "tautology", f"{why} is never None")
            if positive and isinstance(op, ast.IsNot):
                weak = never_none_reason(one, scope)
                if weak is not None:
                    return Fact(True, "only-not-none", weak, True)
    return None


def _class_comparison(op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope) -> Fact | None:
    """`type(Foo()) is Foo`."""
    for one, other in ((left, right), (right, left)):
        match one:
            case ast.Call(func=func, args=[thing]) if is_builtin(func, scope, frozenset({"type"})):
                if _instance(thing, other, scope):
                    why = "the test has just made the object of that class"
                    return Fact(isinstance(op, ast.Is | ast.Eq), "tautology", why)
            case _:
                pass
    return None


def _instance(thing: ast.expr, cls: ast.expr, scope: Scope) -> bool:
    """Whether `thing` was constructed from exactly the class that `cls` names, and nothing rebinds it."""
    made, named = class_of(thing, scope), scope.symbol(cls)
    if isinstance(made, Class) and isinstance(named, Class):
        return made.node is named.node
    return isinstance(made, External) and isinstance(named, External) and made.dotted == named.dotted


def _reflexive(op: ast.cmpop, expr: ast.expr) -> Fact | None:
    if isinstance(op, ast.In | ast.NotIn):
        return None
    last = expr.attr if isinstance(expr, ast.Attribute) else expr.id if isinstance(expr, ast.Name) else ""
    holds = isinstance(op, ast.Eq | ast.Is | ast.LtE | ast.GtE)
    if isinstance(op, ast.Eq | ast.NotEq) and not _NAN_WORDS.isdisjoint(words(last)):
        return None
    return Fact(holds, "tautology", "it compares something with itself")


def _membership(op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope) -> Fact | None:
    positive = isinstance(op, ast.In)
    if holds_key(left, right, scope):
        return Fact(positive, "tautology", "the test itself has just put it there")
    if not isinstance(right, ast.List | ast.Tuple | ast.Set):
        return None
    bounds, parts = interval(left, scope), static(right, scope)
    if bounds is not None and bounds.remainders and parts is not UNKNOWN and bounds.remainders <= set(parts):
        return Fact(positive, "loose-bound" if bounds.weak else "tautology", "no other remainder exists", bounds.weak)
    if any(same(left, part, scope) for part in right.elts):
        return Fact(positive, "tautology", "it looks for something in a collection made of it")
    constants = {part.value for part in right.elts if isinstance(part, ast.Constant) and isinstance(part.value, bool)}
    if constants == {True, False} and _is_boolean(left, scope):
        return Fact(positive, "tautology", "a truth value is always True or False")
    mine, listed = possible(left, scope), static(right, scope)
    if mine is not None and listed is not UNKNOWN and all(value in listed for value in mine):
        return Fact(positive, "tautology", "the test itself makes it one of these")
    return None


def _is_boolean(expr: ast.expr, scope: Scope) -> bool:
    match expr:
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.In() | ast.NotIn()]):
            return True
        case ast.Call(func=func):
            return is_builtin(func, scope, _BOOLEANS)
        case ast.Name(id=name):
            home = scope.home(name)
            value = home.value(name) if home else None
            return (
                home is not None and value is not None and not isinstance(value, ast.Name) and _is_boolean(value, home)
            )
        case _:
            return False


def _bounds(op: ast.cmpop, left: Interval | None, right: Interval | None) -> Fact | None:
    if left is None or right is None:
        return None
    if isinstance(op, ast.Lt | ast.LtE):
        op, left, right = (ast.Gt() if isinstance(op, ast.Lt) else ast.GtE()), right, left
    weak = left.weak or right.weak
    if isinstance(op, ast.Eq | ast.NotEq) and left.low == left.high == right.low == right.high and not weak:
        return Fact(isinstance(op, ast.Eq), "tautology", "the test itself has made it of that length")
    what = left.what or right.what
    why = f"{what} cannot be otherwise"
    if isinstance(op, ast.GtE) and left.low >= right.high:
        return Fact(True, "loose-bound" if weak else "tautology", why, weak)
    if isinstance(op, ast.Gt) and left.low > right.high:
        return Fact(True, "loose-bound" if weak else "tautology", why, weak)
    impossible = left.high < right.low if isinstance(op, ast.GtE) else left.high <= right.low
    if isinstance(op, ast.Gt | ast.GtE) and impossible and not weak:
        return Fact(False, "tautology", why)
    if isinstance(op, ast.Gt) and left.low == right.high == 0 and left.high == 1:
        return Fact(True, "loose-bound", f"{what} above 0 says next to nothing", True)
    return None


def _touches(op: ast.cmpop, left: ast.expr, right: ast.expr, scope: Scope) -> bool:
    """Whether a strict comparison only excludes the end of the range, as `accuracy < 1` does."""
    one, other = interval(left, scope), interval(right, scope)
    return isinstance(op, ast.Lt) and one is not None and other is not None and one.high == other.low == 1


def _name(expr: ast.expr, name: str, scope: Scope, depth: int) -> Fact | None:
    home = scope.home(name)
    value = home.value(name) if home is not None else None
    if home is not None and value is not None and name not in home.nested:
        if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp) and not untouched(name, home):
            return None
        return truth(value, home, depth + 1) if home is scope or not isinstance(value, ast.Call) else None
    why = always_true(expr, scope)
    return Fact(True, "tautology", f"{why} is always true") if why else None


def _attribute(expr: ast.Attribute, scope: Scope) -> Fact | None:
    symbol = scope.symbol(expr)
    if symbol is not None and not isinstance(symbol, External):
        decorated = isinstance(symbol, Function) and bool(symbol.node.decorator_list)
        why = None if decorated else always_true(expr, scope)
        return Fact(True, "tautology", f"{why} is always true") if why else None
    if isinstance(symbol, External):
        return None
    if expr.attr in MOCK_NON_ASSERTIONS and mock_like(expr.value, scope):
        return Fact(True, "not-called", f"`{expr.attr}` of a mock is another mock, which is always true")
    if expr.attr in MOCK_ASSERTIONS:
        return Fact(True, "not-called", f"`{expr.attr}` is a method; without parentheses it is always true")
    if expr.attr in METHODS_ALONE:
        return Fact(True, "not-called", f"`.{expr.attr}` is a method; without parentheses it is always true")
    return None


def _call(call: ast.Call, scope: Scope, depth: int) -> Fact | None:
    func, args = call.func, call.args
    if is_builtin(func, scope):
        return _builtin_call(call, scope, depth)
    if isinstance(func, ast.Attribute):
        if func.attr in MOCK_NON_ASSERTIONS and mock_like(func.value, scope):
            return Fact(True, "not-called", f"`{func.attr}` of a mock answers with another mock, which is always true")
        if func.attr == "equals" and len(args) == 1 and same(func.value, args[0], scope):
            return Fact(True, "tautology", "it compares something with itself")
        if func.attr in {"all", "any"} and not args:
            return _reduced(func.value, scope)
        if func.attr in EXISTENCE and was_written(call, scope):
            return Fact(True, "own-data", "the test itself has just written that file")
    symbol = scope.symbol(func)
    if isinstance(symbol, External):
        if symbol.last in {"array_equal", "allclose", "isclose", "array_equiv", "equal"} and len(args) >= 2:
            if same(args[0], args[1], scope):
                fact = Fact(True, "tautology", "it compares something with itself")
                return fact if any(keyword.arg == "equal_nan" for keyword in call.keywords) else _but_for_nan(fact)
        elif symbol.dotted in {"numpy.all", "numpy.any", "torch.all"} and args:
            return _reduced(args[0], scope)
        elif symbol.dotted == "os.path.exists" and was_written(call, scope):
            return Fact(True, "own-data", "the test itself has just written that file")
    why = always_true(call, scope)
    return Fact(True, "tautology", f"{why} is always true") if why else None


def _reduced(expr: ast.expr, scope: Scope) -> Fact | None:
    """What `all` or `any` says of a comparison that is made item by item."""
    match expr:
        case ast.Call(func=ast.Attribute(value=value, attr="all" | "any"), args=[]):
            return _reduced(value, scope)
        case ast.Compare(left=left, comparators=others):
            fact = _comparison(expr, scope)
            bounds = [interval(operand, scope) for operand in (left, *others)]
            counted = any(bound is not None and bound.counts for bound in bounds)
            return fact if fact is None or not fact.value or counted else _but_for_nan(fact)
        case _:
            return None


def _but_for_nan(fact: Fact) -> Fact:
    """Among the items of an array there may be NaN, which is neither equal to itself nor within any bounds."""
    return replace(fact, reason="only-nan", why=f"{fact.why}, so only NaN would fail it", weak=True)


def _builtin_call(call: ast.Call, scope: Scope, depth: int) -> Fact | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    match name, call.args:
        case "bool", [inner]:
            return truth(inner, scope, depth + 1)
        case "len", [inner]:
            return _shape(inner) if not isinstance(inner, ast.GeneratorExp | ast.Lambda | ast.ListComp) else None
        case "isinstance", [thing, cls]:
            classes = cls.elts if isinstance(cls, ast.Tuple) else [cls]
            if any(_instance(thing, one, scope) for one in classes):
                return Fact(True, "tautology", "the test has just made the object of that class")
            if any(isinstance(one, ast.Name) and one.id == "object" for one in classes):
                return Fact(True, "tautology", "everything is an object")
            if any(isinstance(one, ast.Name) and one.id == "bool" for one in classes) and _is_boolean(thing, scope):
                return Fact(True, "tautology", "a truth value is always a bool")
            if any(isinstance(one, ast.Name) and one.id == builtin_type(thing, scope) for one in classes):
                return Fact(True, "tautology", "the test has just converted it to that type")
            return None
        case "callable", [thing]:
            return _callable(scope.symbol(thing))
        case "hasattr", [thing, ast.Constant(value=str(attribute))]:
            why = defines(thing, attribute, scope)
            return Fact(True, "only-hasattr", why, True) if why else None
        case "all" | "any", [ast.List(elts=elts) | ast.Tuple(elts=elts)]:
            return _boolean(name == "all", elts, scope, depth) if elts else None
        case "all" | "any", [ast.Compare() as compared]:
            return _reduced(compared, scope)
        case "all", [ast.GeneratorExp() | ast.ListComp() as comprehension]:
            fact = truth(comprehension.elt, _comprehended(comprehension, scope), depth + 1)
            return fact if fact is not None and fact.value else None
        case _ if name in _LAZY:
            return Fact(True, "tautology", f"`{name}(...)` is true, whatever it would yield")
        case _:
            return None


def _callable(symbol: Symbol | None) -> Fact | None:
    if isinstance(symbol, Class) or (isinstance(symbol, Function) and not symbol.node.decorator_list):
        return Fact(True, "tautology", "what is defined by `def` or `class` is always callable")
    if isinstance(symbol, Function) or (isinstance(symbol, External) and not symbol.whole):
        return Fact(True, "only-callable", "it only asks whether what was imported can be called", True)
    return None


def _comprehended(comprehension: ast.GeneratorExp | ast.ListComp, scope: Scope) -> Scope:
    """The scope inside a comprehension: its targets hide the function's names."""
    return scope.inside(comprehension.generators)

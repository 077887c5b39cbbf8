"""What an assertion is worth: certain, loose, its own mirror, or never made at all."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from . import known
from .equivalents import EXPECTING, asserted, misused
from .finding import ANY_ERROR, ASSERTION, OUTCOME, Check, Flaw, Strength
from .fixtures import answers
from .handlers import exception_kinds, handled_names
from .modules import External, Function, Value, stored
from .objects import mock_like
from .own import Own, own_body
from .static import fixed, is_builtin
from .truth import truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .own import Tags
    from .walk import Walk

_EXIT = re.compile(r"exit_code|returncode|value\.code|\bcode\b")
# A function of another name may answer in passing, and do its work all the same.
_ANSWERING = known.CHECK_WORDS | {
    "is",
    "has",
    "match",
    "matches",
    "equal",
    "equals",
    "valid",
    "ok",
    "same",
    "compare",
    "can",
}
_OWN = {
    "own-mock": "it compares a mock with what the test itself told the mock to answer",
    "own-data": "it checks only data that the test itself wrote",
}


class Asserts:
    """Judges the assertions of one function; `walk` is the walk through that function."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.scope = walk.scope
        self._own: Own | None = None
        self._help: bool | None = None

    @property
    def own(self) -> Own:
        """What of the function the test has written itself."""
        if self._own is None:
            self._own = Own(self.scope, self._given)
        return self._own

    def _given(self, name: str) -> Tags | None:
        values = self.walk.parameters.values.get(name)
        if values is not None:
            plain = all(self.own.tags(value) == frozenset() for value in values)
            return frozenset({"library", "parameter"}) if plain and values else None
        fixture = self.walk.fixture(name)
        return None if fixture is None else self.walk.analysis.fixture_tags(fixture)

    def judge(self, statement: ast.Assert, conditions: Sequence[ast.expr]) -> bool:
        """Record an `assert`. Returns whether it always fails, so that nothing after it runs."""
        test = statement.test
        if isinstance(test, ast.Tuple) and test.elts:
            message = "an assertion of a tuple is always true; take the parentheses away"
            self._flaw("tuple-assertion", message, statement)
            return False
        if conditions and ast.dump(conditions[-1]) == ast.dump(test) and self._first_in_branch(statement):
            self._flaw("tautology", "it asserts the condition under which it runs", statement)
            return False
        if _asks_for_nan(statement):
            self.walk.add(Check(Strength.SOUND, ASSERTION, self.scope.module.at(statement)))
            return False
        return self._expression(test, statement)

    def _first_in_branch(self, statement: ast.Assert) -> bool:
        parent = self.scope.parents.get(statement)
        return isinstance(parent, ast.If) and bool(parent.body) and parent.body[0] is statement

    def _flaw(self, reason: str, message: str, node: ast.AST) -> None:
        if not self.walk.is_code:
            self.walk.flaw(Flaw(reason, message, self.scope.module.at(node)))

    def _expression(self, test: ast.expr, where: ast.AST, kinds: frozenset[str] = ASSERTION) -> bool:
        """Record the assertion of an expression."""
        fact = truth(test, self.scope)
        place = self.scope.module.at(where)
        if fact is not None and fact.value:
            if fact.weak:
                message = f"the assertion is hardly a check: {fact.why}"
                self._add(Check(Strength.UNSURE, kinds, place, fact.reason, message))
            else:
                self._flaw(fact.reason, f"the assertion cannot fail: {fact.why}", where)
            return False
        if fact is None and not self.walk.is_code:
            tags = self.own.tags(test)
            if tags is not None:
                reason = "own-mock" if "mock" in tags else "own-data"
                message = f"the assertion says nothing about the project: {_OWN[reason]}"
                if reason == "own-data" and not self.own.quiet:
                    # Code that runs beside it may still have changed what everybody shares, such as a dtype.
                    self._add(Check(Strength.UNSURE, kinds, place, reason, message))
                else:
                    self._flaw(reason, message, where)
                return False
        self._add(self.smoke(Check(Strength.SOUND, kinds, place), test))
        return fact is not None and not fact.weak

    def _add(self, check: Check) -> None:
        if self.walk.is_code:
            message = "the test has no assertion of its own; only the code under test checks itself"
            check = check.at_most(Strength.UNSURE, "inner-checks", message)
        self.walk.add(check)

    # ---- asserting calls

    def call(self, call: ast.Call) -> bool:
        """Record an asserting call whose assertion can be read as an expression. False: it is another kind of call."""
        func = call.func
        name = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
        symbol = self.scope.symbol(func)
        if isinstance(symbol, External):
            name = symbol.last
        elif symbol is not None or not isinstance(func, ast.Attribute):
            return False
        if isinstance(func, ast.Attribute) and symbol is None and name.startswith("assert") and self._own_mock(func):
            self._flaw("own-mock", f"the assertion says nothing about the project: {_OWN['own-mock']}", call)
            return True
        test = asserted(name, call)
        if test is None:
            return False
        if misused(name, call) and truth(test, self.scope) is None:
            message = f"the second argument of `{name}` is its message, not a value to compare with"
            self._add(Check(Strength.UNSURE, ASSERTION, self.scope.module.at(call), "misused-assertion", message))
            return True
        self._expression(test, call)
        return True

    def _own_mock(self, func: ast.Attribute) -> bool:
        """`mock.assert_called_once()` of a mock that only the test itself has called."""
        tags = self.own.tags(func.value)
        return tags is not None and "mock" in tags

    def expects(self, context: ast.expr) -> bool:
        """Whether a context manager expects an exception or a warning: `pytest.raises(...)`, `self.assertRaises(...)`."""
        match context:
            case ast.Call(func=func):
                symbol = self.scope.symbol(func)
                if isinstance(symbol, Value) and symbol.expr is not None:
                    symbol = self.scope.project.dotted(symbol.expr, symbol.module)
                if isinstance(symbol, External):
                    # Libraries pass pytest's own on, under the same name.
                    return symbol.last in EXPECTING
                return isinstance(func, ast.Attribute) and func.attr in EXPECTING
            case _:
                return False

    def raised_by_test(self, body: list[ast.stmt], context: ast.expr) -> bool:
        """Whether the exception that a block is expected to raise is raised by the test itself."""
        if self.walk.is_code:
            return False
        expected = context.args[0] if isinstance(context, ast.Call) and context.args else None
        for statement in body:
            kinds = self._raised(statement)
            if kinds is None:
                continue
            if isinstance(statement, ast.Raise) and statement.exc is not None and expected is not None:
                raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
                # Expecting a base class of what is raised tests the project's hierarchy of exceptions.
                if self.scope.symbol(raised) is not None and ast.dump(raised) != ast.dump(expected):
                    return False
            return not handled_names(expected, self.scope).isdisjoint(kinds)
        return own_body(body, self.own)

    def _raised(self, statement: ast.stmt) -> frozenset[str] | None:
        """The classes of the exception that a statement always raises, or None when it need not raise."""
        match statement:
            case ast.Raise(exc=ast.expr() as raised):
                named = raised.func if isinstance(raised, ast.Call) else raised
                last = (
                    named.attr if isinstance(named, ast.Attribute) else named.id if isinstance(named, ast.Name) else ""
                )
                return exception_kinds(last, self.scope, raised)
            case ast.Assert(test=test):
                return ASSERTION if fixed(test, self.scope) is False else None
            case ast.Expr(value=ast.Call(func=func)):
                if ast.unparse(func) == "self.fail":
                    return ASSERTION
                symbol = self.scope.symbol(func)
                return OUTCOME if isinstance(symbol, External) and symbol.dotted == "pytest.fail" else None
            case _:
                return None

    def smoke(self, check: Check, expr: ast.expr) -> Check:
        """Weaken a check that only asks whether `--help` could be printed."""
        if not self._asks_for_help or check.strength < Strength.SOUND:
            return check
        text = ast.unparse(expr)
        if _EXIT.search(text) or "check=True" in text or "SystemExit" in text or "check_call" in text:
            message = "it only asks whether `--help` can be printed"
            return replace(check, strength=Strength.UNSURE, reason="help-smoke", message=message)
        return check

    @property
    def _asks_for_help(self) -> bool:
        if self._help is None:
            self._help = any(
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and (node.value in {"--help", "-h"} or node.value.endswith(" --help"))
                for node in self.scope.nodes
            )
        return self._help

    # ---- what is looked at by nobody

    def unread_answer(self, call: ast.Call) -> None:
        """A helper's truth value that nobody reads."""
        symbol = self.scope.symbol(call.func)
        if not isinstance(symbol, Function) or _ANSWERING.isdisjoint(known.words(symbol.node.name)):
            return
        found = answers(symbol.node)
        booleans = (ast.Compare, ast.BoolOp)
        truths = [
            a for a in found if isinstance(a, booleans) or (isinstance(a, ast.Constant) and isinstance(a.value, bool))
        ]
        if found and len(truths) == len(found):
            self._flaw("unread-result", f"nobody reads the answer of `{symbol.node.name}`", call)

    def unpacked(self, statement: ast.Assign) -> None:
        """`a, b = f()` whose parts nobody looks at: it only asks how many there are."""
        target, value = statement.targets[0], statement.value
        value = value.value if isinstance(value, ast.Await) else value
        starred = any(isinstance(node, ast.Starred) for node in ast.walk(target))
        if starred or not isinstance(value, ast.Call) or not self.scope.loads.keys().isdisjoint(stored(target)):
            return
        origin = (self.scope.library(value) or "").partition(".")[0]
        if known.is_silent(origin) or is_builtin(value.func, self.scope):
            return
        message = "the test only asks whether the result can be unpacked"
        place = self.scope.module.at(statement)
        self._add(Check(Strength.UNSURE, ANY_ERROR, place, "unpacking-only", message))

    def idle(self, value: ast.expr) -> None:
        """A statement that is an expression without a call: a comparison or an assertion that was forgotten."""
        match value:
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
                self._flaw("unread-result", "a comparison without `assert` changes nothing", value)
            case ast.Attribute(attr=attr) if attr.startswith("assert") or attr in known.METHODS_ALONE:
                self._flaw("not-called", f"`{attr}` is named and not called; the parentheses are missing", value)
            case ast.Attribute(attr=attr, value=owner) if attr in known.MOCK_NON_ASSERTIONS and mock_like(
                owner, self.scope
            ):
                self._flaw("not-called", f"`{attr}` of a mock checks nothing", value)
            case ast.Name():
                symbol = self.scope.symbol(value)
                if isinstance(symbol, Function) and known.promises(symbol.node.name):
                    message = f"`{symbol.node.name}` is named and not called; the parentheses are missing"
                    self._flaw("not-called", message, value)
            case _:
                pass


def _asks_for_nan(statement: ast.Assert) -> bool:
    """`assert x == x, "is NaN"`: the usual way to test for NaN without a library."""
    match statement:
        case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]), msg=ast.expr() as message):
            return ast.dump(left) == ast.dump(right) and "nan" in ast.unparse(message).lower()
        case _:
            return False

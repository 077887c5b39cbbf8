"""What a method can do for a test when nobody but the object it is called on could tell: judged by name and origin."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from . import known
from .equivalents import does_nothing
from .finding import Summary, kinds_of
from .modules import Class, External, Function
from .objects import mock_like

if TYPE_CHECKING:
    from .calls import Calls

_EXPECTATION = re.compile(r"expect_(column|table|multicolumn|compound)_")
# Bases that add no method which could check.
_PLAIN_BASES = frozenset({"unittest", "typing", "abc", "enum", "builtins", "collections"})


class Methods:
    """Judges calls of methods that no class of the project defines; `calls` judges the other calls of the function."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.walk = calls.walk
        self.scope = calls.scope
        self.analysis = calls.analysis

    def judge(self, func: ast.Attribute, call: ast.Call, statement: bool) -> Summary:
        """The checks and flaws of one method call; `statement`: nobody reads what it returns."""
        name, receiver = func.attr, func.value
        if name.startswith("assert"):
            if statement and does_nothing(name, call):
                return self.calls.flaw(
                    call, "unread-result", f"`{name}` is called without a block to watch, so it checks nothing"
                )
            return self.calls.sound(call)
        if name in known.ASSERTING_METHODS:
            return self.calls.sound(call, kinds_of(known.ASSERTING_METHODS[name]))
        if name in known.MOCK_NON_ASSERTIONS and mock_like(receiver, self.scope):
            return self.calls.flaw(call, "not-called", f"`{name}` of a mock checks nothing; `assert_{name}` would")
        if self.calls.trips(call):
            return self.calls.plausible(call)
        if name == "__call__" or name in {"object", "setattr"}:
            return Summary()
        return self._library_method(func, call, statement) or self._unseen(func, call)

    def _library_method(self, func: ast.Attribute, call: ast.Call, statement: bool) -> Summary | None:
        """A method that is known by the library the object comes from, or by its name."""
        name, receiver = func.attr, func.value
        origin = self.scope.library(receiver) or ""
        root = origin.partition(".")[0]
        if root in known.PANDERA_ROOTS and name in {"validate", "is_valid"}:
            return self.calls.sound(call, kinds_of("SchemaError"))
        if root in known.RESULT_ROOTS or _EXPECTATION.match(name):
            if known.promises_first(name) and statement:
                return self.calls.flaw(call, "unread-result", f"nobody reads the result of `{name}`")
            return Summary() if root in known.RESULT_ROOTS else None
        if self._is_request(receiver, name, origin):
            return self.calls.flaw(call, "unread-result", "nobody reads the status of the response")
        if name == "invoke" and ("testing" in origin or "runner" in ast.unparse(receiver).lower()):
            if _lets_exceptions_out(call) or _lets_exceptions_out(self._maker(receiver)):
                return self.calls.raising_only(call)
            return self.calls.flaw(call, "unread-result", "nobody reads the exit code of the invoked command")
        if statement and name in known.BOOLEAN_CALLS and not any(known.promises(part) for part in _chain(receiver)):
            return self.calls.flaw(call, "unread-result", f"nobody reads the answer of `{name}`")
        return None

    def _maker(self, receiver: ast.expr) -> ast.expr | None:
        """The expression that made the object a method is called on."""
        home = self.scope.home(receiver.id) if isinstance(receiver, ast.Name) else None
        return home.value(receiver.id) if home is not None and isinstance(receiver, ast.Name) else receiver

    def _is_request(self, receiver: ast.expr, name: str, origin: str) -> bool:
        if name not in known.HTTP_VERBS:
            return False
        web = origin.partition(".")[0] in known.HTTP_ROOTS or "testclient" in origin
        return web or (isinstance(receiver, ast.Name) and "client" in known.words(receiver.id))

    def _unseen(self, func: ast.Attribute, call: ast.Call) -> Summary:
        """A method that could not be resolved: judged by its name and by where its object comes from."""
        name, receiver = func.attr, func.value
        if isinstance(receiver, ast.Name) and receiver.id in {"self", "cls"} and self.scope.owner is not None:
            return self._inherited(call, name)
        base = self.scope.root_name(receiver)
        if base is not None and base.startswith("benchmark") and self.scope.binds(base):
            return self.calls.argument(base, call)
        made = None if self.walk.is_code else self.calls.callables.class_of(receiver, self.scope)
        if made is None and isinstance(receiver, ast.Attribute):
            # A member of an enumeration is an object of that class.
            holder = self.scope.symbol(receiver.value)
            made = holder if isinstance(holder, Class) and not self.walk.is_code else None
        method = self.scope.project.method(made, name) if made is not None else None
        if isinstance(method, Function):
            return self.calls.of_function(method, call)
        if self.walk.is_code:
            asserts = known.words(name)[:1] in {("assert",), ("validate",)} and not self._from_result_library(receiver)
            return self.calls.plausible(call) if asserts else Summary()
        if known.promises_first(name) or (self.calls.statement and known.words(name)[:1] == ("test",)):
            return self.calls.plausible(call)
        origin = self.scope.library(receiver)
        silent = bool(origin) and known.is_silent((origin or "").partition(".")[0])
        if not silent and (known.promises(name) or any(known.promises(part) for part in _chain(receiver))):
            return self.calls.plausible(call)
        if self._is_pydantic(receiver):
            return self.calls.unsure(call, ast.unparse(func)[:60])
        if origin is None:
            return self._method_of_argument(call, base or "", name)
        if origin and origin != "?" and not known.is_silent(origin.partition(".")[0]):
            return self.calls.unsure(call, ast.unparse(func)[:60])
        return Summary()

    def _is_pydantic(self, receiver: ast.expr) -> bool:
        """Whether the receiver is a data class that validates what it is made from."""
        symbol = self.scope.symbol(receiver)
        bases = self.scope.project.ancestry(symbol)[1:] if isinstance(symbol, Class) else []
        return any(isinstance(base, External) and base.root == "pydantic" for base in bases)

    def _from_result_library(self, receiver: ast.expr) -> bool:
        origin = self.scope.library(receiver) or ""
        return origin.partition(".")[0] in known.RESULT_ROOTS

    def _inherited(self, call: ast.Call, name: str) -> Summary:
        """`self.something()` that no class of the project defines."""
        if known.promises(name):
            quiet = self.walk.is_code and known.words(name)[:1] not in {("assert",), ("validate",)}
            return Summary() if quiet else self.calls.plausible(call)
        functions = [] if self.walk.is_code else list(self.calls.callables.functions(call.func, self.scope))
        if functions:
            found = [self.calls.of_function(function, call) for function in functions]
            return Summary(tuple(check for summary in found for check in summary.checks))
        owner = self.scope.owner
        if name == "value" and owner is not None and not self.walk.is_code:
            return self._member(owner)
        for base in self.scope.project.ancestry(owner) if owner is not None else ():
            if isinstance(base, External) and base.root not in _PLAIN_BASES:
                return self.calls.unsure(call, f"self.{name}")
        return Summary()

    def _member(self, owner: Class) -> Summary:
        """`self.value(...)` of an enumeration calls one of the functions written in its body."""
        values = [value for found in self.analysis.attributes(owner).values() for value, method in found if not method]
        parts = [part for value in values for part in ast.walk(value) if isinstance(part, ast.Attribute | ast.Name)]
        checks = [check for part in parts for found in self.calls.reference(part) for check in found.checks]
        return Summary(tuple(checks))

    def _method_of_argument(self, call: ast.Call, base: str, name: str) -> Summary:
        seen = base in {"self", "cls"} or base in self.walk.parameters.values or self.walk.fixture(base) is not None
        usual = name in known.ESTIMATOR_VERBS or name in known.DATA_METHODS
        if seen or usual or not self.walk.is_test or base in known.SILENT_FIXTURES or self.walk.is_generated(base):
            return Summary()
        return self.calls.unsure(call, f"{base}.{name}")


def _lets_exceptions_out(expr: ast.expr | None) -> bool:
    """Whether a call of a command's runner is told not to catch what the command raises."""
    return isinstance(expr, ast.Call) and any(
        keyword.arg == "catch_exceptions"
        and not (isinstance(keyword.value, ast.Constant) and keyword.value.value is not False)
        for keyword in expr.keywords
    )


def _chain(expr: ast.expr) -> list[str]:
    """The names of a chain of attributes and calls: `frame.should.have` is should, frame."""
    parts: list[str] = []
    while isinstance(expr, ast.Attribute | ast.Subscript | ast.Call | ast.Await):
        if isinstance(expr, ast.Attribute):
            parts.append(expr.attr)
        expr = expr.func if isinstance(expr, ast.Call) else expr.value
    return [*parts, expr.id] if isinstance(expr, ast.Name) else parts

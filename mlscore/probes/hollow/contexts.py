"""Context managers in a walk: those that expect a failure, those that swallow one, those that check on their own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from . import known
from .finding import ASSERTION, Check, Strength, kinds_of
from .flow import End
from .handlers import Swallow, suppressed

if TYPE_CHECKING:
    from .walk import Walk


class Contexts:
    """Walks the `with` statements of one function; `walk` is the walk through that function."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk

    def enter(self, statement: ast.With | ast.AsyncWith) -> End:
        """Walk a `with` statement."""
        guards: list[Swallow] = []
        expecting: list[ast.expr] = []
        for item in statement.items:
            context = item.context_expr
            names = suppressed(context, self.walk.scope)
            if names is not None:
                flaw = self.walk.here("swallowed", "a failure is suppressed here and goes nowhere", context)
                guards.append(Swallow(((names, flaw),)))
            elif self.walk.asserts.expects(context):
                expecting.append(context)
            else:
                self.walk.visit(context)
                self._manager(context)
        if expecting:
            return self._expecting(statement, expecting)
        end = self.walk.inside(guards, statement.body)
        for guard in guards:
            if any(isinstance(node, ast.Call) for inner in statement.body for node in ast.walk(inner)):
                for caught, lost in guard.handlers:
                    if lost is not None and not caught.isdisjoint({"Exception", "BaseException"}):
                        self.walk.flaw(lost)
        # The manager may suppress what is raised inside; a `return` it cannot.
        return end if end in {End.RETURN, End.LOOP} and not guards else End.NONE

    def _expecting(self, statement: ast.With | ast.AsyncWith, expecting: list[ast.expr]) -> End:
        """`with pytest.raises(...)`: a check, unless the test raises the exception itself."""
        before = len(self.walk.checks), len(self.walk.flaws), len(self.walk.deferred)
        self.walk.block(statement.body)
        if _is_empty(statement.body):
            message = "the block that should raise is empty, so nothing of the project runs in it"
            self.walk.flaw(self.walk.here("empty-block", message, expecting[0]))
            return End.NONE
        if self.walk.asserts.raised_by_test(statement.body, expecting[0]):
            del self.walk.checks[before[0] :], self.walk.flaws[before[1] :], self.walk.deferred[before[2] :]
            message = "the exception that is expected is raised by the test itself"
            self.walk.flaw(self.walk.here("self-raised", message, expecting[0]))
            return End.NONE
        for context in expecting:
            kinds = frozenset({"BaseException", "Failed"}) if "pytest" in ast.unparse(context) else ASSERTION
            self.walk.add(
                self.walk.asserts.smoke(Check(Strength.SOUND, kinds, self.walk.scope.module.at(context)), context)
            )
        return End.NONE

    def _manager(self, context: ast.expr) -> None:
        """A context manager that may check on entering or leaving."""
        match context:
            case ast.BoolOp(values=values):
                for value in values:
                    self._manager(value)
            case ast.IfExp(body=body, orelse=orelse):
                self._manager(body)
                self._manager(orelse)
            case ast.Name(id=name) if name in self.walk.scope.params:
                self._given_manager(context, name)
            case ast.Name(id=name):
                held = self.walk.scope.value(name)
                if held is not None:
                    self._manager(held)
                elif self.walk.scope.home(name) is self.walk.scope:
                    self.walk.merge(self.walk.calls.plausible(context))
            case _ if self.walk.asserts.expects(context):
                self.walk.add(Check(Strength.SOUND, kinds_of("Failed"), self.walk.scope.module.at(context)))
        self.walk.merge(self.walk.calls.managed(context))

    def _given_manager(self, context: ast.Name, name: str) -> None:
        values = self.walk.parameters.values.get(name)
        if values is not None:
            texts = [ast.unparse(value) for value in values]
            if any("raises" in text or "warns" in text for text in texts):
                self.walk.add(Check(Strength.SOUND, kinds_of("Failed"), self.walk.scope.module.at(context)))
        elif self.walk.is_test and name not in known.SILENT_FIXTURES and self.walk.fixture(name) is None:
            self.walk.merge(self.walk.calls.unsure(context, name))
        elif known.promises(name):
            self.walk.merge(self.walk.calls.plausible(context))


def _is_empty(body: list[ast.stmt]) -> bool:
    return all(
        isinstance(statement, ast.Pass)
        or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))
        for statement in body
    )

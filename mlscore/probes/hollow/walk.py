"""A walk through one function: which checks control can reach, and what catches or cuts them off."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from . import known
from .asserts import Asserts
from .calls import Calls, raises
from .contexts import Contexts
from .finding import Check, Flaw, Strength, Summary
from .fixtures import Parameters
from .flow import Dead, End, Role
from .handlers import Swallow, exception_kinds, handled_names, is_skip
from .modules import Class, External, Function, each
from .static import UNKNOWN, fixed, static

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .analysis import Analysis
    from .scope import Scope


_LEAVES = (ast.Constant, ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)
_CONTAINERS = (ast.keyword, ast.Starred, ast.List, ast.Tuple, ast.Dict, ast.Set)


class Walk:
    """Walks one function and gathers its checks and flaws."""

    def __init__(
        self,
        analysis: Analysis,
        scope: Scope,
        role: Role,
        test_path: str,
        depth: int = 0,
        parameters: Parameters | None = None,
        generated: frozenset[str] = frozenset(),
    ) -> None:
        self.analysis = analysis
        self.scope = scope
        self.role = role
        self.test_path = test_path
        self.depth = depth
        self.parameters = parameters or Parameters()
        self.generated = generated
        self.checks: list[Check] = []
        self.flaws: list[Flaw] = []
        self.skip: ast.stmt | None = None
        self.may_return = False
        self._guards: list[Swallow | Dead] = []
        self._conditions: list[ast.expr] = []
        self._judging = False
        self.deferred: list[tuple[tuple[Swallow | Dead, ...], ast.expr, bool, bool]] = []
        self.calls = Calls(self)
        self.asserts = Asserts(self)
        self.contexts = Contexts(self)

    @property
    def is_code(self) -> bool:
        """Whether the function is code under test, whose own checks say little about the test."""
        return self.role is Role.CODE

    @property
    def is_test(self) -> bool:
        """Whether the function is the test itself, or a fixture, so that its arguments are fixtures."""
        return self.role in {Role.TEST, Role.FIXTURE}

    def fixture(self, name: str | None) -> Function | None:
        """The fixture that the function's argument of this name holds."""
        if name is None or not self.is_test or name not in self.scope.params or name in self.parameters.values:
            return None
        return self.analysis.fixtures.find(name, self.scope.function)

    def is_generated(self, name: str) -> bool:
        """Whether hypothesis or a patch decorator fills the argument."""
        return name in self.generated

    def run(self) -> Summary:
        """Walk the whole function."""
        end = self.block(self.scope.node.body)
        self._judge_deferred()
        if end is not End.SKIP:
            self.skip = None
        self._never_called()
        return Summary(tuple(self.checks), tuple(self.flaws))

    def _judge_deferred(self) -> None:
        """Judge the test's calls, now that its plain assertions are known: with one that can fail nothing is left to do."""
        guards, self._guards, self._judging = self._guards, [], True
        for inside, expr, statement, references in self.deferred:
            self._guards = list(inside)
            self.visit(expr, statement, references)
        self._guards, self._judging = guards, False
        self.deferred.clear()

    @property
    def _settled(self) -> bool:
        """Whether it is already known that the test can fail, so that no further call can tell more."""
        return self.role is Role.TEST and any(check.strength > Strength.UNSURE for check in self.checks)

    # ---- what is found

    def add(self, check: Check) -> None:
        """A check at this place: it counts unless something here catches it, or control never comes here."""
        for guard in reversed(self._guards):
            if isinstance(guard, Dead):
                self.flaw(guard.flaw)
                return
            caught = guard.catches(check.kinds)
            if caught is not None:
                self.flaw(caught)
                return
        self.checks.append(check)

    def flaw(self, flaw: Flaw) -> None:
        """Something that looks like checking and is none."""
        if flaw not in self.flaws:
            self.flaws.append(flaw)

    def merge(self, summary: Summary) -> None:
        """What a called function contributes at this place."""
        for check in summary.checks:
            self.add(check)
        if not self.is_code:
            for flaw in summary.flaws:
                self.flaw(flaw)

    # ---- blocks and statements

    def block(self, statements: Iterable[ast.stmt]) -> End:
        """Walk statements in order; what follows one that always leaves is dead."""
        end = End.NONE
        dead = 0
        for statement in statements:
            left = self.statement(statement)
            if end is End.NONE and left is not End.NONE:
                end = left
                reason = "always-skips" if end is End.SKIP else "unreachable"
                how = "the test has skipped itself before it" if end is End.SKIP else "control always leaves before it"
                self._guards.append(Dead(self.here(reason, f"the check is never reached: {how}", statement)))
                if end is End.SKIP and not dead:
                    self.skip = statement
                dead += 1
        for _ in range(dead):
            self._guards.pop()
        return end

    def here(self, reason: str, message: str, node: ast.AST) -> Flaw:
        """A flaw at a node of this function."""
        return Flaw(reason, message, self.scope.module.at(node))

    def inside(self, guards: Sequence[Swallow | Dead], statements: Iterable[ast.stmt]) -> End:
        """Walk statements of which the guards catch, or cut off, the checks."""
        self._guards += guards
        end = self.block(statements)
        del self._guards[len(self._guards) - len(guards) :]
        return end

    def statement(self, statement: ast.stmt) -> End:
        """Walk one statement."""
        match statement:
            case ast.Assert():
                return self._assert(statement)
            case ast.Expr(value=value):
                return self._expression(statement, value)
            case ast.Return():
                return self._return(statement)
            case ast.Raise():
                return self._raise(statement)
            case ast.If():
                return self._if(statement)
            case ast.For() | ast.AsyncFor() | ast.While():
                return self._loop(statement)
            case ast.Try() | ast.TryStar():
                return self._try(statement)
            case ast.With() | ast.AsyncWith():
                return self.contexts.enter(statement)
            case ast.Match():
                self.visit(statement.subject)
                for case in statement.cases:
                    self.block(case.body)
            case ast.Break() | ast.Continue():
                return End.LOOP
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._nested(statement)
            case ast.ClassDef() | ast.Import() | ast.ImportFrom():
                pass
            case ast.Assign(targets=[ast.Tuple() | ast.List()]) if self.role is Role.TEST:
                self.asserts.unpacked(statement)
                self.visit(statement.value)
            case ast.Assign(value=ast.Lambda() as value, targets=[ast.Name(id=name)]):
                self._lambda(statement, name, value)
            case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target], value=value) if not self.is_code:
                self.visit(value)
                if isinstance(target, ast.Attribute) and target.attr == "side_effect" and raises(value):
                    self.merge(self.calls.plausible(value))
                # A function put in another's place is taken to be called there; one kept in `self`, where it is called.
                if self.scope.root_name(target) not in {"self", "cls"}:
                    for summary in self.calls.reference(value):
                        self.merge(summary)
            case _:
                for child in ast.iter_child_nodes(statement):
                    if isinstance(child, ast.expr):
                        self.visit(child)
        return End.NONE

    def _assert(self, statement: ast.Assert) -> End:
        always_fails = self.asserts.judge(statement, self._conditions)
        self.visit(statement.test)
        return End.RAISE if always_fails else End.NONE

    def _return(self, statement: ast.Return) -> End:
        value = statement.value
        if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
            # What a helper or fixture returns is not called by returning it.
            self.visit(value, references=self.role is Role.TEST)
            if isinstance(value, ast.Call) and self._leaving(value) is End.SKIP:
                return End.SKIP
            if self.role is Role.TEST:
                message = "the test returns its answer instead of asserting it"
                self.flaw(self.here("returned-result", message, statement))
        if not any(isinstance(guard, Dead) for guard in self._guards):
            self.may_return = True
        return End.RETURN

    def _raise(self, statement: ast.Raise) -> End:
        raised = statement.exc
        if raised is None:
            return End.RAISE
        self.visit(raised)
        if is_skip(raised, self.scope):
            return End.SKIP
        name = raised.func if isinstance(raised, ast.Call) else raised
        last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
        again = isinstance(raised, ast.Name) and not isinstance(self.scope.symbol(raised), Class | External)
        if again and self.scope.binds(last) and last not in self.scope.params and self.scope.value(last) is None:
            return End.RAISE  # what a handler has caught
        abstract = last == "NotImplementedError" and self.role is not Role.TEST
        if not abstract and (not self.is_code or self._tells(last)):
            check = Check(Strength.SOUND, exception_kinds(last, self.scope, raised), self.scope.module.at(statement))
            self.add(self._as_code(check))
        return End.RAISE

    def _tells(self, exception: str) -> bool:
        """Whether an exception raised by code under test judges a result rather than an argument."""
        if exception == "AssertionError" or known.promises(self.scope.node.name):
            return True
        names = {
            node.id
            for condition in self._conditions
            for node in ast.walk(condition)
            if isinstance(node, ast.Name) and self.scope.binds(node.id)
        }
        return bool(names - set(self.scope.params))

    def _as_code(self, check: Check) -> Check:
        if not self.is_code:
            return check
        return check.at_most(
            Strength.UNSURE,
            "inner-checks",
            "the test has no assertion of its own; only the code under test checks itself",
        )

    def _if(self, statement: ast.If) -> End:
        self.visit(statement.test)
        value = fixed(statement.test, self.scope)
        never = None
        if value is not None:
            never = Dead(self.here("unreachable", "the check is never reached: its condition is a constant", statement))
        self._conditions.append(statement.test)
        then = self.inside([never] if never and not value else [], statement.body)
        self._conditions.pop()
        otherwise = self.inside([never] if never and value else [], statement.orelse)
        if never:
            return then if value else otherwise
        return then if then is otherwise or (then is not End.NONE and otherwise is not End.NONE) else End.NONE

    def _loop(self, statement: ast.For | ast.AsyncFor | ast.While) -> End:
        never = None
        endless = False
        if isinstance(statement, ast.While):
            self.visit(statement.test)
            value = fixed(statement.test, self.scope)
            empty = value is False
            endless = value is True
        else:
            self.visit(statement.iter)
            for summary in self.calls.reference(statement.iter):
                self.merge(summary)
            empty = self._is_empty(statement.iter)
        if empty:
            never = Dead(self.here("empty-loop", "the check stands in a loop that never runs", statement))
        self.inside([never] if never else [], statement.body)
        self.block(statement.orelse)
        leaves = any(isinstance(inner, ast.Break) for inner in each(statement.body))
        return End.RETURN if endless and not leaves else End.NONE

    def _is_empty(self, iterated: ast.expr) -> bool:
        match iterated:
            case ast.Call(func=ast.Name(id="enumerate" | "zip" | "reversed" | "sorted" | "list"), args=args) if args:
                return any(self._is_empty(arg) for arg in args)
            case ast.Call(func=ast.Attribute(value=value, attr="items" | "values" | "keys"), args=[]):
                return self._is_empty(value)
        value = static(iterated, self.scope)
        return value is not UNKNOWN and hasattr(value, "__len__") and len(value) == 0

    # ---- try and with

    def _try(self, statement: ast.Try | ast.TryStar) -> End:
        swallows: list[tuple[frozenset[str], Flaw | None]] = []
        ends: list[End] = []
        for handler in statement.handlers:
            failing, end = self._handler(handler)
            message = "a failure is caught here and goes nowhere"
            flaw = None if failing else self.here("swallowed", message, handler)
            swallows.append((handled_names(handler.type, self.scope), flaw))
            ends.append(end)
        final = self._final(statement.finalbody)
        if final is not None:
            self._guards.append(final)
        body = self.inside([Swallow(tuple(swallows))] if swallows else [], statement.body)
        for handler in statement.handlers:
            self.block(handler.body)
        orelse = self.block(statement.orelse)
        if final is not None:
            self._guards.pop()
        last = self.block(statement.finalbody)
        self._swallowed_errors(statement, swallows)
        if last is not End.NONE:
            return last
        body = body if body is not End.NONE else orelse
        return body if body is not End.NONE and all(end is not End.NONE for end in ends) else End.NONE

    def _final(self, finalbody: list[ast.stmt]) -> Swallow | None:
        """A `return` in `finally` drops whatever was raised."""
        for inner in finalbody:
            if isinstance(inner, ast.Return | ast.Break | ast.Continue):
                flaw = self.here("swallowed", "leaving `finally` this way drops every failure before it", inner)
                return Swallow(((frozenset({"BaseException"}), flaw),))
        return None

    def _handler(self, handler: ast.ExceptHandler) -> tuple[bool, End]:
        """Whether a handler may itself make the test fail, and how it ends."""
        known_already = self.analysis.handlers.get(id(handler))
        if known_already is not None:
            return known_already
        inner = self._copy()
        end = inner.block(handler.body)
        inner._judge_deferred()
        raises = any(
            isinstance(node, ast.Raise) and not (node.exc is not None and is_skip(node.exc, self.scope))
            for node in each(handler.body)
        )
        self.analysis.handlers[id(handler)] = bool(inner.checks) or raises, end
        return self.analysis.handlers[id(handler)]

    def _swallowed_errors(
        self, statement: ast.Try | ast.TryStar, swallows: list[tuple[frozenset[str], Flaw | None]]
    ) -> None:
        """A test whose whole work stands in a `try` that lets nothing out is named after that."""
        calls = any(isinstance(node, ast.Call) for inner in statement.body for node in ast.walk(inner))
        for names, flaw in swallows:
            if flaw is not None and calls and not names.isdisjoint({"Exception", "BaseException", "AssertionError"}):
                self.flaw(flaw)

    # ---- expressions

    def _expression(self, statement: ast.Expr, value: ast.expr) -> End:
        if isinstance(value, ast.Yield | ast.YieldFrom):
            if value.value is not None:
                self.visit(value.value, references=self.role is Role.TEST)
            return End.NONE
        call = value.value if isinstance(value, ast.Await) else value
        if isinstance(call, ast.Call):
            self.visit(call, statement=not isinstance(value, ast.Await))
            self.asserts.unread_answer(call)
            return self._leaving(call)
        self.asserts.idle(value)
        self.visit(value)
        return End.NONE

    def _leaving(self, call: ast.Call) -> End:
        """How a call that never returns leaves the test."""
        symbol = self.scope.symbol(call.func)
        dotted = symbol.dotted if isinstance(symbol, External) else ""
        if dotted in {"pytest.skip", "pytest.xfail"} or (
            isinstance(call.func, ast.Attribute) and call.func.attr == "skipTest"
        ):
            return End.SKIP
        if dotted in {"sys.exit", "os._exit"}:
            return End.RETURN
        fails = isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "self.fail"
        return End.RAISE if fails or dotted in {"pytest.fail", "pytest.exit"} else End.NONE

    def visit(self, expr: ast.expr, statement: bool = False, references: bool = True) -> None:
        """Judge every call inside an expression, and the local functions it names; a lambda only as an argument."""
        if self.role is Role.TEST and not self._judging:
            self.deferred.append((tuple(self._guards), expr, statement, references))
            return
        if self._settled:
            return
        stack: list[tuple[ast.AST, bool]] = [(expr, False)]
        while stack:
            node, argument = stack.pop()
            if isinstance(node, ast.Lambda) and not argument:
                continue
            if isinstance(node, ast.Call):
                self._call(node, statement and node is expr)
            elif isinstance(node, ast.Name) and references and node.id in self.scope.nested:
                self._merge_nested(node.id)
            inside = isinstance(node, ast.Call) or (argument and isinstance(node, _CONTAINERS))
            called = node.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else None
            children = [
                (child, inside)
                for child in ast.iter_child_nodes(node)
                if child is not called and not isinstance(child, _LEAVES)
            ]
            stack.extend(reversed(children))

    def _call(self, call: ast.Call, statement: bool) -> None:
        if self.asserts.call(call):
            return
        for check in (summary := self.calls.judge(call, statement)).checks:
            self.add(self._as_code(self.asserts.smoke(check, call)))
        if not self.is_code:
            for flaw in summary.flaws:
                self.flaw(flaw)

    def _merge_nested(self, name: str) -> None:
        nested = Function(self.scope.module, self.scope.nested[name], None, self.scope.function)
        self.merge(self.calls.of_function(nested))

    # ---- functions inside the function

    def _nested(self, statement: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A decorator may register a nested function with somebody who calls it."""
        for decorator in statement.decorator_list:
            symbol = self.scope.symbol(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if not (isinstance(symbol, External) and symbol.root in {"hypothesis", "pytest", "functools"}):
                self._merge_nested(statement.name)
                return

    def _lambda(self, statement: ast.stmt, name: str, value: ast.Lambda) -> None:
        if name in self.scope.loads:
            self.visit(value.body)
            return
        inner = self._copy()
        inner.visit(value.body)
        inner._judge_deferred()
        if inner.checks:
            self.flaw(self.here("never-called", f"`{name}` would check, but nobody calls it", statement))

    def _copy(self) -> Walk:
        """A walk of the same function that finds without counting."""
        return Walk(self.analysis, self.scope, self.role, self.test_path, self.depth, self.parameters, self.generated)

    def _never_called(self) -> None:
        for name, node in self.scope.nested.items():
            inside = {id(part) for part in ast.walk(node)}
            if any(id(load) not in inside for load in self.scope.loads.get(name, ())):
                continue
            nested = Function(self.scope.module, node, None, self.scope.function)
            if self.analysis.summary(nested, self.is_code, self.depth + 1, self.test_path).checks:
                self.flaw(self.here("never-called", f"`{name}` would check, but nobody calls it", node))

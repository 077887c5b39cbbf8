"""From checks and flaws to one finding about a test."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location

from . import known
from .finding import ASSERTION, Check, Finding, Flaw, Strength, Verdict, decisive, strongest
from .fixtures import arguments, constant, first_yield, fixture_mark, is_autouse
from .flow import Role
from .modules import Function
from .static import UNKNOWN, static
from .surroundings import never_awaited, setup_lines
from .walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .analysis import Analysis
    from .fixtures import Decorator, Parameters
    from .scope import Scope

_SKIPS = frozenset({"pytest.mark.skip", "unittest.skip", "nose.tools.nottest"})
_SETUP = ("setUp", "setUpClass", "setup_method", "setup_class", "setup", "asyncSetUp")
_TEARDOWN = ("tearDown", "tearDownClass", "teardown_method", "teardown_class", "teardown", "asyncTearDown")
# The author has written an assertion, and this is it.
_WRITTEN = frozenset({"constant-assertion", "tautology", "tuple-assertion", "own-mock", "own-data"})
# Of no weight beside an assertion that the author has written.
_BESIDE = frozenset({"unknown-call", "unpacking-only"})
_FILLING = frozenset({"hypothesis", "unittest", "mock", "parameterized", "ddt"})


class Case:
    """One test under judgement."""

    def __init__(self, analysis: Analysis, function: Function) -> None:
        self.analysis = analysis
        self.function = function
        self.node = function.node
        self.scope: Scope = analysis.scope(function)
        self.decorators: list[Decorator] = list(analysis.fixtures.decorators(function, self.scope))
        self.parameters: Parameters = analysis.fixtures.parameters(self.decorators, self.scope)
        filled = any(d.dotted.partition(".")[0] in _FILLING or d.dotted.startswith("?") for d in self.decorators)
        self.generated = frozenset(arguments(function.node)) if filled else frozenset()

    def finding(self) -> Finding | None:
        """What is to be said about the test, or None: as far as can be seen, it can fail."""
        if fixture_mark(self.node) is not None:
            return None
        flaw = self._never_runs()
        if flaw is not None:
            return _hollow(flaw)
        module = self.function.module
        walk = Walk(self.analysis, self.scope, Role.TEST, module.path, 0, self.parameters, self.generated)
        summary = walk.run()
        if walk.skip is not None and not walk.may_return:
            message = "the test always ends by skipping itself, so it never passes"
            return _hollow(Flaw("always-skips", message, module.at(walk.skip)))
        checks = list(summary.checks)
        for surroundings in (self._decorating, self._around):
            best = strongest(checks)
            if best is None or best.strength is Strength.UNSURE:
                checks += surroundings()
        best = strongest(checks)
        if best is not None and best.strength > Strength.UNSURE:
            return self._tolerated()
        written = [flaw for flaw in summary.flaws if flaw.reason in _WRITTEN]
        if best is None or (written and all(check.reason in _BESIDE for check in checks)):
            return self._without_checks(tuple(written) or summary.flaws)
        reason = "unknown-helper" if best.reason == "unknown-call" else best.reason
        return Finding(Verdict.WEAK, reason, best.message, best.location)

    def _without_checks(self, flaws: tuple[Flaw, ...]) -> Finding:
        place = self.function.module.at(self.node)
        nothing = Flaw("no-assertion", "no assertion can be reached from the test", place)
        flaw = decisive([*flaws, nothing])
        if flaw.reason == "no-assertion" and any(d.dotted == "hypothesis.given" for d in self.decorators):
            message = "the test only asks whether generated input makes the code raise"
            return Finding(Verdict.WEAK, "fuzz-only", message, place)
        return _hollow(flaw)

    # ---- tests that do not run

    def _never_runs(self) -> Flaw | None:
        for decorator in self.decorators:
            if self._skips(decorator):
                message = "the test is always skipped, so it never passes"
                return Flaw("always-skips", message, _place(decorator))
        if self.parameters.empty is not None:
            message = "the list of parameters is empty, so the test never runs"
            return Flaw("empty-parametrize", message, _place(self.parameters.empty))
        for statement in self.function.module.tree.body:
            if _skips_module(statement):
                message = "the whole file is always skipped"
                return Flaw("always-skips", message, self.function.module.at(statement))
        if never_awaited(self.function, self.decorators, self.analysis):
            message = "a plain `unittest.TestCase` never awaits an `async def` test; `IsolatedAsyncioTestCase` does"
            return Flaw("never-awaited", message, self.function.module.at(self.node))
        if self._is_generator():
            message = "a test with `yield` is a generator, whose body pytest does not run"
            return Flaw("generator-test", message, self.function.module.at(self.node))
        return None

    def _skips(self, decorator: Decorator) -> bool:
        if decorator.dotted in _SKIPS:
            return True
        if decorator.call is None or decorator.module is not self.function.module:
            return False
        if decorator.dotted == "pytest.mark.xfail":
            return constant(decorator.call, "run", self.scope) is False
        first = decorator.call.args[0] if decorator.call.args else None
        value = static(first, self.scope) if first is not None else constant(decorator.call, "condition", self.scope)
        if value is UNKNOWN or value is None or isinstance(value, str):
            return False
        if decorator.dotted in {"pytest.mark.skipif", "unittest.skipIf"}:
            return bool(value)
        return decorator.dotted == "unittest.skipUnless" and not value

    def _is_generator(self) -> bool:
        if not any(isinstance(node, ast.Yield | ast.YieldFrom) for node in self.scope.nodes):
            return False
        if first_yield(self.node) is None or isinstance(self.node, ast.AsyncFunctionDef):
            return False
        return all(d.dotted.startswith("pytest.mark.") for d in self.decorators)

    # ---- what surrounds the test

    def _decorating(self) -> Iterator[Check]:
        """Checks that decorators bring along."""
        for decorator in self.decorators:
            place = _place(decorator)
            last = decorator.dotted.rpartition(".")[2]
            root = decorator.dotted.partition(".")[0]
            if decorator.function is not None:
                inner = self.analysis.summary(decorator.function, False, 1, self.function.module.path)
                nested = [n for n in ast.walk(decorator.function.node) if isinstance(n, ast.FunctionDef)]
                checks = list(inner.checks)
                for node in nested[1:]:
                    wrapper = Function(decorator.function.module, node, None, decorator.function)
                    checks += self.analysis.summary(wrapper, False, 1, self.function.module.path).checks
                yield from checks
            elif decorator.dotted.startswith("pytest.mark.") and last != "xfail" and known.promises(last):
                # A plugin's mark such as `fail_slow` or `check_leaks`.
                yield Check(Strength.PLAUSIBLE, ASSERTION, place)
            elif decorator.dotted in known.ASSERTING_DECORATORS or last.startswith("assert") or root == "pandera":
                yield Check(Strength.SOUND, ASSERTION, place)
            elif root not in known.INERT_DECORATOR_ROOTS and root != "builtins":
                if known.promises(last):
                    yield Check(Strength.PLAUSIBLE, ASSERTION, place)
                else:
                    message = "the test has no assertion of its own, and what its decorator checks cannot be seen"
                    yield Check(Strength.UNSURE, ASSERTION, place, "unknown-decorator", message)

    def _around(self) -> Iterator[Check]:
        """Checks of fixtures, and of methods that run before and after the test."""
        names = [
            argument.value
            for decorator in self.decorators
            if decorator.dotted == "pytest.mark.usefixtures" and decorator.call is not None
            for argument in decorator.call.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        for name in (*arguments(self.node), *names):
            if name in known.CHECKING_FIXTURES and self.analysis.fixtures.find(name, self.function) is None:
                yield Check(Strength.PLAUSIBLE, ASSERTION, self.function.module.at(self.node))
        for fixture in self.analysis.fixtures.requested(self.function, self.parameters, names):
            line = first_yield(fixture.node)
            unasked = is_autouse(fixture.node)
            before = setup_lines(fixture.node) if unasked else frozenset()
            for check in self.analysis.fixture_summary(fixture).checks:
                if check.location.path == fixture.module.path and check.location.line in before:
                    # Nobody asked for it, and it is over before the test begins: it says nothing about this test.
                    continue
                if check.strength > Strength.UNSURE:
                    after = line is not None and check.location.path == fixture.module.path and _after(check, line)
                    asked = after and not unasked
                    yield check if asked else _around_only(check, f"the fixture `{fixture.node.name}`")
        if self.function.owner is None:
            return
        for name in (*_SETUP, *_TEARDOWN):
            method = self.analysis.project.method(self.function.owner, name)
            if isinstance(method, Function):
                for check in self.analysis.summary(method, False, 1, self.function.module.path).checks:
                    if check.strength > Strength.UNSURE:
                        yield _around_only(check, f"`{name}`") if name in _SETUP else check

    # ---- tests whose failure is allowed

    def _tolerated(self) -> Finding | None:
        """A test that can fail, but whose failure pytest forgives."""
        for decorator in self.decorators:
            if decorator.dotted != "pytest.mark.xfail":
                continue
            call = decorator.call
            strict = constant(call, "strict", self.scope)
            if strict is None:
                strict = self.analysis.settings.xfail_is_strict
            conditional = call is not None and (
                bool(call.args) or any(keyword.arg in {"condition", "raises"} for keyword in call.keywords)
            )
            if strict is False and not conditional:
                message = "xfail without strict=True forgives the failure and the unexpected success alike"
                return Finding(Verdict.WEAK, "xfail-non-strict", message, _place(decorator))
        return None


def _hollow(flaw: Flaw) -> Finding:
    return Finding(Verdict.HOLLOW, flaw.reason, flaw.message, flaw.location)


def _place(decorator: Decorator) -> Location:
    return Location(decorator.module.path, decorator.line)


def _after(check: Check, line: int) -> bool:
    return check.location.line is not None and check.location.line > line


def _around_only(check: Check, who: str) -> Check:
    message = f"the test has no assertion of its own; only {who} checks something"
    return check.at_most(Strength.UNSURE, "fixture-asserts", message)


def _skips_module(statement: ast.stmt) -> bool:
    """`pytest.skip(..., allow_module_level=True)` at the top of a file, unconditionally."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="pytest"), attr="skip"), keywords=keywords)):
            return any(keyword.arg == "allow_module_level" for keyword in keywords)
        case _:
            return False

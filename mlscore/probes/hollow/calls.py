"""What one call can do for a test: assert, probably assert, nothing at all, or something that cannot be seen."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from . import known
from .callables import Callables, is_inner
from .equivalents import does_nothing
from .finding import ANY_ERROR, ASSERTION, EXIT, Check, Flaw, Strength, Summary, kinds_of
from .fixtures import answers
from .methods import Methods
from .modules import Class, External, Function, Module, Value
from .objects import class_of, is_test_code, mock_class, patch_call
from .static import is_builtin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .modules import Symbol
    from .scope import Scope
    from .walk import Walk

INNER = "inner-checks"
_ERRORS_ON = frozenset({"numpy.errstate", "numpy.seterr", "np.errstate"})


class Calls:
    """Judges calls inside one function; `walk` is the walk through that function."""

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.scope = walk.scope
        self.analysis = walk.analysis
        self.statement = False
        self.callables = Callables(self)
        self.methods = Methods(self)

    def judge(self, call: ast.Call, statement: bool = False) -> Summary:
        """The checks and flaws of one call, without those of the expressions among its arguments.

        `statement`: the call is a statement of its own, nobody reads what it returns.
        """
        checks: list[Check] = []
        flaws: list[Flaw] = []
        self.statement = statement
        for summary in (self._target(call, statement), *self._references(call)):
            checks += summary.checks
            flaws += summary.flaws
        return Summary(tuple(checks), tuple(flaws))

    # ---- small words

    def _check(
        self, call: ast.AST, strength: Strength, kinds: frozenset[str], reason: str = "", message: str = ""
    ) -> Summary:
        return Summary((Check(strength, kinds, self.scope.module.at(call), reason, message),))

    def sound(self, call: ast.AST, kinds: frozenset[str] = ASSERTION) -> Summary:
        """A check that can fail."""
        return self._check(call, Strength.SOUND, kinds)

    def plausible(self, call: ast.AST) -> Summary:
        """A call whose name promises a check."""
        return self._check(call, Strength.PLAUSIBLE, ASSERTION)

    def unsure(self, call: ast.AST, name: str) -> Summary:
        """A call into something that cannot be read."""
        if self.walk.is_code:
            return Summary()
        message = f"the test has no assertion of its own, and what `{name}` checks cannot be seen"
        # A call whose result goes on is rather the code under test than a helper that checks.
        reason = "unknown-helper" if self.statement else "unknown-call"
        return self._check(call, Strength.UNSURE, ASSERTION, reason, message)

    def raising_only(self, call: ast.AST) -> Summary:
        """A command whose own exceptions reach the test."""
        message = "the test only asks whether the command raises; nothing of its result is looked at"
        return self._check(call, Strength.UNSURE, ANY_ERROR, "raising-only", message)

    def flaw(self, call: ast.AST, reason: str, message: str) -> Summary:
        """A call that looks like checking and is none."""
        return Summary(flaws=(Flaw(reason, message, self.scope.module.at(call)),))

    # ---- what is called

    def _target(self, call: ast.Call, statement: bool) -> Summary:
        func = _looked_up(call.func)
        symbol = self.scope.symbol(func)
        match symbol:
            case Function():
                return self.of_function(symbol, call, statement)
            case Class():
                return self._constructed(symbol)
            case External():
                return self._external(symbol, call, statement)
            case Value():
                return self._value(symbol, call, statement)
            case Module():
                return Summary()
        if isinstance(func, ast.Attribute):
            return self.methods.judge(func, call, statement)
        if isinstance(func, ast.Name):
            return self._named(func, call)
        found = self._followed(func, call)
        if found is not None:
            return found
        origin = self.scope.library(func)
        if isinstance(func, ast.Subscript) and origin and origin.partition(".")[0] in known.PANDERA_ROOTS:
            return self.sound(call, kinds_of("SchemaError"))
        if (origin and known.is_silent(origin.partition(".")[0])) or self._is_product(func):
            return Summary()
        return self.unsure(call, ast.unparse(func)[:40])

    def _followed(self, func: ast.expr, call: ast.Call) -> Summary | None:
        """What the functions contribute that the callee may hold; None: it cannot be told which."""
        # Only the tests' own helpers are followed that far; code under test makes a test weak at most.
        functions = [] if self.walk.is_code else list(self.callables.functions(func, self.scope))
        if not functions:
            return None
        found = [self.of_function(function, call) for function in functions]
        return Summary(
            tuple(check for summary in found for check in summary.checks),
            tuple(flaw for summary in found for flaw in summary.flaws),
        )

    def _is_product(self, func: ast.expr) -> bool:
        """Whether the callee was made by the code under test: a model that a factory has built."""
        if not isinstance(func, ast.Call):
            return False
        symbol = self.scope.symbol(func.func)
        module = symbol.module if isinstance(symbol, Function | Class) else None
        return module is not None and not is_test_code(module.path, self.walk.test_path)

    def of_function(self, function: Function, call: ast.AST | None = None, statement: bool = False) -> Summary:
        """What calling a function of the project contributes."""
        node = function.node
        if statement and isinstance(node, ast.AsyncFunctionDef) and isinstance(call, ast.Call):
            return self.flaw(call, "never-called", f"the coroutine `{node.name}` is made and never awaited")
        code = self.walk.is_code
        helper = (function.outer is not None and not code) or is_test_code(function.module.path, self.walk.test_path)
        # How deep to look is counted anew where the tests' helpers end and the code under test begins.
        depth = self.walk.depth + 1 if helper is not code else 1
        summary = self.analysis.summary(function, not helper, depth, self.walk.test_path)
        if helper or self.walk.is_code:
            return summary
        promising = known.promises(node.name)
        if any(_last(decorator) in known.PANDERA_DECORATORS for decorator in node.decorator_list):
            return self.sound(call or node, kinds_of("SchemaError"))
        if promising:
            checks = tuple(
                Check(Strength.PLAUSIBLE, check.kinds | ANY_ERROR, check.location) for check in summary.checks
            )
            return Summary(checks, summary.flaws)
        return summary

    def _constructed(self, cls: Class) -> Summary:
        """Calling a class runs its `__init__`; an object of the tests' own making may be called back by the code."""
        names = ["__init__", "__post_init__", "__call__"]
        double = cls.outer is not None or is_test_code(cls.module.path, self.walk.test_path)
        if (double or known.promises(cls.node.name)) and not self.walk.is_code:
            names = self._called_back(cls)
        found = self.of_methods(cls, names)
        for base in self.scope.project.ancestry(cls)[1:]:
            if isinstance(base, External) and base.root in known.PANDERA_ROOTS and not self.walk.is_code:
                return self.sound(cls.node, kinds_of("SchemaError"))
            if isinstance(base, External) and base.root == "pydantic" and not self.walk.is_code:
                message = f"the test has no assertion of its own; only `{cls.node.name}` validates what it is given"
                check = Check(Strength.UNSURE, ANY_ERROR, cls.module.at(cls.node), INNER, message)
                return Summary((*found.checks, check), found.flaws)
        return found

    def _called_back(self, cls: Class) -> list[str]:
        """Methods that the code under test may call: all when the class has a base, else those of a known protocol."""
        ancestry = self.scope.project.ancestry(cls)
        every = [
            statement.name
            for one in ancestry
            if isinstance(one, Class)
            for statement in one.node.body
            if isinstance(statement, ast.FunctionDef)
        ]
        if len(ancestry) > 1 or cls.outer is not None or known.promises(cls.node.name):
            return every
        return [name for name in every if name in known.CALLED_BACK or name.startswith(("__", "on_"))]

    def of_methods(self, cls: Class, names: list[str]) -> Summary:
        """What calling these methods of a class contributes."""
        checks: list[Check] = []
        for name in names:
            method = self.scope.project.method(cls, name)
            if isinstance(method, Function):
                checks += self.of_function(method).checks
        if known.promises(cls.node.name):
            checks = [replace(check, strength=max(check.strength, Strength.PLAUSIBLE)) for check in checks]
        return Summary(tuple(checks))

    def _value(self, value: Value, call: ast.Call, statement: bool) -> Summary:
        made = self.scope.project.dotted(value.expr, value.module) if value.expr is not None else None
        if isinstance(made, External) and value.expr is not None and _is_name(value.expr):
            # `same = np.testing.assert_allclose`, kept under a name of one's own.
            return self._external(made, call, statement)
        if isinstance(made, External) and made.root in known.PANDERA_ROOTS:
            return self.sound(call, kinds_of("SchemaError"))
        if isinstance(value.expr, ast.Lambda):
            return Summary()
        if isinstance(value.expr, ast.Call):
            for argument in value.expr.args:
                held = self.scope.project.dotted(argument, value.module) if _is_name(argument) else None
                if isinstance(held, Function):
                    return self.of_function(held, call)
        if isinstance(made, External) and known.is_silent(made.root):
            return Summary()
        return self._by_name(call, _last(call.func))

    def _by_name(self, call: ast.Call, name: str) -> Summary:
        if known.promises(name):
            return Summary() if self.walk.is_code else self.plausible(call)
        return self.unsure(call, name)

    def _named(self, func: ast.Name, call: ast.Call) -> Summary:
        """A call of a builtin, an argument or a local name."""
        name = func.id
        home = self.scope.home(name)
        if home is None:
            if is_builtin(func, self.scope):
                if name in {"exit", "quit"}:
                    return self.sound(call, EXIT)
                if self.statement and name in known.BOOLEAN_CALLS:
                    return self.flaw(call, "unread-result", f"nobody reads the answer of `{name}`")
                return self.unsure(call, name) if name in {"exec", "eval"} else Summary()
        elif home is self.scope and name in home.params:
            return self.argument(name, call)
        found = self._followed(func, call)
        if found is not None:
            return found
        value = home.value(name) if home is not None else None
        if home is not None and value is not None:
            return self._held(value, home, call, name)
        if home is None and name not in self.scope.module.names and not self.scope.module.stars:
            # Bound by a comprehension or a lambda, or by nobody at all.
            return self._by_name(call, name) if is_inner(func, self.scope) else Summary()
        if home is not None and name in home.params and not home.node.name.startswith("test"):
            # What a decorator or factory was given: whoever gave it is judged for it.
            return self.plausible(call) if known.promises(name) and not self.walk.is_code else Summary()
        return self._by_name(call, name)

    def _held(self, value: ast.expr, home: Scope, call: ast.Call, name: str) -> Summary:
        """A call of a local name that is bound to no function of the project."""
        if isinstance(value, ast.Lambda) or class_of(value, home) is not None or mock_class(value, home):
            maker = (home.library(value) or "").partition(".")[0]
            if maker in known.PANDERA_ROOTS:
                return self.sound(call, kinds_of("SchemaError"))
            return self._by_name(call, name) if maker and not known.is_silent(maker) else Summary()
        if isinstance(value, ast.Attribute) and known.promises_first(value.attr):
            return self.plausible(call)
        origin = home.library(value)
        if (origin and known.is_silent(origin.partition(".")[0])) or self._is_product(value):
            return Summary()
        helper = home.symbol(value.func) if isinstance(value, ast.Call) else None
        return self._returned(helper, call, name) if isinstance(helper, Function) else self._by_name(call, name)

    def argument(self, name: str, call: ast.Call) -> Summary:
        """A call of an argument: a fixture that returns a function, a parameter, a benchmark."""
        if name.startswith("benchmark"):
            message = "the test only measures; nothing is compared with a limit"
            return self._check(call, Strength.UNSURE, ASSERTION, "benchmark-only", message)
        given = self.walk.parameters.values.get(name)
        if given is not None:
            found = [summary for value in given for summary in self.reference(value)]
            if found:
                return Summary(tuple(check for summary in found for check in summary.checks))
            return self._by_name(call, name)
        fixture = self.walk.fixture(name)
        if fixture is not None:
            return self._followed(call.func, call) or self._returned(fixture, call, fixture.node.name)
        if self.walk.is_test:
            return self._by_name(call, name) if name not in known.SILENT_FIXTURES else Summary()
        return self.plausible(call) if known.promises(name) and not self.walk.is_code else Summary()

    def _returned(self, maker: Function, call: ast.Call, name: str) -> Summary:
        """Calling what a fixture, or a helper of the tests, returned."""
        scope = self.analysis.scope(maker)
        for answer in answers(maker.node):
            origin = scope.library(answer)
            if origin and origin.partition(".")[0] in known.PANDERA_ROOTS:
                return self.sound(call, kinds_of("SchemaError"))
            for held in (answer, *(answer.args if isinstance(answer, ast.Call) else ())):
                symbol = scope.symbol(held)
                if isinstance(symbol, External) and _asserts(symbol):
                    return self.sound(call)
            silent = origin and known.is_silent(origin.partition(".")[0])
            if mock_class(answer, scope) or silent or isinstance(class_of(answer, scope), Class):
                return Summary()
        return self._by_name(call, name)

    # ---- libraries

    def _external(self, symbol: External, call: ast.Call, statement: bool) -> Summary:
        dotted, last, root = symbol.dotted, symbol.last, symbol.root
        if statement and does_nothing(last, call) and root in {"pytest", "numpy", "nose"}:
            return self.flaw(
                call, "unread-result", f"`{last}` is called without a block to watch, so it checks nothing"
            )
        if statement and dotted == "pytest.approx":
            return self.flaw(call, "unread-result", "`approx` is compared with nothing; `assert ... ==` is missing")
        if dotted in known.ASSERTING:
            return self.sound(call, kinds_of(known.ASSERTING[dotted]))
        if root in known.ASSERTING_ROOTS:
            return self.sound(call)
        if dotted in known.EXIT_CODE_CALLS:
            if _keyword(call, "check") or _keyword(call, "raise_on_error"):
                return self.sound(call, kinds_of("CalledProcessError"))
            return self.flaw(call, "unread-result", f"nobody reads the exit code of `{dotted}`")
        if root in known.HTTP_ROOTS and last in known.HTTP_VERBS:
            return self.flaw(call, "unread-result", "nobody reads the status of the response")
        if dotted in {"sys.exit", "os._exit"}:
            return Summary() if _exits_well(call) else self.sound(call, EXIT)
        if dotted in {"warnings.simplefilter", "warnings.filterwarnings"} and _first_text(call) == "error":
            return self.sound(call, ANY_ERROR | {"Warning", "UserWarning"})
        if dotted == "warnings.warn":
            if self.analysis.settings.warnings_are_errors:
                return self.sound(call, ANY_ERROR | {"Warning", "UserWarning"})
            return self.flaw(call, "warns-only", "a failure is only a warning, which turns nothing red")
        if dotted in known.RUNNERS:
            return self.unsure(call, dotted)
        if self.trips(call):
            return self.plausible(call)
        if dotted in known.TURNING_TROUBLE_INTO_ERRORS or "jax_debug_nans" in ast.unparse(call):
            return self.plausible(call)
        if dotted in _ERRORS_ON and "'raise'" in ast.unparse(call):
            return self.plausible(call)
        if "assert" in known.words(last) and last not in known.NOT_CHECKS:
            return self.sound(call)
        if root in known.RESULT_ROOTS:
            unread = statement and known.promises_first(last)
            return self.flaw(call, "unread-result", f"nobody reads the result of `{last}`") if unread else Summary()
        if statement and last in known.BOOLEAN_CALLS:
            return self.flaw(call, "unread-result", f"nobody reads the answer of `{last}`")
        if statement and known.words(last)[:1] == ("test",) and not self.walk.is_code:
            return self.plausible(call)
        if known.is_silent(root):
            if self.walk.is_code:
                return Summary()
            return self.plausible(call) if known.promises_first(last) else Summary()
        return self._by_name(call, last)

    def trips(self, call: ast.Call) -> bool:
        """Whether a mock is made, or patched in, that raises as soon as the code calls it."""
        if not mock_class(call, self.scope) and not patch_call(call, self.scope):
            return False
        return any(keyword.arg == "side_effect" and raises(keyword.value) for keyword in call.keywords)

    # ---- functions handed on

    def _references(self, call: ast.Call) -> Iterator[Summary]:
        """Functions among the arguments are taken to be called: `pool.map(check_row, rows)`, `partial(check, model)`."""
        if is_builtin(call.func, self.scope) and not is_builtin(call.func, self.scope, frozenset({"map", "filter"})):
            return
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from self.reference(argument)

    def reference(self, expr: ast.expr) -> Iterator[Summary]:
        """What a function contributes that is named without being called here."""
        match expr:
            case ast.Name(id=name) if self.scope.home(name) is self.scope and name in self.scope.params:
                yield from self._handed_on(name)
            case ast.Name() | ast.Attribute():
                symbol: Symbol | None = self.scope.symbol(expr)
                if isinstance(symbol, Function):
                    yield self.of_function(symbol)
                elif isinstance(symbol, Class) and symbol.outer is not None:
                    yield self._constructed(symbol)
                elif isinstance(symbol, External) and symbol.dotted not in known.EXIT_CODE_CALLS:
                    if symbol.last.startswith("assert") or symbol.dotted == "pytest.fail":
                        yield self.sound(expr)
                elif symbol is None and isinstance(expr, ast.Attribute) and known.promises_first(expr.attr):
                    yield self.plausible(expr)
            case ast.Call() if not self.walk.is_code:
                for function in self.callables.functions(expr, self.scope):
                    yield self.of_function(function)
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                for part in elts:
                    yield from self.reference(part)
            case ast.Dict(values=values):
                for part in values:
                    yield from self.reference(part)
            case _:
                pass

    def _handed_on(self, name: str) -> Iterator[Summary]:
        """An argument of the test that is given to somebody: a function from `parametrize`, or an object of a fixture."""
        for value in self.walk.parameters.values.get(name) or ():
            if not isinstance(value, ast.Name) or value.id != name:
                yield from self.reference(value)
        fixture = self.walk.fixture(name)
        if fixture is not None:
            scope = self.analysis.scope(fixture)
            for answer in answers(fixture.node):
                symbol = scope.symbol(answer)
                made = class_of(answer, scope)
                if isinstance(symbol, Function):
                    yield self.of_function(symbol)
                elif isinstance(made, Class):
                    yield self._constructed(made)

    def managed(self, expr: ast.expr) -> Summary:
        """What entering an object as a context manager contributes beyond making it."""
        made = class_of(expr, self.scope)
        return self.of_methods(made, ["__enter__", "__exit__", "__aexit__"]) if isinstance(made, Class) else Summary()


def _looked_up(func: ast.expr) -> ast.expr:
    """`getattr(self, "check")` is `self.check`."""
    match func:
        case ast.Call(func=ast.Name(id="getattr"), args=[thing, ast.Constant(value=str(name)), *_]):
            return ast.copy_location(ast.Attribute(value=thing, attr=name, ctx=ast.Load()), func)
        case _:
            return func


def _asserts(symbol: External) -> bool:
    """Whether a library's function is there to assert."""
    return symbol.dotted in known.ASSERTING or symbol.last.startswith("assert") or symbol.root in known.ASSERTING_ROOTS


def _last(expr: ast.expr) -> str:
    """The last part of a decorator's or callee's name."""
    match expr:
        case ast.Call(func=func):
            return _last(func)
        case ast.Attribute(attr=attr):
            return attr
        case ast.Name(id=name):
            return name
        case _:
            return ""


def raises(expr: ast.expr) -> bool:
    """Whether the side effect of a mock is an exception, so that calling it at all makes the test fail."""
    text = ast.unparse(expr)
    return "Error" in text or "Exception" in text


def _is_name(expr: ast.expr) -> bool:
    return isinstance(expr, ast.Name | ast.Attribute)


def _keyword(call: ast.Call, name: str) -> bool:
    """Whether a keyword is given, and not as a literal that is false."""
    for keyword in call.keywords:
        if keyword.arg == name:
            return not (isinstance(keyword.value, ast.Constant) and not keyword.value.value)
        if keyword.arg is None:
            return True
    return False


def _first_text(call: ast.Call) -> str:
    values = [*call.args, *(keyword.value for keyword in call.keywords if keyword.arg == "action")]
    first = values[0] if values else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""


def _exits_well(call: ast.Call) -> bool:
    """Whether `sys.exit(...)` ends with success: no argument, 0 or None."""
    if not call.args:
        return True
    first = call.args[0]
    return isinstance(first, ast.Constant) and first.value in {0, None}

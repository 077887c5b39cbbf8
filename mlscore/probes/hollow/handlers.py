"""What catches a failure: `except` clauses, `contextlib.suppress`, and which exceptions belong to which class names."""

from __future__ import annotations

import ast
import builtins
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .finding import ANY_ERROR, Flaw, kinds_of
from .modules import Class, External

if TYPE_CHECKING:
    from .scope import Scope


@dataclass(frozen=True, slots=True)
class Swallow:
    """Handlers in their order: the class names each catches, and the flaw when it lets nothing out (None: it fails)."""

    handlers: tuple[tuple[frozenset[str], Flaw | None], ...]

    def catches(self, kinds: frozenset[str]) -> Flaw | None:
        """The flaw of the first handler that catches such a failure, or None when it gets out."""
        for names, flaw in self.handlers:
            if not names.isdisjoint(kinds):
                return flaw
        return None


def handled_names(expr: ast.expr | None, scope: Scope) -> frozenset[str]:
    """The class names an `except` clause catches; nothing at all is everything."""
    if expr is None:
        return frozenset({"BaseException"})
    if isinstance(expr, ast.Tuple):
        return frozenset().union(*(handled_names(part, scope) for part in expr.elts))
    text = ast.unparse(expr)
    if text.endswith("fail.Exception"):
        return frozenset({"Failed"})
    if text.endswith(("skip.Exception", "xfail.Exception")):
        return frozenset({"Skipped"})
    symbol = scope.symbol(expr)
    if isinstance(symbol, Class):
        return frozenset({symbol.node.name})
    return frozenset({text.rpartition(".")[2]})


def suppressed(context: ast.expr, scope: Scope) -> frozenset[str] | None:
    """The class names that `with suppress(...)` catches, or None for another context manager."""
    if not isinstance(context, ast.Call):
        return None
    symbol = scope.symbol(context.func)
    if not isinstance(symbol, External) or symbol.dotted != "contextlib.suppress":
        return None
    return frozenset().union(*(handled_names(part, scope) for part in context.args))


def is_skip(raised: ast.expr, scope: Scope) -> bool:
    """Whether raising this skips the test."""
    named = raised.func if isinstance(raised, ast.Call) else raised
    symbol = scope.symbol(named)
    if isinstance(symbol, External):
        return symbol.dotted in {"unittest.SkipTest", "unittest.case.SkipTest", "pytest.skip.Exception"}
    return False


def exception_kinds(name: str, scope: Scope, raised: ast.expr) -> frozenset[str]:
    """The class names by which a handler may catch an exception that the project raises."""
    builtin = getattr(builtins, name, None)
    if isinstance(builtin, type) and issubclass(builtin, BaseException):
        return frozenset(cls.__name__ for cls in builtin.__mro__ if cls is not object)
    symbol = scope.symbol(raised.func if isinstance(raised, ast.Call) else raised)
    if isinstance(symbol, Class):
        names = {one.node.name for one in scope.project.ancestry(symbol) if isinstance(one, Class)}
        outside = {one.last for one in scope.project.ancestry(symbol) if isinstance(one, External)}
        plain = {base.id for one in scope.project.ancestry(symbol) if isinstance(one, Class) for base in one.node.bases
                 if isinstance(base, ast.Name)}  # fmt: skip
        return ANY_ERROR | names | outside | plain
    return kinds_of(name)

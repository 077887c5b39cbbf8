"""What stands around a test and decides whether anything checks it: the setup part of a fixture, a class that awaits."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .fixtures import first_yield
from .modules import Class, External, each

if TYPE_CHECKING:
    from .analysis import Analysis
    from .fixtures import Decorator
    from .modules import Function, FunctionNode

_PLAIN_CASES = frozenset({"unittest.TestCase", "unittest.case.TestCase"})
# What may run a test in a way of its own.
_RUNNING = frozenset({"run", "__call__", "_callTestMethod", "__init_subclass__", "__getattribute__", "debug"})
_AWAITING_MARKS = frozenset({"asyncio", "anyio", "trio", "tornado", "curio", "gen_test"})


def setup_lines(node: FunctionNode) -> frozenset[int]:
    """The lines of a fixture's assertions that are over before any test begins.

    What a nested function asserts may be called at any time, and so may what is handed to somebody else.
    """
    end = first_yield(node)
    found: set[int] = set()
    for statement in each(node.body):
        if isinstance(statement, ast.Assert | ast.Raise) and (end is None or statement.lineno < end):
            found.add(statement.lineno)
    return frozenset(found)


def never_awaited(function: Function, decorators: list[Decorator], analysis: Analysis) -> bool:
    """Whether an `async def` test belongs to a class that calls it and drops the coroutine."""
    if not isinstance(function.node, ast.AsyncFunctionDef) or function.owner is None:
        return False
    ancestry = analysis.project.ancestry(function.owner)
    outside = {one.dotted for one in ancestry if isinstance(one, External)}
    if not outside or not outside <= _PLAIN_CASES or analysis.settings.warnings_are_errors:
        return False
    for one in ancestry:
        if isinstance(one, Class) and (one.node.keywords or any(_runs_tests(s) for s in one.node.body)):
            return False
    return all(_leaves_alone(decorator.dotted) for decorator in decorators)


def _runs_tests(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef) and statement.name in _RUNNING


def _leaves_alone(dotted: str) -> bool:
    """Whether a decorator leaves an `async def` test one."""
    if dotted.startswith("pytest.mark."):
        return dotted.rpartition(".")[2] not in _AWAITING_MARKS
    return dotted.startswith(("unittest.", "mock."))

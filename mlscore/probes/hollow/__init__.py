"""Tests that cannot fail: static analysis of marked tests, and of the helpers and fixtures that they call.

Nothing of the project is imported or run. A false accusation is worse than a miss: what cannot be seen is WEAK at most,
and keeps its points.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .analysis import Analysis
from .finding import Finding, Verdict
from .verdict import Case

if TYPE_CHECKING:
    from mlscore.project.tree import Tree

__all__ = ["Analyzer", "Finding", "Verdict"]


class Analyzer:
    """Judges the tests of one project. Files are read and parsed once, whatever the number of tests."""

    def __init__(self, tree: Tree) -> None:
        self._analysis = Analysis(tree)
        self._findings: dict[tuple[str, str], Finding | None] = {}

    def function(self, path: str, qualname: str) -> Finding | None:
        """What is to be said about the test `qualname` ("test_x" or "TestClass.test_x") of the file `path`.

        None: as far as can be seen it can fail, or it cannot be read (absent, not UTF-8, not Python 3). Of several
        findings the decisive one is returned. A parametrised test's id may carry its brackets.
        """
        key = (path, qualname.partition("[")[0].replace("::", "."))
        if key not in self._findings:
            self._findings[key] = self._judge(*key)
        return self._findings[key]

    def _judge(self, path: str, qualname: str) -> Finding | None:
        try:
            function = self._analysis.project.function(path, qualname)
            if function is None:
                return None
            self._analysis.begin()
            return Case(self._analysis, function).finding()
        except RecursionError:
            # Nested more deeply than anybody writes by hand: nothing can be said.
            self._analysis.forget()
            return None

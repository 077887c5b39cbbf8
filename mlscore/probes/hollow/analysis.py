"""Summaries of functions, each made once, and what a test gets from fixtures, decorators and the configuration."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .finding import ASSERTION, Check, Strength, Summary
from .fixtures import Fixtures, answers
from .flow import Role
from .modules import FunctionNode, Project, each
from .own import Own
from .scope import Scope
from .walk import Walk

if TYPE_CHECKING:
    from mlscore.project.tree import Tree

    from .flow import End
    from .modules import Class, Function
    from .own import Tags

MAX_HELPERS = 8
MAX_CODE = 3
MAX_WALKS = 500
_CONFIGURATIONS = ("pyproject.toml", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", "pytest.toml", ".pytest.toml")
_STRICT = re.compile(
    r"^\s*(?:xfail_strict|strict_xfail|strict)\s*=\s*(?:true|1|yes|on)\b", re.MULTILINE | re.IGNORECASE
)
_WARNINGS = re.compile(r"^\s*filterwarnings\s*=\s*(?:\[\s*)?[\"']?error\b(?!:)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Settings:
    """What pytest's configuration changes about a test's meaning."""

    xfail_is_strict: bool = False
    warnings_are_errors: bool = False


class Analysis:
    """The state of one analysis: everything is read, parsed and summed up once."""

    def __init__(self, tree: Tree) -> None:
        self.project = Project(tree)
        self.fixtures = Fixtures(self.project)
        self.settings = _settings(tree)
        self.handlers: dict[int, tuple[bool, End]] = {}
        self._scopes: dict[tuple[int, int], Scope] = {}
        self._summaries: dict[tuple[tuple[int, int, bool], int], Summary] = {}
        self._busy: set[tuple[int, int, bool]] = set()
        self._cycles = 0
        self._walks = 0
        self._answers: dict[int, list[ast.expr]] = {}
        self._attributes: dict[int, dict[str, list[tuple[ast.expr, FunctionNode | None]]]] = {}
        self._fixture_tags: dict[int, Tags | None] = {}

    def scope(self, function: Function) -> Scope:
        """The function's scope."""
        key = _key(function)
        if key not in self._scopes:
            outer = self.scope(function.outer) if function.outer is not None else None
            self._scopes[key] = Scope(self.project, function, outer)
        return self._scopes[key]

    def summary(self, function: Function, code: bool, depth: int, test_path: str) -> Summary:
        """What calling the function contributes: nothing while it is being summed up.

        Helpers that are too deep, or too many, to follow are an unsure check: nobody is accused for our limits.
        """
        key = (*_key(function), code)
        if (key, depth) in self._summaries:
            return self._summaries[key, depth]
        if key in self._busy:
            self._cycles += 1
            return Summary()
        if depth > (MAX_CODE if code else MAX_HELPERS) or self._walks > MAX_WALKS:
            return Summary() if code and self._walks <= MAX_WALKS else _too_deep(function)
        self._walks += 1
        self._busy.add(key)
        cycles = self._cycles
        path = "" if code else test_path if function.outer is not None else function.module.path
        try:
            found = Walk(self, self.scope(function), Role.CODE if code else Role.HELPER, path, depth).run()
        finally:
            self._busy.discard(key)
        # Inside a cycle the answer lacks what the functions under way will add, so it is not kept.
        if cycles == self._cycles or not self._busy:
            self._summaries[key, depth] = found
        return found

    def begin(self) -> None:
        """Start with the next test: the limit on helpers to follow is one for each test."""
        self._walks = 0

    def forget(self) -> None:
        """Drop what a broken-off analysis left half done."""
        self._busy.clear()
        self._scopes.clear()
        self.fixtures = Fixtures(self.project)

    def answers(self, function: Function) -> list[ast.expr]:
        """What the function returns or yields."""
        key = id(function.node)
        if key not in self._answers:
            self._answers[key] = answers(function.node)
        return self._answers[key]

    def attributes(self, cls: Class) -> dict[str, list[tuple[ast.expr, FunctionNode | None]]]:
        """The values given to attributes of `self` in a class's methods, each with its method, and in its body (None)."""
        key = id(cls.node)
        if key not in self._attributes:
            found: dict[str, list[tuple[ast.expr, FunctionNode | None]]] = {}
            for statement in cls.node.body:
                method = statement if isinstance(statement, FunctionNode) else None
                for inner in each(method.body) if method is not None else (statement,):
                    match inner:
                        case ast.Assign(
                            targets=[ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name)], value=value
                        ):
                            found.setdefault(name, []).append((value, method))
                        case ast.Assign(targets=[ast.Name(id=name)], value=value) if method is None:
                            found.setdefault(name, []).append((value, None))
            self._attributes[key] = found
        return self._attributes[key]

    def fixture_summary(self, fixture: Function) -> Summary:
        """What running a fixture contributes."""
        return Walk(self, self.scope(fixture), Role.FIXTURE, fixture.module.path, 1).run()

    def fixture_tags(self, fixture: Function) -> Tags | None:
        """What the value of a fixture is made of, when it is nothing but what its author wrote; else None."""
        key = id(fixture.node)
        if key not in self._fixture_tags:
            self._fixture_tags[key] = None
            walk = Walk(self, self.scope(fixture), Role.FIXTURE, fixture.module.path, 1)
            own: Own = walk.asserts.own
            own.yields = False
            tags = [own.tags(answer) for answer in answers(fixture.node)]
            if tags and all(tag is not None for tag in tags):
                self._fixture_tags[key] = frozenset().union(*(tag for tag in tags if tag is not None))
        return self._fixture_tags[key]


def _key(function: Function) -> tuple[int, int]:
    """A method inherited by two classes counts twice: its `self` is another thing in each."""
    return id(function.node), id(function.owner.node) if function.owner is not None else 0


def _too_deep(function: Function) -> Summary:
    message = f"the test has no assertion of its own, and what `{function.node.name}` calls is too deep to follow"
    check = Check(Strength.UNSURE, ASSERTION, function.module.at(function.node), "unknown-helper", message)
    return Summary((check,))


def _settings(tree: Tree) -> Settings:
    texts = [text for path in _CONFIGURATIONS if (text := tree.text(path)) is not None]
    return Settings(
        xfail_is_strict=any(_STRICT.search(text) for text in texts),
        warnings_are_errors=any(_WARNINGS.search(text) for text in texts),
    )

"""Tests that a suite's own conftest.py leaves out of a run: files that it ignores, marks that it skips without an option.

Only what is plain is read: `collect_ignore` lists, and skips that hang on a mark and on an option of the command line.
Whatever else a conftest decides by is left to the run, and nothing is held against the test.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlscore.probes.automation.runs import Selection
    from mlscore.project.tree import Tree

_NAME = "conftest.py"
_HOOKS = frozenset({"pytest_collection_modifyitems", "pytest_runtest_setup"})
_LISTS = ("collect_ignore", "collect_ignore_glob")
# A guard: ("mark", name) or ("option", name), and whether it must hold.
Guard = tuple[str, str, bool]


@dataclass(frozen=True, slots=True)
class Skip:
    """Tests are left out when all the guards agree."""

    line: int
    guards: frozenset[Guard]


@dataclass(frozen=True, slots=True)
class Rules:
    """What one conftest.py says. `options` are the options that are on by default or not, by their own name."""

    path: str
    ignored: tuple[tuple[str, int], ...] = ()
    globs: tuple[tuple[str, int], ...] = ()
    skips: tuple[Skip, ...] = ()
    options: tuple[tuple[str, bool], ...] = ()


class Conftests:
    """The rules of a tree's conftest files, each read when the first test below it asks."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: dict[str, tuple[Rules, ...]] = {}

    def left_out(self, selection: Selection, path: str, markers: frozenset[str]) -> str | None:
        """Why a run with this selection leaves out the tests of a file that have these marks, or None."""
        found = self._above(path.rpartition("/")[0])
        defaults = dict(option for rules in found for option in rules.options)
        for rules in found:
            # A file that is named on the command line is collected all the same.
            named = any(path == argument.partition("::")[0] for argument in selection.paths)
            why = None if named else _ignored(rules, path)
            if why is not None:
                return why
            for skip in rules.skips:
                if _acts(skip, selection.options, defaults, markers):
                    return f"{rules.path}:{skip.line} leaves it out {_because(skip)}"
        return None

    def ignores(self, path: str, *, but: Callable[[str], bool]) -> bool:
        """Whether a conftest keeps a bare `pytest` from opening a file; those that `but` holds for are not asked."""
        rules = self._above(path.rpartition("/")[0])
        return any(_ignored(one, path) is not None for one in rules if not but(one.path))

    def _above(self, folder: str) -> tuple[Rules, ...]:
        """The rules that hold in a folder, the outermost first."""
        if folder not in self._known:
            outer = self._above(folder.rpartition("/")[0]) if folder else ()
            path = f"{folder}/{_NAME}" if folder else _NAME
            rules = self._read(path)
            self._known[folder] = outer if rules is None else (*outer, rules)
        return self._known[folder]

    def _read(self, path: str) -> Rules | None:
        text = self._tree.text(path) if self._tree.has(path) else None
        if text is None or not any(word in text for word in ("collect_ignore", *_HOOKS, "addoption")):
            return None
        try:
            module = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        ignored = {name: tuple(_entries(module, name)) for name in _LISTS}
        return Rules(path, ignored[_LISTS[0]], ignored[_LISTS[1]], tuple(_skips(module)), tuple(_options(module)))


def _ignored(rules: Rules, path: str) -> str | None:
    folder = rules.path.rpartition("/")[0]
    inner = path[len(folder) + 1 :] if folder else path
    for entry, line in rules.ignored:
        place = entry.removeprefix("./").rstrip("/")
        if inner == place or inner.startswith(f"{place}/"):
            return f"{rules.path}:{line} leaves out `{entry}` (`collect_ignore`)"
    parts = inner.split("/")
    for entry, line in rules.globs:
        if any(fnmatchcase("/".join(parts[:count]), entry) for count in range(1, len(parts) + 1)):
            return f"{rules.path}:{line} leaves out `{entry}` (`collect_ignore_glob`)"
    return None


def _acts(skip: Skip, given: tuple[str, ...], defaults: dict[str, bool], markers: frozenset[str]) -> bool:
    for kind, name, wanted in skip.guards:
        if kind == "mark":
            holds = name in markers
        elif name in defaults:
            holds = defaults[name] or name in given
        else:
            return False
        if holds != wanted:
            return False
    return True


def _because(skip: Skip) -> str:
    marks = " and ".join(
        f"for its mark `{n}`" if w else f"for lack of the mark `{n}`" for k, n, w in sorted(skip.guards) if k == "mark"
    )
    options = " and ".join(f"{'with' if w else 'without'} `{n}`" for k, n, w in sorted(skip.guards) if k == "option")
    return " ".join(filter(None, (marks, options)))


# -- reading ----------------------------------------------------------------------------------------------------------


def _entries(module: ast.Module, name: str) -> Iterator[tuple[str, int]]:
    """What a list at the top of the module holds; what a condition adds to it is not known to hold."""
    for node in module.body:
        value: ast.expr | None = None
        match node:
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AnnAssign(target=ast.Name(id=target)) if (
                target == name
            ):
                value = node.value
            case ast.AugAssign(target=ast.Name(id=target)) if target == name:
                value = node.value
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=target), attr="append" | "extend"))):
                value = node.value.args[0] if target == name and node.value.args else None  # type: ignore[attr-defined]
        for item in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            if isinstance(item, ast.Constant) and isinstance(item.value, str):
                yield item.value, item.lineno


def _options(module: ast.Module) -> Iterator[tuple[str, bool]]:
    """The options that the conftest adds, with whether they are on by default."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ADDERS:
            names = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            name = next((name for name in names if name.startswith("--")), None)
            keywords = {keyword.arg: keyword.value for keyword in node.keywords}
            default = keywords.get("default")
            action = keywords.get("action")
            on = isinstance(default, ast.Constant) and bool(default.value)
            if isinstance(action, ast.Constant) and action.value == "store_false":
                continue
            if name is not None and (default is None or isinstance(default, ast.Constant)):
                yield name, on


_ADDERS = frozenset({"addoption", "_addoption"})


def _skips(module: ast.Module) -> Iterator[Skip]:
    dests = {name.removeprefix("--").replace("-", "_"): name for name, _ in _options(module)}
    for node in module.body:
        if isinstance(node, ast.FunctionDef) and node.name in _HOOKS:
            yield from _Hook(dests, single=node.name == "pytest_runtest_setup").body(node.body, frozenset())


class _Hook:
    """One hook's body: the skips in it and what guards each. `None` for guards: something that only a run knows."""

    def __init__(self, dests: dict[str, str], *, single: bool) -> None:
        self.dests = dests
        self.single = single
        self.marks: set[str] = set()
        self.known: dict[str, ast.expr] = {}

    def body(self, body: list[ast.stmt], guards: frozenset[Guard] | None) -> Iterator[Skip]:
        for node in body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)]):
                    self.known[name] = node.value
                    if self.skip_mark(node.value):
                        self.marks.add(name)
                case ast.Assign(targets=[ast.Subscript(slice=ast.Slice())], value=ast.ListComp(generators=[one])):
                    # `items[:] = [item for item in items if …]` keeps what passes.
                    yield from self.skip(node, self.joined(guards, one.ifs[0], False) if len(one.ifs) == 1 else None)
                case ast.Expr(value=ast.Call() as call) if self.leaves_out(call):
                    yield from self.skip(node, guards)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr="add_marker"), args=[ast.Call() as mark])):
                    if ast.unparse(mark.func).endswith("mark.skipif") and mark.args:
                        yield from self.skip(node, self.joined(guards, mark.args[0], True))
                case ast.For():
                    yield from self.body(node.body, guards)
                case ast.If():
                    yield from self.body(node.body, self.joined(guards, node.test, True))
                    yield from self.body(node.orelse, self.joined(guards, node.test, False))
                    if _ends(node.body):
                        guards = self.joined(guards, node.test, False)
                case ast.With() | ast.Try() | ast.While():
                    yield from self.body(node.body, None)
                case ast.Return() | ast.Continue():
                    return

    def skip(self, node: ast.stmt, guards: frozenset[Guard] | None) -> Iterator[Skip]:
        """A skip for tests of a mark; what is skipped without one is another matter than automation."""
        if guards is not None and any(kind == "mark" for kind, _, _ in guards):
            yield Skip(node.lineno, guards)

    def skip_mark(self, node: ast.expr) -> bool:
        """Whether an expression is a mark that always skips."""
        text = ast.unparse(node.func if isinstance(node, ast.Call) else node)
        return text in ("pytest.mark.skip", "mark.skip") or text in self.marks

    def leaves_out(self, call: ast.Call) -> bool:
        if isinstance(call.func, ast.Attribute) and call.func.attr == "add_marker" and call.args:
            return self.skip_mark(call.args[0])
        return self.single and ast.unparse(call.func) in ("pytest.skip", "skip")

    def joined(self, guards: frozenset[Guard] | None, test: ast.expr, holds: bool) -> frozenset[Guard] | None:
        """The guards with a condition added; None when it is not plain."""
        more = self.guards(test, holds)
        return None if guards is None or more is None else guards | more

    def guards(self, test: ast.expr, holds: bool) -> frozenset[Guard] | None:
        match test:
            case ast.Name(id=name) if name in self.known:
                return self.guards(self.known[name], holds) if not isinstance(self.known[name], ast.Name) else None
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.guards(inner, not holds)
            case ast.BoolOp(op=op, values=values) if isinstance(op, ast.And) == holds:
                found: frozenset[Guard] | None = frozenset()
                for value in values:
                    found = self.joined(found, value, holds)
                return found
            case ast.Compare(left=ast.Constant(value=str() as name), ops=[ast.In() | ast.NotIn() as op]):
                text = ast.unparse(test.comparators[0])
                marked = "keywords" in text or "iter_markers" in text
                return frozenset({("mark", name, isinstance(op, ast.In) == holds)}) if marked else None
            case ast.Compare(left=left, ops=[ast.Is() | ast.IsNot() as op], comparators=[ast.Constant(value=None)]):
                return self.guards(left, isinstance(op, ast.IsNot) == holds)
            case ast.Compare(
                left=left, ops=[ast.Is() | ast.Eq() as op], comparators=[ast.Constant(value=bool() as flag)]
            ):
                return self.guards(left, flag == holds)
            case ast.Call(
                func=ast.Name(id="any"),
                args=[
                    ast.GeneratorExp(
                        elt=ast.Compare(
                            left=ast.Attribute(attr="name"),
                            ops=[ast.Eq()],
                            comparators=[ast.Constant(value=str() as name)],
                        ),
                        generators=[one],
                    )
                ],
            ) if "iter_markers" in ast.unparse(one.iter) and not one.ifs:
                return frozenset({("mark", name, holds)})
            case ast.Call(func=ast.Attribute(attr="get_closest_marker"), args=[ast.Constant(value=str() as name)]):
                return frozenset({("mark", name, holds)})
            case ast.Call(
                func=ast.Attribute(attr="getoption" | "getvalue"), args=[ast.Constant(value=str() as name), *_]
            ):
                return self.option(name, holds)
            case ast.Attribute(value=ast.Attribute(attr="option"), attr=name):
                return self.option(name, holds)
        return None

    def option(self, name: str, holds: bool) -> frozenset[Guard]:
        name = name if name.startswith("-") else self.dests.get(name, f"--{name.replace('_', '-')}")
        return frozenset({("option", name, holds)})


def _ends(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Return | ast.Continue)

"""What a test has replaced by an answer of its own, and where the replacement is in force."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from .objects import is_object_patch, mock_class, patch_call

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .own import Own

_UNDOING = frozenset({"undo", "stop", "stopall", "resetall"})


class Replaced:
    """The functions that one test has replaced; `own` tells what the test has written itself."""

    def __init__(self, own: Own) -> None:
        self.own = own
        self.scope = own.scope
        self._places: dict[str, list[ast.AST]] | None = None

    def answers(self, call: ast.Call, func: ast.Attribute) -> bool:
        """Whether the call is answered by what the test put in the function's place."""
        if self._places is None:
            self._places = {}
            found: dict[str, list[ast.AST]] = {}
            for place, node in self._all():
                found.setdefault(place, []).append(node)
            self._places = found
        names = {ast.unparse(func), self.own.path_of(func) or ""}
        return any(self._in_force(node, call) for name in names for node in self._places.get(name, ()))

    def _all(self) -> Iterator[tuple[str, ast.AST]]:
        """Each place replaced, as a text or dotted name, with the node that replaces it."""
        nodes = self.scope.nodes
        if any(isinstance(node, ast.Attribute) and node.attr in _UNDOING for node in nodes):
            return
        for node in nodes:
            match node:
                case ast.Assign(targets=[ast.Attribute() as target], value=value):
                    if mock_class(value, self.scope) and self.own.tags(value) is not None:
                        yield ast.unparse(target), node
                case ast.Call():
                    place = self._patched(node)
                    if place is not None and self._is_started(node):
                        yield place, node
        for decorator in self.scope.node.decorator_list:
            place = self._patched(decorator) if isinstance(decorator, ast.Call) else None
            if place is not None:
                yield place, decorator

    def _in_force(self, node: ast.AST, call: ast.Call) -> bool:
        """Whether a replacement holds where a call stands: it came before, in a block around the call."""
        parents = self.scope.parents
        if node in self.scope.node.decorator_list:
            return True
        block = node if isinstance(node, ast.stmt) else parents.get(node)
        while block is not None and not isinstance(block, ast.stmt | ast.withitem):
            block = parents.get(block)
        around = parents.get(block) if block is not None else None
        if around is None:
            return _line(node) < call.lineno
        child: ast.AST = call
        while (outer := parents.get(child)) is not None:
            if outer is around:
                entered = child not in around.items if isinstance(around, ast.With | ast.AsyncWith) else True
                return entered and _line(node) <= call.lineno
            child = outer
        return False

    def _is_started(self, call: ast.Call) -> bool:
        """Whether making a patch puts it in force: a fixture's at once, another one as a `with` or by `start()`."""
        if ast.unparse(call.func).partition(".")[0] in {"mocker", "monkeypatch"}:
            return True
        parent = self.scope.parents.get(call)
        return isinstance(parent, ast.withitem) or (isinstance(parent, ast.Attribute) and parent.attr == "start")

    def _patched(self, call: ast.Call) -> str | None:
        """The place that a call replaces by answers of the test's own, or None."""
        answers = [k.value for k in call.keywords if k.arg in {"return_value", "new", "side_effect"}]
        answers_in_a_row = [k.value for k in call.keywords if k.arg == "side_effect"]
        match call:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr"), args=[thing, name, value]
            ):
                place, answers = _place(thing, name), [value]
            case ast.Call(func=ast.Attribute(value=ast.Name(id="monkeypatch"), attr="setattr"), args=[name, value]):
                place, answers = _place(None, name), [value]
            case ast.Call(func=func, args=[thing, name, *rest]) if is_object_patch(func):
                place, answers = _place(thing, name), [*answers, *rest]
            case ast.Call(args=[name, *rest]) if patch_call(call, self.scope):
                place, answers = _place(None, name), [*answers, *rest]
            case _:
                return None
        if place is None or (not answers and not self._is_told(call)):
            return None
        # Answers in a row: which one is next depends on how often the code has asked.
        if any(isinstance(answer, ast.List | ast.Tuple) for answer in answers_in_a_row):
            return None
        return None if any(self.own.tags(answer) is None for answer in answers) else place

    def _is_told(self, call: ast.Call) -> bool:
        """Whether a patch puts a plain mock in place that the test keeps by a name, to tell it what to answer."""
        match self.scope.parents.get(call):
            case ast.Assign(targets=[ast.Name(id=name)]):
                pass
            case ast.withitem(optional_vars=ast.Name(id=name)):
                pass
            case _:
                return False
        return not call.keywords and self.scope.once(name) and not self.own.escapes(name)


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _place(thing: ast.expr | None, name: ast.expr) -> str | None:
    if not isinstance(name, ast.Constant) or not isinstance(name.value, str):
        return None
    return name.value if thing is None else f"{ast.unparse(thing)}.{name.value}"

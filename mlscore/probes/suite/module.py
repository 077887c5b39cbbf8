"""One Python file of a suite, parsed once: its imports, constants, fixtures, functions and classes by name."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from mlscore.core.evidence import Diagnostic, Location, Severity
from mlscore.core.placement import Mark

UNREADABLE = "test-file-unreadable"
"""The code of the diagnostic about a file whose tests cannot be listed."""
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Module:
    """A parsed file. `imports` maps a local name to its dotted origin ("np" to "numpy")."""

    path: str
    source: str
    tree: ast.Module
    imports: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    fixtures: dict[str, Function] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    autouse: list[Function] = field(default_factory=list)
    opted_out: set[str] = field(default_factory=set)
    readings: dict[int, object] = field(default_factory=dict)
    _lines: list[str] | None = None

    def lines(self) -> list[str]:
        """The source line by line, split once."""
        if self._lines is None:
            self._lines = self.source.split("\n")
        return self._lines

    def dotted(self, node: ast.expr) -> str | None:
        """The dotted name of an expression, its first part resolved through the imports; None when it is no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        parts.append(self.imports.get(node.id, node.id))
        return ".".join(reversed(parts))


def parse_module(path: str, text: str | None, raw: bytes | None) -> Module | Diagnostic:
    """The module behind a file's text, or behind its bytes where they are in another declared encoding.

    A file that Python 3 cannot parse gives a diagnostic that says where and why.
    """
    try:
        with warnings.catch_warnings():
            # An invalid escape in somebody's test is none of our business.
            warnings.simplefilter("ignore")
            if text is None:
                if raw is None:
                    return _unreadable(path, None, "it is too large or cannot be opened")
                if b"\0" in raw:
                    return _unreadable(path, None, "it is no text, as it holds null characters")
                tree = ast.parse(raw)
                text = raw.decode("latin-1")
            elif "\0" in text:
                return _unreadable(path, None, "it is no text, as it holds null characters")
            else:
                # A declared encoding is read in bytes alone, and only one that Python knows will do.
                tree = ast.parse(text.encode("utf-8") if _declares_encoding(text) else text)
    except SyntaxError as error:
        old = text is not None and ("print " in text or "except " in text) and "print" in (error.msg or "")
        hint = "Python 2 code?" if old or _looks_like_python_2(error) else error.msg
        # Some of Python's messages go on with advice of their own.
        brief = str(hint).split(";")[0].split(" - ")[0]
        return _unreadable(path, error.lineno or None, f"Python cannot parse it: {brief}")
    except (ValueError, RecursionError, MemoryError, UnicodeDecodeError) as error:
        return _unreadable(path, None, f"Python cannot parse it: {str(error) or type(error).__name__}")
    module = Module(path, text, tree)
    for statement in ast.walk(tree):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            _note_import(module, statement)
    for node in definitions(tree.body):
        _note(module, node)
    return module


def _declares_encoding(text: str) -> bool:
    return any(line.lstrip().startswith("#") and "coding" in line for line in text.split("\n", 2)[:2])


def _looks_like_python_2(error: SyntaxError) -> bool:
    said = (error.msg or "").lower()
    return "missing parentheses in call to" in said or "multiple exception types must be parenthesized" in said


def _unreadable(path: str, line: int | None, reason: str) -> Diagnostic:
    return Diagnostic(
        Severity.WARNING,
        UNREADABLE,
        f"the tests of this file are not listed: {reason}",
        Location(path, line),
        help="mend the file, or leave it out of what pytest collects",
    )


def definitions(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module's or class's body, those inside `if`, `try`, `with`, `for` and `while` too."""
    for statement in body:
        if isinstance(statement, ast.If | ast.For | ast.While):
            yield from definitions(statement.body)
            yield from definitions(statement.orelse)
        elif isinstance(statement, ast.With):
            yield from definitions(statement.body)
        elif isinstance(statement, ast.Try):
            for part in (statement.body, *(h.body for h in statement.handlers), statement.orelse, statement.finalbody):
                yield from definitions(part)
        else:
            yield statement


def _note_import(module: Module, statement: ast.Import | ast.ImportFrom) -> None:
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            module.imports.setdefault(
                alias.asname or alias.name.partition(".")[0],
                alias.name if alias.asname else alias.name.partition(".")[0],
            )
        return
    base = "." * statement.level + (statement.module or "")
    for alias in statement.names:
        module.imports.setdefault(alias.asname or alias.name, f"{base}.{alias.name}" if base else alias.name)


def _note(module: Module, node: ast.stmt) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        fixture = fixture_name(module, node)
        if fixture is not None:
            module.fixtures[fixture] = node
            if _is_autouse(node):
                module.autouse.append(node)
            module.functions.pop(node.name, None)
        else:
            module.functions[node.name] = node
    elif isinstance(node, ast.ClassDef):
        module.classes[node.name] = node
        for inner in definitions(node.body):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                name = fixture_name(module, inner)
                if name is not None:
                    module.fixtures.setdefault(name, inner)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Name):
                module.constants[target.id] = node.value
            elif isinstance(target, ast.Attribute) and target.attr == "__test__" and _is_false(node.value):
                module.opted_out.add(target.value.id if isinstance(target.value, ast.Name) else "")


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def fixture_name(module: Module, node: Function) -> str | None:
    """The name under which a function is a fixture, or None when it is none."""
    for decorator in node.decorator_list:
        call = decorator if isinstance(decorator, ast.Call) else None
        name = module.dotted(call.func if call else decorator) or ""
        if name.rpartition(".")[2] in ("fixture", "yield_fixture") or name.endswith("_fixture"):
            for keyword in call.keywords if call else ():
                if keyword.arg == "name" and isinstance(keyword.value, ast.Constant):
                    return str(keyword.value.value)
            return node.name
    return None


def _is_autouse(node: Function) -> bool:
    keywords = [k for d in node.decorator_list if isinstance(d, ast.Call) for k in d.keywords]
    return any(k.arg == "autouse" and isinstance(k.value, ast.Constant) and k.value.value is True for k in keywords)


def literal(module: Module, node: ast.expr) -> object:
    """The value of a literal, or of a module constant that is one; an Ellipsis for anything else."""
    if isinstance(node, ast.Name) and node.id in module.constants:
        node = module.constants[node.id]
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return ...


def marks_of(module: Module, decorators: list[ast.expr]) -> list[Mark]:
    """The pytest marks among decorators, nearest to the function last, as pytest stacks them."""
    marks: list[Mark] = []
    for decorator in decorators:
        marks += _marks(module, decorator, depth=0)
    return marks


def _marks(module: Module, node: ast.expr, depth: int) -> list[Mark]:
    call = node if isinstance(node, ast.Call) else None
    target = call.func if call else node
    if isinstance(target, ast.Name) and target.id in module.constants and depth < 3:
        # `slow = pytest.mark.slow(reason=...)` at the top, `@slow` below.
        return _marks(module, module.constants[target.id], depth + 1)
    name = module.dotted(target)
    if name is None:
        return []
    head, _, last = name.rpartition(".")
    if head not in ("pytest.mark", "mark") and not head.endswith(".pytest.mark"):
        return []
    args = tuple(literal(module, a) for a in call.args if not isinstance(a, ast.Starred)) if call else ()
    if call and any(isinstance(a, ast.Starred) for a in call.args):
        args += (...,)
    kwargs = {k.arg: literal(module, k.value) for k in call.keywords if k.arg} if call else {}
    found = [Mark(last, args, kwargs)]
    if last == "parametrize" and call:
        found += _marks_in_params(module, call)
    return found


def _marks_in_params(module: Module, call: ast.Call) -> list[Mark]:
    """The marks of single parameter sets: `pytest.param(..., marks=pytest.mark.x)`."""
    found: list[Mark] = []
    for node in ast.walk(call):
        if node is call or not isinstance(node, ast.Call) or not (module.dotted(node.func) or "").endswith("param"):
            continue
        for keyword in node.keywords:
            if keyword.arg == "marks":
                found += mark_list(module, keyword.value)
    return found


def mark_list(module: Module, node: ast.expr) -> list[Mark]:
    """The marks of `pytestmark`, which is one mark or a list of them."""
    if isinstance(node, ast.List | ast.Tuple):
        return [mark for element in node.elts for mark in _marks(module, element, depth=0)]
    return _marks(module, node, depth=0)

"""Putting marks into a test file's source: two kinds of line are added, every other byte stays as it is."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Mapping
from dataclasses import dataclass

from mlscore.core.placement import MARKER

_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@dataclass(frozen=True, slots=True)
class Marked:
    """A file's new bytes, and the tests (by the line of their `def`) that could not be marked, with the reason."""

    data: bytes
    refused: tuple[tuple[int, str], ...] = ()


def put_marks(data: bytes, wanted: Mapping[int, tuple[str, ...]]) -> Marked:
    """Put `@pytest.mark.mlscore(...)` above each `def` whose line (from 1) is in `wanted`, with its items.

    The mark gets the `def`'s own indentation and line end and stands below other decorators, so that it is on the
    function they wrap. `import pytest` is added where the file has none. Byte-order mark, declared encoding, tabs and
    mixed line ends are kept; lines are counted as Python counts them. The result is parsed and compared with the
    original: a file in which anything but the marks and the import would differ comes back unchanged.
    """
    mark = _BOM if data.startswith(_BOM) else b""
    lines = _LINE.findall(data[len(mark) :])
    try:
        tree = _parse(data)
    except (SyntaxError, ValueError) as error:
        return Marked(data, tuple((line, f"Python cannot parse the file: {error}") for line in wanted))
    functions = {
        node.lineno: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    additions: list[tuple[int, bytes]] = []
    refused: list[tuple[int, str]] = []
    name = _pytest_name(tree, before=min(wanted, default=0))
    for line, items in sorted(wanted.items()):
        node = functions.get(line)
        indent = lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip(b" \t\f"))]
        if node is None:
            refused.append((line, "there is no function on this line"))
        elif not lines[line - 1][len(indent) :].startswith((b"def", b"async")):
            refused.append((line, "its def does not begin its line"))
        elif name is None and _binds_pytest(tree):
            refused.append((line, "the file uses the name pytest for something else"))
        elif items:
            ids = ", ".join(f'"{item}"' for item in items)
            text = f"@{name or 'pytest'}.mark.{MARKER}({ids})".encode()
            additions.append((line, indent.rpartition(b"\f")[2] + text + _line_end(lines, line)))
    if not additions:
        return Marked(data, tuple(refused))
    if name is None:
        additions.append(_import(tree, lines))
    for line, text in sorted(additions, key=lambda addition: addition[0], reverse=True):
        lines.insert(line - 1, text)
    result = mark + b"".join(lines)
    if not _same_but_for_marks(tree, result):
        reason = "the marks would change more than themselves"
        return Marked(data, (*refused, *((line, reason) for line, _ in additions if line in wanted)))
    return Marked(result, tuple(refused))


def _parse(data: bytes) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(data)


def _line_end(lines: list[bytes], line: int) -> bytes:
    """The line end of a line, or of the file's first line that has one."""
    for candidate in (lines[line - 1] if line <= len(lines) else b"", *lines):
        end = candidate[len(candidate.rstrip(b"\r\n")) :]
        if end:
            return end
    return b"\n"


def _pytest_name(tree: ast.Module, *, before: int) -> str | None:
    """The name under which the file imports pytest above the line `before`, unconditionally; None when it does not."""
    for node in tree.body:
        if isinstance(node, ast.Import) and node.lineno < before:
            for alias in node.names:
                if alias.name == "pytest":
                    return alias.asname or "pytest"
    return None


def _binds_pytest(tree: ast.Module) -> bool:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name == "pytest":
            return True
        if isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "pytest" for t in node.targets):
            return True
        if isinstance(node, ast.Import | ast.ImportFrom) and any((a.asname or a.name) == "pytest" for a in node.names):
            return not (isinstance(node, ast.Import) and any(a.name == "pytest" for a in node.names))
    return False


def _import(tree: ast.Module, lines: list[bytes]) -> tuple[int, bytes]:
    """The line before which `import pytest` goes, and its text: among the imports, else after docstring and __future__.

    Imports of the standard library come first and plain imports before `from` ones, as import sorters have it.
    """
    body = list(tree.body)
    head: ast.stmt | None = None
    if ast.get_docstring(tree, clean=False) is not None:
        head = body.pop(0)
    while body and isinstance(body[0], ast.ImportFrom) and body[0].module == "__future__":
        head = body.pop(0)
    imports: list[ast.Import | ast.ImportFrom] = []
    for node in body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            break
        imports.append(node)
    for node in imports:
        if not _is_standard(node) and (isinstance(node, ast.ImportFrom) or node.names[0].name > "pytest"):
            return node.lineno, b"import pytest" + _line_end(lines, node.lineno)
    if imports:
        last = imports[-1]
        line = _after(last)
        end = _line_end(lines, last.lineno)
        gap = end if _is_standard(last) else b""
        return _insertion(lines, line, gap + b"import pytest" + end, end)
    if head is not None:
        end = _line_end(lines, head.lineno)
        return _insertion(lines, _after(head), end + b"import pytest" + end, end)
    first = body[0]
    line = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))])
    end = _line_end(lines, line)
    return line, b"import pytest" + end * 3


def _after(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) + 1


def _insertion(lines: list[bytes], line: int, text: bytes, end: bytes) -> tuple[int, bytes]:
    # A statement that another one follows on the same line (`import os; x = 1`) is no matter: the line as a whole is
    # passed. A last line without a line end needs one first.
    if line > len(lines) and lines and not lines[-1].endswith((b"\n", b"\r")):
        return line, end + text
    return line, text


def _is_standard(node: ast.Import | ast.ImportFrom) -> bool:
    module = node.names[0].name if isinstance(node, ast.Import) else (node.module or "")
    return module.partition(".")[0] in sys.stdlib_module_names and not (isinstance(node, ast.ImportFrom) and node.level)


def _same_but_for_marks(before: ast.Module, data: bytes) -> bool:
    """Whether the new source means the old one with marks of ours, and perhaps one import, added."""
    try:
        after = _parse(data)
    except (SyntaxError, ValueError):
        return False
    known = sum(isinstance(n, ast.Import) and _is_our_import(n) for n in before.body)
    removed = False
    if sum(isinstance(n, ast.Import) and _is_our_import(n) for n in after.body) > known:
        for position, node in enumerate(after.body):
            if isinstance(node, ast.Import) and _is_our_import(node):
                del after.body[position]
                removed = True
                break
    if not removed and len(after.body) != len(before.body):
        return False
    return _bare(before) == _bare(after)


def _is_our_import(node: ast.Import) -> bool:
    return len(node.names) == 1 and node.names[0].name == "pytest" and node.names[0].asname is None


def _bare(tree: ast.Module) -> str:
    """A dump of the tree without our marks."""
    kept: list[tuple[ast.FunctionDef | ast.AsyncFunctionDef, list[ast.expr]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            kept.append((node, node.decorator_list))
            node.decorator_list = [d for d in node.decorator_list if not _is_our_mark(d)]
    dumped = ast.dump(tree)
    for node, decorators in kept:
        node.decorator_list = decorators
    return dumped


def _is_our_mark(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == MARKER

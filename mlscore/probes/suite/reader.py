"""A test suite read without running it: every test pytest would collect, with its marks, docstring and place."""

from __future__ import annotations

import ast
import fnmatch
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.core.evidence import Diagnostic, Location
from mlscore.core.placement import Mark
from mlscore.probes.suite.module import Function, Module, definitions, mark_list, marks_of, parse_module
from mlscore.probes.suite.settings import SuiteSettings

if TYPE_CHECKING:
    from mlscore.project.tree import Tree

_NOT_COLLECTED = frozenset({"property", "cached_property", "overload", "nottest"})


@dataclass(frozen=True, slots=True)
class StaticTest:
    """One test as pytest would collect it, parametrisation left out.

    `id` is the node id relative to the root; `qualname` names the function where it is defined ("Base.test_x" for a
    method that a test class inherits), `line` is that of its `def`.
    """

    id: str
    path: str
    name: str
    classes: tuple[str, ...]
    qualname: str
    location: Location
    docstring: str | None
    marks: tuple[Mark, ...]
    node: Function = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Suite:
    """Every test found, in pytest's order of files, the parsed files, and what could not be read."""

    tests: tuple[StaticTest, ...]
    modules: dict[str, Module]
    diagnostics: tuple[Diagnostic, ...]


def read_suite(tree: Tree, settings: SuiteSettings, *, under: tuple[str, ...] = ()) -> Suite:
    """The tests below the tree's root, or below the paths `under` it (folders or files); nothing is executed.

    Without `under`, the settings' testpaths apply, as they do for a bare `pytest`. A file named on its own is read
    whatever its name. Each file is read and parsed once; conftest files are parsed for their fixtures.
    """
    files = tree.files()
    chosen = _chosen(files, settings, under)
    modules: dict[str, Module] = {}
    diagnostics: list[Diagnostic] = list(settings.diagnostics)
    tests: list[StaticTest] = []
    folders = {folder for path in chosen for folder in _folders(path)}
    for path in files:
        conftest = path.rpartition("/")[2] == "conftest.py" and path.rpartition("/")[0] in folders
        if path not in chosen and not conftest:
            continue
        parsed = parse_module(path, tree.text(path), _raw(tree, path))
        if isinstance(parsed, Diagnostic):
            diagnostics.append(parsed)
            continue
        modules[path] = parsed
        if path in chosen:
            tests += _tests(parsed, settings)
    return Suite(tuple(tests), modules, tuple(diagnostics))


def _raw(tree: Tree, path: str) -> bytes | None:
    """The bytes of a file that is not UTF-8; it may declare another encoding in its first lines."""
    if tree.text(path) is not None:
        return None
    try:
        full = tree.root / path
        return full.read_bytes() if full.stat().st_size < 4 * 1024 * 1024 else None
    except OSError:
        return None


def _folders(path: str) -> Iterator[str]:
    """Every folder above a file, the root ("") too."""
    folder = path
    while folder:
        folder = folder.rpartition("/")[0]
        yield folder


def _chosen(files: tuple[str, ...], settings: SuiteSettings, under: tuple[str, ...]) -> set[str]:
    named = {path for path in under if path in files}
    roots = tuple(p.strip("/").removeprefix("./") for p in under if p not in named)
    if not under:
        roots = tuple(p.strip("/").removeprefix("./").rstrip("/") for p in settings.testpaths)
        named |= {path for path in files if path in roots}
        if roots and not any(_below(path, roots) for path in files):
            # As pytest does: testpaths that lead nowhere are ignored.
            roots = ()
    if under and not roots:
        return named
    return {
        path
        for path in files
        if path in named
        or (path.endswith(".py") and _below(path, roots) and settings.is_test_file(path) and settings.is_recursed(path))
    }


def _below(path: str, roots: tuple[str, ...]) -> bool:
    if not roots:
        return True
    return any(
        root in ("", ".") or path.startswith(root + "/") or fnmatch.fnmatchcase(path, f"{root}/*") for root in roots
    )


def _tests(module: Module, settings: SuiteSettings) -> Iterator[StaticTest]:
    module_marks = mark_list(module, module.constants["pytestmark"]) if "pytestmark" in module.constants else []
    if "__test__" in module.constants and _is_false(module.constants["__test__"]):
        return
    seen: dict[str, ast.stmt] = {}
    for node in definitions(module.tree.body):
        # Of two definitions of one name only the last is there when pytest looks.
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            seen[node.name] = node
    for node in seen.values():
        if isinstance(node, ast.ClassDef):
            yield from _class_tests(module, settings, node, (), module_marks, set())
        elif (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and module.functions.get(node.name) is node
            and settings.is_test_function(node.name)
            and node.name not in module.opted_out
            and not _decorated_away(module, node)
        ):
            yield _test(module, node, (), node.name, [*module_marks, *marks_of(module, node.decorator_list)])


def _class_tests(
    module: Module,
    settings: SuiteSettings,
    node: ast.ClassDef,
    outer: tuple[str, ...],
    marks: list[Mark],
    entered: set[str],
) -> Iterator[StaticTest]:
    lineage = _lineage(module, node)
    is_unittest = any(_is_test_case(module, base) for cls in lineage for base in cls.bases)
    if not is_unittest and not settings.is_test_class(node.name):
        return
    if node.name in module.opted_out or _opted_out(node) or node.name in entered:
        return
    methods: dict[str, tuple[Function, ast.ClassDef]] = {}
    inner: dict[str, ast.ClassDef] = {}
    collected_marks = list(marks)
    has_init = False
    for cls in reversed(lineage):
        collected_marks += marks_of(module, cls.decorator_list)
        for statement in definitions(cls.body):
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                methods.pop(statement.name, None)
                methods[statement.name] = (statement, cls)
                has_init |= statement.name in ("__init__", "__new__")
            elif isinstance(statement, ast.ClassDef):
                inner[statement.name] = statement
            elif isinstance(statement, ast.Assign) and any(
                isinstance(t, ast.Name) and t.id == "pytestmark" for t in statement.targets
            ):
                collected_marks += mark_list(module, statement.value)
    if has_init and not is_unittest:
        # pytest refuses to collect a class with a constructor.
        return
    classes = (*outer, node.name)
    for name, (method, cls) in methods.items():
        named = name.startswith("test") if is_unittest else settings.is_test_function(name)
        fixture = any(method is f for f in module.fixtures.values())
        if not named or fixture or _decorated_away(module, method):
            continue
        qualname = ".".join((*outer, cls.name, name)) if cls is node else f"{cls.name}.{name}"
        own = marks_of(module, method.decorator_list)
        yield _test(module, method, classes, qualname, [*collected_marks, *own])
    for nested in inner.values():
        yield from _class_tests(module, settings, nested, classes, collected_marks, {*entered, node.name})


def _lineage(module: Module, node: ast.ClassDef) -> list[ast.ClassDef]:
    """A class and its base classes of the same module, nearest first."""
    found: list[ast.ClassDef] = []
    waiting = [node]
    while waiting:
        cls = waiting.pop(0)
        if cls in found:
            continue
        found.append(cls)
        waiting += [module.classes[b.id] for b in cls.bases if isinstance(b, ast.Name) and b.id in module.classes]
    return found


def _is_test_case(module: Module, base: ast.expr) -> bool:
    # Bases from elsewhere are known by name alone: unittest's, Django's, TensorFlow's and absl's all end like this.
    name = module.dotted(base) or ""
    return name.endswith("TestCase")


def _opted_out(node: ast.ClassDef) -> bool:
    return any(
        isinstance(s, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == "__test__" for t in s.targets)
        and _is_false(s.value)
        for s in node.body
    )


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _decorated_away(module: Module, node: Function) -> bool:
    names = {
        (module.dotted(d.func if isinstance(d, ast.Call) else d) or "").rpartition(".")[2] for d in node.decorator_list
    }
    return bool(names & _NOT_COLLECTED)


def _test(module: Module, node: Function, classes: tuple[str, ...], qualname: str, marks: list[Mark]) -> StaticTest:
    return StaticTest(
        id="::".join((module.path, *classes, node.name)),
        path=module.path,
        name=node.name,
        classes=classes,
        qualname=qualname,
        location=Location(module.path, node.lineno),
        docstring=ast.get_docstring(node),
        marks=tuple(marks),
        node=node,
    )

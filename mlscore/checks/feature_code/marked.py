"""The tests that are marked for an item, read from the files without running them, and told from contexts of coverage."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_PHASE = re.compile(r"\|(setup|run|teardown)$")
_ASIDE = frozenset({"node_modules", "site-packages", "build", "dist", "venv", "__pycache__"})


@dataclass(frozen=True, slots=True)
class Marked:
    """Marked tests as (path from the root, qualified name), a name empty where the whole file is marked."""

    item: str
    tests: frozenset[tuple[str, str]] = frozenset()

    def has(self, context: str) -> bool:
        """Whether a context is one of these tests: pytest-cov's node ids, and coverage's own dotted names."""
        text = _PHASE.sub("", context)
        path, colons, name = text.partition("::")
        if colons:
            qualified = name.partition("[")[0].replace("::", ".")
            return any(_within(qualified, known) and _ends(path, file) for file, known in self.tests)
        for file, known in self.tests:
            module = file.removesuffix(".py").replace("/", ".")
            stem = module.rpartition(".")[2]
            for start in (module, stem):
                if text == f"{start}.{known}" or text.endswith(f".{start}.{known}"):
                    return True
                if not known and f".{text}.".find(f".{start}.") >= 0:
                    return True
                if known and f".{text}".find(f".{start}.{known}.") >= 0:
                    return True
        return False


def _within(name: str, known: str) -> bool:
    """Whether a test is the marked one, or inside of the marked class or file."""
    return not known or name == known or name.startswith(f"{known}.")


def _ends(path: str, file: str) -> bool:
    return path == file or path.endswith(f"/{file}") or file.endswith(f"/{path}")


def find_marked(root: Path, item: str) -> Marked:
    """Tests under `root` with a marker `mlscore` that names the item; a file that cannot be read has none."""
    found: set[tuple[str, str]] = set()
    for path in _files(root):
        try:
            text = path.read_text(encoding="utf-8")
            if "mlscore" not in text or item not in text:
                continue
            tree = ast.parse(text)
        except (OSError, ValueError, SyntaxError, RecursionError):
            continue
        place = path.relative_to(root).as_posix()
        found |= {(place, name) for name in _names(tree.body, item, "")}
    return Marked(item, frozenset(found))


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return
    for path in entries:
        if path.is_dir():
            if not path.is_symlink() and path.name not in _ASIDE and not path.name.startswith("."):
                yield from _files(path)
        elif path.suffix == ".py" and (path.name.startswith("test_") or path.stem.endswith("_test")):
            yield path


def _names(body: Sequence[ast.stmt], item: str, inside: str) -> Iterator[str]:
    for statement in body:
        if isinstance(statement, (ast.Assign, ast.AnnAssign)):
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            named = any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in targets)
            if named and statement.value is not None and any(_marks(one, item) for one in ast.walk(statement.value)):
                yield inside
        elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{inside}.{statement.name}" if inside else statement.name
            if any(_marks(one, item) for one in statement.decorator_list):
                yield name
            elif isinstance(statement, ast.ClassDef):
                yield from _names(statement.body, item, name)


def _marks(node: ast.AST, item: str) -> bool:
    """Whether an expression is `….mlscore("data-7", …)`."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "mlscore"
        and any(isinstance(one, ast.Constant) and one.value == item for one in node.args)
    )

"""Coverage data held against feature functions: which lines of their bodies ran, and in which tests."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType

from mlscore.checks.feature_code.forms import Feature
from mlscore.checks.feature_code.marked import Marked
from mlscore.checks.feature_code.report import Coverage, Executed
from mlscore.errors import InputError
from mlscore.tables.extras import need

NAMES = (".coverage", "coverage.json")
MOST_TESTS = 3
_SQLITE = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a function's code is: the file, and the lines of its body."""

    path: str
    lines: tuple[int, ...]
    one_line: bool = False


@dataclass(frozen=True, slots=True)
class Data:
    """Executed lines by file, each with the contexts that executed it (none: the data have no contexts)."""

    files: Mapping[str, Mapping[int, tuple[str, ...]]]
    contexts: bool
    changed: float
    source: str
    root: Path = field(default_factory=Path)


def location(feature: Feature) -> Place | None:
    """Where the code of a feature is; None where it is not written in Python."""
    function = feature.code
    if function is None:
        return None
    code = function.__code__
    lines = {line for one in _codes(code) for *_, line in one.co_lines() if line is not None}
    body = tuple(sorted(lines - {code.co_firstlineno}))
    return Place(code.co_filename, body or (code.co_firstlineno,), not body)


def _codes(code: CodeType) -> Iterable[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def read_coverage(given: str | None, root: Path) -> Data | None:
    """The coverage data that are named, else those in the root; None where there are none.

    Raises InputError for a file that is no coverage data, UsageError where reading it needs the package coverage.
    """
    if given is None:
        path = next((root / name for name in NAMES if (root / name).is_file()), None)
        if path is None:
            return None
    else:
        path = root / given
    try:
        head = path.open("rb").read(len(_SQLITE))
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}", where=given, hint="run the tests with coverage first"
        ) from None
    if head == _SQLITE:
        return _database(path, root)
    return _report(path, root)


def _database(path: Path, root: Path) -> Data:
    coverage = need("coverage", package="coverage")
    data = coverage.CoverageData(basename=str(path))
    try:
        data.read()
        files = {}
        for name in data.measured_files():
            found = data.contexts_by_lineno(name)
            files[name] = {line: tuple(one for one in found.get(line, ()) if one) for line in data.lines(name) or ()}
        contexts = any(data.measured_contexts())
    except Exception as error:
        raise InputError(
            f"this is no coverage data: {error}", where=path.name, hint="run the tests with coverage again"
        ) from None
    return Data(files, contexts, path.stat().st_mtime, path.name, root)


def _report(path: Path, root: Path) -> Data:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        files = {}
        contexts = False
        for name, found in read["files"].items():
            of = {int(line): tuple(one for one in names if one) for line, names in found.get("contexts", {}).items()}
            contexts = contexts or any(of.values())
            files[name] = {int(line): of.get(int(line), ()) for line in found["executed_lines"]}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise InputError(
            "this is no coverage data", where=path.name, hint="give a .coverage file, or what `coverage json` writes"
        ) from None
    return Data(files, contexts, path.stat().st_mtime, path.name, root)


def judge(place: Place | None, data: Data | None, marked: Marked) -> Coverage:
    """Whether tests execute a function, and whether marked ones do where the data tell tests apart."""
    if data is None:
        return Coverage(Executed.UNKNOWN, "there are no coverage data; run the tests with coverage first")
    if place is None:
        return Coverage(Executed.UNKNOWN, "its code is not written in Python")
    path = Path(place.path).resolve()
    if not path.is_relative_to(data.root.resolve()) or "site-packages" in path.parts:
        return Coverage(Executed.UNKNOWN, "its code is not in the project")
    if place.one_line:
        return Coverage(Executed.UNKNOWN, "its body stands in the line that defines it, which every import executes")
    try:
        if path.stat().st_mtime > data.changed + 1:
            return Coverage(Executed.UNKNOWN, f"{data.source} is older than {path.name}; run the tests again")
    except OSError:
        return Coverage(Executed.UNKNOWN, "its file is not there")
    found = _file(path, data)
    if found is None:
        return Coverage(Executed.NO, f"{path.name} is not in {data.source}: no test imports it", len(place.lines))
    hit = [line for line in place.lines if line in found]
    lines = f"{len(hit)} of {len(place.lines)} lines"
    if not hit:
        return Coverage(Executed.NO, "no test executes it", len(place.lines))
    if not data.contexts:
        says = f"{lines} executed; {data.source} does not tell by which tests (record contexts)"
        return Coverage(Executed.YES, says, len(place.lines), len(hit))
    return _by_tests(found, hit, len(place.lines), marked)


def _by_tests(found: Mapping[int, tuple[str, ...]], hit: list[int], lines: int, marked: Marked) -> Coverage:
    names = sorted({name for line in hit for name in found[line]})
    right = [name for name in names if marked.has(name)]
    lines_right = [line for line in hit if any(marked.has(name) for name in found[line])]
    shown = tuple((right or names)[:MOST_TESTS])
    if right:
        says = f"{len(lines_right)} of {lines} lines executed by {_count(right)} marked {marked.item}"
        return Coverage(Executed.YES, says, lines, len(lines_right), shown)
    if not marked.tests:
        says = f"{len(hit)} of {lines} lines executed by {_count(names)}, but no test is marked {marked.item}"
        return Coverage(Executed.UNKNOWN, says, lines, len(hit), shown)
    if not names:
        return Coverage(Executed.NO, "it is executed outside of tests alone", lines, len(hit))
    says = f"executed by {_count(names)}, none of them marked {marked.item}"
    return Coverage(Executed.UNMARKED, says, lines, len(hit), shown)


def _count(names: list[str]) -> str:
    return f"{len(names)} test{'' if len(names) == 1 else 's'}"


def _file(path: Path, data: Data) -> Mapping[int, tuple[str, ...]] | None:
    """The lines of a file, whose name may be relative, or absolute on another machine."""
    inside = path.relative_to(data.root.resolve()).as_posix()
    for name, lines in data.files.items():
        given = name.replace("\\", "/")
        if given in (inside, path.as_posix()) or given.endswith(f"/{inside}"):
            return lines
    return None

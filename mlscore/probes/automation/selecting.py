"""Decides whether what a pytest command selects includes a given test."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import CiRun, Selection, shown

if TYPE_CHECKING:
    from collections.abc import Callable

# True, False, or None where only the run itself could tell.
Answer = bool | None
_TOKEN = re.compile(r"\s*(?:(\()|(\))|((?:[\w:+.\[\]\\/-])+))")
MAX_TOKENS = 200


def covers(run: CiRun, *, path: str, nodeid: str, markers: frozenset[str], name: str) -> str | None:
    """None when the run includes the test, else the reason why not.

    `path` is the test's file relative to the root, `nodeid` its pytest id (only what follows `::` is read), `markers`
    the names of its marks, `name` its own name. Whether the run is live is not asked here.
    """
    return by_file(run.selection, path, markers) or by_name(run.selection, path, nodeid, markers, name)


def by_file(selection: Selection, path: str, markers: frozenset[str]) -> str | None:
    """Why the selection leaves out every test of this file with these marks, as far as no name is needed."""
    if selection.checks is not None:
        return "it runs the configured checks alone"
    if not any(_within(path, argument.partition("::")[0]) for argument in selection.paths):
        places = ", ".join(f"`{p or '.'}`" for p in selection.paths[:3])
        return f"it lies outside the paths that are run ({shown(places)})"
    for ignored in selection.ignored:
        if path == ignored or path.startswith(f"{ignored}/"):
            return f"ignored by --ignore={ignored}"
    for pattern in selection.ignored_globs:
        if any(fnmatchcase(part, pattern) for part in _upwards(path)):
            return f"ignored by --ignore-glob={pattern}"
    if selection.markexpr:
        answer = evaluate(selection.markexpr, lambda word: word in markers)
        if answer is not True:
            verb = "deselected" if answer is False else "perhaps deselected"
            return f"{verb} by -m '{shown(selection.markexpr)}'"
    return None


def by_name(selection: Selection, path: str, nodeid: str, markers: frozenset[str], name: str) -> str | None:
    """Why the selection leaves out this one test of a file that it otherwise includes."""
    if not selection.by_name:
        return None
    inner = nodeid.partition("::")[2]
    full = f"{path}::{inner}"
    if not any(_names(argument, path, full) for argument in selection.paths):
        return "other tests of its file are named"
    for node in selection.deselected:
        if full.startswith(node) or path.startswith(node):
            return f"deselected by --deselect={node}"
    if selection.keyword:
        answer = evaluate(selection.keyword, _keywords(path, inner, markers, name))
        if answer is not True:
            verb = "deselected" if answer is False else "perhaps deselected"
            return f"{verb} by -k '{shown(selection.keyword)}'"
    return None


def by_check(selection: Selection, base: str, nodeid: str, kind: str) -> str | None:
    """Why a run leaves out a configured check of this node id (`mlscore::data-1::schema`) and kind.

    `base` is the folder of the project whose check it is, relative to the root ("" or "folder").
    """
    item, _, name = nodeid.removeprefix("mlscore::").partition("::")
    if selection.checks is not None:
        words = {nodeid, item, item.rpartition("-")[0], name, kind}
        return None if not selection.checks or words & set(selection.checks) else "it runs other checks"
    if not selection.scored:
        return (
            "it asks for no score, and so it runs no checks: add --mlscore, or mlscore = true to pytest's configuration"
        )
    if not any(_within(base, path) or _within(path, base) for path in selection.paths):
        return f"it runs the tests of another folder than `{base}`"
    named = next((path for path in selection.paths if "::" in path or path.endswith(".py")), None)
    if named is not None:
        return f"it runs `{named}` alone"
    for node in selection.deselected:
        if nodeid.startswith(node):
            return f"deselected by --deselect={node}"
    if selection.markexpr and evaluate(selection.markexpr, lambda word: False) is not True:
        return f"deselected by -m '{shown(selection.markexpr)}'"
    if selection.keyword and evaluate(selection.keyword, lambda word: word.lower() in nodeid.lower()) is not True:
        return f"deselected by -k '{shown(selection.keyword)}'"
    return None


def evaluate(expression: str, holds: Callable[[str], Answer]) -> Answer:
    """The value of a `-m` or `-k` expression; None for one that cannot be read or is not certain."""
    tokens: list[str] = []
    at = 0
    text = expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at or len(tokens) >= MAX_TOKENS:
            return None
        tokens.append(match[0].strip())
        at = match.end()
    if not tokens:
        return True
    tokens.reverse()
    try:
        answer = _or(tokens, holds)
    except (IndexError, RecursionError):
        return None
    return None if tokens else answer


def _or(tokens: list[str], holds: Callable[[str], Answer]) -> Answer:
    answer = _and(tokens, holds)
    while tokens and tokens[-1] == "or":
        tokens.pop()
        other = _and(tokens, holds)
        answer = True if True in (answer, other) else None if None in (answer, other) else False
    return answer


def _and(tokens: list[str], holds: Callable[[str], Answer]) -> Answer:
    answer = _not(tokens, holds)
    while tokens and tokens[-1] == "and":
        tokens.pop()
        other = _not(tokens, holds)
        answer = False if False in (answer, other) else None if None in (answer, other) else True
    return answer


def _not(tokens: list[str], holds: Callable[[str], Answer]) -> Answer:
    word = tokens.pop()
    if word == "not":
        inner = _not(tokens, holds)
        return None if inner is None else not inner
    if word == "(":
        inner = _or(tokens, holds)
        if not tokens or tokens.pop() != ")":
            raise IndexError
        return inner
    if word in (")", "and", "or") or tokens[-1:] == ["("]:
        # `mark(key=value)` asks for a mark's arguments, which are not known here.
        raise IndexError
    return holds(word)


def _keywords(path: str, inner: str, markers: frozenset[str], name: str) -> Callable[[str], Answer]:
    """How `-k` words match: certainly within the file's, class's and test's names and marks, perhaps in folders' names."""
    parts = path.split("/")
    certain = [text.lower() for text in (parts[-1], *inner.split("::"), name, *markers)]
    folders = [part.lower() for part in parts[:-1]]

    def holds(word: str) -> Answer:
        word = word.lower()
        if any(word in text for text in certain):
            return True
        return None if any(word in text for text in folders) else False

    return holds


def _within(path: str, place: str) -> bool:
    """Whether a file is what a path argument names, or lies in it."""
    if not place or path == place or path.startswith(f"{place}/"):
        return True
    if not any(char in place for char in "*?["):
        return False
    pattern = place.split("/")
    parts = path.split("/")
    if "**" in pattern:
        return any(fnmatchcase(part, place.replace("**/", "*")) for part in _upwards(path))
    return len(parts) >= len(pattern) and all(map(fnmatchcase, parts, pattern))


def _upwards(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _names(argument: str, path: str, full: str) -> bool:
    place, separator, _ = argument.partition("::")
    if not separator:
        return _within(path, place)
    return full == argument or full.startswith((f"{argument}::", f"{argument}["))

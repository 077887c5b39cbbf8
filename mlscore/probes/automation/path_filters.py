"""Path filters of CI files: whether a change of the project's own code can pass them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mlscore.project.tree import Tree

MAX_BRACES = 64
_DOCS = ("docs/", "doc/", "documentation/")
_SET = re.compile(r"\[[^\]/]+\]")


def reaches_code(tree: Tree, allowed: Callable[[str], bool]) -> bool:
    """Whether a filter lets a change of any of the project's Python files pass.

    Documentation and hidden folders are no code. Where there is no Python file, nothing can be said against a filter.
    """
    seen = False
    for path in tree.files():
        if path.endswith(".py") and not path.startswith((".", *_DOCS)) and "/." not in path:
            if allowed(path):
                return True
            seen = True
    return not seen


def shuts_out_code(tree: Tree, included: Sequence[str], excluded: Sequence[str] = ()) -> bool:
    """Whether lists of paths to include (none: all) and to exclude leave no Python file of the project.

    For systems whose patterns differ in what a star crosses: what includes is read widely, what excludes narrowly.
    """
    if not included and not excluded:
        return False

    def allowed(path: str) -> bool:
        wanted = not included or any(_widely(pattern, path) for pattern in included)
        return wanted and not any(github_glob(pattern.removeprefix("/")).fullmatch(path) for pattern in excluded)

    return not reaches_code(tree, allowed)


def _widely(pattern: str, path: str) -> bool:
    """Whether a pattern names a file in any reading: a folder is all below it, and stars cross folders."""
    names = braces(pattern.removeprefix("./").strip("/"))
    return any(
        fnmatchcase(path, name) or fnmatchcase(path, name.removeprefix("**/")) or path.startswith(f"{name}/")
        for name in names
    )


def passes(patterns: Iterable[str], text: str, compiled: Callable[[str], re.Pattern[str]]) -> bool:
    """Whether a list of patterns takes a text in; `!` before one takes out again what earlier ones took in."""
    found = False
    for pattern in patterns:
        negated = pattern.startswith("!")
        if found == negated and compiled(pattern.removeprefix("!")).fullmatch(text):
            found = not negated
    return found


@lru_cache(maxsize=512)
def github_glob(pattern: str) -> re.Pattern[str]:
    """A pattern of GitHub's filters: `**` crosses folders, `?` and `+` speak of the character before them."""

    def piece(match: re.Match[str]) -> str:
        text = match[0]
        return {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "?", "+": "+"}.get(text) or (
            _choice(text) if _SET.fullmatch(text) else re.escape(text[-1])
        )

    return _compiled(re.sub(r"\*\*/|\*\*|\\.|\[[^\]/]+\]|.", piece, pattern, flags=re.DOTALL))


@lru_cache(maxsize=512)
def folder_glob(pattern: str) -> re.Pattern[str]:
    """A pattern as shells with `**` read it: `**/` is any folders or none, other stars stay within one name."""

    def piece(match: re.Match[str]) -> str:
        text = match[0]
        return {"**/": "(?:.*/)?", "**": "[^/]*", "*": "[^/]*", "?": "[^/]"}.get(text) or (
            _choice(text) if _SET.fullmatch(text) else re.escape(text[-1])
        )

    made = (re.sub(r"\*\*/|\*\*|\\.|\[[^\]/]+\]|.", piece, text, flags=re.DOTALL) for text in braces(pattern))
    return _compiled("|".join(made))


def braces(pattern: str) -> list[str]:
    """The patterns that `{a,b}` stands for."""
    found = [pattern]
    while len(found) < MAX_BRACES and (match := re.search(r"\{([^{}]*)\}", found[0])):
        head = found.pop(0)
        found += [head[: match.start()] + choice + head[match.end() :] for choice in match[1].split(",")]
    return found


def _choice(text: str) -> str:
    """A set of characters, without what only Python's expressions read as more than that."""
    return "[" + re.sub(r"[\[&|~]", r"\\\g<0>", text[1:-1].replace("--", "-")) + "]"


def _compiled(expression: str) -> re.Pattern[str]:
    try:
        return re.compile(expression, re.DOTALL)
    except re.error:
        # What cannot be read is taken to let everything pass: a filter must not be accused wrongly.
        return re.compile(".*", re.DOTALL)

"""Commands that print paths of the repository (`find`, `git ls-files`, `circleci tests glob`), and what they print."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mlscore.probes.automation.path_filters import folder_glob
from mlscore.probes.automation.runs import UNKNOWN, is_folder, resolve

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlscore.project.tree import Tree

MAX_LISTED = 2000
LISTERS = frozenset({"find", "ls", "git", "circleci", "echo"})
# Commands that let every line through, in whatever order.
_FILTERS = (("sort",), ("uniq",), ("shuf",), ("cat",), ("circleci", "tests", "split"))


def printed_paths(commands: Sequence[Sequence[str]], cwd: str | None, tree: Tree) -> tuple[str, ...] | None:
    """The paths that a pipe of commands (their words) prints, relative to its folder; None when that is not known.

    Nothing at all, or more than MAX_LISTED paths, is not known either.
    """
    first, *others = commands
    if cwd is None or not all(_passes(words) for words in others) or any(UNKNOWN in w for c in commands for w in c):
        return None
    found: list[str] | None = None
    match list(first):
        case ["find", *words]:
            found = _find(words, cwd, tree)
        case ["ls", *words]:
            found = _matching([word for word in words if not re.fullmatch(r"-1?", word)], cwd, tree, plain=True)
        case ["git", "ls-files", *words]:
            found = _tracked([word for word in words if word != "--"], cwd, tree)
        case ["circleci", "tests", "glob", *words]:
            found = _matching(words, cwd, tree)
        case ["echo", *words]:
            found = words
    return tuple(dict.fromkeys(found)) if found and len(found) <= MAX_LISTED else None


def _tracked(words: Sequence[str], cwd: str, tree: Tree) -> list[str] | None:
    """The files that paths of git's name: a folder is all that lies below it, and a star crosses folders."""
    if any(word.startswith(("-", ":", "/", "..")) for word in words):
        return None
    below = _below(tree, cwd)
    names = [word.removeprefix("./").rstrip("/") for word in words] or ["*"]
    return [path for path in below if any(fnmatchcase(path, n) or path.startswith(f"{n}/") for n in names)]


def _passes(words: Sequence[str]) -> bool:
    if list(words[:1]) == ["tr"]:
        return len(words) == 3 and words[1] in ("\\n", "\n") and words[2] == " "
    return any(tuple(words[: len(known)]) == known for known in _FILTERS) and not any(
        word in ("-c", "-d", "-u", "-n", "--head-count") for word in words[1:]
    )


def _below(tree: Tree, folder: str) -> list[str]:
    """The files below a folder, relative to it."""
    start = f"{folder}/" if folder else ""
    return [path[len(start) :] for path in tree.files() if path.startswith(start)]


def _matching(words: Sequence[str], cwd: str, tree: Tree, *, plain: bool = False) -> list[str] | None:
    """The files that patterns name; `plain` patterns that are none name themselves, and must be files."""
    found: list[str] = []
    for word in words:
        name = word.removeprefix("./")
        if word.startswith(("-", "/", "~", ":", "..")) or (plain and is_folder(tree, resolve(cwd, name) or "")):
            return None
        glob = folder_glob(name)
        found += [path for path in _below(tree, cwd) if glob.fullmatch(path)]
    return found


def _find(words: list[str], cwd: str, tree: Tree) -> list[str] | None:
    starts: list[str] = []
    rest = list(words)
    while rest and not rest[0].startswith(("-", "!", "(")):
        starts.append(rest.pop(0))
    name, depth = "*", 100
    while rest:
        test = rest.pop(0)
        if test in ("-print", "-print0"):
            continue
        value = rest.pop(0) if rest else ""
        if test == "-name":
            name = value
        elif test == "-maxdepth" and value.isdecimal():
            depth = int(value)
        elif test != "-type" or value != "f":
            return None
    found: list[str] = []
    glob = folder_glob(name)
    for start in starts or ["."]:
        place = resolve(cwd, start)
        if place is None:
            return None
        head = "" if start in (".", "./") else start.rstrip("/") + "/"
        for path in _below(tree, place):
            if glob.fullmatch(path.rpartition("/")[2]) and path.count("/") < depth:
                found.append(head + path)
    return found

"""The shell's `test`, `[ ]` and `[[ ]]`: true, false, or not to be known from the repository."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable

_COMPARE: dict[str, Callable[[int, int], bool]] = {
    "-eq": lambda a, b: a == b,
    "-ne": lambda a, b: a != b,
    "-gt": lambda a, b: a > b,
    "-ge": lambda a, b: a >= b,
    "-lt": lambda a, b: a < b,
    "-le": lambda a, b: a <= b,
}
MAX_WORDS = 60


def holds(words: list[str], exists: Callable[[str], bool]) -> bool | None:
    """Whether the test of these words (without `[`, `[[` and their ends) holds; None when that is not known.

    `exists` says whether a path is in the checkout. What is not there may still be made by an earlier command, so its
    absence is not known.
    """
    if len(words) > MAX_WORDS:
        return None
    return _any(list(words), exists)


def _any(words: list[str], exists: Callable[[str], bool]) -> bool | None:
    result = _all(words, exists)
    while words and words[0] in ("||", "-o"):
        words.pop(0)
        other = _all(words, exists)
        result = True if True in (result, other) else None if None in (result, other) else False
    return result


def _all(words: list[str], exists: Callable[[str], bool]) -> bool | None:
    result = _one(words, exists)
    while words and words[0] in ("&&", "-a"):
        words.pop(0)
        other = _one(words, exists)
        result = False if False in (result, other) else None if None in (result, other) else True
    return result


def _one(words: list[str], exists: Callable[[str], bool]) -> bool | None:
    if not words:
        return False
    word = words.pop(0)
    if word == "!" and words:
        inner = _one(words, exists)
        return None if inner is None else not inner
    if word == "(" and ")" in words:
        inner = _any(words, exists)
        if words[:1] == [")"]:
            words.pop(0)
        return inner
    if len(words) >= 2 and (words[0] in ("=", "==", "!=", "=~", "<", ">") or words[0] in _COMPARE):
        return _compare(word, words.pop(0), words.pop(0))
    if word.startswith("-") and len(word) == 2 and words and words[0] not in ("&&", "||", "-a", "-o", ")"):
        return _unary(word, words.pop(0), exists)
    return None if UNKNOWN in word else bool(word)


def _compare(left: str, op: str, right: str) -> bool | None:
    if UNKNOWN in left or UNKNOWN in right or op in ("=~", "<", ">"):
        return None
    if op in _COMPARE:
        numbers = left.strip().lstrip("-").isdecimal() and right.strip().lstrip("-").isdecimal()
        return _COMPARE[op](int(left), int(right)) if numbers and len(left) < 9 and len(right) < 9 else None
    return fnmatchcase(left, right) == (op != "!=")


def _unary(op: str, word: str, exists: Callable[[str], bool]) -> bool | None:
    if UNKNOWN in word:
        return None
    if op in ("-n", "-z"):
        return bool(word) == (op == "-n")
    return True if op in ("-e", "-f", "-d", "-s", "-r", "-x") and exists(word) else None

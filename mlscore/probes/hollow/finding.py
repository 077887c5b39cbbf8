"""What the analysis says about a test, and the checks and flaws it is concluded from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlscore.core.evidence import Location


class Verdict(StrEnum):
    """How sure the analysis is that a test cannot fail through its own checking."""

    HOLLOW = "hollow"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class Finding:
    """One test that cannot fail (HOLLOW, earns nothing) or that a reviewer should look at (WEAK, keeps its points).

    `reason` is a machine-readable word, `message` one sentence for a person, `location` the offending place.
    """

    verdict: Verdict
    reason: str
    message: str
    location: Location


class Strength(IntEnum):
    """How surely a check can turn its test red."""

    UNSURE = 1
    PLAUSIBLE = 2
    SOUND = 3


# Every exception class that a handler could name to catch the failure. pytest's own outcomes are no `Exception`s.
ASSERTION = frozenset({"AssertionError", "Exception", "BaseException"})
OUTCOME = frozenset({"BaseException", "Failed", "OutcomeException"})
EXIT = frozenset({"SystemExit", "BaseException"})
ANY_ERROR = frozenset({"Exception", "BaseException"})


@dataclass(frozen=True, slots=True)
class Check:
    """A place where the test can fail by intention; `kinds` are the exception classes that its failure belongs to."""

    strength: Strength
    kinds: frozenset[str]
    location: Location
    reason: str = ""
    message: str = ""

    def at_most(self, strength: Strength, reason: str, message: str) -> Check:
        """The same check, no stronger than `strength`; a check that is weakened takes on the reason."""
        if self.strength <= strength:
            return self
        return replace(self, strength=strength, reason=reason, message=message)


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something that looks like checking and is none."""

    reason: str
    message: str
    location: Location


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function contributes to whoever calls it."""

    checks: tuple[Check, ...] = ()
    flaws: tuple[Flaw, ...] = ()


# The flaw that explains most comes first; within one rank, the first in the file.
_RANKS = {
    "always-skips": 0, "empty-parametrize": 0, "generator-test": 0,
    "never-called": 2, "not-called": 2,
    "unread-result": 3, "returned-result": 3,
    "warns-only": 4, "no-assertion": 5,
}  # fmt: skip


def decisive(flaws: Iterable[Flaw]) -> Flaw:
    """The flaw to name when there are several. Raises ValueError when there is none."""
    return min(enumerate(flaws), key=lambda pair: (_RANKS.get(pair[1].reason, 1), pair[0]))[1]


def strongest(checks: Iterable[Check]) -> Check | None:
    """The check that best shows that the test can fail, the first among equals; None without checks."""
    return max(checks, key=lambda check: check.strength, default=None)


_PARENTS = {
    "CalledProcessError": ("SubprocessError",),
    "HTTPError": ("RequestException", "HTTPStatusError", "OSError", "IOError"),
    "Failed": (),
}


def kinds_of(exception: str) -> frozenset[str]:
    """The classes that a handler may name to catch an exception of this class name."""
    if exception == "Failed":
        return OUTCOME
    if exception == "AssertionError":
        return ASSERTION
    return ANY_ERROR | {exception, *_PARENTS.get(exception, ())}

"""Changes of direct dependencies between two lock files, and which of them were announced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from mlscore.checks.upstream.locks import Lock
from mlscore.checks.upstream.versions import Pinned, Step, release, step

_NUMBER = re.compile(r"(?<![\w.])[vV]?(\d+(?:\.\d+)*)")


class Way(StrEnum):
    """What became of a dependency."""

    ADDED = "added"
    REMOVED = "removed"
    UP = "up"
    DOWN = "down"
    OTHER = "other source"


class FailOn(StrEnum):
    """From which change on an announcement is wanted."""

    MAJOR = "major"
    MINOR = "minor"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class DependencyChange:
    """One direct dependency that changed; `announced` says by what, None when it was not."""

    name: str
    way: Way
    before: str | None
    after: str | None
    step: Step | None = None
    announced: str | None = None

    def __str__(self) -> str:
        if self.way is Way.ADDED:
            what = f"added ({self.after})"
        elif self.way is Way.REMOVED:
            what = f"removed (was {self.before})"
        else:
            how = "from another source" if self.step is Step.SOURCE else f"{self.step} {self.way}"
            what = f"{self.before} -> {self.after}, {how}"
        return f"{self.name}: {what}; {f'announced by {self.announced}' if self.announced else 'not announced'}"

    def wants_word(self, fail_on: FailOn) -> bool:
        """Whether it must be announced."""
        if fail_on is FailOn.ANY:
            return True
        least = Step.MAJOR if fail_on is FailOn.MAJOR else Step.MINOR
        return self.step is not None and self.step.grade >= least.grade


@dataclass(frozen=True, slots=True)
class DependencyResult:
    """The changes, those that fail first; `direct` is how many direct dependencies were compared."""

    direct: int
    changes: tuple[DependencyChange, ...]
    fail_on: FailOn = FailOn.MAJOR
    not_judged: tuple[str, ...] = ()
    same: bool = False

    @property
    def failing(self) -> tuple[DependencyChange, ...]:
        """The changes that wanted an announcement and had none."""
        return tuple(one for one in self.changes if one.wants_word(self.fail_on) and one.announced is None)

    @property
    def passed(self) -> bool:
        """Whether every change that wants an announcement has one."""
        return not self.failing

    @property
    def hollow(self) -> str | None:
        """Why it could not have failed; None when it could."""
        if self.same:
            return "the lock file is compared with itself"
        return None if self.direct else "no direct dependency is locked"


Announcer = Callable[[DependencyChange], str | None]


def compare_locks(
    before: Lock,
    after: Lock,
    direct: frozenset[str] | None,
    *,
    announcers: Sequence[Announcer] = (),
    fail_on: FailOn = FailOn.MAJOR,
) -> DependencyResult:
    """Compare two lock files. `direct` are the names that the project asks for, before or now; None takes all packages.

    An announcer says by what a change was announced, or None.
    """
    names = sorted(set(before.packages) | set(after.packages))
    unknown = [f"earlier: {line}" for line in before.not_judged] + list(after.not_judged)
    if direct is None:
        unknown.append("which packages are direct: no manifest says so, all are compared")
    else:
        names = [name for name in names if name in direct]
        lost = sorted(direct - set(before.packages) - set(after.packages))
        unknown += [f"{name}: asked for, but not locked" for name in lost]
    found = []
    for name in names:
        change = _change(name, before.packages.get(name), after.packages.get(name))
        if change is not None:
            said = (announce(change) for announce in announcers)
            found.append(replace(change, announced=next((one for one in said if one), None)))
    found.sort(
        key=lambda one: (
            not (one.wants_word(fail_on) and one.announced is None),
            -(one.step.grade if one.step else 0),
            one.name,
        )
    )
    return DependencyResult(len(names), tuple(found), fail_on, tuple(dict.fromkeys(unknown)))


def announced_in(lines: Iterable[str], where: str) -> Announcer:
    """An announcer by the lines of a notice: one that names the package and then the new version, or how it begins.

    "pandas 3" announces 3.0.1, and "pandas 3.0.0" does not. For a removed package, or one without a number, its
    name is enough.
    """
    kept = tuple(lines)

    def announce(change: DependencyChange) -> str | None:
        spelt = "[-_.]".join(re.escape(word) for word in change.name.split("-"))
        pattern = re.compile(rf"(?<![A-Za-z0-9._-]){spelt}(?![A-Za-z0-9_-])", re.IGNORECASE)
        wanted = _numbers(change)
        for line in kept:
            match = pattern.search(line)
            if match is not None and (not wanted or _names(line[match.end() :], wanted)):
                return where
        return None

    return announce


def _numbers(change: DependencyChange) -> list[tuple[int, ...]]:
    """The numbers that an announcement may begin: of any of the new versions."""
    if change.after is None or change.step is Step.SOURCE:
        return []
    found = [release(one) for one in change.after.split(", ")]
    return [one[1:] for one in found if one is not None]


def _names(text: str, wanted: Sequence[tuple[int, ...]]) -> bool:
    for match in _NUMBER.finditer(text):
        said = tuple(int(number) for number in match[1].split("."))
        if any(one[: len(said)] == said for one in wanted):
            return True
    return False


def _change(name: str, before: Pinned | None, after: Pinned | None) -> DependencyChange | None:
    if before is None and after is not None:
        return DependencyChange(name, Way.ADDED, None, str(after))
    if after is None and before is not None:
        return DependencyChange(name, Way.REMOVED, str(before), None)
    if before is None or after is None or before == after:
        return None
    old, new = _newest(before), _newest(after)
    if before.url != after.url or old is None or new is None:
        return DependencyChange(name, Way.OTHER, _long(before), _long(after), Step.SOURCE)
    apart = step(old, new)
    if apart is None:
        if {step(old, one) for one in (*before.versions, *after.versions)} == {None}:
            return None
        return DependencyChange(name, Way.OTHER, str(before), str(after), Step.PATCH)
    how, upwards = apart
    if how is Step.SOURCE:
        return DependencyChange(name, Way.OTHER, str(before), str(after), how)
    return DependencyChange(name, Way.UP if upwards else Way.DOWN, str(before), str(after), how)


def _newest(pinned: Pinned) -> str | None:
    return max(pinned.versions, key=lambda one: (release(one) or (), one), default=None)


def _long(pinned: Pinned) -> str:
    return " ".join(filter(None, (", ".join(pinned.versions), pinned.url))) or "not pinned"

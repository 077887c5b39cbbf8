"""Versions of packages and how far two of them are apart: major, minor or patch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

_NAME = re.compile(r"[-_.]+")


class Step(StrEnum):
    """How far one version is from another; SOURCE: what cannot be told by number, such as a commit or a file."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"
    SOURCE = "source"

    @property
    def grade(self) -> int:
        """The greater, the further; a source may change anything."""
        return {Step.PATCH: 1, Step.MINOR: 2, Step.MAJOR: 3, Step.SOURCE: 3}[self]


@dataclass(frozen=True, slots=True)
class Pinned:
    """What a lock file says of one package: its versions (more than one when platforms differ; none when not pinned)."""

    name: str
    versions: tuple[str, ...] = ()
    url: str | None = None

    def __str__(self) -> str:
        return ", ".join(self.versions) or self.url or "not pinned"


def normal(name: str) -> str:
    """The name of a package as registries compare it: small letters, dashes."""
    return _NAME.sub("-", name).lower()


def release(version: str) -> tuple[int, ...] | None:
    """The numbers of a version, its epoch first; None when it has none that can be compared."""
    from packaging.version import InvalidVersion, Version

    try:
        parsed = Version(version)
    except InvalidVersion:
        # Conda's versions may say "9e" or "2024a"; their leading numbers still tell major from minor.
        match = re.match(r"\d+(?:\.\d+)*", version)
        return (0, *(int(number) for number in match[0].split("."))) if match else None
    return (parsed.epoch, *parsed.release)


def step(before: str, after: str) -> tuple[Step, bool] | None:
    """How far two versions are apart and whether it is upwards; None when they are equal, SOURCE when nobody can tell.

    As in semantic versioning the first number is the major one; below 1.0 the second is, as anything may change there.
    """
    if before == after:
        return None
    old, new = release(before), release(after)
    if old is None or new is None:
        return Step.SOURCE, True
    length = max(len(old), len(new))
    old, new = (one + (0,) * (length - len(one)) for one in (old, new))
    if old == new:
        return _within(before, after)
    place = next(number for number in range(length) if old[number] != new[number])
    upwards = new > old
    if place <= 1 or (place == 2 and old[1] == 0):
        return Step.MAJOR, upwards
    return (Step.MINOR if place == 2 else Step.PATCH), upwards


def _within(before: str, after: str) -> tuple[Step, bool] | None:
    """Two versions of one release: a candidate and the release itself, a build or a post-release of it."""
    from packaging.version import InvalidVersion, Version

    try:
        old, new = Version(before), Version(after)
    except InvalidVersion:
        return Step.PATCH, after > before
    return None if old == new else (Step.PATCH, new > old)

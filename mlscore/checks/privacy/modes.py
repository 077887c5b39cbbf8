"""Who may read or change files and folders, by their modes, owners and links, held against a declared policy."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlscore.errors import InputError, UsageError
from mlscore.project.redact import redact

_ACCESS_LIST = "system.posix_acl_access"


@dataclass(frozen=True, slots=True)
class ModePolicy:
    """What may be: the widest mode of a file (folders may add x wherever they have r), and owners and groups by name or id.

    No owners or groups: any.
    """

    mode: int
    owners: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.mode <= 0o777:
            raise UsageError(f"{self.mode:o} is no mode", hint='write it as "0640"')

    def excess(self, mode: int, folder: bool) -> int:
        """The bits that a file or folder has beyond the policy."""
        return mode & 0o777 & ~(self.mode | ((self.mode & 0o444) >> 2 if folder else 0))


@dataclass(frozen=True, slots=True)
class Exposed:
    """One file or folder that is wider than the policy, and in what."""

    path: str
    what: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}"


@dataclass(frozen=True, slots=True)
class Modes:
    """How many files and folders were judged, which go beyond the policy, and what could not be judged."""

    judged: int
    beyond: tuple[Exposed, ...]
    unknown: tuple[str, ...]


def read_mode(text: str) -> int:
    """A mode as it is written, "0640" or "640". Raises UsageError."""
    if not (text.isascii() and text.isdigit() and len(text) in (3, 4) and set(text) <= set("01234567")):
        raise UsageError(f"{text!r} is no mode", hint='write it as "0640"')
    return int(text, 8)


def audit_modes(paths: Sequence[str | Path], policy: ModePolicy, *, root: Path | None = None) -> Modes:
    """Hold files, and folders with all below them, against a policy; relative paths and globs are below `root`.

    A link is judged by what it leads to, and told of when that is outside the folder named. Object stores have no modes:
    they are named as unknown. Raises InputError for a path that is not there.
    """
    if not paths:
        raise UsageError("no file or folder is named", hint='name them: paths = ["data/"]')
    base = root or Path()
    beyond: dict[tuple[str, str], Exposed] = {}
    unknown: list[str] = []
    judged: set[str] = set()
    for given in paths:
        text = os.fspath(given)
        if "://" in text:
            unknown.append(f"{redact(text)}: an object store's own policies say who may read it")
            continue
        if os.name != "posix":
            unknown.append(f"{text}: this system has no modes")
            continue
        for start in _named(base, text):
            for path in _below(start, unknown, base):
                shown = _shown(path, base)
                if shown in judged:
                    continue
                judged.add(shown)
                for what in _judged(path, start, policy, unknown, shown):
                    beyond[shown, what] = Exposed(shown, what)
    return Modes(len(judged), tuple(beyond.values()), tuple(dict.fromkeys(unknown)))


def _named(base: Path, text: str) -> list[Path]:
    path = base / text
    if os.path.lexists(path):
        return [path]
    if any(sign in text for sign in "*?["):
        found = sorted(base.glob(text)) if not os.path.isabs(text) else sorted(Path("/").glob(text.lstrip("/")))
        if found:
            return found
    raise InputError("there is no such file or folder", where=text, hint="mend the path")


def _below(start: Path, unknown: list[str], base: Path) -> Iterator[Path]:
    """The path and everything below it; links are not followed into folders."""
    yield start
    if not start.is_dir():
        return
    top = start.resolve() if start.is_symlink() else start

    def failed(error: OSError) -> None:
        unknown.append(f"{_shown(Path(error.filename), base)} cannot be listed: {error.strerror}")

    for folder, folders, files in os.walk(top, onerror=failed):
        folders.sort()
        for name in sorted((*folders, *files)):
            yield Path(folder, name)


def _judged(path: Path, start: Path, policy: ModePolicy, unknown: list[str], shown: str) -> Iterator[str]:
    try:
        status = path.stat()
    except OSError as error:
        unknown.append(f"{shown} cannot be looked at: {error.strerror}")
        return
    if path.is_symlink():
        target, home = path.resolve(), start.resolve()
        if path != start and not target.is_relative_to(home):
            yield "it is a link out of the folder"
    folder = stat.S_ISDIR(status.st_mode)
    mode = stat.S_IMODE(status.st_mode)
    excess = policy.excess(mode, folder)
    if excess:
        yield f"mode {mode:04o} lets {' and '.join(_who(excess))}, the policy is {policy.mode:04o}"
    for kind, number, names in (("owner", status.st_uid, policy.owners), ("group", status.st_gid, policy.groups)):
        name = _name(kind, number)
        if names and name not in names and str(number) not in names:
            yield f"its {kind} is {name}, the policy names {', '.join(names)}"
    if hasattr(os, "listxattr"):
        try:
            if _ACCESS_LIST in os.listxattr(path):
                unknown.append(f"{shown} has an access control list beside its mode")
        except OSError:
            return


def _who(excess: int) -> list[str]:
    """The excess in words: "everybody read", "the group write"."""
    said: list[str] = []
    for shift, who in ((0, "everybody"), (3, "the group"), (6, "the owner")):
        bits = excess >> shift & 7
        verbs = [verb for bit, verb in ((4, "read"), (2, "write"), (1, "enter or run")) if bits & bit]
        if verbs:
            said.append(f"{who} {' and '.join(verbs)}")
    return said


def _name(kind: str, number: int) -> str:
    import grp
    import pwd

    try:
        return pwd.getpwuid(number).pw_name if kind == "owner" else grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _shown(path: Path, base: Path) -> str:
    try:
        return path.relative_to(base).as_posix()
    except ValueError:
        return path.as_posix()

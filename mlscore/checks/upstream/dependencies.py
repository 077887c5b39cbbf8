"""Lock files, manifests and notices of a project, as they are and as they were at a commit or in another file."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlscore.checks.upstream.bots import bots
from mlscore.checks.upstream.changes import (
    Announcer,
    DependencyResult,
    FailOn,
    announced_in,
    compare_locks,
)
from mlscore.checks.upstream.locks import Lock, lock_kind, read_lock
from mlscore.checks.upstream.manifests import BESIDE, decoded, read_manifest
from mlscore.errors import InputError
from mlscore.project.git import ask_git
from mlscore.project.tree import Tree


@dataclass(frozen=True, slots=True)
class State:
    """The project's files at a time: as they are (`revision` None), or as a commit has them."""

    root: Path
    revision: str | None = None

    def text(self, path: str) -> str | None:
        """The text of a file; None when it is not there. Raises InputError when it cannot be read."""
        if self.revision is None:
            try:
                data = (self.root / path).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
            except OSError as error:
                why = (error.strerror or type(error).__name__).lower()
                raise InputError(f"cannot be read: {why}", where=path, hint="check the path") from None
            return decoded(path, data)
        listed = ask_git(self.root, "ls-tree", "-z", self.revision, "--", path)
        if isinstance(listed, str):
            raise InputError(listed, where=path, hint="run it in a git checkout")
        if not listed:
            return None
        asked = ask_git(self.root, "cat-file", "blob", f"{self.revision}:./{path}")
        if isinstance(asked, str):
            raise InputError(asked, where=f"{path} at {self.revision[:7]}", hint="name a file of the project")
        return decoded(path, asked)

    def needed(self, path: str) -> str:
        """The text of a file that must be there."""
        text = self.text(path)
        if text is None:
            when = "" if self.revision is None else f" at {self.revision[:7]}"
            raise InputError(f"there is no such file{when}", where=path, hint="check the path")
        return text


def revision(root: Path, word: str | None) -> str:
    """The hash of the commit that a word names; without one, of the newest tag's before the checked-out commit.

    Raises InputError when git does not know it, as in a shallow clone.
    """
    if word is None:
        asked = ask_git(root, "describe", "--tags", "--abbrev=0", "HEAD")
        if isinstance(asked, str):
            hint = "name the earlier lock file (before) or commit (since); a shallow clone lacks tags"
            raise InputError("no tag leads to the earlier lock file", where="git", hint=hint)
        word = asked.decode("utf-8", "replace").strip()
    found = ask_git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
    if isinstance(found, str):
        why = "it names no commit" if found.startswith("git ended") else found
        shallow = ask_git(root, "rev-parse", "--is-shallow-repository")
        hint = "fetch the history: git fetch --unshallow --tags" if shallow == b"true\n" else "mend it"
        raise InputError(why, where=f'since "{word}"', hint=hint)
    return str(found.decode("ascii").strip())


def compare_dependencies(
    root: Path,
    lock: str,
    *,
    before: str | None = None,
    since: str | None = None,
    manifest: str | None = None,
    notices: Sequence[str] = (),
    approved: Sequence[str] = (),
    fail_on: FailOn = FailOn.MAJOR,
) -> DependencyResult:
    """Direct dependencies of a lock file against an earlier one: another file, or the same at a commit (`since`).

    Without both, the earlier one is that of the newest tag. `manifest` says what is direct where the lock file does not,
    by default the one beside it. A change is announced by a line of a notice that is new since the commit, by one of
    `approved` ("pandas 3"), or by an update bot whose configuration covers it.
    Raises InputError when a file is absent or is not what its name says, or git does not know the commit.
    """
    now = State(root)
    then = State(root) if before is not None else State(root, revision(root, since))
    earlier, later = _lock(then, before or lock), _lock(now, lock)
    direct = _direct(((then, before or lock, earlier), (now, lock, later)), manifest)
    announcers: list[Announcer] = [announced_in(approved, "approval")] if approved else []
    for notice in notices:
        lines = Counter(now.needed(notice).splitlines())
        if then.revision is not None:
            lines -= Counter((then.text(notice) or "").splitlines())
        announcers.append(announced_in(tuple(lines), notice))
    watching, unknown = bots(Tree(root), lock_kind(lock) or "", posixpath.dirname(lock))
    found = compare_locks(earlier, later, direct, announcers=(*announcers, *watching), fail_on=fail_on)
    same = before is not None and (root / before).resolve() == (root / lock).resolve()
    return DependencyResult(found.direct, found.changes, fail_on, (*found.not_judged, *unknown), same)


def _lock(state: State, path: str) -> Lock:
    def included(other: str) -> str | None:
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), other))
        return None if beside.startswith(("..", "/")) else state.text(beside)

    return read_lock(path, state.needed(path), included=included)


def _direct(states: Sequence[tuple[State, str, Lock]], manifest: str | None) -> frozenset[str] | None:
    """The names that the project asks for, then or now."""
    names: set[str] = set()
    known = False
    for state, path, lock in states:
        told = None if manifest is None else state.text(manifest)
        if told is not None and manifest is not None:
            found: frozenset[str] | None = read_manifest(manifest, told)
        else:
            found = lock.direct if lock.direct is not None else _beside(state, path, lock.kind)
        if found is None and lock.kind == "requirements":
            # Neither a compiler's comments nor a manifest: the file is what people wrote, and all of it is direct.
            found = frozenset(lock.packages)
        if found is not None:
            known = True
            names |= found
    return frozenset(names) if known else None


def _beside(state: State, path: str, kind: str) -> frozenset[str] | None:
    for name in BESIDE[kind]:
        beside = posixpath.join(posixpath.dirname(path), name)
        text = state.text(beside)
        named = read_manifest(beside, text) if text is not None else frozenset()
        if named:  # a pyproject.toml may be there for the settings of tools alone
            return named
    return None

"""Questions to git about one commit: whether a branch holds it, by which commit it came, and what changed the code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mlscore.errors import ConfigError, InputError, did_you_mean
from mlscore.project.git import ask_git, git_facts

TIMEOUT = 120.0  # seconds for one call
_FORMAT = "--format=%H%n%P%n%aN%n%aE%n%B"
_USUAL = ("main", "master")


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit with its author and its whole message."""

    id: str
    parents: tuple[str, ...]
    author: str
    mail: str
    message: str


class History:
    """The repository around the project at `root`. Raises InputError where git reads none."""

    def __init__(self, root: Path) -> None:
        facts = git_facts(root)
        if not facts.available or facts.commit is None:
            raise InputError(
                f"a model's origin comes from git: {facts.reason or 'the repository has no commit yet'}",
                where=root.name,
                hint="run it in a git checkout",
            )
        self._root = root
        self.shallow = bool(facts.shallow)

    def branch(self, name: str | None, where: object | None = None) -> tuple[str, str]:
        """A branch's name and reference: the remote's where there is one, as what is deployed is what others can see.

        Without a name, the remote's default branch, else main or master. Raises ConfigError where there is none.
        """
        listed = self._ask("for-each-ref", "refs/heads", "refs/remotes", "--format=%(refname) %(symref)")
        refs = dict(line.partition(" ")[::2] for line in os.fsdecode(listed).splitlines())
        default = refs.get("refs/remotes/origin/HEAD", "")
        names = _USUAL if name is None else (name,)
        for known in (default if name is None else "", *(ref for one in names for ref in _places(one))):
            if known and known in refs:
                return known.removeprefix("refs/remotes/").removeprefix("refs/heads/"), known
        short = sorted({ref.removeprefix("refs/remotes/").removeprefix("refs/heads/") for ref in refs})
        known = f"known are {', '.join(short[:10]) or 'none'}"
        if name is None:
            raise ConfigError(
                "nothing says which branch is deployed", where=where, hint=f'add branch = "…" here ({known})'
            )
        raise ConfigError(f'there is no branch "{name}"', where=where, hint=did_you_mean(name, short) or known)

    def commit(self, word: str) -> str | None:
        """The whole hash of a commit; None when the repository lacks it."""
        found = ask_git(self._root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
        return None if isinstance(found, str) else found.decode("ascii").strip()

    def arrival(self, commit: str, ref: str) -> str | None:
        """The commit on the first-parent line of a branch that brought another; None when the branch lacks it."""
        line = self._ask("rev-list", "--first-parent", ref).decode("ascii").split()
        if commit in line:
            return commit
        after = set(self._ask("rev-list", "--ancestry-path", f"{commit}..{ref}").decode("ascii").split())
        return next((one for one in reversed(line) if one in after), None)

    def builds_on(self, later: str, earlier: str) -> bool:
        """Whether a commit has another among its ancestors."""
        return not isinstance(ask_git(self._root, "merge-base", "--is-ancestor", earlier, later, timeout=TIMEOUT), str)

    def changes(self, upto: str, since: str | None, code: Sequence[str]) -> tuple[Commit, ...]:
        """The commits on the first-parent line that changed the code, newest first; of all, the last alone."""
        some = ("-n1",) if since is None else (f"^{since}",)
        answer = self._ask(
            "--literal-pathspecs", "log", "-z", "--first-parent", "--no-color", "--no-notes", "--encoding=UTF-8",
            _FORMAT, upto, *some, "--", *code,
        )  # fmt: skip
        return tuple(_commit(one) for one in answer.decode("utf-8", "replace").split("\0") if one.strip())

    def authors(self, commit: Commit) -> tuple[tuple[str, str], ...]:
        """Name and address of who wrote a change: of a merge, of the commits that it brought."""
        own = ((commit.author, commit.mail),)
        if len(commit.parents) < 2:
            return own
        brought = (*commit.parents[1:], f"^{commit.parents[0]}")
        answer = self._ask("log", "-z", "--no-merges", "--encoding=UTF-8", "--format=%aN%n%aE", *brought, "--")
        entries = (one.strip("\n").partition("\n") for one in answer.decode("utf-8", "replace").split("\0") if one)
        return tuple(dict.fromkeys((name, mail) for name, _, mail in entries)) or own

    def differ(self, one: str, other: str, code: Sequence[str]) -> bool:
        """Whether the code is not the same in two commits."""
        quick = ("--literal-pathspecs", "diff-tree", "-r", "--name-only", "--no-ext-diff", "--no-textconv", "-z")
        return bool(self._ask(*quick, one, other, "--", *code))

    def files(self, commit: str, code: Sequence[str]) -> tuple[str, ...]:
        """The files of the code in a commit, by their paths from the repository's top."""
        answer = self._ask(
            "--literal-pathspecs", "ls-tree", "-r", "-z", "--name-only", "--full-name", commit, "--", *code
        )
        return tuple(os.fsdecode(one) for one in answer.split(b"\0") if one)

    def text(self, commit: str, path: str) -> str | None:
        """The text of a file in a commit, its path from the repository's top; None when it is not there."""
        found = ask_git(self._root, "cat-file", "blob", f"{commit}:{path}", timeout=TIMEOUT)
        return None if isinstance(found, str) else found.decode("utf-8", "replace")

    def _ask(self, *args: str) -> bytes:
        answer = ask_git(self._root, *args, timeout=TIMEOUT)
        if isinstance(answer, str):
            raise InputError(answer, where="git", hint="see whether the repository is whole: git fsck")
        return answer


def _places(name: str) -> tuple[str, ...]:
    return f"refs/remotes/origin/{name}", f"refs/remotes/{name}", f"refs/heads/{name}"


def _commit(entry: str) -> Commit:
    id_, parents, author, mail, message = entry.lstrip("\n").split("\n", 4)
    return Commit(id_, tuple(parents.split()), author, mail, message.strip())

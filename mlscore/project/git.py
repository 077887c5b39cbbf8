"""What git knows of the project: commit, branch, whether the history is whole; a value always, never an exception."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from mlscore.core.evidence import Diagnostic, Severity

TIMEOUT = 5.0  # seconds; on a slow network drive no report waits longer for this

# The repository's own settings must not start programs: a scored project is not always one that is trusted.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false")
# Set by git for its hooks; they speak of the repository that is being committed to, from its top folder.
_HOOK_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY")
_BRANCH = "ref: refs/heads/"
_UNREADABLE_BRANCH = ".invalid"  # what HEAD says where the branches are kept elsewhere ("reftable")


@dataclass(frozen=True, slots=True)
class GitFacts:
    """The facts, each None when unknown.

    `available` says whether there is a repository that git would read; without it `reason` says why not. `prefix` is
    the project's path inside the repository, with a slash at its end ("" at the top). `committed` is the day (UTC) of
    the newest commit. `commit` is None in a repository without commits, `branch` when no branch is checked out.
    """

    commit: str | None = None
    branch: str | None = None
    dirty: bool | None = None
    shallow: bool | None = None
    available: bool = False
    prefix: str = ""
    committed: date | None = None
    reason: str | None = None


def git_facts(root: Path, *, dirty: bool = False) -> GitFacts:
    """Ask git about the project at `root` in two short calls, and in more and slower ones when `dirty` is asked for.

    Dirty is a project of which a versioned file differs from the commit, as for `git describe --dirty`: what is not
    versioned, such as a run's own reports, does not count.
    """
    if not _may_be_repository(root):
        return GitFacts(reason="not a git repository")
    asked = ask_git(root, "rev-parse", "--is-shallow-repository", "--absolute-git-dir", "--show-prefix")
    if isinstance(asked, str):
        return GitFacts(reason=asked)
    lines = os.fsdecode(asked).split("\n")
    if len(lines) < 3:
        return GitFacts(reason="git gave no answer that can be read")
    commit, committed = _newest(root)
    return GitFacts(
        commit=commit,
        branch=_branch(Path(lines[1])),
        dirty=_dirty(root) if dirty else None,
        shallow={"true": True, "false": False}.get(lines[0]),
        available=True,
        prefix=lines[2],
        committed=committed,
    )


def uncommitted(root: Path, paths: Iterable[str]) -> frozenset[str]:
    """Which of these files (relative to `root`, the top of a repository) are not committed as they are now.

    Untracked and ignored files are among them. Where git does not answer, none is.
    """
    wanted = sorted(paths)
    if not wanted or not os.path.lexists(root / ".git"):
        return frozenset()
    status = ("status", "--porcelain", "--untracked-files=all", "--ignored=matching", "--no-renames", "-z", "--")
    answer = ask_git(root, "--literal-pathspecs", *status, *wanted)
    if isinstance(answer, str):
        return frozenset()
    found = {os.fsdecode(line)[3:] for line in answer.split(b"\0")}
    # A folder that is ignored as a whole is named with a slash at its end.
    return frozenset(p for p in wanted if p in found or any(f.endswith("/") and p.startswith(f) for f in found))


def git_diagnostics(facts: GitFacts) -> tuple[Diagnostic, ...]:
    """Remarks where git cannot say which commit is scored, where it is not the commit alone, and on a shallow clone."""
    said: list[tuple[str, str]] = []
    if not facts.available:
        said.append((f"the commit is unknown: {facts.reason}", "score a git checkout for a report that names it"))
    if facts.commit and facts.dirty:
        what = f"files differ from the commit {facts.commit[:7]}: the score is of the files as they are"
        said.append((what, "commit them for a score that others can repeat"))
    if facts.shallow:
        what = "the clone is shallow: of its commits only the newest is known, which is all that the score needs"
        said.append((what, "fetch the others, where you want them, with: git fetch --unshallow"))
    return tuple(Diagnostic(Severity.INFO, "git", message, help=help_text) for message, help_text in said)


def _may_be_repository(root: Path) -> bool:
    """Whether `root` or a folder above it has a `.git`; looking is cheaper than starting git."""
    here = Path(os.path.abspath(root))
    return any(os.path.lexists(folder / ".git") for folder in (here, *here.parents))


def _newest(root: Path) -> tuple[str | None, date | None]:
    """The newest commit's hash and day. A plumbing command: no setting of the user's changes what it prints."""
    found = ask_git(root, "cat-file", "--batch", given=b"HEAD\n")
    if isinstance(found, str):
        return None, None
    head, _, body = found.partition(b"\n")
    commit, _, kind = head.decode("ascii", "replace").partition(" ")
    if not kind.startswith("commit "):
        return None, None
    for line in body.split(b"\n\n", 1)[0].split(b"\n"):
        if line.startswith(b"committer "):
            return commit, _day(line.split())
    return commit, None


def _day(words: Sequence[bytes]) -> date | None:
    """The day in "committer NAME <ADDRESS> SECONDS ZONE"."""
    try:
        return datetime.fromtimestamp(int(words[-2]), UTC).date()
    except (ValueError, IndexError, OverflowError, OSError):
        return None


def _branch(git_folder: Path) -> str | None:
    try:
        head = (git_folder / "HEAD").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None
    name = head.removeprefix(_BRANCH) if head.startswith(_BRANCH) else None
    return None if name == _UNREADABLE_BRANCH else name


def _dirty(root: Path) -> bool | None:
    # Comparing runs the clean filters that the repository's own settings name, and those are programs too.
    if not isinstance(ask_git(root, "config", "--local", "--includes", "--get-regexp", r"^filter\."), str):
        return None
    changed = ask_git(
        root, "status", "--porcelain", "--untracked-files=no", "--ignore-submodules=dirty", "-z", "--", "."
    )
    return None if isinstance(changed, str) else bool(changed)


def ask_git(root: Path, *args: str, given: bytes = b"", timeout: float = TIMEOUT) -> bytes | str:
    """git's output at `root`, or, as text, why there is none; `timeout` is in seconds. No setting starts a program."""
    environ = {name: value for name, value in os.environ.items() if name not in _HOOK_VARIABLES}
    environ |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *_SAFE, *args],
            cwd=root,
            input=given,
            capture_output=True,
            env=environ,
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        return "git is not installed"
    except subprocess.TimeoutExpired:
        return "git did not answer in time"
    except OSError as failure:
        return f"git could not be started: {failure.strerror}"
    if done.returncode == 0:
        return done.stdout
    complaint = done.stderr.decode("utf-8", "replace")
    if "dubious ownership" in complaint:
        return "git refuses the repository: it belongs to another user"
    if "not a git repository" in complaint:
        return "not a git repository"
    first = complaint.strip().split("\n", 1)[0]
    return f"git says: {first}" if first else f"git ended with exit code {done.returncode}"

"""A repository's history as it bears on features: when lines that name them were added, and what a commit holds.

The whole of it comes from a handful of git calls, however many commits, features and releases there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mlscore.errors import InputError, did_you_mean
from mlscore.project.git import ask_git, git_facts

TIMEOUT = 300.0  # seconds for one call
_REFS = ("HEAD", "--branches", "--tags", "--remotes")
_PATCH = (
    "--format=%x00%H %at %ct", "-p", "-U0", "-M", "--no-color", "--no-ext-diff", "--no-textconv", "--text",
    "--src-prefix=a/", "--dst-prefix=b/", "--no-indent-heuristic", "--ignore-submodules=all",
)  # fmt: skip
_QUIET = ("-c", "core.quotePath=false", "-c", "log.showRoot=true", "-c", "log.follow=false", "--literal-pathspecs")
_WORD = re.compile(rb"[A-Za-z0-9_]+")
_AT_ONCE = 25  # releases that one search looks into


@dataclass(frozen=True, slots=True)
class Added:
    """A line that names a feature, added by a commit; times are seconds since 1970."""

    name: str
    commit: str
    path: str
    written: int
    committed: int


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag that leads to a commit, and when it was made (of a lightweight tag: its commit's time)."""

    name: str
    commit: str
    made: int


class History:
    """Questions to git about one repository. `top` is its folder, `prefix` the project's path inside it."""

    def __init__(self, root: Path) -> None:
        facts = git_facts(root)
        if not facts.available:
            raise InputError(
                f"lead times come from git: {facts.reason}", where=root.name, hint="run it in a git checkout"
            )
        if facts.commit is None:
            raise InputError("the repository has no commit yet", where=root.name, hint="commit first")
        top = root.resolve()
        for _ in range(facts.prefix.count("/")):
            top = top.parent
        self.top, self.prefix, self.head = top, facts.prefix, facts.commit
        self.boundary = self._boundary() if facts.shallow else frozenset()
        self.shallow = bool(facts.shallow)

    def path(self, path: str) -> str:
        """A path of the project as the repository has it. Raises InputError when the checked-out commit lacks it."""
        full = (self.prefix + path).rstrip("/") or "."
        if full != "." and not self._ask("ls-tree", "-z", self.head, "--", full):
            raise InputError("it is not in the checked-out commit", where=path, hint="commit it, or mend the path")
        return full

    def text(self, commit: str, path: str) -> str | None:
        """The text of a file in a commit; None when it is not there."""
        found = ask_git(self.top, "cat-file", "blob", f"{commit}:{path}", timeout=TIMEOUT)
        return None if isinstance(found, str) else _decoded(found)

    def texts(self, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """The texts of files in commits, in one call; those that are not there are left out."""
        asked = [f"{commit}:{path}" for commit, path in wanted if "\n" not in path]
        found = dict(self._blobs(asked))
        return {
            (commit, path): _decoded(found[f"{commit}:{path}"])
            for commit, path in wanted
            if f"{commit}:{path}" in found
        }

    def _blobs(self, asked: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """The contents of objects that are files, in one call."""
        given = "".join(f"{one}\n" for one in asked).encode("utf-8", "surrogateescape")
        answer = self._ask("cat-file", "--batch", given=given) if asked else b""
        at = 0
        for one in asked:
            end = answer.index(b"\n", at)
            words = answer[at:end].split()
            at = end + 1
            if len(words) == 3 and words[2].isdigit():
                size = int(words[2])
                if words[1] == b"blob":
                    yield one, answer[at : at + size]
                at += size + 1

    def former(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The paths, and those that files under them had before they were moved."""
        answer = self._ask(
            *_QUIET,
            "log",
            *_REFS,
            "--full-history",
            "--diff-filter=R",
            "-M",
            "--name-status",
            "--format=",
            "--no-color",
        )
        moves = [
            (columns[1], columns[2])
            for line in answer.decode("utf-8", "surrogateescape").splitlines()
            if len(columns := line.split("\t")) == 3
        ]
        known = dict.fromkeys(paths)
        size = -1
        while size != len(known):
            size = len(known)
            for old, new in moves:
                if _under(new, known) and not _under(old, known):
                    known[old] = None
        return tuple(known)

    def added(self, names: Iterable[str], paths: Sequence[str]) -> list[Added]:
        """Every line that any commit of any branch added under the paths and that names a feature, as a whole word.

        No commit comes before one that it builds on.
        """
        log = ("log", *_REFS, "--full-history", "--topo-order", "--diff-merges=combined", *_PATCH, "--stdin")
        return self._read(self._ask(*_QUIET, *log, given=_stdin(paths)), names)[::-1]

    def builds_on(self, later: str, earlier: str) -> bool:
        """Whether a commit has another among its ancestors."""
        return not isinstance(ask_git(self.top, "merge-base", "--is-ancestor", earlier, later, timeout=TIMEOUT), str)

    def arrived(self, branch: str, names: Iterable[str], paths: Sequence[str]) -> list[Added]:
        """The same for the first parents of a branch: a merge adds all that it brings."""
        log = ("log", branch, "--first-parent", "--diff-merges=first-parent", *_PATCH, "--stdin")
        return self._read(self._ask(*_QUIET, *log, given=_stdin(paths)), names)

    def named_at(
        self, commits: Sequence[str], names: Iterable[str], paths: Sequence[str]
    ) -> Iterator[dict[str, set[str]]]:
        """Which names stand in files under the paths in each of the commits, some commits at a time.

        Each version of a file is read once, however many of the commits hold it.
        """
        search = _Search(names)
        read: dict[str, frozenset[str]] = {}
        under = [path for path in paths if path != "."] if "." not in paths else []
        for start in range(0, len(commits), _AT_ONCE):
            held: dict[str, set[str]] = {}
            for commit in commits[start : start + _AT_ONCE]:
                entries = self._ask("--literal-pathspecs", "ls-tree", "-r", "-z", commit, "--", *under).split(b"\0")
                words = (entry.partition(b"\t")[0].split() for entry in entries if entry)
                held[commit] = {hash_.decode("ascii") for _, kind, hash_ in words if kind == b"blob"}
            new = sorted({blob for blobs in held.values() for blob in blobs} - set(read))
            for blob, data in self._blobs(new):
                read[blob] = frozenset(search.names_in(data))
            yield {commit: {name for blob in blobs for name in read.get(blob, ())} for commit, blobs in held.items()}

    def tags(self) -> tuple[Tag, ...]:
        """The tags that lead to commits, the oldest first."""
        form = (
            "%(refname:strip=2)%00%(creatordate:unix)%00%(objectname)%00%(*objectname)%00%(objecttype)%00%(*objecttype)"
        )
        found = []
        for line in self._ask("for-each-ref", "refs/tags", f"--format={form}").decode("utf-8", "replace").splitlines():
            name, made, object_, peeled, kind, peeled_kind = line.split("\0")
            if "commit" in (kind, peeled_kind) and made:
                found.append(Tag(name, peeled or object_, int(made)))
        return tuple(sorted(found, key=lambda tag: (tag.made, tag.name)))

    def branch(self, name: str) -> str:
        """The reference of a branch here, or of the only remote one of that name. Raises InputError for others."""
        listed = self._ask("for-each-ref", "refs/heads", "refs/remotes", "--format=%(refname)").decode(
            "utf-8", "replace"
        )
        refs = listed.split()
        for known in (f"refs/heads/{name}", f"refs/remotes/{name}", f"refs/remotes/origin/{name}"):
            if known in refs:
                return known
        short = sorted({ref.split("/", 2)[2] for ref in refs})
        hint = did_you_mean(name, short) or f"known are {', '.join(short[:10]) or 'none'}; git fetch brings others"
        raise InputError(f'there is no branch "{name}"', where="git", hint=hint)

    def commit(self, word: str) -> str | None:
        """The whole hash of a commit; None when the repository lacks it."""
        found = ask_git(self.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{word}^{{commit}}")
        return None if isinstance(found, str) else str(found.decode("ascii").strip())

    def began(self) -> int:
        """When the oldest root commit was written, in seconds since 1970."""
        roots = self._ask("log", *_REFS, "--max-parents=0", "--format=%at").decode("ascii").split()
        return min(map(int, roots))

    def _boundary(self) -> frozenset[str]:
        """The commits whose parents a shallow clone lacks."""
        folder = self._git_folder()
        try:
            return frozenset((folder / "shallow").read_text(encoding="ascii").split())
        except OSError:
            return frozenset()

    def _git_folder(self) -> Path:
        found = self._ask("rev-parse", "--git-common-dir").decode("utf-8", "surrogateescape").strip()
        return self.top / found

    def _ask(self, *args: str, given: bytes = b"") -> bytes:
        answer = ask_git(self.top, *args, given=given, timeout=TIMEOUT)
        if isinstance(answer, str):
            raise InputError(answer, where="git", hint="see whether the repository is whole: git fsck")
        return answer

    def _read(self, log: bytes, names: Iterable[str]) -> list[Added]:
        """The additions in a log with patches."""
        search = _Search(names)
        found: list[Added] = []
        seen: set[tuple[str, str, str]] = set()
        commit, written, committed, path, width = "", 0, 0, "", 0
        for line in log.split(b"\n"):
            if width and line.startswith(b"+" * width):
                for name in search.names_in(line):
                    if (commit, path, name) not in seen:
                        seen.add((commit, path, name))
                        found.append(Added(name, commit, path, written, committed))
            elif line.startswith(b"\0"):
                commit, at, ct = line[1:].decode("ascii").split()
                written, committed, width = int(at), int(ct), 0
            elif line.startswith(b"diff "):
                width = 0
            elif line.startswith(b"@@"):
                # A merge's hunk has an @ and a column more for each parent; what is new stands against all of them.
                width = len(line) - len(line.lstrip(b"@")) - 1
            elif not width and line.startswith(b"+++ "):
                path = line[4:].decode("utf-8", "surrogateescape").rstrip("\t").removeprefix("b/")
        return found


class _Search:
    """Looks for many whole words at once: identifiers by a set, other names by a pattern."""

    def __init__(self, names: Iterable[str]) -> None:
        encoded = {name.encode("utf-8", "surrogateescape"): name for name in names if name}
        self._words = {raw: name for raw, name in encoded.items() if _WORD.fullmatch(raw)}
        others = sorted((raw for raw in encoded if raw not in self._words), key=len, reverse=True)
        self._others = [
            (re.compile(rb"(?<![A-Za-z0-9_])" + re.escape(raw) + rb"(?![A-Za-z0-9_])"), encoded[raw]) for raw in others
        ]

    def names_in(self, line: bytes) -> Iterator[str]:
        """The names in a line, each once."""
        if self._words:
            for word in dict.fromkeys(_WORD.findall(line)):
                if word in self._words:
                    yield self._words[word]
        for pattern, name in self._others:
            if pattern.search(line):
                yield name


def _stdin(paths: Sequence[str]) -> bytes:
    return b"--\n" + b"".join(f"{path}\n".encode("utf-8", "surrogateescape") for path in paths)


def _under(path: str, folders: Iterable[str]) -> bool:
    return any(folder == "." or path == folder or path.startswith(f"{folder}/") for folder in folders)


def _decoded(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    return data.decode(encoding, "replace").replace("\r\n", "\n")

"""Words of workflow detection: what pytest is asked to select, a lead to a pytest run, and a run that CI starts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlscore.core.evidence import Diagnostic, Location, Proof
    from mlscore.probes.automation.conftest_rules import Conftests
    from mlscore.project.tree import Tree

# Stands in a text for whatever cannot be known from the repository alone. No file that pytest reads contains it.
UNKNOWN = "\0"
# Begins an absolute path of the checkout, as `$GITHUB_WORKSPACE`, `$(pwd)` and their like give it.
ROOT = "\1"


@dataclass(frozen=True, slots=True)
class Selection:
    """What one pytest command selects. Paths are relative to the root; "" is the root itself.

    `options` are the long options that are none of pytest's or its usual plugins': the suite's own. `scored` says whether
    the run is asked for a score, and so runs the configured checks; `checks` are the words of a `mlscore check`, which
    runs those alone.
    """

    paths: tuple[str, ...] = ("",)
    keyword: str | None = None
    markexpr: str | None = None
    deselected: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    ignored_globs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    scored: bool = False
    checks: tuple[str, ...] | None = None

    @property
    def by_name(self) -> bool:
        """Whether a single test's name, and not only its file and markers, decides if it runs."""
        return bool(self.keyword or self.deselected or any("::" in path for path in self.paths))


@dataclass(frozen=True, slots=True)
class Lead:
    """A pytest command reached from some command, before the CI system's own conditions are known.

    `entry` is the outermost command of the script that leads to it.
    """

    command: str
    selection: Selection
    chain: tuple[Location, ...] = ()
    why_not: str | None = None
    entry: str = ""

    def behind(self, location: Location) -> Lead:
        """The same lead, reached through one more place."""
        return replace(self, chain=(location, *self.chain))

    def after(self, chain: tuple[Location, ...]) -> Lead:
        """The same lead, reached through several more places."""
        return replace(self, chain=(*chain, *self.chain))

    def dead(self, why: str | None) -> Lead:
        """The same lead, not counting because of `why`; an earlier reason stays."""
        return self if self.why_not or not why else replace(self, why_not=why)


@dataclass(frozen=True, slots=True)
class CiRun:
    """One command of the repository's CI that starts pytest.

    `command` is the pytest command line as finally found, `entry` the command of the CI file that leads to it, `chain`
    the places from the CI file's line to the command, outermost first. `live` says whether a failing test makes a run
    fail that starts by itself (push, merge request, schedule); `why_not` is one clause when it is not.
    """

    system: str
    command: str
    entry: str
    chain: tuple[Location, ...]
    triggers: tuple[str, ...]
    live: bool
    why_not: str | None
    selection: Selection


@dataclass(frozen=True, slots=True)
class Automation:
    """Everything found out about the repository's CI: its pytest runs, and what could not be read or followed.

    `uncommitted` are the CI files that the repository does not hold as they are now, where that is known.
    """

    runs: tuple[CiRun, ...]
    diagnostics: tuple[Diagnostic, ...]
    uncommitted: frozenset[str] = frozenset()
    conftests: Conftests | None = field(default=None, compare=False, repr=False)
    known: dict[object, tuple[tuple[Proof, ...], tuple[str, ...]]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def live(self) -> tuple[CiRun, ...]:
        """The runs that count."""
        return tuple(run for run in self.runs if run.live)


def shown(text: str) -> str:
    """A command as a person reads it: on one line, with an ellipsis where a value is not known, and not too long."""
    line = " ".join(text.replace(UNKNOWN, "…").replace(ROOT + "/", "").replace(ROOT, ".").split())
    return line if len(line) <= 120 else line[:119] + "…"


def resolve(folder: str | None, path: str) -> str | None:
    """A path named in a command, relative to the root ("" is the root), or None: unknown, or outside the checkout."""
    if UNKNOWN in path or path.startswith(("/", "~")):
        return None
    if path.startswith(ROOT):
        folder, path = "", path[len(ROOT) :].lstrip("/")
    if folder is None:
        return None
    parts: list[str] = []
    for part in [*folder.split("/"), *path.split("/")]:
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def present(tree: Tree, place: str) -> bool:
    """Whether there is a file or folder at a place relative to the root; a name that no file can have is not there."""
    try:
        return (tree.root / place).exists()
    except (OSError, ValueError):
        return False


def is_folder(tree: Tree, place: str) -> bool:
    """Whether there is a folder at a place relative to the root."""
    try:
        return (tree.root / place).is_dir()
    except (OSError, ValueError):
        return False

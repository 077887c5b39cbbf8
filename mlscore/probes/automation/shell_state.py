"""What a walk over a shell script speaks of: exit codes, commands reached, and the ways out of a script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location
from mlscore.probes.automation.runs import UNKNOWN

if TYPE_CHECKING:
    from mlscore.probes.automation.shell_nodes import Simple
    from mlscore.probes.automation.shell_values import Values

# Exit codes as far as they are known: 0 and above are certain, None is not known, and ASSUMED is the success that an
# outside command is granted so that the walk can go on.
Status = int | None
ASSUMED = -1


def failed(status: Status) -> bool:
    """Whether the exit code is certainly a failure."""
    return status is not None and status > 0


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of shell in a file. `exact`: the text's lines are the file's lines from `line` on; else they all are
    shown as `line`, or, where `lines` gives the file's own text, as the first of those that has the command's word.
    """

    text: str
    path: str
    line: int
    exact: bool = True
    lines: tuple[str, ...] = ()

    def place(self, line: int, word: str) -> Location:
        """Where in the file a command of the text's line (from 1) is."""
        if self.exact:
            return Location(self.path, self.line + line - 1)
        found = next((n for n, text in enumerate(self.lines) if word and word in text), 0)
        return Location(self.path, self.line + found)


@dataclass(frozen=True, slots=True)
class Call:
    """An outside command that the script reaches; `fed` are the words that a pipe gives it, where they are known."""

    words: tuple[str, ...]
    values: Values
    node: Simple
    unit: Unit
    guard: str | None
    trail: tuple[Location, ...] = ()
    fed: tuple[str, ...] | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """The same for the same command in every walk over the same tree."""
        return (self.node, self.unit.path, self.unit.line, self.words, self.values.cwd)

    @property
    def chain(self) -> tuple[Location, ...]:
        """Where the command is: the scripts sourced on the way to it, and its own place."""
        place = self.unit.place(self.node.line, self.words[0].rsplit("/", 1)[-1])
        return (*self.trail, place)


class Exit(Exception):  # noqa: N818 (control flow, not an error)
    """The script ends here. `told` when its exit code is already among the ends."""

    def __init__(self, status: Status, *, told: bool = False) -> None:
        self.status = status
        self.told = told


class Leave(Exception):  # noqa: N818 (control flow, not an error)
    """`break`, `continue` or `return`."""

    def __init__(self, kind: str, status: Status = 0) -> None:
        self.kind = kind
        self.status = status


@dataclass(slots=True)
class Options:
    """The shell's options that decide what a failure does."""

    errexit: bool = False
    pipefail: bool = False


def merged(statuses: list[Status]) -> Status:
    """The one exit code that several ways have in common, as far as there is one."""
    if len(set(statuses)) == 1:
        return statuses[0]
    if all(failed(status) for status in statuses):
        return 1
    return ASSUMED if all(status in (0, ASSUMED) for status in statuses) else None


def forget(values: Values, other: Values) -> None:
    """Keeps in `values` what both agree upon; the rest is not known any more."""
    for name in values.variables.keys() | other.variables.keys():
        if values.variables.get(name) != other.variables.get(name):
            values.variables[name] = UNKNOWN
    if values.cwd != other.cwd:
        values.cwd = None
    if values.last != other.last:
        values.last = None
    values.pipe = values.pipe if values.pipe == other.pipe else (None,)

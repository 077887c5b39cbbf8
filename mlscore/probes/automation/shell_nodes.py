"""The nodes of a parsed shell script."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word: literal text, a variable (`${name op rest}`), or what the shell must compute."""

    kind: str  # "text" | "var" | "sub" | "math"
    value: str
    quoted: bool
    op: str = ""
    rest: str = ""


Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """`name=value`, `name+=value` or `name=(several values)`."""

    name: str
    values: tuple[Word, ...]
    append: bool
    array: bool


@dataclass(frozen=True, slots=True, eq=False)
class Simple:
    """`NAME=value … command argument …`; its here-documents (first line, text) are filled in when its line ends."""

    text: str
    line: int
    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    documents: list[tuple[int, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A group `{ }` or, with `subshell`, `( )`."""

    text: str
    line: int
    body: Sequence
    subshell: bool


@dataclass(frozen=True, slots=True, eq=False)
class If:
    """`if` with its branches; a branch without a condition is `else`."""

    text: str
    line: int
    branches: tuple[tuple[Sequence | None, Sequence], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """`while`, `until` or `for` (which has a name, and words unless it walks the arguments)."""

    text: str
    line: int
    kind: str
    condition: Sequence | None
    name: str
    words: tuple[Word, ...] | None
    body: Sequence


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """`case word in pattern) … ;; esac`."""

    text: str
    line: int
    word: Word
    arms: tuple[tuple[tuple[Word, ...], Sequence], ...]


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function's definition."""

    text: str
    line: int
    name: str
    body: Command


Command = Simple | Block | If | Loop | Case | Function


@dataclass(frozen=True, slots=True, eq=False)
class Pipeline:
    """Commands joined by `|`, possibly negated by `!`."""

    text: str
    line: int
    commands: tuple[Command, ...]
    negated: bool


@dataclass(frozen=True, slots=True, eq=False)
class AndOr:
    """Pipelines joined by `&&` and `||` (the first operator is empty); `background` when `&` ends it."""

    text: str
    line: int
    parts: tuple[tuple[str, Pipeline], ...]
    background: bool


Sequence = tuple[AndOr, ...]

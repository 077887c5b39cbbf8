"""Where a test belongs: the items and the section that its marks, docstring, properties, name and file say."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Mark:
    """A pytest marker as a test carries it, with its arguments as plain values."""

    name: str
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """The items a test is evidence for, or the section alone; `why` names the convention that said so.

    A `suggested` item is a guess for a person to confirm: it earns nothing. `problems` are marks that cannot be read
    (an unknown id, no argument), each as a sentence.
    """

    items: tuple[str, ...] = ()
    section: str | None = None
    suggested: str | None = None
    confidence: float = 0.0
    why: str = ""
    problems: tuple[str, ...] = ()
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a suite with marks of its own is read; every field is one line of `[tool.mlscore.conventions]`."""

    markers: tuple[str, ...] = ()
    docstrings: bool = False
    properties: tuple[str, ...] = ()
    names: bool = False
    prefixes: tuple[tuple[str, str], ...] = ()

"""Faults by which text goes wrong: new category, case, cut, encoding, padding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from mlscore.errors import UsageError
from mlscore.faults import settings
from mlscore.faults.arrays import Values, mapped
from mlscore.faults.base import CellFault, Fault
from mlscore.faults.kinds import ColumnKind

_TEXT = frozenset({ColumnKind.TEXT})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCategory(CellFault):
    """A category that was never there."""

    id: ClassVar[str] = "new-category"
    title: ClassVar[str] = "New category"
    does: ClassVar[str] = (
        "Replaces texts by one that the column never had (a number is appended if it has). Nulls stay."
    )
    incident: ClassVar[str] = (
        "A product, a country or a status is introduced upstream; the encoder maps it to nothing, or to the wrong"
        " thing."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _TEXT
    phrase: ClassVar[str] = "set to a new category"

    share: float = settings.share(0.05, "the values that are not null")
    value: str = settings.setting("new-category", "the new category")

    def __post_init__(self) -> None:
        settings.check(self)
        if not isinstance(self.value, str):
            raise UsageError(f'the fault "{self.id}" takes for value a text, not {self.value!r}')

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """The new category wherever there is a text."""
        known = set(values.array.unique().to_pylist())
        names = (self.value if not number else f"{self.value}-{number}" for number in range(len(known) + 1))
        new = next(name for name in names if name not in known)
        return mapped(values, lambda _: new)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedCase(CellFault):
    """Text in the other case."""

    id: ClassVar[str] = "changed-case"
    title: ClassVar[str] = "Changed case"
    does: ClassVar[str] = (
        "Writes text in upper case, and in lower case what is upper already. Text without letters and nulls stay."
    )
    incident: ClassVar[str] = "A second system joins that writes codes in its own case: ES and es become two countries."
    kinds: ClassVar[frozenset[ColumnKind]] = _TEXT
    phrase: ClassVar[str] = "in the other case"
    needs: ClassVar[str] = "it has no text with letters of two cases"

    share: float = settings.share(0.1, "the values with letters")

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All texts in the other case."""
        return mapped(values, lambda old: old.upper() if old.upper() != old else old.lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class TruncatedText(CellFault):
    """Text cut after some characters."""

    id: ClassVar[str] = "truncated-text"
    title: ClassVar[str] = "Truncated text"
    does: ClassVar[str] = "Cuts text after `length` characters; shorter text and nulls stay."
    incident: ClassVar[str] = (
        "A table on the way has a column that is too short, and its writer cuts instead of failing."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _TEXT
    needs: ClassVar[str] = "it has no text longer than that"

    length: int | None = settings.setting(
        None,
        "the characters that stay, a whole number of at least 1; without it half of the longest text of the column",
    )

    def __post_init__(self) -> None:
        settings.check(self)
        given = self.length
        if given is not None and (not isinstance(given, int) or isinstance(given, bool) or given < 1):
            raise UsageError(f'the fault "{self.id}" takes for length a whole number of at least 1, not {given!r}')

    def say(self) -> str:
        """Names the length where it was given."""
        return (
            f"cut after {self.length} characters" if self.length else "cut after half of the longest text's characters"
        )

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All texts cut."""
        longest = max(len(text) for text in values.array.unique().to_pylist() if text is not None)
        length = self.length or max(1, longest // 2)
        return mapped(values, lambda old: old[:length])


@dataclass(frozen=True, slots=True, kw_only=True)
class Mojibake(CellFault):
    """Text decoded by the wrong encoding."""

    id: ClassVar[str] = "mojibake"
    title: ClassVar[str] = "Mis-encoded text"
    does: ClassVar[str] = "Reads the UTF-8 bytes of text as Latin-1: é becomes Ã©. Text in ASCII and nulls stay."
    incident: ClassVar[str] = (
        "A file changes its encoding, or a reader its default, and names with accents split in two categories."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _TEXT
    phrase: ClassVar[str] = "read as Latin-1"
    needs: ClassVar[str] = "it has no text beyond ASCII"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All texts read as Latin-1."""
        return mapped(values, lambda old: old.encode("utf-8").decode("latin-1"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Padding(CellFault):
    """Text with blanks around it."""

    id: ClassVar[str] = "padding"
    title: ClassVar[str] = "Whitespace padding"
    does: ClassVar[str] = "Puts `width` blanks after, before or around text. Nulls stay."
    incident: ClassVar[str] = (
        "A fixed-width column of a database or an export pads its values, and equality and joins fail in silence."
    )
    kinds: ClassVar[frozenset[ColumnKind]] = _TEXT

    share: float = settings.share(0.1, "the values that are not null")
    width: int = settings.count(1, "how many blanks")
    side: str = settings.choice("after", "where the blanks go", ("after", "before", "around"))

    def say(self) -> str:
        """Names the side."""
        return f"with blanks {self.side}"

    def altered(self, table: pa.Table, values: Values, random: np.random.Generator) -> pa.Array:
        """All texts padded."""
        blanks = " " * self.width
        left, right = blanks if self.side != "after" else "", blanks if self.side != "before" else ""
        return mapped(values, lambda old: f"{left}{old}{right}")


def faults() -> Iterator[Fault]:
    """The faults of this file."""
    yield from (NewCategory(), ChangedCase(), TruncatedText(), Mojibake(), Padding())

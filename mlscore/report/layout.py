"""The report as styled lines of a screen, before they become ANSI text or a picture."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from mlscore.report.text import clean, node_forms, to_ascii

if TYPE_CHECKING:
    from collections.abc import Iterable

Span = tuple[str, str]
"""Some text, and the name of its style in `STYLES` ("" for plain)."""

Line = tuple[Span, ...]

# Names of rich styles for a terminal (its own sixteen colours, so that it fits the reader's theme).
STYLES = {
    "": "",
    "strong": "bold",
    "muted": "dim",
    "good": "green",
    "warn": "yellow",
    "bad": "bold red",
    "link": "cyan",
    "band0": "bold red",
    "band1": "bold red",
    "band2": "bold yellow",
    "band3": "bold green",
    "band4": "bold green",
    "band5": "bold cyan",
    "no-band": "bold blue",
    "tile-band0": "bold white on red",
    "tile-band1": "bold white on red",
    "tile-band2": "bold black on yellow",
    "tile-band3": "bold black on green",
    "tile-band4": "bold black on green",
    "tile-band5": "bold black on cyan",
    "tile-no-band": "bold white on blue",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs a screen can show: `bars` are verified, practised alone, and the rest."""

    good: str
    bad: str
    warn: str
    open: str
    bars: tuple[str, str, str]
    rule: str
    arrow: str
    dot: str
    cut: str
    marked: str


UNICODE = Signs("✓", "✗", "!", "·", ("━", "┅", "╌"), "─", "→", " · ", "…", "◂")
ASCII = Signs("+", "x", "!", ".", ("#", "=", "."), "-", "->", " - ", "~", "<")


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


class Pen:
    """Writes foreign text onto a screen of a given width: cleaned, in its character set, cut or wrapped to fit."""

    def __init__(self, width: int, *, unicode: bool) -> None:
        self.width = width
        self.unicode = unicode
        self.signs = UNICODE if unicode else ASCII

    def text(self, foreign: str) -> str:
        """One clean line of the text, in the screen's character set."""
        return clean(foreign) if self.unicode else to_ascii(clean(foreign))

    def cut(self, text: str, room: int) -> str:
        """The text in at most `room` columns."""
        if cells(text) <= room:
            return text
        sign = self.signs.cut
        if room <= cells(sign):
            return sign[:room]
        return _head(text, room - cells(sign)).rstrip() + sign

    def pad(self, text: str, width: int) -> str:
        """The text cut and filled up to exactly `width` columns."""
        text = self.cut(text, width)
        return text + " " * (width - cells(text))

    def wrap(self, text: str, room: int, *, first: int | None = None) -> list[str]:
        """The text on as many lines of at most `room` columns as it needs, broken between words where possible.

        `first` is the room on the first line, when that differs.
        """
        lines: list[str] = []
        line = ""
        for word in text.split():
            rest = word
            while rest:
                left = first if first is not None and not lines else room
                joined = f"{line} {rest}" if line else rest
                if cells(joined) <= left:
                    line, rest = joined, ""
                elif line:
                    lines.append(line)
                    line = ""
                else:
                    lines.append(_head(rest, left) or rest[0])
                    rest = rest[len(lines[-1]) :]
        return [*lines, line] if line else lines

    def node(self, node: str, room: int) -> str:
        """A test's node id in the longest form without folders that fits."""
        forms = [self.text(form) for form in node_forms(node)]
        return next((form for form in forms if cells(form) <= room), self.cut(forms[-1], room))

    def bar(self, verified: Fraction, practised: Fraction, possible: Fraction, width: int) -> tuple[str, str, str]:
        """A bar in three parts: verified, practised but not verified, and what is left."""
        if possible <= 0:
            return "", "", self.signs.bars[2] * width
        ends = [_share(verified, possible, width), _share(max(practised, verified), possible, width)]
        one, two, three = self.signs.bars
        return one * ends[0], two * (ends[1] - ends[0]), three * (width - ends[1])


def _share(points: Fraction, possible: Fraction, width: int) -> int:
    """Columns for some points: none only for no points, all only for all points."""
    exact = min(max(points / possible, Fraction(0)), Fraction(1)) * width
    if 0 < exact < 1:
        return 1
    return int(exact) if exact < width else width


def _head(text: str, room: int) -> str:
    """As many of the first characters as fit."""
    taken, used = 0, 0
    for char in text:
        used += cells(char)
        if used > room:
            break
        taken += 1
    return text[:taken]


def spans_width(spans: Iterable[Span]) -> int:
    """Columns that some spans take together."""
    return sum(cells(text) for text, _ in spans)


def hung(lead: Span, text: Span, pen: Pen, *, indent: int | None = None) -> list[Line]:
    """Text wrapped behind a lead; further lines begin below it, or at `indent`."""
    head = pen.cut(lead[0], pen.width * 2 // 3)
    hang = " " * (cells(head) if indent is None else indent)
    lines = pen.wrap(text[0], pen.width - len(hang), first=pen.width - cells(head)) or [""]
    return [((head, lead[1]), (lines[0], text[1])), *(((hang, ""), (line, text[1])) for line in lines[1:])]

"""The report for a terminal: one screen, in the terminal's own colours or none, in Unicode or ASCII."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from mlscore.report.layout import STYLES, Line, cells
from mlscore.report.overview import overview
from mlscore.report.screen import LEAST_WIDTH

if TYPE_CHECKING:
    from mlscore.core.report import Report
    from mlscore.report import Page


def render(report: Report, page: Page) -> str:
    """The report as the page's screen shows it."""
    screen = page.screen
    return render_terminal(report, width=screen.width, color=screen.color, unicode=screen.unicode)


def render_terminal(report: Report, *, width: int, color: bool, unicode: bool) -> str:
    """The report on lines of at most `width` columns (20 at least).

    With `color` the text carries ANSI escapes for the terminal's sixteen colours; without `unicode` it is plain ASCII.
    """
    width = max(width, LEAST_WIDTH)
    lines = [_no_command(line) for line in overview(report, width, unicode=unicode, color=color)]
    if not color:
        return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in lines)
    return _with_ansi(lines, width)


def _no_command(line: Line) -> Line:
    """A line that a CI system does not take for a command of its own (`::error::`, `##[group]`)."""
    plain = "".join(text for text, _ in line)
    if plain.lstrip().startswith(("::", "##")):
        return (("|", "muted"), (plain.lstrip()[: len(plain) - 1], ""))
    return line


def _with_ansi(lines: list[Line], width: int) -> str:
    from rich.console import Console
    from rich.text import Text

    target = StringIO()
    console = Console(
        file=target,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        # Everything the console would look up by itself is given: the same report makes the same bytes everywhere.
        width=max([width, *(cells("".join(t for t, _ in line)) for line in lines)]) + 1,
        no_color=False,
        _environ={},
    )
    for line in lines:
        text = Text(no_wrap=True, end="\n")
        for content, style in line:
            text.append(content, STYLES[style])
        text.rstrip()
        console.print(text, soft_wrap=True, markup=False, highlight=False, emoji=False)
    return target.getvalue()

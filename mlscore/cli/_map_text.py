"""The list of a suite's tests as text: a table on a terminal, plain columns in a pipe or file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.report.text import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlscore.probes.suite.survey import Row, Survey
    from mlscore.report.screen import Screen

HEADINGS = ("test", "section", "item", "sure", "why")


def render_map(survey: Survey, *, least: float, screen: Screen | None = None, table: str) -> str:
    """The tests by file, then counts, then what to do next.

    With a `screen` that shows colours the list is a table as wide as the screen; without, plain columns that a pipe can
    read, each line with the whole node id. `least` is the confidence from which a mark is proposed, `table` the name of
    the table of conventions in the project's configuration file.
    """
    rows = survey.rows
    listing = _table(rows, screen) if screen is not None and screen.color else _plain(rows)
    paragraphs = [listing.rstrip("\n"), *_problems(survey), _counts(survey), *_next(survey, least, table)]
    return "\n\n".join(p for p in paragraphs if p) + "\n"


def _cells(row: Row) -> tuple[str, str, str, str, str]:
    sure = f"{row.confidence:.2f}" if row.item else "-"
    why = row.why if not row.hollow else f"{row.why}; {row.hollow}: {row.hollow_why}"
    return clean(row.id), row.section or "-", ", ".join(row.items) or "none", sure, clean(why)


def _plain(rows: Sequence[Row]) -> str:
    if not rows:
        return ""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADINGS) - 1)]
    return "\n".join("  ".join((*(c.ljust(w) for c, w in zip(line, widths, strict=False)), line[-1])) for line in lines)


def _table(rows: Sequence[Row], screen: Screen) -> str:
    from io import StringIO

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD if screen.unicode else box.ASCII2, pad_edge=False, expand=False)
    for heading, ratio in zip(HEADINGS, (5, None, None, None, 6), strict=True):
        table.add_column(heading, ratio=ratio, overflow="fold", no_wrap=ratio is None)
    path = None
    for row in rows:
        if row.path != path:
            path = row.path
            table.add_row(Text(clean(path), style="bold"), "", "", "", "")
        name, section, item, sure, why = _cells(row)
        style = "green" if row.placed and row.item else ("cyan" if row.item else "dim")
        shown = Text("  " + name.removeprefix(clean(row.path)).removeprefix("::"))
        table.add_row(shown, section, Text(item, style=style), sure, Text(why, style="red" if row.hollow else "dim"))
    target = StringIO()
    Console(
        file=target,
        force_terminal=True,
        color_system="standard",
        legacy_windows=False,
        width=screen.width,
        no_color=False,
        _environ={},
    ).print(table)
    return target.getvalue()


def _problems(survey: Survey) -> list[str]:
    lines = [f"{d.location}: {d.message}; {d.help}" for d in survey.diagnostics]
    lines += [f"{row.id}: {problem}" for row in survey.rows for problem in row.problems]
    lines += [f"not proposed: {reason}" for reason in survey.proposal.unread]
    return ["\n".join(map(clean, lines))] if lines else []


def _counts(survey: Survey) -> str:
    from mlscore.probes.suite.module import UNREADABLE

    rows = survey.rows
    unread = sum(d.code == UNREADABLE for d in survey.diagnostics)
    if not rows and unread:
        return f"no tests listed: {_count(unread, 'file')} cannot be read, see above"
    if not rows:
        return "no tests found: pytest would collect none here either"
    marked = sum(bool(row.placed and row.item) for row in rows)
    suggested = sum(bool(row.item and not row.placed) for row in rows)
    items = len({item for row in rows if not row.placed for item in row.items})
    hollow = sum(row.hollow == "hollow" for row in rows)
    weak = sum(row.hollow == "weak" for row in rows)
    text = (
        f"{_count(len(rows), 'test')}: {marked} marked, {suggested} with a suggestion ({_count(items, 'item')}), "
        f"{len(rows) - marked - suggested} without an item"
    )
    text += f"; {_count(unread, 'file')} not read" if unread else ""
    return text + (f"; {hollow} hollow, {weak} weak" if hollow or weak else "")


def _next(survey: Survey, least: float, table: str) -> list[str]:
    parts: list[str] = []
    lines = survey.proposal.lines(table=table)
    if lines:
        reads = survey.proposal.by_markers + survey.proposal.by_docstrings
        parts.append(f"To let the suite's own conventions count ({_count(reads, 'test')}), configure:")
        parts.append("\n".join(f"    {line}" for line in lines))
    sure = survey.confident(least)
    if sure:
        parts.append(
            f"{_count(len(sure), 'suggestion')} of at least {least:g}: `mlscore map --dry-run` shows the marks, "
            "`mlscore map --write` puts them in. Read them first: a suggestion is a guess."
        )
    return parts


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

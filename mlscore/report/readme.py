"""The report as a block between two markers of a README, which repeated runs replace and nothing else touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.errors import UsageError
from mlscore.report.markdown import reading_sentence, section_table, text
from mlscore.report.reading import invalid_because, partial_because, points, ruler

if TYPE_CHECKING:
    from mlscore.core.report import Report
    from mlscore.report import Page

START = "<!-- mlscore:start -->"
END = "<!-- mlscore:end -->"


def render(report: Report, page: Page) -> str:
    """The page's text with the block in it; without a text, the block alone."""
    return update_readme(page.before, report, where=page.destination)


def update_readme(readme: str, report: Report, *, where: str | None = None) -> str:
    """The README with the block between its markers replaced, or appended once when it has no markers.

    Everything outside the markers stays as it is: line ends of every kind, a byte-order mark, a missing last line end.
    The block tells nothing that changes from run to run by itself, such as the time or the commit. Raises UsageError
    (with `where` as the file) when one marker is missing, stands twice, is not alone on its line, or the order is wrong.
    """
    lines = readme.splitlines(keepends=True)
    place = _between(lines, where)
    newline = _newline(lines if place is None else lines[: place[0] + 1])
    block = [line + newline for line in _block(report)]
    if place is not None:
        start, end = place
        return "".join([*lines[: start + 1], *block, *lines[end:]])
    whole = "".join([START + newline, *block, END + newline])
    if not readme.strip("\ufeff"):
        return readme + whole
    ended = readme if lines[-1].endswith(("\n", "\r")) else readme + newline
    return f"{ended}{newline}{whole}"


def _block(report: Report) -> list[str]:
    invalid = invalid_because(report)
    if invalid:
        return ["", f"**{text(ruler(report))}: score not valid** ({text('; '.join(invalid))})", ""]
    score = points(report.score.verified, report.score.possible)
    lines = ["", f"**{text(ruler(report))}: {score}.** {reading_sentence(report)}", ""]
    partial = partial_because(report)
    if partial:
        lines += [f"> {text(partial)}", ""]
    return [*lines, *section_table(report).split("\n"), ""]


def _between(lines: list[str], where: str | None) -> tuple[int, int] | None:
    """The lines of the two markers, or None when there is neither."""
    starts, ends = (_standing(lines, marker, where) for marker in (START, END))
    if not starts and not ends:
        return None
    for marker, found in ((START, starts), (END, ends)):
        if not found:
            raise UsageError(
                f"{marker} is missing", where=where, hint="put back both markers, or take out the other one"
            )
        if len(found) > 1:
            several = ", ".join(str(n + 1) for n in found)
            raise UsageError(f"{marker} stands on lines {several}", where=where, hint="leave one pair of markers")
    if ends[0] < starts[0]:
        raise UsageError(
            f"{END} (line {ends[0] + 1}) comes before {START} (line {starts[0] + 1})",
            where=where,
            hint="swap the two markers",
        )
    return starts[0], ends[0]


def _standing(lines: list[str], marker: str, where: str | None) -> list[int]:
    """The lines that are the marker. A line of prose that shows it in `code` is not one of them."""
    found = []
    for number, line in enumerate(lines):
        if line.strip("\ufeff \t\r\n") == marker:
            found.append(number)
        elif marker in line and "`" not in line:
            raise UsageError(
                f"{marker} is not alone on line {number + 1}", where=where, hint="give each marker a line of its own"
            )
    return found


def _newline(before: list[str]) -> str:
    """The line end that the block takes: that of the nearest line before it, else `\n`.

    Of the nearest, because behind a lone carriage return a line feed would make one line end of the two.
    """
    for line in reversed(before):
        for end in ("\r\n", "\n", "\r"):
            if line.endswith(end):
                return end
    return "\n"

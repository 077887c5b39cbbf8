"""The report for GitHub Actions: the job summary, and annotations as workflow commands on standard output."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.core.evidence import Location, Severity
from mlscore.report.markdown import render_markdown
from mlscore.report.reading import unmet, warnings
from mlscore.report.text import clean

if TYPE_CHECKING:
    from mlscore.core.report import Report
    from mlscore.report import Page

_PLACE = re.compile(r"(?P<path>[^:]+\.[A-Za-z]+):(?P<line>[1-9][0-9]*)")


def render(report: Report, page: Page) -> str:
    """The job summary."""
    return render_markdown(report)


def workflow_commands(report: Report, *, below: str = "") -> str:
    """Workflow commands: an error for each rule that is not met, and a warning for each warning of the report.

    `below` is the project's folder in the repository, with a final slash, as annotations name files from the
    repository's root. Form and escapes: GitHub's documentation of workflow commands.
    """
    lines = []
    for rule in unmet(report):
        message = f"{rule.id}: {rule.summary}" + (f"; to meet it: {rule.to_meet}" if rule.to_meet else "")
        place = _PLACE.fullmatch(rule.origin or "")
        where = Location(place["path"], int(place["line"])) if place else None
        lines.append(_command("warning" if rule.passed is None else "error", "mlscore gate", message, where, below))
    for one in warnings(report):
        message = one.message + (f"; {one.help}" if one.help else "")
        level = "error" if one.severity is Severity.ERROR else "warning"
        lines.append(_command(level, f"mlscore {one.code}", message, one.location, below))
    return "".join(lines)


def _command(level: str, title: str, message: str, where: Location | None, below: str) -> str:
    properties = []
    if where is not None:
        properties.append(f"file={_property(below + where.path)}")
        if where.line is not None:
            properties.append(f"line={where.line}")
    properties.append(f"title={_property(title)}")
    return f"::{level} {','.join(properties)}::{_data(message)}\n"


def _data(text: str) -> str:
    return "%0A".join(clean(line).replace("%", "%25") for line in text.splitlines())


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

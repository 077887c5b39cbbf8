"""`mlscore render`: a report in JSON turned into another format."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import PATH, deliver


@click.command("render")
@click.argument("file", type=PATH)
@click.option(
    "--to",
    "reports",
    multiple=True,
    metavar="TYPE[:DEST]",
    help="How and where: terminal (the default), markdown, github, badge, readme or json; repeatable.",
)
def command(file: Path, reports: tuple[str, ...]) -> None:
    """Turn the report in FILE (JSON) into another format, without running anything again.

    \b
    Examples:
      mlscore score --report json:report.json
      mlscore render report.json --to markdown:summary.md --to badge:docs/badge.svg
    """
    from mlscore.project.reports import read_report

    deliver(None, read_report(file), reports)

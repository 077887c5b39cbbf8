"""`mlscore data profile`: a table in figures."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from mlscore.cli._tables import deliver_forms, forms_option, limits, open_source


@click.command("profile")
@click.argument("source")
@click.option("--column", "-c", "columns", multiple=True, help="Only this column; repeatable. Default: all.")
@click.option("--bins", type=click.IntRange(1, 1000), default=20, show_default=True, help="Bins of a histogram.")
@click.option("--top", type=click.IntRange(0, 1000), default=10, show_default=True, help="Frequent values to count.")
@limits
@forms_option
def command(
    source: str,
    columns: tuple[str, ...],
    bins: int,
    top: int,
    path: Path,
    memory_mb: int | None,
    timeout: int | None,
    engine: str | None,
    reports: tuple[str, ...],
) -> int:
    """Show the columns of SOURCE in figures: missing, distinct, range, mean, shape, frequent values.

    \b
    Examples:
      mlscore data profile flights.parquet
      mlscore data profile 'days/*.csv' --column dep_delay --report json:profile.json
    """
    from mlscore.core.codec import dumps
    from mlscore.report.profile import render_profile, render_profile_markdown
    from mlscore.report.screen import screen_of

    with open_source(source, path, memory_mb, timeout, engine) as table:
        profile = table.profile(columns or None, bins=bins, top=top)
    screen = screen_of(sys.stdout, os.environ)
    deliver_forms(
        reports,
        terminal=lambda: render_profile(profile, width=screen.width, unicode=screen.unicode),
        json=lambda: dumps(profile),
        markdown=lambda: render_profile_markdown(profile),
    )
    return 0

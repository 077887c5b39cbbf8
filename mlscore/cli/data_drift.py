"""`mlscore data drift`: a table against a reference, with thresholds that the reference itself calibrates."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path

import click

from mlscore.cli._tables import deliver_forms, forms_option, limits, open_source
from mlscore.errors import EXIT_GATE_NOT_MET

RATE = click.FloatRange(0, 1, min_open=True, max_open=True)


@click.command("drift")
@click.argument("reference")
@click.argument("current")
@click.option("--time", metavar="COLUMN", help="The column that says when a row happened: tells season from fault.")
@click.option("--column", "-c", "columns", multiple=True, help="Compare this column only; repeatable. Default: all.")
@click.option(
    "--false-alarms", type=RATE, default=0.01, show_default=True, help="Share of runs that may alarm without cause."
)
@click.option(
    "--least-effect",
    type=RATE,
    default=0.05,
    show_default=True,
    help="Smallest Jensen-Shannon distance that matters, whatever its significance.",
)
@click.option("--no-joint", is_flag=True, help="Leave out the test of how columns go together.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the samples.")
@limits
@forms_option
def command(
    reference: str,
    current: str,
    time: str | None,
    columns: tuple[str, ...],
    false_alarms: float,
    least_effect: float,
    no_joint: bool,
    seed: int,
    path: Path,
    memory_mb: int | None,
    timeout: int | None,
    engine: str | None,
    reports: tuple[str, ...],
) -> int:
    """Compare CURRENT with REFERENCE, column by column and together.

    Exit code 1 when something drifted, or when one of them has no rows to say so.

    \b
    Examples:
      mlscore data drift january.parquet february.parquet --time scheduled
      mlscore data drift train serving --report json:drift.json --report markdown:drift.md
    """
    from mlscore.checks.drift.detect import detect_drift
    from mlscore.core.codec import dumps
    from mlscore.report.drift import render_drift, render_drift_markdown
    from mlscore.report.screen import screen_of

    with ExitStack() as stack:
        before, now = (
            stack.enter_context(open_source(s, path, memory_mb, timeout, engine)) for s in (reference, current)
        )
        report = detect_drift(
            before,
            now,
            time=time,
            columns=columns or None,
            false_alarms=false_alarms,
            least_effect=least_effect,
            joint=not no_joint,
            seed=seed,
        )
    screen = screen_of(sys.stdout, os.environ)
    deliver_forms(
        reports,
        terminal=lambda: render_drift(report, width=screen.width, unicode=screen.unicode),
        json=lambda: dumps(report),
        markdown=lambda: render_drift_markdown(report),
    )
    compared = report.reference_rows and report.current_rows and report.columns
    return 0 if compared and not report.drifted else EXIT_GATE_NOT_MET

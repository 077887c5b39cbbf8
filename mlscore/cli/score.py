"""`mlscore score`: gather the evidence, compute the score, judge the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlscore.cli._shared import (
    deliver,
    evidence_options,
    find_report,
    override_options,
    project_argument,
    report_option,
)
from mlscore.errors import EXIT_GATE_NOT_MET

PYTEST_ARGS = "mlscore.pytest_args"


class Score(click.Command):
    """The command; what stands behind `--` is pytest's, also where no PATH stands before it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Set the arguments for pytest aside, and parse the others."""
        if "--" in args:
            cut = args.index("--")
            ctx.meta[PYTEST_ARGS], args = tuple(args[cut + 1 :]), args[:cut]
        return super().parse_args(ctx, args)


@click.command("score", cls=Score)
@project_argument
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
@evidence_options
@override_options
@report_option
@click.pass_context
def command(
    ctx: click.Context,
    /,
    path: Path,
    pytest_args: tuple[str, ...],
    reports: tuple[str, ...],
    **evidence: Any,
) -> int:
    """Gather the evidence of the project at PATH, compute the score, judge the gate.

    Runs the project's tests with pytest (its output goes to standard error), unless --junit, --from or --no-tests says
    where the evidence is. Arguments for pytest come after `--`.

    \b
    Examples:
      mlscore score
      mlscore score --report markdown:score.md --report badge:badge.svg
      mlscore score --junit data.xml --junit model.xml --fail-under 2
      mlscore score -- -n 2
    """
    arguments = (*pytest_args, *ctx.meta.get(PYTEST_ARGS, ()))
    config, report = find_report(path, pytest_args=arguments, **evidence)
    deliver(config, report, reports)
    return EXIT_GATE_NOT_MET if report.gate.passed is False else 0

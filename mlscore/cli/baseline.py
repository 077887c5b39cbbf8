"""`mlscore baseline`: write and show the score that the ratchet holds the project to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from mlscore.cli._shared import (
    deliver_result,
    evidence_options,
    find_report,
    load,
    override_options,
    project_argument,
    result_option,
)
from mlscore.errors import UsageError


@click.group("baseline")
def command() -> None:
    """Write and show the score below which the gate is not met."""


@command.command("write")
@project_argument
@evidence_options
@override_options
def write(
    path: Path,
    **evidence: Any,
) -> None:
    """Hold the project to its score of now: write the baseline file, to be committed."""
    from mlscore.core.points import show
    from mlscore.project.baseline import write_baseline

    config, report = find_report(path, **evidence)
    if report.run.errors or report.run.interrupted or report.run.partial:
        why = "; ".join((*report.run.errors, report.run.interrupted or "", *report.run.partial)).strip("; ")
        raise UsageError(f"no baseline from a run that is not whole ({why})", hint="run the whole suite to its end")
    if report.run.kind in ("pytest", "junit") and report.run.tests == 0:
        raise UsageError("no baseline from a run in which no test ran", hint="run the suite, or use --no-tests")
    write_baseline(config.baseline_path, report)
    click.echo(
        f"wrote {config.baseline_path}: verified {show(report.score.verified)}, practised {show(report.score.practised)}; "
        "commit it"
    )


@command.command("show")
@project_argument
@result_option
def show_(path: Path, reports: tuple[str, ...]) -> None:
    """Show the committed baseline."""
    from mlscore.core.points import show
    from mlscore.project.baseline import read_baseline

    config = load(path)
    if not config.baseline_path.exists():
        raise UsageError("there is no baseline yet", where=str(config.baseline_path), hint="mlscore baseline write")
    baseline = read_baseline(config.baseline_path, config.rubric)
    lines = [
        f"{baseline.rubric.id} {baseline.rubric.version}, written {baseline.written_at} by mlscore {baseline.tool.version}",
        f"total     {show(baseline.verified)} verified, {show(baseline.practised)} practised",
        *(f"{s.id:<9} {show(s.verified)} verified, {show(s.practised)} practised" for s in baseline.sections),
    ]
    deliver_result(baseline, "\n".join(lines) + "\n", reports)

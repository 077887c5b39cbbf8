"""`mlscore baseline`: write and show the score that the ratchet holds the project to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlscore.cli._shared import (
    deliver_result,
    evidence_options,
    find_report,
    load,
    project_argument,
    result_option,
    rubric_option,
)
from mlscore.errors import UsageError

if TYPE_CHECKING:
    from mlscore.project.config import Config


@click.group("baseline")
def command() -> None:
    """Write and show the score below which the gate is not met."""


@command.command("write")
@project_argument
@evidence_options
@rubric_option
def write(
    path: Path,
    **evidence: Any,
) -> None:
    """Hold the project to its score of now.

    Writes the baseline file, to be committed: from then on the gate is not met when the total or a section falls below
    it. A baseline that is there is replaced.

    Runs the project's tests with pytest, unless --junit, --from or --no-tests says where the evidence is.
    """
    from mlscore.core.points import show
    from mlscore.project.baseline import write_baseline

    config, report = find_report(path, judged=False, **evidence)
    if report.run.errors or report.run.interrupted or report.run.partial:
        why = "; ".join((*report.run.errors, report.run.interrupted or "", *report.run.partial)).strip("; ")
        raise UsageError(f"no baseline from a run that is not whole ({why})", hint="run the whole suite to its end")
    if report.run.kind in ("pytest", "junit") and report.run.tests == 0:
        raise UsageError("no baseline from a run in which no test ran", hint="run the suite, or use --no-tests")
    broken = _fault(config)
    write_baseline(config.baseline_path, report)
    if broken:
        click.echo(f"mlscore: replaced a baseline that could not be used: {broken}", err=True)
    click.echo(
        f"wrote {_name(config)}: verified {show(report.score.verified)}, practised {show(report.score.practised)}; "
        "commit it"
    )


def _fault(config: Config) -> str | None:
    """What is wrong with the baseline that is there; None when it is sound, or there is none."""
    from mlscore.errors import ConfigError
    from mlscore.project.baseline import read_baseline
    from mlscore.report.text import clean

    try:
        if os.path.lexists(config.baseline_path):
            read_baseline(config.baseline_path, config.rubric, where=_name(config))
    except ConfigError as error:
        return clean(f"{error.where}: {error.what}")
    return None


def _name(config: Config) -> str:
    """The baseline's file as messages name it: relative to the project's folder."""
    return Path(os.path.relpath(config.baseline_path, config.root)).as_posix()


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
    baseline = read_baseline(config.baseline_path, config.rubric, where=_name(config))
    lines = [
        f"{baseline.rubric.id} {baseline.rubric.version}, written {baseline.written_at} by mlscore {baseline.tool.version}",
        f"total     {show(baseline.verified)} verified, {show(baseline.practised)} practised",
        *(f"{s.id:<9} {show(s.verified)} verified, {show(s.practised)} practised" for s in baseline.sections),
    ]
    deliver_result(baseline, "\n".join(lines) + "\n", reports)

"""What the commands about data share: options for limits, opening a source, printing a result in several forms."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlscore.cli._shared import load, project_option
from mlscore.errors import UsageError

if TYPE_CHECKING:
    from mlscore.tables.shapes import Progress
    from mlscore.tables.table import Table

F = TypeVar("F", bound=Callable[..., Any])
FORMS = ("terminal", "json", "markdown")


def limits(function: F) -> F:
    """`--memory-mb`, `--timeout`, `--engine`, `--project`: what reads and may take, and whose roles are meant."""
    for decorate in (
        click.option(
            "--engine",
            type=click.Choice(["duckdb", "spark"]),
            help="What reads files. Default: the configuration's, or duckdb.",
        ),
        click.option("--timeout", type=click.IntRange(min=1), metavar="S", help="Seconds that one query may take."),
        click.option(
            "--memory-mb",
            type=click.IntRange(min=1),
            metavar="MB",
            help="Memory that reading may take, in MB; more is spilled to disk. Default: the configuration's, or 400.",
        ),
        project_option,
    ):
        function = decorate(function)
    return function


def forms_option(function: F) -> F:
    """`--report FORM[:DEST]`, repeatable."""
    return click.option(
        "--report",
        "-r",
        "reports",
        multiple=True,
        callback=_check_forms,
        metavar="FORM[:DEST]",
        help="How and where to print the result: terminal (the default), json or markdown; repeatable.",
    )(function)


def _check_forms(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for wanted in given:
        form, colon, destination = wanted.partition(":")
        if form not in FORMS:
            raise UsageError(
                f'this result has no form "{form}"', where="option --report", hint=f"use {', '.join(FORMS)}"
            )
        if colon and not destination:
            raise UsageError(f'no file is named after "{wanted}"', where="option --report", hint=f"write {form}:FILE")
    return given


def open_source(given: str, path: Path, memory_mb: int | None, timeout: int | None, engine: str | None) -> Table:
    """The table that a source leads to, seen from the project at `path`; a path is relative to where it is typed."""
    from mlscore.checks.context import resolve_source
    from mlscore.tables.shapes import TableOptions
    from mlscore.tables.table import open_table

    config = load(path)
    roles = config.data.ROLES
    source = resolve_source(given, config.data, config.root if given in roles else Path(), where="argument")
    options = TableOptions(
        memory_mb=memory_mb or config.data.memory_mb,
        timeout=float(timeout) if timeout else config.data.timeout,
        progress=Ticker(),
        engine=engine or config.data.engine,
    )
    return open_table(source, options=options)


class Ticker:
    """Says on standard error, where that is a terminal, how far a long query is; at most twice a second."""

    def __init__(self, name: str = "") -> None:
        self._name = f"{name}: " if name else ""
        self._last = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        """Show the progress, once half a second has gone by."""
        if not sys.stderr.isatty() or time.monotonic() - self._last < 0.5:
            return
        self._last = time.monotonic()
        share = "" if progress.share is None else f" {progress.share:.0%}"
        click.echo(f"\r{self._name}{progress.what}{share}\x1b[K\r", nl=False, err=True)


def deliver_forms(reports: Sequence[str], **forms: Callable[[], str]) -> None:
    """Print or write a result in each form asked for; `forms` make the texts."""
    from mlscore.project.write import write_atomically
    from mlscore.report.targets import print_text

    for wanted in reports or ("terminal",):
        form, _, destination = wanted.partition(":")
        text = forms[form]()
        if destination and destination != "-":
            write_atomically(Path(destination), text)
        elif form == "terminal":
            click.echo(text, nl=False)
        else:
            print_text(text, form, sys.stdout)

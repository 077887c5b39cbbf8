"""What several commands share: options, loading the configuration, finding the evidence, printing results."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from mlscore.errors import UsageError

if TYPE_CHECKING:
    from mlscore.core.report import Report
    from mlscore.core.rubric import Rubric
    from mlscore.project.config import Config

# Whether it can be read is told by who reads it, in one sentence that says what to do.
PATH = click.Path(path_type=Path, readable=False)

F = TypeVar("F", bound=Callable[..., Any])

# The command line's option for each configuration key that it can override.
OVERRIDES = {
    "rubric": "--rubric",
    "profile": "--profile",
    "fail-under": "--fail-under",
    "strict": "--strict",
}


def project_argument(function: F) -> F:
    """PATH, the project's folder; the current one by default."""
    return click.argument("path", default=".", type=PATH)(function)


def _check_reports(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """A report of a type that there is not is refused before anything runs for nothing."""
    if given:
        from mlscore.report.targets import parse_target

        for wanted in given:
            parse_target(wanted)
    return given


def _check_results(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    for wanted in given:
        _form(wanted)
    return given


def _form(wanted: str) -> tuple[str, str]:
    """Form and destination ("" for standard output) of a result that is not a report."""
    kind, colon, destination = wanted.partition(":")
    if kind not in ("terminal", "json"):
        raise UsageError(f'this result has no form "{kind}"', where="option --report", hint="use terminal or json")
    if colon and not destination:
        raise UsageError(f'no file is named after "{wanted}"', where="option --report", hint=f"write {kind}:FILE")
    return kind, destination


def report_option(function: F) -> F:
    """`--report TYPE[:DEST]`, repeatable."""
    return click.option(
        "--report",
        "-r",
        "reports",
        multiple=True,
        callback=_check_reports,
        metavar="TYPE[:DEST]",
        help="How and where to report; repeatable. Types: terminal, json, markdown, github, badge, readme. Default: the "
        "configuration's, or terminal.",
    )(function)


def result_option(function: F) -> F:
    """`--report TYPE[:DEST]` of a command whose result is not a report."""
    return click.option(
        "--report",
        "-r",
        "reports",
        multiple=True,
        callback=_check_results,
        metavar="TYPE[:DEST]",
        help="How and where to print the result: terminal (the default) or json; repeatable.",
    )(function)


def project_option(function: F) -> F:
    """`--project PATH` of a command whose argument is something else."""
    return click.option(
        "--project", "--path", "path", default=".", type=PATH, help="The project's folder; default: the current one."
    )(function)


def rubric_option(function: F) -> F:
    """`--rubric NAME|FILE`."""
    return click.option(
        "--rubric", metavar="NAME|FILE", help="The rubric to score by; default: the configuration's, or ml-test-score."
    )(function)


def override_options(function: F) -> F:
    """Options that override the configuration."""
    for decorate in (
        click.option(
            "--strict", is_flag=True, default=None, help="Every warning fails the gate, and a partial run too."
        ),
        click.option(
            "--fail-under",
            metavar="N",
            help="Least total in points, such as 2 or 2.5; exit code 1 below it. Default: the configuration's.",
        ),
        click.option(
            "--profile",
            metavar="NAME",
            help="Rules for a stage: poc, staging or production. Default: the configuration's.",
        ),
        rubric_option,
    ):
        function = decorate(function)
    return function


def evidence_options(function: F) -> F:
    """Where the evidence comes from, when not from a pytest run that is started now."""
    for decorate in (
        click.option(
            "--from", "source", type=PATH, metavar="FILE", help="Run nothing: read this report, made by --report json."
        ),
        click.option("--no-tests", is_flag=True, help="Run nothing: what people attested, alone."),
        click.option(
            "--junit",
            multiple=True,
            metavar="FILE",
            help="Run nothing: read this JUnit XML file, made by pytest --mlscore --junitxml=FILE; repeatable, also a "
            "pattern such as 'reports/*.xml'.",
        ),
    ):
        function = decorate(function)
    return function


def load_rubric_for(path: Path, rubric: str | None, origin: str) -> Rubric:
    """The rubric of that name or file, which messages call `origin`; for None that of the project at `path`.

    What else is wrong with the project's configuration and statements does not matter to it.
    """
    from mlscore.project.load import load_rubric_of

    _check_exists(path)
    return load_rubric_of(path, options={} if rubric is None else {"rubric": (rubric, origin)}, environ=os.environ)


def load(path: Path, *, baseline: bool = False, **overrides: object) -> Config:
    """The configuration of the project at `path`, with the options that were given.

    The committed baseline is read only with `baseline`: a broken one stops nobody who does not judge by it.
    """
    from mlscore.project.load import load_config

    _check_exists(path)
    given = {
        key: (value, f"option {OVERRIDES[key]}")
        for key, value in ((k.replace("_", "-"), v) for k, v in overrides.items())
        if value is not None
    }
    return load_config(path, options=given, environ=os.environ, today=now().date(), baseline=baseline)


def _check_exists(path: Path) -> None:
    if not os.path.lexists(path):
        raise UsageError("there is no such file or folder", where=str(path), hint="check the path")


def now() -> datetime:
    """The clock, in UTC."""
    return datetime.now(UTC)


def find_report(
    path: Path,
    *,
    junit: Sequence[str] = (),
    no_tests: bool = False,
    source: Path | None = None,
    pytest_args: Sequence[str] = (),
    judged: bool = True,
    **overrides: object,
) -> tuple[Config, Report]:
    """The report that the options ask for: read from a file, from JUnit files, from attestations alone, or from pytest.

    Unless `judged`, the gate does not matter to the caller, and the committed baseline stays unread.

    Raises UsageError when two sources are named at once.
    """
    named = [n for n, on in (("--junit", junit), ("--no-tests", no_tests), ("--from", source)) if on]
    if pytest_args:
        named.append("arguments for pytest")
    if len(named) > 1:
        raise UsageError(f"{' and '.join(named)} do not go together", hint="choose one source of evidence")
    config = load(path, baseline=judged, **overrides)
    if source is not None:
        return config, _judged_anew(source, config)
    if no_tests:
        from mlscore import pipeline
        from mlscore.collect.cases import Gathered
        from mlscore.core.report import RunFacts

        return config, pipeline.run(config, Gathered((), RunFacts(kind="statements")), now=now())
    files = tuple(junit) or (() if pytest_args else config.junit)
    if files:
        from mlscore import pipeline
        from mlscore.collect.junit import read_junit

        # Paths on the command line are relative to where it is typed, those in the configuration to its folder.
        base = Path.cwd() if junit else config.root
        gathered, diagnostics = read_junit(files, config, base=base)
        return config, pipeline.run(config, gathered, now=now(), diagnostics=diagnostics)
    from mlscore.collect.run_pytest import run_pytest

    return config, run_pytest(config, pytest_args, overrides, judged=judged)


def _judged_anew(source: Path, config: Config) -> Report:
    """A report that was written before, held to the gate of now. Raises InputError when another rubric measured it."""
    from dataclasses import replace

    from mlscore.core.gate import judge
    from mlscore.project.reports import read_report_for

    report = read_report_for(source, config.rubric)
    gate = judge(config.gate, config.rubric, report.score, report.items, report.run, report.diagnostics)
    return replace(report, gate=gate)


def deliver(config: Config | None, report: Report, reports: Sequence[str], *, default: str = "terminal") -> None:
    """Print or write the report as asked: on the command line, else in the configuration, else `default`."""
    from mlscore.report.targets import deliver as deliver_to
    from mlscore.report.targets import parse_target

    wanted = tuple(reports) or (config.reports if config else ()) or (default,)
    root = config.root if config else Path.cwd()
    deliver_to(
        report, [parse_target(w) for w in wanted], stdout=sys.stdout, environ=os.environ, root=root, cwd=Path.cwd()
    )


def deliver_result(data: object, text: str, reports: Sequence[str]) -> None:
    """Print or write a result that is not a report: as text (`terminal`) or `json`."""
    for wanted in reports or ("terminal",):
        kind, destination = _form(wanted)
        content = text
        if kind == "json":
            from mlscore.core.codec import dumps

            content = dumps(data)
        if destination and destination != "-":
            from mlscore.project.write import write_atomically

            write_atomically(Path(destination), content)
        elif kind == "json":
            from mlscore.report.targets import print_text

            print_text(content, kind, sys.stdout)
        else:
            click.echo(content, nl=False)

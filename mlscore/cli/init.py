"""`mlscore init`: write the configuration, a first marked test and a CI job, without touching what is there."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from mlscore.cli._shared import PATH
from mlscore.errors import UsageError

PROFILES = ("poc", "staging", "production")
SERVING = ("batch", "online", "streaming")


@click.command("init")
@click.argument("path", default=".", type=PATH)
@click.option("--name", help="The project's name; default: that of pyproject.toml, or its folder's.")
@click.option("--profile", type=click.Choice(PROFILES), help="Rules for the project's stage; default: poc.")
@click.option("--serving", type=click.Choice([*SERVING, "none"]), help="How the model is deployed; default: none.")
@click.option("--fail-under", metavar="N", help="Least total in points, instead of the profile's.")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "azure", "none"]),
    help="Which CI job to write; default: what the project uses.",
)
@click.option("--data", type=PATH, metavar="FILE", help="A CSV file of training data, for a first test of its schema.")
@click.option("--yes", "-y", is_flag=True, help="Ask nothing: take the options and the defaults.")
def command(
    path: Path,
    name: str | None,
    profile: str | None,
    serving: str | None,
    fail_under: str | None,
    ci: str | None,
    data: Path | None,
    yes: bool,
) -> None:
    """Set mlscore up in the project at PATH: configuration, a first marked test, a CI job.

    Files that exist are kept: what cannot be written is said, with what to add by hand. Asks on a terminal.

    \b
    Examples:
      mlscore init
      mlscore init --yes --profile staging --ci github --data data/train.csv
    """
    from mlscore.project import scaffold

    if path.is_file():
        raise UsageError("this is a file, not a folder", where=str(path), hint="name the project's folder")
    if not path.is_dir():
        raise UsageError("there is no such folder", where=str(path), hint="make it first, or name another")
    ask = not yes and sys.stdin.isatty()
    root = path.resolve()
    named = scaffold.project_name(root)
    name = name or (None if named else _ask(ask, "Name of the project", root.name))
    profile = profile or _choose(ask, "Stage", PROFILES, "poc")
    serving = serving or _choose(ask, "Deployment", (*SERVING, "none"), "none")
    ci = ci or _choose(ask, "CI job for", ("github", "gitlab", "azure", "none"), scaffold.guess_ci(root))
    if data is None and ask:
        answer = click.prompt("A CSV file of training data, for a first schema test (empty: none)", default="")
        data = Path(answer) if answer else None
    plan = scaffold.plan(
        root,
        name=name,
        profile=profile,
        serving=None if serving == "none" else serving,
        fail_under=fail_under,
        ci=None if ci == "none" else ci,
        data=data,
    )
    for line in scaffold.carry_out(plan):
        click.echo(line)
    click.echo("\nNext: mlscore score        (then: mlscore next)")


def _ask(ask: bool, question: str, default: str) -> str:
    return str(click.prompt(question, default=default)) if ask else default


def _choose(ask: bool, question: str, choices: tuple[str, ...], default: str) -> str:
    return str(click.prompt(question, type=click.Choice(choices), default=default)) if ask else default

"""`mlscore extra`: environments of their own for tools that cannot live beside today's libraries."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import click

from mlscore.cli._shared import PATH, deliver_result, result_option


@click.group("extra")
def command() -> None:
    """Environments of their own for tools that cannot live beside today's libraries.

    They stand in the user's data folder, which MLSCORE_HOME or XDG_DATA_HOME moves, and are driven as processes. What pip
    brings into mlscore's own environment ("data", "model", ...) is installed by pip: pip install "ml-test-score[data]".
    """


@command.command("install")
@click.argument("name")
@click.option(
    "--python", type=PATH, metavar="PATH", help="The Python to build with; default: ours, else one on the PATH."
)
def install(name: str, python: Path | None) -> int:
    """Build the environment of an extra from pinned packages, or find it built already.

    Only what the pins name is installed, by pip with its own settings (index, proxy), and checked by hash on Linux
    x86-64. It is built in a folder beside and put in its place when it works; one that is broken or of older pins is
    built anew.

    \b
    Examples:
      mlscore extra install deepchecks
      mlscore extra install deepchecks --python /usr/bin/python3.12
    """
    from mlscore.extras.build import install as build
    from mlscore.extras.known import find_extra

    began = time.monotonic()
    ticker = Ticker(name)
    found, built = build(find_extra(name), python=python, tell=ticker)
    ticker.end()
    how = f"built in {time.monotonic() - began:.0f} s" if built else "there already"
    click.echo(f"{name}: {how}: {found.folder} (Python {found.version}, {found.size:,} MB)")
    return 0


@command.command("list")
@result_option
def list_(reports: tuple[str, ...]) -> int:
    """List the extras with an environment of their own, and where these are."""
    from mlscore.extras.known import EXTRAS
    from mlscore.extras.places import folder_of, found_all

    lines, data = [], []
    for id_, found in found_all().items():
        extra = EXTRAS[id_]
        half = found is None and folder_of(extra).exists()
        state = "installed" if found else "broken or outdated" if half else "not installed"
        where = f" in {found.folder} (Python {found.version}, {found.size:,} MB, {found.made})" if found else ""
        lines += [f"{id_}: {state}{where}", f"  {extra.title}"]
        if not found:
            lines.append(f"  mlscore extra install {id_}")
        data.append(
            {
                "name": id_,
                "title": extra.title,
                "state": state,
                "folder": str(found.folder) if found else None,
                "python": found.version if found else None,
                "size_mb": found.size if found else None,
                "made": found.made if found else None,
            }
        )
    deliver_result({"extras": data}, "\n".join(lines) + "\n", reports)
    return 0


@command.command("remove")
@click.argument("name")
def remove(name: str) -> int:
    """Remove the environment of an extra."""
    from mlscore.extras.build import remove as clear
    from mlscore.extras.known import find_extra

    gone = clear(find_extra(name))
    click.echo(f"{name}: removed {gone}" if gone else f"{name}: it is not installed")
    return 0


class Ticker:
    """Says on standard error what is being done: over one line on a terminal, else a line for each new stage."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._stage = ""
        self._live = sys.stderr.isatty()

    def __call__(self, what: str, share: float | None) -> None:
        """Show the stage, with the share that is done where it is known."""
        done = "" if share is None else f" ({share:.0%})"
        if self._live:
            click.echo(f"\r{self._name}: {what}{done}\x1b[K", nl=False, err=True)
        elif what.split()[0] != self._stage:
            self._stage = what.split()[0]
            click.echo(f"{self._name}: {what}", err=True)

    def end(self) -> None:
        """Leave the line as it was."""
        if self._live:
            click.echo("\r\x1b[K", nl=False, err=True)

"""`mlscore waive`: go without an item for a while, for a stated reason."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import deliver_result, load, now, project_option, result_option


@click.command("waive")
@click.argument("item")
@click.option(
    "--reason",
    metavar="REASON",
    required=True,
    help="One of not-applicable, accepted-risk, covered-elsewhere, planned.",
)
@click.option("--note", required=True, help="Why, in a sentence.")
@click.option("--author", metavar="TEAM", required=True, help="Who decided: a role or a team.")
@click.option("--date", "on", metavar="YYYY-MM-DD", help="The day of the decision; default: today (UTC).")
@click.option(
    "--expires", metavar="YYYY-MM-DD", help="The last day it holds; default: 180 days after the date, at most 365."
)
@project_option
@result_option
def command(
    item: str,
    reason: str,
    note: str,
    author: str,
    on: str | None,
    expires: str | None,
    path: Path,
    reports: tuple[str, ...],
) -> None:
    """Waive ITEM: the score is not raised, but the gate no longer asks for what only this item could give.

    \b
    Example:
      mlscore waive infra-6 --reason planned --note "Canaries come with the new server" --author ml-platform
    """
    from mlscore.project.attest import write_waiver
    from mlscore.project.values import day

    today = now().date()
    written = write_waiver(
        load(path),
        item=item,
        reason=reason,
        note=note,
        author=author,
        on=today if on is None else day("date", on, "option --date"),
        expires=None if expires is None else day("expires", expires, "option --expires"),
        today=today,
    )
    verb = "renewed" if written.renewed else "wrote"
    until = written.statement.expires.isoformat()
    text = f"{verb} {written.location}: {item} waived as {reason}, until {until}; commit it\n"
    data = {"item": item, "reason": reason, "until": until, "location": written.location, "renewed": written.renewed}
    deliver_result(data, text, reports)

"""`mlscore attest`: write down that an item was done by hand, with date, link and expiry."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import deliver_result, load, now, project_option, result_option


@click.command("attest")
@click.argument("item")
@click.option("--owner", metavar="TEAM", required=True, help="Who did it and answers for it: a role or a team.")
@click.option("--what", required=True, help="What was done, and what came out.")
@click.option(
    "--link", metavar="PATH|URL", required=True, help="Where the result is documented: a path in the project, or a URL."
)
@click.option("--date", "on", metavar="YYYY-MM-DD", help="The day it was done; default: today (UTC).")
@click.option(
    "--expires", metavar="YYYY-MM-DD", help="The last day it counts; default: 180 days after the date, at most 365."
)
@project_option
@result_option
def command(
    item: str,
    owner: str,
    what: str,
    link: str,
    on: str | None,
    expires: str | None,
    path: Path,
    reports: tuple[str, ...],
) -> None:
    """Attest that ITEM, such as infra-7, was done by hand: half a point until it expires.

    The same owner's earlier attestation of the item is renewed; comments and order of the file stay as they are.

    \b
    Example:
      mlscore attest infra-7 --owner ml-platform --what "Rolled back in 4 minutes" --link docs/rollback.md
    """
    from mlscore.project.attest import write_attestation
    from mlscore.project.values import day

    today = now().date()
    written = write_attestation(
        load(path),
        item=item,
        owner=owner,
        what=what,
        link=link,
        on=today if on is None else day("date", on, "option --date"),
        expires=None if expires is None else day("expires", expires, "option --expires"),
        today=today,
    )
    verb = "renewed" if written.renewed else "wrote"
    until = written.statement.expires.isoformat()
    text = f"{verb} {written.location}: {item} attested by {owner}, holds until {until}; commit it\n"
    data = {"item": item, "owner": owner, "until": until, "location": written.location, "renewed": written.renewed}
    deliver_result(data, text, reports)

"""`mlscore explain`: what an item asks, why, how to do it, and what earns its points."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import PATH, deliver_result, load, result_option
from mlscore.errors import UsageError, did_you_mean


@click.command("explain")
@click.argument("item")
@click.option("--path", default=".", type=PATH, help="The project, for its rubric.")
@click.option("--rubric", metavar="NAME|FILE", help="The rubric to read the item from.")
@click.option("--from", "source", type=PATH, help="Show its standing in this report in JSON too.")
@result_option
def command(item: str, path: Path, rubric: str | None, source: Path | None, reports: tuple[str, ...]) -> None:
    """Explain ITEM, such as data-1: the question, why it matters, how to do it, what earns its points."""
    from mlscore.core.placement_ids import item_id
    from mlscore.report.explain import render_explain

    config = load(path, rubric=rubric)
    known = tuple(i.id for i in config.rubric.items)
    item = item_id(item, known) or item
    if item not in known:
        near = did_you_mean(item, known)
        raise UsageError(
            f'the rubric "{config.rubric.id}" has no item "{item}"',
            hint=near or "see them all with: mlscore rubric show",
        )
    result = None
    if source is not None:
        from mlscore.project.reports import read_report

        result = next((i for i in read_report(source).items if i.id == item), None)
    entry = config.rubric.item(item)
    text = render_explain(entry, config.rubric.section(entry.section).title, config.rubric, result)
    deliver_result(entry, text, reports)

"""`mlscore explain`: what an item asks, why, how to do it, and what earns its points."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from mlscore.cli._shared import PATH, deliver_result, load_rubric_for, project_option, result_option
from mlscore.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from mlscore.core.rubric import Rubric


@click.command("explain")
@click.argument("item")
@project_option
@click.option(
    "--rubric", metavar="NAME|FILE", help="The rubric to read the item from; default: the project's, or ml-test-score."
)
@click.option(
    "--from", "source", type=PATH, metavar="FILE", help="Show its standing in this report too, made by --report json."
)
@result_option
def command(item: str, path: Path, rubric: str | None, source: Path | None, reports: tuple[str, ...]) -> None:
    """Explain ITEM, such as data-1: the question, why it matters, how to do it, what earns its points."""
    from mlscore.core.placement_ids import item_id
    from mlscore.report.explain import render_explain

    ruler = load_rubric_for(path, rubric, "option --rubric")
    known = tuple(i.id for i in ruler.items)
    item = item_id(item, known) or item
    if item not in known:
        _refuse(item, ruler)
    result = None
    if source is not None:
        from mlscore.project.reports import read_report

        result = next((i for i in read_report(source).items if i.id == item), None)
    entry = ruler.item(item)
    text = render_explain(entry, ruler.section(entry.section).title, ruler, result)
    deliver_result(entry, text, reports)


def _refuse(item: str, ruler: Rubric) -> NoReturn:
    inside = [i.id for i in ruler.items if i.section == item]
    if inside:
        raise UsageError(f'"{item}" is a section, not an item', hint=f"its items are {', '.join(inside)}")
    near = did_you_mean(item, tuple(i.id for i in ruler.items))
    hint = near or "see them all with: mlscore rubric show"
    raise UsageError(f'the rubric "{ruler.id}" has no item "{item}"', hint=hint)

"""`mlscore rubric`: list, show and check rubrics."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlscore.cli._shared import PATH, deliver_result, load_rubric_for, project_option, result_option

if TYPE_CHECKING:
    from mlscore.core.rubric import Band


@click.group("rubric")
def command() -> None:
    """List, show and check rubrics."""


@command.command("list")
@result_option
def list_(reports: tuple[str, ...]) -> None:
    """List the rubrics that come with mlscore."""
    from mlscore.project.rubrics import load_rubric, shipped_rubrics

    rubrics = [load_rubric(name, root=Path.cwd()) for name in shipped_rubrics()]
    width = max(len(r.id) for r in rubrics)
    lines = [f"{r.id:<{width}}  {r.version:<7} {len(r.items):>2} items  {r.title}" for r in rubrics]
    data = {"rubrics": [{"id": r.id, "version": r.version, "title": r.title, "items": len(r.items)} for r in rubrics]}
    deliver_result(data, "\n".join(lines) + "\n", reports)


@command.command("show")
@click.argument("name", required=False)
@project_option
@result_option
def show(name: str | None, path: Path, reports: tuple[str, ...]) -> None:
    """Show a rubric: its rule, levels, bands, sections and items.

    NAME is an id or a file; default: the project's.

    \b
    Examples:
      mlscore rubric show
      mlscore rubric show ml-test-score-2016
    """
    from mlscore.core.codec import encode
    from mlscore.core.points import show as show_points

    rubric = load_rubric_for(path, name, "argument NAME")
    lines = [
        f"{rubric.title} ({rubric.id} {rubric.version})",
        f"{rubric.digest}",
        "",
        f"A section's score is {_RULES[rubric.scoring.section]} its items' points; the total is "
        f"{_RULES[rubric.scoring.total]} the sections'.",
        "Levels: " + ", ".join(f"{lv.id} {show_points(lv.points)}" for lv in rubric.levels),
    ]
    if rubric.bands:
        lines += ["", "Bands:", *(f"  {_range(band)}: {band.title}. {band.reading}" for band in rubric.bands)]
    for section in rubric.sections:
        lines += ["", section.title]
        lines += [f"  {item.id:<10} {item.title}" for item in rubric.items_of(section.id)]
    deliver_result({**encode(rubric), "digest": rubric.digest}, "\n".join(lines) + "\n", reports)


_RULES = {
    "sum": "the sum of",
    "mean": "the mean of",
    "weighted-mean": "the weighted mean of",
    "min": "the minimum of",
    "ladder": "the number of stages complete from the first, over",
}


def _range(band: Band) -> str:
    """The totals a band holds, in words."""
    from mlscore.core.points import show as points

    low = None
    if band.above is not None:
        low = f"over {points(band.above)}"
    elif band.at_least is not None:
        low = f"from {points(band.at_least)}"
    if band.at_most is None:
        return low or "any"
    if band.at_least == band.at_most:
        return points(band.at_most)
    return f"{low} to {points(band.at_most)}" if low else f"up to {points(band.at_most)}"


@command.command("check")
@click.argument("file", type=PATH)
@result_option
def check(file: Path, reports: tuple[str, ...]) -> None:
    """Check a rubric FILE of one's own.

    Exit code 0 when it is sound; 2 and a sentence with file, line and key when it is not.
    """
    from mlscore.project.rubrics import load_rubric_file

    rubric = load_rubric_file(file)
    count = f"{len(rubric.sections)} sections, {len(rubric.items)} items"
    data = {
        "ok": True,
        "id": rubric.id,
        "version": rubric.version,
        "digest": rubric.digest,
        "sections": len(rubric.sections),
        "items": len(rubric.items),
    }
    deliver_result(data, f"{file}: sound: {rubric.id} {rubric.version}, {count}\n", reports)

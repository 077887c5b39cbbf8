"""`mlscore rubric`: list, show and check rubrics."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import deliver_result, load, report_option


@click.group("rubric")
def command() -> None:
    """List, show and check rubrics."""


@command.command("list")
@report_option
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
@click.option("--path", default=".", type=click.Path(path_type=Path), help="The project, for its own rubric.")
@report_option
def show(name: str | None, path: Path, reports: tuple[str, ...]) -> None:
    """Show a rubric: its rule, levels, bands, sections and items. NAME is an id or a file; default: the project's."""
    from mlscore.core.score import show as show_points

    rubric = load(path, rubric=name).rubric
    lines = [
        f"{rubric.title} ({rubric.id} {rubric.version})",
        f"{rubric.digest}",
        "",
        f"A section's score is the {rubric.scoring.section} of its items' points; the total is the "
        f"{rubric.scoring.total} of the sections'.",
        "Levels: " + ", ".join(f"{lv.id} {show_points(lv.points)}" for lv in rubric.levels),
    ]
    if rubric.bands:
        lines += ["", "Bands:", *(f"  {band.title}: {band.reading}" for band in rubric.bands)]
    for section in rubric.sections:
        lines += ["", section.title]
        lines += [f"  {item.id:<10} {item.title}" for item in rubric.items_of(section.id)]
    deliver_result(rubric, "\n".join(lines) + "\n", reports)


@command.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@report_option
def check(file: Path, reports: tuple[str, ...]) -> None:
    """Check a rubric FILE of one's own: exit code 2 and a sentence when it is wrong."""
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

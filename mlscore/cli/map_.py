"""`mlscore map`: read a test suite without running it, say what its tests mean to the rubric, and put marks in."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlscore.cli._shared import deliver_result, load, project_argument
from mlscore.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlscore.probes.suite.survey import Row, Survey

LEAST_CONFIDENCE = 0.8

# What makes a folder a project of its own to pytest; a repository's top does only for its test folders.
_PROJECT_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")


@click.command("map")
@project_argument
@click.option(
    "--report",
    "-r",
    "reports",
    multiple=True,
    metavar="TYPE[:DEST]",
    help="How and where: terminal or json; repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the same as --report json.")
@click.option("--write", is_flag=True, help="Put the marks of confident suggestions into the test files.")
@click.option("--dry-run", is_flag=True, help="Show what --write would change, and change nothing.")
@click.option(
    "--min-confidence",
    type=float,
    default=LEAST_CONFIDENCE,
    show_default=True,
    help="Least confidence of a suggestion that is put in.",
)
@click.option("--rubric", metavar="NAME|FILE", help="The rubric whose items are meant.")
def command(
    path: Path,
    reports: tuple[str, ...],
    as_json: bool,
    write: bool,
    dry_run: bool,
    min_confidence: float,
    rubric: str | None,
) -> None:
    """List the tests of the suite at PATH (a folder or a file): section, suggested item or none, why, and hollow ones.

    Nothing of the suite is executed. A suggestion earns nothing until a person accepts it, by a mark in the source
    (--write) or a line of configuration.
    """
    from mlscore.cli._map_text import render_map
    from mlscore.probes.suite.survey import survey
    from mlscore.project.tree import Tree
    from mlscore.report.screen import screen_of

    if not 0 <= min_confidence <= 1:
        raise UsageError(
            f"should be a number from 0 to 1, not {min_confidence}",
            where="option --min-confidence",
            hint="write one such as 0.8",
        )
    if as_json and reports:
        raise UsageError("--json and --report do not go together", hint="use --report json")
    if (write or dry_run) and (as_json or reports):
        raise UsageError("a report and a change of the files do not go together", hint="call mlscore map twice")
    config = load(path, rubric=rubric)
    root, under = _root(path, config.root if config.file is not None else None, config.root)
    found = survey(
        Tree(root),
        under=under,
        conventions=config.conventions,
        rubric_ids=tuple(item.id for item in config.rubric.items),
    )
    if write or dry_run:
        for problem in found.diagnostics:
            click.echo(f"{problem.location}: {problem.message}; {problem.help}", err=True)
        _put_in(root, found.confident(min_confidence), write=write and not dry_run)
        return
    own_file = config.file is not None and config.file.name == "mlscore.toml"
    table = "conventions" if own_file else "tool.mlscore.conventions"
    if as_json or reports:
        text = render_map(found, least=min_confidence, table=table)
        deliver_result(_data(found), text, ("json",) if as_json else reports)
        return
    # The screen decides about colours, from NO_COLOR, FORCE_COLOR and TERM; click would look at the stream alone.
    screen = screen_of(sys.stdout, os.environ)
    click.echo(render_map(found, least=min_confidence, screen=screen, table=table), nl=False, color=screen.color)


def _root(path: Path, configured: Path | None, near: Path) -> tuple[Path, tuple[str, ...]]:
    """The folder that node ids are relative to, as pytest would choose it, and what below it is asked for.

    That is the folder of our configuration, else the nearest folder upward with one of pytest's files, else for a folder
    named like tests or a single file the repository's, else PATH itself.
    """
    full = Path(os.path.abspath(path))
    folder = full if full.is_dir() else full.parent
    root = configured
    if root is None:
        inside = [p for p in (folder, *folder.parents) if p == near or near in p.parents]
        root = next((p for p in inside if any((p / name).is_file() for name in _PROJECT_FILES)), None)
    if root is None:
        root = near if full.is_file() or folder.name.startswith("test") else folder
    below = full.relative_to(root).as_posix()
    return root, () if below == "." else (below,)


def _data(found: Survey) -> dict[str, object]:
    """The result as JSON; keys are only ever added."""
    return {
        "schema": "mlscore-map/1",
        "tests": [
            {
                "id": row.id,
                "section": row.section,
                "item": row.item,
                "items": row.items,
                "confidence": row.confidence,
                "why": row.why,
                "hollow": row.hollow,
                "hollow_why": row.hollow_why,
                "placed": row.placed,
                "path": row.path,
                "line": row.line,
                "problems": row.problems,
            }
            for row in found.rows
        ],
        "proposal": {
            "markers": found.proposal.conventions.markers if found.proposal.by_markers else [],
            "docstrings": found.proposal.by_docstrings > 0,
            "tests": found.proposal.by_markers + found.proposal.by_docstrings,
        },
        "diagnostics": found.diagnostics,
    }


def _put_in(root: Path, rows: Iterable[Row], *, write: bool) -> None:
    """Write the marks, or show them as a diff; a file is replaced whole or not at all."""
    from mlscore.probes.suite.marking import put_marks
    from mlscore.probes.suite.survey import marks_by_file
    from mlscore.project.write import write_atomically

    tests = files = 0
    for path, wanted in sorted(marks_by_file(rows).items()):
        before = (root / path).read_bytes()
        marked = put_marks(before, wanted)
        for line, reason in marked.refused:
            click.echo(f"{path}:{line}: not marked: {reason}", err=True)
        if marked.data == before:
            continue
        tests += len(wanted) - len(marked.refused)
        files += 1
        if write:
            write_atomically(root / path, marked.data)
        else:
            click.echo(_diff(path, before, marked.data), nl=False)
    done = "put in" if write else "to put in; nothing was written"
    click.echo(
        f"{tests} {'mark' if tests == 1 else 'marks'} in {files} {'file' if files == 1 else 'files'} {done}",
        err=not write,
    )


def _diff(path: str, before: bytes, after: bytes) -> str:
    from difflib import unified_diff

    old, new = (data.decode("utf-8", "replace").splitlines(keepends=True) for data in (before, after))
    lines = unified_diff(old, new, fromfile=f"a/{path}", tofile=f"b/{path}")
    return "".join(line.rstrip("\r\n") + "\n" for line in lines)

"""`mlscore hook`: the static part alone, for pre-commit."""

from __future__ import annotations

from pathlib import Path

import click

from mlscore.cli._shared import PATH, deliver_result, load, now, project_option, result_option
from mlscore.errors import EXIT_GATE_NOT_MET


@click.command("hook")
@click.argument("files", nargs=-1, type=PATH)
@project_option
@result_option
def command(files: tuple[Path, ...], path: Path, reports: tuple[str, ...]) -> int:
    """Check what shows without running a test; FILES are the commit's (none: all).

    The configuration and the rubric are valid, attestations have not expired, linked documents exist, marked tests in FILES
    can fail, and no item of the committed baseline has lost its test or attestation. Exit code 1 when one of these does not
    hold.
    """
    from mlscore.collect.commit import check_commit
    from mlscore.core.evidence import Severity
    from mlscore.project.tree import Tree
    from mlscore.report.text import clean

    config = load(path, baseline=True)
    found = check_commit(config, Tree(config.root), _relative(files, config.root), now().date())
    errors = sum(d.severity is Severity.ERROR for d in found)
    lines = []
    for one in found:
        where = f"{one.location}: " if one.location else ""
        help_text = f"; {one.help}" if one.help else ""
        lines.append(clean(f"{one.severity}: {where}{one.message}{help_text}") + "\n")
    deliver_result({"passed": errors == 0, "diagnostics": list(found)}, "".join(lines), reports)
    return EXIT_GATE_NOT_MET if errors else 0


def _relative(files: tuple[Path, ...], root: Path) -> list[str] | None:
    """The files relative to the root, those outside it left out; None when none were named."""
    if not files:
        return None
    root = root.resolve()
    full = [file.resolve() for file in files]
    return [file.relative_to(root).as_posix() for file in full if file.is_relative_to(root)]

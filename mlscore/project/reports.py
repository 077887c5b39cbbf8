"""Reading a report that was written as JSON, strictly: whole, ours, and of a schema that this version knows."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

from mlscore.core.codec import decode, loads
from mlscore.core.points import show
from mlscore.core.report import SCHEMA, Report, RubricRef
from mlscore.core.rubric import Rubric
from mlscore.errors import InputError
from mlscore.project.read import read_text
from mlscore.project.schema_name import check_schema


def read_report(path: Path) -> Report:
    """The report in a JSON file.

    Raises InputError when the file is absent, a folder, unreadable, not UTF-8, empty, cut off, no report of mlscore, or
    of a newer schema than this version reads.
    """
    where = str(path)
    data = loads(read_text(path, where=where, error=InputError), where=where)
    check_schema(data, SCHEMA, where=where)
    return decode(Report, data, where=where)


def read_report_for(path: Path, rubric: Rubric) -> Report:
    """The report in a JSON file, when it was measured with that rubric and has every section and item of it.

    Raises InputError as `read_report` does, and when the rubric is another one or the report does not fit it.
    """
    report, where = read_report(path), str(path)
    if report.rubric.digest != rubric.digest:
        raise InputError(
            f"the report was measured with {_ruler(report.rubric)}, the project is scored by {_ruler(rubric)}",
            where=where,
            hint="name the report's rubric with --rubric, or score again",
        )
    for kind, found, wanted in (
        ("item", [item.id for item in report.items], [item.id for item in rubric.items]),
        ("section", [section.id for section in report.score.sections], [section.id for section in rubric.sections]),
    ):
        if found != wanted:
            odd = next((a or b for a, b in zip_longest(wanted, found) if a != b), None)
            what = f'the report does not have the {kind}s of its rubric, beginning with "{odd}"'
            raise InputError(what, where=where, hint="write the file again")
    most = max(level.points for level in rubric.levels)
    for item in report.items:
        for points in (item.practised, item.verified):
            if not 0 <= points <= most:
                what = f"{item.id} has {show(points)} points, of {show(most)} possible"
                raise InputError(what, where=where, hint="write the file again")
    return report


def _ruler(rubric: Rubric | RubricRef) -> str:
    return f"{rubric.id} {rubric.version} ({rubric.digest.rpartition(':')[2][:8]})"

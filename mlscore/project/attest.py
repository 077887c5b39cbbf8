"""Writing people's statements: one attestation or waiver added or renewed, the rest of the file as it was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeAlias

from mlscore.core.attestation import Attestation, Waiver, default_expiry
from mlscore.core.evidence import Location
from mlscore.errors import OutputError, UsageError
from mlscore.project.config import Config
from mlscore.project.discover import SHARED_FILE, SHARED_TABLE
from mlscore.project.document import Document
from mlscore.project.keys import ATTESTATION, DEFAULT_ATTESTATIONS, WAIVER, key
from mlscore.project.statements import attestation, link_found, waiver
from mlscore.project.structure import entries
from mlscore.project.toml_edit import edit_entries
from mlscore.project.values import parse

_HEAD = """\
# What people vouch for in the ML Test Score of this project: work done by hand (attestation), and items that the
# project goes without for a while (waiver). Each entry counts up to and including the day in `expires`.
# `mlscore attest` and `mlscore waive` write here; editing by hand is fine.
"""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

Entry: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, where, and whether it took the place of an earlier entry of the same person for the item."""

    statement: Attestation | Waiver
    location: Location
    renewed: bool


def write_attestation(
    config: Config, *, item: str, owner: str, what: str, link: str, on: date, expires: date | None = None, today: date
) -> Written:
    """Write down that `owner` did an item's test by hand `on` a day.

    An earlier attestation of the same item by the same owner is renewed where it stands; else the entry is added to the
    project's attestations file, which is made when there is none. Without `expires` it holds for 180 days.

    Raises ConfigError when a value is wrong, UsageError when `link` is a path that does not exist, and OutputError when
    the file cannot be written.
    """
    entry: Entry = {"item": item, "owner": owner, "date": on, "what": what, "link": link}
    entry["expires"] = expires or default_expiry(on)
    made = attestation(entry, _option, rubric=config.rubric, root=config.root, today=today)
    if not link_found(link, config.root, _option("link")):
        raise UsageError(
            f'the link "{link}" leads to no file of the project',
            where=_option("link"),
            hint="give a path relative to the project's folder, or a URL with https://",
        )
    if made.expires < today:
        raise UsageError(
            f"it would have expired already, on {made.expires.isoformat()}",
            where="--date" if expires is None else "--expires",
            hint="do the work again, then attest it with today's date",
        )
    earlier = [a for a in config.attestations if (a.item, a.owner) == (item, owner)]
    return _write(config, ATTESTATION, entry, made, max(earlier, key=lambda a: a.date, default=None))


def write_waiver(
    config: Config,
    *,
    item: str,
    reason: str,
    note: str,
    author: str,
    on: date,
    expires: date | None = None,
    today: date,
) -> Written:
    """Write down that `author` decided `on` a day to go without an item, as `write_attestation` does.

    Raises ConfigError when a value is wrong, and OutputError when the file cannot be written.
    """
    parse(key(WAIVER, "reason"), reason, _option("reason"))
    entry: Entry = {"item": item, "reason": reason, "note": note, "author": author, "date": on}
    entry["expires"] = expires or default_expiry(on)
    made = waiver(entry, _option, rubric=config.rubric, today=today)
    earlier = [w for w in config.waivers if (w.item, w.author) == (item, author)]
    return _write(config, WAIVER, entry, made, max(earlier, key=lambda w: w.date, default=None))


def _option(name: str) -> str:
    """Where a value stands on the command line."""
    return "argument ITEM" if name in ("", "item") else f"option --{name}"


def _write(
    config: Config, table: str, entry: Entry, made: Attestation | Waiver, earlier: Attestation | Waiver | None
) -> Written:
    from mlscore.project.write import write_atomically

    path, base = _file_for(config, earlier)
    name = path.relative_to(config.root).as_posix()
    text, mark, number = _HEAD, b"", None
    if path.exists():
        document = Document.read(path, name, base)
        text = document.text
        mark = _BYTE_ORDER_MARK if path.read_bytes().startswith(_BYTE_ORDER_MARK) else b""
        if earlier is not None:
            number = _number_of(document, table, earlier)
    changed = edit_entries(text, (*base, table), entry, number)
    if changed is None:
        raise OutputError(
            "the entry cannot be written without disturbing what stands there",
            where=name,
            hint=f"write it by hand: item {entry['item']}, until {entry['expires']}",
        )
    write_atomically(path, mark + changed.encode("utf-8"))
    document = Document.read(path, name, base)
    last = len((document.table or {})[table]) - 1
    return Written(made, document.at(table, last if number is None else number), number is not None)


def _file_for(config: Config, earlier: Attestation | Waiver | None) -> tuple[Path, tuple[str, ...]]:
    """The file to write to, and our table in it: where the earlier entry stands, else the first file of attestations."""
    if earlier is not None and earlier.location is not None:
        path = config.root / earlier.location.path
        return path, SHARED_TABLE if path.name == SHARED_FILE else ()
    files = config.attestation_files
    return (files[0] if files else config.root / DEFAULT_ATTESTATIONS), ()


def _number_of(document: Document, table: str, earlier: Attestation | Waiver) -> int | None:
    """Which entry of the table the earlier one is: the one that stands on its line and says the same."""
    for number, found in enumerate(entries(document, table)):
        if document.at(table, number) == earlier.location and found["item"] == earlier.item:
            return number
    return None

"""People's statements from their tables: attestations, waivers and answers, each checked where it stands."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mlscore.core.attestation import MAX_DAYS, Attestation, Waiver, WaiverReason, default_expiry
from mlscore.core.rubric import Rubric
from mlscore.errors import ConfigError, did_you_mean
from mlscore.project import keys
from mlscore.project.clock import EARLIEST_YEAR
from mlscore.project.config import Answer
from mlscore.project.document import Document
from mlscore.project.structure import entries
from mlscore.project.values import Where, day, parse, show, subject

Place = Callable[[str], Where]
"""Where a key of the entry stands."""

# `today` is a day in UTC; whoever writes a date east of Greenwich may be a day ahead of it.
_AHEAD = timedelta(days=1)


def read_attestations(document: Document, *, rubric: Rubric, root: Path, today: date) -> tuple[Attestation, ...]:
    """The file's `[[attestation]]` tables. Raises ConfigError at the first value that is wrong."""
    return tuple(
        attestation(entry, _place(document, keys.ATTESTATION, number), rubric=rubric, root=root, today=today)
        for number, entry in enumerate(entries(document, keys.ATTESTATION))
    )


def read_waivers(document: Document, *, rubric: Rubric, today: date) -> tuple[Waiver, ...]:
    """The file's `[[waiver]]` tables. Raises ConfigError at the first value that is wrong."""
    return tuple(
        waiver(entry, _place(document, keys.WAIVER, number), rubric=rubric, today=today)
        for number, entry in enumerate(entries(document, keys.WAIVER))
    )


def read_answers(document: Document) -> tuple[Answer, ...]:
    """The file's `[[answer]]` tables. Raises ConfigError at the first value that is wrong."""
    return tuple(
        Answer(
            test=_text(keys.ANSWER, "test", entry, document.at(keys.ANSWER, number, "test")),
            reason=_text(keys.ANSWER, "reason", entry, document.at(keys.ANSWER, number, "reason")),
            location=document.at(keys.ANSWER, number),
        )
        for number, entry in enumerate(entries(document, keys.ANSWER))
    )


def attestation(entry: Mapping[str, Any], place: Place, *, rubric: Rubric, root: Path, today: date) -> Attestation:
    """One attestation, checked. `root` is the folder to which a linked path is relative. Raises ConfigError."""
    done, expires = _term(entry, place, today)
    link = _text(keys.ATTESTATION, "link", entry, place("link"))
    found = link_found(link, root, place("link"))
    own = place("")
    return Attestation(
        item=known_item(entry.get("item"), rubric, place("item")),
        owner=_text(keys.ATTESTATION, "owner", entry, place("owner")),
        date=done,
        what=_text(keys.ATTESTATION, "what", entry, place("what")),
        link=link,
        expires=expires,
        link_found=found,
        location=None if isinstance(own, str) else own,
    )


def waiver(entry: Mapping[str, Any], place: Place, *, rubric: Rubric, today: date) -> Waiver:
    """One waiver, checked. Raises ConfigError."""
    decided, expires = _term(entry, place, today)
    own = place("")
    return Waiver(
        item=known_item(entry.get("item"), rubric, place("item")),
        reason=WaiverReason(_text(keys.WAIVER, "reason", entry, place("reason"))),
        note=_text(keys.WAIVER, "note", entry, place("note")),
        author=_text(keys.WAIVER, "author", entry, place("author")),
        date=decided,
        expires=expires,
        location=None if isinstance(own, str) else own,
    )


def known_item(value: object, rubric: Rubric, where: Where) -> str:
    """An item's id that the rubric has. Raises ConfigError with the nearest one."""
    known = [item.id for item in rubric.items]
    if isinstance(value, str) and value in known:
        return value
    if isinstance(value, str) and (inside := section_items(value, rubric)):
        raise ConfigError(f'"{value}" is a section, not an item', where=where, hint=f"its items are {inside}")
    near = did_you_mean(value, known) if isinstance(value, str) else None
    raise ConfigError(
        f'the rubric "{rubric.id}" has no item {show(value)}',
        where=where,
        hint=near or f"see them with: mlscore rubric show {rubric.id}",
    )


def section_items(name: str, rubric: Rubric) -> str:
    """The items of the section of that id as a sentence lists them, or "" when the rubric has no such section."""
    return ", ".join(item.id for item in rubric.items if item.section == name)


def link_found(link: str, root: Path, where: Where) -> bool:
    """Whether a link leads somewhere: a URL is believed, a path must exist inside the project.

    A path may carry a `#fragment`. A folder will do where it holds a file, for a result is often several files together;
    the project's own folder would say nothing. Raises ConfigError for that folder, for a path that leaves the project
    and for other kinds of address.
    """
    scheme, separator, rest = link.partition("://")
    if separator:
        if scheme.lower() in ("http", "https") and rest.strip("/"):
            return True
        raise ConfigError(
            f"the link {show(link)} is no address that a reader can open",
            where=where,
            hint="give a path in the project, or a URL with http:// or https://",
        )
    return any(_exists(path, root, link, where) for path in dict.fromkeys((link, link.partition("#")[0])) if path)


def _exists(path: str, root: Path, link: str, where: Where) -> bool:
    base = os.path.realpath(root)
    try:
        # Names of versioned files are UTF-8, whatever the locale of whoever reads them.
        full = os.path.realpath(os.path.join(base, os.fsdecode(path.encode("utf-8"))))
    except ValueError:  # a null character
        return False
    if full != base and not full.startswith(base.rstrip(os.sep) + os.sep):
        raise ConfigError(
            f"the link {show(link)} leaves the project",
            where=where,
            hint="keep the result inside the project, or give its URL",
        )
    if full == base:
        raise ConfigError(
            f"the link {show(link)} is the project's whole folder", where=where, hint="name the document in it"
        )
    return any(files for _, _, files in os.walk(full)) if os.path.isdir(full) else os.path.exists(full)


def _term(entry: Mapping[str, Any], place: Place, today: date) -> tuple[date, date]:
    """The day of a statement and its last day."""
    done = day("date", entry.get("date"), place("date"))
    if done - today > _AHEAD:
        clock = ", which cannot be: set this machine's clock" if today.year < EARLIEST_YEAR else ""
        raise ConfigError(
            f"{subject('date', place('date'))}{done.isoformat()} lies in the future",
            where=place("date"),
            hint=f"today is {today.isoformat()} (UTC){clock or '; date it on the day when it was done'}",
        )
    if "expires" not in entry:
        return done, default_expiry(done)
    expires = day("expires", entry["expires"], place("expires"))
    if expires < done:
        raise ConfigError(
            f'{subject("expires", place("expires"))}{expires.isoformat()} comes before "date" {done.isoformat()}',
            where=place("expires"),
            hint="exchange them, or correct the wrong one",
        )
    if (expires - done).days > MAX_DAYS:
        last = done + timedelta(days=MAX_DAYS)
        raise ConfigError(
            f"{subject('expires', place('expires'))}{expires.isoformat()} is {(expires - done).days} days "
            f'after "date", {MAX_DAYS} are the most',
            where=place("expires"),
            hint=f"write {last.isoformat()} or earlier",
        )
    return done, expires


def _text(table: str, name: str, entry: Mapping[str, Any], where: Where) -> str:
    return str(parse(keys.key(table, name), entry.get(name), where))


def _place(document: Document, table: str, number: int) -> Place:
    return lambda name: document.at(table, number, name) if name else document.at(table, number)

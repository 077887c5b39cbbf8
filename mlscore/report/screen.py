"""The screen a report is shown on: its width, and whether it shows colours and Unicode."""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAST_WIDTH = 20
MOST_WIDTH = 132
DEFAULT_WIDTH = 80


@dataclass(frozen=True, slots=True)
class Screen:
    """Columns, and what can be shown in them."""

    width: int = DEFAULT_WIDTH
    color: bool = False
    unicode: bool = True


def screen_of(stream: TextIO, environ: Mapping[str, str]) -> Screen:
    """The screen behind a stream.

    Colours: for a terminal, unless `NO_COLOR` is set or `TERM` is `dumb`; for a pipe or file only with `FORCE_COLOR`
    (see no-color.org and force-color.org). Unicode: when the stream's encoding is one of Unicode's and `TERM`
    is not `dumb`. Width: `COLUMNS`, else the terminal's own, else 80 columns.
    """
    tty = _is_tty(stream)
    dumb = is_dumb(environ)
    wanted = tty or bool(environ.get("FORCE_COLOR"))
    return Screen(
        width=min(max(_width(stream, environ, tty=tty), LEAST_WIDTH), MOST_WIDTH),
        color=wanted and not dumb and not environ.get("NO_COLOR"),
        unicode=speaks_unicode(stream) and not dumb,
    )


def is_dumb(environ: Mapping[str, str]) -> bool:
    """Whether the terminal says of itself that it shows plain text alone."""
    return environ.get("TERM", "") in ("dumb", "unknown")


def _is_tty(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError, OSError):
        return False


def _width(stream: TextIO, environ: Mapping[str, str], *, tty: bool) -> int:
    given = environ.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given) > 0:
        return int(given)
    if tty:
        try:
            return os.get_terminal_size(stream.fileno()).columns or DEFAULT_WIDTH
        except (AttributeError, ValueError, OSError):
            return DEFAULT_WIDTH
    return DEFAULT_WIDTH


def speaks_unicode(stream: TextIO | None) -> bool:
    """Whether every character can be written: an encoding unknown or None is that of a stream of text in memory."""
    encoding = getattr(stream, "encoding", None)
    if not encoding:
        return True
    try:
        return codecs.lookup(encoding).name.startswith("utf")
    except LookupError:
        return False

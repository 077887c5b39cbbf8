"""Reading a text or TOML file of the user's: decoded, parsed exactly, and with errors that name the line."""

from __future__ import annotations

import errno
import os
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

from mlscore.core.evidence import Location
from mlscore.errors import ConfigError, UsageError

_AT_LINE = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)
_AT_END = " (at end of document)"
_TWICE = re.compile(r"cannot declare \((.*?),?\) twice")


def read_text(path: Path, *, where: str, error: type[UsageError] = ConfigError) -> str:
    """The text of a UTF-8 file, with or without byte-order mark; line ends are left as they are.

    Raises `error`, which names `where`, when the file is absent, not a regular file, unreadable or not UTF-8.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        if os.path.lexists(path):
            raise error("a symbolic link that leads nowhere", where=where, hint="mend or remove it") from None
        raise error("there is no such file", where=where, hint="check the path") from None
    except IsADirectoryError:
        raise error("a folder, where a file is wanted", where=where, hint="name a file") from None
    except PermissionError:
        raise error("no permission to read the file", where=where, hint="check its permissions") from None
    except OSError as failure:
        if failure.errno == errno.ELOOP:
            raise error("a symbolic link that leads to itself", where=where, hint="mend or remove it") from None
        why = (failure.strerror or type(failure).__name__).lower()
        raise error(f"the file cannot be read: {why}", where=where, hint="check the path") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = data.count(b"\n", 0, failure.start) + 1
        raise error(
            f"not UTF-8: byte 0x{data[failure.start]:02x} on line {line}", where=where, hint="save the file as UTF-8"
        ) from None


def parse_toml(text: str, *, where: str) -> dict[str, Any]:
    """Parse TOML with decimals kept exact. Raises ConfigError with the line and what was wrong."""
    # tomllib costs more than the rest of this module together, and not every caller has TOML to read.
    import tomllib

    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as failure:
        message, line = _place(str(failure), text)
        what, hint = _in_plain_words(message, last=line == _last_line(text))
        raise ConfigError(what, where=Location(where, line), hint=hint) from None
    except RecursionError:
        raise ConfigError("not valid TOML: nested too deeply", where=where, hint="write flatter tables") from None
    except (ValueError, ArithmeticError):
        # Python refuses integers of several thousand digits, and decimals with exponents that no arithmetic can hold.
        raise ConfigError("a number is too long to be read", where=where, hint="write it with fewer digits") from None


def _place(message: str, text: str) -> tuple[str, int | None]:
    """tomllib's message without its position, and the line it is about."""
    match = _AT_LINE.fullmatch(message)
    if match is not None:
        return f"{_plain(match[1])} in column {match[3]}", int(match[2])
    if message.endswith(_AT_END):
        return f"{_plain(message.removesuffix(_AT_END))} at the end of the file", _last_line(text)
    return message, None


def _in_plain_words(message: str, *, last: bool) -> tuple[str, str]:
    """What is wrong and what to do; `last` says that it is on the last line, where a file that was cut off breaks."""
    if twice := _TWICE.search(message):
        name = ".".join(key.strip("'\"") for key in twice[1].split(", "))
        return f"[{name}] is there twice", "join the two, or rename one"
    if "cannot overwrite a value" in message:
        return "this key is given twice in one table", "keep one of the two"
    if "illegal character '\\n'" in message:
        message = "a text is not closed before the line ends"
    hint = "mend this line, or bring back what was cut off after it" if last else "mend this line"
    return f"not valid TOML: {message}", hint


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]


def _last_line(text: str) -> int:
    return text.rstrip().count("\n") + 1

"""Where reports go: `TYPE[:DEST]` read, each report rendered, and printed or written to its place."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mlscore.errors import OutputError, UsageError, did_you_mean
from mlscore.report import FORMATS, Page
from mlscore.report.screen import Screen, screen_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mlscore.core.report import Report
    from mlscore.report import Format

STDOUT = "-"

# Formats in which a character that standard output cannot hold is a character reference.
_MARKUP = frozenset({"markdown", "github", "readme", "badge"})


@dataclass(frozen=True, slots=True)
class Target:
    """One report to make: its type, and its destination where one is named ("-" is standard output)."""

    type: str
    destination: str | None = None


def parse_target(text: str) -> Target:
    """Read `TYPE[:DEST]`; DEST may hold colons.

    Raises UsageError for an unknown type, an empty DEST, or a badge's DEST with the ending of something else.
    """
    name, colon, destination = text.partition(":")
    if name not in FORMATS:
        known = f"the types are {', '.join(FORMATS)}"
        near = did_you_mean(name, tuple(FORMATS))
        raise UsageError(f'there is no report type "{name}"', hint=f"{near} ({known})" if near else known)
    if (colon and not destination) or "\0" in destination:
        raise UsageError(f'the destination after "{name}:" is no file name', hint=f'write "{name}" or "{name}:FILE"')
    if name == "badge" and _suffix(destination) not in ("", ".svg", ".json"):
        raise UsageError(
            f'a badge is an SVG picture or JSON, and "{destination}" is named as neither',
            hint='name a file that ends in ".svg" or ".json"',
        )
    return Target(name, destination or None)


def _suffix(destination: str) -> str:
    return Path(destination).suffix.lower()


def deliver(
    report: Report,
    targets: Sequence[Target],
    *,
    stdout: TextIO,
    environ: Mapping[str, str],
    root: Path,
    cwd: Path | None = None,
    screen: Screen | None = None,
    note: Callable[[str], None] | None = None,
) -> None:
    """Render the report for each target, and print or write it.

    A DEST that is named is relative to `cwd` (`root` when None), a default one to `root`, the project's folder. `screen`
    is what standard output can show (looked up when None). `note` takes remarks for the user, by default to standard
    error. A target that fails does not keep the others from their report; then the first failure is raised:
    OutputError where a file cannot be written, UsageError where one cannot be read or has broken markers.
    """
    screen = screen or screen_of(stdout, environ)
    note = note or _to_stderr
    failures: list[UsageError] = []
    for target in targets:
        try:
            _deliver_one(report, target, _place(target, environ, root, cwd or root, note), stdout, screen)
            if target.type == "github":
                _annotate(report, stdout, environ, root)
        except UsageError as error:
            failures.append(error)
    for failure in failures[1:]:
        note(str(failure))
    if failures:
        raise failures[0]


def _to_stderr(text: str) -> None:
    print(f"mlscore: {text}", file=sys.stderr)


def _place(
    target: Target, environ: Mapping[str, str], root: Path, cwd: Path, note: Callable[[str], None]
) -> Path | None:
    """The file to write, or None for standard output."""
    if target.destination is not None:
        return None if target.destination == STDOUT else cwd / target.destination
    default = FORMATS[target.type].default
    if default is None or not default.startswith("$"):
        return None if default is None else root / default
    found = environ.get(default[1:])
    if not found:
        note(f"{default[1:]} is not set, so the {target.type} report goes to standard output")
        return None
    return Path(found)


def _deliver_one(report: Report, target: Target, path: Path | None, stdout: TextIO, screen: Screen) -> None:
    kind = FORMATS[target.type]
    render = kind.load()
    if path is None:
        print_text(render(report, Page(screen)), target.type, stdout)
        return
    before = b"" if kind.mode == "replace" else _read(path)
    page = Page(Screen(), str(path), _decoded(before, path) if kind.mode == "update" else "")
    _write(path, before, render(report, page).encode("utf-8"), kind)


def _write(path: Path, before: bytes, after: bytes, kind: Format) -> None:
    from mlscore.project.write import write_atomically

    if kind.mode == "append":
        after = before + (b"\n" if before and not before.endswith(b"\n") else b"") + after
    if kind.mode == "update" and after == before:
        return
    write_atomically(path, after)


def _read(path: Path) -> bytes:
    try:
        # What is no file, such as /dev/stdout, holds no text to keep.
        return path.read_bytes() if path.is_file() else b""
    except OSError as error:
        raise OutputError(
            f"cannot be read: {error.strerror or error}",
            where=str(path),
            hint="name a file that can be read and written",
        ) from None


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        what = f"not UTF-8: byte 0x{content[error.start]:02x} on line {line}"
        raise UsageError(what, where=str(path), hint="save the file as UTF-8") from None


def print_text(text: str, kind: str, stdout: TextIO) -> None:
    """Write text of a report type; what the stream's encoding cannot hold is escaped as the type escapes it."""
    encoding = getattr(stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = _json_escaped(text) if kind == "json" else _encodable(text, encoding, kind)
    stdout.write(text)
    stdout.flush()


def _encodable(text: str, encoding: str, kind: str) -> str:
    errors = "xmlcharrefreplace" if kind in _MARKUP else "backslashreplace"
    return text.encode(encoding, errors).decode(encoding)


def _json_escaped(text: str) -> str:
    """JSON text with every character beyond ASCII as the escape that JSON has for it."""
    import json

    return "".join(c if c.isascii() else json.dumps(c)[1:-1] for c in text)


def _annotate(report: Report, stdout: TextIO, environ: Mapping[str, str], root: Path) -> None:
    from mlscore.report.github import workflow_commands

    below = ""
    workspace = environ.get("GITHUB_WORKSPACE")
    if workspace and root.is_relative_to(workspace):
        relative = root.relative_to(workspace).as_posix()
        below = "" if relative == "." else f"{relative}/"
    print_text(workflow_commands(report, below=below), "terminal", stdout)

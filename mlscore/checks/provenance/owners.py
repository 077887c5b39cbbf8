"""CODEOWNERS: which files have owners, whom a platform asks before it merges (GitHub's and GitLab's syntax)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_SECTION = re.compile(r"\^?\[[^\]]+\](?:\[\d+\])?(?P<owners>.*)")
_SPACE = re.compile(r"(?<!\\)\s+")


def unowned(text: str, files: Iterable[str]) -> tuple[str, ...]:
    """The files that no rule gives an owner. The last rule that fits a file counts, within each section."""
    sections = _sections(text)
    return tuple(path for path in files if not any(_owned(rules, path) for rules in sections))


def _sections(text: str) -> list[list[tuple[re.Pattern[str], bool]]]:
    sections: list[list[tuple[re.Pattern[str], bool]]] = [[]]
    inherited = optional = False
    for whole in text.splitlines():
        line = re.sub(r"(?:^|\s)#.*", "", whole).strip()
        heading = _SECTION.fullmatch(line)
        if heading is not None:
            # Nobody has to approve what an optional section owns.
            inherited, optional = bool(heading["owners"].split()), line.startswith("^")
            sections.append([])
        elif line and not optional:
            pattern, *owners = _SPACE.split(line)
            named = any("@" in owner for owner in owners)
            sections[-1].append((_regex(pattern.replace("\\ ", " ")), named or (inherited and not owners)))
    return sections


def _owned(rules: Sequence[tuple[re.Pattern[str], bool]], path: str) -> bool:
    return next((owned for pattern, owned in reversed(rules) if pattern.fullmatch(path)), False)


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    """A pattern as gitignore reads it: anchored where a slash stands before its end; a folder holds all below it."""
    anchored = "/" in pattern.rstrip("/")
    body = pattern.strip("/")
    written = "" if anchored else "(?:.*/)?"
    at = 0
    while at < len(body):
        if body.startswith("**/", at):
            written, at = written + "(?:.*/)?", at + 3
        elif body.startswith("**", at):
            written, at = written + ".*", at + 2
        elif body[at] in "*?":
            written, at = written + ("[^/]*" if body[at] == "*" else "[^/]"), at + 1
        else:
            written, at = written + re.escape(body[at]), at + 1
    # "docs/*" is the files of that folder alone; a name may be a folder's.
    below = "" if body.endswith("/*") else "/.*" if pattern.endswith("/") else "(?:/.*)?"
    return re.compile(written + below, re.DOTALL)

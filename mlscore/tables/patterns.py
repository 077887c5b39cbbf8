"""A regular expression as the engines spell it, so that letters, classes, anchors and counts mean the same everywhere.

What is meant is what DuckDB's RE2 means: a dot is no line feed, `$` is the very end, classes such as `\\w` are of ASCII.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|\(\?P?<\w+>|\(\?[aimsux]+\)|.", re.DOTALL)
_CLASSES = {"d": "0-9", "w": "A-Za-z0-9_", "s": "\t\n\f\r "}
_INSIDE = re.compile(r"\[:(\w+):\]|\\.|[\[&]", re.DOTALL)
_FLAGS = re.compile(r"\(\?([aimsux]+)\)")
_POSTGRES = {r"\b": r"\y", r"\B": r"\Y", r"\Z": r"\Z", "$": r"\Z", "^": r"\A"}
_JAVA = {"$": r"\z", r"\Z": r"\z"}


def spelt(pattern: str, dialect: str) -> str:
    """The pattern in the spelling of PostgreSQL or Java's (Spark, Databricks); as it is for other dialects."""
    if dialect == "postgres":
        return _postgres(pattern)
    return _java(pattern) if dialect in ("spark", "databricks") else pattern


def _postgres(pattern: str) -> str:
    flags = set("".join(_FLAGS.findall(pattern)))
    lines = "m" in flags
    made = []
    for token in _TOKEN.findall(pattern):
        if _FLAGS.fullmatch(token):
            continue
        if token == "." and "s" not in flags:
            made.append(r"[^\n]")
        elif token in ("^", "$") and lines:
            made.append(token)
        elif token.startswith(("(?P<", "(?<")) and token.endswith(">"):
            made.append("(")
        elif token.startswith("[") and len(token) > 1:
            made.append(_bracket(token))
        elif token[0] == "\\" and token[1].lower() in _CLASSES:
            made.append(f"[{'^' if token[1].isupper() else ''}{_CLASSES[token[1].lower()]}]")
        else:
            made.append(_POSTGRES.get(token, token))
    options = ("i" if "i" in flags else "") + ("w" if lines else "") + ("x" if "x" in flags else "")
    return (f"(?{options})" if options else "") + "".join(made)


def _bracket(token: str) -> str:
    """A bracket expression with its classes written out; negated classes inside one PostgreSQL does not know."""
    return re.sub(r"\\([dws])", lambda found: _CLASSES[found[1]], token)


def _java(pattern: str) -> str:
    """Java's `$` also stands before a last line feed, and its dot stops at other ends of lines than the line feed."""
    lines = any("m" in flags for flags in _FLAGS.findall(pattern))
    made = []
    for token in _TOKEN.findall(pattern):
        if token.startswith("(?P<"):
            made.append(f"(?<{token[4:]}")
        elif token.startswith("[") and len(token) > 1:
            made.append(_nested(token))
        elif lines and token == "$":
            made.append(token)
        else:
            made.append(_JAVA.get(token, token))
    return "(?d)" + "".join(made)


def _nested(token: str) -> str:
    """A bracket expression in which Java sees no other one: it would take `[`, `&&` and `^` inside for its own signs."""
    start = 2 if token[1] == "^" else 1
    inner = re.sub(r"^\]", r"\\]", token[start:-1])
    return f"{token[:start]}{_INSIDE.sub(_plainly, inner)}]"


def _plainly(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\p{{{found[1].capitalize()}}}"
    return found[0] if found[0].startswith("\\") else f"\\{found[0]}"

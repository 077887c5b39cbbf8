"""Reads a Jenkinsfile's Groovy as nested statements: words, strings, brackets; comments are gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_DEPTH = 60
MAX_TOKENS = 100_000
_SPACE = re.compile(r"[ \t\r\f]+|//[^\n]*|/\*.*?\*/|\\\n", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*|\d[\w.]*|@[\w.]+")
_OPERATOR = re.compile(r"==~|=~|==|!=|<=|>=|&&|\|\||\+=|->|\?:|[-+*%!<>=&|?:;,.()\[\]{}~^]|/")
_SLASHY = re.compile(r"/(?:[^/\\\n]|\\.)+/")
_BEFORE_SLASHY = frozenset(
    {"(", ",", "=", "[", "!", "&&", "||", ":", "?", "{", "}", ";", "\n", "=~", "==~", "return", ""}
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "s": " "}
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


class GroovyError(ValueError):
    """The text is no Groovy that this reader understands."""

    def __init__(self, what: str, line: int) -> None:
        super().__init__(what)
        self.line = line


@dataclass(frozen=True, slots=True)
class Token:
    """A word, an operator or a string; a string's parts are its text and, at odd places, what it interpolates."""

    kind: str  # "word" | "string" | "op"
    text: str
    line: int
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """What stands between brackets: statements in `{ }`, arguments in `( )` and `[ ]`."""

    kind: str
    line: int
    statements: tuple[Statement, ...]


Item = Token | Group
Statement = tuple[Item, ...]


def read_groovy(text: str) -> tuple[Statement, ...]:
    """The statements of a file. Raises GroovyError with the line of what cannot be read."""
    tokens = list(_tokens(text))
    statements, at = _statements(tokens, 0, "", 0)
    if at < len(tokens):
        raise GroovyError(f"`{tokens[at].text}` closes nothing", tokens[at].line)
    return statements


def tokens_of(statements: tuple[Statement, ...]) -> Iterator[Token]:
    """All tokens in order, brackets left out."""
    for statement in statements:
        for item in statement:
            if isinstance(item, Token):
                yield item
            else:
                yield from tokens_of(item.statements)


def comments_of(text: str) -> Iterator[tuple[str, int]]:
    """The comments of a file that `read_groovy` reads, each with the line on which it begins."""
    found: list[tuple[str, int]] = []
    for _ in _tokens(text, found):
        pass
    return iter(found)


def source(items: tuple[Item, ...]) -> str:
    """Items as text again, for showing and weighing a condition."""
    found: list[str] = []
    for item in items:
        if isinstance(item, Group):
            inner = ", ".join(source(statement) for statement in item.statements)
            found.append(f"{item.kind}{inner}{_CLOSERS[item.kind]}")
        elif item.kind == "string":
            found.append("'" + item.text.replace("'", "''") + "'")
        else:
            found.append(item.text)
    return re.sub(r"! (?=\S)", "!", re.sub(r"(\w) \(", r"\1(", " ".join(found)))


def _statements(tokens: list[Token], at: int, opening: str, depth: int) -> tuple[tuple[Statement, ...], int]:
    if depth > MAX_DEPTH:
        raise GroovyError("brackets are nested too deeply", tokens[at - 1].line)
    found: list[Statement] = []
    current: list[Item] = []
    closing = _CLOSERS.get(opening, "")
    ends = ("\n", ";") if opening in ("", "{") else (",",)
    start = tokens[at - 1].line if at else 1
    while at < len(tokens):
        token = tokens[at]
        text = token.text if token.kind == "op" else ""
        if text and text == closing:
            break
        at += 1
        if text in ends:
            if text != "\n" or not _goes_on(current, tokens, at):
                if current:
                    found.append(tuple(current))
                current = []
        elif text == "\n":
            continue
        elif text in _CLOSERS:
            inner, at = _statements(tokens, at, text, depth + 1)
            if at >= len(tokens):
                raise GroovyError(f"`{text}` is not closed", token.line)
            at += 1
            current.append(Group(text, token.line, inner))
        elif text in (")", "]", "}"):
            at -= 1
            if opening:
                raise GroovyError(f"`{opening}` is not closed", start)
            break
        else:
            current.append(token)
    if current:
        found.append(tuple(current))
    return tuple(found), at


def _goes_on(current: list[Item], tokens: list[Token], at: int) -> bool:
    """Whether a statement goes on after the end of its line."""
    last = current[-1] if current else None
    if isinstance(last, Token) and last.kind == "op":
        return True
    while at < len(tokens) and tokens[at].text == "\n" and tokens[at].kind == "op":
        at += 1
    following = tokens[at] if at < len(tokens) else None
    if following is None or not current:
        return False
    first = current[0]
    block = isinstance(first, Token) and first.kind == "word" and not isinstance(last, Group)
    block = block or (isinstance(last, Group) and last.kind == "(")
    if following.kind == "op" and following.text == "{":
        return block
    joins = following.kind == "word" and following.text in ("else", "catch", "finally")
    return joins or (following.kind == "op" and following.text in (".", "&&", "||", "?", ":", "+"))


def _tokens(text: str, comments: list[tuple[str, int]] | None = None) -> Iterator[Token]:
    at, line, previous, count = 0, 1, "", 0
    if text.startswith("#!"):
        at = len(text.partition("\n")[0])
    while at < len(text):
        space = _SPACE.match(text, at)
        if space is not None:
            if comments is not None and space[0][0] == "/":
                comments.append((space[0], line))
            line += space[0].count("\n")
            at = space.end()
            continue
        count += 1
        if count > MAX_TOKENS:
            raise GroovyError("it is too long", line)
        char = text[at]
        slashy = _SLASHY.match(text, at) if char == "/" and previous in _BEFORE_SLASHY else None
        if char == "\n":
            token, end = Token("op", "\n", line), at + 1
        elif char in "'\"":
            token, end = _string(text, at, line)
        elif slashy is not None:
            token, end = Token("string", slashy[0][1:-1], line, (slashy[0][1:-1],)), slashy.end()
        elif match := _WORD.match(text, at):
            token, end = Token("word", match[0].replace("?.", "."), line), match.end()
        elif match := _OPERATOR.match(text, at):
            token, end = Token("op", match[0], line), match.end()
        else:
            raise GroovyError(f"`{char}` not expected", line)
        yield token
        previous = token.text if token.kind != "string" else "string"
        line += text.count("\n", at, end)
        at = end


def _string(text: str, at: int, line: int) -> tuple[Token, int]:
    quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
    parts: list[str] = []
    current: list[str] = []
    place = at + len(quote)
    while not text.startswith(quote, place):
        if place >= len(text) or (text[place] == "\n" and len(quote) == 1):
            raise GroovyError("a string is not closed", line)
        char = text[place]
        if char == "\\":
            following = text[place + 1 : place + 2]
            # A joined line stays one for the shell, so that the lines keep their numbers.
            current.append("\\\n" if following == "\n" else _ESCAPES.get(following, following))
            place += 2
        elif char == "$" and quote[0] == '"' and (inner := _interpolation(text, place)) is not None:
            parts += ["".join(current), inner[0]]
            current.clear()
            place = inner[1]
        else:
            current.append(char)
            place += 1
    parts.append("".join(current))
    plain = "".join(part if number % 2 == 0 else "${" + part + "}" for number, part in enumerate(parts))
    return Token("string", plain, line, tuple(parts)), place + len(quote)


def _interpolation(text: str, at: int) -> tuple[str, int] | None:
    """`$name` or `${expression}`: the expression, and the place after it."""
    match = re.compile(r"\$([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)").match(text, at)
    if match is not None:
        return match[1], match.end()
    if not text.startswith("${", at):
        return None
    depth, place = 0, at + 1
    while place < len(text):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        place += 1
        if depth == 0:
            return text[at + 2 : place - 1].strip(), place
    return None

"""The text format of protocol buffers, as far as schemas need it: messages, lists, texts, numbers, words, comments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mlscore.core.evidence import Location
from mlscore.errors import InputError

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\f\v]+|\#[^\n]*)|(?P<line>\n)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>[-+]?(?:0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?[fF]?)(?![A-Za-z0-9_]))
    |(?P<word>-?[A-Za-z_][A-Za-z0-9_]*)
    |(?P<sign>[{}<>:;,\[\]./-])""",
    re.VERBOSE,
)
_ESCAPES = {"n": b"\n", "r": b"\r", "t": b"\t", "a": b"\a", "b": b"\b", "f": b"\f", "v": b"\v"}
_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))", re.DOTALL)
_DEEPEST = 100


class Word(str):
    """A bare word: an enum's value, true, false, inf, nan."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message with the line on which it stands."""

    name: str
    value: Message | Word | str | int | float
    line: int


@dataclass(frozen=True, slots=True)
class Message:
    """Fields in their order; a repeated field is there several times."""

    fields: tuple[Field, ...]

    def all(self, name: str) -> Iterator[Field]:
        """Every field of that name."""
        return (field for field in self.fields if field.name == name)

    def last(self, name: str) -> Field | None:
        """The field of that name that counts: the last one."""
        return next(reversed(list(self.all(name))), None)


def parse_pbtxt(text: str, name: str) -> Message:
    """The message. Raises InputError with file and line."""
    return _Parser(text, name).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


class _Parser:
    def __init__(self, text: str, name: str) -> None:
        self.name = name
        self.tokens = list(self._scan(text))
        self.at = 0
        self.lines = text.count("\n") + 1

    def _scan(self, text: str) -> Iterator[_Token]:
        position, line = 0, 1
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None:
                shown = text[position : position + 1]
                what = "a text is not closed before the line ends" if shown in "\"'" else f"{shown!r} cannot stand here"
                raise self._wrong(what, line)
            kind = str(match.lastgroup)
            if kind == "line":
                line += 1
            elif kind != "space":
                yield _Token(kind, match[0], line)
            position = match.end()

    def _wrong(self, what: str, line: int | None = None) -> InputError:
        return InputError(
            f"not a protocol buffer's text: {what}", where=Location(self.name, line), hint="mend this line"
        )

    def _peek(self) -> _Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _take(self) -> _Token:
        token = self._peek()
        if token is None:
            where = Location(self.name, self.lines)
            raise InputError(
                "not a protocol buffer's text: it ends too early", where=where, hint="bring back what was cut off"
            )
        self.at += 1
        return token

    def whole(self) -> Message:
        return self._message("", 0)

    def _message(self, closing: str, depth: int) -> Message:
        if depth > _DEEPEST:
            raise self._wrong("nested too deeply", self.tokens[self.at - 1].line)
        fields: list[Field] = []
        while True:
            token = self._peek()
            if token is None:
                if closing:
                    self._take()
                return Message(tuple(fields))
            if closing and token.text == closing and token.kind == "sign":
                self.at += 1
                return Message(tuple(fields))
            fields += self._field(depth)

    def _field(self, depth: int) -> list[Field]:
        token = self._take()
        if token.text == "[" and token.kind == "sign":
            name = self._extension()
        elif token.kind == "word" and not token.text.startswith("-"):
            name = token.text
        else:
            raise self._wrong(f"{token.text!r} where a field's name should stand", token.line)
        following = self._take()
        if following.text == ":":
            following = self._take()
        elif following.text not in ("{", "<"):
            raise self._wrong(f'after "{name}" a colon or a brace should stand, not {following.text!r}', following.line)
        if following.text == "[" and following.kind == "sign":
            values = self._list(depth)
        else:
            values = [self._value(following, depth)]
        after = self._peek()
        if after is not None and after.kind == "sign" and after.text in ",;":
            self.at += 1
        return [Field(name, value, token.line) for value in values]

    def _extension(self) -> str:
        parts = []
        while (token := self._take()).text != "]":
            parts.append(token.text)
        return f"[{''.join(parts)}]"

    def _list(self, depth: int) -> list[Message | Word | str | int | float]:
        values: list[Message | Word | str | int | float] = []
        token = self._take()
        while token.text != "]" or token.kind != "sign":
            values.append(self._value(token, depth))
            token = self._take()
            if token.text == "," and token.kind == "sign":
                token = self._take()
            elif token.text != "]":
                raise self._wrong(f"{token.text!r} in a list, where a comma should stand", token.line)
        return values

    def _value(self, token: _Token, depth: int) -> Message | Word | str | int | float:
        if token.kind == "sign" and token.text in ("{", "<"):
            return self._message("}" if token.text == "{" else ">", depth + 1)
        if token.kind == "text":
            data = self._unescaped(token)
            while (more := self._peek()) is not None and more.kind == "text":
                data += self._unescaped(self._take())
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError:
                raise self._wrong("a text that is not UTF-8", token.line) from None
        if token.kind == "number":
            return self._number(token)
        if token.kind == "word":
            return Word(token.text)
        raise self._wrong(f"{token.text!r} where a value should stand", token.line)

    def _number(self, token: _Token) -> int | float:
        text = token.text
        try:
            if re.fullmatch(r"[-+]?0[0-7]+", text):
                return int(text, 8)
            if re.fullmatch(r"[-+]?(0[xX][0-9a-fA-F]+|[0-9]+)", text):
                return int(text, 0)
            return float(text.rstrip("fF"))
        except ValueError:
            raise self._wrong(f"{text[:30]!r} is no number", token.line) from None

    def _unescaped(self, token: _Token) -> bytes:
        def one(match: re.Match[bytes]) -> bytes:
            octal, hexadecimal, short, long, letter = match.groups()
            if octal:
                return bytes([int(octal, 8) & 0xFF])
            if hexadecimal:
                return bytes([int(hexadecimal, 16)])
            if short or long:
                try:
                    return chr(int(short or long, 16)).encode()
                except (ValueError, OverflowError, UnicodeEncodeError):
                    raise self._wrong("an escape that is no character", token.line) from None
            return _ESCAPES.get(letter.decode("latin-1"), letter)

        return _ESCAPE.sub(one, token.text[1:-1].encode("utf-8", "surrogatepass"))

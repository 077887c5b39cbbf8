"""The shell's words: quotes, variables, substitutions, redirections and here-documents."""

from __future__ import annotations

import re
from bisect import bisect_left

from mlscore.probes.automation.shell_nodes import Part, Word

OPERATORS = ("&&", "||", ";;&", ";;", ";&", "|&", "|", ";", "&", "(", ")", "\n")
_REDIRECTION = re.compile(r"(?:\d+|\{\w+\})?(?:&>>|&>|<<<|<<-|<<|<>|>>|>\||>&|<&|>(?!\()|<(?!\())")
_NAME = re.compile(r"[A-Za-z_]\w*|[0-9@*#?$!-]")
_BRACED = re.compile(r"\$\{([#!]?)([A-Za-z_]\w*|[0-9@*#?$!-])(\[[^\]]*\])?")
_PLAIN = re.compile(r"[^\s'\"\\$`|&;()<>{}!#]+")
_SPECIAL = re.compile(r"[ \t\r\n'\"\\$`|&;()<>]")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


class ShellSyntaxError(ValueError):
    """The text is not a shell script that this grammar reads."""


class Lexer:
    """A place in a script, and what can be read there."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.newlines = [m.start() for m in re.finditer("\n", text)]
        self.waiting: list[tuple[str, bool, list[tuple[int, str]]]] = []

    def line(self, at: int) -> int:
        """The line of a place, from 1."""
        return bisect_left(self.newlines, at) + 1

    def slice(self, start: int) -> str:
        """The text from a place up to here."""
        return self.text[start : self.at].strip()

    def fail(self, what: str) -> ShellSyntaxError:
        """The error to raise, with this place's line."""
        return ShellSyntaxError(f"line {self.line(self.at)}: {what}")

    def blanks(self) -> None:
        """Goes past blanks, joined lines and a comment."""
        text, end = self.text, len(self.text)
        while self.at < end:
            char = text[self.at]
            if char in " \t\r":
                self.at += 1
            elif text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#" and (self.at == 0 or text[self.at - 1] in " \t\r\n;&|()"):
                stop = text.find("\n", self.at)
                self.at = end if stop < 0 else stop
            else:
                return

    def operator(self) -> str:
        """The control operator at this place, not consumed."""
        self.blanks()
        first = self.text[self.at : self.at + 1]
        if not first or first not in "&|;()\n" or self.text.startswith("&>", self.at):
            return ""
        return next(op for op in OPERATORS if self.text.startswith(op, self.at))

    def take(self, op: str) -> bool:
        """Consumes the operator when it is the one at this place."""
        if self.operator() != op:
            return False
        self.at += len(op)
        if op == "\n":
            self.documents()
        return True

    def lines(self) -> None:
        """Goes past line ends."""
        while self.take("\n"):
            pass

    def keyword(self) -> str:
        """The plain word at this place, not consumed: keywords are plain words in a command's place."""
        self.blanks()
        if self.text.startswith(("{", "}", "!"), self.at):
            following = self.text[self.at + 1 : self.at + 2]
            return self.text[self.at] if not following or following in " \t\r\n;)&|" else ""
        match = _PLAIN.match(self.text, self.at)
        if match is None:
            return ""
        following = self.text[match.end() : match.end() + 1]
        return match[0] if not following or following in " \t\r\n;()&|<>" else ""

    # -- redirections and here-documents ------------------------------------------------------------------------------

    def redirections(self, documents: list[tuple[int, str]]) -> None:
        """Goes past redirections; the text of here-documents and here-strings is put into `documents`."""
        while True:
            self.blanks()
            match = _REDIRECTION.match(self.text, self.at)
            if match is None:
                return
            self.at = match.end()
            self.blanks()
            start = self.at
            if self.operator() and not self.text.startswith("-", self.at):
                raise self.fail("a file expected after a redirection")
            if self.at >= len(self.text):
                raise self.fail("a file expected after a redirection")
            word = self.word()
            op = match[0].lstrip("0123456789")
            if op in ("<<", "<<-"):
                self.waiting.append((re.sub(r"['\"\\]", "", self.text[start : self.at]), op == "<<-", documents))
            elif op == "<<<":
                documents.append((self.line(start), "".join(part.value for part in word if part.kind == "text")))

    def documents(self) -> None:
        """Reads the here-documents announced on the line that ends here."""
        for end_word, strip, target in self.waiting:
            body: list[str] = []
            first = self.line(self.at)
            while self.at < len(self.text):
                stop = self.text.find("\n", self.at)
                stop = len(self.text) if stop < 0 else stop
                line = self.text[self.at : stop].rstrip("\r")
                self.at = min(stop + 1, len(self.text))
                line = line.lstrip("\t") if strip else line
                if line == end_word:
                    break
                body.append(line)
            target.append((first, "\n".join(body)))
        self.waiting.clear()

    # -- words --------------------------------------------------------------------------------------------------------

    def word(self, *, test: bool = False) -> Word:
        """The word at this place; inside `[[ ]]` (`test`) brackets and angles are part of words."""
        parts: list[Part] = []
        text, end = self.text, len(self.text)
        start = self.at
        while self.at < end:
            char = text[self.at]
            if char == "'":
                stop = text.find("'", self.at + 1)
                if stop < 0:
                    raise self.fail("a quote is not closed")
                parts.append(Part("text", text[self.at + 1 : stop], True))
                self.at = stop + 1
            elif char == '"':
                self.at += 1
                self.double_quoted(parts)
            elif char == "\\":
                if text[self.at + 1 : self.at + 2] != "\n":
                    parts.append(Part("text", text[self.at + 1 : self.at + 2] or "\\", True))
                self.at += 2
            elif char == "$":
                self.dollar(parts, quoted=False)
            elif char == "`":
                self.backticks(parts, quoted=False)
            elif char in "<>" and text.startswith("(", self.at + 1):
                self.at += 1
                self.brackets(parts, quoted=False)
            elif char in " \t\r\n;&|" or (char in "()<>" and not test):
                break
            elif char in "()<>":
                parts.append(Part("text", char, False))
                self.at += 1
            else:
                match = _SPECIAL.search(text, self.at)
                stop = match.start() if match else end
                parts.append(Part("text", text[self.at : stop], False))
                self.at = stop
        if self.at == start:
            raise self.fail(f"`{text[self.at : self.at + 1]}` not expected")
        return tuple(parts)

    def double_quoted(self, parts: list[Part]) -> None:
        """Reads up to the closing `"`."""
        text, end = self.text, len(self.text)
        plain: list[str] = []
        while self.at < end and text[self.at] != '"':
            char = text[self.at]
            if char == "\\":
                following = text[self.at + 1 : self.at + 2]
                plain.append("" if following == "\n" else following if following in '"\\$`' else "\\" + following)
                self.at += 2
            elif char in "$`":
                parts.append(Part("text", "".join(plain), True))
                plain.clear()
                if char == "$":
                    self.dollar(parts, quoted=True)
                else:
                    self.backticks(parts, quoted=True)
            else:
                plain.append(char)
                self.at += 1
        if self.at >= end:
            raise self.fail("a double quote is not closed")
        self.at += 1
        parts.append(Part("text", "".join(plain), True))

    def dollar(self, parts: list[Part], *, quoted: bool) -> None:
        """Reads `$name`, `${…}`, `$(…)`, `$((…))`, `$'…'`; a lone `$` is text."""
        text = self.text
        following = text[self.at + 1 : self.at + 2]
        if text.startswith("$((", self.at) and (stop := self.arithmetic_end(self.at + 1)) is not None:
            parts.append(Part("math", text[self.at + 3 : stop - 2], quoted))
            self.at = stop
        elif following == "(":
            self.at += 1
            self.brackets(parts, quoted=quoted)
        elif following == "{":
            self.braces(parts, quoted=quoted)
        elif following == "'" and not quoted:
            stop = self.at + 2
            while stop < len(text) and text[stop] != "'":
                stop += 2 if text[stop] == "\\" else 1
            if stop >= len(text):
                raise self.fail("a quote is not closed")
            value = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text[self.at + 2 : stop])
            parts.append(Part("text", value, True))
            self.at = stop + 1
        elif following == '"' and not quoted:
            self.at += 1
        elif match := _NAME.match(text, self.at + 1):
            parts.append(Part("var", match[0], quoted))
            self.at = match.end()
        else:
            parts.append(Part("text", "$", quoted))
            self.at += 1

    def braces(self, parts: list[Part], *, quoted: bool) -> None:
        """Reads `${name}`, `${name:-default}` and the like."""
        stop = self.closing(self.at + 2, "{", "}")
        match = _BRACED.match(self.text, self.at)
        if match is None or match.end() > stop or match[1]:
            parts.append(Part("sub", self.text[self.at : stop], quoted))
        else:
            index = match[3] or ""
            rest = self.text[match.end() : stop - 1]
            op = (re.match(r":?[-=+?]|[#%^,/@:]+", rest) or [""])[0]
            parts.append(Part("var", match[2] + index, quoted, op, rest[len(op) :]))
        self.at = stop

    def brackets(self, parts: list[Part], *, quoted: bool) -> None:
        """Reads `(…)` of a command substitution."""
        stop = self.closing(self.at + 1, "(", ")")
        parts.append(Part("sub", self.text[self.at + 1 : stop - 1], quoted))
        self.at = stop

    def backticks(self, parts: list[Part], *, quoted: bool) -> None:
        """Reads an old-style command substitution."""
        stop = self.at + 1
        while stop < len(self.text) and self.text[stop] != "`":
            stop += 2 if self.text[stop] == "\\" else 1
        if stop >= len(self.text):
            raise self.fail("a backtick is not closed")
        parts.append(Part("sub", self.text[self.at + 1 : stop], quoted))
        self.at = stop + 1

    def closing(self, at: int, opening: str, closing: str) -> int:
        """The place after the bracket that closes the one before `at`, quotes respected."""
        depth, text = 1, self.text
        while at < len(text):
            char = text[at]
            if char == "\\":
                at += 1
            elif char == "'" and opening == "(":
                at = text.find("'", at + 1)
                if at < 0:
                    break
            elif char == '"':
                at += 1
                while at < len(text) and text[at] != '"':
                    at += 2 if text[at] == "\\" else 1
            elif char == opening:
                depth += 1
            elif char == closing:
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        raise self.fail(f"`{opening}` is not closed")

    def arithmetic_end(self, at: int) -> int | None:
        """The place after `((…))` that begins at `at`, or None when it is no arithmetic."""
        depth = 0
        while at < len(self.text) and self.text[at] != "\n":
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            at += 1
            if depth == 0:
                return at if self.text[at - 2 : at] == "))" else None
        return None

"""The shell's grammar: a script's text becomes a tree of lists, pipelines and commands, each with its line."""

from __future__ import annotations

import re
from functools import lru_cache

from mlscore.probes.automation.shell_lexer import Lexer
from mlscore.probes.automation.shell_nodes import (
    AndOr,
    Assignment,
    Block,
    Case,
    Command,
    Function,
    If,
    Loop,
    Part,
    Pipeline,
    Sequence,
    Simple,
    Word,
)

MAX_DEPTH = 40
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[[^]=\n]*\])?(\+?)=")
_FUNCTION = re.compile(r"\([ \t]*\)")
_NAME = re.compile(r"[\w.:-]+")
_CLOSERS = frozenset({"then", "else", "elif", "fi", "do", "done", "esac", "}"})
_ARM_ENDS = (";;", ";&", ";;&")


@lru_cache(maxsize=512)
def parse(text: str) -> Sequence:
    """The script as a tree. Raises ShellSyntaxError for what is no shell or is nested beyond reason.

    The same text gives the same nodes, so that every walk over a script knows its commands again.
    """
    return _Parser(text).script()


class _Parser(Lexer):
    depth = 0

    def script(self) -> Sequence:
        found = self.sequence()
        if self.at < len(self.text):
            raise self.unexpected()
        self.documents()
        return found

    def unexpected(self) -> ValueError:
        return self.fail(f"`{self.text[self.at : self.at + 10].splitlines()[0]}` not expected")

    def expect(self, word: str) -> None:
        if self.keyword() != word:
            raise self.fail(f"`{word}` expected")
        self.at += len(word)

    # -- lists --------------------------------------------------------------------------------------------------------

    def sequence(self) -> Sequence:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail("nested too deeply")
        found: list[AndOr] = []
        self.lines()
        while self.at < len(self.text) and self.operator() not in (")", *_ARM_ENDS) and self.keyword() not in _CLOSERS:
            found.append(self.and_or())
            self.lines()
        self.depth -= 1
        return tuple(found)

    def and_or(self) -> AndOr:
        self.blanks()
        start = self.at
        parts = [("", self.pipeline())]
        while (op := self.operator()) in ("&&", "||"):
            self.at += 2
            self.lines()
            parts.append((op, self.pipeline()))
        text = self.slice(start)
        background = self.take("&")
        ended = background or self.take(";") or self.operator() in ("\n", ")", *_ARM_ENDS)
        if not ended and self.at < len(self.text):
            raise self.unexpected()
        return AndOr(text, self.line(start), tuple(parts), background)

    def pipeline(self) -> Pipeline:
        self.blanks()
        start = self.at
        negated = False
        while self.keyword() == "!":
            self.at += 1
            negated = not negated
        commands = [self.command()]
        while (op := self.operator()) in ("|", "|&"):
            self.at += len(op)
            self.lines()
            commands.append(self.command())
        return Pipeline(self.slice(start), self.line(start), tuple(commands), negated)

    # -- commands -----------------------------------------------------------------------------------------------------

    def command(self) -> Command:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.fail("nested too deeply")
        found = self.any_command()
        self.depth -= 1
        return found

    def any_command(self) -> Command:
        word = self.keyword()
        start, line = self.at, self.line(self.at)
        found: Command
        if word in ("{", "(") or self.operator() == "(":
            stop = self.arithmetic_end(self.at) if self.text.startswith("((", self.at) else None
            if stop is not None:
                words = ((Part("text", "((", False),), (Part("text", self.text[self.at + 2 : stop - 2], True),))
                self.at = stop
                found = Simple(self.slice(start), line, (), words, [])
            else:
                found = self.block(start, line, word)
        elif word == "if":
            found = self.if_command(start, line)
        elif word in ("while", "until"):
            self.at += len(word)
            condition = self.sequence()
            body = self.loop_body()
            found = Loop(self.slice(start), line, word, condition, "", None, body)
        elif word in ("for", "select"):
            found = self.for_command(start, line, word)
        elif word == "case":
            found = self.case_command(start, line)
        elif word == "function":
            self.at += len(word)
            name = self.name()
            if self.take("(") and not self.take(")"):
                raise self.fail("`)` expected")
            self.lines()
            body_command = self.command()
            return Function(self.slice(start), line, name, body_command)
        else:
            return self.simple(start, line)
        self.redirections([])
        return found

    def block(self, start: int, line: int, word: str) -> Block:
        self.at += 1
        body = self.sequence()
        if word == "{":
            self.expect("}")
        elif not self.take(")"):
            raise self.fail("`)` expected")
        return Block(self.slice(start), line, body, subshell=word != "{")

    def name(self) -> str:
        self.blanks()
        match = _NAME.match(self.text, self.at)
        if match is None:
            raise self.fail("a name expected")
        self.at = match.end()
        return match[0]

    def if_command(self, start: int, line: int) -> If:
        branches: list[tuple[Sequence | None, Sequence]] = []
        self.at += 2
        while True:
            condition = self.sequence()
            self.expect("then")
            branches.append((condition, self.sequence()))
            word = self.keyword()
            self.at += len(word)
            if word == "elif":
                continue
            if word == "else":
                branches.append((None, self.sequence()))
                self.expect("fi")
            elif word != "fi":
                raise self.fail("`fi` expected")
            return If(self.slice(start), line, tuple(branches))

    def loop_body(self) -> Sequence:
        self.take(";")
        self.lines()
        self.expect("do")
        body = self.sequence()
        self.expect("done")
        return body

    def for_command(self, start: int, line: int, word: str) -> Loop:
        self.at += len(word)
        self.blanks()
        words: list[Word] | None = None
        if self.text.startswith("((", self.at):
            stop = self.arithmetic_end(self.at)
            if stop is None:
                raise self.fail("`))` expected")
            self.at, name = stop, "_"
            words = [(Part("sub", "", False),)]
        else:
            name = self.name()
            self.lines()
            if self.keyword() == "in":
                self.at += 2
                words = []
                while not self.operator() and self.at < len(self.text):
                    words.append(self.word())
        body = self.loop_body()
        return Loop(self.slice(start), line, "for", None, name, None if words is None else tuple(words), body)

    def case_command(self, start: int, line: int) -> Case:
        self.at += 4
        self.blanks()
        word = self.word()
        self.lines()
        self.expect("in")
        self.lines()
        arms: list[tuple[tuple[Word, ...], Sequence]] = []
        while self.keyword() != "esac":
            self.take("(")
            patterns = [self.pattern()]
            while self.take("|"):
                patterns.append(self.pattern())
            if not self.take(")"):
                raise self.fail("`)` expected")
            arms.append((tuple(patterns), self.sequence()))
            if (op := self.operator()) in _ARM_ENDS:
                self.at += len(op)
            elif self.keyword() != "esac":
                raise self.fail("`;;` expected")
            self.lines()
        self.at += 4
        return Case(self.slice(start), line, word, tuple(arms))

    def pattern(self) -> Word:
        self.blanks()
        return self.word()

    def simple(self, start: int, line: int) -> Simple | Function:
        assignments: list[Assignment] = []
        words: list[Word] = []
        documents: list[tuple[int, str]] = []
        test = False
        while True:
            self.redirections(documents) if not test else self.blanks()
            op = self.operator()
            if test and op in ("&&", "||", "(", ")"):
                words.append((Part("text", op, False),))
                self.at += len(op)
                continue
            if op or self.at >= len(self.text):
                break
            match = _ASSIGNMENT.match(self.text, self.at) if not words else None
            if match is not None:
                self.at = match.end()
                array, values = self.value()
                assignments.append(Assignment(match[1], values, bool(match[2]), array))
                continue
            begin = self.at
            words.append(self.word(test=test))
            raw = self.text[begin : self.at]
            test = (raw == "[[" and len(words) == 1) or (test and raw != "]]")
            if len(words) == 1 and not assignments and self.operator() == "(":
                call = _FUNCTION.match(self.text, self.at)
                if call is None or not _NAME.fullmatch(raw):
                    raise self.unexpected()
                self.at = call.end()
                self.lines()
                body = self.command()
                return Function(self.slice(start), line, raw, body)
        if self.at == start:
            raise self.fail("a command expected")
        return Simple(self.slice(start), line, tuple(assignments), tuple(words), documents)

    def value(self) -> tuple[bool, tuple[Word, ...]]:
        """What follows `name=`: nothing, a word, or an array's words in brackets."""
        if self.at >= len(self.text) or self.text[self.at] in " \t\r\n;&|)":
            return False, ((),)
        if self.text[self.at] != "(":
            return False, (self.word(),)
        self.at += 1
        words: list[Word] = []
        self.lines()
        while not self.take(")"):
            if self.at >= len(self.text) or self.operator():
                raise self.fail("`)` expected")
            words.append(self.word())
            self.lines()
        return True, tuple(words)

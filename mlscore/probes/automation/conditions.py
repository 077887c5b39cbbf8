"""The condition languages of CI systems: parsed, and weighed by what an ordinary run would answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

MAX_TOKENS = 400
MAX_DEPTH = 40
# How surely a condition holds in a run that starts by itself: not, not to be known, at least at times, always.
NEVER, UNSURE, AT_TIMES, ALWAYS = 0, 1, 2, 3
_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*'|\"(?:[^\"\\]|\\.)*\")|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"
    r"|(?P<op>==|!=|=~|!~|<=|>=|&&|\|\||[!<>()\[\],])|(?P<regex>/(?:[^/\\]|\\.)+/\w*)"
    r"|(?P<name>\$?\{?[A-Za-z_*][\w-]*\}?(?:\.(?:[\w-]+|\*))*)|(?P<rest>\.[\w.*-]+))"
)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that only a run can tell: how surely it is true, equal to something, and unlike something."""

    truth: int = UNSURE
    same: int = UNSURE
    other: int = UNSURE
    has: int = UNSURE


UNKNOWABLE = Doubt()
# A branch, a date, a state of the event: ordinary runs have every one of them at times.
USUAL = Doubt(AT_TIMES, AT_TIMES, AT_TIMES, AT_TIMES)
# A person: no ordinary run is started by the one that is named, all by another.
PERSON = Doubt(ALWAYS, UNSURE, AT_TIMES, UNSURE)
# A text that people write: ordinary runs do not hold the word that is asked for.
WORDS = Doubt(ALWAYS, UNSURE, AT_TIMES, NEVER)


@dataclass(frozen=True, slots=True)
class Family:
    """The texts that begin with `start` and fit, the start included."""

    start: str
    fits: Callable[[str], bool]

    def includes(self, text: str) -> bool:
        """Whether the text is one of them."""
        return text.startswith(self.start) and self.fits(text)


@dataclass(frozen=True, slots=True)
class OneOf:
    """A text of which it is only known what it may be; ordinary runs have each of these at times."""

    options: tuple[str | Family, ...]

    def judge(self, plainly: Callable[[str], bool], family: Callable[[Family], int]) -> Value:
        """What a question comes to, asked of every plain option and of every family."""
        found = {family(o) if isinstance(o, Family) else ALWAYS if plainly(o) else NEVER for o in self.options}
        return USUAL if len(found) > 1 or found == {AT_TIMES} else found == {ALWAYS}


Value = str | bool | int | float | list[str] | None | Doubt | OneOf
Look = Callable[[str], Value]
Function = Callable[[str, list[Value]], Value]
Compare = Callable[[Value, Value], Value]


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression in a condition."""

    pattern: str


Tree = tuple[Any, ...]


class ConditionError(ValueError):
    """The condition cannot be read."""


def weigh(text: str, look: Look, call: Function, same: Compare | None = None) -> int:
    """How surely the condition holds: NEVER, UNSURE (also when it cannot be read), AT_TIMES or ALWAYS."""
    try:
        return level(evaluate(text, look, call, same))
    except ConditionError:
        return UNSURE


def evaluate(text: str, look: Look, call: Function, same: Compare | None = None) -> Value:
    """The condition's value; `same` is the language's own `==`. Raises ConditionError when it cannot be read."""
    tree = _Parser(text).whole()
    return _value(tree, look, call, same or equal)


def level(value: Value) -> int:
    """How surely a value counts as true."""
    if isinstance(value, Doubt):
        return value.truth
    if isinstance(value, list | OneOf):
        return ALWAYS
    return ALWAYS if value not in (None, False, 0, "") else NEVER


def plain(value: Value) -> str | None:
    """A value as text, or None when it is not known."""
    if isinstance(value, Doubt | OneOf):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else ",".join(value) if isinstance(value, list) else str(value)


def holds_in(container: Value, item: Value) -> Value:
    """`contains(container, item)`."""
    if isinstance(container, Doubt):
        return Doubt(container.has, container.has, container.has) if container.has else False
    if isinstance(item, OneOf) and isinstance(container, list):
        return item.judge(
            lambda text: text.lower() in [entry.lower() for entry in container],
            lambda family: AT_TIMES if any(map(family.includes, container)) else NEVER,
        )
    text = plain(item)
    if text is None:
        return item if isinstance(item, Doubt) else UNKNOWABLE
    if isinstance(container, OneOf):
        wanted = text.lower()
        return container.judge(
            lambda option: wanted in option.lower(),
            lambda family: ALWAYS if wanted in family.start.lower() else AT_TIMES,
        )
    if isinstance(container, list):
        return text.lower() in [entry.lower() for entry in container]
    return text.lower() in (plain(container) or "").lower()


def begins(text: Value, start: Value, *, at_end: bool = False) -> Value:
    """`startsWith(text, start)`, or `endsWith`."""
    if isinstance(text, Doubt):
        return Doubt(text.has, text.has, text.has) if text.has else False
    left, right = plain(text), plain(start)
    if right is None:
        return start if isinstance(start, Doubt) else UNKNOWABLE
    right = right.lower()
    if isinstance(text, OneOf):
        return text.judge(
            lambda option: option.lower().endswith(right) if at_end else option.lower().startswith(right),
            lambda family: AT_TIMES if at_end else _begins(family, right),
        )
    if left is None:
        return UNKNOWABLE
    return left.lower().endswith(right) if at_end else left.lower().startswith(right)


def _begins(family: Family, start: str) -> int:
    known = family.start.lower()
    return ALWAYS if known.startswith(start) else AT_TIMES if start.startswith(known) else NEVER


def equal(left: Value, right: Value) -> Value:
    """`left == right`, as loosely as CI systems compare."""
    for doubt in (left, right):
        if isinstance(doubt, Doubt):
            return Doubt(doubt.same, doubt.same, doubt.same)
    if isinstance(right, OneOf):
        left, right = right, left
    if isinstance(left, OneOf):
        text = plain(right)
        if text is None:
            return USUAL
        return left.judge(
            lambda option: option.lower() == text.lower(),
            lambda family: AT_TIMES if family.includes(text) else NEVER,
        )
    return (plain(left) or "").lower() == (plain(right) or "").lower()


def unlike(left: Value, right: Value, same: Compare | None = None) -> Value:
    """`left != right`, where `same` is the language's own `==`."""
    for doubt in (left, right):
        if isinstance(doubt, Doubt):
            return Doubt(doubt.other, doubt.other, doubt.other)
    return negation((same or equal)(left, right))


def negation(value: Value) -> Value:
    """`!value`."""
    found = level(value)
    return Doubt(found, found, found) if found in (UNSURE, AT_TIMES) else found == NEVER


def both(left: Value, right: Callable[[], Value]) -> Value:
    """`left && right`: the value that decides, as in the languages themselves."""
    first = level(left)
    if first == NEVER:
        return left
    value = right()
    if first == ALWAYS or level(value) == NEVER:
        return value
    return Doubt(min(first, level(value)))


def either(left: Value, right: Callable[[], Value]) -> Value:
    """`left || right`."""
    first = level(left)
    if first == ALWAYS:
        return left
    value = right()
    if first == NEVER or level(value) == ALWAYS:
        return value
    return Doubt(max(first, level(value)))


def matches(left: Value, pattern: Value | Regex) -> Value:
    """`left =~ /pattern/`."""
    if isinstance(left, Doubt):
        return Doubt(left.has, left.has, left.has) if left.has else False
    expression = pattern.pattern if isinstance(pattern, Regex) else plain(pattern)
    text = plain(left)
    if expression is None or len(expression) > 200:
        return UNKNOWABLE
    try:
        if isinstance(left, OneOf):
            return left.judge(lambda option: re.search(expression, option[:300]) is not None, lambda family: AT_TIMES)
        return UNKNOWABLE if text is None else re.search(expression, text[:300]) is not None
    except (re.error, RecursionError):
        return UNKNOWABLE


def _value(tree: Tree, look: Look, call: Function, same: Compare) -> Value:
    kind = tree[0]
    if kind == "value":
        found: Value = tree[1]
        return found
    if kind == "regex":
        raise ConditionError("a regular expression stands alone")
    if kind == "name":
        return look(str(tree[1]))
    if kind == "call":
        return call(str(tree[1]), [_value(item, look, call, same) for item in tree[2]])
    left = _value(tree[1], look, call, same)
    if kind == "!":
        return negation(left)
    if kind == "&&":
        return both(left, lambda: _value(tree[2], look, call, same))
    if kind == "||":
        return either(left, lambda: _value(tree[2], look, call, same))
    if kind in ("=~", "!~"):
        right = tree[2][1] if tree[2][0] == "regex" else _value(tree[2], look, call, same)
        found = matches(left, right)
        return found if kind == "=~" else negation(found)
    other = _value(tree[2], look, call, same)
    if kind in ("==", "!="):
        return same(left, other) if kind == "==" else unlike(left, other, same)
    return next((item for item in (left, other) if isinstance(item, Doubt)), UNKNOWABLE)


class _Parser:
    def __init__(self, text: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        self.depth = 0
        at, text = 0, text.strip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None or len(self.tokens) > MAX_TOKENS:
                raise ConditionError(f"cannot read {text[at : at + 20]!r}")
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def whole(self) -> Tree:
        if not self.tokens:
            raise ConditionError("empty")
        found = self.any_of()
        if self.at < len(self.tokens):
            raise ConditionError(f"{self.tokens[self.at][1]!r} not expected")
        return found

    def peek(self) -> str:
        kind, text = self.tokens[self.at] if self.at < len(self.tokens) else ("", "")
        return text if kind == "op" else ""

    def any_of(self) -> Tree:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionError("nested too deeply")
        left = self.all_of()
        while self.peek() == "||":
            self.at += 1
            left = ("||", left, self.all_of())
        self.depth -= 1
        return left

    def all_of(self) -> Tree:
        left = self.comparison()
        while self.peek() == "&&":
            self.at += 1
            left = ("&&", left, self.comparison())
        return left

    def comparison(self) -> Tree:
        left = self.unary()
        while (op := self.peek()) in ("==", "!=", "=~", "!~", "<", ">", "<=", ">="):
            self.at += 1
            left = (op, left, self.unary())
        return left

    def unary(self) -> Tree:
        count = 0
        while self.peek() == "!":
            self.at += 1
            count += 1
        found = self.primary()
        for _ in range(min(count, 2 + count % 2)):
            found = ("!", found)
        return found

    def primary(self) -> Tree:
        if self.at >= len(self.tokens):
            raise ConditionError("it ends too early")
        kind, text = self.tokens[self.at]
        self.at += 1
        if kind == "op" and text == "(":
            inner = self.any_of()
            self.close(")")
            return inner
        if kind == "string":
            return ("value", text[1:-1].replace("''", "'") if text[0] == "'" else text[1:-1])
        if kind == "number":
            return ("value", float(text) if "." in text else int(text))
        if kind == "regex":
            return ("regex", Regex(text[1 : text.rindex("/")]))
        if kind != "name":
            raise ConditionError(f"{text!r} not expected")
        if self.peek() == "(":
            return ("call", text, self.arguments())
        if text.lower() in ("true", "false", "null"):
            return ("value", {"true": True, "false": False, "null": None}[text.lower()])
        return ("name", self.path(text))

    def path(self, name: str) -> str:
        """A name with `['key']` written as `.key`."""
        while self.at < len(self.tokens):
            kind, text = self.tokens[self.at]
            if kind == "rest":
                name += text
                self.at += 1
            elif text == "[" and kind == "op" and self.at + 1 < len(self.tokens):
                key_kind, key = self.tokens[self.at + 1]
                name += "." + (key[1:-1] if key_kind == "string" else key)
                self.at += 2
                self.close("]")
            else:
                break
        return name

    def arguments(self) -> list[Tree]:
        self.at += 1
        found: list[Tree] = []
        while self.peek() != ")":
            found.append(self.any_of())
            if self.peek() == ",":
                self.at += 1
            elif self.peek() != ")":
                raise ConditionError("`)` expected")
        self.at += 1
        return found

    def close(self, op: str) -> None:
        if self.peek() != op:
            raise ConditionError(f"`{op}` expected")
        self.at += 1

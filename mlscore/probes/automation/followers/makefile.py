"""Parses Makefiles: variables, rules with their recipes, conditionals and includes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import ROOT, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_EXPANSION = 12
MAX_INCLUDES = 20
MAX_VALUE = 20_000
_ASSIGNMENT = re.compile(r"(?:(?:export|override|private)\s+)*([^\s:#=!?+]+)\s*(\?=|\+=|!=|:{0,3}=)\s*(.*)", re.DOTALL)
_DIRECTIVE = re.compile(
    r"(ifeq|ifneq|ifdef|ifndef|else|endif|define|endef|-?include|sinclude|export|unexport)\b\s*(.*)"
)


@dataclass(frozen=True, slots=True)
class RecipeLine:
    """One command of a recipe, with its line; `unsure` when a conditional that cannot be decided holds it."""

    line: int
    text: str
    path: str
    unsure: str | None = None


@dataclass(slots=True)
class Rule:
    """What it takes to make a target."""

    prerequisites: list[str] = field(default_factory=list)
    recipe: list[RecipeLine] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)


class Makefile:
    """A parsed Makefile, read in `folder`. `overrides` are given on the command line, `environment` comes from outside."""

    def __init__(
        self,
        text: str,
        folder: str,
        path: str,
        *,
        overrides: Mapping[str, str],
        environment: Mapping[str, str],
        read: Callable[[str], str | None] = lambda path: None,
    ) -> None:
        self.folder = folder
        self.overrides = overrides
        self.environment = environment
        self.variables: dict[str, str] = {}
        self.exported: set[str] = set()
        self.rules: dict[str, Rule] = {}
        self.patterns: dict[str, Rule] = {}
        self.phony: set[str] = set()
        self.ignored: set[str] = set()
        self.ignores_all = self.one_shell = self.posix = False
        self.default: str | None = None
        self._read = read
        self._includes = 0
        self._stale: set[int] = set()
        self._parse(text, path)
        goal = self.value(".DEFAULT_GOAL")
        self.default = goal if goal and UNKNOWN not in goal else self.default

    # -- variables ----------------------------------------------------------------------------------------------------

    def value(self, name: str, local: Mapping[str, str] | None = None, depth: int = 0) -> str:
        """A variable's expanded value; make takes an unset one as empty."""
        if name in self.overrides:
            return self.overrides[name]
        for source in (local or {}, self.variables):
            if name in source:
                return self.expand(source[name], local, depth + 1)
        if name in ("CURDIR", "PWD"):
            return f"{ROOT}/{self.folder}"
        return self.environment.get(name, {"MAKE": "make", "SHELL": "/bin/sh"}.get(name, ""))

    def expand(self, text: str, local: Mapping[str, str] | None = None, depth: int = 0) -> str:
        """The text with its references replaced; what only make can compute becomes UNKNOWN."""
        if depth > MAX_EXPANSION or len(text) > MAX_VALUE:
            return UNKNOWN
        out: list[str] = []
        at = 0
        while at < len(text):
            stop = text.find("$", at)
            if stop < 0 or stop + 1 >= len(text):
                out.append(text[at:])
                break
            out.append(text[at:stop])
            following = text[stop + 1]
            if following == "$":
                out.append("$")
                at = stop + 2
            elif following in "({":
                end = _closing(text, stop + 1)
                out.append(self._reference(text[stop + 2 : end], local, depth + 1))
                at = end + 1
            else:
                out.append((local or {}).get(following) or self.value(following, local, depth + 1))
                at = stop + 2
        found = "".join(out)
        return found if len(found) <= MAX_VALUE else UNKNOWN

    def _reference(self, inner: str, local: Mapping[str, str] | None, depth: int) -> str:
        function, blank, rest = inner.partition(" ")
        if not blank:
            name = self.expand(inner, local, depth) if "$" in inner else inner
            return UNKNOWN if UNKNOWN in name or ":" in name else self.value(name, local, depth)
        arguments = [self.expand(part.strip(), local, depth) for part in _arguments(rest)]
        if function == "or":
            return next((a for a in arguments if a), "")
        if function == "and":
            return "" if not all(arguments) else arguments[-1]
        if function == "if" and UNKNOWN not in arguments[0]:
            return arguments[1] if arguments[0] and len(arguments) > 1 else "".join(arguments[2:3])
        if function == "strip":
            return " ".join(arguments[0].split())
        if function == "shell" and arguments == ["pwd"]:
            return f"{ROOT}/{self.folder}"
        if function in ("info", "warning"):
            return ""
        return UNKNOWN

    def _assign(self, name: str, op: str, text: str, *, sure: bool) -> None:
        if not sure or op == "!=":
            self.variables[name] = UNKNOWN
        elif op == "?=":
            if name not in self.variables and name not in self.environment:
                self.variables[name] = text
        elif op == "+=":
            old = self.variables.get(name, self.environment.get(name, ""))
            self.variables[name] = f"{old} {text}".strip()[:MAX_VALUE]
        elif op == "=":
            self.variables[name] = text
        else:
            self.variables[name] = self.expand(text).replace("$", "$$")

    # -- lines --------------------------------------------------------------------------------------------------------

    def _parse(self, text: str, path: str) -> None:
        lines = text.split("\n")
        prefix = "\t"
        conditions: list[tuple[bool | None, bool | None, str]] = []  # this branch holds, an earlier one did, its text
        targets: list[Rule] = []
        at = 0
        while at < len(lines):
            number, line = at + 1, lines[at]
            at += 1
            while line.endswith("\\") and not line.endswith("\\\\") and at < len(lines):
                line += "\n" + lines[at]
                at += 1
            if line.startswith(prefix) and targets:
                self._recipe(line[len(prefix) :], number, path, targets, conditions)
                continue
            flat = re.sub(r"\s*\\\n\s*", " ", line)
            flat = re.sub(r"(?<!\\)#.*", "", flat).strip()
            directive = _DIRECTIVE.match(flat)
            if directive is not None and self._conditional(directive[1], directive[2], conditions, flat):
                continue
            holds = _holds(conditions)
            if not flat or holds is False:
                continue
            if directive is not None and directive[1] == "define":
                at = self._define(directive[2], lines, at, sure=holds is True)
            elif directive is not None and directive[1].endswith("include"):
                self._include(directive[2], path)
            elif (match := _ASSIGNMENT.fullmatch(flat)) is not None:
                self._assign(match[1], match[2], match[3], sure=holds is True)
                if directive is not None and directive[1] == "export":
                    self.exported.add(match[1])
                if match[1] == ".RECIPEPREFIX":
                    prefix = match[3][:1] or "\t"
            elif directive is not None and directive[1] == "export":
                self.exported.update(directive[2].split())
            elif ":" in flat:
                targets = self._rule(flat, number, path, conditions)

    def _recipe(
        self,
        text: str,
        number: int,
        path: str,
        targets: list[Rule],
        conditions: list[tuple[bool | None, bool | None, str]],
    ) -> None:
        holds = _holds(conditions)
        directive = _DIRECTIVE.match(text.strip())
        if directive is not None and self._conditional(directive[1], directive[2], conditions, text.strip()):
            return
        if not text.strip() or holds is False:
            return
        unsure = None if holds else f"it is inside `{conditions[-1][2]}`"
        for rule in targets:
            # A second rule with a recipe of its own replaces the first one's.
            if id(rule) in self._stale:
                self._stale.discard(id(rule))
                rule.recipe.clear()
            rule.recipe.append(RecipeLine(number, text, path, unsure))

    def _conditional(
        self, word: str, rest: str, conditions: list[tuple[bool | None, bool | None, str]], text: str
    ) -> bool:
        if word in ("ifeq", "ifneq", "ifdef", "ifndef"):
            result = self._condition(word, rest)
            conditions.append((result, result, text))
        elif word == "else" and conditions:
            _, before, first = conditions[-1]
            again = _DIRECTIVE.match(rest)
            result = True if again is None else self._condition(again[1], again[2])
            if before is True:
                conditions[-1] = (False, True, first)
            else:
                now = result if before is False else None if result is not False else False
                conditions[-1] = (now, True if now is True else before if now is False else None, first)
        elif word == "endif" and conditions:
            conditions.pop()
        else:
            return word in ("else", "endif", "endef", "unexport")
        return True

    def _condition(self, word: str, rest: str) -> bool | None:
        if word in ("ifdef", "ifndef"):
            return bool(self.value(rest.strip())) == (word == "ifdef")
        if rest.startswith("("):
            pair = _arguments(rest[1 : _closing(rest, 0)])
        else:
            pair = [a or b for a, b in re.findall(r"\"([^\"]*)\"|'([^']*)'", rest)]
        if len(pair) != 2:
            return None
        left, right = (self.expand(part.strip()) for part in pair)
        return None if UNKNOWN in left + right else (left == right) == (word == "ifeq")

    def _define(self, name: str, lines: list[str], at: int, *, sure: bool) -> int:
        body: list[str] = []
        while at < len(lines) and lines[at].strip() != "endef":
            body.append(lines[at])
            at += 1
        self._assign(name.removesuffix("=").strip(), "=", "\n".join(body), sure=sure)
        return at + 1

    def _include(self, names: str, path: str) -> None:
        for name in self.expand(names).split():
            if UNKNOWN in name or self._includes >= MAX_INCLUDES:
                continue
            self._includes += 1
            place = f"{self.folder}/{name}" if self.folder else name
            text = self._read(place)
            if text is not None:
                self._parse(text, place)

    # -- rules --------------------------------------------------------------------------------------------------------

    def _rule(
        self, flat: str, number: int, path: str, conditions: list[tuple[bool | None, bool | None, str]]
    ) -> list[Rule]:
        head, double, rest = _split_rule(flat)
        rest, has_recipe, inline = rest.partition(";")
        names = self.expand(head).split()
        assignment = _ASSIGNMENT.fullmatch(rest.strip())
        if assignment is not None:
            for name in names:
                self.rules.setdefault(name, Rule()).variables[assignment[1]] = assignment[3]
            return []
        needs = [need for need in self.expand(rest).split() if need != "|"]
        found: list[Rule] = []
        for name in names:
            if self._special(name, needs):
                continue
            book = self.patterns if "%" in name else self.rules
            rule = book.setdefault(name, Rule())
            if self.default is None and not name.startswith(".") and "%" not in name:
                self.default = name
            rule.prerequisites.extend(need for need in needs if need not in rule.prerequisites)
            if rule.recipe and not double:
                self._stale.add(id(rule))
            found.append(rule)
        if has_recipe and inline.strip():
            self._recipe(inline.strip(), number, path, found, conditions)
        return found

    def _special(self, name: str, needs: list[str]) -> bool:
        if name == ".PHONY":
            self.phony.update(needs)
        elif name == ".IGNORE":
            self.ignored.update(needs)
            self.ignores_all = self.ignores_all or not needs
        elif name == ".ONESHELL":
            self.one_shell = True
        elif name == ".POSIX":
            self.posix = True
        else:
            return bool(re.fullmatch(r"\.[A-Z_]+", name))
        return True

    def find(self, target: str) -> tuple[Rule | None, str]:
        """The rule that makes a target, and what `%` stands for in it."""
        if target in self.rules:
            rule = self.rules[target]
            if rule.recipe or rule.prerequisites:
                return rule, ""
        for pattern, rule in self.patterns.items():
            before, _, after = pattern.partition("%")
            if len(target) > len(before + after) and target.startswith(before) and target.endswith(after):
                return rule, target[len(before) : len(target) - len(after)]
        return self.rules.get(target), ""


def _holds(conditions: list[tuple[bool | None, bool | None, str]]) -> bool | None:
    states = [state for state, _, _ in conditions]
    return False if False in states else None if None in states else True


def _closing(text: str, at: int) -> int:
    """The place of the bracket that closes the one at `at`; the text's end when nothing does."""
    opening, closing = text[at], {"(": ")", "{": "}"}[text[at]]
    depth = 0
    while at < len(text):
        depth += {opening: 1, closing: -1}.get(text[at], 0)
        if depth == 0:
            return at
        at += 1
    return len(text)


def _arguments(text: str) -> list[str]:
    found, depth, start = [], 0, 0
    for at, char in enumerate(text):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(char, 0)
        if char == "," and depth == 0:
            found.append(text[start:at])
            start = at + 1
    return [*found, text[start:]]


def _split_rule(flat: str) -> tuple[str, bool, str]:
    """Targets, whether the colon is double, and what follows it."""
    at = 0
    while at < len(flat) and flat[at] != ":":
        at = _closing(flat, at + 1) + 1 if flat[at] == "$" and flat[at + 1 : at + 2] in ("(", "{") else at + 1
    double = flat[at + 1 : at + 2] == ":"
    return flat[:at].removesuffix("&"), double, flat[at + 2 if double else at + 1 :]

"""Follows `make TARGET` through the Makefile's rules into their recipes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.followers.makefile import Makefile, RecipeLine, Rule
from mlscore.probes.automation.runs import UNKNOWN, present, resolve
from mlscore.probes.automation.shell_state import Unit

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

NAMES = ("GNUmakefile", "makefile", "Makefile")
MAX_TARGETS = 300
_VALUED = frozenset({"-C", "-f", "-I", "-o", "-W", "-l", "--directory", "--file", "--makefile", "--include-dir"})
_ASSIGNMENT = re.compile(r"([\w.-]+)[:?+]?=(.*)", re.DOTALL)


class _Request:
    """What a make command line asks for."""

    def __init__(self, words: tuple[str, ...], cwd: str | None) -> None:
        self.folder = cwd
        self.file: str | None = None
        self.goals: list[str] = []
        self.overrides: dict[str, str] = {}
        self.lost: str | None = None
        self.always = False
        rest = list(words)
        while rest:
            word = rest.pop(0)
            if match := _ASSIGNMENT.fullmatch(word) if not word.startswith("-") else None:
                self.overrides[match[1]] = match[2]
            elif not word.startswith("-"):
                self.goals.append(word)
            elif word.startswith("--"):
                name, has_value, value = word.partition("=")
                value = value if has_value else rest.pop(0) if name in _VALUED and rest else ""
                self.option(name, value)
            else:
                self.short(word, rest)

    def short(self, word: str, rest: list[str]) -> None:
        for at, letter in enumerate(word[1:], 1):
            if f"-{letter}" in _VALUED:
                value = word[at + 1 :] or (rest.pop(0) if rest else "")
                self.option(f"-{letter}", value)
                return
            if letter == "j":
                return
            self.option(f"-{letter}", "")

    def option(self, name: str, value: str) -> None:
        if name in ("-C", "--directory"):
            self.folder = None if self.folder is None else resolve(self.folder, value)
        elif name in ("-f", "--file", "--makefile"):
            self.file = value
        elif name in ("-n", "--dry-run", "--just-print", "--recon", "-q", "--question", "-t", "--touch"):
            self.lost = f"`make {name}` runs nothing"
        elif name in ("-i", "--ignore-errors"):
            self.lost = f"`make {name}` ignores failures"
        elif name in ("-B", "--always-make"):
            self.always = True


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the targets that are made, prerequisites first."""
    request = _Request(order.words[1:], order.cwd)
    folder = request.folder
    if folder is None:
        return []
    path = resolve(folder, request.file) if request.file else _makefile(engine, folder)
    text = engine.tree.text(path) if path else None
    if path is None or text is None:
        return []
    if any(UNKNOWN in goal for goal in request.goals):
        return []
    key = ("make", path, folder, tuple(request.goals), tuple(sorted(request.overrides.items())))
    return engine.once(key, lambda: _make(engine, order, request, path, folder, text))


def _makefile(engine: Engine, folder: str) -> str | None:
    places = (f"{folder}/{name}" if folder else name for name in NAMES)
    return next((place for place in places if engine.tree.has(place)), None)


def _make(engine: Engine, order: Order, request: _Request, path: str, folder: str, text: str) -> list[Lead]:
    makefile = Makefile(
        text,
        folder,
        path,
        overrides=request.overrides,
        environment=order.env,
        read=engine.tree.text,
    )
    goals = request.goals or ([makefile.default] if makefile.default else [])
    leads: list[Lead] = []
    made: set[str] = set()
    waiting = list(reversed(goals))
    while waiting and len(made) < MAX_TARGETS:
        goal = waiting[-1]
        rule, stem = makefile.find(goal)
        if rule is None or goal in made:
            waiting.pop()
            made.add(goal)
            continue
        needs = [n.replace("%", stem) if stem else n for n in rule.prerequisites]
        missing = [need for need in needs if need not in made and need not in waiting]
        if missing and makefile.find(missing[0])[0] is not None:
            waiting.append(missing[0])
            continue
        if missing:
            made.update(missing[:1])
            continue
        waiting.pop()
        made.add(goal)
        found = _recipe(engine, order, makefile, rule, goal, stem, needs)
        fresh = request.always or goal in makefile.phony or needs
        if not fresh and present(engine.tree, f"{folder}/{goal}" if folder else goal):
            found = [lead.dead(f"`{goal}` exists and is not .PHONY, so make finds nothing to do") for lead in found]
        leads.extend(found)
    return [lead.dead(request.lost) for lead in leads]


def _recipe(
    engine: Engine, order: Order, makefile: Makefile, rule: Rule, goal: str, stem: str, needs: list[str]
) -> list[Lead]:
    local = {**rule.variables, "@": goal, "*": stem, "^": " ".join(needs), "<": needs[0] if needs else ""}
    flags = makefile.value(".SHELLFLAGS")
    shell = Shell(errexit=makefile.posix or bool(re.search(r"(?:^|\s)-[a-z]*e", flags)), pipefail="pipefail" in flags)
    env = dict(order.env)
    for name in (*makefile.exported, *(name for name in rule.variables if name in makefile.exported)):
        env[name] = makefile.value(name, local)
    env.update(makefile.overrides)
    lines = rule.recipe
    if makefile.one_shell and lines:
        lines = [RecipeLine(lines[0].line, "\n".join(line.text for line in lines), lines[0].path, lines[0].unsure)]
    leads: list[Lead] = []
    for line in lines:
        text = line.text.lstrip()
        marks = re.match(r"[@+\-\s]*", text)
        text = text[marks.end() if marks else 0 :]
        unit = Unit(makefile.expand(text, local), line.path, line.line)
        found = engine.script([unit], shell=shell, cwd=makefile.folder, env=env)
        if marks and "-" in marks[0]:
            found = [lead.dead("the `-` before it in the Makefile ignores its failure") for lead in found]
        elif makefile.ignores_all or goal in makefile.ignored:
            found = [lead.dead("`.IGNORE` in the Makefile ignores its failure") for lead in found]
        leads.extend(lead.dead(line.unsure) for lead in found)
    return leads

"""Follows commands to the pytest runs behind them, whatever tool or script of the repository lies between."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING

from mlscore.core.evidence import Diagnostic, Location, Severity
from mlscore.probes.automation.pytest_command import pytest_lead
from mlscore.probes.automation.runs import UNKNOWN, Lead, Selection, shown
from mlscore.probes.automation.shell_lexer import ShellSyntaxError
from mlscore.probes.automation.shell_machine import Machine
from mlscore.probes.automation.shell_state import ASSUMED, Call, Exit, Leave, Options, Status, Unit, failed
from mlscore.probes.automation.shell_syntax import parse
from mlscore.probes.automation.shell_values import Values
from mlscore.probes.automation.wrappers import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from mlscore.probes.automation.shell_nodes import Sequence as Script
    from mlscore.project.tree import Tree

MAX_DEPTH = 14
MAX_STEPS = 2000
MAX_LEADS = 400
_PYTEST = re.compile(r"(?<![\w.-])(?:pytest|py\.test)(?![\w.-]*/)")
# Which module of `followers` knows a command.
FOLLOWERS = {
    "make": "make", "gmake": "make", "tox": "tox", "nox": "nox", "just": "just", "npm": "npm", "yarn": "npm",
    "pnpm": "npm", "bun": "npm", "invoke": "invoke", "inv": "invoke", "poe": "scripts", "poethepoet": "scripts",
    "task": "scripts", "pdm": "scripts", "hatch": "scripts", "rye": "scripts", "pixi": "scripts",
    "pipenv": "scripts", "taskipy": "scripts", "mise": "scripts",
    "pre-commit": "pre_commit", "prek": "pre_commit", "python": "python_files", "buildkite-agent": "buildkite",
    "bash": "shell_files", "sh": "shell_files", "dash": "shell_files", "zsh": "shell_files", "ksh": "shell_files",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Order:
    """A command to follow: its words, where and with which environment it runs, and what is fed to it.

    `documents` are its here-documents, `fed` the words that a pipe gives it, where they are known.
    """

    words: tuple[str, ...]
    cwd: str | None = ""
    env: Mapping[str, str] = field(default_factory=dict)
    documents: tuple[Unit, ...] = ()
    unsure: str | None = None
    lost: str | None = None
    fed: tuple[str, ...] | None = None

    def with_words(self, words: Iterable[str]) -> Order:
        """The same order for other words."""
        return replace(self, words=tuple(words))


@dataclass(frozen=True, slots=True)
class Shell:
    """How a script is run: the options it starts with, and what happens between its pieces.

    `between` is "joined" (one script), "each" (any piece's failure fails the job, the rest runs), or "printed" (one
    script with something harmless between the pieces, which hides the exit code of the one before).
    """

    errexit: bool = True
    pipefail: bool = False
    between: str = "joined"


class Engine:
    """Follows commands in one tree. Answers are kept, cycles end, and the work is bounded."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.diagnostics: list[Diagnostic] = []
        # Pipeline files that a running build adds to itself.
        self.uploaded: set[str] = set()
        self._known: dict[object, list[Lead]] = {}
        self._stack: list[object] = []
        self._steps = 0
        self._cut = False

    def tell(self, code: str, message: str, location: Location) -> None:
        """Adds a diagnostic about something in the CI that could not be read or followed."""
        found = Diagnostic(Severity.INFO, code, message, location)
        if found not in self.diagnostics:
            self.diagnostics.append(found)

    def once(self, key: object, follow: Callable[[], list[Lead]]) -> list[Lead]:
        """Follows what `key` names, unless that is already under way (a cycle) or too deep."""
        self._steps += 1
        if key in self._stack or len(self._stack) >= MAX_DEPTH or self._steps > MAX_STEPS:
            self._cut = True
            return []
        self._stack.append(key)
        try:
            return follow()
        finally:
            self._stack.pop()

    # -- scripts ------------------------------------------------------------------------------------------------------

    def script(
        self,
        units: Sequence[Unit],
        *,
        shell: Shell,
        cwd: str | None = "",
        env: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        name: str = UNKNOWN,
    ) -> list[Lead]:
        """The pytest runs that a shell script leads to, each with why its failure would not fail the script."""
        scripts: list[tuple[Unit, Script]] = []
        for unit in units:
            try:
                scripts.append((unit, parse(unit.text)))
            except ShellSyntaxError as error:
                return self._unreadable(units, unit, str(error))
        walk = _Walk(scripts, shell, cwd, dict(env or {}), arguments, name, self.tree)
        found: dict[object, list[Lead]] = {}
        order: list[tuple[Call, list[Lead]]] = []

        def discover(call: Call) -> Status:
            if call.key not in found:
                found[call.key] = self.order(_order(call))
                order.append((call, found[call.key]))
            return ASSUMED

        walk.run(discover)
        return _judged(walk, order)[:MAX_LEADS]

    def fails(self, unit: Unit, shell: Shell) -> bool:
        """Whether a script ends with a failure whatever happens in it, as one that is there to fail the job does."""
        try:
            walk = _Walk([(unit, parse(unit.text))], shell, "", {}, (), UNKNOWN, self.tree)
        except ShellSyntaxError:
            return False
        return all(failed(status) for status in walk.run(lambda call: ASSUMED).ends)

    def _unreadable(self, units: Sequence[Unit], broken: Unit, error: str) -> list[Lead]:
        leads = []
        for unit in units:
            for number, line in enumerate(unit.text.split("\n"), 1):
                if _PYTEST.search(line) and not line.lstrip().startswith("#"):
                    where = "" if unit is broken else f" of {broken.path}"
                    why = f"the shell script around it cannot be read ({error}{where})"
                    leads.append(Lead(shown(line), Selection(), (unit.place(number, "pytest"),), why))
        return leads

    # -- commands -----------------------------------------------------------------------------------------------------

    def order(self, order: Order) -> list[Lead]:
        """The pytest runs that one command leads to; their chains begin in the files it leads into."""
        env = tuple(sorted(order.env.items()))
        key = (order.words, order.cwd, env, order.documents, order.unsure, order.lost, order.fed)
        if key not in self._known:
            before, self._cut = self._cut, False
            leads = self._follow(unwrap(order))
            # An answer that a cycle cut short is true only for the way that led here.
            if not self._cut or not self._stack:
                self._known[key] = leads
            self._cut = before or (self._cut and bool(self._stack))
            return leads
        return self._known[key]

    def _follow(self, order: Order) -> list[Lead]:
        if not order.words:
            return []
        name = order.words[0].rsplit("/", 1)[-1].removesuffix(".exe")
        if name in ("pytest", "py.test"):
            leads = [pytest_lead(self.tree, order.words[1:], order.cwd, order.env, order.unsure)]
        elif name == "mlscore":
            leads = self._mlscore(order)
        elif name in FOLLOWERS:
            leads = self._follower(FOLLOWERS[name], order)
        elif name.endswith(".py"):
            leads = self._follower("python_files", order)
        elif "/" in order.words[0]:
            leads = self._follower("shell_files", order)
        else:
            leads = []
        if order.unsure:
            leads = [lead.dead(order.unsure) for lead in leads]
        return [lead.dead(order.lost) for lead in leads] if order.lost else leads

    def _mlscore(self, order: Order) -> list[Lead]:
        """`mlscore score` starts pytest unless it is given results of earlier runs; `mlscore check` runs checks alone."""
        words = [word.partition("=")[0] for word in order.words[1:]]
        if words[:1] not in (["score"], ["check"]) or {"--junit", "--no-tests", "--from", "--help", "-h"} & set(words):
            return []
        lead = pytest_lead(self.tree, (), order.cwd, order.env, order.unsure)
        if words[0] == "score":
            selection = replace(lead.selection, scored=True)
        else:
            selection = Selection((), checks=_without_options(order.words[2:]))
        return [replace(lead, command=shown(" ".join(order.words)), selection=selection)]

    def _follower(self, module: str, order: Order) -> list[Lead]:
        follow: Callable[[Engine, Order], list[Lead]] = import_module(
            f"mlscore.probes.automation.followers.{module}"
        ).follow
        return follow(self, order)


def _without_options(words: Sequence[str]) -> tuple[str, ...]:
    """The words of a `mlscore check` that name checks."""
    named: list[str] = []
    before = ""
    for word in words:
        if not word.startswith("-") and before not in ("--report", "-r", "--project", "--path"):
            named.append(word)
        before = word
    return tuple(named)


@dataclass(frozen=True, slots=True)
class _Walk:
    scripts: list[tuple[Unit, Script]]
    shell: Shell
    cwd: str | None
    env: dict[str, str]
    arguments: tuple[str, ...]
    name: str
    tree: Tree

    def run(self, on_call: Callable[[Call], Status]) -> Machine:
        values = Values(dict(self.env), self.arguments, self.name, self.cwd, tree=self.tree)
        options = Options(self.shell.errexit, self.shell.pipefail)
        unit = self.scripts[0][0] if self.scripts else Unit("", "", 1)
        machine = Machine(on_call, self.tree, options, values, unit)
        status: Status = 0
        try:
            before: Script = ()
            for unit, script in self.scripts:
                if failed(status) and before and script:
                    machine.lost(before[-1], script[0])
                status = machine.run(script, unit)
                before = script or before
                if failed(status) and self.shell.between == "each":
                    break
                if failed(status) and self.shell.between == "printed":
                    machine.lost(script[-1], script[-1])
                if self.shell.between == "printed":
                    status = machine.values.last = 0
            machine.end(status)
        except Exit as end:
            if not end.told:
                machine.end(end.status)
        except Leave as leave:
            machine.end(leave.status)
        return machine


def _order(call: Call) -> Order:
    env = {name: value for name, value in call.values.variables.items() if isinstance(value, str)}
    documents = tuple(
        Unit(text, place.path, place.line or 1)
        for line, text in call.node.documents
        for place in (call.unit.place(line, ""),)
    )
    return Order(call.words, call.values.cwd, env, documents, fed=call.fed)


def _judged(walk: _Walk, calls: list[tuple[Call, list[Lead]]]) -> list[Lead]:
    """Each lead with what the script does when a test that it selects fails: every run that selects it fails then."""
    verdicts: dict[Selection, str | None] = {}
    judged: list[Lead] = []
    for call, leads in calls:
        for lead in leads:
            # Shell given on a command line (`bash -c '…'`) has no place of its own.
            chain = tuple(place for place in (*call.chain, *lead.chain) if place.path)
            found = replace(lead, chain=chain, entry=shown(call.node.text))
            if lead.why_not is None:
                if lead.selection not in verdicts:
                    failing = {
                        other.key
                        for other, others in calls
                        if any(o.why_not is None and o.selection == lead.selection for o in others)
                    }
                    machine = walk.run(lambda c, failing=failing: 1 if c.key in failing else ASSUMED)  # type: ignore[misc]
                    verdicts[lead.selection] = _verdict(machine)
                found = found.dead(verdicts[lead.selection])
            judged.append(found)
    return judged


def _verdict(machine: Machine) -> str | None:
    """Why the script may succeed although the command failed, or None when it cannot."""
    if machine.trapped:
        return f"failure swallowed by `{shown(machine.trapped)}`"
    if all(failed(status) for status in machine.ends):
        return None
    if machine.notes:
        return machine.notes[0]
    if machine.hit_guard:
        return machine.hit_guard
    if machine.left_early:
        return "the script may end before it is reached"
    return "its exit code cannot be followed through the script"

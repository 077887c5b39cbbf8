"""Walks a parsed shell script as a shell would, to see which commands it reaches and what their failure does to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import UNKNOWN, shown
from mlscore.probes.automation.shell_builtins import BUILTINS
from mlscore.probes.automation.shell_lexer import ShellSyntaxError
from mlscore.probes.automation.shell_nodes import (
    AndOr,
    Block,
    Case,
    Command,
    Function,
    If,
    Loop,
    Pipeline,
    Sequence,
    Simple,
)
from mlscore.probes.automation.shell_state import (
    ASSUMED,
    Call,
    Exit,
    Leave,
    Options,
    Status,
    Unit,
    failed,
    forget,
    merged,
)
from mlscore.probes.automation.shell_syntax import parse

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlscore.core.evidence import Location
    from mlscore.probes.automation.shell_nodes import Word
    from mlscore.probes.automation.shell_values import Values
    from mlscore.project.tree import Tree

# Commands of the shell whose own exit code takes the place of that of `$(…)` in their words.
_PRINTERS = frozenset({"echo", "printf", "export", "declare", "local", "readonly", "typeset"})
MAX_STEPS = 4000
MAX_TURNS = 20
MAX_CALLS = 12


@dataclass(slots=True)
class Machine:
    """One walk. `on_call` answers with an outside command's exit code; `ends` gathers the script's possible ones."""

    on_call: Callable[[Call], Status]
    tree: Tree
    options: Options
    values: Values
    unit: Unit
    ends: list[Status] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)
    functions: dict[str, tuple[Command, Unit]] = field(default_factory=dict)
    hit: bool = False
    hit_guard: str | None = None
    left_early: bool = False
    trapped: str | None = None
    trail: list[Location] = field(default_factory=list)
    folders: list[str | None] = field(default_factory=list)
    previous: str | None = None
    steps: int = 0
    calls: int = 0
    fed: tuple[str, ...] | None = None

    # -- the script ---------------------------------------------------------------------------------------------------

    def run(self, script: Sequence, unit: Unit) -> Status:
        """Walks one piece. Raises Exit when the script ends in it."""
        self.unit = unit
        return self.sequence(script, ignore=False)

    def end(self, status: Status) -> None:
        """One possible exit code of the script."""
        self.ends.append(status)
        if not self.hit and not failed(status):
            self.left_early = True

    def note(self, text: str) -> None:
        """Remembers how the failure that is followed got lost."""
        if self.hit:
            self.notes.append(text)

    def lost(self, entry: AndOr, following: AndOr, *, ignore: bool = False) -> None:
        """Notes that a list failed and the script went on with the next one all the same."""
        if self.options.errexit and not ignore:
            self.note(f"`{shown(entry.text)}` does not stop the script: `set -e` does not act on the left of `&&`")
        elif not following.text.startswith("exit"):
            self.note(f"without `set -e` the exit code of `{shown(following.text)}` counts instead")

    def _step(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Exit(None)

    def sequence(self, script: Sequence, *, ignore: bool) -> Status:
        """Walks a list of commands; with `ignore`, `set -e` does not act in it."""
        status: Status = 0
        lost: AndOr | None = None
        for entry in script:
            self._step()
            if lost is not None:
                self.lost(lost, entry, ignore=ignore)
                lost = None
            before = self.hit
            status = self._and_or(entry, ignore=ignore)
            self.values.last = 0 if status == ASSUMED else status
            if failed(status) and self.hit and (not before or len(script) > 1):
                lost = entry
        return status

    def _and_or(self, entry: AndOr, *, ignore: bool) -> Status:
        if entry.background:
            before = self.hit
            self._apart(lambda: self._chain(entry, ignore=True))
            if self.hit and not before:
                self.note("it runs in the background, and nothing waits for its exit code")
            return 0
        return self._chain(entry, ignore=ignore)

    def _chain(self, entry: AndOr, *, ignore: bool) -> Status:
        """A chain of `&&` and `||`. As in the shell, `set -e` acts on its last pipeline alone."""
        final = len(entry.parts) - 1
        status: Status = 0
        left = ""
        for number, (op, pipeline) in enumerate(entry.parts):
            quiet = ignore or number < final
            if number:
                self.values.last = 0 if status == ASSUMED else status
            if op == "":
                status = self._pipeline(pipeline, ignore=quiet)
            elif op == "&&" and not failed(status):
                if status is None:
                    status = self._maybe(f"runs only if `{left}` succeeds", pipeline, ignore=quiet)
                else:
                    status = self._pipeline(pipeline, ignore=quiet)
            elif op == "||" and status != 0:
                if failed(status):
                    status = self._pipeline(pipeline, ignore=quiet)
                    if not failed(status):
                        self.note(f"failure swallowed by `|| {shown(pipeline.text)}`")
                else:
                    before = status
                    status = self._maybe(f"runs only if `{left}` fails", pipeline, ignore=quiet)
                    status = ASSUMED if before == ASSUMED else status
            left = shown(pipeline.text)
        return status

    def _pipeline(self, pipeline: Pipeline, *, ignore: bool) -> Status:
        quiet = ignore or pipeline.negated
        if len(pipeline.commands) == 1:
            command = pipeline.commands[0]
            status = self._command(command, ignore=quiet)
            self.values.pipe = (0 if status == ASSUMED else status,)
            leaf = isinstance(command, Simple) or (isinstance(command, Block) and command.subshell)
        else:
            status, leaf = self._piped(pipeline), True
        if pipeline.negated:
            if failed(status):
                self.note("its exit code is turned round by `!`")
            return 0 if failed(status) else 1 if status == 0 else status
        if failed(status) and leaf and not quiet and self.options.errexit:
            raise Exit(status)
        return status

    def _piped(self, pipeline: Pipeline) -> Status:
        outer, codes = self.fed, []
        for number, command in enumerate(pipeline.commands):
            self.fed = self.values.listed(pipeline.commands[:number]) if number else outer
            codes.append(self._apart(partial(self._command, command, ignore=False)))
        self.fed = outer
        self.values.pipe = tuple(0 if code == ASSUMED else code for code in codes)
        if any(failed(code) for code in codes[:-1]) and not failed(codes[-1]):
            if self.options.pipefail:
                return 1
            into = " | ".join(shown(command.text) for command in pipeline.commands[1:])
            self.note(f"the pipe into `{into}` hides its exit code (no `pipefail`)")
        return codes[-1]

    # -- branches -----------------------------------------------------------------------------------------------------

    def _apart(self, walk: Callable[[], Status]) -> Status:
        """A walk in a shell of its own: folder, variables and options come back as they were."""
        values, options, ends = self.values.copy(), Options(self.options.errexit, self.options.pipefail), self.ends
        functions, early = dict(self.functions), self.left_early
        self.ends = []
        try:
            self.ends.append(walk())
        except Exit as end:
            if not end.told:
                self.ends.append(end.status)
        except Leave as leave:
            self.ends.append(leave.status)
        statuses, self.ends = self.ends, ends
        self.values, self.options, self.functions, self.left_early = values, options, functions, early
        return merged(statuses)

    def _fork(self, ways: list[tuple[str | None, Callable[[], Status]]]) -> Status:
        """Walks every way from the same state; what differs afterwards is not known."""
        start, options, hit = self.values, self.options, self.hit
        reached: list[tuple[Values, Options, Status]] = []
        hits: list[bool] = []
        for guard, walk in ways:
            self.values = start.copy()
            self.options = Options(options.errexit, options.pipefail)
            self.hit = hit
            if guard:
                self.guards.append(guard)
            try:
                status = walk()
                reached.append((self.values, self.options, status))
            except Exit as end:
                if not end.told:
                    self.end(end.status)
            except Leave as leave:
                if leave.kind == "return":
                    self.end(leave.status)
                else:
                    reached.append((self.values, self.options, leave.status))
            finally:
                hits.append(self.hit)
                if guard:
                    self.guards.pop()
        self.hit = any(hits)
        if not reached:
            raise Exit(None, told=True)
        self.values = reached[0][0]
        for values, _, _ in reached[1:]:
            forget(self.values, values)
        self.options = Options(all(o.errexit for _, o, _ in reached), all(o.pipefail for _, o, _ in reached))
        return merged([status for _, _, status in reached])

    def _maybe(self, guard: str, pipeline: Pipeline, *, ignore: bool) -> Status:
        status = self.values.last
        return self._fork([(guard, lambda: self._pipeline(pipeline, ignore=ignore)), (None, lambda: status)])

    # -- commands -----------------------------------------------------------------------------------------------------

    def _command(self, command: Command, *, ignore: bool) -> Status:
        self._step()
        match command:
            case Simple():
                return self._simple(command, ignore=ignore)
            case Block():
                body = command.body
                if command.subshell:
                    return self._apart(lambda: self.sequence(body, ignore=ignore))
                return self.sequence(body, ignore=ignore)
            case If():
                return self._branches(command.branches, ignore=ignore)
            case Loop():
                return self._loop(command, ignore=ignore)
            case Case():
                return self._case(command, ignore=ignore)
            case Function():
                self.functions[command.name] = (command.body, self.unit)
                return 0

    def _branches(self, branches: tuple[tuple[Sequence | None, Sequence], ...], *, ignore: bool) -> Status:
        for number, (condition, body) in enumerate(branches):
            if condition is None:
                return self.sequence(body, ignore=ignore)
            hit = self.hit
            status = self.sequence(condition, ignore=True)
            if self.hit and not hit:
                self.note("its failure only decides an `if`")
            if status == 0:
                return self.sequence(body, ignore=ignore)
            if failed(status):
                continue
            text = shown("; ".join(entry.text for entry in condition))
            rest = branches[number + 1 :]
            return self._fork(
                [
                    (f"runs only if `{text}`", partial(self.sequence, body, ignore=ignore)),
                    (f"runs only if not `{text}`" if rest else None, partial(self._branches, rest, ignore=ignore)),
                ]
            )
        return 0

    def _loop(self, loop: Loop, *, ignore: bool) -> Status:
        if loop.kind != "for":
            return self._conditional_loop(loop, ignore=ignore)
        words = list(self.values.arguments) if loop.words is None else self.values.expand(loop.words)
        sure = not any(UNKNOWN in word or any(c in word for c in "*?[") for word in words)
        status: Status = 0
        for word in words[:MAX_TURNS]:
            self.values.variables[loop.name] = word
            try:
                status = self.sequence(loop.body, ignore=ignore)
            except Leave as leave:
                if leave.kind == "return":
                    raise
                if leave.kind == "break":
                    break
            self.values.last = 0 if status == ASSUMED else status
            if failed(status) and word is not words[-1]:
                self.note("without `set -e` only the last turn of a loop counts")
        if failed(status) and not sure:
            self.note("without `set -e` only the last turn of a loop counts")
            return None
        return status

    def _conditional_loop(self, loop: Loop, *, ignore: bool) -> Status:
        hit = self.hit
        status = self.sequence(loop.condition or (), ignore=True)
        if self.hit and not hit:
            self.note("its failure only decides a loop")
        if (failed(status) if loop.kind == "while" else status == 0) and status is not None:
            return 0
        text = shown("; ".join(entry.text for entry in loop.condition or ()))

        def turn() -> Status:
            try:
                return self.sequence(loop.body, ignore=ignore)
            except Leave as leave:
                if leave.kind == "return":
                    raise
                return leave.status

        return self._fork([(f"runs only `{loop.kind} {text}`", turn), (None, lambda: 0)])

    def _case(self, case: Case, *, ignore: bool) -> Status:
        word = self.values.text(case.word)
        ways: list[tuple[str | None, Callable[[], Status]]] = []
        for patterns, body in case.arms:
            texts = [self.values.text(pattern) for pattern in patterns]
            if UNKNOWN not in word:
                if any(fnmatchcase(word, text) for text in texts):
                    return self.sequence(body, ignore=ignore)
                continue
            guard = f"runs only in case of `{shown('|'.join(texts))}`"
            ways.append((guard, partial(self.sequence, body, ignore=ignore)))
        return self._fork([*ways, (None, lambda: 0)]) if ways else 0

    def _simple(self, node: Simple, *, ignore: bool) -> Status:
        words = self.values.expand(node.words)
        if not words:
            self._assign(node)
            return (
                self._substituted(node, tuple(w for a in node.assignments for w in a.values)) if node.assignments else 0
            )
        if words[0] in _PRINTERS:
            hit = self.hit
            self._substituted(node, node.words)
            if self.hit and not hit:
                self.note(f"`{words[0]}` hides its exit code")
        if words[0] in self.functions:
            return self._function(words, ignore=ignore)
        before = dict(self.values.variables) if node.assignments else None
        self._assign(node)
        try:
            builtin = BUILTINS.get(words[0])
            return self.outside(node, words) if builtin is None else builtin(self, node, words, ignore)
        finally:
            if before is not None:
                self.values.variables = before

    def _assign(self, node: Simple) -> None:
        variables = self.values.variables
        for assignment in node.assignments:
            name = assignment.name
            value: str | tuple[str, ...]
            if assignment.array:
                value = tuple(self.values.expand(assignment.values))
            else:
                value = self.values.text(assignment.values[0])
            old = variables.get(name)
            if assignment.append:
                if isinstance(value, tuple):
                    value = (*(old if isinstance(old, tuple) else (old,) if old else ()), *value)
                else:
                    value = (old if isinstance(old, str) else UNKNOWN) + value
            variables[name] = value

    def _substituted(self, node: Simple, words: tuple[Word, ...]) -> Status:
        """The exit code of the last `$(…)` in these words, as far as it is the failure that is followed."""
        status: Status = ASSUMED
        for part in (part for word in words for part in word if part.kind == "sub"):
            hit = self.hit
            found = self._apart(partial(self._inside, part.value, node))
            status = found if failed(found) and self.hit and not hit else ASSUMED
        return status

    def _inside(self, text: str, node: Simple) -> Status:
        """Walks the text of `$(…)`, in which bash does not keep `set -e`."""
        try:
            script = parse(text)
        except ShellSyntaxError:
            return ASSUMED
        here = self.unit
        line = here.line + node.line - 1 if here.exact else here.line
        self.unit = Unit(text, here.path, line, here.exact, here.lines)
        self.options.errexit = False
        try:
            return self.sequence(script, ignore=False)
        finally:
            self.unit = here

    def outside(self, node: Simple, words: list[str]) -> Status:
        """Hands a command that is not the shell's own to whoever follows it, and gives its exit code."""
        guard = self.guards[0] if self.guards else None
        status = self.on_call(
            Call(tuple(words), self.values.copy(), node, self.unit, guard, tuple(self.trail), self.fed)
        )
        if failed(status) and not self.hit:
            self.hit, self.hit_guard = True, guard
        return status

    def _function(self, words: list[str], *, ignore: bool) -> Status:
        body, unit = self.functions[words[0]]
        if self.calls >= MAX_CALLS:
            return None
        arguments, here = self.values.arguments, self.unit
        self.values.arguments, self.unit = tuple(words[1:]), unit
        self.calls += 1
        try:
            return self._command(body, ignore=ignore)
        except Leave as leave:
            if leave.kind != "return":
                raise
            return leave.status
        finally:
            self.calls -= 1
            self.values.arguments, self.unit = arguments, here

"""Jenkins: the stages and steps of the Jenkinsfile at the root, declarative or scripted."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar

from mlscore.core.evidence import Location
from mlscore.probes.automation.conditions import (
    ALWAYS,
    AT_TIMES,
    NEVER,
    PERSON,
    UNKNOWABLE,
    UNSURE,
    USUAL,
    Value,
    weigh,
)
from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.followers.shell_files import shebang
from mlscore.probes.automation.path_filters import shuts_out_code
from mlscore.probes.automation.runs import UNKNOWN, resolve, shown
from mlscore.probes.automation.shell_state import Unit
from mlscore.probes.automation.systems.base import Reader, workspace
from mlscore.probes.automation.systems.groovy import (
    GroovyError,
    Group,
    Item,
    Statement,
    Token,
    comments_of,
    read_groovy,
    source,
    tokens_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun

FILE = "Jenkinsfile"
MAX_CALLS = 12
_SHELLS = frozenset({"sh", "bat", "powershell", "pwsh"})
# Directives that hold no steps.
_SILENT = frozenset(
    {"when", "environment", "options", "parameters", "triggers", "tools", "agent", "input", "axes", "properties"}
)
_USUAL = ("env.BRANCH_NAME", "env.CHANGE_", "env.TAG_NAME", "env.GIT_", "BRANCH_NAME", "CHANGE_", "scm.", "env.JOB_")
# Triggers by which a host tells Jenkins of a push.
_PUSHES = frozenset({"githubPush", "bitbucketPush", "gitlab"})
_ASSUMED = "push (assuming a multibranch job, as the Jenkinsfile names no trigger for pushes)"
# What only a multibranch job sets or answers.
_OF_BRANCHES = ("env.BRANCH_NAME", "BRANCH_NAME", "env.CHANGE_", "CHANGE_", "changeRequest", "buildingTag")
_COMMENTED = re.compile(
    r"\b(?:cron|pollSCM)\b\s*\(?\s*(['\"])[^'\"\n]*\1\s*\)?|\b(?:githubPush|bitbucketPush)\s*\(\s*\)"
)
_POST_DEAD = frozenset({"failure", "aborted", "unstable", "unsuccessful", "regression"})


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the Jenkinsfile at the root, which a multibranch job builds on every push."""
    reader = _Jenkins(engine)
    text = engine.tree.text(FILE)
    if text is None:
        return []
    try:
        statements = read_groovy(text)
    except GroovyError as error:
        reader.unreadable(str(error), Location(FILE, error.line))
        return []
    reader.file(statements, _disabled(statements, text))
    return list(reader.runs.values())


def _disabled(statements: tuple[Statement, ...], text: str) -> str | None:
    """Why a trigger that the file names does not act: its schedule is empty, or it is commented out."""
    for token, following in pairwise(tokens_of(statements)):
        if token.kind == "word" and token.text in ("cron", "pollSCM") and following.kind == "string":
            return f"the schedule of its `{token.text}` is empty (line {token.line})"
    for comment, line in comments_of(text):
        if match := _COMMENTED.search(comment):
            at = line + comment.count("\n", 0, match.start())
            return f"its trigger `{shown(match[0])}` is commented out (line {at})"
    return None


def _is_multibranch(words: list[Token]) -> bool:
    for token, following in pairwise(words):
        if token.kind == "word" and (
            token.text.startswith(_OF_BRANCHES) or (token.text == "branch" and following.kind == "string")
        ):
            return True
    return False


@dataclass(slots=True)
class _State:
    """Where the walk is: folder, variables, and why a failure here would not count."""

    cwd: str | None = ""
    env: dict[str, str] = field(default_factory=dict)
    triggers: tuple[str, ...] = ()
    why_not: str | None = None
    # Whether a block that follows reads the exit code and fails the build.
    checked: bool = False

    def because(self, why: str | None) -> _State:
        return _State(self.cwd, dict(self.env), self.triggers, self.why_not or why)


class _Jenkins(Reader):
    system = "Jenkins"
    environment: ClassVar[Mapping[str, str]] = workspace("WORKSPACE")

    def file(self, statements: tuple[Statement, ...], disabled: str | None) -> None:
        """Walk the file; `disabled` says why the trigger that it names does not act, if it names no other."""
        self.parameters: dict[str, Value] = {}
        self.functions: dict[str, Group] = {}
        self.calls = 0
        self.waits: str | None = None
        words = list(tokens_of(statements))
        # The file cannot say whether the job that builds it is a multibranch one.
        triggers = [_ASSUMED]
        for token, following in pairwise(words):
            if token.kind == "word" and following.kind == "string" and following.text.strip():
                if token.text == "cron":
                    triggers.append("schedule")
                elif token.text == "pollSCM":
                    triggers[0] = "push (pollSCM)"
            elif token.kind == "word" and token.text in _PUSHES:
                triggers[0] = f"push ({token.text})"
        self._parameters(statements)
        # Who disables a schedule relied on it: a multibranch job is assumed only where nothing speaks against one.
        why = disabled if triggers == [_ASSUMED] and not _is_multibranch(words) else None
        self.block(statements, _State(triggers=tuple(triggers), why_not=why))

    def _parameters(self, statements: tuple[Statement, ...]) -> None:
        """The defaults of the job's parameters: a run that starts by itself has no others."""
        for statement in statements:
            for number, item in enumerate(statement):
                if isinstance(item, Group):
                    before = statement[number - 1] if number else None
                    if isinstance(before, Token) and before.text in ("booleanParam", "string", "choice", "text"):
                        named = _named(item.statements)
                        name, default = named.get("name"), named.get("defaultValue")
                        if isinstance(name, Token) and isinstance(default, Token):
                            flag = {"true": True, "false": False}.get(default.text)
                            self.parameters[name.text] = default.text if flag is None else flag
                    self._parameters(item.statements)
            head = statement[0]
            if isinstance(head, Token) and head.text in ("booleanParam", "string"):
                named = _named(_split(statement[1:]))
                name, default = named.get("name"), named.get("defaultValue")
                if isinstance(name, Token) and isinstance(default, Token):
                    flag = {"true": True, "false": False}.get(default.text)
                    self.parameters[name.text] = default.text if flag is None else flag

    # -- statements ---------------------------------------------------------------------------------------------------

    def block(self, statements: tuple[Statement, ...], state: _State) -> None:
        """Walks the statements of a block in order; what they set holds for the rest of it."""
        for statement in statements:
            if _head(statement) == "environment" and isinstance(statement[-1], Group):
                self._environment(statement[-1].statements, state)
        for statement in statements:
            self._statement(statement, state)

    def _statement(self, statement: Statement, state: _State) -> None:
        head = _head(statement)
        if head == "input" and not (isinstance(statement[-1], Group) and statement[-1].kind == "{"):
            self.waits = self.waits or "it waits for a person (`input`)"
            return
        if head in _SILENT:
            return
        if head in ("def", "String", "void", "static", "private") and self._definition(statement, state):
            return
        if head == "if":
            self._if(statement, state)
        elif head == "try":
            self._try(statement, state)
        elif head == "stage" and isinstance(statement[-1], Group) and statement[-1].kind == "{":
            self._stage(statement[-1], state)
        elif head == "post" and isinstance(statement[-1], Group):
            for inner in statement[-1].statements:
                dead = "it runs only after a failure" if _head(inner) in _POST_DEAD else None
                for item in inner[1:]:
                    if isinstance(item, Group):
                        self.block(item.statements, state.because(dead))
        else:
            self._items(statement, state)

    def _items(self, statement: Statement, state: _State) -> None:
        """Any other statement: the shell steps in it, and its blocks with what stands before them."""
        for number, item in enumerate(statement):
            if isinstance(item, Token):
                if item.kind != "word":
                    continue
                name = item.text.rpartition(".")[2] if item.text.startswith("this.") else item.text
                if name in _SHELLS:
                    self._shell(name, statement[number + 1 :], state)
                elif name in self.functions:
                    self._call(name, state)
            elif item.kind == "{":
                with self._entered(statement[:number], state) as inner:
                    self.block(item.statements, inner)
            elif not (number and _word(statement[number - 1]) in _SHELLS):
                for part in item.statements:
                    self._items(part, state)

    @contextmanager
    def _entered(self, before: tuple[Item, ...], state: _State) -> Iterator[_State]:
        """The state inside a block that these items open."""
        arguments = before[-1] if before and isinstance(before[-1], Group) else None
        name = _word(before[-2] if arguments is not None and len(before) > 1 else before[-1] if before else None)
        texts = [t for t in tokens_of(arguments.statements) if t.kind == "string"] if arguments else []
        if arguments is None and len(before) > 1 and isinstance(before[-1], Token) and before[-1].kind == "string":
            name, texts = _word(before[-2]), [before[-1]]
        inner = state.because(None)
        if name == "dir" and texts:
            place = self._filled(texts[0], state)
            inner.cwd = resolve(state.cwd, place) if state.cwd is not None else None
        elif name == "withEnv":
            for text in texts:
                variable, has_value, value = self._filled(text, state).partition("=")
                if has_value:
                    inner.env[variable] = value
        elif name == "catchError":
            named = _named(arguments.statements) if arguments else {}
            result = named.get("buildResult")
            if isinstance(result, Token) and result.text != "FAILURE":
                inner = inner.because(f"failure swallowed by `catchError(buildResult: '{result.text}')`")
        elif name == "warnError":
            inner = inner.because("failure swallowed by `warnError`")
        yield inner

    def _call(self, name: str, state: _State) -> None:
        if self.calls < MAX_CALLS:
            self.calls += 1
            self.block(self.functions[name].statements, state.because(None))
            self.calls -= 1

    def _definition(self, statement: Statement, state: _State) -> bool:
        """`def name(…) { … }` is kept for its calls, `def name = 'text'` as a variable."""
        words = [item for item in statement[1:] if not (isinstance(item, Token) and item.text in ("static", "String"))]
        match words:
            case [Token(text=name), Group(kind="("), Group(kind="{") as body]:
                self.functions[name] = body
                return True
            case [Token(text=name), Token(kind="op", text="="), Token(kind="string") as value]:
                state.env[name] = self._filled(value, state)
        return False

    def _environment(self, statements: tuple[Statement, ...], state: _State) -> None:
        for statement in statements:
            if len(statement) >= 3 and _word(statement[1]) == "=" and isinstance(statement[0], Token):
                value = statement[2] if len(statement) == 3 else None
                known = isinstance(value, Token) and value.kind == "string"
                state.env[statement[0].text] = self._filled(value, state) if known else UNKNOWN  # type: ignore[arg-type]

    # -- steps --------------------------------------------------------------------------------------------------------

    def _shell(self, name: str, rest: tuple[Item, ...], state: _State) -> None:
        first = rest[0] if rest else None
        arguments = first.statements if isinstance(first, Group) else _split(rest)
        named = _named(arguments)
        script = named.get("script")
        if script is None and arguments and len(arguments[0]) == 1:
            script = arguments[0][0]
        if not isinstance(script, Token) or script.kind != "string":
            return
        why = state.why_not or self.waits
        status = named.get("returnStatus")
        if isinstance(status, Token) and status.text == "true" and not state.checked:
            why = why or "failure swallowed by `returnStatus: true`"
        text = self._filled(script, state)
        found = shebang(text) if text.startswith("#!") else Shell(errexit=name == "sh")
        if found is None:
            return
        env = {"CI": "true", **self.environment, **state.env}
        leads = self.engine.script([Unit(text, FILE, script.line)], shell=found, cwd=state.cwd, env=env)
        self.add(leads, state.triggers, why)

    def _filled(self, token: Token, state: _State) -> str:
        """A string's text with what it interpolates, as far as that is known."""
        found: list[str] = []
        for number, part in enumerate(token.parts):
            if number % 2 == 0:
                found.append(part)
                continue
            name = part.removeprefix("env.")
            value = self.parameters.get(name.removeprefix("params.")) if name.startswith("params.") else None
            if value is None and name in state.env:
                value = state.env[name]
            known = isinstance(value, str | bool)
            found.append("${WORKSPACE}" if name == "WORKSPACE" else str(value) if known else UNKNOWN)
        return "".join(found)

    # -- conditions ---------------------------------------------------------------------------------------------------

    def _stage(self, body: Group, state: _State) -> None:
        inner = state.because(None)
        for statement in body.statements:
            head, last = _head(statement), statement[-1]
            if head == "when" and isinstance(last, Group):
                kept = []
                weights = []
                for trigger in state.triggers:
                    weights.append(self._all(last.statements, trigger))
                    if weights[-1] >= AT_TIMES:
                        kept.append(trigger)
                if not kept:
                    text = shown(source((Group("{", last.line, last.statements),)))
                    why = "never holds by itself" if max(weights, default=NEVER) == NEVER else "is not known to hold"
                    inner = inner.because(f"`when {text}` {why}")
                inner.triggers = tuple(kept)
            elif head == "input":
                self.waits = self.waits or "it waits for a person (`input`)"
        self.block(body.statements, inner)

    def _all(self, statements: tuple[Statement, ...], trigger: str) -> int:
        return min((self._when(statement, trigger) for statement in statements), default=ALWAYS)

    def _when(self, statement: Statement, trigger: str) -> int:
        """How surely one condition of `when` holds."""
        head, last = _head(statement), statement[-1]
        inner = last.statements if isinstance(last, Group) else ()
        if head == "not":
            return {ALWAYS: NEVER, NEVER: ALWAYS}.get(found := self._all(inner, trigger), found)
        if head == "allOf":
            return self._all(inner, trigger)
        if head == "anyOf":
            return max((self._when(statement, trigger) for statement in inner), default=ALWAYS)
        if head == "expression":
            return self._expression(inner[-1]) if inner else UNSURE
        if head == "changeset":
            patterns = [token.text for token in tokens_of((statement[1:],)) if token.kind == "string"][:1]
            # Of a regular expression, a comparator says so; only plain patterns are judged.
            plain = len(statement) == 2 and not any(char in text for text in patterns for char in "$\\")
            return NEVER if plain and shuts_out_code(self.tree, patterns) else AT_TIMES
        if head in ("branch", "tag", "buildingTag", "changeRequest", "changelog"):
            return AT_TIMES
        if head == "triggeredBy":
            words = " ".join(token.text for token in tokens_of((statement[1:],)))
            if "Timer" in words:
                return ALWAYS if trigger == "schedule" else NEVER
            if "SCM" in words or "Branch" in words:
                return AT_TIMES if trigger.startswith("push") else NEVER
            return NEVER
        return ALWAYS if head in ("beforeAgent", "beforeInput", "beforeOptions") else UNSURE

    def _expression(self, items: tuple[Item, ...]) -> int:
        if _word(items[0]) == "return":
            items = items[1:]
        return weigh(source(items), self._look, lambda name, arguments: UNKNOWABLE) if items else UNSURE

    def _look(self, name: str) -> Value:
        if name.startswith("params."):
            return self.parameters.get(name.removeprefix("params."), UNKNOWABLE)
        if name.startswith(("env.CHANGE_AUTHOR", "CHANGE_AUTHOR")):
            return PERSON
        return USUAL if name.startswith(_USUAL) else UNKNOWABLE

    def _if(self, statement: Statement, state: _State) -> None:
        condition = statement[1] if len(statement) > 1 and isinstance(statement[1], Group) else None
        items = condition.statements[0] if condition is not None and condition.statements else ()
        weight = self._expression(items) if items else UNSURE
        text = shown(source(items))
        branch = statement[2:]
        if condition is not None:
            first = branch[0] if branch else None
            checked = "!= 0" in source(items) and isinstance(first, Group) and _raises(first)
            inner = state.because(None if checked else "its exit code only decides an `if`")
            inner.checked = checked
            self._items(items, inner)
        at = next((n for n, item in enumerate(branch) if _word(item) == "else"), len(branch))
        if weight != NEVER:
            self._branch(branch[:at], state.because(None if weight >= AT_TIMES else f"runs only if `{text}`"))
        if weight != ALWAYS and at < len(branch):
            self._branch(branch[at + 1 :], state.because(None if weight != UNSURE else f"runs only if not `{text}`"))

    def _branch(self, items: tuple[Item, ...], state: _State) -> None:
        if items and isinstance(items[0], Group) and items[0].kind == "{":
            self.block(items[0].statements, state)
        elif items:
            self._statement(items, state)

    def _try(self, statement: Statement, state: _State) -> None:
        blocks: list[tuple[str, Group]] = []
        word = ""
        for item in statement:
            if isinstance(item, Token):
                word = item.text
            elif item.kind == "{":
                blocks.append((word, item))
        caught = next((block for name, block in blocks if name == "catch"), None)
        swallowed = caught is not None and not _raises(caught)
        for name, block in blocks:
            why = "failure swallowed by `catch`" if swallowed and name == "try" else None
            why = "it runs only after a failure" if name == "catch" else why
            self.block(block.statements, state.because(why))


def _raises(block: Group) -> bool:
    """Whether a `catch` fails the build after all."""
    for statement in block.statements:
        head = _head(statement)
        if head in ("throw", "error"):
            return True
        if head in ("currentBuild.result", "currentBuild.currentResult") and "FAILURE" in source(statement):
            return True
    return False


def _head(statement: Statement) -> str:
    return _word(statement[0]) if statement else ""


def _word(item: Item | None) -> str:
    return item.text if isinstance(item, Token) and item.kind != "string" else ""


def _split(items: tuple[Item, ...]) -> tuple[Statement, ...]:
    """Arguments without brackets, split at the commas."""
    found: list[Statement] = []
    current: list[Item] = []
    for item in items:
        if _word(item) == ",":
            found.append(tuple(current))
            current = []
        else:
            current.append(item)
    return tuple(part for part in (*found, tuple(current)) if part)


def _named(arguments: tuple[Statement, ...]) -> dict[str, Item]:
    """`name: value` arguments."""
    found: dict[str, Item] = {}
    for argument in arguments:
        if len(argument) == 3 and _word(argument[1]) == ":" and isinstance(argument[0], Token):
            found[argument[0].text] = argument[2]
    return found

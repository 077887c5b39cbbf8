"""GitHub Actions: workflows, reusable local workflows and composite actions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.conditions import AT_TIMES, NEVER, Value
from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.followers.shell_files import SHELLS, shell_options
from mlscore.probes.automation.runs import UNKNOWN, resolve, shown
from mlscore.probes.automation.systems.base import YAML_ENDS, Reader, listing, workspace
from mlscore.probes.automation.systems.github_contexts import (
    Context,
    combinations,
    detectors,
    typed,
)
from mlscore.probes.automation.systems.github_triggers import SELF_STARTING, Trigger, events_of
from mlscore.probes.automation.yaml_file import Map, Text, empty, entries, is_null, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlscore.core.evidence import Location
    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun, Lead

FOLDER = ".github/workflows"
MAX_NESTING = 6
# Actions that run the command they are given.
_COMMANDS = {
    "nick-fields/retry": "command",
    "nick-invision/retry": "command",
    "Wandalen/wretry.action": "command",
    "coactions/setup-xvfb": "run",
    "GabrielBB/xvfb-action": "run",
    "devcontainers/ci": "runCmd",
}
_REMOTE = re.compile(r"url\s*=\s*\S*github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?\s*$", re.MULTILINE)


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's GitHub workflows."""
    return _GitHub(engine).find()


@dataclass(frozen=True, slots=True)
class _Setting:
    """Where a list of steps runs: what is known, the shell and folder by default, the way that led here."""

    contexts: tuple[Context, ...]
    events: Mapping[str, Trigger]
    env: tuple[Map, ...]
    defaults: tuple[Map, ...]
    chain: tuple[Location, ...] = ()
    why_not: str | None = None
    mount: str | None = None


class _GitHub(Reader):
    system = "GitHub Actions"
    environment: ClassVar[Mapping[str, str]] = {"GITHUB_ACTIONS": "true", **workspace("GITHUB_WORKSPACE")}

    def find(self) -> list[CiRun]:
        paths = [path for path in listing(self.tree, FOLDER) if path.endswith(YAML_ENDS)]
        self.files = {path: document for path in paths if (document := self.document(path)) is not None}
        config = self.tree.text(".git/config") if paths else None
        match = _REMOTE.search(config or "")
        self.repository = match[1] if match else None
        self.called: set[str] = set()
        live = self._live()
        for path in sorted(self.files, key=lambda p: not live[p]):
            events, others = live[path], events_of(self.files[path], self.tree)[1]
            if events or set(others) - {"workflow_call"}:
                self._workflow(path, events, {}, (), None if events else _why(others), ())
        for path, document in self.files.items():
            if not live[path] and path not in self.called:
                others = events_of(document, self.tree)[1]
                if set(others) <= {"workflow_call"}:
                    self._workflow(path, {}, {}, (), _why(others), ())
        return list(self.runs.values())

    def _live(self) -> dict[str, dict[str, Trigger]]:
        """The self-starting events of every workflow; one that follows a live one counts too."""
        live = {path: events_of(document, self.tree)[0] for path, document in self.files.items()}
        for _ in self.files:
            names = {str(self.files[p].get("name") or p) for p, events in live.items() if events}
            for path, document in self.files.items():
                triggers = document.get("on", document.get("true"))
                after = triggers.map("workflow_run") if isinstance(triggers, Map) else empty(document)
                first = next((name for name in texts(after.get("workflows")) if name in names), None)
                if first and "workflow_run" not in live[path]:
                    live[path] = {**live[path], "workflow_run": Trigger(f"workflow_run after `{first}`")}
        return live

    def _workflow(
        self,
        path: str,
        events: Mapping[str, Trigger],
        inputs: Mapping[str, Value],
        chain: tuple[Location, ...],
        why_not: str | None,
        stack: tuple[str, ...],
    ) -> None:
        document = self.files.get(path)
        if document is None or path in stack or len(stack) >= MAX_NESTING:
            return
        jobs = document.map("jobs")
        for job in jobs.values():
            if not isinstance(job, Map):
                continue
            holding = self._holding(jobs, job, events, inputs, ())
            why = why_not or next((why for _, why in holding if why), None)
            kept = {event: word for event, word in events.items() if any(event == e for e, w in holding if not w)}
            contexts = tuple(self._contexts(document, job, events, inputs))
            setting = _Setting(
                contexts,
                kept,
                (document.map("env"), job.map("env")),
                (document.map("defaults").map("run"), job.map("defaults").map("run")),
                chain,
                why if not kept else why_not,
                _mount(job),
            )
            if (uses := job.text("uses")) is not None:
                self._reusable(uses, job, setting, (*stack, path))
            else:
                self._job(job, setting)

    def _contexts(
        self, document: Map, job: Map, events: Mapping[str, Trigger], inputs: Mapping[str, Value]
    ) -> Iterable[Context]:
        """Everything that can be known in one of the job's runs: an event and a combination of the matrix."""
        runner = texts(job.get("runs-on"))
        known = detectors(document.map("jobs"))
        for combination in combinations(job):
            for event, trigger in (events or {"workflow_dispatch": Trigger("")}).items():
                context = Context(event, combination, inputs, {}, self.repository, detectors=known, trigger=trigger)
                env = context.filled(document.map("env"))
                context = replace(context, env=env)
                context = replace(context, env={**env, **context.filled(job.map("env"))})
                name = context.fill(str(runner[0])) if runner else ""
                yield replace(context, runner=re.split(r"[-\s]", name.lower())[0])

    def _holding(
        self, jobs: Map, job: Map, events: Mapping[str, Trigger], inputs: Mapping[str, Value], seen: tuple[int, ...]
    ) -> list[tuple[str, str | None]]:
        """For every event whether the job runs then, its needs included: (event, None) or (event, why not)."""
        condition = job.text("if")
        found: list[tuple[str, str | None]] = []
        always = condition is not None and re.search(r"\b(?:always|cancelled|failure)\s*\(", condition)
        needs = [] if always else [n for n in texts(job.get("needs")) if isinstance(jobs.get(n), Map)]
        before: dict[str, list[tuple[str, str | None]]] = {}
        if id(job) not in seen and len(seen) < 20:
            for name in needs:
                before[name] = self._holding(jobs, jobs.map(name), events, inputs, (*seen, id(job)))
        for event, trigger in events.items():
            context = Context(
                event, {"*": UNKNOWN}, inputs, {}, self.repository, detectors=detectors(jobs), trigger=trigger
            )
            why = _refused(context, condition) if condition is not None else None
            for need, states in before.items():
                if any(e == event and w for e, w in states):
                    why = why or f"it needs the job `{need}`, which does not run by itself"
            found.append((event, why))
        return found

    # -- jobs and steps -----------------------------------------------------------------------------------------------

    def _reusable(self, uses: Text, job: Map, setting: _Setting, stack: tuple[str, ...]) -> None:
        if not uses.startswith("./"):
            self.engine.tell(
                "ci-not-followed", f"the reusable workflow `{shown(uses)}` is not in this repository", uses.location
            )
            return
        path = resolve("", uses)
        if path is None or path not in self.files:
            self.engine.tell("ci-not-followed", f"the reusable workflow `{shown(uses)}` does not exist", uses.location)
            return
        self.called.add(path)
        triggers = self.files[path].get("on", self.files[path].get("true"))
        declared = triggers.map("workflow_call").map("inputs") if isinstance(triggers, Map) else empty(job)
        for inputs, found in _distinct(setting.contexts, job.map("with"), declared):
            events = {event: trigger for event, trigger in setting.events.items() if event in found}
            if events or not setting.events:
                chain = (*setting.chain, uses.location)
                self._workflow(path, events, inputs, chain, setting.why_not, stack)

    def _job(self, job: Map, setting: _Setting) -> None:
        steps = list(entries(job.get("steps")))
        for number, step in enumerate(steps):
            swallowed = self._swallowed(step, steps[number + 1 :])
            for leads, contexts in self._step(step, setting, 0):
                if leads:
                    self._judge(leads, contexts, job, step, swallowed, setting)

    def _judge(
        self,
        leads: list[Lead],
        contexts: list[Context],
        job: Map,
        step: Map,
        swallowed: str | None,
        setting: _Setting,
    ) -> None:
        """Adds the runs of a step, with the events for which it runs and its failure fails the workflow."""
        triggers: list[str] = []
        whys: list[str] = []
        condition = step.text("if")
        own = job.text("if")
        foreign = setting.mount is None and _foreign(job)
        for context in contexts:
            if context.event not in setting.events:
                continue
            job_soft, step_soft = (context.is_true(node.get("continue-on-error")) for node in (job, step))
            why = _refused(context, own) if own is not None else None
            why = why or (_refused(context, condition) if condition is not None else None)
            if why is None and foreign:
                why = f"it tests another repository (`{foreign}`)"
            elif why is None and job_soft is not False:
                why = "failure swallowed by the job's `continue-on-error`"
            elif why is None and step_soft is not False:
                why = swallowed
            if why:
                whys.append(why)
            else:
                triggers.append(setting.events[context.event].word)
        if setting.events and not triggers and not whys:
            # The text of this step is only made for events that never start the job.
            return
        why_not = setting.why_not or (None if triggers else next(iter(whys), None))
        leads = [lead.after(setting.chain) for lead in leads]
        self.add(leads, triggers, why_not)

    def _swallowed(self, step: Map, later: list[Map]) -> str | None:
        """Why a step's `continue-on-error` loses its failure; None when a later step looks at its outcome and fails."""
        if "continue-on-error" not in step:
            return None
        name = step.text("id")
        for other in later if name else ():
            condition, run = other.text("if"), other.text("run")
            if condition is None or run is None or "continue-on-error" in other or f"steps.{name}." not in condition:
                continue
            context = Context(known={f"steps.{name}.outcome": "failure", f"steps.{name}.conclusion": "success"})
            if context.weigh(condition) >= AT_TIMES and self.engine.fails(run.unit(), Shell()):
                return None
        return "failure swallowed by `continue-on-error`"

    def _step(self, step: Map, setting: _Setting, depth: int) -> Iterable[tuple[list[Lead], list[Context]]]:
        """The leads of one step, for each text that the matrix makes of it."""
        uses, run = step.text("uses"), step.text("run")
        given = step.map("with")
        command: str | None = run
        if run is None and uses is not None:
            action = uses.partition("@")[0]
            if uses.startswith("./"):
                yield from self._composite(uses, given, setting, depth)
                return
            run = given.text(_COMMANDS.get(action, ""))
            command = run
            if action == "pre-commit/action":
                run, command = uses, f"pre-commit run {given.get('extra_args', '--all-files')}"
        if run is None or command is None:
            return
        found: dict[object, tuple[list[Lead], list[Context]]] = {}
        for context in setting.contexts:
            local = replace(context, env={**context.env, **context.filled(step.map("env"))})
            filled = local.fill(command)
            shell = _shell(self._default(step, setting, "shell", local), local.runner)
            folder = self._default(step, setting, "working-directory", local)
            if shell is None:
                continue
            if uses is not None:
                shell = Shell(errexit=False)
            key = (filled, shell, folder, tuple(sorted(local.env.items())))
            if key not in found:
                cwd = resolve("", folder) if folder else ""
                if setting.mount and cwd is not None and f"{cwd}/".startswith(f"{setting.mount}/"):
                    cwd = cwd[len(setting.mount) :].lstrip("/")
                found[key] = (self.script([(run, filled)], shell, cwd, local.env), [])
            found[key][1].append(context)
        yield from found.values()

    def _default(self, step: Map, setting: _Setting, key: str, context: Context) -> str | None:
        for node in (step, *reversed(setting.defaults)):
            text = node.text(key)
            if text is not None:
                return context.fill(text)
        return None

    def _composite(
        self, uses: Text, given: Map, setting: _Setting, depth: int
    ) -> Iterable[tuple[list[Lead], list[Context]]]:
        folder = resolve("", uses)
        names = ("action.yml", "action.yaml")
        path = next((p for n in names if self.tree.has(p := f"{folder}/{n}" if folder else n)), None)
        action = self.document(path) if path and depth < MAX_NESTING else None
        if action is None:
            return
        defaults = {
            name: str(spec["default"])
            for name, spec in action.map("inputs").items()
            if isinstance(spec, Map) and isinstance(spec.get("default"), Text)
        }
        contexts = tuple(replace(context, inputs={**defaults, **context.filled(given)}) for context in setting.contexts)
        outer = dict(zip(map(id, contexts), setting.contexts, strict=True))
        inner = replace(setting, contexts=contexts, defaults=())
        steps = list(entries(action.map("runs").get("steps")))
        for number, step in enumerate(steps):
            condition = step.text("if")
            soft = step.get("continue-on-error")
            swallowed = self._swallowed(step, steps[number + 1 :])
            for leads, found in self._step(step, inner, depth + 1):
                for context in found:
                    why = _refused(context, condition) if condition is not None else None
                    if swallowed and context.is_true(soft) is not False:
                        why = why or swallowed
                    if leads:
                        back = outer.get(id(context))
                        yield [lead.dead(why).behind(uses.location) for lead in leads], [back or context]


def _refused(context: Context, condition: Text) -> str | None:
    """Why an `if:` keeps a job or step from running in such a run, or None when it runs at least at times."""
    if is_null(condition):
        return None
    weight = context.weigh(condition)
    if weight >= AT_TIMES:
        return None
    text = f"`if: {shown(condition)}`"
    return f"{text} never holds by itself" if weight == NEVER else f"{text} is not known to hold"


def _shell(name: str | None, runner: str) -> Shell | None:
    """How a step's script is run; None when no shell runs it."""
    if name is None:
        return Shell(errexit=False) if runner == "windows" else Shell()
    words = tuple(name.split())
    first = words[0].rsplit("/", 1)[-1] if words else ""
    if first in ("pwsh", "powershell", "cmd"):
        return Shell(errexit=False)
    if first not in SHELLS:
        return None
    if len(words) == 1:
        return Shell(errexit=True, pipefail=first == "bash")
    return shell_options(words[1:])[0]


def _why(others: Mapping[str, str | None]) -> str:
    """Why a workflow with these triggers does not start by itself."""
    known = [event for event in others if event not in ("workflow_call", "workflow_dispatch")]
    if not others:
        return "the workflow has no trigger"
    if not known:
        manual = "workflow_dispatch" in others
        return "manual trigger only" if manual else "no live workflow calls it (`workflow_call` only)"
    own = next((why for event, why in others.items() if event in SELF_STARTING and why), None)
    return own or f"it starts only on {', '.join(known)}"


def _mount(job: Map) -> str | None:
    """The folder into which the job checks this repository out, when it is not the workspace itself."""
    found: str | None = None
    for step in entries(job.get("steps")):
        uses = step.text("uses")
        if uses and uses.startswith("actions/checkout"):
            path, repository = step.map("with").text("path"), step.map("with").text("repository")
            if path is None and repository is None:
                return None
            if path is not None and (repository is None or "github.repository" in repository):
                found = resolve("", path)
    return found


def _foreign(job: Map) -> str | None:
    """Another repository that takes the workspace's place, when this one is not checked out at all."""
    other: str | None = None
    for step in entries(job.get("steps")):
        uses = step.text("uses")
        if uses and uses.startswith("actions/checkout"):
            repository = step.map("with").text("repository")
            if repository is None or "${{" in repository:
                return None
            other = str(repository)
    return other


def _distinct(contexts: tuple[Context, ...], given: Map, declared: Map) -> list[tuple[dict[str, Value], set[str]]]:
    """Each set of inputs that the matrix and the events make, and the events that make it."""
    found: dict[str, tuple[dict[str, Value], set[str]]] = {}
    specs = {name: spec for name, spec in declared.items() if isinstance(spec, Map)}
    for context in contexts:
        inputs: dict[str, Value] = {}
        for name, spec in specs.items():
            text = given.text(name) or spec.text("default")
            inputs[name] = typed(None if text is None else context.value(text), str(spec.get("type", "string")))
        found.setdefault(repr(inputs), (inputs, set()))[1].add(context.event)
    return list(found.values())

"""CircleCI: the jobs that the workflows of `.circleci/config.yml` run, with commands, parameters and conditions."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.conditions import (
    ALWAYS,
    AT_TIMES,
    NEVER,
    UNKNOWABLE,
    UNSURE,
    USUAL,
    Value,
    level,
    weigh,
)
from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.followers.shell_files import SHELLS, shell_options
from mlscore.probes.automation.runs import ROOT, UNKNOWN, resolve
from mlscore.probes.automation.systems.base import Reader, workspace
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, empty, is_false, is_true, maps, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlscore.core.evidence import Location
    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun

FILE = ".circleci/config.yml"
MAX_NESTING = 8
_PARAMETER = re.compile(r"<<\s*([\w.-]+)\s*>>")
_ALL = frozenset({"/.*/", "/^.*$/", "/.+/"})


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's CircleCI workflows."""
    reader = _CircleCi(engine)
    document = reader.document(FILE)
    if document is not None:
        reader.file(document)
    return list(reader.runs.values())


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known inside a job."""

    parameters: Mapping[str, Node | str]
    triggers: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    shell: str | None = None
    folder: str | None = None
    chain: tuple[Location, ...] = ()
    why_not: str | None = None


class _CircleCi(Reader):
    system = "CircleCI"
    environment: ClassVar[Mapping[str, str]] = {"CIRCLECI": "true", **workspace("CIRCLE_WORKING_DIRECTORY")}

    def file(self, document: Map) -> None:
        self.top = document
        self.pipeline = {
            f"pipeline.parameters.{name}": spec.get("default", UNKNOWN)
            for name, spec in document.map("parameters").items()
            if isinstance(spec, Map)
        }
        workflows = [(name, w) for name, w in document.map("workflows").items() if isinstance(w, Map)]
        jobs = document.map("jobs")
        if not workflows and isinstance(jobs.get("build"), Map):
            self._job(jobs.map("build"), {}, ("push",), None)
        used: set[str] = set()
        for _, workflow in workflows:
            used |= self._workflow(workflow)
        for name, job in jobs.items():
            if isinstance(job, Map) and name not in used and (workflows or name != "build"):
                self._job(job, {}, (), "no workflow runs this job")

    def _workflow(self, workflow: Map) -> set[str]:
        triggers = ["push"]
        if "triggers" in workflow:
            schedules = [entry.map("schedule") for entry in maps(workflow.get("triggers"))]
            triggers = ["schedule"] if any(schedule.text("cron") for schedule in schedules) else []
        why: str | None = None if triggers else "its schedule is empty"
        for key, wanted in (("when", True), ("unless", False)):
            if key in workflow:
                kept = []
                weights = []
                for trigger in [*triggers, *(["schedule"] if triggers == ["push"] else [])]:
                    weight = self._weigh(workflow[key], trigger, {})
                    weights.append(weight if wanted else {ALWAYS: NEVER, NEVER: ALWAYS}.get(weight, weight))
                    kept += [trigger] if weights[-1] >= AT_TIMES else []
                # A condition that says nothing about schedules does not make one.
                if "push" in kept and "schedule" in kept:
                    kept.remove("schedule")
                if not kept:
                    known = "never holds by itself" if max(weights) == NEVER else "is not known to hold"
                    why = why or f"the workflow's `{key}` {known}"
                triggers = kept
        used: set[str] = set()
        waiting: dict[str, str] = {}
        entries = workflow.get("jobs")
        for entry in entries if isinstance(entries, Items) else ():
            if isinstance(entry, Text):
                name, spec = str(entry), empty(workflow)
            elif isinstance(entry, Map) and entry:
                name, spec = next(iter(entry)), entry.map(next(iter(entry)))
            else:
                continue
            used.add(name)
            title = str(spec.get("name", name))
            if spec.text("type") == "approval":
                waiting[title] = "it waits for an approval"
                continue
            blocked = next((waiting[n] for n in texts(spec.get("requires")) if n in waiting), None)
            if blocked:
                waiting[title] = blocked
            refused, words = _filtered(spec, triggers)
            job = self.top.map("jobs").get(name)
            for given in _matrix(spec):
                if isinstance(job, Map):
                    self._job(job, given, words, why or blocked or refused)
        return used

    def _job(
        self, job: Map, given: Map | dict[str, Node | str], triggers: tuple[str, ...] | list[str], why: str | None
    ) -> None:
        context = _Context({**self.pipeline, **_parameters(job, given)}, tuple(triggers), why_not=why)
        executor = job.get("executor")
        name = str(executor.get("name", "")) if isinstance(executor, Map) else str(executor or "")
        base = self.top.map("executors").map(name)
        env: dict[str, str] = {}
        for node in (base, job):
            env.update({k: self._filled(v, context) for k, v in node.map("environment").items() if isinstance(v, Text)})
        folder = job.text("working_directory") or base.text("working_directory")
        context = replace(context, env=env, shell=job.text("shell") or base.text("shell"), folder=folder or "~/project")
        self._steps(job.get("steps"), context, 0)

    def _steps(self, steps: Node | None, context: _Context, depth: int) -> None:
        for step in steps if isinstance(steps, Items) and depth < MAX_NESTING else ():
            if isinstance(step, Text):
                self._command(str(step), empty(self.top), step.location, context, depth)
                continue
            if not isinstance(step, Map) or not step:
                continue
            name = next(iter(step))
            value = step[name]
            if name == "run":
                self._run(value, context)
            elif name in ("when", "unless") and isinstance(value, Map):
                weight = self._weigh(value.get("condition"), next(iter(context.triggers), "push"), context.parameters)
                weight = weight if name == "when" else {ALWAYS: NEVER, NEVER: ALWAYS}.get(weight, weight)
                why = None
                if weight < AT_TIMES:
                    why = f"the step's `{name}` " + ("never holds" if weight == NEVER else "is not known to hold")
                self._steps(value.get("steps"), replace(context, why_not=context.why_not or why), depth + 1)
            else:
                given = value if isinstance(value, Map) else empty(step)
                self._command(name, given, step.at(name), context, depth)

    def _command(self, name: str, given: Map, location: Location, context: _Context, depth: int) -> None:
        command = self.top.map("commands").get(name)
        if isinstance(command, Map):
            filled: dict[str, Node | str] = {
                key: self._filled(value, context) if isinstance(value, Text) else value for key, value in given.items()
            }
            inner = {**self.pipeline, **_parameters(command, filled)}
            chain = (*context.chain, location)
            self._steps(command.get("steps"), replace(context, parameters=inner, chain=chain), depth + 1)

    def _run(self, value: Node, context: _Context) -> None:
        step = value if isinstance(value, Map) else None
        command = step.text("command") if step is not None else value
        if not isinstance(command, Text):
            return
        shell, folder, why = context.shell, None, context.why_not
        env = dict(context.env)
        if step is not None:
            shell = step.text("shell") or shell
            folder = step.text("working_directory")
            if str(step.get("when", "")) == "on_fail":
                why = why or "it runs only after a failure"
            if is_true(step.get("background")):
                why = why or "it runs in the background, and nothing waits for its exit code"
            env.update({k: self._filled(v, context) for k, v in step.map("environment").items() if isinstance(v, Text)})
        options = _shell(shell)
        if options is None:
            return
        text = self._filled(command, context)
        cwd = self._folder(self._filled(folder, context) if folder else "", context)
        leads = self.script([(command, text)], options, cwd, env)
        self.add([lead.after(context.chain) for lead in leads], context.triggers, why)

    def _folder(self, text: str, context: _Context) -> str | None:
        """A step's folder; the job's own working directory is where the repository is checked out."""
        home = (context.folder or "").rstrip("/")
        if text == home or text.startswith(f"{home}/"):
            text = f"{ROOT}/{text[len(home) :].lstrip('/')}"
        return resolve("", text)

    # -- values -------------------------------------------------------------------------------------------------------

    def _filled(self, text: str, context: _Context) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1].removeprefix("parameters.") if match[1].startswith("parameters.") else match[1]
            if match[1].startswith("matrix."):
                name = match[1].removeprefix("matrix.")
            found = context.parameters.get(name, UNKNOWN)
            return str(found).replace("\n", " ") if isinstance(found, str) else UNKNOWN

        return _PARAMETER.sub(value, text)

    def _weigh(self, node: Node | None, trigger: str, parameters: Mapping[str, Node | str], depth: int = 0) -> int:
        """How surely a condition holds, in its map form or as an expression."""
        if depth > MAX_NESTING:
            return UNSURE
        if isinstance(node, Map):
            weights = []
            for key, value in node.items():
                inner: list[Node] = list(value) if isinstance(value, Items) else [value]
                found = [self._weigh(item, trigger, parameters, depth + 1) for item in inner]
                if key == "and":
                    weights.append(min(found, default=ALWAYS))
                elif key == "or":
                    weights.append(max(found, default=NEVER))
                elif key == "not":
                    weights.append({ALWAYS: NEVER, NEVER: ALWAYS}.get(found[0], found[0]) if found else UNSURE)
                elif key == "equal":
                    weights.append(self._equal(inner, trigger, parameters))
                else:
                    weights.append(UNSURE)
            return min(weights, default=NEVER)
        if not isinstance(node, Text):
            return NEVER
        if is_true(node) or is_false(node):
            return ALWAYS if is_true(node) else NEVER
        whole = _PARAMETER.fullmatch(node.strip())
        if whole is not None:
            return level(self._look(whole[1], trigger, parameters))
        return weigh(node, lambda name: self._look(name, trigger, parameters), lambda name, arguments: UNKNOWABLE)

    def _equal(self, items: list[Node], trigger: str, parameters: Mapping[str, Node | str]) -> int:
        values: list[Value] = []
        for item in items:
            whole = _PARAMETER.fullmatch(item.strip()) if isinstance(item, Text) else None
            values.append(self._look(whole[1], trigger, parameters) if whole else str(item))
        if UNKNOWABLE in values:
            return UNSURE
        if USUAL in values:
            return AT_TIMES
        return ALWAYS if len({str(value).lower() for value in values}) == 1 else NEVER

    def _look(self, name: str, trigger: str, parameters: Mapping[str, Node | str]) -> Value:
        if name == "pipeline.trigger_source":
            return "scheduled_pipeline" if trigger == "schedule" else "webhook"
        if name.startswith("pipeline.git.") or name == "pipeline.schedule.name":
            return USUAL if name != "pipeline.schedule.name" or trigger == "schedule" else ""
        found = parameters.get(name.removeprefix("parameters."), self.pipeline.get(name))
        if isinstance(found, Text) and found.lower() in ("true", "false"):
            return found.lower() == "true"
        return str(found) if isinstance(found, str) and UNKNOWN not in found else UNKNOWABLE


def _parameters(definition: Map, given: Mapping[str, Node | str]) -> dict[str, Node | str]:
    found: dict[str, Node | str] = {}
    for name, spec in definition.map("parameters").items():
        found[name] = given.get(name, spec.get("default", UNKNOWN) if isinstance(spec, Map) else UNKNOWN)
    return found


def _matrix(spec: Map) -> list[dict[str, Node | str]]:
    axes = spec.map("matrix").map("parameters")
    names = list(axes)
    plain: dict[str, Node | str] = dict(spec)
    values = [texts(axes[name]) for name in names]
    product = itertools.islice(itertools.product(*values), 32)
    return [{**plain, **dict(zip(names, combination, strict=True))} for combination in product]


def _filtered(spec: Map, triggers: list[str]) -> tuple[str | None, tuple[str, ...]]:
    """What a job's filters leave of the triggers."""
    branches = spec.map("filters").map("branches")
    tags = spec.map("filters").get("tags")
    if _ALL & set(texts(branches.get("ignore"))):
        words = ("push of tags",) if tags is not None and "push" in triggers else ()
        return (None if words else "its filters leave out all branches"), words
    return None, tuple(triggers)


def _shell(name: str | None) -> Shell | None:
    if name is None:
        return Shell(errexit=True, pipefail=True)
    words = tuple(name.split())
    if not words or words[0].rsplit("/", 1)[-1] not in SHELLS:
        return Shell(errexit=False) if "powershell" in name else None
    return shell_options(words[1:])[0]

"""Azure Pipelines: stages, jobs, steps and local templates, and what starts them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.conditions import (
    ALWAYS,
    AT_TIMES,
    NEVER,
    UNKNOWABLE,
    USUAL,
    WORDS,
    ConditionError,
    Family,
    Look,
    OneOf,
    Value,
    begins,
    both,
    either,
    equal,
    evaluate,
    holds_in,
    negation,
    plain,
    unlike,
    weigh,
)
from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.path_filters import shuts_out_code
from mlscore.probes.automation.runs import ROOT, UNKNOWN, resolve, shown
from mlscore.probes.automation.systems.base import YAML_ENDS, Reader, listing, workspace
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, is_false, is_null, maps, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlscore.core.evidence import Location
    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun
    from mlscore.project.tree import Tree

ROOT_FILES = ("azure-pipelines.yml", "azure-pipelines.yaml", ".azure-pipelines.yml", ".vsts-ci.yml")
FOLDERS = (".azure-pipelines", "azure-pipelines", ".azuredevops", ".azure")
MAX_TEMPLATES = 60
_SCRIPTS = ("script", "bash", "pwsh", "powershell")
_MACRO = re.compile(r"\$\(([\w.-]+)\)")
_TEMPLATE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_REASONS = {"push": "IndividualCI", "pull request": "PullRequest", "schedule": "Schedule"}
_PLACES = frozenset(
    {
        "build.sourcesdirectory", "system.defaultworkingdirectory", "build.repository.localpath",
        "pipeline.workspace/s",
    }
)  # fmt: skip


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's Azure pipelines."""
    reader = _Azure(engine)
    waiting: list[str] = []
    for folder in FOLDERS:
        waiting += [path for path in listing(engine.tree, folder) if path.endswith(YAML_ENDS)]
    for path in ROOT_FILES:
        if engine.tree.has(path):
            reader.pipeline(path, certain=True)
    for path in waiting:
        reader.pipeline(path, certain=False)
    for path in waiting:
        if path not in reader.read:
            reader.pipeline(path, certain=True, why_not="no pipeline here includes this template")
    return list(reader.runs.values())


@dataclass(slots=True)
class _Waiting:
    """The stages, or the jobs of a stage, that do not run by themselves; and the one that was read last.

    `asks` holds those in which a person is asked: what depends on them waits, whatever its own condition says.
    """

    stuck: dict[str, str] = field(default_factory=dict)
    asks: set[str] = field(default_factory=set)
    last: str | None = None

    def needed(self, entry: Map, *, stage: bool) -> str | None:
        """The first thing that does not run by itself and that this stage or job depends on."""
        before = [self.last] if stage and "dependsOn" not in entry and self.last else texts(entry.get("dependsOn"))
        return next(
            (str(n) for n in before if n in self.asks or (n in self.stuck and not entry.text("condition"))), None
        )


@dataclass(frozen=True, slots=True)
class _Context:
    """What is known at a place of a pipeline."""

    triggers: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, Node | str] = field(default_factory=dict)
    chain: tuple[Location, ...] = ()
    why_not: str | None = None
    soft: bool = False
    windows: bool = False
    waiting: _Waiting = field(default_factory=_Waiting)
    # The branches and tags that a push may be of.
    refs: Value = USUAL

    def because(self, why: str | None) -> _Context:
        return self if self.why_not or not why else replace(self, why_not=why)


class _Azure(Reader):
    system = "Azure Pipelines"
    environment: ClassVar[Mapping[str, str]] = {
        "TF_BUILD": "True",
        **workspace("BUILD_SOURCESDIRECTORY", "SYSTEM_DEFAULTWORKINGDIRECTORY"),
    }

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine)
        self.read: set[str] = set()
        self.asks = 0
        self._count = 0

    def pipeline(self, path: str, *, certain: bool, why_not: str | None = None) -> None:
        """Adds the runs of a pipeline file; one that is not `certain` must name what starts it to count as one."""
        document = self.document(path)
        if document is None or (not certain and not {"trigger", "pr", "schedules"} & document.keys()):
            return
        self.read.add(path)
        triggers, why = _triggers(document, self.tree)
        context = _Context(triggers, why_not=why_not or why, parameters=_defaults(document), refs=_refs(document))
        self._body(document, path, context, ())

    def _body(self, node: Map, path: str, context: _Context, stack: tuple[str, ...]) -> None:
        """A pipeline, a template, a stage or a job: whatever has stages, jobs or steps in it."""
        context = replace(context, variables={**context.variables, **self._variables(node, context)})
        if "pool" in node:
            image = node.map("pool").text("vmImage") or node.text("pool") or ""
            context = replace(context, windows="windows" in image.lower())
        if isinstance(node.get("extends"), Map):
            self._template(node.map("extends"), path, context, stack)
        for kind in ("stages", "jobs", "steps"):
            self._entries(node.get(kind), kind, path, context, stack)
        strategy = node.map("strategy")
        for name in ("runOnce", "rolling", "canary"):
            for hook in strategy.map(name).values():
                if isinstance(hook, Map):
                    self._entries(hook.get("steps"), "steps", path, context, stack)

    def _entries(self, node: Node | None, kind: str, path: str, context: _Context, stack: tuple[str, ...]) -> None:
        for entry in self._chosen(node, context):
            inner = context
            if isinstance(entry, tuple):
                entry, condition = entry
                inner = context.because(condition)
            if entry.text("template") is not None:
                self._template(entry, path, inner, stack)
                continue
            inner = self._conditions(entry, inner)
            if kind == "steps":
                self._step(entry, path, inner, asked=inner.why_not == context.why_not)
                continue
            name = str(entry.get("stage") or entry.get("job") or entry.get("deployment") or "")
            waiting = context.waiting
            needed = waiting.needed(entry, stage=kind == "stages")
            if needed:
                person = needed in waiting.asks
                stuck = f"it depends on `{needed}`, which does not run by itself"
                inner = inner.because(f"it waits for a person (`ManualValidation` in `{needed}`)" if person else stuck)
            if inner.why_not and not inner.soft and name and not context.why_not:
                waiting.stuck[name] = inner.why_not
            asks = self.asks
            for variables in _matrix(entry):
                every = {**inner.variables, **variables}
                self._body(entry, path, replace(inner, variables=every, waiting=_Waiting()), stack)
            if self.asks > asks or needed in waiting.asks:
                waiting.asks.add(name)
            waiting.last = name

    def _chosen(self, node: Node | None, context: _Context, depth: int = 0) -> Iterator[Map | tuple[Map, str]]:
        """The entries of a list, those under `${{ if … }}:` as far as it holds (with why not, where it is not known)."""
        otherwise: int = ALWAYS
        for entry in maps(node) if isinstance(node, Items) else ():
            key = next(iter(entry), "")
            match = re.fullmatch(r"\$\{\{\s*(if|elseif|else|each|insert)\b(.*?)\}\}", key, re.DOTALL)
            if match is None or depth > 8:
                otherwise = ALWAYS
                yield entry
                continue
            word, condition = match[1], match[2].strip()
            weight = ALWAYS
            if word in ("if", "elseif"):
                weight = weigh(condition, self._look(context, "push"), _call)
                weight = weight if word == "if" else min(weight, otherwise)
                otherwise = {ALWAYS: NEVER, NEVER: ALWAYS}.get(weight, weight)
            elif word == "else":
                weight = otherwise
            if weight == NEVER:
                continue
            why = None if weight >= AT_TIMES else f"`{shown(key)}` is not known to hold"
            for inner in self._chosen(entry[key], context, depth + 1):
                if isinstance(inner, tuple) or why is None:
                    yield inner
                else:
                    yield inner, why

    def _conditions(self, entry: Map, context: _Context) -> _Context:
        condition = entry.text("condition")
        if condition is not None:
            kept: list[str] = []
            weights = []
            for trigger in context.triggers:
                weights.append(weigh(self._filled(condition, context), self._look(context, trigger), _call))
                if weights[-1] >= AT_TIMES:
                    kept.append(trigger)
            if not kept:
                known = "never holds by itself" if max(weights, default=NEVER) == NEVER else "is not known to hold"
                context = context.because(f"`condition: {shown(condition)}` {known}")
            context = replace(context, triggers=tuple(kept))
        if is_false(entry.get("enabled")):
            context = context.because("`enabled: false`")
        soft = entry.get("continueOnError")
        if soft is not None and not is_false(soft):
            context = replace(context.because("failure swallowed by `continueOnError`"), soft=True)
        if str(entry.get("trigger", "")) == "manual":
            context = context.because("manual trigger only (`trigger: manual`)")
        return context

    def _step(self, step: Map, path: str, context: _Context, *, asked: bool) -> None:
        """Adds the runs of a step, and counts the steps at which a person is asked, unless they go on by themselves."""
        self.read.add(path)
        inputs = step.map("inputs")
        task = str(step.get("task", "")).partition("@")[0]
        if task == "ManualValidation" and asked and str(inputs.get("onTimeout", "")).lower() != "resume":
            self.asks += 1
        text = next((t for key in _SCRIPTS if (t := step.text(key)) is not None), None)
        if text is None and task in ("CmdLine", "Bash", "PowerShell", "ShellScript"):
            text = inputs.text("script")
            file = inputs.text("filePath") or inputs.text("scriptPath")
            if text is None and file is not None:
                runner = "bash " if task in ("Bash", "ShellScript") else ""
                arguments = inputs.text("arguments") or ""
                self._run(file, f"{runner}{file} {arguments}", step, context)
                return
        if text is not None:
            self._run(text, text, step, context)

    def _run(self, text: Text, command: str, step: Map, context: _Context) -> None:
        folder = step.text("workingDirectory") or step.map("inputs").text("workingDirectory")
        place = self._filled(folder, context) if folder else None
        env = {key.replace(".", "_").upper(): value for key, value in context.variables.items()}
        for key, value in step.map("env").items():
            if isinstance(value, Text):
                env[key] = self._filled(value, context)
        leads = self.script(
            [(text, self._filled(command, context))],
            # The script itself decides: Azure gives it to the shell without `-e`.
            Shell(errexit=False),
            resolve("", place) if place else "",
            env,
        )
        self.add([lead.after(context.chain) for lead in leads], context.triggers, context.why_not)

    def _template(self, entry: Map, path: str, context: _Context, stack: tuple[str, ...]) -> None:
        name = entry.text("template")
        if name is None:
            return
        filled = self._filled(name, context)
        if "@" in filled and not filled.endswith("@self"):
            self.engine.tell(
                "ci-not-followed", f"the template `{shown(name)}` is not in this repository", name.location
            )
            return
        filled = filled.removesuffix("@self")
        place = resolve("" if filled.startswith("/") else dirname(path), filled.lstrip("/"))
        self._count += 1
        document = self.document(place) if place else None
        if place is None or document is None or place in stack or self._count > MAX_TEMPLATES:
            return
        self.read.add(place)
        given: dict[str, Node | str] = dict(_defaults(document))
        for key, value in entry.map("parameters").items():
            given[key] = self._filled(value, context) if isinstance(value, Text) else value
        inner = replace(context, parameters=given, chain=(*context.chain, name.location))
        self._body(document, place, self._conditions(entry, inner), (*stack, place))

    # -- values -------------------------------------------------------------------------------------------------------

    def _variables(self, node: Map, context: _Context) -> dict[str, str]:
        found: dict[str, str] = {}
        variables = node.get("variables")
        pairs = list(variables.items()) if isinstance(variables, Map) else []
        for entry in maps(variables) if isinstance(variables, Items) else ():
            if "name" in entry and "value" in entry:
                pairs.append((str(entry["name"]), entry["value"]))
        for name, value in pairs:
            if isinstance(value, Text):
                found[name] = self._filled(value, replace(context, variables={**context.variables, **found}))
        return found

    def _filled(self, text: str, context: _Context) -> str:
        """The text with `${{ … }}` and `$(name)` replaced; what is no variable stays, as the shell reads it then."""

        def template(match: re.Match[str]) -> str:
            try:
                found = plain(evaluate(match[1], self._look(context, "push"), _call))
            except ConditionError:
                return UNKNOWN
            return UNKNOWN if found is None else found.replace("\n", " ")

        def macro(match: re.Match[str]) -> str:
            if match[1].lower() in _PLACES:
                return ROOT
            lower = {key.lower(): value for key, value in context.variables.items()}
            return lower.get(match[1].lower(), UNKNOWN if "." in match[1] else match[0])

        return _MACRO.sub(macro, _TEMPLATE.sub(template, text))

    def _look(self, context: _Context, trigger: str) -> Look:
        def look(path: str) -> Value:
            first, _, rest = path.partition(".")
            if first.lower() == "parameters":
                value = context.parameters.get(rest, UNKNOWN)
                if isinstance(value, Items):
                    return [str(text) for text in texts(value)]
                if isinstance(value, Map) or UNKNOWN in value:
                    return UNKNOWABLE
                return value
            return _variable(rest if first.lower() == "variables" else path, trigger, context.variables, context.refs)

        return look


def _variable(name: str, trigger: str, variables: Mapping[str, str], refs: Value) -> Value:
    lower = {key.lower(): value for key, value in variables.items()}
    name = name.lower()
    review = trigger == "pull request"
    if name in lower:
        return UNKNOWABLE if UNKNOWN in lower[name] else lower[name]
    if name == "build.reason":
        return _REASONS.get(trigger, trigger)
    if name == "build.sourcebranch" and review:
        return "refs/pull/0/merge"
    if name == "build.sourcebranch" and trigger == "push":
        return refs
    if name == "build.sourceversionmessage":
        return WORDS
    if name.startswith("system.pullrequest."):
        return USUAL if review else None
    return USUAL if name.startswith(("build.", "system.", "agent.")) else UNKNOWABLE


def _call(name: str, arguments: list[Value]) -> Value:
    name = name.lower()
    if name in ("succeeded", "always", "succeededorfailed"):
        return True
    if name in ("failed", "canceled"):
        return False
    if name == "not" and len(arguments) == 1:
        return negation(arguments[0])
    if name in ("and", "or") and arguments:
        found = arguments[0]
        for argument in arguments[1:]:
            value = argument
            found = both(found, lambda v=value: v) if name == "and" else either(found, lambda v=value: v)  # type: ignore[misc]
        return found
    if name == "eq" and len(arguments) == 2:
        return equal(*arguments)
    if name == "ne" and len(arguments) == 2:
        return unlike(arguments[0], arguments[1])
    if name in ("in", "notin") and len(arguments) > 1:
        found = False
        for argument in arguments[1:]:
            value = equal(arguments[0], argument)
            found = either(found, lambda v=value: v)  # type: ignore[misc]
        return found if name == "in" else negation(found)
    if name in ("contains", "containsvalue") and len(arguments) == 2:
        return holds_in(*arguments)
    if name in ("startswith", "endswith") and len(arguments) == 2:
        return begins(*arguments, at_end=name == "endswith")
    return UNKNOWABLE


def _triggers(document: Map, tree: Tree) -> tuple[tuple[str, ...], str | None]:
    """What starts a pipeline by itself; without a word about it, pushes and pull requests do."""
    found: list[str] = []
    why = "manual trigger only (`trigger: none`)"
    for key, word in (("trigger", "push"), ("pr", "pull request")):
        paths = document.map(key).map("paths")
        if _none(document.get(key)):
            continue
        if shuts_out_code(tree, texts(paths.get("include")), texts(paths.get("exclude"))):
            why = f"the `paths` of `{key}` match no Python file of the repository"
        else:
            found.append(word)
    if any(entry.text("cron") for entry in maps(document.get("schedules"))):
        found.append("schedule")
    return tuple(found), None if found else why


def _refs(document: Map) -> Value:
    """What `Build.SourceBranch` may be after a push: without a word about tags, one of branches alone starts a build."""
    node = document.get("trigger")
    branches = texts(node.map("branches").get("include")) if isinstance(node, Map) else texts(node)
    left_out = texts(node.map("branches").get("exclude")) if isinstance(node, Map) else []
    tags = texts(node.map("tags").get("include")) if isinstance(node, Map) else []
    named = [str(text).removeprefix("refs/heads/") for text in branches if not is_null(text)]
    if not named and not tags:
        named = ["*"]
    options: list[str | Family] = []
    for start, names, excluded in (("refs/heads/", named, left_out), ("refs/tags/", tags, [])):
        for name in (name.removeprefix(start) for name in names):
            if "*" in name or "?" in name:
                options.append(Family(start + re.split(r"[*?]", name)[0], _fits(start + name, start, excluded)))
            elif name not in excluded:
                options.append(start + name)
    if len(options) == 1 and isinstance(options[0], str):
        return options[0]
    return OneOf(tuple(options)) if options else USUAL


def _fits(pattern: str, start: str, excluded: Sequence[str]) -> Callable[[str], bool]:
    return lambda text: (
        fnmatchcase(text, pattern) and not any(fnmatchcase(text, start + name.removeprefix(start)) for name in excluded)
    )


def _none(node: Node | None) -> bool:
    if isinstance(node, Map):
        excluded = set(texts(node.map("branches").get("exclude")))
        return bool(excluded & {"*", "**"}) and not node.map("tags")
    return isinstance(node, Text) and (node.lower() == "none" or (not is_null(node) and is_false(node)))


def _defaults(document: Map) -> dict[str, Node | str]:
    parameters = document.get("parameters")
    if isinstance(parameters, Map):
        return dict(parameters)
    return {str(entry["name"]): entry.get("default", UNKNOWN) for entry in maps(parameters) if "name" in entry}


def _matrix(job: Map) -> list[dict[str, str]]:
    matrix = job.map("strategy").get("matrix")
    if not isinstance(matrix, Map):
        return [{}]
    return [
        {key: str(value) for key, value in entry.items() if isinstance(value, Text)}
        for entry in matrix.values()
        if isinstance(entry, Map)
    ][:32] or [{}]

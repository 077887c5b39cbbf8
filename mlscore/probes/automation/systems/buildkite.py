"""Buildkite: the steps of the pipeline files in `.buildkite`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.conditions import AT_TIMES, NEVER, UNKNOWABLE, USUAL, WORDS, Look, Value, weigh
from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.path_filters import shuts_out_code
from mlscore.probes.automation.runs import Lead, shown
from mlscore.probes.automation.systems.base import YAML_ENDS, Reader, listing, texts_of, workspace
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, is_false, is_true, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun

FOLDER = ".buildkite"
_NAMES = ("pipeline.yml", "pipeline.yaml")
_BLOCKS = ("block", "input", "manual")


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's Buildkite pipeline."""
    reader = _Buildkite(engine)
    paths = [path for path in listing(engine.tree, FOLDER) if path.endswith(YAML_ENDS)]
    for path in sorted(paths, key=lambda path: path.rpartition("/")[2] not in _NAMES):
        if path.rpartition("/")[2] in _NAMES:
            reader.file(path, None)
        elif path not in engine.uploaded:
            reader.file(path, f"whether anything uploads `{path}` is not known")
    return list(reader.runs.values())


def uploaded_leads(engine: Engine, path: str) -> list[Lead]:
    """The leads of a file of steps that a running build uploads."""
    reader = _Buildkite(engine)
    engine.uploaded.add(path)
    reader.file(path, None)
    return [Lead(run.command, run.selection, run.chain, run.why_not, run.entry) for run in reader.runs.values()]


class _Buildkite(Reader):
    system = "Buildkite"
    environment: ClassVar[Mapping[str, str]] = {"BUILDKITE": "true", **workspace("BUILDKITE_BUILD_CHECKOUT_PATH")}

    def file(self, path: str, why_not: str | None) -> None:
        """Adds the runs of a pipeline file."""
        documents = self.documents(path)
        top = documents[-1] if documents else None
        if isinstance(top, Map):
            self.steps(top.get("steps"), texts_of(top.map("env")), why_not)
        elif isinstance(top, Items):
            self.steps(top, {}, why_not)

    def steps(self, node: Node | None, env: Mapping[str, str], why_not: str | None, depth: int = 0) -> None:
        """Adds the runs of a list of steps; what follows a block waits for a person."""
        waits: str | None = None
        for step in node if isinstance(node, Items) and depth < 6 else ():
            if isinstance(step, Text):
                waits = waits or ("it waits for a person (`block`)" if step in _BLOCKS else None)
                continue
            if not isinstance(step, Map):
                continue
            if any(key in step for key in _BLOCKS) or step.text("type") in _BLOCKS:
                waits = waits or "it waits for a person (`block`)"
                continue
            own = None if "depends_on" in step else waits
            triggers, refused = _conditions(step)
            why = why_not or own or refused
            if _soft(step.get("soft_fail")):
                why = why or "failure swallowed by `soft_fail`"
            changed = step.get("if_changed")
            included, excluded = (
                (changed.get("include"), changed.get("exclude")) if isinstance(changed, Map) else (changed, None)
            )
            if shuts_out_code(self.tree, texts(included), texts(excluded)):
                why = why or "`if_changed` matches no Python file of the repository"
            skip = step.get("skip")
            if isinstance(skip, Text) and not is_false(skip) and skip:
                why = why or "`skip` leaves it out"
            if "steps" in step:
                self.steps(step.get("steps"), env, why, depth + 1)
                continue
            inner = {**env, **texts_of(step.map("env"))}
            commands = step.get("command", step.get("commands"))
            # `$$NAME` reaches the shell as `$NAME`.
            pieces = [(text, text.replace("$$", "$")) for text in texts(commands)]
            self.add(self.script(pieces, Shell(errexit=True), "", inner), triggers, why)


def _conditions(step: Map) -> tuple[tuple[str, ...], str | None]:
    condition = step.text("if")
    if condition is None:
        return ("push",), None
    found: list[str] = []
    weights: list[int] = []
    for source, word in (("webhook", "push"), ("schedule", "schedule")):
        weights.append(weigh(condition, _looker(source), lambda name, arguments: UNKNOWABLE))
        if weights[-1] >= AT_TIMES and (word == "push" or "push" not in found):
            found.append(word)
    if found:
        return tuple(found), None
    known = "never holds by itself" if max(weights) == NEVER else "is not known to hold"
    return (), f"`if: {shown(condition)}` {known}"


def _looker(source: str) -> Look:
    def look(name: str) -> Value:
        if name == "build.source":
            return source
        if name == "build.message":
            return WORDS
        return USUAL if name.startswith(("build.", "pipeline.", "organization.")) else UNKNOWABLE

    return look


def _soft(node: Node | None) -> bool:
    """Whether `soft_fail` covers pytest's exit code for failed tests."""
    if isinstance(node, Items):
        statuses = [text for entry in node if isinstance(entry, Map) for text in texts(entry.get("exit_status"))]
        return any(status in ("1", "*") for status in statuses)
    return is_true(node)

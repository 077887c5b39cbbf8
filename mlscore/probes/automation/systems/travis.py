"""Travis CI: the scripts of `.travis.yml` and of its jobs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.runs import shown
from mlscore.probes.automation.systems.base import Reader, workspace
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, maps, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun

FILE = ".travis.yml"
# Phases in order; the first ones stop the job at their first failure, `script` runs on and fails it in the end.
_PHASES = ("before_install", "install", "before_script", "script")
_LATE = ("after_success", "after_failure", "after_script")
_TYPES = {"push": "push", "pull_request": "pull_request", "cron": "schedule"}
_TYPE = re.compile(r"\btype\s*(!=|=~|=|NOT\s+IN|IN)\s*(\(([^)]*)\)|\w+)", re.IGNORECASE)
_ASSIGNMENT = re.compile(r"(\w+)=(\"[^\"]*\"|'[^']*'|\S*)")


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's Travis builds."""
    reader = _Travis(engine)
    document = reader.document(FILE)
    if document is not None:
        reader.file(document)
    return list(reader.runs.values())


class _Travis(Reader):
    system = "Travis CI"
    environment: ClassVar[Mapping[str, str]] = {"TRAVIS": "true", **workspace("TRAVIS_BUILD_DIR")}

    def file(self, document: Map) -> None:
        """Adds the runs of the build's own script and of each job that has one."""
        jobs = document.map("jobs") or document.map("matrix")
        allowed = list(maps(jobs.get("allow_failures")))
        included = list(maps(jobs.get("include")))
        condition = document.text("if")
        axes = [key for key in ("python", "os", "env", "dist", "arch") if isinstance(document.get(key), Items)]
        if "script" in document and (not included or axes or any("script" not in job for job in included)):
            soft = _soft(allowed, [document], expand=True)
            self._job([document], condition, soft)
        for job in included:
            if "script" in job:
                self._job([document, job], job.text("if") or condition, _soft(allowed, [document, job], expand=False))

    def _job(self, layers: list[Map], condition: Text | None, soft: bool) -> None:
        triggers, why = _started(condition)
        if soft:
            why = why or "failure swallowed by `allow_failures`"
        env: dict[str, str] = {}
        for layer in layers:
            node = layer.get("env")
            global_env = node.get("global") if isinstance(node, Map) else node if layer is not layers[0] else None
            for text in texts(global_env):
                env.update({m[1]: m[2].strip("'\"") for m in _ASSIGNMENT.finditer(text)})
        pieces: list[tuple[Text, str]] = []
        for phase in _PHASES:
            node = next((layer[phase] for layer in reversed(layers) if phase in layer), None)
            pieces += [(text, str(text)) for text in texts(node)]
        self.add(self.script(pieces, Shell(errexit=False, between="each"), "", env), triggers, why)
        for phase in _LATE:
            node = next((layer[phase] for layer in reversed(layers) if phase in layer), None)
            late = [(text, str(text)) for text in texts(node)]
            if late:
                leads = self.script(late, Shell(errexit=False, between="each"), "", env)
                self.add(leads, triggers, why or f"a failure in `{phase}` counts for nothing")


def _started(condition: Text | None) -> tuple[tuple[str, ...], str | None]:
    """What starts a build under Travis' own condition language."""
    if condition is None:
        return ("push", "pull_request"), None
    if condition.strip().lower() == "false":
        return (), "`if: false`"
    match = _TYPE.search(condition)
    if match is None:
        known = re.search(r"\b(?:branch|tag|repo|sender|fork|commit_message|head_branch)\b", condition)
        if known or condition.strip().lower() == "true":
            return ("push", "pull_request"), None
        return (), f"`if: {shown(condition)}` is not known to hold"
    named = {word.lower() for word in re.findall(r"\w+", match[3] or match[2])}
    inverted = match[1].upper().startswith(("!", "NOT"))
    kept = [word for word in _TYPES if (word in named) != inverted and (word != "cron" or word in named)]
    if not kept:
        return (), f"`if: {shown(condition)}` never holds by itself"
    return tuple(_TYPES[word] for word in kept), None


def _soft(allowed: list[Map], layers: list[Map], *, expand: bool) -> bool:
    """Whether `allow_failures` lets every run of the job fail."""
    return any(all(_has(layers, key, value, expand=expand) for key, value in entry.items()) for entry in allowed)


def _has(layers: list[Map], key: str, value: Node, *, expand: bool) -> bool:
    for layer in reversed(layers):
        if key in layer:
            own = texts(layer[key])
            wanted = set(texts(value))
            # The build's own script runs once for each value; it counts as long as one of them must not fail.
            return set(own) <= wanted if expand or len(own) == 1 else layer[key] == value
    return False

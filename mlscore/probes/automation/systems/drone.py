"""Drone: the pipelines of `.drone.yml`, one per document."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.path_filters import shuts_out_code
from mlscore.probes.automation.systems.base import Reader, texts_of, workspace
from mlscore.probes.automation.yaml_file import Map, is_true, maps, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun
    from mlscore.probes.automation.yaml_file import Node
    from mlscore.project.tree import Tree

FILES = (".drone.yml", ".drone.yaml")
_EVENTS = {"push": "push", "pull_request": "pull request", "tag": "push of tags", "cron": "schedule"}


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's Drone pipelines."""
    reader = _Drone(engine)
    for path in FILES:
        for document in reader.documents(path) if engine.tree.has(path) else ():
            if isinstance(document, Map) and str(document.get("kind", "pipeline")) == "pipeline":
                reader.pipeline(document)
    return list(reader.runs.values())


class _Drone(Reader):
    system = "Drone"
    environment: ClassVar[Mapping[str, str]] = {"DRONE": "true", **workspace("DRONE_WORKSPACE")}

    def pipeline(self, document: Map) -> None:
        """Adds the runs of one pipeline."""
        events = _left(document.map("trigger"), list(_EVENTS))
        steps = document.get("steps")
        entries = list(maps(steps)) if not isinstance(steps, Map) else []
        for step in entries:
            kept = _left(step.map("when"), events)
            # A trigger that names no event takes everything; a cron has to be named to be one.
            named = "cron" in texts(document.map("trigger").get("event")) or "cron" in document.map("trigger")
            words = [_EVENTS[event] for event in kept if event != "cron" or named or kept == ["cron"]]
            why = None if kept else "manual trigger only (its events are started by people or by other builds)"
            if not kept and events:
                why = "`when` never holds by itself"
            if any(_unchanged(self.tree, node.get("paths")) for node in (document.map("trigger"), step.map("when"))):
                why = why or "its `paths` match no Python file of the repository"
            if step.text("failure") == "ignore":
                why = why or "failure swallowed by `failure: ignore`"
            if is_true(step.get("detach")):
                why = why or "it runs in the background (`detach`), and nothing waits for its exit code"
            if set(texts(step.map("when").get("status"))) == {"failure"}:
                why = why or "it runs only after a failure"
            env = {**texts_of(document.map("environment")), **texts_of(step.map("environment"))}
            pieces = [(text, str(text)) for text in texts(step.get("commands"))]
            self.add(self.script(pieces, Shell(errexit=True), "", env), words, why)


def _unchanged(tree: Tree, node: Node | None) -> bool:
    """Whether a filter of changed files leaves no code."""
    if isinstance(node, Map):
        return shuts_out_code(tree, texts(node.get("include")), texts(node.get("exclude")))
    return shuts_out_code(tree, texts(node))


def _left(conditions: Map, events: list[str]) -> list[str]:
    """The events that `event` leaves of those before it."""
    node = conditions.get("event")
    if node is None:
        return events
    if isinstance(node, Map):
        included, excluded = texts(node.get("include")), texts(node.get("exclude"))
    else:
        included, excluded = texts(node), []
    return [
        event
        for event in events
        if (not included or any(fnmatchcase(event, pattern) for pattern in included))
        and not any(fnmatchcase(event, pattern) for pattern in excluded)
    ]

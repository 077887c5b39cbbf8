"""Bitbucket Pipelines: the steps of `bitbucket-pipelines.yml` and what starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mlscore.probes.automation.engine import Shell
from mlscore.probes.automation.path_filters import shuts_out_code
from mlscore.probes.automation.systems.base import Reader, workspace
from mlscore.probes.automation.yaml_file import Items, Map, Node, maps, texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlscore.probes.automation.engine import Engine
    from mlscore.probes.automation.runs import CiRun

FILE = "bitbucket-pipelines.yml"
# Each kind of pipeline with the word for what starts it; None: a person.
_KINDS = {
    "default": "push",
    "branches": "push",
    "bookmarks": "push",
    "pull-requests": "pull request",
    "tags": "push of tags",
    "custom": None,
}


def find(engine: Engine) -> list[CiRun]:
    """The pytest runs of the repository's Bitbucket pipelines."""
    reader = _Bitbucket(engine)
    document = reader.document(FILE)
    for kind, node in document.map("pipelines").items() if document is not None else ():
        trigger = _KINDS.get(kind)
        why = None if trigger else "manual trigger only (`custom` pipeline)"
        pipelines = list(node.values()) if isinstance(node, Map) else [node]
        for pipeline in pipelines:
            reader.pipeline(pipeline, (trigger,) if trigger else (), why)
    return list(reader.runs.values())


class _Bitbucket(Reader):
    system = "Bitbucket Pipelines"
    environment: ClassVar[Mapping[str, str]] = workspace("BITBUCKET_CLONE_DIR")

    def pipeline(self, node: Node, triggers: tuple[str, ...], why_not: str | None) -> None:
        """Adds the runs of one pipeline; what follows a manual step waits for it."""
        manual: str | None = None
        for step, by_hand in _steps(node):
            if by_hand:
                manual = "manual trigger only (`trigger: manual`)"
            changes = step.map("condition").map("changesets")
            shut = shuts_out_code(self.tree, texts(changes.get("includePaths")), texts(changes.get("excludePaths")))
            unchanged = "`condition: changesets` matches no Python file of the repository" if shut else None
            soft = step.map("on-fail").text("strategy")
            why = why_not or manual or unchanged
            if soft is not None and soft == "ignore":
                why = why or "failure swallowed by `on-fail: ignore`"
            pieces = [(text, str(text)) for text in texts(step.get("script"))]
            # The system prints every command before it runs it, so an exit code is lost with the next one.
            leads = self.script(pieces, Shell(errexit=True, between="printed"), "", {})
            self.add(leads, triggers, why)
            after = [(text, str(text)) for text in texts(step.get("after-script"))]
            late = self.script(after, Shell(errexit=False), "", {}) if after else []
            self.add(late, triggers, why or "a failure in `after-script` counts for nothing")


def _steps(node: Node | None, by_hand: bool = False, depth: int = 0) -> Iterator[tuple[Map, bool]]:
    """The steps in order, out of `parallel` and `stage`, with whether a person starts them."""
    for entry in maps(node) if isinstance(node, Items) and depth < 6 else ():
        for key, value in entry.items():
            if key == "step" and isinstance(value, Map):
                yield value, by_hand or value.text("trigger") == "manual"
            elif key in ("parallel", "stage"):
                inner = value.get("steps") if isinstance(value, Map) else value
                hand = isinstance(value, Map) and value.text("trigger") == "manual"
                yield from _steps(inner, by_hand or hand, depth + 1)

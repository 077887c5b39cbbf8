"""Follows `buildkite-agent pipeline upload FILE` into the steps that it adds to the build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import resolve

if TYPE_CHECKING:
    from mlscore.probes.automation.engine import Engine, Order
    from mlscore.probes.automation.runs import Lead

_FLAGS = frozenset({"--replace", "--dry-run", "--no-interpolation", "--reject-secrets", "--debug", "--no-color"})


def follow(engine: Engine, order: Order) -> list[Lead]:
    """The pytest runs of the steps in the file that is uploaded."""
    words = list(order.words[1:])
    if words[:2] != ["pipeline", "upload"] or "--dry-run" in words:
        return []
    files: list[str] = []
    rest = words[2:]
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            files.append(word)
        elif "=" not in word and word not in _FLAGS and rest:
            rest.pop(0)
    path = resolve(order.cwd, files[0]) if files else None
    if path is None:
        return []
    found = path

    def uploaded() -> list[Lead]:
        from mlscore.probes.automation.systems.buildkite import uploaded_leads

        return uploaded_leads(engine, found)

    return engine.once(("buildkite", path), uploaded)

"""GitLab CI: one configuration out of a file and what it includes, with `extends` and `!reference` resolved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlscore.probes.automation.runs import UNKNOWN, resolve, shown
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, empty, texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlscore.probes.automation.systems.base import Reader

MAX_INCLUDES = 60
MAX_EXTENDS = 12
MAX_PIECES = 1000
RESERVED = frozenset(
    {
        "default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script",
        "after_script", "spec", "types",
    }
)  # fmt: skip
_INPUT = re.compile(r"\$\[\[\s*inputs\.([\w-]+)[^\]]*\]\]")


class Configuration:
    """Everything that a pipeline is made of. `refused` says why an include's own rules keep it out, or None."""

    def __init__(self, reader: Reader, path: str, refused: Callable[[Map], bool]) -> None:
        self.reader = reader
        self.refused = refused
        self.inputs: dict[str, str] = {}
        self._count = 0
        self.top = self._file(path, ()) or None

    @property
    def jobs(self) -> Iterator[tuple[str, Map]]:
        """The jobs that are not hidden, with their templates' keys put in."""
        for name, job in self.top.items() if self.top is not None else ():
            if name not in RESERVED and not name.startswith(".") and isinstance(job, Map):
                yield name, self._extended(job, (name,))

    # -- files --------------------------------------------------------------------------------------------------------

    def _file(self, path: str, stack: tuple[str, ...]) -> Map | None:
        self._count += 1
        if path in stack or self._count > MAX_INCLUDES:
            return None
        document = self.reader.document(path)
        if document is None:
            return None
        first = self.reader.documents(path)[0]
        for name, spec in first.map("spec").map("inputs").items() if isinstance(first, Map) else ():
            default = spec.text("default") if isinstance(spec, Map) else None
            self.inputs[name] = UNKNOWN if default is None else str(default)
        found: Map | None = None
        for place in self._included(document):
            other = self._file(place, (*stack, path))
            if other is not None:
                found = other if found is None else merged(found, other)
        return document if found is None else merged(found, document)

    def _included(self, document: Map) -> list[str]:
        include = document.get("include")
        found: list[str] = []
        for entry in include if isinstance(include, Items) else [include]:
            where = entry.text("local") if isinstance(entry, Map) else entry if isinstance(entry, Text) else None
            if isinstance(entry, Map) and self.refused(entry):
                continue
            if where is None or "://" in where:
                if entry is not None:
                    kind = next(iter(entry), "") if isinstance(entry, Map) else "remote"
                    what = str(where or (entry.text(kind) if isinstance(entry, Map) else "") or "")
                    at = entry.location if isinstance(entry, Text) else document.at("include")
                    message = f"what `include: {shown(f'{kind}: {what}')}` brings in is not in this repository"
                    self.reader.engine.tell("ci-not-followed", message, at)
                continue
            found.extend(self._places(where))
        return found

    def _places(self, where: str) -> list[str]:
        place = resolve("", where.lstrip("/"))
        if place is None:
            return []
        if "*" not in place:
            return [place]
        pattern = re.sub(r"\*\*/?", "\1", place)
        regex = re.escape(pattern).replace("\\*", "[^/]*").replace(re.escape("\1"), ".*")
        return [path for path in self.reader.tree.files() if re.fullmatch(regex, path)][:MAX_INCLUDES]

    # -- jobs ---------------------------------------------------------------------------------------------------------

    def _extended(self, job: Map, stack: tuple[str, ...]) -> Map:
        found: Map | None = None
        for name in texts(job.get("extends")):
            base = self.top.get(name) if self.top is not None else None
            if isinstance(base, Map) and name not in stack and len(stack) < MAX_EXTENDS:
                base = self._extended(base, (*stack, name))
                found = base if found is None else merged(found, base)
        return job if found is None else merged(found, job)

    def items(self, node: Node | None, depth: int = 0) -> list[Node]:
        """The entries of a list with `!reference` and nested lists taken in."""
        found: list[Node] = []
        if node is None or depth > 10:
            return found
        if isinstance(node, Items) and node.tag == "!reference":
            return self.items(self._referenced(node), depth + 1)
        if not isinstance(node, Items):
            return [node]
        for item in node:
            if len(found) >= MAX_PIECES:
                break
            found.extend(self.items(item, depth + 1))
        return found[:MAX_PIECES]

    def _referenced(self, node: Items) -> Node | None:
        found: Node | None = self.top
        for number, key in enumerate(texts(node)):
            if number == 1 and isinstance(found, Map):
                found = self._extended(found, ())
            found = found.get(key) if isinstance(found, Map) else None
        return found

    def map(self, node: Node | None) -> Map | None:
        """A map that may be a `!reference`."""
        if isinstance(node, Items) and node.tag == "!reference":
            node = self._referenced(node)
        return node if isinstance(node, Map) else None

    def pieces(self, node: Node | None) -> list[tuple[Text, str]]:
        """The commands of a script, with inputs filled in."""
        return [(item, self.fill(item)) for item in self.items(node) if isinstance(item, Text)]

    def fill(self, text: str) -> str:
        """The text with `$[[ inputs.name ]]` replaced."""
        return _INPUT.sub(lambda match: self.inputs.get(match[1], UNKNOWN), text)

    def default(self, job: Map, key: str) -> Node | None:
        """A job's value for a key, or the one that holds for all jobs."""
        if key in job:
            return job[key]
        inherit = job.map("inherit").get("default")
        if isinstance(inherit, Text) and inherit.lower() == "false":
            return None
        if isinstance(inherit, Items) and key not in texts(inherit):
            return None
        top = self.top or empty(job)
        return top.map("default").get(key, top.get(key))


def merged(base: Map, over: Map) -> Map:
    """Both maps in one, as GitLab merges them: maps deeply, all else replaced."""
    found = empty(over)
    found.tag = over.tag
    found.update(base)
    found.keys_at.update(base.keys_at)
    for key, value in over.items():
        old = found.get(key)
        found[key] = merged(old, value) if isinstance(old, Map) and isinstance(value, Map) else value
        found.keys_at[key] = over.keys_at.get(key, over.line)
    return found

"""What the readers of all CI systems share: files, scripts of a job, and gathering the runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

from mlscore.core.evidence import Diagnostic, Location, Severity
from mlscore.probes.automation.runs import ROOT, CiRun, Lead, present, resolve
from mlscore.probes.automation.yaml_file import Map, Node, Text, YamlError, read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlscore.probes.automation.engine import Engine, Shell
    from mlscore.project.tree import Tree

YAML_ENDS = (".yml", ".yaml")


def listing(tree: Tree, folder: str) -> list[str]:
    """The paths of the regular files directly in a folder, sorted; empty when there is no such folder."""
    try:
        with os.scandir(tree.root / folder) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []
    return sorted(f"{folder}/{name}" if folder else name for name in names)


class Reader:
    """A CI system's reader: reads its files, follows its scripts, and gathers the runs that it finds."""

    system = ""
    # Variables that the system sets in every job.
    environment: ClassVar[Mapping[str, str]] = {}

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.tree = engine.tree
        self.runs: dict[object, CiRun] = {}
        self._documents: dict[str, list[Node]] = {}

    def documents(self, path: str) -> list[Node]:
        """The YAML documents of a file; none, and a diagnostic, when it cannot be read."""
        if path not in self._documents:
            self._documents[path] = []
            text = self.tree.text(path)
            if text is None:
                if present(self.tree, path):
                    self.unreadable("it is not UTF-8, too large, or no plain file", Location(path))
            else:
                try:
                    self._documents[path] = read_yaml(text, path)
                except YamlError as error:
                    self.unreadable(str(error), Location(path, error.line))
        return self._documents[path]

    def document(self, path: str) -> Map | None:
        """The last document of a file, when it is a map."""
        documents = self.documents(path)
        return documents[-1] if documents and isinstance(documents[-1], Map) else None

    def unreadable(self, what: str, location: Location) -> None:
        """Says that a CI file cannot be read."""
        message = f"this {self.system} file cannot be read: {what}"
        found = Diagnostic(
            Severity.WARNING, "ci-unreadable", message, location, "mend the file, or nothing in it counts as automated"
        )
        if found not in self.engine.diagnostics:
            self.engine.diagnostics.append(found)

    def script(
        self,
        pieces: Iterable[tuple[Text, str]],
        shell: Shell,
        cwd: str | None,
        env: Mapping[str, str],
    ) -> list[Lead]:
        """The leads of a job's script, given as pieces of the file with references in them already replaced."""
        units = []
        for text, filled in pieces:
            lines = () if text.exact else tuple((self.tree.text(text.path) or "").split("\n"))
            units.append(text.unit(filled, lines))
        return self.engine.script(units, shell=shell, cwd=cwd, env={"CI": "true", **self.environment, **env})

    def add(self, leads: Iterable[Lead], triggers: Iterable[str], why_not: str | None = None) -> None:
        """Adds the runs of these leads. They are live when there are triggers and nothing speaks against it."""
        found = tuple(dict.fromkeys(triggers))
        for lead in leads:
            why = why_not or lead.why_not or (None if found else "nothing starts it by itself")
            run = CiRun(self.system, lead.command, lead.entry, lead.chain, found, why is None, why, lead.selection)
            key = (lead.chain, lead.command, lead.selection)
            old = self.runs.get(key)
            if old is None or (run.live and not old.live):
                self.runs[key] = run
            elif run.live and old.live:
                both = tuple(dict.fromkeys((*old.triggers, *run.triggers)))
                self.runs[key] = CiRun(old.system, old.command, old.entry, old.chain, both, True, None, old.selection)


def folder_of(text: str | None, start: str | None = "") -> str | None:
    """A working directory named in a CI file; None when it is not known."""
    return start if not text else resolve(start, text)


def texts_of(node: Map) -> dict[str, str]:
    """The plain texts of a map."""
    return {key: str(value) for key, value in node.items() if isinstance(value, Text)}


def workspace(*names: str) -> dict[str, str]:
    """Environment variables that name the checkout."""
    return dict.fromkeys(names, ROOT)

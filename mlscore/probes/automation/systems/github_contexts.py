"""GitHub Actions: the matrix, and what `${{ … }}` and `if:` can know."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mlscore.probes.automation.conditions import (
    PERSON,
    UNKNOWABLE,
    USUAL,
    WORDS,
    ConditionError,
    Doubt,
    OneOf,
    Value,
    begins,
    equal,
    evaluate,
    holds_in,
    level,
    plain,
    weigh,
)
from mlscore.probes.automation.runs import ROOT, UNKNOWN
from mlscore.probes.automation.systems.github_triggers import Trigger, ref_of
from mlscore.probes.automation.yaml_file import Items, Map, Node, Text, entries, is_null, maps, texts

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_COMBINATIONS = 64
_REFERENCE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_CHANGE_DETECTORS = ("dorny/paths-filter", "tj-actions/changed-files")
Combination = dict[str, "Node | str"]


def combinations(job: Map) -> list[Combination]:
    """What `matrix` gives each of the job's runs; one empty combination when there is no matrix."""
    matrix = job.map("strategy").get("matrix")
    if not isinstance(matrix, Map):
        return [{"*": UNKNOWN}] if isinstance(matrix, Text) else [{}]
    axes = [(key, list(value)) for key, value in matrix.items() if isinstance(value, Items) and key not in _EXTRA]
    unknown = {key: UNKNOWN for key, value in matrix.items() if isinstance(value, Text)}
    if "include" in unknown:
        return [{"*": UNKNOWN}]
    product = itertools.islice(itertools.product(*(values for _, values in axes)), MAX_COMBINATIONS)
    found: list[Combination] = [
        {**unknown, **dict(zip((key for key, _ in axes), values, strict=True))} for values in product
    ]
    found = found if axes or unknown else []
    excluded = list(maps(matrix.get("exclude")))
    found = [c for c in found if not any(_agrees(c, entry, strict=True) for entry in excluded)]
    names = {key for key, _ in axes}
    added: list[Combination] = []
    for entry in maps(matrix.get("include")):
        matching = [c for c in found if _agrees(c, {k: v for k, v in entry.items() if k in names}, strict=False)]
        for combination in matching:
            combination.update({k: v for k, v in entry.items() if k not in names})
        if not matching:
            added.append(dict(entry))
    return (found + added)[:MAX_COMBINATIONS] or [{}]


_EXTRA = frozenset({"include", "exclude"})


def _agrees(combination: Combination, entry: Mapping[str, Node], *, strict: bool) -> bool:
    return bool(entry or not strict) and all(combination.get(key) == value for key, value in entry.items())


@dataclass(frozen=True, slots=True)
class Context:
    """What can be known while one job runs for one event."""

    event: str = "push"
    matrix: Combination = field(default_factory=dict)
    inputs: Mapping[str, Value] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    repository: str | None = None
    runner: str = ""
    known: Mapping[str, Value] = field(default_factory=dict)
    detectors: frozenset[str] = frozenset()
    trigger: Trigger = Trigger("")

    def weigh(self, text: str) -> int:
        """How surely an `if:` holds."""
        match = re.fullmatch(r"\s*\$\{\{(.*)\}\}\s*", text, re.DOTALL)
        inner = match[1] if match else text
        return weigh(inner if "${{" not in inner else self.fill(inner), self.look, self.call, _same)

    def fill(self, text: str) -> str:
        """The text with `${{ … }}` replaced."""

        def value(match: re.Match[str]) -> str:
            try:
                found = plain(evaluate(match[1], self.look, self.call, _same))
            except ConditionError:
                return UNKNOWN
            # Line numbers must stay what they are.
            return UNKNOWN if found is None else found.replace("\n", " ")

        return _REFERENCE.sub(value, text)

    def value(self, text: str) -> Value:
        """What a text with references comes to; one that is nothing but a reference keeps its type."""
        match = re.fullmatch(r"\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*", text, re.DOTALL)
        if match is None:
            return _text(self.fill(text))
        try:
            return evaluate(match[1], self.look, self.call, _same)
        except ConditionError:
            return UNKNOWABLE

    def filled(self, node: Map) -> dict[str, str]:
        """A map of environment variables with references replaced."""
        return {key: self.fill(str(value)) for key, value in node.items() if isinstance(value, Text)}

    def look(self, path: str) -> Value:
        """A context's value."""
        if path in self.known:
            return self.known[path]
        first, _, rest = path.partition(".")
        if first == "github":
            return self.github(rest)
        if first == "matrix":
            return self.matrix_value(rest)
        if first == "inputs":
            return self.inputs.get(rest)
        if first == "env":
            return _text(self.env[rest]) if rest in self.env else UNKNOWABLE
        if first in ("steps", "needs") and rest.endswith((".result", ".outcome", ".conclusion")):
            return "success"
        if first in ("steps", "needs") and rest.partition(".")[0] in self.detectors:
            return USUAL
        if first == "runner" and rest == "os" and self.runner:
            return {"ubuntu": "Linux", "windows": "Windows", "macos": "macOS"}.get(self.runner, USUAL)
        return USUAL if first in ("runner", "strategy", "job") else UNKNOWABLE

    def matrix_value(self, path: str) -> Value:
        """A value of the matrix; GitHub takes an absent one as empty."""
        if "*" in self.matrix:
            return UNKNOWABLE
        node: Node | str | None = None
        for number, key in enumerate(path.split(".")):
            node = self.matrix.get(key) if number == 0 else node.get(key) if isinstance(node, Map) else None
        if isinstance(node, Text):
            if node.plain and node.lower() in ("true", "false"):
                return node.lower() == "true"
            return "" if is_null(node) else _text(self.fill(node)) if "${{" in node else str(node)
        if isinstance(node, Items):
            return [str(text) for text in texts(node)]
        return UNKNOWABLE if node == UNKNOWN else None

    def github(self, path: str) -> Value:
        """A value of the `github` context."""
        if path == "event_name":
            return self.event
        if path == "workspace":
            return ROOT
        if path == "repository":
            return self.repository or USUAL
        if path == "repository_owner":
            return self.repository.partition("/")[0] if self.repository else USUAL
        if path in ("ref", "ref_name", "ref_type", "base_ref", "head_ref"):
            return ref_of(self.event, self.trigger, path)
        if path in ("actor", "triggering_actor") or path.endswith(".login"):
            return PERSON
        return self.payload(path.removeprefix("event.")) if path.startswith("event.") else USUAL

    def payload(self, path: str) -> Value:
        """A value of the event's payload."""
        first = path.partition(".")[0]
        review = self.event.startswith("pull_request")
        if first == "inputs":
            return None
        if path == "ref" and self.event == "push":
            return ref_of(self.event, self.trigger, path)
        if path == "pull_request.base.ref" and review:
            return ref_of(self.event, self.trigger, "base_ref")
        if first in ("pull_request", "number", "label"):
            if not review:
                return None
            if path.endswith((".title", ".body")) or "labels" in path:
                return WORDS
            return UNKNOWABLE if first == "label" else True if path == "pull_request" else USUAL
        if first in ("head_commit", "commits"):
            return WORDS if self.event == "push" and path.endswith("message") else None if review else USUAL
        if first == "schedule":
            return USUAL if self.event == "schedule" else None
        if first == "workflow_run":
            return USUAL if self.event == "workflow_run" else None
        if first in ("issue", "comment", "review", "release", "client_payload", "deployment"):
            return None
        return USUAL

    def call(self, name: str, arguments: list[Value]) -> Value:
        """A function's value."""
        name = name.lower()
        if name in ("success", "always"):
            return True
        if name in ("failure", "cancelled"):
            return False
        if name == "contains" and len(arguments) == 2:
            return holds_in(*arguments)
        if name in ("startswith", "endswith") and len(arguments) == 2:
            return begins(*arguments, at_end=name == "endswith")
        if name == "format" and any(argument is USUAL for argument in arguments):
            return USUAL
        if name == "format" and arguments and all(plain(a) is not None for a in arguments):
            text = plain(arguments[0]) or ""
            for number, argument in enumerate(arguments[1:]):
                text = text.replace("{" + str(number) + "}", plain(argument) or "")
            return text
        if name == "fromjson" and len(arguments) == 1:
            return _from_json(plain(arguments[0]))
        if name == "join" and arguments and isinstance(arguments[0], list):
            glue = plain(arguments[1]) if len(arguments) > 1 else ","
            return (glue or "").join(arguments[0])
        return USUAL if name == "hashfiles" else UNKNOWABLE

    def is_true(self, node: Node | None) -> bool | None:
        """Whether `continue-on-error` and its like say yes; None when that is not known."""
        if not isinstance(node, Text):
            return False
        text = node.strip()
        found = self.weigh(text) if "${{" in text else level(text.lower() == "true")
        return None if 0 < found < 3 else found == 3


def typed(text: Value, kind: str) -> Value:
    """An input of a reusable workflow as the type that it declares; left out (None), it is that type's empty value."""
    if kind == "boolean":
        known = {"true": True, "false": False, "": False}.get((plain(text) or "").lower())
        return text if isinstance(text, Doubt) else UNKNOWABLE if known is None else known
    if isinstance(text, Doubt | OneOf):
        return text
    if kind != "number" or isinstance(text, list):
        return plain(text)
    number = _number(text)
    return int(number) if number.is_integer() else number


def _same(left: Value, right: Value) -> Value:
    """GitHub's `==`: texts without regard to case, everything else as numbers, so `true == 'true'` is false."""
    unlike_text = [value for value in (left, right) if not isinstance(value, str)]
    if not unlike_text or any(isinstance(value, Doubt | OneOf | list) for value in unlike_text):
        return equal(left, right)
    return _number(left) == _number(right)


def _number(value: Value) -> float:
    if isinstance(value, str):
        value = value.strip() or 0
    try:
        return float(value or 0)  # type: ignore[arg-type]
    except ValueError:
        return float("nan")


def detectors(jobs: Map) -> frozenset[str]:
    """The names of steps, and of the jobs that hold them, that only say which files changed."""
    found: set[str] = set()
    for name, job in jobs.items():
        for step in entries(job.get("steps")) if isinstance(job, Map) else ():
            uses = step.text("uses")
            if uses and uses.startswith(_CHANGE_DETECTORS):
                found.update((name, str(step.get("id", ""))))
    return frozenset(found)


def _text(text: str) -> str | Doubt:
    return UNKNOWABLE if UNKNOWN in text else text


def _from_json(text: str | None) -> Value:
    try:
        found = json.loads(text or "")
    except ValueError:
        return UNKNOWABLE
    if isinstance(found, list):
        return [str(item) for item in found]
    return found if isinstance(found, str | bool | int | float) or found is None else UNKNOWABLE

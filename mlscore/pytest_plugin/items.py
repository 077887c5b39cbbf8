"""Reading a collected pytest item: its marks, where they place it, and which of them cannot be read."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import pytest

from mlscore.collect.cases import Case
from mlscore.core.evidence import Outcome
from mlscore.core.placement import EMPTY, MARKER, NUMBERED_NAME, Conventions, Mark, Placement, place
from mlscore.core.placement_words import section_of_path


@dataclass(frozen=True, slots=True)
class Ruler:
    """What placing a test needs to know; small, so that it travels to the workers of pytest-xdist.

    `base` leads from the project's root to pytest's ("" or "folder/"); `ci` names the CI system the run is in. With
    `checks` the project has configured some, and a worker reads them from the configuration itself.
    """

    conventions: Conventions
    rubric_ids: tuple[str, ...]
    base: str = ""
    ci: str | None = None
    checks: bool = False

    def to_text(self) -> str:
        """The ruler as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Ruler:
        """The ruler behind the text that `to_text` gave."""
        data = json.loads(text)
        given = data["conventions"]
        conventions = Conventions(
            markers=tuple(given["markers"]),
            docstrings=given["docstrings"],
            properties=tuple(given["properties"]),
            names=given["names"],
            prefixes=tuple((a, b) for a, b in given["prefixes"]),
        )
        return cls(conventions, tuple(data["rubric_ids"]), data["base"], data["ci"], data["checks"])


class ItemReader:
    """Turns pytest items into cases that have not run yet."""

    def __init__(self, ruler: Ruler) -> None:
        self.ruler = ruler
        self._parent: pytest.Item | pytest.Collector | None = None
        self._inherited: tuple[Mark, ...] = ()
        self._no_section = False

    def read(self, item: pytest.Item, properties: tuple[tuple[str, object], ...] = ()) -> tuple[Case | None, bool]:
        """The case of an item that means something to the rubric (else None), and whether its `mlscore` mark is wrong.

        `properties` are what the test has recorded of itself by now.
        """
        check: Case | None = getattr(item, "mlscore_case", None)
        if check is not None:
            return check, False
        marks = self._marks(item)
        docstring = getattr(getattr(item, "obj", None), "__doc__", None)
        name = getattr(item, "originalname", None) or item.name
        if self._no_section and not marks and not docstring and not properties and NUMBERED_NAME.match(name) is None:
            # Most tests of most suites: `place` would have nothing to say.
            return None, False
        path, _, names = item.nodeid.partition("::")
        placement = place(
            marks,
            docstring=docstring,
            name=name,
            path=self.ruler.base + path,
            conventions=self.ruler.conventions,
            rubric_ids=self.ruler.rubric_ids,
            properties=properties,
        )
        if placement is EMPTY or not says_something(placement):
            return None, False
        location = item.location
        line = location[1] + 1 if location[1] is not None and _same_file(location[0], path) else None
        nodeid = _without_group(item)
        case = Case(
            nodeid=self.ruler.base + (nodeid if placement.items else without_parameters(nodeid)),
            path=self.ruler.base + path,
            line=line,
            qualname=names.partition("[")[0].partition("@")[0].replace("::", ".") or item.name,
            outcome=Outcome.NOT_RUN,
            placement=placement,
            markers=tuple(dict.fromkeys(mark.name for mark in marks)),
            ci=self.ruler.ci,
        )
        return case, bool(placement.problems) and any(mark.name == MARKER for mark in marks)

    def _marks(self, item: pytest.Item) -> tuple[Mark, ...]:
        """The marks of an item, its own first, then its class's and its module's; a parent's are read once."""
        if item.parent is not self._parent:
            self._parent = item.parent
            chain = reversed(item.parent.listchain()) if item.parent is not None else ()
            self._inherited = tuple(_plain(mark) for node in chain for mark in node.own_markers)
            self._no_section = section_of_path(self.ruler.base + item.nodeid.partition("::")[0]) is None
        own = item.own_markers
        return (*(_plain(mark) for mark in own), *self._inherited) if own else self._inherited


def says_something(placement: Placement) -> bool:
    """Whether a placement means anything to a report: an item, a section, a suggestion, or a mark gone wrong."""
    return bool(placement.items or placement.section or placement.suggested or placement.problems)


def without_parameters(nodeid: str) -> str:
    """The node id of the test's function; a bracket in its path is no parameter."""
    path, colons, names = nodeid.partition("::")
    return path + colons + names.partition("[")[0]


def _plain(mark: pytest.Mark) -> Mark:
    return Mark(mark.name, mark.args, dict(mark.kwargs))


def _same_file(location: str, path: str) -> bool:
    return location.replace("\\", "/") == path


def _without_group(item: pytest.Item) -> str:
    """The node id, without the group that `--dist loadgroup` of pytest-xdist appends."""
    nodeid = item.nodeid
    head, at, _ = nodeid.rpartition("@")
    return head if at and not nodeid.endswith(item.name) and head.endswith(item.name) else nodeid

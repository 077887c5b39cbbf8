"""Where a test belongs: the items and the section that its marks, docstring, properties, name and file say."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from mlscore.core.placement_ids import docstring_tags, item_id, prefix_of
from mlscore.core.placement_rules import ids_in_arguments, match_rules, parse_conventions, rules_of, unknown_id
from mlscore.core.placement_words import METAMORPHIC, SECTION_MARKERS, WORDS_ALONE, section_of_path, suggested_by_words

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "EMPTY", "MARKER", "METAMORPHIC", "Conventions", "Mark", "Placement", "item_id", "parse_conventions", "place",
    "prefix_of",
]  # fmt: skip

MARKER = "mlscore"

CLAIMED_BY_MARK = 0.85
CLAIMED_BY_DOCSTRING = 0.75
"""Confidence of a suggestion that only repeats what the suite says of itself, by where it says it."""


BY_WORDS = "the words of its name suggest the item"


def not_borne_out(why: str, item: str | None) -> str:
    """Why a test is placed, once a look at what it asserts has taken back the item that its name suggests."""
    return why.replace(BY_WORDS, f"the words of its name suggest {item}, what it asserts does not")


@dataclass(frozen=True, slots=True)
class Mark:
    """A pytest marker as a test carries it, with its arguments as plain values.

    Read without running, an argument that is no literal stands as an Ellipsis.
    """

    name: str
    args: tuple[object, ...] = ()
    kwargs: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placement:
    """The items a test is evidence for, or the section alone; `why` names the convention that said so.

    A `suggested` item is a guess for a person to confirm: it earns nothing. `problems` are marks that cannot be read
    (an unknown id, no argument), each as a sentence.
    """

    items: tuple[str, ...] = ()
    section: str | None = None
    suggested: str | None = None
    confidence: float = 0.0
    why: str = ""
    problems: tuple[str, ...] = ()
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a suite with marks of its own is read; every field is one line of `[tool.mlscore.conventions]`.

    `markers` are lines of the mapping language of `parse_conventions`; `docstrings` and `names` say whether tags in
    docstrings and numbers in names count; `properties` are names of JUnit properties that hold an id; `prefixes` pairs
    a project's own prefix with the rubric's ("FD" with "data").
    """

    markers: tuple[str, ...] = ()
    docstrings: bool = False
    properties: tuple[str, ...] = ()
    names: bool = False
    prefixes: tuple[tuple[str, str], ...] = ()


EMPTY = Placement()
"""The placement of a test that says nothing; shared, since that is most tests."""

# Marks of pytest and its best-known plugins: never a claim about a rubric, however their arguments look.
_COMMON = frozenset(
    {
        "parametrize", "skip", "skipif", "xfail", "usefixtures", "filterwarnings", "tryfirst", "trylast", "asyncio",
        "anyio", "trio", "django_db", "flaky", "timeout", "order", "run", "dependency", "slow", "integration", "unit",
        "e2e", "smoke", "hypothesis", "benchmark", "serial", "gpu", "cuda", "network", "vcr", "freeze_time",
        "xdist_group", "forked", "repeat", "no_cover", "regression", "api",
    }
)  # fmt: skip
NUMBERED_NAME = re.compile(
    r"test_?(data|model|infra|monitor|infrastructure|monitoring|features?|fd|mon|inf|ml)_?(\d{1,2})(?:_|$)",
    re.IGNORECASE,
)
"""A name that tells a section and a number: without it, a section or a mark, `place` has nothing to say of a test."""


def place(
    marks: Sequence[Mark],
    *,
    docstring: str | None,
    name: str,
    path: str,
    conventions: Conventions,
    rubric_ids: tuple[str, ...],
    properties: Sequence[tuple[str, object]] = (),
) -> Placement:
    """What one test says of itself.

    The first that says anything decides: our own marker, the configured foreign markers, docstring tags, JUnit
    `properties`, the name. What the configuration has not turned on is a suggestion only. A section by marker, file or
    folder earns nothing. `path` is relative with forward slashes; `name` may end in parameters in brackets.
    """
    interesting: list[Mark] = []
    for mark in marks:
        if mark.name == MARKER:
            return _by_own_marker(marks, rubric_ids, conventions.prefixes)
        if mark.name not in _COMMON:
            interesting.append(mark)
    prefixes = conventions.prefixes
    if conventions.markers and marks:
        match = match_rules(rules_of(conventions.markers), marks, rubric_ids, prefixes)
        if match is not None:
            if match.items or match.problems:
                return Placement(items=match.items, why=match.why, problems=match.problems, manual=match.manual)
            return _in_section(match.section, match.why, name, docstring, rubric_ids)
    tags: tuple[str, ...] = ()
    if docstring:
        tags, unknown = _tags(docstring, rubric_ids, prefixes)
        if conventions.docstrings and (tags or unknown):
            problems = tuple(unknown_id(tag, rubric_ids, "docstring") for tag in unknown)
            return Placement(items=tags, why="docstring tag" if tags else "", problems=problems)
    if conventions.properties and properties:
        placed = _by_properties(properties, conventions, rubric_ids)
        if placed is not None:
            return placed
    numbered = NUMBERED_NAME.match(name)
    by_name = item_id(f"{numbered[1]} {numbered[2]}", rubric_ids, prefixes) if numbered else None
    if by_name is not None and conventions.names:
        return Placement(items=(by_name,), why="test name")
    if interesting:
        claimed = _by_foreign_mark(interesting, rubric_ids, prefixes)
        if claimed is not None:
            return claimed
    if tags:
        return _suggestion(tags[0], CLAIMED_BY_DOCSTRING, "docstring tag; docstrings = true lets it count")
    for mark in interesting:
        if (section := SECTION_MARKERS.get(mark.name.lower())) is not None:
            return _in_section(section, f'marker "{mark.name}"', name, docstring, rubric_ids, by_name)
    here = section_of_path(path)
    if here is not None:
        return _in_section(*here, name, docstring, rubric_ids, by_name)
    if by_name is not None:
        return Placement(section=prefix_of(by_name), why=_running_number(by_name))
    return EMPTY


@lru_cache(maxsize=16384)
def _tags(
    docstring: str, rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    # A tag has a digit; most docstrings have none, and the expression is slow beside that look.
    if not any(digit in docstring for digit in "123456789"):
        return (), ()
    return docstring_tags(docstring, rubric_ids, prefixes)


def _by_own_marker(
    marks: Sequence[Mark], rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...]
) -> Placement:
    items: list[str] = []
    problems: list[str] = []
    for mark in marks:
        if mark.name == MARKER:
            found, wrong = ids_in_arguments(mark, None, rubric_ids, prefixes)
            items += [item for item in found if item not in items]
            problems += wrong
    return Placement(items=tuple(items), why=f'marker "{MARKER}"', problems=tuple(dict.fromkeys(problems)))


def _by_properties(
    properties: Sequence[tuple[str, object]], conventions: Conventions, rubric_ids: tuple[str, ...]
) -> Placement | None:
    items: list[str] = []
    problems: list[str] = []
    for key, value in properties:
        if key not in conventions.properties:
            continue
        for text in re.split(r"\s*[,;]\s*", str(value).strip()):
            found = item_id(text, rubric_ids, conventions.prefixes)
            if found is None:
                problems.append(unknown_id(text, rubric_ids, f'property "{key}"'))
            elif found not in items:
                items.append(found)
    if not (items or problems):
        return None
    return Placement(items=tuple(items), why="JUnit property", problems=tuple(dict.fromkeys(problems)))


def _by_foreign_mark(
    marks: Sequence[Mark], rubric_ids: tuple[str, ...], prefixes: tuple[tuple[str, str], ...]
) -> Placement | None:
    """An item that an unconfigured marker claims, by an argument or by its own name: a suggestion only."""
    for mark in marks:
        for keyword, value in [*((None, v) for v in mark.args), *mark.kwargs.items()]:
            if isinstance(value, str) and (found := item_id(value, rubric_ids, prefixes)) is not None:
                line = mark.name if keyword is None else f"{mark.name}({keyword})"
                return _claimed(found, mark.name, line)
    for mark in marks:
        if (found := item_id(mark.name, rubric_ids, prefixes)) is not None:
            others = [m.name for m in marks if SECTION_MARKERS.get(m.name.lower()) == prefix_of(found)]
            stem = mark.name.rstrip("0123456789")
            return _claimed(found, mark.name, f"{others[0]}+{stem}{{n}}" if others else f"{stem}{{n}}")
    return None


def _claimed(item: str, marker: str, line: str) -> Placement:
    return _suggestion(item, CLAIMED_BY_MARK, f'marker "{marker}"; markers = ["{line}"] lets it count')


def _suggestion(item: str, confidence: float, why: str) -> Placement:
    return Placement(section=prefix_of(item), suggested=item, confidence=confidence, why=why)


def _running_number(item: str) -> str:
    return f"its name says {item}, but such numbers often just count the tests; names = true lets it count"


def _in_section(
    section: str | None,
    why: str,
    name: str,
    docstring: str | None,
    rubric_ids: tuple[str, ...],
    by_name: str | None = None,
) -> Placement:
    suggested = suggested_by_words(section, name, docstring, rubric_ids) if section is not None else None
    if suggested is not None:
        confidence = WORDS_ALONE
        why = f"{why} places it in a section; {BY_WORDS}"
    else:
        confidence = 0.0
        why = f"{why} places it in a section" + (f"; {_running_number(by_name)}" if by_name is not None else "")
    return _section_placement(section, suggested, confidence, why)


@lru_cache(maxsize=4096)
def _section_placement(section: str | None, suggested: str | None, confidence: float, why: str) -> Placement:
    return Placement(section=section, suggested=suggested, confidence=confidence, why=why)

"""Marked tests read from their files without running them: for files that a run skipped, left out, or never collected."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.collect.cases import Case
from mlscore.core.evidence import Outcome
from mlscore.core.placement import MARKER, place
from mlscore.probes.suite.reader import read_suite

if TYPE_CHECKING:
    from mlscore.core.placement import Conventions
    from mlscore.probes.suite.settings import SuiteSettings
    from mlscore.project.tree import Tree

_OPEN = re.compile(r"\{\w*\}|\+")
_LEAST_NEEDLE = 3


def marked_cases(
    tree: Tree, settings: SuiteSettings, paths: Iterable[str], conventions: Conventions, rubric_ids: tuple[str, ...]
) -> tuple[Case, ...]:
    """The tests of the files `paths` whose marks claim an item, or cannot be read, as cases that have not run.

    Files that do not hold a word of any marker are not parsed at all.
    """
    needles = _needles(conventions)
    wanted = tuple(path for path in paths if needles is None or _holds(tree.text(path), needles))
    if not wanted:
        return ()
    found: list[Case] = []
    for test in read_suite(tree, settings, under=wanted).tests:
        placement = place(
            test.marks,
            docstring=test.docstring,
            name=test.name,
            path=test.path,
            conventions=conventions,
            rubric_ids=rubric_ids,
        )
        if placement.items or placement.problems:
            found.append(
                Case(
                    nodeid=test.id,
                    path=test.path,
                    line=test.location.line,
                    qualname=".".join((*test.classes, test.name)),
                    outcome=Outcome.NOT_RUN,
                    placement=placement,
                    markers=tuple(dict.fromkeys(mark.name for mark in test.marks)),
                )
            )
    return tuple(found)


def skipped_module(cases: Iterable[Case], reason: str) -> tuple[Case, ...]:
    """The tests of a module that skipped itself while it was collected."""
    detail = f"its module was skipped: {reason}" if reason else "its module was skipped"
    return tuple(replace(case, outcome=Outcome.SKIPPED, detail=detail) for case in cases)


def _needles(conventions: Conventions) -> tuple[str, ...] | None:
    """Words one of which a file with a marked test must hold, or None where any file may have one."""
    if conventions.docstrings or conventions.names:
        return None
    needles = [MARKER]
    for line in conventions.markers:
        head = line.partition("=")[0].partition("(")[0]
        needle = max((part.strip() for part in _OPEN.split(head)), key=len)
        if len(needle) < _LEAST_NEEDLE:
            return None
        needles.append(needle)
    return tuple(needle.lower() for needle in needles)


def _holds(text: str | None, needles: tuple[str, ...]) -> bool:
    if text is None:
        return False
    lower = text.lower()
    return any(needle in lower for needle in needles)

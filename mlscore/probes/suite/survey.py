"""A whole suite in one list: each test's place, suggested item and whether it can fail at all, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlscore.core.evidence import Diagnostic
from mlscore.probes.suite.propose import Proposal, propose
from mlscore.probes.suite.reader import read_suite
from mlscore.probes.suite.settings import read_settings
from mlscore.probes.suite.suggest import Suggestion, suggest

if TYPE_CHECKING:
    from mlscore.core.placement import Conventions
    from mlscore.probes.hollow import Finding
    from mlscore.project.tree import Tree

Analyse = Callable[[str, str], "Finding | None"]
"""Of a test's path and qualified name: why it cannot fail, or None."""


@dataclass(frozen=True, slots=True)
class Row:
    """One test. `item` is None for most; `placed` says that its marks count already; `hollow` is a verdict or None."""

    id: str
    section: str | None
    item: str | None
    items: tuple[str, ...]
    confidence: float
    why: str
    placed: bool
    hollow: str | None
    hollow_why: str | None
    path: str
    line: int | None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """Every test of a suite in order, the configuration that its conventions call for, and what could not be read."""

    rows: tuple[Row, ...]
    proposal: Proposal
    diagnostics: tuple[Diagnostic, ...]
    settings_from: str | None = None

    def confident(self, least: float) -> tuple[Row, ...]:
        """The rows whose suggestion is worth a mark: at least so sure, not marked yet, and able to fail."""
        return tuple(r for r in self.rows if r.item and not r.placed and r.confidence >= least and r.hollow != "hollow")


def survey(
    tree: Tree,
    *,
    under: tuple[str, ...] = (),
    conventions: Conventions,
    rubric_ids: tuple[str, ...],
    analyse: Analyse | None = None,
) -> Survey:
    """Read the suite below the tree's root, or below the paths `under` it, without running anything.

    `analyse` looks for tests that cannot fail; by default the hollow-test analysis over the same files.
    """
    settings = read_settings(tree)
    suite = read_suite(tree, settings, under=under)
    if analyse is None:
        from mlscore.probes.hollow import Analyzer

        analyse = Analyzer(tree).function
    suggestions = suggest(suite, conventions=conventions, rubric_ids=rubric_ids)
    return Survey(
        rows=tuple(_rows(suggestions, analyse)),
        proposal=propose(suite, conventions=conventions, rubric_ids=rubric_ids),
        diagnostics=suite.diagnostics,
        settings_from=settings.origin,
    )


def _rows(suggestions: Iterable[Suggestion], analyse: Analyse) -> Iterable[Row]:
    known: dict[tuple[str, str], Finding | None] = {}
    for one in suggestions:
        test = one.test
        place = (test.path, test.qualname)
        if place not in known:
            known[place] = analyse(*place)
        finding = known[place]
        yield Row(
            id=test.id,
            section=one.section,
            item=one.item,
            items=one.items,
            confidence=one.confidence,
            why=one.why,
            placed=one.placed,
            hollow=str(finding.verdict) if finding else None,
            hollow_why=finding.message if finding else None,
            path=test.path,
            line=test.location.line,
            problems=one.problems,
        )


def marks_by_file(rows: Iterable[Row]) -> dict[str, dict[int, tuple[str, ...]]]:
    """For each file the lines of the tests' `def`s and the items to mark them with.

    A method that several classes inherit is one `def`: it is left out when its tests disagree.
    """
    found: dict[str, dict[int, set[tuple[str, ...]]]] = {}
    for row in rows:
        if row.line is not None:
            found.setdefault(row.path, {}).setdefault(row.line, set()).add(row.items)
    return {
        path: {line: next(iter(items)) for line, items in lines.items() if len(items) == 1}
        for path, lines in found.items()
    }

"""Tests that name no item, as `mlscore map` sees them: one rule wherever a test is suggested for an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mlscore.core.placement import BY_WORDS, not_borne_out

if TYPE_CHECKING:
    from mlscore.core.placement import Conventions
    from mlscore.core.report import Unplaced
    from mlscore.probes.suite.suggest import Suggestion
    from mlscore.project.tree import Tree

# Reading what tests assert takes a fifth of a millisecond each; a longer list nobody reads.
MOST_READ = 1000


def as_mapped(
    unplaced: Sequence[Unplaced], tree: Tree, conventions: Conventions, rubric_ids: tuple[str, ...]
) -> tuple[Unplaced, ...]:
    """The tests with the section, item and reason that reading their source gives, for the first `MOST_READ` of them.

    What a marker or a docstring claims stands, and so does everything of a test whose source is not there: outcomes may
    come from another machine.
    """
    read, rest = unplaced[:MOST_READ], unplaced[MOST_READ:]
    paths = dict.fromkeys(one.location.path for one in read if one.location is not None and tree.has(one.location.path))
    if not paths:
        return tuple(unplaced)
    # Imported for projects that have such tests: the rules of the map are many.
    from mlscore.probes.suite.reader import read_suite
    from mlscore.probes.suite.settings import read_settings
    from mlscore.probes.suite.suggest import suggest

    suite = read_suite(tree, read_settings(tree), under=tuple(paths))
    wanted = {one.id for one in read}
    suite = replace(suite, tests=tuple(test for test in suite.tests if test.id in wanted))
    said = {s.test.id: s for s in suggest(suite, conventions=conventions, rubric_ids=rubric_ids)}
    return (*(_as_mapped(one, said.get(one.id)) for one in read), *rest)


def _as_mapped(one: Unplaced, seen: Suggestion | None) -> Unplaced:
    if seen is None or not (one.suggested is None or BY_WORDS in one.why):
        return one
    if seen.item is not None:
        return replace(one, section=seen.section, suggested=seen.item, why=seen.why)
    return replace(one, suggested=None, why=not_borne_out(one.why, one.suggested))

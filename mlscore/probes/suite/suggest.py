"""For every test of a suite: the section it stands in, the item it is evidence for (mostly none), how sure, and why."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.core.placement import EMPTY, METAMORPHIC, Conventions, Placement, not_borne_out, place, prefix_of
from mlscore.core.placement_words import SECTION_MARKERS, section_of_path, suggested_by_words
from mlscore.probes.suite import rules_data, rules_infra, rules_model, rules_monitor
from mlscore.probes.suite.facts import Facts, read_facts
from mlscore.probes.suite.reader import StaticTest, Suite
from mlscore.probes.suite.signs import ORDERED, Hint, faked, is_trivial

RULES = (*rules_data.RULES, *rules_model.RULES, *rules_infra.RULES, *rules_monitor.RULES)

LEAST = 0.55
"""A guess below this is not shown: "none" is the better answer."""
_NOT_BY_WORDS = frozenset({"model-6", "infra-2", "infra-3", "infra-6", "model-5", "data-7", "monitor-6", "monitor-5"})
"""Items whose signs the rules would have seen: where they did not, a name alone convinces nobody."""
SECTION_AGREES = 0.08
SECTION_DIFFERS = 0.1
WORDS_IN_SECTION = 0.55


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a reader of the suite would say of one test. `placed` is true where its marks already earn the items."""

    test: StaticTest
    section: str | None
    items: tuple[str, ...]
    confidence: float
    why: str
    placed: bool = False
    problems: tuple[str, ...] = ()

    @property
    def item(self) -> str | None:
        """The item, or the first of several; None for most tests."""
        return self.items[0] if self.items else None


def suggest(suite: Suite, *, conventions: Conventions, rubric_ids: tuple[str, ...]) -> tuple[Suggestion, ...]:
    """One suggestion for each test of the suite, in its order."""
    return tuple(_suggest(suite, test, conventions, rubric_ids) for test in suite.tests)


def _suggest(suite: Suite, test: StaticTest, conventions: Conventions, rubric_ids: tuple[str, ...]) -> Suggestion:
    placement = place(
        test.marks,
        docstring=test.docstring,
        name=test.name,
        path=test.path,
        conventions=conventions,
        rubric_ids=rubric_ids,
    )
    if placement.items or placement.problems:
        section = prefix_of(placement.items[0]) if placement.items else _section(test)
        return Suggestion(
            test, section, placement.items, 1.0 if placement.items else 0.0, placement.why, True, placement.problems
        )
    section = placement.section or _section(test)
    facts = read_facts(suite, test, section)
    seen = _seen(facts, rubric_ids)
    claimed = _claimed(placement)
    if claimed is not None:
        return _with_claim(test, claimed, placement, seen)
    if seen is not None:
        return Suggestion(test, prefix_of(seen.item), (seen.item,), seen.confidence, seen.why)
    why = not_borne_out(placement.why, placement.suggested) or "nothing in it speaks for an item"
    return Suggestion(test, section, (), 0.0, why)


def _section(test: StaticTest) -> str | None:
    for mark in test.marks:
        if (section := SECTION_MARKERS.get(mark.name.lower())) is not None:
            return section
    here = section_of_path(test.path)
    return here[0] if here else None


def _claimed(placement: Placement) -> str | None:
    """The item that a foreign marker or a docstring tag names; a number in a name is not trusted."""
    return placement.suggested if placement is not EMPTY and placement.confidence > WORDS_IN_SECTION else None


def _with_claim(test: StaticTest, claimed: str, placement: Placement, seen: Hint | None) -> Suggestion:
    confidence, why = placement.confidence, placement.why
    if seen is not None and seen.item == claimed:
        confidence, why = min(0.97, confidence + 0.1), f"{why}; and it {seen.why}"
    elif seen is not None and seen.confidence >= 0.75:
        confidence, why = confidence - 0.2, f"{why}; but it {seen.why}, which is {seen.item}"
    return Suggestion(test, prefix_of(claimed), (claimed,), round(confidence, 2), why)


def _seen(facts: Facts, rubric_ids: tuple[str, ...]) -> Hint | None:
    """The rule that is surest about a test, after its section has been weighed; None below LEAST."""
    if facts.raises and not facts.claims:
        return None
    if facts.claims and all(c.op == "mock" for c in facts.claims):
        return None
    if facts.section == METAMORPHIC and not facts.says("fairness", "gender", "bias", "latency"):
        return None
    best: Hint | None = None
    doubted: set[str] = set()
    for rule in RULES:
        hint = rule(facts)
        if hint is None or hint.item not in rubric_ids:
            continue
        hint = _weighed(hint, facts)
        if hint.confidence < LEAST:
            doubted.add(hint.item)
        if best is None or hint.confidence > best.confidence:
            best = hint
    if best is not None and best.confidence >= LEAST:
        return Hint(best.item, round(min(best.confidence, 0.95), 2), best.why)
    if facts.section is not None and facts.claims and not facts.raises and not faked(facts):
        item = suggested_by_words(facts.section, facts.test.name, facts.test.docstring, rubric_ids)
        telling = any(c.near and c.op in ORDERED and not is_trivial(c) for c in facts.claims)
        if item in ("data-1", "monitor-2") and not rules_data.reads_project_data(facts):
            return None
        if item is not None and telling and item not in _NOT_BY_WORDS and item not in doubted:
            return Hint(item, WORDS_IN_SECTION, "stands in the section, and the words of its name say so")
    return None


def _weighed(hint: Hint, facts: Facts) -> Hint:
    if facts.section is None:
        return hint
    change = SECTION_AGREES if prefix_of(hint.item) == facts.section else -SECTION_DIFFERS
    if facts.section == "model" and prefix_of(hint.item) == "infra":
        # A file test_model.py holds the model's unit tests and thresholds as often as comparisons.
        change = 0.0
    return Hint(hint.item, hint.confidence + change, hint.why)

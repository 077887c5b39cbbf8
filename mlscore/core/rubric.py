"""The rubric: sections, items, levels, bands and the scoring rule, as one immutable value with exact points."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

LEVEL_IDS = ("none", "manual", "automated")
SECTION_RULES = ("sum", "mean", "weighted-mean", "min")
TOTAL_RULES = ("min", "sum", "mean", "weighted-mean", "ladder")

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Level:
    """How an item is practised: `id` is one of LEVEL_IDS, `points` what the level earns in this rubric."""

    id: str
    points: Fraction
    title: str


@dataclass(frozen=True, slots=True)
class Band:
    """A range of totals and its reading. `above` excludes its boundary, `at_least` and `at_most` include theirs."""

    id: str
    title: str
    reading: str
    above: Fraction | None = None
    at_least: Fraction | None = None
    at_most: Fraction | None = None

    def contains(self, total: Fraction) -> bool:
        """Whether `total` lies in the band; a boundary that is None does not bound."""
        return (
            (self.above is None or total > self.above)
            and (self.at_least is None or total >= self.at_least)
            and (self.at_most is None or total <= self.at_most)
        )

    def overlaps(self, other: Band) -> bool:
        """Whether some total lies in both bands."""
        both = Band(
            "",
            "",
            "",
            above=_largest(self.above, other.above),
            at_least=_largest(self.at_least, other.at_least),
            at_most=_smallest(self.at_most, other.at_most),
        )
        return not both.is_empty()

    def is_empty(self) -> bool:
        """Whether no total can lie in the band, its lower boundary being beyond its upper one."""
        if self.at_most is None:
            return False
        beyond_open = self.above is not None and self.above >= self.at_most
        beyond_closed = self.at_least is not None and self.at_least > self.at_most
        return beyond_open or beyond_closed


@dataclass(frozen=True, slots=True)
class Scoring:
    """How points add up: `section` from items to a section (SECTION_RULES), `total` from sections (TOTAL_RULES).

    Under "ladder" the sections are stages in order, and the total is how many are complete, counted from the first.
    """

    section: str
    total: str


@dataclass(frozen=True, slots=True)
class Section:
    """A group of items. `complete_at` is the level that each item must reach for a ladder's stage to be complete."""

    id: str
    title: str
    weight: Fraction = _ONE
    complete_at: str = "automated"


@dataclass(frozen=True, slots=True)
class Item:
    """One test of the rubric, with what a person needs to know to practise it.

    `manual` and `automated` say what earns the level, `pitfall` the common way to fool oneself, `recipe` is a pytest
    snippet to start from. All texts but the title may be empty in a rubric of one's own.
    """

    id: str
    section: str
    title: str
    question: str = ""
    why: str = ""
    how: tuple[str, ...] = ()
    manual: str = ""
    automated: str = ""
    pitfall: str = ""
    references: tuple[str, ...] = ()
    weight: Fraction = _ONE
    recipe: str = ""


@dataclass(frozen=True, slots=True)
class Rubric:
    """A whole rubric. Sections and bands keep the order in which they are written; items follow their sections'."""

    id: str
    version: str
    title: str
    source: str
    language: str
    levels: tuple[Level, ...]
    bands: tuple[Band, ...]
    scoring: Scoring
    sections: tuple[Section, ...]
    items: tuple[Item, ...]

    @property
    def digest(self) -> str:
        """The ruler's digest (see `ruler_digest`): two rubrics with the same digest give the same scores."""
        return ruler_digest(self.levels, self.bands, self.scoring, self.sections, self.items)

    def item(self, item_id: str) -> Item:
        """The item of that id. Raises KeyError when the rubric has none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise KeyError(item_id)

    def section(self, section_id: str) -> Section:
        """The section of that id. Raises KeyError when the rubric has none."""
        for section in self.sections:
            if section.id == section_id:
                return section
        raise KeyError(section_id)

    def level(self, level_id: str) -> Level:
        """The level of that id. Raises KeyError when it is none of LEVEL_IDS."""
        for level in self.levels:
            if level.id == level_id:
                return level
        raise KeyError(level_id)

    def items_of(self, section_id: str) -> tuple[Item, ...]:
        """The items of one section, in the rubric's order; none when there is no such section."""
        return tuple(item for item in self.items if item.section == section_id)

    def band_for(self, total: Fraction) -> Band | None:
        """The band in which `total` lies, or None where the rubric's bands leave a gap."""
        for band in self.bands:
            if band.contains(total):
                return band
        return None


def ruler_digest(
    levels: tuple[Level, ...],
    bands: tuple[Band, ...],
    scoring: Scoring,
    sections: tuple[Section, ...],
    items: tuple[Item, ...],
) -> str:
    """`sha256:` and the hash of everything that decides a score, and of nothing else.

    That is the levels' points, the bands' boundaries, the scoring rule, the sections with weights and order (a ladder's
    stages are ordered), and which item of which weight is in which section. Texts, and the order in which items or
    bands are written, change no score and so not the digest.
    """
    # Only reports and baselines need the digest; `mlscore explain` must not pay for these imports.
    import hashlib
    import json

    ruler = {
        "levels": [[level.id, str(level.points)] for level in levels],
        "bands": sorted([b.id, _text(b.above), _text(b.at_least), _text(b.at_most)] for b in bands),
        "scoring": [scoring.section, scoring.total],
        "sections": [[s.id, str(s.weight), s.complete_at] for s in sections],
        "items": sorted([i.id, i.section, str(i.weight)] for i in items),
    }
    canonical = json.dumps(ruler, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return "sha256:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def _text(boundary: Fraction | None) -> str:
    return "" if boundary is None else str(boundary)


def _largest(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return other if one is None else one if other is None else max(one, other)


def _smallest(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return other if one is None else one if other is None else min(one, other)

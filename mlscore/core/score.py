"""Item results to the score: sections, total, band and binding sections, in exact fractions.

Method: E. Breck et al., "The ML Test Score", IEEE Big Data 2017, section VI: a section's score is the sum of its items'
points, the final score the minimum of the sections'. Other rules serve rubrics of one's own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from mlscore.core.evidence import Diagnostic, Severity
from mlscore.core.points import section_points, show, total_points
from mlscore.core.report import BandRef, ItemResult, Score, SectionScore, Verdict
from mlscore.core.rubric import Rubric

_OUT_OF_REACH = frozenset({Verdict.UNKNOWN, Verdict.NOT_APPLICABLE, Verdict.NOT_RUN})


def score(rubric: Rubric, items: Sequence[ItemResult]) -> Score:
    """The score of `items`, one result per item of the rubric."""
    by_id = {item.id: item for item in items}

    def practised(item: str) -> Fraction:
        return by_id[item].practised

    def verified(item: str) -> Fraction:
        return by_id[item].verified

    def possible(item: str) -> Fraction:
        return by_id[item].possible

    sections = tuple(
        SectionScore(
            id=s.id,
            title=s.title,
            practised=section_points(rubric, s.id, practised),
            verified=section_points(rubric, s.id, verified),
            possible=section_points(rubric, s.id, possible),
            out_of_reach=tuple(i.id for i in rubric.items_of(s.id) if by_id[i.id].verdict in _OUT_OF_REACH),
        )
        for s in rubric.sections
    )
    total = total_points(rubric, verified)
    total_practised = total_points(rubric, practised)
    return Score(
        practised=total_practised,
        verified=total,
        possible=total_points(rubric, possible),
        band=_band(rubric, total),
        practised_band=_band(rubric, total_practised),
        binding=_binding(rubric, sections, total, verified),
        sections=sections,
        rule=rubric.scoring.total,
    )


def _binding(
    rubric: Rubric, sections: Sequence[SectionScore], total: Fraction, verified: Callable[[str], Fraction]
) -> tuple[str, ...]:
    """The sections that must rise for the total to rise: all at the minimum, or a ladder's first incomplete stage."""
    if rubric.scoring.total == "min":
        return tuple(s.id for s in sections if s.verified == total and s.verified < s.possible)
    if rubric.scoring.total == "ladder":
        return tuple(s.id for s in sections[int(total) : int(total) + 1])
    return ()


def _band(rubric: Rubric, total: Fraction) -> BandRef | None:
    band = rubric.band_for(total)
    return None if band is None else BandRef(band.id, band.title, band.reading)


def score_diagnostics(rubric: Rubric, result: Score) -> tuple[Diagnostic, ...]:
    """What a reader should know of the total itself: that it lies in none of the rubric's bands."""
    if not rubric.bands or result.band is not None:
        return ()
    return (
        Diagnostic(
            Severity.INFO,
            "no-band",
            f"a total of {show(result.verified)} lies in no band of {rubric.id}",
            help="the rubric's bands leave a gap there; read the total beside its neighbours",
        ),
    )

"""The committed baseline: the score the ratchet holds a project to, with the ruler that measured it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mlscore.core.evidence import Outcome
from mlscore.core.report import Report, RubricRef, Tool

SCHEMA = "mlscore-baseline/1"


@dataclass(frozen=True, slots=True)
class BaselineItem:
    """One item's points when the baseline was written.

    `sources` are the kinds of evidence that passed for it, `proofs` the kinds of proof that it was automated.
    """

    id: str
    practised: Fraction
    verified: Fraction
    sources: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BaselineSection:
    """One section's points when the baseline was written."""

    id: str
    practised: Fraction
    verified: Fraction


@dataclass(frozen=True, slots=True)
class Baseline:
    """A score to fall below no more."""

    schema: str
    tool: Tool
    rubric: RubricRef
    written_at: str
    commit: str | None
    practised: Fraction
    verified: Fraction
    sections: tuple[BaselineSection, ...]
    items: tuple[BaselineItem, ...]


def baseline_of(report: Report) -> Baseline:
    """The baseline that holds a project to `report`."""
    return Baseline(
        schema=SCHEMA,
        tool=report.tool,
        rubric=report.rubric,
        written_at=report.generated_at,
        commit=report.project.commit,
        practised=report.score.practised,
        verified=report.score.verified,
        sections=tuple(BaselineSection(s.id, s.practised, s.verified) for s in report.score.sections),
        items=tuple(
            BaselineItem(
                id=i.id,
                practised=i.practised,
                verified=i.verified,
                sources=tuple(sorted({e.source.kind.value for e in i.evidence if e.outcome is Outcome.PASSED})),
                proofs=tuple(
                    sorted({p.kind.name.lower() for e in i.evidence if e.outcome is Outcome.PASSED for p in e.proofs})
                ),
            )
            for i in report.items
        ),
    )

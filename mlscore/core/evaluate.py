"""Evidence to item results: the level at which each item's test is practised, and what of it is verified."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction

from mlscore.core.attestation import Waiver
from mlscore.core.evidence import Evidence, Outcome, SourceKind
from mlscore.core.report import ItemResult, Verdict, WaiverNote
from mlscore.core.rubric import Item, Rubric

LEVELS = ("none", "manual", "automated")

# A test or check that ran shows that the item is practised, whatever it said; a person's statement only while it holds.
_PRACTISED = {
    SourceKind.TEST: frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR}),
    SourceKind.CHECK: frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.ERROR}),
    SourceKind.ATTESTATION: frozenset({Outcome.PASSED}),
    SourceKind.PROBE: frozenset({Outcome.PASSED}),
}
VETO = frozenset({Outcome.FAILED, Outcome.ERROR})

# The verdict of an item that nothing verifies is its gravest outcome, in this order.
_GRAVITY = (
    (Outcome.FAILED, Verdict.FAILING),
    (Outcome.ERROR, Verdict.ERROR),
    (Outcome.PASSED, Verdict.VERIFIED),
    (Outcome.HOLLOW, Verdict.HOLLOW),
    (Outcome.EXPIRED, Verdict.EXPIRED),
    (Outcome.SKIPPED, Verdict.SKIPPED),
    (Outcome.NOT_RUN, Verdict.NOT_RUN),
    (Outcome.UNKNOWN, Verdict.UNKNOWN),
    (Outcome.NOT_APPLICABLE, Verdict.NOT_APPLICABLE),
)


def earned_level(evidence: Evidence) -> str:
    """The level one piece of evidence shows to be practised: "none", "manual" or "automated".

    A test or check that ran to an outcome is automated when something proves that it runs by itself on a repeated basis,
    else manual; an attestation is manual while it holds; everything else earns nothing.
    """
    if evidence.outcome not in _PRACTISED[evidence.source.kind]:
        return "none"
    if evidence.source.kind in (SourceKind.TEST, SourceKind.CHECK) and evidence.proofs:
        return "automated"
    return "manual"


def evaluate(
    rubric: Rubric, evidence: Iterable[Evidence], *, waivers: Iterable[Waiver] = (), today: date
) -> tuple[ItemResult, ...]:
    """One result per item of the rubric, in its order; the order of `evidence` does not matter.

    Practised: the highest level that any evidence of the item shows. Verified: the highest level of the evidence that
    passed, and nothing as long as any test or check of the item fails or errors. Evidence of items the rubric does not
    have is left out.
    """
    by_item: dict[str, list[Evidence]] = {item.id: [] for item in rubric.items}
    for one in evidence:
        if one.item in by_item:
            by_item[one.item].append(one)
    in_force = {w.item: w for w in sorted(waivers, key=lambda w: w.expires) if w.holds(today)}
    return tuple(_evaluate_item(rubric, item, by_item[item.id], in_force.get(item.id)) for item in rubric.items)


def _evaluate_item(rubric: Rubric, item: Item, found: list[Evidence], waiver: Waiver | None) -> ItemResult:
    found = sorted(found, key=_order)
    practised = max((earned_level(e) for e in found), key=LEVELS.index, default="none")
    passed = max((earned_level(e) for e in found if e.outcome is Outcome.PASSED), key=LEVELS.index, default="none")
    verified = "none" if any(e.outcome in VETO for e in found) else passed
    return ItemResult(
        id=item.id,
        section=item.section,
        title=item.title,
        level=practised,
        practised=rubric.level(practised).points,
        verified=rubric.level(verified).points,
        possible=_most(rubric),
        verdict=_verdict(found),
        evidence=tuple(found),
        missing=_missing(item, found, practised, verified),
        waiver=_note(waiver),
    )


def _order(evidence: Evidence) -> tuple[str, str, str, str, str, str]:
    # The last part settles ties between runs of one test, so that the result does not depend on the order given.
    rest = repr((evidence.location, evidence.values, evidence.proofs, evidence.missing, evidence.until))
    return (evidence.source.kind, evidence.source.name, evidence.outcome, evidence.at or "", evidence.summary, rest)


def _most(rubric: Rubric) -> Fraction:
    return max(level.points for level in rubric.levels)


def _verdict(found: list[Evidence]) -> Verdict:
    outcomes = {e.outcome for e in found}
    for outcome, verdict in _GRAVITY:
        if outcome in outcomes:
            return verdict
    return Verdict.NO_EVIDENCE


def _missing(item: Item, found: list[Evidence], practised: str, verified: str) -> tuple[str, ...]:
    """What stands between the item and its full points, in words, without repetition."""
    if verified == "automated":
        return ()
    said: list[str] = []
    for one in found:
        if one.outcome in VETO:
            said.append(f"make {one.source.name} pass")
        elif one.outcome is Outcome.HOLLOW:
            said.append(f"let {one.source.name} be able to fail: {one.summary}")
        elif one.outcome in (Outcome.SKIPPED, Outcome.NOT_RUN):
            said.append(f"run {one.source.name} ({one.summary or one.outcome})")
        said.extend(one.missing)
    if practised == "none" and not said:
        said.append(f'mark a test with @pytest.mark.mlscore("{item.id}"), or attest it: mlscore attest {item.id}')
    if verified == "manual" and not any(e.source.kind is not SourceKind.ATTESTATION for e in found):
        said.append(f'for the automated level: a test marked @pytest.mark.mlscore("{item.id}") that CI runs')
    return tuple(dict.fromkeys(said))


def _note(waiver: Waiver | None) -> WaiverNote | None:
    if waiver is None:
        return None
    return WaiverNote(waiver.reason.value, waiver.note, waiver.author, waiver.expires.isoformat())

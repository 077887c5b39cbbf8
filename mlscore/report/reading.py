"""How a report reads: what every format says alike of validity, verdicts, sources and warnings."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from math import isfinite

from mlscore.core.evidence import Diagnostic, Evidence, Outcome, Severity, SourceKind, Value
from mlscore.core.points import show
from mlscore.core.report import ItemResult, Report, RuleResult, Verdict
from mlscore.report.text import clean, count, node_forms

# What the head of every format tells already.
_TOLD = frozenset({"collection-error", "interrupted", "partial", "no-band"})

_DECIDES = {
    Verdict.VERIFIED: Outcome.PASSED,
    Verdict.FAILING: Outcome.FAILED,
    Verdict.ERROR: Outcome.ERROR,
    Verdict.HOLLOW: Outcome.HOLLOW,
    Verdict.EXPIRED: Outcome.EXPIRED,
    Verdict.SKIPPED: Outcome.SKIPPED,
    Verdict.NOT_RUN: Outcome.NOT_RUN,
    Verdict.UNKNOWN: Outcome.UNKNOWN,
    Verdict.NOT_APPLICABLE: Outcome.NOT_APPLICABLE,
}

# pytest's own words for a session that collection errors ended.
_COLLECTION = re.compile(r"\d+ errors? during collection")

_MOST_DIGITS = 6
_MOST_WRITTEN_OUT = 1e12

# Shares of the possible points at which the reading changes: the bands of the ML Test Score, which its 2016 scale
# shares, as sevenths (0; up to 1, 2, 3, 5; above).
_STEPS = tuple(Fraction(n, 7) for n in (0, 1, 2, 3, 5))


def ruler(report: Report) -> str:
    """What the score is called: the rubric's title, else its id."""
    return clean(report.rubric.title) or clean(report.rubric.id)


def invalid_because(report: Report) -> tuple[str, ...]:
    """Why the score must not be read as one: collection errors, a run that broke off, no test at all. Empty: it may."""
    run = report.run
    reasons: list[str] = []
    if run.errors:
        reasons.append(f"{count(len(run.errors), 'collection error')} ({listed(run.errors)})")
    if run.interrupted:
        reasons.append(f"the run broke off: {clean(run.interrupted)}")
    if run.kind in ("pytest", "junit") and run.tests == 0:
        reasons.append("no test ran")
    return tuple(reasons)


def partial_because(report: Report) -> str:
    """That the run was partial, why, and which items it did not reach; empty for a whole run.

    What broke the run off is left to `invalid_because`, which a reader has read by then.
    """
    run = report.run
    if not run.partial:
        return ""
    reasons = [clean(p) for p in run.partial if p != run.interrupted and not _COLLECTION.fullmatch(p)]
    if not reasons:
        return f"not reached: {listed(run.unreached, most=28)}" if run.unreached else ""
    text = f"partial run: {'; '.join(reasons)}"
    return f"{text}; not reached: {listed(report.run.unreached, most=28)}" if report.run.unreached else text


def listed(names: tuple[str, ...], most: int = 3) -> str:
    """`a, b, c and 4 more`."""
    shown = ", ".join(clean(n) for n in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def band_rank(report: Report) -> int | None:
    """The colour of the verified total's band, from 0 (worst) to 5 (best); None where the total lies in no band."""
    score = report.score
    if score.band is None or score.possible <= 0:
        return None
    share = score.verified / score.possible
    return sum(share > step for step in _STEPS)


def binding_titles(report: Report) -> tuple[str, ...]:
    """The titles of the sections that must rise for the total to rise."""
    titles = {s.id: clean(s.title) or clean(s.id) for s in report.score.sections}
    return tuple(titles.get(b, clean(b)) for b in report.score.binding)


def points(of: Fraction, possible: Fraction) -> str:
    """`2.5 of 7`."""
    return f"{show(of)} of {show(possible)}"


def decisive(item: ItemResult) -> Evidence | None:
    """The piece of evidence behind the item's verdict: for a verified item the one that earned its level."""
    wanted = _DECIDES.get(item.verdict)
    found = [e for e in item.evidence if e.outcome is wanted]
    if item.level == "automated":
        found.sort(key=lambda e: not e.proofs)
    return found[0] if found else None


def remark(item: ItemResult, decisive: Evidence) -> str:
    """What a passed test's evidence has to say, such as `passed after 2 reruns`; empty for most.

    Where the decisive evidence has nothing to say, another test's remark is given with its name.
    """
    if decisive.summary:
        return clean(decisive.summary)
    for one in item.evidence:
        if one.outcome is Outcome.PASSED and one.summary and one.source.kind is SourceKind.TEST:
            return f"{node_forms(one.source.name)[-1]} {clean(one.summary)}"
    return ""


def day(text: str | None) -> date | None:
    """The date an ISO 8601 time or date begins with, or None."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        return None


def lasting(evidence: Evidence, report: Report) -> str:
    """How long an attestation holds on the day of the report: `112 days left`, `expired 2026-05-01`; else empty."""
    until, today = day(evidence.until), day(report.generated_at)
    if evidence.source.kind is not SourceKind.ATTESTATION or until is None or today is None:
        return ""
    left = (until - today).days
    return f"expired {until.isoformat()}" if left < 0 else f"{count(left, 'day')} left"


def proof_words(evidence: Evidence) -> str:
    """Why evidence counts as automated: the chain of lines from the CI's file to the command, else in words."""
    for proof in evidence.proofs:
        if proof.chain:
            return " → ".join(clean(str(place)) for place in proof.chain)
    return clean(evidence.proofs[0].summary) if evidence.proofs else ""


def automation(report: Report) -> list[tuple[str, str, tuple[str, ...]]]:
    """What earned or lacks the second half of items' points: "automated by" or "manual because", why, and the items."""
    found: dict[tuple[str, str], list[str]] = {}
    for item in report.items:
        evidence = decisive(item)
        if evidence is None or item.level == "none" or evidence.source.kind is SourceKind.ATTESTATION:
            continue
        proof = proof_words(evidence)
        lacking = "; ".join(clean(m) for m in evidence.missing)
        if proof or lacking:
            found.setdefault(("automated by", proof) if proof else ("manual because", lacking), []).append(
                clean(item.id)
            )
    return [(what, why, tuple(items)) for (what, why), items in sorted(found.items(), key=lambda f: f[0][0])]


def figures(evidence: Evidence) -> str:
    """The figures a test attached: `rmse 38.2 minutes (threshold 40.5), rows 336776`."""
    return ", ".join(_figure(value) for value in evidence.values)


def _figure(value: Value) -> str:
    shown, threshold = number(value.value), number(value.threshold)
    if shown == threshold and value.value != value.threshold:
        # Rounding must not hide on which side of its threshold a figure lies.
        shown, threshold = str(value.value), str(value.threshold)
    text = f"{clean(value.name)} {clean(shown)}"
    if value.unit:
        text += f" {clean(value.unit)}"
    return text if value.threshold is None else f"{text} (threshold {clean(threshold)})"


def number(value: float | str | None) -> str:
    """A figure as a person reads it: a float to six digits, or to its whole part where that has more; else as it is."""
    if not isinstance(value, float) or not isfinite(value):
        return str(value)
    if len(repr(value)) <= _MOST_DIGITS + 1:
        return repr(value)
    if not 1 <= abs(value) < _MOST_WRITTEN_OUT:
        return f"{value:.{_MOST_DIGITS}g}"
    text = f"{value:.{max(_MOST_DIGITS - len(str(int(abs(value)))), 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def waived(item: ItemResult) -> str:
    """`waived until 2027-01-31 (planned)`, or empty."""
    if item.waiver is None:
        return ""
    return f"waived until {clean(item.waiver.until)} ({clean(item.waiver.reason)})"


def warnings(report: Report) -> tuple[Diagnostic, ...]:
    """The diagnostics a reader must see beside the score, gravest first, without those the head tells."""
    serious = [d for d in report.diagnostics if d.severity is not Severity.INFO and d.code not in _TOLD]
    return tuple(sorted(serious, key=lambda d: d.severity is not Severity.ERROR))


def notes(report: Report) -> tuple[Diagnostic, ...]:
    """The diagnostics that are good to know and ask for nothing, without those the head tells."""
    return tuple(d for d in report.diagnostics if d.severity is Severity.INFO and d.code not in _TOLD)


def gate_words(report: Report) -> str:
    """`gate met`, `gate not met`, `gate not judged: ...`, `no gate is set`."""
    gate = report.gate
    if gate.passed is None:
        reason = "the run is partial" if report.run.partial else clean(gate.reason or "")
        return f"gate not judged: {reason}" if reason else "gate not judged"
    if not gate.passed:
        return "gate not met"
    return "gate met" if gate.rules else "no gate is set"


def unmet(report: Report) -> tuple[RuleResult, ...]:
    """The rules that failed or could not be judged, failed ones first."""
    return tuple(sorted((r for r in report.gate.rules if r.passed is not True), key=lambda r: r.passed is None))


def quiet_line(report: Report) -> str:
    """The score and the gate in one line, for a quiet run; a score that is not valid is not named."""
    score, run, gate = report.score, report.run, report.gate
    reasons = invalid_because(report)
    if reasons:
        said = f"not valid: {'; '.join(reasons)}"
    else:
        said = f"{show(score.verified)} verified, {show(score.practised)} practised"
        said += " (of a partial run)" if run.partial else ""
    # What made the score invalid has been said, and the other rules then judge a score that is none.
    failing = "" if reasons else "; ".join(clean(rule.summary) for rule in gate.rules if rule.passed is False)
    # That the run is partial has been said as well: what is left is why, and what it did not reach.
    why = "; ".join(clean(p) for p in run.partial) if run.partial else clean(gate.reason or "")
    if run.partial and run.unreached:
        why += f"; not reached: {', '.join(map(clean, run.unreached))}"
    words = f"gate not judged: {why}" if gate.passed is None else gate_words(report)
    words += f": {failing}" if gate.passed is False and failing else ""
    found = len(warnings(report))
    # A strict gate counts them itself.
    return f"ML Test Score {said}; {words}" + (
        f"; {count(found, 'warning')}" if found and "warning" not in words else ""
    )


def headline(report: Report) -> str:
    """The score in one line without marks: `ML Test Score: 2.5 of 7, reasonably tested`, or that it is not valid."""
    reasons = invalid_because(report)
    if reasons:
        return f"{ruler(report)}: score not valid: {'; '.join(reasons)}"
    text = f"{ruler(report)}: {points(report.score.verified, report.score.possible)}"
    if report.score.band is not None:
        text += f", {clean(report.score.band.title)}"
    return f"{text} (partial run)" if report.run.partial else text


def unplaced(report: Report) -> str:
    """`2 tests name no item and earn nothing: test_a.py::test_b (data-1?), test_a.py::test_c`; or empty."""
    found = report.unplaced
    if not found:
        return ""
    names = tuple(node_forms(one.id)[0] + (f" ({one.suggested}?)" if one.suggested else "") for one in found)
    verb = "names no item and earns" if len(found) == 1 else "name no item and earn"
    text = f"{count(len(found), 'test')} {verb} nothing: {listed(names)}"
    # Whoever has marked nothing yet is new here.
    return text if report.run.marked else f"{text}; `mlscore map` reads them and proposes marks"

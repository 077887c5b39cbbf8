"""A skew report as the result of a check: what a person reads, with every figure behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mlscore.checks.base import CheckResult
from mlscore.checks.skew.report import ColumnSkew, Examples, SkewReport, Verdict
from mlscore.core.codec import encode
from mlscore.core.evidence import Value

if TYPE_CHECKING:
    from mlscore.checks.drift.report import ColumnDrift, DriftReport


def exact_result(report: SkewReport) -> CheckResult:
    """The result of the exact comparison: passed only where enough examples met and none, or few enough, differ."""
    examples, found = report.examples, report.found
    compared = len(report.columns)
    if report.verdict is Verdict.UNMATCHED:
        ids = examples.matched + examples.served_only + examples.served_duplicated + examples.served_missing
        summary = f"{examples.matched:,} of {ids:,} served examples met a recomputed one: too few to compare"
    elif report.verdict is Verdict.SKEWED:
        summary = (
            f"{len(found)} of {compared} features and {examples.skewed:,} of {examples.matched:,} examples are skewed"
        )
    else:
        summary = f"{compared} features of {examples.matched:,} examples are as the training code computes them"
    return CheckResult(
        passed=report.verdict is Verdict.SAME,
        summary=summary,
        values=(
            Value("matched examples", examples.matched_share, None, report.least_matched),
            Value("skewed features", len(found), None, 0),
            Value("skewed examples", examples.share, None, report.limit),
        ),
        findings=(*_ids(report), *(_line(report.column(name)) for name in found)),
        unknown=tuple(_unknown(report)),
        hollow=report.hollow,
        details=encode(report),
    )


def _ids(report: SkewReport) -> Iterator[str]:
    """What is wrong with the ids, where that is why nothing can be said."""
    if report.verdict is not Verdict.UNMATCHED:
        return
    examples = report.examples
    yield (
        f"{examples.matched_share:.1%} of the served ids were matched (at least {report.least_matched:.0%} should be): "
        f"{_counts(examples)}"
    )
    yield from (note for note in report.notes if note.startswith("the id "))


def _counts(examples: Examples) -> str:
    counted = (
        (examples.served_only, "only served"),
        (examples.recomputed_only, "only recomputed"),
        (examples.served_duplicated, "served more than once"),
        (examples.recomputed_duplicated, "recomputed more than once"),
        (examples.served_missing, "served rows without an id"),
        (examples.recomputed_missing, "recomputed rows without an id"),
    )
    return ", ".join(f"{count:,} {what}" for count, what in counted if count) or "there are no examples"


def _line(column: ColumnSkew) -> str:
    if not column.skewed:
        return f"{column.name}: {column.likely[0].says}" if column.likely else f"{column.name}: the types differ"
    text = f"{column.name}: {column.skewed:,} examples differ ({column.share:.2%})"
    if column.likely:
        first = column.likely[0]
        text += f", probably because {first.says} ({first.share:.0%} of those looked at)"
        text += "".join(f"; {one.says} ({one.share:.0%})" for one in column.likely[1:])
    elif not column.pairs:
        text += "; why was not looked for, since many features differ more"
    elif column.largest is not None:
        text += f", by up to {column.largest:.6g}; no known cause fits"
    else:
        text += "; no known cause fits"
    return text


def _unknown(report: SkewReport) -> Iterator[str]:
    if report.not_recomputed:
        yield f"served but not recomputed: {_listed(report.not_recomputed)}"
    if report.not_served:
        yield f"recomputed but not served: {_listed(report.not_served)}"
    examples = report.examples
    if report.verdict is not Verdict.UNMATCHED:
        odd = examples.served_only or examples.served_duplicated or examples.served_missing
        if odd or examples.recomputed_duplicated or examples.recomputed_missing:
            yield f"examples that could not be compared: {_counts(examples)}"
        yield from report.notes


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def distribution_result(report: DriftReport) -> CheckResult:
    """The result of the comparison by distributions."""
    found = [column for column in report.columns if column.drifted]
    nothing = not report.reference_rows or not report.current_rows
    told = f"{len(found)} of {len(report.columns)} features are served with another distribution than in training"
    others = report.drifted and not found
    if nothing:
        told = "one side has no rows: nothing can be compared"
    elif others:
        told = "no single feature, but the table as a whole is distributed otherwise than in training"
    elif not found:
        told = (
            f"{len(report.columns)} features are distributed as in training ({report.current_rows:,} served examples)"
        )
    return CheckResult(
        passed=not report.drifted and not nothing,
        summary=told,
        values=(Value("skewed features", len(found), None, 0),),
        findings=tuple(_drifted(column) for column in found),
        unknown=("single examples: only distributions were compared", *report.notes),
        hollow=None if report.columns else "no feature is on both sides: nothing is compared",
        details=encode(report),
    )


def _drifted(column: ColumnDrift) -> str:
    cause = f", {column.cause.value}" if column.cause is not None else ""
    return f"{column.name}: {column.measure} {column.effect:.4g} (limit {column.threshold:.4g}){cause}"

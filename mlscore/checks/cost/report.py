"""What was found of the cost of features, as the result of a check: a line for each unit, those on the front first."""

from __future__ import annotations

from mlscore.checks.base import CheckResult
from mlscore.checks.cost.shapes import CostReport, Unit
from mlscore.core.codec import encode
from mlscore.core.evidence import Value


def as_result(report: CostReport) -> CheckResult:
    """The result: what breaks a limit first, then the table of units."""
    placed = [unit for unit in report.units if unit.front is not None]
    summary = f"{len(report.units)} features or groups of them are within their limits"
    if placed:
        summary = f"{summary}, {len(report.front)} of {len(placed)} on the Pareto front"
    if report.hollow is not None:
        summary = report.hollow
    if report.findings:
        more = len(report.findings) - 1
        summary = report.findings[0] + (f"; and {more} more" if more else "")
    return CheckResult(
        passed=report.passed,
        summary=summary,
        values=(
            Value("limits broken", len(report.findings), None, 0),
            Value("on the Pareto front", len(report.front)),
            Value("dominated", len(placed) - len(report.front)),
        ),
        findings=report.findings,
        unknown=report.not_judged,
        notes=tuple(line(unit, report.batch) for unit in report.units),
        hollow=report.hollow if report.passed else None,
        details=encode(report),
    )


def line(unit: Unit, batch: int) -> str:
    """A unit's row of the table, in words; what is not known is left out."""
    said = []
    if unit.row is not None:
        said.append(f"{unit.row.median.value:.3g} ms a row (95 %: {unit.row.p95.value:.3g})")
    if unit.batch is not None:
        said.append(f"{unit.batch.median.value:.3g} ms a batch of {batch:,} (95 %: {unit.batch.p95.value:.3g})")
    if unit.memory is not None:
        said.append(f"{unit.memory:.3g} MB")
    if unit.missing is not None:
        said.append(f"missing {unit.missing.value:.1%}")
    if unit.instability is not None:
        said.append(f"instability {unit.instability.value:.2g}")
    if unit.sources is not None:
        said.append(f"{unit.sources} source{'' if unit.sources == 1 else 's'}")
    cost = ", ".join(said) or "no cost is known"
    gain = "its gain is not known" if unit.gain is None else f"gain {unit.gain}"
    place = ""
    if unit.front is not None:
        place = "; on the front" if unit.front else f"; dominated by {unit.dominated_by}"
    return f"{unit.name}: {cost}; {gain}{place}"

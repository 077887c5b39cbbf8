"""Arithmetic on a rubric's points, in exact fractions: sections, totals, and how a person reads them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from mlscore.core.rubric import Rubric


def combine(rule: str, points: Sequence[Fraction], weights: Sequence[Fraction]) -> Fraction:
    """`sum`, `mean`, `weighted-mean` or `min` of exact points; nothing at all gives 0."""
    if not points:
        return Fraction(0)
    if rule == "sum":
        return sum(points, Fraction(0))
    if rule == "mean":
        return sum(points, Fraction(0)) / len(points)
    if rule == "weighted-mean":
        whole = sum(weights, Fraction(0))
        return sum((p * w for p, w in zip(points, weights, strict=True)), Fraction(0)) / whole if whole else Fraction(0)
    if rule == "min":
        return min(points)
    raise ValueError(f"unknown scoring rule {rule!r}")


def section_points(rubric: Rubric, section: str, points: Callable[[str], Fraction]) -> Fraction:
    """One section's points, when `points` gives each item's."""
    items = rubric.items_of(section)
    return combine(rubric.scoring.section, [points(i.id) for i in items], [i.weight for i in items])


def total_points(rubric: Rubric, points: Callable[[str], Fraction]) -> Fraction:
    """The rubric's total, when `points` gives each item's points."""
    if rubric.scoring.total == "ladder":
        return Fraction(_stages_complete(rubric, points))
    per_section = [section_points(rubric, s.id, points) for s in rubric.sections]
    return combine(rubric.scoring.total, per_section, [s.weight for s in rubric.sections])


def _stages_complete(rubric: Rubric, points: Callable[[str], Fraction]) -> int:
    """How many stages are complete, counted from the first up to the first that is not."""
    count = 0
    for stage in rubric.sections:
        wanted = rubric.level(stage.complete_at).points
        if not all(points(item.id) >= wanted for item in rubric.items_of(stage.id)):
            break
        count += 1
    return count


def show(points: Fraction) -> str:
    """Points for a person: `2`, `2.5`, `7/3`; never rounded."""
    if points.denominator == 1:
        return str(points.numerator)
    denominator = points.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return f"{points.numerator}/{points.denominator}"
    digits = 1
    while (points * 10**digits).denominator != 1:
        digits += 1
    scaled = abs(points.numerator) * 10**digits // points.denominator
    sign = "-" if points < 0 else ""
    return f"{sign}{scaled // 10**digits}.{scaled % 10**digits:0{digits}d}"

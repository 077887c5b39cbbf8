"""The curve as a small picture: a bar for each age, as text and as a table in Markdown."""

from __future__ import annotations

from mlscore.checks.staleness.shapes import StalenessReport

_WIDTH = 24


def lines(report: StalenessReport) -> list[str]:
    """A line for each age: a bar from 0, the loss, the age, and the increase with its interval.

    The bar stands first and is filled up, so that it lines up where spaces are not kept.
    """
    return [f"{bar} {loss} at {age} days: {worse}" for bar, loss, age, worse in _cells(report)]


def markdown(report: StalenessReport) -> str:
    """The same as a table in Markdown."""
    rows = [f"| age in days | {report.measure} | | increase |", "|---:|---:|---|---|"]
    rows += [f"| {age} | {loss} | `{bar}` | {worse} |" for bar, loss, age, worse in _cells(report)]
    return "\n".join(rows) + "\n"


def _cells(report: StalenessReport) -> list[tuple[str, str, str, str]]:
    most = max((point.loss for point in report.points), default=0.0) or 1.0
    found = []
    for point in report.points:
        full = round(max(0.0, min(1.0, point.loss / most)) * _WIDTH)
        beyond = report.allowed is not None and point.worse.value > report.allowed
        worse = "the youngest" if point is report.points[0] else f"{point.worse} more{', beyond the limit' * beyond}"
        found.append(("█" * full + "░" * (_WIDTH - full), f"{point.loss:.4f}", f"{point.age:.4g}", worse))
    return found

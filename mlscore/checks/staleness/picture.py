"""The curve as a small picture: a bar for each age, as text and as a table in Markdown."""

from __future__ import annotations

from mlscore.checks.staleness.shapes import StalenessReport

_WIDTH = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"


def lines(report: StalenessReport) -> list[str]:
    """A line for each age: the loss, a bar from 0, and the increase with its interval; the limit is marked."""
    return [f"{age} {loss} {bar}{mark} {worse}" for age, loss, bar, mark, worse in _cells(report, padded=True)]


def markdown(report: StalenessReport) -> str:
    """The same as a table in Markdown."""
    rows = [f"| age | {report.measure} | | increase |", "|---:|---:|---|---|"]
    rows += [
        f"| {age} | {loss} | `{bar}`{mark} | {worse} |" for age, loss, bar, mark, worse in _cells(report, padded=False)
    ]
    return "\n".join(rows) + "\n"


def _cells(report: StalenessReport, *, padded: bool) -> list[tuple[str, str, str, str, str]]:
    most = max((point.loss for point in report.points), default=0.0) or 1.0
    found = []
    wide = max((len(f"{point.age:.4g}") for point in report.points), default=0)
    for point in report.points:
        age = f"{point.age:{wide if padded else 0}.4g} days"
        bar = _bar(point.loss / most)
        beyond = report.allowed is not None and point.worse.value > report.allowed
        worse = "the youngest" if point is report.points[0] else f"+{point.worse}"
        found.append(
            (
                age,
                f"{point.loss:.4f}",
                f"{bar:<{_WIDTH}}" if padded else bar,
                " !" if beyond else "  " if padded else "",
                worse,
            )
        )
    return found


def _bar(share: float) -> str:
    """A bar of up to 24 characters, to an eighth of one."""
    eighths = round(max(0.0, min(1.0, share)) * _WIDTH * 8)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8]).rstrip()

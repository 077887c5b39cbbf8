"""A clock that is plainly wrong: with it, nothing that expires can be judged."""

from __future__ import annotations

from datetime import date, timedelta

from mlscore.core.evidence import Diagnostic, Severity

# mlscore is younger than this year: a clock that shows an earlier one was never set.
EARLIEST_YEAR = 2025
# Dates of commits come from other machines and time zones, and may be a day ahead of UTC.
_TOLERANCE = timedelta(days=1)


def clock_diagnostics(today: date, newest_commit: date | None = None) -> tuple[Diagnostic, ...]:
    """A warning when `today` lies before 2025, or more than a day before the project's newest commit (None: unknown)."""
    if today.year < EARLIEST_YEAR:
        why = "which is before mlscore was made"
    elif newest_commit is not None and newest_commit - today > _TOLERANCE:
        why = f"but the newest commit is of {newest_commit.isoformat()}"
    else:
        return ()
    return (
        Diagnostic(
            Severity.WARNING,
            "clock",
            f"this machine's clock is wrong: it says {today.isoformat()}, {why}",
            help="set it: until then nothing that expires can be judged",
        ),
    )

"""People's evidence: dated attestations that earn the manual level, and waivers that never raise a score."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from mlscore.core.evidence import Diagnostic, Evidence, Location, Outcome, Severity, Source, SourceKind

DEFAULT_DAYS = 180
MAX_DAYS = 365
WARN_DAYS = 30


class WaiverReason(StrEnum):
    """The few reasons for which an item may be waived."""

    NOT_APPLICABLE = "not-applicable"
    ACCEPTED_RISK = "accepted-risk"
    COVERED_ELSEWHERE = "covered-elsewhere"
    PLANNED = "planned"


@dataclass(frozen=True, slots=True)
class Attestation:
    """A person's dated statement that an item's test was done by hand, with a link to its documented result.

    `link` is a path inside the project or a URL; `link_found` is False when it is a path that does not exist. `expires` is
    the last day on which the attestation counts.
    """

    item: str
    owner: str
    date: dt.date
    what: str
    link: str
    expires: dt.date
    link_found: bool = True
    location: Location | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """A dated decision to go without an item for a while. It may free the gate; it never raises the score."""

    item: str
    reason: WaiverReason
    note: str
    author: str
    date: dt.date
    expires: dt.date
    location: Location | None = None

    def holds(self, today: dt.date) -> bool:
        """Whether the waiver is in force on `today` (in UTC), its last day included.

        One dated tomorrow is in force already: it was written where the new day has begun.
        """
        return (self.date - today).days <= 1 and today <= self.expires


def default_expiry(on: dt.date) -> dt.date:
    """The last day of an attestation or waiver made `on` a day, when it names none; the calendar ends with 9999."""
    return on + dt.timedelta(days=min(DEFAULT_DAYS, (dt.date.max - on).days))


def attestation_evidence(attestation: Attestation, today: dt.date) -> Evidence:
    """What an attestation is worth on `today`: PASSED while it holds, EXPIRED afterwards, UNKNOWN without its document."""
    left = (attestation.expires - today).days
    missing: tuple[str, ...] = ()
    if not attestation.link_found:
        outcome, summary = Outcome.UNKNOWN, f"{attestation.what} (the linked {attestation.link} does not exist)"
        missing = (f"restore {attestation.link} or link to where the result is documented",)
    elif left < 0:
        outcome = Outcome.EXPIRED
        summary = f"{attestation.what} (expired on {attestation.expires.isoformat()}, {-left} {_days(-left)} ago)"
        missing = (f"do it again, and renew the attestation that expired on {attestation.expires.isoformat()}",)
    else:
        outcome = Outcome.PASSED
        summary = f"{attestation.what} (holds until {attestation.expires.isoformat()}, {left} {_days(left)} left)"
    return Evidence(
        item=attestation.item,
        source=Source(SourceKind.ATTESTATION, attestation.owner),
        outcome=outcome,
        summary=f"{summary} -> {attestation.link}" if attestation.link_found else summary,
        location=attestation.location,
        at=attestation.date.isoformat(),
        until=attestation.expires.isoformat(),
        missing=missing,
    )


def expiry_diagnostics(
    attestations: tuple[Attestation, ...], waivers: tuple[Waiver, ...], today: dt.date
) -> tuple[Diagnostic, ...]:
    """Warnings about what has expired, or will within 30 days."""
    found: list[Diagnostic] = []
    for what, remedy, entries in (
        ("attestation", "do the work again, then renew it: mlscore attest", attestations),
        ("waiver", "do the work, or decide anew: mlscore waive", waivers),
    ):
        for entry in entries:
            left = (entry.expires - today).days
            if left > WARN_DAYS:
                continue
            on = entry.expires.isoformat()
            if left < 0:
                code, message = f"{what}-expired", f"the {what} of {entry.item} expired on {on} and no longer counts"
            else:
                code = f"{what}-expiring"
                message = f"the {what} of {entry.item} expires on {on}, in {left} {_days(left)}"
            found.append(Diagnostic(Severity.WARNING, code, message, entry.location, f"{remedy} {entry.item}"))
    return tuple(found)


def _days(count: int) -> str:
    return "day" if count == 1 else "days"

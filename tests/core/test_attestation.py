"""What a person's dated statement is worth from its first day to the day after its last."""

from datetime import date, timedelta

import pytest

from mlscore.core.attestation import (
    DEFAULT_DAYS,
    Attestation,
    Waiver,
    WaiverReason,
    attestation_evidence,
    default_expiry,
    expiry_diagnostics,
)
from mlscore.core.evidence import Outcome

LAST = date(2026, 6, 30)


def attested(**changes):
    return Attestation(
        **{
            "item": "infra-7",
            "owner": "ml-platform",
            "date": date(2026, 1, 1),
            "what": "Rolled back in the drill.",
            "link": "docs/drill.md",
            "expires": LAST,
            **changes,
        }
    )


def waived(**changes):
    return Waiver(
        **{
            "item": "data-5",
            "reason": WaiverReason.NOT_APPLICABLE,
            "note": "no personal data",
            "author": "team-data",
            "date": date(2026, 1, 1),
            "expires": LAST,
            **changes,
        }
    )


def test_default_expiry_is_180_days():
    assert default_expiry(date(2026, 1, 1)) - date(2026, 1, 1) == timedelta(days=DEFAULT_DAYS)
    assert DEFAULT_DAYS == 180


@pytest.mark.parametrize(
    ("today", "outcome", "words"),
    [
        (date(2026, 1, 1), Outcome.PASSED, "180 days left"),
        (date(2026, 6, 29), Outcome.PASSED, "1 day left"),
        (LAST, Outcome.PASSED, "0 days left"),
        (date(2026, 7, 1), Outcome.EXPIRED, "expired on 2026-06-30, 1 day ago"),
        (date(2027, 6, 30), Outcome.EXPIRED, "365 days ago"),
    ],
)
def test_the_last_day_counts_and_the_next_does_not(today, outcome, words):
    evidence = attestation_evidence(attested(), today)
    assert evidence.outcome is outcome
    assert words in evidence.summary
    assert (evidence.at, evidence.until) == ("2026-01-01", "2026-06-30")


def test_an_expired_one_says_how_to_renew_it():
    evidence = attestation_evidence(attested(), LAST + timedelta(days=1))
    assert evidence.missing == ("do it again, and renew the attestation that expired on 2026-06-30",)


def test_without_its_document_it_is_unknown():
    evidence = attestation_evidence(attested(link_found=False), LAST)
    assert evidence.outcome is Outcome.UNKNOWN
    assert evidence.missing == ("restore docs/drill.md or link to where the result is documented",)


@pytest.mark.parametrize(
    ("left", "codes"),
    [(31, []), (30, ["-expiring"]), (0, ["-expiring"]), (-1, ["-expired"])],
)
def test_warnings_begin_thirty_days_before(left, codes):
    today = LAST - timedelta(days=left)
    found = expiry_diagnostics((attested(),), (waived(),), today)
    assert [d.code for d in found] == [kind + code for kind in ("attestation", "waiver") for code in codes]


def test_a_waiver_holds_from_its_first_to_its_last_day():
    waiver = waived()
    # East of UTC the first day begins while it is still the day before.
    first = date(2025, 12, 31)
    days = [first - timedelta(days=1), first, LAST, LAST + timedelta(days=1)]
    assert [waiver.holds(day) for day in days] == [False, True, True, False]

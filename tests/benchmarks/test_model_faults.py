"""The table of faults and checks: every fault is claimed, misses stand out, and files are broken as said."""

import pytest

from benchmarks.model_faults import CLAIMS, DETECTION, ON_CASES, Count, text
from benchmarks.model_files import Repository, Training
from mlscore.checks.registry import known_checks
from mlscore.faults.models import model_catalogue


def test_every_fault_is_claimed_by_checks_that_there_are():
    assert set(CLAIMS) == {fault.id for fault in model_catalogue()}
    claimed = {check for checks in CLAIMS.values() for check in checks}
    assert claimed == {*ON_CASES, "reproducible", "provenance"}
    assert claimed <= set(known_checks())


def test_a_miss_is_printed_in_bold():
    assert DETECTION == 0.95
    found = {
        ("untrained", "slices"): Count(37, 40),
        ("one-class", "slices"): Count(38, 40),
        ("quantised", "slices"): Count(),
    }
    lines = text({"slices": Count(1, 200)}, found).splitlines()
    assert "| `slices` | 1 of 200, 0.1% to 2.8% |" in lines
    assert "| untrained | `slices` | **37 of 40, 80.1% to 97.4%** |" in lines
    assert "| one-class | `slices` | 38 of 40, 83.5% to 98.6% |" in lines
    assert "| quantised | `slices` | does not fit |" in lines


@pytest.mark.slow
def test_a_removed_seed_and_an_older_file_are_found_and_healthy_ones_pass():
    with Training() as training, Repository() as repository:
        assert not training.differs(1, seeded=True)
        assert training.differs(1, seeded=False)
        assert not repository.refused(1, stale=False)
        assert repository.refused(1, stale=True)

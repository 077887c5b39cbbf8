"""A clock that is plainly wrong."""

from datetime import date

import pytest

from mlscore.core.evidence import Severity
from mlscore.project.clock import clock_diagnostics


@pytest.mark.parametrize(
    ("today", "commit", "says"),
    [
        (date(1970, 1, 1), None, "it says 1970-01-01, which is before mlscore was made"),
        (date(2024, 12, 31), date(2024, 12, 30), "before mlscore was made"),
        (date(2026, 5, 1), date(2026, 5, 3), "it says 2026-05-01, but the newest commit is of 2026-05-03"),
        (date(1970, 1, 1), date(2026, 5, 3), "before mlscore was made"),
    ],
)
def test_a_wrong_clock_is_a_warning(today, commit, says):
    (found,) = clock_diagnostics(today, commit)
    assert (found.severity, found.code) == (Severity.WARNING, "clock")
    assert says in found.message
    assert found.help == "set it: until then nothing that expires can be judged"


@pytest.mark.parametrize(
    ("today", "commit"),
    [
        (date(2025, 1, 1), None),
        (date(2026, 5, 1), date(2026, 5, 2)),
        (date(2026, 5, 1), date(2026, 5, 1)),
        (date(2030, 5, 1), date(2020, 5, 1)),
    ],
)
def test_a_clock_that_may_be_right_is_left_alone(today, commit):
    assert clock_diagnostics(today, commit) == ()


def test_the_report_says_that_the_clock_is_wrong(loaded):
    from datetime import UTC, datetime

    from mlscore import pipeline
    from mlscore.collect.cases import Gathered
    from mlscore.core.report import RunFacts

    config = loaded('name = "x"\n')
    codes = {}
    for year in (1999, 2026):
        report = pipeline.run(config, Gathered((), RunFacts(kind="statements")), now=datetime(year, 5, 1, tzinfo=UTC))
        codes[year] = "clock" in {d.code for d in report.diagnostics}
    assert codes == {1999: True, 2026: False}

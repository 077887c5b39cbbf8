"""Whether offline figures tell online ones: found for the right reason, never by a handful of pairs."""

import pytest

from mlscore.checks import check_online
from mlscore.checks.online import as_result
from mlscore.checks.online.shapes import AgreementReport, Pair, Pairs
from mlscore.core.codec import decode, dumps, loads
from mlscore.errors import InputError


def test_metrics_that_agree_pass(history):
    report = check_online(history(0.7, 30))
    assert report.passed
    assert report.hollow is None
    assert report.kendall.low > 0.3
    assert report.positive < 0.001
    assert (report.missing, report.needed, report.pairs) == (None, None, 30)
    result = as_result(report)
    assert result.outcome == "passed"
    assert result.summary.startswith("offline and online of 30 models go together: tau 0.6")
    assert decode(AgreementReport, loads(dumps(result.details["agreement"]), where="it"), where="it") == report


def test_a_negative_correlation_fails(history):
    report = check_online(history(-0.6, 20))
    assert not report.passed
    assert report.findings[0].startswith("models that are better by offline are worse by online: tau -0.")
    assert report.negative < 0.001
    assert as_result(report).outcome == "failed"


def test_a_weak_correlation_fails(history):
    report = check_online(history(0.0, 100))
    assert not report.passed
    assert report.findings[0].startswith("offline hardly tells online: tau ")
    assert "0.3 is the limit" in report.findings[0]
    # The same pairs are undecided where less is asked for.
    report = check_online(history(0.0, 100), least=0.05)
    assert report.passed
    assert "do not tell agreement from chance" in report.hollow


@pytest.mark.parametrize("pairs", [0, 1, 2, 3, 4])
def test_a_few_pairs_in_perfect_order_are_no_verdict(pairs):
    report = check_online([(n, n) for n in range(pairs)])
    assert report.passed
    assert f"{pairs} pairs of an offline and an online figure are too few" in report.hollow
    assert f"{16 - pairs} more are missing" in report.hollow
    assert report.missing == 16 - pairs
    assert report.kendall is None or report.kendall.low == -1
    assert as_result(report).outcome == "hollow"


def test_pairs_that_are_missing_are_counted(history):
    report = check_online(history(0.45, 9, seed=5))
    assert report.passed
    assert 0.3 < report.kendall.value < 0.55
    assert report.planned == report.kendall.value
    assert report.missing == report.needed - 9 > 0
    assert f"{report.missing:,} more are missing for a verdict (power 80 %" in report.hollow
    assert as_result(report).values[-1].value == report.missing


def test_a_correlation_at_the_limit_would_take_too_many():
    rows = [(0, 2), (1, 1), (2, 0), (3, 3), (4, 5), (5, 4), (6, 4.5), (7, 3.5)]
    tau = check_online(rows).kendall.value
    report = check_online(rows, least=tau + 1e-6, alpha=0.001)
    assert report.missing is None
    assert "more than 10,000 pairs" in report.hollow


def test_lower_may_be_better(history):
    rows = [(name, -offline, online) for name, offline, online in history(0.7, 20)]
    assert not check_online(rows).passed
    report = check_online(rows, offline_better="lower")
    assert report.passed
    assert report.hollow is None
    rows = [(name, offline, -online) for name, offline, online in rows]
    assert check_online(rows, offline_better="lower", online_better="lower").kendall == report.kendall
    with pytest.raises(InputError, match='offline_better is "less"; write "higher" or "lower"'):
        check_online(rows, offline_better="less")


def test_what_does_not_vary_is_said():
    report = check_online([(n, 3.5) for n in range(12)])
    assert report.passed
    assert report.hollow.startswith("online does not vary: it is 3.5 for all 12 models; measure it on more users")
    assert report.kendall is None
    report = check_online([(0.9, n) for n in range(12)])
    assert report.hollow.startswith("offline does not vary")
    assert "degraded variants" in report.hollow


def test_a_common_trend_is_told_from_agreement():
    # Both grow with time, and beside that have nothing to do with each other.
    rows = [
        {
            "model": str(n),
            "offline": n + (5 if n % 2 else 0),
            "online": n + (5 if n % 4 > 1 else 0),
            "day": f"2026-01-{n + 1:02}",
        }
        for n in range(24)
    ]
    report = check_online(rows, date="day")
    assert report.passed
    assert report.kendall.value > 0.6
    assert report.trend < 0.3
    assert report.not_judged[0].startswith("whether there is more than a common trend")
    shuffled = [row | {"day": f"2026-01-{(7 * n) % 24 + 1:02}"} for n, row in enumerate(rows)]
    assert check_online(shuffled, date="day").not_judged == ()


def test_weights_count():
    rows = [Pair(str(n), n, n, weight=10 if n < 12 else 0.01) for n in range(12)]
    rows += [Pair(f"noise {n}", n, -n, weight=0.01) for n in range(30)]
    light = check_online(Pairs(tuple(rows)))
    assert light.kendall.value > 0.9
    assert light.effective == pytest.approx(12, rel=0.1)
    assert "the weights make 42 pairs worth 12" in light.notes[0]
    heavy = check_online(Pairs(tuple(Pair(str(n), n, n, 1000 if n == 0 else 0.01) for n in range(12))))
    assert heavy.passed
    assert "the weights leave 1 pairs' worth" in heavy.hollow


def test_that_the_limit_itself_is_not_shown_is_noted(history):
    report = check_online(history(0.5, 11, seed=5), least=0.3)
    assert report.hollow is None
    assert report.kendall.low < 0.3 < report.kendall.value
    assert "that tau is above 0 is shown; that it is 0.3 is not" in report.notes[0]


def test_chance_alone_neither_passes_nor_fails(history):
    def judged(*asked):
        return check_online(Pairs(tuple(Pair(*row) for row in history(*asked))))

    reports = [judged(0.0, 8, seed) for seed in range(100)]
    assert sum(bool(report.findings) and report.kendall.high >= 0.3 for report in reports) <= 6
    assert sum(report.passed and report.hollow is None for report in reports) <= 6
    reports = [judged(0.5, 16, seed) for seed in range(40)]
    assert sum(not report.passed for report in reports) <= 1
    assert sum(report.hollow is None for report in reports) >= 28


@pytest.mark.parametrize(
    ("more", "why"), [({"least": 1}, "no rank correlation"), ({"alpha": 0}, "no chance of a false")]
)
def test_limits_that_are_none(more, why):
    with pytest.raises(InputError, match=why):
        check_online([(1, 2)], **more)


def test_rows_of_users_are_no_models():
    with pytest.raises(InputError, match="there are 2,001 model versions, 2,000 the most; give one row for each model"):
        check_online([(n, n) for n in range(2_001)])

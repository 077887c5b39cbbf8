"""A candidate against a limit and against the previous release: what is refused, and what chance explains."""

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks import check_quality
from mlscore.checks.quality_gate.shapes import Quality
from mlscore.core.codec import decode, dumps, loads
from mlscore.errors import InputError


def predicted(seed=0, rows=2_000, now=0.1, before=0.1, together=0.9):
    """Rows whose predictions are wrong in these shares, and mostly in the same rows."""
    random = np.random.default_rng(seed)
    label = random.integers(0, 2, rows)
    hard = random.random(rows)
    own = (random.random(rows) for _ in range(2))
    wrong = [
        np.where(random.random(rows) < together, hard, one) < share
        for one, share in zip(own, (now, before), strict=True)
    ]
    return pa.table(
        {"late": label, "now": np.where(wrong[0], 1 - label, label), "before": np.where(wrong[1], 1 - label, label)}
    )


def look(table, **more):
    return check_quality(table, label="late", against="now", **more)


def against_previous(table, worsening=0.0, **more):
    return look(table, previous="before", answers=("now", "before"), worsening=worsening, **more)


def test_by_default_a_twentieth_of_a_standard_deviation_is_allowed():
    report = against_previous(predicted(), worsening=None)
    assert report.allowed == pytest.approx(0.05 * np.sqrt(0.1 * 0.9), rel=0.1)
    assert report.passed


def test_a_loss_above_the_limit_is_refused():
    report = look(predicted(now=0.2), limit=0.15)
    assert not report.passed
    assert report.refusals[0].startswith("the loss is 0.2")
    assert "above the limit of 0.15" in report.refusals[0]
    assert report.loss.low < 0.2 < report.loss.high


def test_a_loss_within_the_limit_passes():
    report = look(predicted(now=0.1), limit=0.2)
    assert report.passed
    assert report.hollow is None
    assert report.not_judged == ()
    assert report.constant == pytest.approx(0.5, abs=0.05)


def test_a_loss_that_may_be_beyond_the_limit_says_so():
    report = look(predicted(now=0.1, rows=300), limit=0.12)
    assert report.passed
    assert "on other rows too" in report.not_judged[0]


def test_a_limit_that_lets_everything_through_is_hollow():
    assert "answers every row alike" in look(predicted(), limit=0.6).hollow
    assert look(predicted()).hollow == "there is neither a limit nor a previous release"


def test_a_worse_release_is_refused_and_the_interval_holds_the_truth():
    report = against_previous(predicted(now=0.16, before=0.1))
    assert not report.passed
    assert "greater than the previous release's" in report.refusals[0]
    assert report.worsening.low < 0.06 < report.worsening.high
    assert report.p < 0.001


def test_a_better_release_passes():
    report = against_previous(predicted(now=0.06, before=0.1))
    assert report.passed
    assert report.hollow is None
    assert report.worsening.value < 0


def test_what_is_allowed_is_allowed():
    table = predicted(now=0.13, before=0.1)
    assert not against_previous(table).passed
    assert against_previous(table, worsening=0.03).passed


def test_false_refusals_keep_to_their_share_and_worse_ones_are_found():
    good = [against_previous(predicted(seed, rows=500)).passed for seed in range(60)]
    assert good.count(False) <= 3
    bad = [against_previous(predicted(seed, now=0.2)).passed for seed in range(8)]
    assert not any(bad)


def test_the_paired_test_is_exact():
    from math import comb

    late = [1] * 100
    table = pa.table({"late": late, "now": [0] * 9 + [1] * 91, "before": [1] * 9 + [0] * 2 + [1] * 89})
    report = against_previous(table)
    assert report.p == pytest.approx(sum(comb(11, k) for k in range(9, 12)) / 2**11, rel=1e-9)


def test_the_same_model_as_the_previous_one_is_hollow():
    table = predicted()
    table = table.set_column(2, "before", table["now"])
    report = against_previous(table)
    assert report.passed
    assert report.p == 1
    assert "it may be the same model" in report.hollow
    assert against_previous(table, limit=0.2).hollow is None


def test_few_rows_are_hollow():
    assert "so few rows" in against_previous(predicted(seed=3, rows=12, now=0.4, before=0.4, together=0.5)).hollow


def test_too_many_changed_answers_are_refused():
    table = predicted(together=0.0)
    report = against_previous(table, most_changed=0.05)
    assert report.changed == pytest.approx(0.18, abs=0.03)
    assert "of the answers are not the previous release's, 5.00% allowed" in report.refusals[0]
    assert against_previous(table, most_changed=0.5).passed


def test_numbers_and_scores():
    random = np.random.default_rng(0)
    truth = random.normal(size=1_000)
    noise = [random.normal(0, size, 1_000) for size in (0.5, 0.3)]
    table = pa.table({"late": truth, "now": truth + noise[0], "before": truth + noise[1]})
    report = look(table, previous="before", measure="squared error", limit=0.5)
    assert report.loss.value == pytest.approx(np.mean(noise[0] ** 2))
    assert report.constant == pytest.approx(np.var(truth))
    assert report.worsening.value == pytest.approx(np.mean(noise[0] ** 2 - noise[1] ** 2))
    assert not report.passed
    mae = look(table, measure="absolute error", limit=0.5)
    assert mae.constant == pytest.approx(np.abs(truth - np.median(truth)).mean())
    score = pa.table({"late": (truth > 0).astype(int), "now": np.clip(0.5 + truth / 4, 0, 1)})
    brier = check_quality(score, label="late", against="now", measure="Brier score", positive=1, limit=0.2)
    assert brier.constant == pytest.approx(0.25, abs=0.002)
    assert brier.passed


def test_a_lost_prediction_is_refused():
    table = predicted(rows=100)
    gone = pa.array([None, *table["now"].to_pylist()[1:]])
    report = look(table.set_column(1, "now", gone), limit=0.9)
    assert "1 rows have no prediction" in report.refusals


def test_the_report_survives_json():
    report = against_previous(predicted(), limit=0.2)
    assert decode(Quality, loads(dumps(report), where="here"), where="here") == report


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"measure": "hinge"}, '"hinge" is no loss'),
        ({"previous": "befor"}, "befor"),
    ],
)
def test_bad_input_is_one_sentence(more, why):
    with pytest.raises(InputError, match=why):
        look(predicted(rows=20), **more)


def test_rows_without_labels_cannot_be_judged():
    table = pa.table({"late": pa.array([None, None], pa.int64()), "now": [1, 0]})
    with pytest.raises(InputError, match="no row has both"):
        look(table, limit=0.5)

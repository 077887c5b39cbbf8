"""A model beside simpler ones: a good one passes, an untrained or needless one does not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from mlscore.checks import check_simpler
from mlscore.checks.simpler import as_result
from mlscore.checks.simpler.metrics import Answers, Metric, gain
from mlscore.checks.simpler.shapes import SimplerReport, Verdict
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evidence import Outcome
from mlscore.errors import InputError

FEATURES = ["hour", "wind", "carrier", "noise"]


@pytest.fixture
def look(problem):
    def make(validation=None, train=None, **more):
        given = {"label": "late", "prediction": "said", "score": "chance", "features": FEATURES, **more}
        return check_simpler(train or problem(0), validation or problem(1), **given)

    return make


def test_a_good_model_is_better_than_every_rung(look, problem):
    report = look()
    assert [rung.name for rung in report.rungs] == ["constant", "one feature", "linear", "naive Bayes", "small tree"]
    assert report.passed
    assert report.hollow is None
    assert report.metric == "AUC"
    validation = problem(1)
    assert report.figure == pytest.approx(roc_auc_score(validation["late"], validation["chance"]))
    assert report.rungs[0].figure == 0.5
    assert report.rungs[2].says == "logistic regression"
    assert all(rung.gain.low > 0 and rung.verdict is Verdict.BETTER for rung in report.rungs)


def test_an_untrained_model_is_not_better_than_a_constant(look, problem, put):
    random = np.random.default_rng(5)
    answers = put(put(problem(1), "chance", random.random(4000)), "said", random.integers(0, 2, 4000))
    for metric in ("AUC", "error"):
        report = look(answers, metric=metric)
        assert not report.passed
        assert report.rungs[-1].verdict is Verdict.NOT_BETTER
    result = as_result(look(answers, metric="error"))
    assert result.outcome is Outcome.FAILED
    assert result.summary.startswith("the model is not better than a simpler one: constant, ")


def test_a_model_that_a_line_would_replace(problem, look):
    """Without interactions logistic regression knows all there is: a forest overfitted by noise loses."""
    train, validation = problem(0, interaction=0.0), problem(1, interaction=0.0)
    random = np.random.default_rng(0)
    worse = np.clip(validation["chance"].to_numpy() + random.normal(0, 0.1, 4000), 0, 1)
    report = look(validation.set_column(6, "chance", pa.array(worse)), train)
    verdicts = {rung.name: rung.verdict for rung in report.rungs}
    assert verdicts["constant"] is Verdict.BETTER
    assert verdicts["linear"] is Verdict.NOT_BETTER


def test_a_margin(look):
    nearest = min(rung.gain.value for rung in look().rungs)
    assert not look(margin=nearest + 0.001).passed
    assert look(margin=nearest / 4).passed


def test_a_small_gain_at_a_great_price_is_said(look):
    assert all(rung.note is None for rung in look(seconds=10.0).rungs)
    report = look(seconds=10.0, worth=0.5, dearer=40)
    assert report.passed
    assert all(rung.note is not None for rung in report.rungs[1:])
    assert "less than 0.5) and" in str(report.rungs[2].note)
    assert report.rungs[2].dearer == pytest.approx(10.0 / report.rungs[2].seconds)
    assert "× dearer" in as_result(report).notes[2]
    assert all(rung.note is None for rung in look(seconds=1e-12, worth=0.5).rungs)


def test_too_few_rows_do_not_show_it(problem, look):
    report = look(problem(1, rows=40))
    undecided = [rung.name for rung in report.rungs if rung.verdict is Verdict.UNDECIDED]
    assert undecided
    if report.passed:
        assert report.hollow is not None
        assert "40 rows do not show" in report.hollow


def test_one_class_in_the_test_split(look, problem, put):
    ones = put(problem(1), "late", [1] * 4000)
    report = look(ones)
    assert report.hollow == "every validation row has the same label, so that a constant is perfect"
    assert report.rungs == ()
    assert as_result(report).outcome is Outcome.HOLLOW
    report = look(ones, metric="error")
    assert not report.passed or report.hollow is not None


def test_one_class_in_training(look, problem, put):
    report = look(train=put(problem(0), "late", [1] * 4000), metric="error")
    assert not report.passed or "nothing to learn" in str(report.hollow)
    with pytest.raises(InputError, match='the AUC is of two classes, and "late" has 1'):
        look(train=put(problem(0), "late", [1] * 4000), metric="AUC")


def test_labels_that_are_missing_are_left_out_and_counted(look, problem, put):
    holes = np.arange(4000) % 4 == 0
    table = problem(1)
    report = look(put(table, "late", pa.array(table["late"].to_numpy(), mask=holes)))
    assert report.rows == 3000
    assert report.not_judged == ("1,000 rows of validation without a label",)
    with pytest.raises(InputError, match='0 rows of validation have a label "late", 30 the least'):
        look(put(table, "late", pa.nulls(4000, pa.int64())))


def test_a_class_that_training_has_not_seen(look, problem, put):
    names = np.array(["no", "yes"], dtype=object)[problem(1)["late"].to_numpy()]
    known = put(problem(0), "late", np.array(["no", "yes"])[problem(0)["late"].to_numpy()])
    names[:100] = "perhaps"
    table = put(put(problem(1), "late", names), "said", names)
    report = look(table, known, metric="error", score=None)
    assert report.figure == 0.0
    assert report.passed


def test_several_classes_and_log_loss(look, problem, put):
    random = np.random.default_rng(0)
    known, asked = problem(0), problem(1)

    def three(table):
        return np.where(
            np.array(table["carrier"].to_pylist()) == "aa", "a", np.where(table["hour"].to_numpy() > 12, "b", "c")
        )

    known, asked = put(known, "late", three(known)), put(asked, "late", three(asked))
    loss = random.exponential(0.001, 4000)
    table = put(put(asked, "said", three(asked)), "loss", loss)
    report = look(table, known, metric="log loss", log_loss="loss", score=None)
    assert report.figure == pytest.approx(loss.mean())
    assert report.rungs[0].figure == pytest.approx(np.log(3), abs=0.1)
    assert report.rungs[0].verdict is Verdict.BETTER


def test_numbers(look, problem, put):
    def miles(table):
        return table["hour"].to_numpy() * 3.0 + np.sign(table["noise"].to_numpy()) * table["hour"].to_numpy()

    known, asked = (put(table, "late", miles(table)) for table in (problem(0), problem(1)))
    good = put(asked, "said", miles(asked) + 0.1)
    report = look(good, known)
    assert report.metric == "absolute error"
    assert [rung.name for rung in report.rungs] == ["constant", "one feature", "linear", "small tree"]
    assert report.figure == pytest.approx(0.1)
    assert report.passed
    bad = put(asked, "said", np.full(4000, 50.0))
    assert not look(bad, known, metric="squared error").passed
    with pytest.raises(InputError, match="missing or no number"):
        look(put(asked, "said", np.where(np.arange(4000) == 3, np.nan, 1.0)), known)


def test_texts_are_read_word_by_word(problem, look):
    random = np.random.default_rng(0)
    words = np.array(["bag", "delay", "thanks", "seat", "food", "crew"])

    def texts(rows, seed):
        random = np.random.default_rng(seed)
        return [" ".join(words[random.integers(0, 6, 6)]) for _ in range(rows)]

    tables = []
    for seed in (0, 1):
        said = texts(1000, seed)
        label = ["delay" in text for text in said]
        tables.append(pa.table({"text": said, "late": label, "said": random.random(1000) < 0.5}))
    report = check_simpler(*tables, label="late", prediction="said", features=["text"])
    assert report.rungs[2].figure < 0.02
    assert not report.passed


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"prediction": "nothing"}, "there is no column 'nothing'"),
        ({"features": ["hour", "speed"]}, "there is no column 'speed'"),
        ({"metric": "beauty"}, '"beauty" is no metric'),
        ({"metric": "absolute error"}, "does not fit a label of classes"),
        ({"metric": "log loss"}, "needs probabilities"),
        ({"prediction": "carrier"}, "let the model predict the label's own values"),
    ],
)
def test_what_cannot_be_asked(look, more, said):
    with pytest.raises(InputError, match=said):
        look(**more)


def test_delong_holds_the_truth_as_often_as_it_says():
    """Two scores of the same rows: the interval of their AUCs' difference holds it in 95 of 100 samples."""
    random = np.random.default_rng(0)
    truth = np.repeat([0.0, 1.0], [50_000, 50_000])
    shared = random.normal(size=len(truth)) + truth
    scores = [shared + random.normal(size=len(truth)), shared + 2 * random.normal(size=len(truth))]
    right = roc_auc_score(truth, scores[0]) - roc_auc_score(truth, scores[1])
    held = 0
    for _ in range(400):
        some = random.choice(len(truth), 300)
        a, b = (Answers(truth[some], None, score[some]) for score in scores)
        found = gain(Metric.AUC, truth[some], a, b, 0.05)
        held += found.low <= right <= found.high
    assert 0.92 <= held / 400 <= 0.98


def test_paired_losses(problem):
    table = problem(1)
    truth, chance = table["late"].to_numpy().astype(float), table["chance"].to_numpy()
    of_label = np.where(truth == 1, chance, 1 - chance)
    found = gain(Metric.LOG, truth, Answers(truth, of_label), Answers(truth, np.full(4000, 0.5)), 0.05)
    assert found.value == pytest.approx(np.log(2) - log_loss(truth, chance))
    assert found.low < found.value < found.high


def test_the_report_survives_json(look):
    report = look(seconds=0.001)
    assert decode(SimplerReport, loads(dumps(report), where="here"), where="here") == report


@pytest.mark.slow
def test_how_often_it_is_wrong(problem, look):
    """40 healthy models, 40 untrained ones: none of the first fails, each of the second does."""
    healthy = [look(problem(seed, 2000), problem(100 + seed, 2000)) for seed in range(1, 41)]
    assert all(report.passed for report in healthy)
    for seed in range(40):
        table = problem(100 + seed, 1000)
        random = np.random.default_rng(seed)
        table = table.set_column(6, "chance", pa.array(random.random(1000)))
        assert not look(table, problem(seed, 1000)).passed

"""The benefit of features: useful ones are told from needless ones, and what leaks the label is named."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import roc_auc_score

from mlscore.checks import check_benefit
from mlscore.checks.benefit import as_result
from mlscore.checks.benefit.answers import answers_of, truth_of
from mlscore.checks.benefit.permute import permute, sizes
from mlscore.checks.benefit.shapes import BenefitReport, Verdict
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evidence import Outcome
from mlscore.errors import InputError
from mlscore.predictors.shapes import Task


def verdicts(report):
    return {one.name: one.verdict.value for one in report.benefits}


def put(table, name, values):
    if name in table.column_names:
        table = table.drop_columns([name])
    return table.append_column(name, values if isinstance(values, pa.Array) else pa.array(values))


def test_useful_features_pass_and_twins_are_one(model, rows):
    predictor, table = model(), rows()
    report = check_benefit(predictor, table, label="late")
    assert verdicts(report) == {"a": "beneficial", "b + twin": "beneficial"}
    assert report.passed
    assert report.hollow is None
    assert report.metric == "AUC"
    columns = {name: table[name].to_numpy() for name in ("a", "b", "twin")}
    assert report.figure == pytest.approx(roc_auc_score(table["late"], predictor.score(columns)))
    assert report.constant == 0.5
    assert report.worth == pytest.approx(0.01 * (report.figure - 0.5))


def test_it_stops_where_the_interval_decides(model, rows):
    predictor = model()
    report = check_benefit(predictor, rows(), label="late")
    assert {one.rows for one in report.benefits} == {500}
    # Once all rows as they are, and two groups on 500 rows, which are asked at once.
    assert predictor.asked == report.predicted == 4000 + 2 * 500
    assert predictor.calls == 2


def test_what_is_seen_later_is_decided_later(model, rows):
    """A weak feature takes more rows than a strong one; those seen first are not asked again."""
    table = rows(n=8000)
    random = np.random.default_rng(9)
    weak = random.normal(size=8000)
    chance = 1 / (1 + np.exp(-2 * table["a"].to_numpy() - 0.35 * weak))
    table = put(put(table, "weak", weak), "late", (random.random(8000) < chance).astype(int))
    predictor = model(lambda x: 1 / (1 + np.exp(-2 * x["a"] - 0.35 * x["weak"])), ("a", "weak"))
    report = check_benefit(predictor, table, label="late")
    found = {one.name: one for one in report.benefits}
    assert found["a"].rows == 500
    assert 500 < found["weak"].rows <= 8000
    assert found["weak"].verdict is Verdict.BENEFICIAL
    assert predictor.asked == 8000 + 500 + found["weak"].rows


def test_a_feature_that_the_model_does_not_look_at(model, rows):
    report = check_benefit(model(features=("a", "b", "twin", "idle")), rows(), label="late")
    assert verdicts(report) == {"idle": "no benefit", "a": "beneficial", "b + twin": "beneficial"}
    assert not report.passed
    result = as_result(report)
    assert result.outcome is Outcome.FAILED
    assert result.summary == "of no benefit: idle"
    assert result.findings[0].startswith("idle is of no benefit: gain in AUC 0 (0 to 0), 0.00")
    assert "skill alone" in result.findings[0]


def test_a_feature_that_only_disturbs(model, rows):
    def score(columns):
        return 1 / (1 + np.exp(-1.5 * columns["a"] - 1.2 * columns["b"] - 0.5 * columns["idle"]))

    report = check_benefit(model(score, ("a", "b", "idle")), rows(n=20_000), label="late")
    assert verdicts(report)["idle"] == "no benefit"
    assert report.needless[0].gain.high < report.worth


def test_a_feature_looked_at_in_a_few_rows_is_not_given_up_early(model, rows):
    """One row in 400 hangs on "rare": no row of the first 500 may, and yet it is not called useless on those."""
    random = np.random.default_rng(3)
    table = rows(n=16_000)
    rare = random.random(16_000) < 1 / 400
    told = np.where(rare, random.integers(0, 2, 16_000), -1)
    label = np.where(rare, told, table["late"].to_numpy())
    table = put(put(table, "late", label), "rare", told.astype(float))

    def score(columns):
        known = (columns["a"] > 0) * 0.6 + 0.2
        return np.where(columns["rare"] < 0, known, columns["rare"])

    report = check_benefit(model(score, ("a", "rare")), table, label="late", metric="error", worth=0.001)
    (one,) = (one for one in report.benefits if one.name == "rare")
    assert one.rows == 16_000
    assert one.verdict is not Verdict.NONE


def test_twins_apart_look_needless_and_together_do_not(model, rows):
    """Where the model may ask either, each alone looks half as good; the group is judged by both."""
    both = check_benefit(model(), rows(), label="late")
    apart = check_benefit(model(), rows(), label="late", together=1.0)
    alone = {one.name: one.gain.value for one in apart.benefits}
    together = {one.name: one.gain.value for one in both.benefits}
    assert together["b + twin"] > 1.5 * max(alone["b"], alone["twin"])
    declared = check_benefit(model(), rows(), label="late", groups=[["a", "twin"]])
    assert set(verdicts(declared)) == {"a + twin", "b"}


def test_a_noise_column_is_the_yardstick(model, rows):
    features = ("a", "b", "twin", "noise")
    report = check_benefit(model(features=features), rows(), label="late", noise=["noise"])
    assert verdicts(report) == {"a": "beneficial", "b + twin": "beneficial", "noise": "noise"}
    assert report.noise is not None
    assert report.noise.high == 0
    assert report.passed


def test_gain_that_does_not_exceed_the_noise_s_earns_nothing(model, rows):
    """The "noise" here tells the label: nothing weaker is beneficial beside it, and the yardstick is said to be broken."""
    random = np.random.default_rng(7)
    table = put(rows(), "noise", rows()["late"].to_numpy() + random.normal(0, 1.5, 4000))

    def score(columns):
        return 1 / (1 + np.exp(-0.3 * columns["a"] - 0.5 * columns["noise"] + 0.25))

    report = check_benefit(model(score, ("a", "noise")), table, label="late", noise=["noise"])
    assert verdicts(report) == {"a": "undecided", "noise": "noise"}
    assert "the noise column noise is of benefit" in report.hollow
    assert as_result(report).outcome is Outcome.HOLLOW


def test_a_leak_is_named(model, rows):
    table = rows()
    random = np.random.default_rng(7)
    table = put(table, "b", table["late"].to_numpy() * 3 + random.normal(0, 0.1, 4000))
    report = check_benefit(model(), table, label="late")
    assert [one.feature for one in report.suspects] == ["b"]
    assert as_result(report).findings[0].startswith("b tells the label alone: skill ")
    assert as_result(report).outcome is Outcome.FAILED
    assert as_result(report).summary == "leakage suspects: b"
    assert check_benefit(model(), table, label="late", allowed=["b"]).passed


@pytest.mark.parametrize("metric", ["absolute error", "squared error"])
def test_a_leak_into_numbers(model, rows, metric):
    table = rows()
    miles = 100 * table["a"].to_numpy() + 40 * np.random.default_rng(7).normal(size=4000)
    table = put(put(table, "late", miles), "b", np.round(miles * 1.6, 1))
    predictor = model(lambda x: 100 * x["a"] + 0.01 * x["b"], ("a", "b"), task=Task.REGRESSION, classes=None)
    report = check_benefit(predictor, table, label="late", metric=metric)
    assert [one.feature for one in report.suspects] == ["b"]


def test_a_leak_by_names_and_by_what_is_missing(model, rows):
    table = rows()
    late = table["late"].to_numpy()
    names = np.array(["wait", "refund", "claim", "home"])[late * 2 + np.arange(4000) % 2]
    table = put(put(table, "status", names), "paid", pa.array(np.arange(4000.0), mask=late == 0))
    predictor = model(lambda x: np.where(np.isin(x["status"], ["claim", "home"]), 0.9, 0.1), ("status", "paid"))
    report = check_benefit(predictor, table, label="late")
    assert {one.feature for one in report.suspects} == {"status", "paid"}


def test_strong_is_not_leaking(model, rows):
    report = check_benefit(model(), rows(), label="late")
    best = report.alone[0]
    assert best.feature == "a"
    assert 0.3 < best.skill.value < 0.95
    assert not report.suspects
    assert report.chance < 0.1


def test_an_untrained_model_has_no_beneficial_feature(model, rows):
    predictor = model(lambda x: 1 / (1 + np.exp(x["a"])), ("a", "b"))
    report = check_benefit(predictor, rows(), label="late")
    assert report.useless
    assert not report.passed
    assert as_result(report).summary.startswith("the model's AUC 0.2")
    assert predictor.asked == 4000


def test_few_rows_leave_it_open(model, rows):
    def score(columns):
        return 1 / (1 + np.exp(-1.5 * columns["a"] - 1.2 * columns["b"] - 0.4 * columns["idle"]))

    report = check_benefit(model(score, ("a", "b", "idle")), rows(1, 400), label="late")
    assert verdicts(report)["a"] == "beneficial"
    assert verdicts(report)["idle"] == "undecided"
    assert any(line.startswith("idle: gain ") and "on 400 rows" in line for line in report.not_judged)
    assert report.hollow is None

    def weaker(columns):
        return 1 / (1 + np.exp(-1.5 * columns["a"] - 0.4 * columns["noise"] - 0.4 * columns["idle"]))

    report = check_benefit(model(weaker, ("a", "idle", "noise")), rows(n=400), label="late")
    assert report.passed
    assert report.hollow == "400 rows do not decide on 2 of 3 features or groups"


def test_one_class_in_the_test_split(model, rows):
    report = check_benefit(model(), put(rows(), "late", np.ones(4000, dtype=int)), label="late")
    assert report.hollow == "every validation row has the same label, so that no feature can tell it"
    assert as_result(report).outcome is Outcome.HOLLOW


def test_labels_that_are_missing(model, rows):
    table = rows()
    holes = pa.array(table["late"].to_numpy(), mask=np.arange(4000) % 4 == 0)
    report = check_benefit(model(), put(table, "late", holes), label="late")
    assert report.rows == 3000
    assert "1,000 rows of validation without a label" in report.not_judged
    with pytest.raises(InputError, match='0 rows of validation have a label "late", 100 the least'):
        check_benefit(model(), put(table, "late", pa.nulls(4000, pa.int64())), label="late")


def test_some_of_many_rows(model, rows):
    report = check_benefit(model(), rows(), label="late", most_rows=1000)
    assert report.rows == 1000
    assert "3,000 of 4,000 validation rows, which were not drawn" in report.not_judged


def test_three_classes_by_error_and_log_loss(model, rows):
    table = rows()
    a, b = table["a"].to_numpy(), table["b"].to_numpy()
    table = put(table, "late", np.array(["no", "bit", "very"])[(a > 0).astype(int) + ((a > 0) & (b > 0))])

    def score(columns):
        said = (columns["a"] > 0).astype(int) + ((columns["a"] > 0) & (columns["b"] > 0))
        return 0.05 + 0.85 * np.eye(3)[said]

    predictor = model(score, ("a", "b", "idle"), task=Task.MULTICLASS, classes=("no", "bit", "very"))
    for metric, figure in (("error", 0.0), ("log loss", -np.log(0.9))):
        report = check_benefit(predictor, table, label="late", metric=metric)
        assert report.figure == pytest.approx(figure)
        assert verdicts(report) == {"idle": "no benefit", "a": "beneficial", "b": "beneficial"}
        assert report.constant == pytest.approx(1.04 if metric == "log loss" else 0.5, abs=0.05)


def test_the_positive_class_comes_first_in_the_model(model, rows):
    names = np.array(["no", "yes"])[rows()["late"].to_numpy()]
    predictor = model(lambda x: 1 - model().score(x), classes=("yes", "no"))
    report = check_benefit(predictor, put(rows(), "late", names), label="late")
    for metric in ("log loss", "error"):
        again = check_benefit(predictor, put(rows(), "late", names), label="late", metric=metric)
        assert set(verdicts(again).values()) == {"beneficial"}
    assert report.figure == pytest.approx(check_benefit(model(), rows(), label="late").figure)


def test_numbers(model, rows):
    table = rows()
    table = put(table, "late", 3 * table["a"].to_numpy() + table["b"].to_numpy())
    predictor = model(lambda x: 3 * x["a"] + x["b"] + 0.3, ("a", "b", "idle"), task=Task.REGRESSION, classes=None)
    report = check_benefit(predictor, table, label="late", allowed=["a"])
    assert report.metric == "absolute error"
    assert report.figure == pytest.approx(0.3)
    assert verdicts(report) == {"idle": "no benefit", "a": "beneficial", "b": "beneficial"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"label": "delay"}, "there is no column 'delay', the label"),
        ({"features": ["a", "speed"]}, "there is no column 'speed'"),
        ({"metric": "beauty"}, '"beauty" is no metric'),
        ({"metric": "absolute error"}, "does not fit a model that predicts classes"),
        ({"noise": ["speed"]}, 'the noise column "speed" is no feature of the model'),
        ({"groups": [["a", "speed"]]}, 'a group names "speed", which is no feature of the model'),
        ({"groups": [["a", "b"], ["b"]]}, '"b" is in two groups'),
    ],
)
def test_what_cannot_be_asked(model, rows, more, said):
    with pytest.raises(InputError, match=said):
        check_benefit(model(), rows(), **{"label": "late", **more})


def test_probabilities_that_the_model_does_not_give(model, rows):
    plain = model(shares=False)
    assert check_benefit(plain, rows(), label="late").metric == "error"
    for metric in ("AUC", "log loss"):
        with pytest.raises(InputError, match="needs"):
            check_benefit(plain, rows(), label="late", metric=metric)


def test_looks():
    assert sizes(4000) == [500, 1000, 2000, 4000]
    assert sizes(600) == [600]
    assert sizes(100) == [100]
    assert sizes(1600, start=100) == [100, 200, 400, 800, 1600]


def test_the_report_survives_json(model, rows):
    report = check_benefit(model(features=("a", "b", "twin", "noise")), rows(), label="late", noise=["noise"])
    assert decode(BenefitReport, loads(dumps(report), where="here"), where="here") == report


def test_intervals_hold_the_truth(model, rows):
    """One look at 500 rows: intervals of 95 % hold the gain on very many rows in 91 of 100 or more, of each feature."""

    def look(table, seed):
        features, predictor = ("a", "b", "twin"), model()
        labels = table["late"].combine_chunks()
        made = predictor.predict(table)
        truth = truth_of(labels, made, predictor, "AUC")
        groups = [(name,) for name in features]
        # The level is shared out among three groups and is that of one end: so each interval misses in 5 %.
        found, _ = permute(
            predictor, table, truth, answers_of(made, truth, truth.values), groups, (), 0.0, 1.0,
            alpha=0.075, seed=seed, start=table.num_rows,
        )  # fmt: skip
        return [one.gain for one in found]

    right = [gain.value for gain in look(rows(1, 200_000), 0)]
    drawn = [look(rows(100 + seed, 500), seed) for seed in range(200)]
    held = [sum(one[place].low <= right[place] <= one[place].high for one in drawn) for place in range(3)]
    assert min(held) >= 182
    assert max(held) < 200

"""A model that keeps its relations passes; one that breaks any is found, with the smallest pair of rows that shows it."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mlscore.checks import Direction, Invariance, RowOrder, Symmetry, check_metamorphic
from mlscore.checks.metamorphic import as_result
from mlscore.checks.metamorphic.changes import Add, Climb
from mlscore.errors import InputError, UsageError

RANDOM = np.random.default_rng(0)
N = 200
LONG = 60  # seconds for the smallest pair, which a busy machine must not cut short
FRAME = pd.DataFrame(
    {
        "income": RANDOM.normal(50, 10, N),
        "age": RANDOM.integers(18, 80, N),
        "sex": RANDOM.choice(["f", "m"], N),
        "home": RANDOM.normal(size=N),
        "away": RANDOM.normal(size=N),
        "note": RANDOM.choice(["late again", "on time"], N),
    }
)
FRAME.loc[::17, "income"] = np.nan
FRAME["day"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(N), "D")


def healthy(rows):
    odds = (rows["income"].fillna(50) - 50) / 10 + rows["home"] - rows["away"] + 0.0 * rows["age"]
    return (1 / (1 + np.exp(-odds))).to_numpy()


RELATIONS = [
    Invariance("sex", name="sex"),
    Invariance("note", text="case", name="case"),
    Invariance("age", noise=2, name="noise"),
    Direction("income", name="more"),
    RowOrder(name="order"),
    Symmetry((("home", "away"),), name="sides", tolerance=1.0),
]


def judged(model, *relations, seconds=0, **more):
    return check_metamorphic(model, FRAME, relations or RELATIONS, seconds=seconds, **more)


def broken(report):
    return [one.name for one in report.relations if not one.holds]


def test_a_healthy_model_keeps_all_relations():
    report = judged(healthy)
    assert report.passed, report.findings
    assert (report.hollow, report.rows, report.restless) == (None, N, 0)
    assert report.generated >= 200
    by_name = {one.name: one for one in report.relations}
    assert by_name["more"].changed > 180
    assert by_name["sex"].share.low == 0
    assert 0 < by_name["sex"].share.high < 0.02
    result = as_result(report)
    assert result.outcome == "passed"
    assert result.summary.startswith("6 of 6 relations hold on 200 rows and ")
    assert report == judged(healthy)


FAULTY = {
    "sex": lambda rows: healthy(rows) + 0.1 * (rows["sex"] == "f").to_numpy(),
    "case": lambda rows: healthy(rows) + 0.1 * rows["note"].str.islower().to_numpy(),
    "noise": lambda rows: healthy(rows) + 0.1 * (rows["age"] % 2).to_numpy(),
    # Rising everywhere else, and falling in a region of a twentieth of the rows.
    "more": lambda rows: healthy(rows) - 0.5 * rows["income"].between(60, 62).to_numpy(),
    "order": lambda rows: healthy(rows) + 1e-3 * np.arange(len(rows)),
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_model_that_breaks_one_relation_is_found(fault):
    report = judged(FAULTY[fault])
    assert broken(report) == [fault]
    assert as_result(report).outcome == "failed"


def test_the_smallest_pair_is_shown_without_real_values():
    def model(rows):
        return healthy(rows) + 0.1 * ((rows["sex"] == "f") & (rows["age"] > 30)).to_numpy()

    report = judged(model, Invariance("sex", name="blind"), seconds=LONG)
    assert report.findings[0].startswith("blind: sex does not change the answer, but ")
    (one,) = report.relations
    assert set(one.pair.columns[:2]) == {"sex", "age"}
    assert sorted([one.pair.before[0][0], one.pair.after[0][0]]) == ["f", "m"]
    assert one.pair.before[0][1] == one.pair.after[0][1] > 30
    assert one.share.low < one.broken / one.changed < one.share.high
    shown = [value for row in (*one.pair.before, *one.pair.after) for value in row]
    assert not set(shown) & set(FRAME["income"].dropna())


def test_the_smallest_change_of_a_number_is_near_the_step():
    (one,) = judged(
        lambda rows: -(rows["age"] >= 50).astype(float).to_numpy(), Direction("age"), seconds=LONG
    ).relations
    assert (one.pair.before[0][0], one.pair.after[0][0]) == (49, 50)
    assert one.pair.answers == ("-0", "-1")
    (finding,) = judged(FAULTY["more"], Direction("income"), seconds=LONG).findings
    assert "•••" not in finding


def test_two_rows_show_that_their_order_counts():
    (one,) = judged(FAULTY["order"], RowOrder(), seconds=LONG).relations
    assert one.pair.change == "reversing a batch of 2 rows"
    assert one.broken == N


def test_a_direction_can_fall_and_go_by_steps():
    assert judged(lambda rows: -rows["age"].to_numpy(float), Direction("age", falls=True)).passed
    assert not judged(lambda rows: -rows["age"].to_numpy(float), Direction("age", by=5)).passed
    assert judged(lambda rows: rows["age"].to_numpy(float) % 5, Direction("age", by=5)).passed
    later = judged(lambda rows: -(rows["day"] > "2026-03-01").to_numpy(float), Direction("day", by=1))
    assert (later.relations[0].broken, later.relations[0].changed) == (1, N)


def test_sides_that_are_exchanged():
    mirror = Symmetry((("home", "away"),), opposite=True)
    difference = lambda rows: (rows["home"] - rows["away"]).to_numpy()  # noqa: E731
    assert judged(difference, mirror).passed
    assert not judged(lambda rows: difference(rows) + 0.1, mirror).passed
    assert judged(lambda rows: np.abs(difference(rows)), Symmetry((("home", "away"),))).passed

    def three(rows):
        return np.where(difference(rows) > 1, "win", np.where(difference(rows) < -1, "loss", "draw"))

    swapped = {"win": "loss", "loss": "win"}
    assert judged(three, Symmetry((("home", "away"),), mirror=swapped)).passed
    biased = lambda rows: np.where(difference(rows) > 0.9, "win", three(rows))  # noqa: E731
    assert not judged(biased, Symmetry((("home", "away"),), mirror=swapped)).passed
    with pytest.raises(InputError, match="3 classes have no opposite"):
        judged(three, mirror)
    with pytest.raises(InputError, match="a mirror maps each class back"):
        judged(three, Symmetry((("home", "away"),), mirror={"win": "loss"}))


def test_a_share_may_break_a_relation():
    few = lambda rows: healthy(rows) + 0.1 * ((rows["sex"] == "f") & (rows["age"] < 22)).to_numpy()  # noqa: E731
    assert not judged(few, Invariance("sex")).passed
    allowed = judged(few, Invariance("sex", most=0.3))
    assert allowed.passed
    assert 0 < allowed.relations[0].share.value < 0.3
    assert allowed.unknown == ()
    near = judged(few, Invariance("sex", most=allowed.relations[0].share.value - 1e-3))
    assert near.passed
    assert "which chance alone may explain" in near.unknown[0]
    assert not judged(FAULTY["sex"], Invariance("sex", most=0.3)).passed
    assert judged(FAULTY["sex"], Invariance("sex", tolerance=0.11)).passed


@pytest.fixture(scope="module")
def labels():
    return (healthy(FRAME) > 0.5).astype(int)


def test_estimators_are_asked_by_probability_or_label(labels):
    encoded = make_column_transformer((OneHotEncoder(), ["sex"]), ("passthrough", ["age", "home", "away"]))
    model = make_pipeline(encoded, LogisticRegression()).fit(FRAME, labels)
    assert broken(judged(model, Invariance("sex", name="sex"))) == ["sex"]
    assert judged(model, Invariance("sex", labels=True, most=0.2)).passed
    assert judged(model, Direction("home")).passed
    assert broken(judged(model, Direction("home", of=0, name="other"))) == ["other"]
    with pytest.raises(InputError, match="2 is none of the classes 0, 1"):
        judged(model, Direction("home", of=2))


def test_constraints_of_a_boosted_model_are_kept_and_missed_where_there_are_none(labels):
    columns = ["home", "away", "age"]
    noisy = np.where(np.random.default_rng(1).random(N) < 0.2, 1 - labels, labels)
    free, bound = (
        HistGradientBoostingClassifier(max_iter=20, monotonic_cst=cst).fit(FRAME[columns], noisy)
        for cst in (None, {"home": 1})
    )
    assert check_metamorphic(bound, FRAME[columns], Direction("home")).passed
    assert not check_metamorphic(free, FRAME[columns], Direction("home")).passed


def test_nothing_changed_and_a_constant_model_are_hollow():
    same = FRAME.assign(sex="f")
    report = check_metamorphic(healthy, same, Invariance("sex"))
    assert report.passed
    assert report.hollow == "sex does not change the answer: no row was changed"
    assert as_result(report).outcome == "hollow"
    assert judged(lambda rows: np.full(len(rows), 0.5)).hollow == "the model answers all rows alike"
    columns = ["home", "age"]
    model = LogisticRegression().fit(FRAME[columns], FRAME["home"] > 0)
    blind = check_metamorphic(lambda rows: model.predict_proba(rows[columns])[:, 1], FRAME, Invariance("sex"))
    assert blind.hollow is None

    class Told:
        feature_names_in_, classes_ = np.array(columns), model.classes_

        def predict(self, rows):
            return model.predict(rows[columns])

    assert judged(Told(), Invariance("sex")).hollow.endswith("the model is not given sex")
    (alone,) = check_metamorphic(healthy, FRAME[:1], RowOrder(), generated=0).relations
    assert alone.hollow == "no row was changed"


def test_a_model_that_answers_the_same_rows_otherwise_cannot_be_judged():
    random = np.random.default_rng(0)
    report = judged(lambda rows: random.random(len(rows)))
    assert not report.passed
    assert report.findings == ("100.00% of the rows are answered otherwise when the same rows are asked again",)
    assert as_result(report).hollow is None


def test_a_model_that_refuses_changed_rows_breaks_the_relation():
    def strict(rows):
        if not rows["note"].isin(["late again", "on time"]).all():
            raise InputError("the model raised KeyError")
        return healthy(rows)

    report = judged(strict, Invariance("note", text="case", name="case"))
    assert report.findings == (
        "case: another case in note does not change the answer, but the model does not answer the changed rows: the model "
        "raised KeyError",
    )

    def real_alone(rows):
        if len(rows) != N:
            raise InputError("the model raised KeyError")
        return healthy(rows)

    report = judged(real_alone, Invariance("sex"))
    assert report.passed
    assert report.unknown == ("generated rows: the model does not answer them (the model raised KeyError)",)


@pytest.mark.parametrize(
    ("relation", "why"),
    [
        (Invariance("sax"), 'there is no column "sax"; did you mean "sex"'),
        (Invariance("sex", noise=1), "sex holds no numbers that noise could move"),
        (Invariance("age", noise=0.5), "noise of 0.5 moves nothing in age"),
        (Invariance("age", text="case"), "age holds no texts"),
        (Invariance("note", text="colour"), '"colour" is no way of rewriting; one of case, whitespace'),
        (Invariance("sex", values=("f",)), "it takes two values"),
        (Invariance("sex", values=(1, 2)), "sex holds no such values"),
        (Invariance("sex", values=("f", "m"), text="case"), "three ways of changing it; keep one"),
        (Direction("sex"), "sex has no order by which it could be raised"),
        (Direction("age", by=-1), "-1 raises nothing in age"),
        (Direction("age", of="late"), "the model answers with numbers, and no class"),
        (Symmetry((("home", "home"),)), "pairs of different columns"),
        (Symmetry((("home", "sex"),)), r"home \(number\) and sex \(text\) cannot hold each other's values"),
    ],
    ids=lambda value: value.says if not isinstance(value, str) else "",
)
def test_an_impossible_relation_is_one_sentence(relation, why):
    with pytest.raises(InputError, match=why) as error:
        judged(healthy, relation)
    assert str(error.value).startswith('the relation "')


def test_what_cannot_be_asked_is_told():
    with pytest.raises(UsageError, match="no relation is given"):
        check_metamorphic(healthy, FRAME, [])
    with pytest.raises(InputError, match="there are no rows to predict"):
        check_metamorphic(healthy, FRAME[:0], RELATIONS)
    with pytest.raises(InputError, match="a int does not predict"):
        check_metamorphic(3, FRAME, RELATIONS)
    with pytest.raises(InputError, match="the model answers 1 rows of 200"):
        judged(lambda rows: [0.5])
    with pytest.raises(InputError, match="the model answers 12 of 200 rows with no number, the first is 1"):
        judged(lambda rows: rows["income"].to_numpy())
    with pytest.raises(
        InputError, match="nothing says which class's probability is the score; write of = …, one of a, b"
    ):
        judged(lambda rows: np.where(rows["age"] > 40, "a", "b"), Direction("age"))


def test_a_schema_bounds_what_is_generated():
    import pandera.pandas as pa_

    schema = pa_.DataFrameSchema({"age": pa_.Column(int, pa_.Check.in_range(0, 120))})
    wild = lambda rows: healthy(rows) - 1.0 * (rows["age"] > 100).to_numpy()  # noqa: E731
    assert judged(wild, Direction("age", tolerance=0.5)).passed
    report = judged(wild, Direction("age", tolerance=0.5), schema=schema)
    assert not report.passed
    with pytest.raises(InputError, match="the rows have no column 'weight', which the schema has"):
        judged(healthy, schema=pa_.DataFrameSchema({"weight": pa_.Column(int)}))


def test_arrow_s_own_types_reach_the_model():
    table = pa.table(
        {
            "n": pa.array([1, None, 3, 4] * 10, pa.int32()),
            "d": pa.array([1, 2, 3, 4] * 10, pa.date32()),
            "c": pa.array(["a", "b", "a", None] * 10).dictionary_encode(),
        }
    )
    seen = []

    def model(rows):
        seen.append(rows)
        return rows["n"].fillna(0).to_numpy(float)

    report = check_metamorphic(model, table, [Direction("n"), Invariance("c"), Direction("d", by=1)])
    assert report.passed, report.findings
    assert report.relations[0].changed == 20
    assert {str(frame["c"].dtype) for frame in seen} == {"category"}


@given(st.lists(st.integers(-50, 50), min_size=2, unique=True), st.integers(-60, 60), st.integers(1, 8))
@settings(max_examples=60, deadline=None)
def test_climbing_reaches_a_greater_value_of_the_list(values, own, steps):
    cells = Climb("n", tuple(sorted(values)), steps).apply({"n": own})
    above = sorted(value for value in values if value > own)
    assert cells == ({"n": above[steps - 1]} if steps <= len(above) else None)


@given(st.integers(-50, 50), st.integers(1, 1000))
@settings(max_examples=60, deadline=None)
def test_smaller_amounts_are_smaller_and_change_something(own, amount):
    sizes = [one.amount for one in Add("n", float(amount)).smaller({"n": own})]
    assert sizes == sorted(sizes)
    assert all(0 < size <= amount and Add("n", size).apply({"n": own}) for size in sizes)

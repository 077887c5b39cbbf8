"""Every question that is asked of a column alarms on the fault it is for, and on no other data."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks.drift.detect import compare
from mlscore.checks.drift.report import Cause, Pace

DAY = 86_400
MICRO = 10**6


def visits(seed, first=0, days=84, rows=120):
    """Visits by day: Sundays lack more values and are more often paid; a rare category, words, a flag, two times."""
    rng = np.random.default_rng(seed)
    day = first + np.repeat(np.arange(days), rows)
    size = len(day)
    sunday = day % 7 == 6
    second = day * DAY + np.clip(rng.normal(13, 3, size), 0, 23.9) * 3_600
    words = np.array(["please", "gently", "leave", "knock", "twice", "inside"])
    picked = words[rng.integers(0, len(words), (size, 5))]
    length = rng.integers(2, 6, size)
    return pa.table(
        {
            "at": moments(second),
            "grade": pa.array(rng.integers(1, 6, size), mask=rng.random(size) < 0.05 + 0.15 * sunday),
            "fare": np.exp(rng.standard_normal(size)) + 0.3 * sunday,
            "kind": rng.choice(["day", "night", "group", "guest"], size, p=[0.6, 0.3, 0.0995, 0.0005]).tolist(),
            "wish": [
                " ".join([*row[:count], str(key)])
                for row, count, key in zip(picked, length, rng.integers(0, 10**6, size), strict=True)
            ],
            "paid": rng.random(size) < 0.2 + 0.1 * sunday,
            "booked": moments(second - rng.geometric(0.05, size) * DAY),
        }
    )


def moments(second):
    return pa.array((np.asarray(second) * MICRO).astype("int64")).cast(pa.timestamp("us"))


def seconds(table, name):
    return np.array(table.column(name).cast(pa.int64())) / MICRO


def put(table, name, values):
    values = values if isinstance(values, pa.Array) else pa.array(values)
    return table.set_column(table.schema.get_field_index(name), name, values)


def now(seed=1, days=14):
    return visits(seed, first=84, days=days)


@pytest.fixture(scope="module")
def reference(summary_of):
    return summary_of(visits(0), time="at")


@pytest.fixture(scope="module")
def check(reference, summary_of):
    def run(data):
        return compare(reference, summary_of(data, like=reference, seed=1), joint=False)

    return run


def altered(name, table):
    """The fault of each question, in its column."""
    rng = np.random.default_rng(3)
    size = table.num_rows
    some = rng.random(size) < 0.15
    texts = {column: table.column(column).to_pylist() for column in ("kind", "wish")}
    match name:
        case "missing":
            return put(
                table,
                "grade",
                pa.array(
                    [None if gone else v for v, gone in zip(table["grade"].to_pylist(), some, strict=True)], pa.int64()
                ),
            )
        case "new":
            return put(table, "kind", ["baby" if new else v for v, new in zip(texts["kind"], some, strict=True)])
        case "vanished":
            return put(table, "kind", ["day" if v == "group" else v for v in texts["kind"]])
        case "length":
            return put(table, "wish", [v[:14] for v in texts["wish"]])
        case "words":
            return put(table, "wish", [v.replace("leave", "stash") for v in texts["wish"]])
        case "opening":
            return put(table, "wish", [" ".join(sorted(v.split(), reverse=True)) for v in texts["wish"]])
        case "lettering":
            return put(table, "wish", [v.upper() if up else v for v, up in zip(texts["wish"], some, strict=True)])
        case "boolean":
            return put(table, "paid", (~np.array(table["paid"])).tolist())
        case "hour":
            return put(table, "booked", moments(seconds(table, "booked") + 3 * 3_600))
        case "weekday":
            whole = seconds(table, "booked")
            monday = np.floor(whole / DAY / 7 - 4 / 7) * 7 * DAY + 4 * DAY
            return put(table, "booked", moments(monday + np.mod(whole, DAY)))
        case "age":
            return put(table, "booked", moments(seconds(table, "booked") - 28 * DAY))
        case "digits":
            return put(table, "fare", np.round(np.array(table["fare"]), 1))
        case "ceiling":
            fare = np.array(table["fare"])
            return put(table, "fare", np.minimum(fare, np.quantile(fare, 0.9)))
        case "stuck":
            fare = np.array(table["fare"])
            return put(table, "fare", np.where(np.arange(size) // 120 >= 11, fare[0], fare))
    raise AssertionError(name)


QUESTIONS = [
    ("missing", "grade", "missing"),
    ("new", "kind", "value"),
    ("vanished", "kind", "value"),
    ("length", "wish", "length"),
    ("words", "wish", "words"),
    ("opening", "wish", "opening"),
    ("lettering", "wish", "lettering"),
    ("boolean", "paid", "value"),
    ("hour", "booked", "hour"),
    ("weekday", "booked", "weekday"),
    ("age", "booked", "age"),
    ("digits", "fare", "digits"),
    ("ceiling", "fare", "repetition"),
    ("stuck", "fare", "repetition"),
]


@pytest.mark.parametrize(("fault", "column", "aspect"), QUESTIONS)
def test_the_question_alarms_on_its_fault(fault, column, aspect, check):
    report = check(altered(fault, now()))
    assert report.found == (column,)
    found = next(result for result in report.columns if result.name == column)
    trial = next(trial for trial in found.trials if trial.aspect == aspect)
    assert trial.drifted
    assert max(trial.effect / trial.threshold, (trial.step or 0) / (trial.usual_step or 1)) > 1
    causes = {"missing": Cause.MISSING, "new": Cause.NEW, "vanished": Cause.VANISHED}
    assert found.cause is causes.get(fault, found.cause)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_question_is_asked_of_clean_data_and_none_alarms(seed, check):
    report = check(now(seed))
    asked = {(result.name, trial.aspect) for result in report.columns for trial in result.trials}
    assert asked >= {(column, aspect) for _, column, aspect in QUESTIONS}
    assert not report.drifted
    sunday = next(result for result in report.columns if result.name == "grade")
    assert sunday.missing_current > 0.05


def test_words_of_the_same_length_are_not_a_matter_of_length(check):
    found = next(result for result in check(altered("words", now())).columns if result.name == "wish")
    told = {trial.aspect: trial.drifted for trial in found.trials}
    assert (told["words"], told["length"], told["lettering"]) == (True, False, False)


def test_a_rare_category_that_does_not_come_is_not_vanished(check):
    table = now()
    found = next(
        r
        for r in check(put(table, "kind", ["day" if v == "guest" else v for v in table["kind"].to_pylist()])).columns
        if r.name == "kind"
    )
    assert (found.drifted, found.vanished) == (False, ())


def test_a_few_rows_of_a_new_category_are_listed_and_no_alarm(check):
    table = now()
    names = table["kind"].to_pylist()
    names[10] = "baby"
    found = next(result for result in check(put(table, "kind", names)).columns if result.name == "kind")
    assert (found.drifted, found.new) == (False, ("baby",))


def test_a_stuck_sensor_is_dated(check):
    found = next(result for result in check(altered("stuck", now())).columns if result.name == "fare")
    assert (found.pace, found.since) == (Pace.SUDDEN, "1970-04-06T00:00:00")


@pytest.mark.parametrize("repeats", ["column of few values", "without a time"])
def test_repetition_is_asked_only_where_it_is_news(repeats, summary_of):
    table = visits(0)
    if repeats == "without a time":
        made = summary_of(table.drop_columns(["at"]))
        assert not any(facet.aspect == "repetition" for column in made.columns for facet in column.facets)
    else:
        made = summary_of(table, time="at")
        assert {column.name for column in made.columns if any(f.aspect == "repetition" for f in column.facets)} == {
            "fare",
            "wish",
            "booked",
        }


def test_repetition_is_of_a_day_and_says_what_is_missing(summary_of):
    day = np.repeat(np.arange(40), 50)
    values = np.arange(2_000.0)
    reference = summary_of({"at": moments(day * DAY), "x": values}, time="at")
    same = values.copy()
    same[:5] = -7.0  # a tenth of the first day
    same[50:54] = -8.0  # four rows are too few to tell
    same[100:2_000:50] = -9.0  # one row a day is nothing in a day
    same[51] = np.nan
    mask = np.zeros(2_000, dtype=bool)
    mask[60] = True
    made = summary_of({"at": moments(day * DAY), "x": pa.array(same, mask=mask, from_pandas=False)}, like=reference)
    facet = next(facet for facet in made.column("x").facets if facet.aspect == "repetition")
    assert facet.total.bins == (1_993, 5)
    assert (facet.total.null, facet.total.nan) == (1, 1)


def test_what_is_read_of_a_part_of_the_rows_is_spread_over_all_blocks(summary_of):
    table = visits(0, days=60, rows=500)
    made = summary_of(table, time="at")
    facets = {facet.aspect: facet for column in made.columns for facet in column.facets}
    for aspect in ("words", "digits", "lettering"):
        rows = [sum(block) for block in facets[aspect].blocks]
        assert len(rows) == 60
        assert min(rows) > 0.9 * max(rows) * (0.9 if aspect == "words" else 1)
    assert sum(facets["digits"].total.bins) + facets["digits"].total.other == 20_000

"""The check as a whole: faults are found and told from seasons, clean data is not, bad input is said."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

from mlscore.checks import drift
from mlscore.checks.drift import summary as summaries
from mlscore.checks.drift.detect import compare, detect_drift
from mlscore.checks.drift.report import Cause, DriftReport, Pace
from mlscore.core import codec
from mlscore.errors import UsageError

DAY = 86_400


def shop(seed=0, days=98, rows=120, season=0.0):
    """Days with a weekly season; `season` moves the amount slowly after the 84th."""
    rng = np.random.default_rng(seed)
    day = np.repeat(np.arange(days), rng.poisson(rows, days))
    size = len(day)
    weekend = day % 7 >= 5
    common = rng.standard_normal(size)
    second = day * DAY + np.clip(rng.normal(14, 3, size), 0, 23.9) * 3_600
    return pa.table(
        {
            "at": pa.array((second * 1e6).astype("int64")).cast(pa.timestamp("us")),
            "amount": np.exp(common + 0.5 * weekend + season * np.maximum(0, day - 84) / days),
            "weight": common + rng.standard_normal(size),
            "rating": pa.array(rng.integers(1, 6, size), mask=rng.random(size) < 0.1 + 0.1 * weekend),
            "channel": rng.choice(["web", "app", "shop"], size, p=[0.5, 0.3, 0.2]).tolist(),
            "note": [f"{'please ' * int(n)}leave {int(m)}" for n, m in rng.integers(0, [4, 10**6], (size, 2))],
            "seen": pa.array(((second - rng.geometric(0.1, size) * DAY) * 1e6).astype("int64")).cast(
                pa.timestamp("us")
            ),
            "paid": rng.random(size) < 0.4,
        }
    )


def split(table, first=84, last=98):
    day = np.array(table.column("at").cast(pa.int64())) // (DAY * 10**6)
    return table.filter(pa.array(day < first)), table.filter(pa.array((day >= first) & (day < last)))


def put(table, name, values):
    return table.set_column(table.schema.get_field_index(name), name, values)


@pytest.fixture(scope="module")
def before():
    return split(shop())[0]


@pytest.fixture(scope="module")
def now():
    return split(shop())[1]


@pytest.fixture(scope="module")
def reference(before, summary_of):
    return summary_of(before, time="at")


@pytest.fixture(scope="module")
def check(reference, summary_of):
    def run(data, **given):
        return compare(reference, summary_of(data, like=reference, seed=1), **given)

    return run


def column(report, name):
    return next(column for column in report.columns if column.name == name)


def test_clean_data_of_the_next_weeks_does_not_alarm(check, now):
    report = check(now)
    assert not report.drifted
    assert report.found == ()
    assert report.calibration.unit == "day"
    assert (report.calibration.blocks, report.calibration.window, report.calibration.follows) == (84, 10, True)


def faults(now):
    rng = np.random.default_rng(5)
    size = now.num_rows
    amount = np.array(now.column("amount"))
    text = now.column("channel").to_pylist()
    seen = np.array(now.column("seen").cast(pa.int64()))
    return {
        "scale": ("amount", amount * 10),
        "sign": ("amount", -amount),
        "constant": ("amount", np.full(size, amount[0])),
        "default": ("amount", np.where(rng.random(size) < 0.1, -1, amount)),
        "whole": ("amount", np.trunc(amount)),
        "nulls": ("weight", pa.array(np.array(now.column("weight")), mask=rng.random(size) < 0.1)),
        "nan": ("weight", np.where(rng.random(size) < 0.1, np.nan, np.array(now.column("weight")))),
        "infinity": ("weight", np.where(rng.random(size) < 0.1, np.inf, np.array(now.column("weight")))),
        "case": ("channel", [value.upper() for value in text]),
        "new": (
            "channel",
            ["kiosk" if draw < 0.05 else value for value, draw in zip(text, rng.random(size), strict=True)],
        ),
        "gone": ("channel", ["web" if value == "shop" else value for value in text]),
        "truncated": ("note", [value[:8] for value in now.column("note").to_pylist()]),
        "mojibake": ("note", [value.replace("e", "Ã©") for value in now.column("note").to_pylist()]),
        "zone": ("seen", pa.array(seen + 5 * 3_600 * 10**6).cast(pa.timestamp("us"))),
        "midnight": ("seen", pa.array(seen // (DAY * 10**6) * DAY * 10**6).cast(pa.timestamp("us"))),
        "old": ("seen", pa.array(seen - 40 * DAY * 10**6).cast(pa.timestamp("us"))),
        "flag": ("paid", (~np.array(now.column("paid"))).tolist()),
        "text": ("amount", [str(value) for value in amount]),
    }


@pytest.mark.parametrize(
    ("fault", "cause", "aspect"),
    [
        ("scale", Cause.SUDDEN, None),
        ("sign", Cause.SUDDEN, None),
        ("constant", Cause.SUDDEN, None),
        ("default", Cause.SUDDEN, None),
        ("whole", None, "digits"),
        ("nulls", Cause.MISSING, "missing"),
        ("nan", Cause.MISSING, "missing"),
        ("infinity", None, "outside"),
        ("case", Cause.NEW, "value"),
        ("new", Cause.NEW, "value"),
        ("gone", Cause.VANISHED, "value"),
        ("truncated", None, None),
        ("mojibake", None, "lettering"),
        ("zone", None, "hour"),
        ("midnight", None, "hour"),
        ("old", None, "age"),
        ("flag", Cause.SUDDEN, "value"),
        ("text", Cause.TYPE, "type"),
    ],
)
def test_faults_are_found_in_their_column_alone(fault, cause, aspect, check, now):
    name, values = faults(now)[fault]
    report = check(put(now, name, values if isinstance(values, pa.Array) else pa.array(values)), joint=False)
    assert report.found == (name,)
    found = column(report, name)
    assert cause in (None, found.cause)
    assert aspect in (None, "type", *(trial.aspect for trial in found.trials if trial.drifted))
    assert found.effect > found.threshold
    assert fault == "text" or found.pace in (Pace.SUDDEN, Pace.UNKNOWN)


def test_a_fault_midway_is_dated(check, now):
    day = np.array(now.column("at").cast(pa.int64())) // (DAY * 10**6)
    amount = np.array(now.column("amount"))
    found = column(check(put(now, "amount", pa.array(np.where(day >= 90, amount * 10, amount)))), "amount")
    assert (found.cause, found.pace, found.since) == (Cause.SUDDEN, Pace.SUDDEN, "1970-04-01T00:00:00")


def test_a_season_is_gradual_and_a_fault_within_it_is_not(summary_of):
    before, later = split(shop(3, days=140, season=4.0), 84, 140)
    reference = summary_of(before, time="at")
    now = split(later, 84, 98)[1]
    report = compare(reference, summary_of(later, like=reference))
    assert report.found == ("amount",)
    assert (column(report, "amount").cause, column(report, "amount").pace) == (Cause.GRADUAL, Pace.GRADUAL)
    faulty = put(now, "amount", pa.array(np.array(now.column("amount")) * 20))
    assert column(compare(reference, summary_of(faulty, like=reference)), "amount").pace is Pace.SUDDEN


def test_without_following_on_the_reference_nothing_is_called_gradual(check, summary_of, reference):
    later = split(shop(4, days=200, season=4.0), 160, 174)[1]
    report = compare(reference, summary_of(later, like=reference))
    found = column(report, "amount")
    assert found.drifted
    assert (found.pace, found.cause) == (Pace.UNKNOWN, Cause.SHIFT)
    assert any("does not follow" in note for note in report.notes)


def test_lost_and_gained_columns(check, now):
    report = check(now.drop_columns(["paid"]).append_column("extra", pa.array([1] * now.num_rows)))
    assert (report.lost, report.gained, report.found) == (("paid",), ("extra",), ("paid",))
    assert column(report, "paid").cause is Cause.LOST


def test_lost_days_and_repeated_rows(check, now):
    day = np.array(now.column("at").cast(pa.int64())) // (DAY * 10**6)
    lost = check(now.filter(pa.array(day != 90)))
    assert [(trial.aspect, trial.since) for trial in lost.rows_drift if trial.drifted] == [
        ("emptiest block", "1970-04-01T00:00:00")
    ]
    twice = check(pa.concat_tables([now, now.slice(0, now.num_rows // 10)]))
    assert "repeated rows" in [trial.aspect for trial in twice.rows_drift if trial.drifted]
    assert twice.drifted


def test_a_lost_association_is_seen_though_no_column_drifts(check, now):
    report = check(put(now, "weight", pa.array(np.random.default_rng(1).permutation(np.array(now.column("weight"))))))
    assert report.found == ()
    assert report.joint.drifted
    assert report.drifted
    assert report.joint.pairs[0].left, report.joint.pairs[0].right == ("amount", "weight")


def test_categories_are_listed(check, now):
    name, values = faults(now)["case"]
    found = column(check(put(now, name, pa.array(values)), joint=False), "channel")
    assert set(found.new) == {"WEB", "APP", "SHOP"}
    assert (found.new_share, set(found.vanished)) == (1.0, {"web", "app", "shop"})
    assert found.histogram.categories[-1] == "(other)"
    assert found.histogram.current[-1] == now.num_rows


def test_a_stored_reference_gives_the_same_verdicts(reference, now, summary_of, tmp_path):
    file = tmp_path / "reference.json"
    summaries.save(reference, file)
    current = summary_of(now, like=reference, seed=1)
    stored = detect_drift(file, current)
    assert stored == compare(reference, current)
    again = codec.decode(DriftReport, codec.loads(codec.dumps(stored), where="x"), where="x")
    assert again == stored
    data = json.loads(codec.dumps(stored))
    assert {"name", "drifted", "effect", "threshold"} <= data["columns"][0].keys()


def test_by_the_engine(before, now):
    amount = np.array(now.column("amount"))
    faulty = put(now, "amount", pa.array(amount * 10))
    report = detect_drift(before, faulty, time="at", joint=False)
    assert report.found == ("amount",)
    assert detect_drift(before, now, time="at", joint=False).found == ()
    assert detect_drift(before, faulty, columns=["weight"], joint=False).found == ()


def test_rows_are_blocks_without_a_time(summary_of, before, now):
    reference = summary_of(before.drop_columns(["at"]))
    assert (reference.unit, len(reference.blocks)) == ("rows", 64)
    assert not compare(reference, summary_of(now.drop_columns(["at"]), like=reference)).drifted
    name, values = faults(now)["scale"]
    report = compare(reference, summary_of(put(now, name, pa.array(values)).drop_columns(["at"]), like=reference))
    assert report.found == ("amount",)
    assert column(report, "amount").pace in (Pace.UNKNOWN, Pace.SUDDEN)


def test_few_blocks_are_said_and_the_floor_is_higher(summary_of):
    before, now = split(shop(6, days=5, rows=2_000), 3, 5)
    reference = summary_of(before, time="at", columns=["amount", "channel"])
    reference = summaries.replace(reference, blocks=reference.blocks[:3], sizes=reference.sizes[:3])
    report = compare(reference, summary_of(now, like=reference), joint=False)
    assert report.calibration.windows == 0
    assert any("too few to calibrate" in note for note in report.notes)
    assert all(trial.usual is None for found in report.columns for trial in found.trials)
    assert min(trial.floor for trial in column(report, "amount").trials if "Shannon" in trial.measure) == 0.1


def empty(table):
    return table.slice(0, 0)


@pytest.mark.parametrize("side", ["reference", "current"])
@pytest.mark.parametrize("time", ["at", None])
@pytest.mark.parametrize("rows", [0, 1])
def test_next_to_nothing_is_no_drift_and_said(side, time, rows, before, now, summary_of):
    one = before.slice(0, rows) if side == "reference" else before
    two = now.slice(0, rows) if side == "current" else now
    reference = summary_of(one, time=time)
    report = compare(reference, summary_of(two, like=reference))
    assert rows or not report.found
    assert rows or any("no rows" in note for note in report.notes)
    assert report.notes


def test_odd_columns(summary_of):
    rng = np.random.default_rng(0)

    def odd(seed):
        count = 400
        return pa.table(
            {
                "null": pa.nulls(count, pa.float64()),
                "gone": pa.nulls(count, pa.string()),
                "nan": np.full(count, np.nan),
                "inf": np.where(rng.random(count) < 0.5, np.inf, -np.inf),
                "one": [1] * count,
                "wide": rng.choice([-1.7e308, 1.7e308, 5e-324], count),
                "binary": pa.array([b"x"] * count),
                "nested": [[1, 2]] * count,
                'a "quoted.name"; drop': rng.standard_normal(count),
                "emoji 🙂": [f"value {number}" for number in rng.integers(0, 10**9, count)],
                "date": pa.array((rng.integers(0, 9_000, count)).astype("int32")).cast(pa.date32()),
                "empty text": [""] * count,
            }
        )

    reference = summary_of(odd(0))
    report = compare(reference, summary_of(odd(1), like=reference))
    assert report.found == ()
    assert codec.decode(DriftReport, codec.loads(codec.dumps(report), where="x"), where="x") == report


def test_rows_of_very_many_columns_are_not_compared_with_each_other(summary_of):
    data = pa.table({f"c{number}": np.arange(60.0) for number in range(501)})
    narrow = compare(summary_of(data.select(range(500))), summary_of(data.select(range(500))), joint=False)
    wide = compare(summary_of(data), summary_of(data), joint=False)
    assert ["repeated rows" in [trial.aspect for trial in report.rows_drift] for report in (narrow, wide)] == [
        True,
        False,
    ]
    said = "repeated rows were not counted: all of 501 columns would have to be compared"
    assert [said in report.notes for report in (narrow, wide)] == [False, True]


def test_the_same_seed_gives_the_same_report(check, now):
    assert check(now, seed=3) == check(now, seed=3)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"time": "amont"}, "amount"),
        ({"time": "amount"}, "holds number values"),
        ({"columns": ["nothing"]}, '"nothing"'),
        ({"false_alarms": 0.0}, "false_alarms"),
        ({"false_alarms": 1.0}, "false_alarms"),
        ({"least_effect": -1.0}, "least_effect"),
    ],
)
def test_wrong_calls(given, said, before, now):
    with pytest.raises(UsageError, match=said):
        detect_drift(before.slice(0, 500), now.slice(0, 500), **given)


def test_wrong_calls_of_a_stored_reference(reference, summary_of, now):
    with pytest.raises(UsageError, match='cut by "at"'):
        detect_drift(reference, now, time="seen")
    with pytest.raises(UsageError, match="no column"):
        compare(reference, summary_of(now, like=reference), columns=["amont"])
    with pytest.raises(UsageError, match="other bins"):
        compare(reference, summary_of(now, time="at"))


def test_the_package_offers_the_check():
    assert drift.detect_drift is detect_drift

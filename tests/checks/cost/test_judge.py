"""Limits and the front: each kind of dear feature breaks its limit, a cheap one none; what is unknown helps nobody."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlscore.checks import check_cost
from mlscore.checks.cost.front import dominates, with_front
from mlscore.checks.cost.report import as_result
from mlscore.checks.cost.shapes import CostReport, Limits, Measured, OverTime, Timing, Unit
from mlscore.checks.cost.verdicts import judge
from mlscore.checks.intervals import Interval
from mlscore.core.codec import decode, dumps, loads
from mlscore.core.evidence import Outcome
from mlscore.errors import ConfigError, InputError, UsageError
from mlscore.predictors.predictor import Predictor
from mlscore.predictors.shapes import Prediction, Provenance, Task

LOOSE = Limits(latency=500, batch_latency=2000, memory=200, missing=0.5)


def clock(rows):
    return rows["hour"] + rows["minute"] / 60


def slow(rows):
    time.sleep(0.05)
    return pd.Series(rows["hour"] * 2, name="slow")


def hungry(rows):
    held = np.ones((len(rows), 20_000))
    return pd.Series(held[:, 0] * rows["hour"].to_numpy(), name="hungry")


def wind(rows):
    return pd.DataFrame({"speed": rows["gust"] * 0.5, "calm": rows["gust"].where(rows["gust"] > 1)})


def broken(rows):
    raise ValueError("no stations")


def run(functions, raw, **more):
    return check_cost(functions, **{"rows": raw, "batch": 100, "seconds": 0.15, **more})


def sure(value, half=0.0):
    return Interval(value, value - half, value + half)


def spent(value, half=0.0):
    return Timing(sure(value, half), sure(value, half), 100)


def unit(name, row=None, gain=None, **more):
    return Unit(
        name, (name,), row=None if row is None else spent(row), gain=None if gain is None else sure(gain, 0.001), **more
    )


def held(units, **limits):
    return judge(units, [], more_than(units), Limits(**limits))


def more_than(units):
    return [OverTime(one.name, one.missing) for one in units if one.missing is not None]


# ---- measured


def test_cheap_features_pass(raw):
    report = run([clock, wind], raw, limits=LOOSE)
    assert report.passed, report.findings
    assert report.hollow is None
    assert {one.name for one in report.units} == {"clock", "speed + calm"}
    result = as_result(report)
    assert result.outcome is Outcome.PASSED
    assert result.summary == "2 features or groups of them are within their limits"
    assert any(line.startswith("speed + calm: ") and "ms a batch of 100" in line for line in result.notes)


def test_a_slow_one_is_named(raw):
    report = run([clock, slow], raw, limits=Limits(latency=40))
    (finding,) = report.findings
    assert finding.startswith("slow: one row takes ")
    assert finding.endswith("40 ms is the limit")
    assert as_result(report).outcome is Outcome.FAILED


def test_a_slow_batch_is_another_limit(raw):
    (finding,) = run([slow], raw, limits=Limits(batch_latency=40)).findings
    assert finding.startswith("slow: a batch takes ")


def test_a_hungry_one_is_named(raw):
    (finding,) = run([clock, hungry], raw, limits=Limits(memory=10)).findings
    assert finding == "hungry: a batch takes 16 MB, 10 MB is the limit"


def test_an_endless_one_breaks_the_limit_that_it_surely_exceeds(raw):
    def endless(rows):
        time.sleep(30)

    report = run([clock, endless], raw, seconds=0.2, features=["clock", "endless"], limits=Limits(latency=20))
    (finding,) = report.findings
    assert finding.startswith("endless: one row takes more than ")
    assert finding.endswith(" ms, 20 ms is the limit")
    report = run([clock, endless], raw, seconds=0.2, features=["clock", "endless"], limits=Limits(latency=3000))
    assert report.findings == ()
    assert any("endless: what it costs: one row did not return within 2 s" in one for one in report.not_judged)


def test_one_that_fails_is_not_judged_and_not_helped(raw):
    report = run([broken], raw, features=["broken"], limits=LOOSE)
    assert report.passed
    assert any("what it costs: it raises ValueError: no stations" in one for one in report.not_judged)
    assert report.hollow.startswith("of no feature is it known: the time of one row, the time of a batch, the memory")
    assert as_result(report).outcome is Outcome.HOLLOW


def test_what_no_function_computes_is_not_judged(raw):
    report = run([clock], raw, features=["clock", "carrier"], limits=Limits(latency=500))
    assert "carrier: the time of one row, which is not known: no function computes it" in report.not_judged
    assert report.hollow is None


def test_what_a_function_leaves_missing(raw):
    (finding,) = run([wind], raw, limits=Limits(missing=0.001)).findings
    assert finding.startswith("calm: it is missing in ")


def test_groups_add_up_their_functions(raw):
    report = run([clock, slow, wind], raw, groups={"time": ["clock", "slow"]}, limits=Limits(latency=40))
    assert {one.name: one.features for one in report.units} == {
        "time": ("clock", "slow"),
        "speed + calm": ("speed", "calm"),
    }
    assert report.findings[0].startswith("time: one row takes ")
    by = {one.function.rpartition(".")[2]: one for one in report.measured}
    (time_,) = (one for one in report.units if one.name == "time")
    assert time_.row.median.value == pytest.approx(by["clock"].row.median.value + by["slow"].row.median.value)
    assert time_.memory == max(by["clock"].memory, by["slow"].memory)


def test_a_function_of_no_feature_is_told(raw):
    report = run([clock, slow], raw, features=["clock"], limits=LOOSE)
    assert [one.name for one in report.units] == ["clock"]
    assert any("slow: it computes slow, which is no feature of the model" in one for one in report.not_judged)


# ---- over time


def test_what_is_missing_more_each_month_is_named_with_the_month():
    random = np.random.default_rng(1)
    month = np.arange(6000) % 6
    humid = pd.Series(random.normal(size=6000)).mask(random.random(6000) < 0.04 * month)
    table = pd.DataFrame(
        {
            "day": pd.to_datetime({"year": 2013, "month": month + 1, "day": 15}),
            "humid": humid,
            "clock": random.normal(size=6000),
        }
    )
    report = check_cost(table=table, time="day", features=["humid", "clock"], limits=Limits(missing=0.15))
    (finding,) = report.findings
    assert finding.startswith("humid: it is missing in 19.")
    assert "of the window from 2013-06-01" in finding
    assert check_cost(table=table, time="day", limits=Limits(missing=0.3)).passed
    steady = check_cost(table=table, time="day", features=["clock"], limits=Limits(instability=0.1))
    assert steady.passed
    assert steady.hollow is None
    table["clock"] += month
    (finding,) = check_cost(table=table, time="day", features=["clock"], limits=Limits(instability=0.1)).findings
    assert finding.startswith("clock: the window from 2013-0")


# ---- gains


class Lines(Predictor):
    """The chance hangs on two of three columns."""

    def __init__(self):
        self.features, self.task, self.classes = ("clock", "slow", "needless"), Task.BINARY, (0, 1)
        self.provenance = Provenance("callable")

    def predict(self, rows, *, finite=True):
        p = 1 / (1 + np.exp(-2 * rows["clock"].to_numpy() - 0.8 * rows["slow"].to_numpy()))
        return Prediction((p > 0.5).astype(int), np.column_stack([1 - p, p]), (0, 1))

    def close(self):
        pass


def needless(rows):
    time.sleep(0.005)
    return pd.Series(np.zeros(len(rows)), name="needless")


@pytest.fixture(scope="module")
def validation():
    random = np.random.default_rng(2)
    x = random.normal(size=(4000, 3))
    late = random.random(4000) < 1 / (1 + np.exp(-2 * x[:, 0] - 0.8 * x[:, 1]))
    return pa.table({"clock": x[:, 0], "slow": x[:, 1], "needless": x[:, 2], "late": late.astype(int)})


def test_a_useless_dear_one_costs_too_much_for_what_it_gains(raw, validation):
    report = run(
        [clock, slow, needless],
        raw,
        predictor=Lines(),
        validation=validation,
        label="late",
        limits=Limits(per_gain=1000),
    )
    (finding,) = report.findings
    assert finding.startswith("needless: it costs ")
    assert finding.endswith("for a gain of 0 (0 to 0), which is none")
    place = {one.name: (one.front, one.dominated_by) for one in report.units}
    assert place == {"clock": (True, None), "slow": (False, "clock"), "needless": (False, "clock")}
    assert report.metric == "AUC"
    result = as_result(report)
    assert [value.value for value in result.values] == [1, 1, 2]
    assert result.notes[0].startswith("clock: ")
    assert result.notes[0].endswith("; on the front")
    assert result.notes[1].endswith("; dominated by clock")


def test_gains_that_are_given(raw, gain):
    gains = [gain("clock", 0.1), gain("slow", 0.0005)]
    report = run([clock, slow, wind], raw, gains=gains, limits=Limits(per_gain=5000))
    assert [one.name for one in report.units] == ["clock", "slow", "speed + calm"]
    assert report.findings[0].startswith("slow: it costs ")
    assert "ms or more for each unit of gain, 5000 ms is the limit" in report.findings[0]
    assert "speed + calm: what it costs for what it gains, which is not known: its gain is not known" in (
        report.not_judged
    )


def test_the_gains_need_a_label(raw):
    with pytest.raises(UsageError, match="the gains need labelled rows"):
        run([clock], raw, predictor=Lines())


# ---- limits, on figures alone


def test_noise_is_no_finding():
    dear = Unit("x", ("x",), row=Timing(sure(5), Interval(12, 8, 20), 50))
    verdict = held([dear, unit("y", 1)], latency=10)
    assert verdict.findings == []
    assert verdict.unknown[0].startswith("x: the time of one row: one row takes 12 ms (8 to 20 by round)")
    assert verdict.unknown[0].endswith("10 ms is the limit, but not for certain")
    assert held([dear], latency=7).findings
    assert "the time of one row" in held([dear], latency=10).hollow


def test_the_worst_comes_first():
    verdict = held([unit("a", 20), unit("b", 90), unit("c", 5)], latency=10)
    assert [line[0] for line in verdict.findings] == ["b", "a"]


def test_sources():
    verdict = held([unit("a", sources=3), unit("b", sources=1), unit("c")], sources=2)
    assert verdict.findings == ["a: it hangs on 3 upstream sources, 2 is the limit"]
    assert verdict.unknown == ["c: the number of its sources, which is not known"]


def test_sources_of_groups_are_counted_once(raw):
    report = run([wind], raw, sources={"speed": ("stations",), "calm": ("stations", "radar")}, limits=Limits(sources=1))
    assert report.units[0].sources == 2
    assert report.findings == ("speed + calm: it hangs on 2 upstream sources, 1 is the limit",)
    assert run([wind], raw, sources={"speed": ("stations",)}).units[0].sources is None


def test_cost_for_gain_is_judged_by_the_better_ends():
    verdict = held([unit("a", 1.0, 0.0015), unit("b", 1.0, 0.01), unit("c", 1.0, -0.002)], per_gain=500)
    assert [line[0] for line in verdict.findings] == ["c"]
    assert [line[0] for line in verdict.unknown] == ["a"]
    assert held([unit("a", 0.0, 0.0)], per_gain=0).findings == []


def test_no_limit_earns_nothing():
    assert held([unit("a", 1)]).hollow == "no limit is given, so that no cost could be too high"
    assert "which no share can exceed" in held([unit("a", missing=sure(0.1))], missing=1.0).hollow
    assert held([], latency=1).hollow == "no limit is given, so that no cost could be too high"


# ---- the front


def test_the_front():
    units = [unit("best", 1, 0.1), unit("dear", 5, 0.05), unit("cheap", 0.5, 0.05), unit("unknown", 0.1)]
    found = {one.name: (one.front, one.dominated_by) for one in with_front(units)}
    assert found == {
        "best": (True, None),
        "dear": (False, "best"),
        "cheap": (True, None),
        "unknown": (None, None),
    }


def test_what_is_not_sure_dominates_nothing():
    assert dominates(unit("a", 1, 0.1), unit("b", 2, 0.05))
    assert not dominates(unit("a", 1, 0.0501), unit("b", 2, 0.05))
    assert not dominates(unit("a", 1, 0.1), unit("b", 1, 0.05))
    assert not dominates(unit("a", 1, 0.1, sources=2), unit("b", 2, 0.05, sources=1))
    assert not dominates(unit("a", 1, 0.1), unit("b", 2, 0.05, sources=1))
    assert not dominates(unit("a", 1, 0.1, memory=10.0), unit("b", 1, 0.05, memory=10.5))
    noisy = Unit("b", ("b",), row=Timing(Interval(2, 0.9, 3), sure(3), 9), gain=sure(0.05))
    assert not dominates(unit("a", 1, 0.1), noisy)


# ---- what cannot be asked


@pytest.mark.parametrize(
    ("more", "error", "said"),
    [
        ({"rows": None}, UsageError, "there are no rows to give the functions"),
        ({"batch": 0}, UsageError, "batch is 0, and should be greater than 0"),
        ({"seconds": -1}, UsageError, "seconds is -1"),
        ({"limits": Limits(memory=-1)}, UsageError, "the limit of memory is -1"),
        ({"groups": {"time": ["minute"]}}, InputError, 'the group "time" names "minute", which is no feature'),
        ({"groups": {"a": ["clock"], "b": ["clock"]}}, InputError, '"clock" is in two groups'),
        ({"functions": ["nowhere:clock"]}, ConfigError, "nowhere cannot be imported"),
    ],
)
def test_what_cannot_be_asked(raw, more, error, said):
    functions = more.pop("functions", [clock])
    with pytest.raises(error, match=said):
        run(functions, raw, **more)


def test_nothing_to_judge_and_no_rows(raw):
    with pytest.raises(UsageError, match="nothing says which features there are"):
        check_cost()
    with pytest.raises(InputError, match="there are no rows to give the functions"):
        run([clock], raw.head(0))


def test_the_report_survives_json(raw, gain):
    report = run([clock, wind], raw, gains=[gain("clock", 0.1)], limits=LOOSE)
    assert decode(CostReport, loads(dumps(report), where="here"), where="here") == report
    assert isinstance(report.measured[0], Measured)

"""Reports are judged by verdicts, limits, age and subject; what cannot be judged never helps."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime

import pytest

from mlscore.checks import check_report
from mlscore.checks.reports.shapes import Finding, Report
from mlscore.errors import ConfigError

GOOD = Finding("no nulls", True, "critical", column="carrier")
BAD = Finding("no nulls", False, "critical", column="delay", value=50, limit=0)
WARNS = Finding("mean", False, "warning", value=1601.29486, limit="max_value 1200")
OPEN = Finding("type", None, detail="it raised: no such column")
DRIFT = Finding("drift", False, "fail", items=("monitor-3",))
OWN = Finding("expect_flights_to_depart", True, known=False)
TODAY = date(2026, 11, 25)


def report(*findings, made="2026-11-20", about=None, untried=None, version="1.2", **metrics):
    return Report(
        "Tool",
        version,
        None if made is None else datetime.fromisoformat(made).replace(tzinfo=UTC),
        findings,
        metrics,
        about=about or {},
        untried=untried,
    )


def check(*args, today=TODAY, **options):
    return check_report(*args, today=today, **options)


def test_a_good_report():
    judged = check(report(GOOD, accuracy=0.9), limits={"accuracy": {"least": 0.8}})
    assert judged.passed
    assert judged.hollow is None
    assert (judged.counted, judged.passed_rules) == (1, 1)
    assert [(one.metric, one.value, one.ok) for one in judged.held] == [("accuracy", 0.9, True)]


def test_the_worst_comes_first():
    judged = check(report(WARNS, BAD, GOOD, accuracy=0.7), limits={"accuracy": {"least": 0.8}})
    assert judged.findings == (
        "no nulls:delay failed: 50 (0)",
        "accuracy is 0.7, and has to be at least 0.8",
        "mean warns: 1601.29 (max_value 1200)",
    )
    assert (judged.counted, judged.passed_rules) == (3, 1)


def test_warnings_may_be_allowed():
    judged = check(report(WARNS, GOOD), allow_warnings=True)
    assert judged.passed
    assert judged.notes == ("mean warns: 1601.29 (max_value 1200)",)
    assert judged.counted == 1
    # A failure is no warning.
    assert not check(report(BAD), allow_warnings=True).passed
    # A warning alone earns nothing.
    assert check(report(WARNS), allow_warnings=True).hollow is not None


def test_what_has_no_verdict_is_not_judged():
    judged = check(report(OPEN, GOOD))
    assert judged.passed
    assert judged.not_judged == ("type: it raised: no such column",)
    assert check(report(OPEN)).hollow == "no rule of the report has a verdict that counts here, and no limit is given"


def test_a_rule_that_is_not_known():
    judged = check(report(OWN, GOOD))
    assert judged.counted == 1
    assert judged.not_judged == ("expect_flights_to_depart: this rule of Tool is not known here; name it in rules",)
    named = check(report(OWN, GOOD), rules=["expect_flights_*"])
    assert (named.counted, named.not_judged, named.hollow) == (1, (), None)
    # Its failure is one, known or not.
    assert not check(report(Finding("expect_flights_to_depart", False, known=False))).passed


def test_rules_of_other_items_are_left_out():
    judged = check(report(DRIFT, GOOD), item="data-1")
    assert judged.passed
    assert judged.notes == ("left out, since they speak to other items: drift",)
    assert not check(report(DRIFT, GOOD), item="monitor-3").passed
    assert not check(report(DRIFT, GOOD)).passed
    assert check(report(DRIFT), item="data-1").hollow is not None


def test_rules_that_are_named():
    assert check(report(GOOD, BAD), rules=["no nulls:carrier"]).passed
    assert not check(report(GOOD, BAD), rules=["no nulls:*"]).passed
    assert not check(report(GOOD, BAD), rules=["no nulls"]).passed
    # Who names a rule means it, whatever it speaks to.
    assert not check(report(DRIFT, GOOD), item="data-1", rules=["drift"]).passed


@pytest.mark.parametrize(
    ("given", "limits", "why"),
    [
        (report(), {}, "the report holds no tests"),
        (report(accuracy=0.9), {}, "the report holds no verdict, and no limit is given for its metrics"),
        (report(accuracy=0.9), {"accuracy": {"least": 0}}, "no value of accuracy could be outside of its limit"),
        (report(accuracy=0.9), {"accuracy": {"least": 0.8}}, None),
    ],
)
def test_what_earns_nothing(given, limits, why):
    judged = check(given, limits=limits)
    assert judged.passed
    assert judged.hollow == why


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_metric_that_is_no_number(value):
    judged = check(report(loss=value), limits={"loss": {"most": 1}})
    assert judged.findings == (f"loss is {value}, and has to be at most 1",)


def test_limits_of_several_metrics():
    judged = check(report(**{"recall:a": 0.9, "recall:b": 0.3, "loss": 9}), limits={"recall:*": {"least": 0.5}})
    assert judged.findings == ("recall:b is 0.3, and has to be at least 0.5",)
    assert len(judged.held) == 2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"limits": {"acuracy": {"least": 1}}}, 'the report has no metric "acuracy"; did you mean "accuracy"?'),
        ({"limits": {"loss*": {"least": 1}}}, 'the report has no metric "loss*"; there are accuracy'),
        ({"rules": ["no nuls"]}, 'the report has no rule "no nuls"; did you mean "no nulls"?'),
        ({"about": {"colour": ["red"]}}, '"colour" is nothing a report is about; known are model, model digest'),
    ],
)
def test_names_that_are_not_there(options, why):
    with pytest.raises(ConfigError) as caught:
        check(report(GOOD, accuracy=0.5), **options)
    assert why in str(caught.value)
    with pytest.raises(ConfigError, match="it holds no metrics at all"):
        check(report(GOOD), limits={"accuracy": {"least": 1}})


@pytest.mark.parametrize(
    ("made", "most", "finding"),
    [
        ("2026-11-20", 5, None),
        ("2026-11-20", 4, "the report is 5 days old, of 2026-11-20, and 4 are the most allowed"),
        ("2020-01-01", None, None),
        ("2026-11-26", 1, None),
        ("2026-11-27", None, "the report says that it was made on 2026-11-27, after today"),
    ],
)
def test_age(made, most, finding):
    judged = check(report(GOOD, made=made), most_age=most)
    assert judged.findings == (() if finding is None else (finding,))


def test_age_that_nothing_tells():
    undated = report(GOOD, made=None)
    judged = check(undated, most_age=30, written={"": TODAY})
    assert judged.passed
    assert judged.not_judged == ("how old the report is: it does not say when it was made",)
    # It is no younger than its file.
    judged = check(undated, most_age=30, written={"": date(2026, 1, 1)})
    assert judged.findings == ("the report's file was last written 328 days ago, and 30 are the most allowed",)
    assert check(undated).not_judged == ()


def test_a_version_that_was_never_tried():
    judged = check(report(GOOD, version="3.0", untried="Tool 1.1 or 1.2"))
    assert judged.not_judged == ("whether Tool 3.0 means the same by what it writes: tried were Tool 1.1 or 1.2",)


@pytest.mark.parametrize(
    ("key", "says", "right", "same"),
    [
        ("model", "flights", "flights", True),
        ("model", "flights-2", "flights", False),
        ("model digest", "sha256:AB12", "ab12", True),
        ("model digest", "sha256:ab12", "sha256:ab13", False),
        ("commit", "0123456789", "0123456", True),
        ("commit", "0123456789", "012", False),
    ],
)
def test_what_it_is_about(key, says, right, same):
    judged = check(report(GOOD, about={key: says}), about={key: [right]})
    assert judged.passed is same
    if not same:
        assert judged.findings == (f'the report is about the {key} "{says}", not "{right}"',)


def test_what_it_does_not_say_is_not_judged():
    judged = check(report(GOOD), about={"model": ["flights"]})
    assert judged.not_judged == ("what model the report is about: it does not say",)
    assert check(report(GOOD), told={"model": ["flights"]}).not_judged == ()
    assert not check(report(GOOD, about={"model": "x"}), told={"model": ["flights"]}).passed


def test_several_reports():
    judged = check({"a.json": report(GOOD), "b.json": report(BAD, accuracy=0.1)}, limits={"accuracy": {"least": 0.5}})
    assert judged.findings == (
        "b.json: no nulls:delay failed: 50 (0)",
        "b.json: accuracy is 0.1, and has to be at least 0.5",
    )
    assert judged.counted == 2

"""deepchecks' own JSON as findings: verdicts, severities, items, and what came to no verdict."""

import tomllib
from pathlib import Path

import pytest

from mlscore.checks.deepchecks.conditions import ITEMS, NEED_THE_MODEL, SUITES, TABLE, spoken
from mlscore.checks.reports.deepchecks import read, read_findings, recognises
from mlscore.checks.reports.load import Document
from mlscore.errors import InputError

RUBRIC = Path(__file__).parents[3] / "rubrics" / "ml-test-score.toml"


def document(record):
    return Document("deepchecks.json", "json", record, Path("deepchecks.json"))


def test_the_planted_faults_are_found_in_what_the_tool_wrote(sample):
    report = read(document(sample("planted", "data_integrity")))
    assert (report.tool, report.format) == ("deepchecks", "deepchecks")
    bad = {(one.name.partition(":")[0], one.severity): one for one in report.failed}
    leak = bad["Feature Label Correlation - Train Dataset", "fail"]
    assert leak.items == ("data-2",)
    assert "'leak'" in leak.detail
    copies = bad["Data Duplicates - Train Dataset", "warn"]
    assert (copies.detail, copies.items) == ("Found 25% duplicate data", ("data-1", "monitor-2"))
    report = read(document(sample("planted", "train_test_validation")))
    drift = next(one for one in report.failed if one.name.startswith("Feature Drift"))
    assert (drift.severity, drift.items) == ("fail", ("monitor-3",))


def test_clean_data_hold(sample):
    assert read(document(sample("clean", "data_integrity"))).failed == ()
    # Of 200 rows, this one alarms by chance.
    bad = read(document(sample("clean", "train_test_validation"))).failed
    assert {one.name.partition(":")[0] for one in bad} == {"Feature Label Correlation Change"}


def test_what_met_nothing_to_look_at_has_no_verdict(sample):
    found = {one.name.partition(":")[0]: one for one in read_findings(sample("clean", "data_integrity"))}
    lengths = found["String Length Out Of Bounds - Train Dataset"]
    assert (lengths.passed, lengths.severity, lengths.detail) == (None, "irrelevant", "there was nothing to look at")
    found = {one.name.partition(":")[0]: one for one in read_findings(sample("clean", "train_test_validation"))}
    assert found["Index Train Test Leakage"].passed is None
    assert found["Index Train Test Leakage"].severity == "irrelevant"


def test_what_errored_has_no_verdict(sample):
    found = {one.name: one for one in read_findings(sample("planted", "model_evaluation"))}
    unused = found["Unused Features - Train Dataset"]
    assert (unused.passed, unused.severity, unused.items) == (None, "error", ("data-2",))
    assert unused.detail == "Feature Importance is not available."
    assert found["Boosting Overfit"].severity == "irrelevant"


def result(status="FAIL", detail="d", name="String Mismatch", **more):
    conditions = [{"Status": status, "Condition": "No string variants", "More Info": detail}]
    return {"type": "CheckResult", "check": {"name": name}, "header": name, "conditions_results": conditions} | more


def test_an_errored_condition_has_no_verdict():
    (found,) = read_findings(result("ERROR", "Exception in condition: ValueError"))
    assert (found.passed, found.severity) == (None, "error")


def test_values_of_the_data_are_not_quoted():
    (found,) = read_findings(
        result(detail="Found 1 out of 1 columns with amount of variants above threshold: {'n': ['Ann']}")
    )
    assert found.detail == "Found 1 out of 1 columns with amount of variants above threshold"
    (found,) = read_findings(result(detail="Found 1: {'n': 'x'}", name="Feature Drift"))
    assert found.detail == "Found 1: {'n': 'x'}"


def test_a_check_that_passed_over_no_column_passed_over_nothing():
    (found,) = read_findings(result("PASS", "Passed for 1 relevant column", value={"columns": {}}))
    assert found.passed is None


def test_an_unknown_check_speaks_to_no_item_of_its_own():
    (found,) = read_findings(result(name="Brand New"))
    assert (found.passed, found.items) == (False, ())


@pytest.mark.parametrize(
    "record",
    [
        {"type": "SuiteResult", "results": 3},
        {"type": "SuiteResult", "results": [3]},
        {"type": "SuiteResult", "results": [{"check": 3}]},
        {"type": "CheckResult", "check": {"name": "x"}, "conditions_results": 3},
    ],
)
def test_what_is_not_as_the_tool_writes_it_is_told(record):
    with pytest.raises(InputError, match="write it anew"):
        read(document(record))


def test_other_json_is_not_taken_for_its():
    for record in ({}, {"type": "SuiteResult"}, {"results": []}, {"type": "other", "check": {}}):
        assert not recognises(document(record))
    with pytest.raises(InputError, match=r"no result of deepchecks; write result\.to_json"):
        read(document({}))


def test_the_table_speaks_of_what_there_is(sample):
    items = set(tomllib.loads(RUBRIC.read_text(encoding="utf-8"))["items"])
    assert all(set(one.items) <= items for one in TABLE.values())
    ours = {i for name, one in TABLE.items() if one.suite and name not in NEED_THE_MODEL for i in one.items}
    assert ours == set(ITEMS)
    for suite in SUITES:
        names = {one["check"]["name"] for one in sample("clean", suite)["results"] if one.get("conditions_results")}
        assert all(spoken(name).suite == suite for name in names)
    assert spoken("Whole Dataset Drift") is TABLE["MultivariateDrift"]

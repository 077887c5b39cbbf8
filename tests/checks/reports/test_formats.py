"""What each reader makes of the corners of its format."""

from __future__ import annotations

import json
import math
import shutil

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlscore.checks.reports.read import read_report
from mlscore.errors import InputError


def edited(samples, name, edit):
    data = json.loads((samples / name).read_text(encoding="utf-8"))
    edit(data)
    return data


# Evidently


def test_a_metric_of_evidently_that_is_not_known(read, samples):
    def edit(data):
        data["tests"][1]["metric_config"]["params"]["type"] = "evidently:metric_v2:OurOwn"

    report = read(edited(samples, "evidently-0.7.23/tests.json", edit))
    assert [(one.known, one.items) for one in report.findings][:2] == [(True, ("monitor-3",)), (False, ())]


def test_a_status_that_is_not_known_is_no_verdict(read, samples):
    report = read(edited(samples, "evidently-0.7.23/tests.json", lambda data: data["tests"][1].update(status="MAYBE")))
    assert (report.findings[1].passed, report.findings[1].detail) == (None, "status MAYBE")


def test_drift_that_an_old_report_did_not_find_passed(read, samples):
    def edit(data):
        data["metrics"][0]["result"]["drift_detected"] = False

    report = read(edited(samples, "evidently-0.4.40/report.json", edit))
    assert [one.passed for one in report.findings] == [True]


def test_a_snapshot_keeps_no_verdicts(read):
    with pytest.raises(InputError, match=r"a snapshot of Evidently, which keeps no verdicts; write report.json\(\)"):
        read({"id": "1", "suite": {}, "metrics_ids": [], "test_ids": []})


def test_values_of_the_data_stay_out(read, samples):
    """Descriptions of tests may quote the commonest value."""
    report = read_report(samples / "evidently-0.6.7" / "suite.json")
    assert not any("test threshold" in one.detail for one in report.findings)


# Great Expectations


def test_only_failures_were_written(read, samples):
    def edit(data):
        data["results"] = [one for one in data["results"] if not one["success"]]

    report = read(edited(samples, "great_expectations-0.18.22/validation.json", edit))
    assert [(one.title, one.passed) for one in report.findings][-1] == ("2 expectations that are not listed", True)
    assert sum(one.passed is False for one in report.findings) == 2


def test_an_expectation_of_one_s_own_is_not_known(read, samples):
    def edit(data):
        data["results"][0]["expectation_config"]["expectation_type"] = "expect_flights_to_depart"

    report = read(edited(samples, "great_expectations-0.18.22/validation.json", edit))
    assert [one.known for one in report.findings] == [False, True, True, True]


def test_an_expectation_that_raised_has_no_verdict_but_the_whole_fails(read, samples):
    def edit(data):
        data["results"] = data["results"][:2]  # the one that raised, and one that passed
        data["statistics"]["successful_expectations"] = 1

    report = read(edited(samples, "great_expectations-1.24.1/validation.json", edit))
    assert [(one.name, one.passed) for one in report.findings] == [
        ("expect_column_values_to_be_in_set", None),
        ("expect_table_row_count_to_be_between", True),
        ("success", False),
    ]
    assert report.findings[0].detail == 'it raised: Error: The column "none-such" in BatchData does not exist.'


def test_an_empty_validation(read, samples):
    def edit(data):
        data.update(results=[], success=True, statistics={"evaluated_expectations": 0, "successful_expectations": 0})

    report = read(edited(samples, "great_expectations-1.24.1/validation.json", edit))
    assert report.findings == ()
    assert report.version == "1.24.1"


def test_unexpected_values_stay_out(read, samples):
    def edit(data):
        data["results"][3]["result"]["observed_value"] = "a passenger's name"

    report = read(edited(samples, "great_expectations-0.18.22/validation.json", edit))
    assert "passenger" not in repr(report)


# fairlearn


def test_a_group_without_a_value(read):
    report = read({"recall": {"a": 0.5, "b": None, "c": 0.75}})
    assert math.isnan(report.metrics["recall:b"])
    assert report.metrics["recall difference"] == 0.25
    assert report.metrics["recall ratio"] == pytest.approx(2 / 3)
    assert report.notes == ("recall is unknown for 1 of 3 groups",)


GROUPS = st.dictionaries(
    st.text("abc,()' ", min_size=1, max_size=4), st.none() | st.floats(0, 1), min_size=1, max_size=5
)


@settings(max_examples=40, deadline=None)
@example(groups={"a": 0.0, "b": 1.0})
@example(groups={"a": 0.0, "b": 0.0})
@given(groups=GROUPS)
def test_what_groups_differ_by(tmp_path_factory, groups):
    path = tmp_path_factory.mktemp("groups") / "frame.json"
    path.write_text(json.dumps({"recall": groups}), encoding="utf-8")
    metrics = read_report(path, "fairlearn").metrics
    known = [one for one in groups.values() if one is not None]
    if len(known) > 1:
        differences = [abs(one - other) for one in known for other in known]
        assert metrics["recall difference"] == max(differences)
        ratios = [one / other for one in known for other in known if 0 < other >= one]
        assert metrics["recall ratio"] == pytest.approx(min(ratios, default=math.nan), nan_ok=True)
    else:
        assert "recall difference" not in metrics


def test_counts_do_not_differ_unfairly(read):
    assert set(read({"recall": {"a": 0, "b": 0}, "count": {"a": 1, "b": 2}}).metrics) == {
        *("recall:a", "recall:b", "recall difference", "recall ratio", "count:a", "count:b")
    }


@pytest.mark.parametrize(
    "data",
    [
        {"recall": {"a": 0.5}, "precision": {"b": 0.5}},
        {"recall": {"a": "x"}},
        {"recall": {}},
        {"columns": ["recall"], "index": ["a", "b"], "data": [[1]]},
        [{"group": "a", "recall": 1}, {"recall": 1}],
        [{"recall": 1}],
        [],
    ],
)
def test_no_metrics_by_group(read, data):
    with pytest.raises(InputError, match="no report of fairlearn"):
        read(data, "fairlearn")


# plain metrics


def test_texts_say_what_metrics_are_of(read):
    report = read(
        {
            "accuracy": 0.9,
            "rows": 300,
            "good": True,
            "model": "flights",
            "model_digest": "sha256:12",
            "dataset": "november",
            "git_commit": "0123456",
            "timestamp": 1795297101,
        }
    )
    assert report.metrics == {"accuracy": 0.9, "rows": 300}
    assert report.about == {
        "model": "flights",
        "model digest": "sha256:12",
        "data": "november",
        "commit": "0123456",
    }
    assert str(report.made) == "2026-11-21 21:38:21+00:00"


def test_the_format_may_be_named_where_nothing_tells_it(read):
    assert read({"accuracy": 0.9}).format == "metrics"
    assert read({"accuracy": 0.9}, "sklearn").format == "sklearn"
    assert read({"accuracy_score": 0.9}, "mlflow").format == "mlflow"


# MLflow's file store


@pytest.fixture
def run_folder(samples, tmp_path):
    (run,) = samples.glob("mlflow-*/store/*/[0-9a-f]*/")
    shutil.copytree(run.parent, tmp_path / "experiment")
    return tmp_path / "experiment" / run.name


def test_the_last_value_of_a_metric_counts(run_folder):
    (run_folder / "metrics" / "loss").write_text("1 0.5 0\n3 0.1 2\n2 0.3 1\n", encoding="utf-8")
    assert read_report(run_folder).metrics["loss"] == 0.1


def test_a_run_that_failed_or_was_deleted(run_folder):
    meta = run_folder / "meta.yaml"
    text = meta.read_text(encoding="utf-8")
    meta.write_text(text.replace("status: 3", "status: 4"), encoding="utf-8")
    assert [one.detail for one in read_report(run_folder).findings] == ["the run failed"]
    meta.write_text(text.replace("lifecycle_stage: active", "lifecycle_stage: deleted"), encoding="utf-8")
    assert [one.detail for one in read_report(run_folder).findings] == ["the run was deleted"]
    with pytest.raises(InputError, match="the experiment holds no run with metrics"):
        read_report(run_folder.parent)


def test_the_run_that_ended_last(run_folder):
    later = run_folder.parent / "later"
    shutil.copytree(run_folder, later)
    text = (later / "meta.yaml").read_text(encoding="utf-8")
    text = text.replace("run_name: evaluate", "run_name: again").replace("end_time: 1", "end_time: 2")
    (later / "meta.yaml").write_text(text, encoding="utf-8")
    (later / "metrics" / "accuracy_score").write_text("1 0.125 0\n", encoding="utf-8")
    report = read_report(run_folder.parent)
    assert report.notes == ("the run again of the experiment ended last",)
    assert report.metrics["accuracy_score"] == 0.125
    # Measured on what nothing names, beside others: the data are not told.
    assert "data" not in report.about


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("metrics/loss", "1 x 0\n", "no metric of MLflow: time, value, step"),
        ("metrics/loss", "", "no metric of MLflow"),
        ("meta.yaml", "[", "not valid YAML of a run"),
        ("meta.yaml", "!!python/object/apply:os.system [exit]", "not valid YAML of a run"),
    ],
)
def test_a_broken_run(run_folder, name, content, why):
    (run_folder / name).write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=why):
        read_report(run_folder)


# pytest-benchmark


def test_benchmarks(read, samples):
    def edit(data):
        data["commit_info"].update(id="0123456789", dirty=True)
        data["benchmarks"][1].update(name="test_sorting", fullname="other.py::test_sorting")
        data["benchmarks"][2]["has_error"] = True

    report = read(edited(samples, "pytest-benchmark-5.3.1/benchmark.json", edit))
    assert report.about == {"commit": "0123456789"}
    assert report.notes == ("it was measured in a tree with changes that were not committed",)
    assert {"median:test_sorting", "median:other.py::test_sorting"} <= set(report.metrics)
    assert [(one.name, one.passed) for one in report.findings] == [("test_that_fails", False)]


# coverage

COBERTURA = """<coverage line-rate="0.5" version="gcovr 7.2" timestamp="1795297101"><packages><package><classes>
<class filename="a.cpp"><lines><line number="1" hits="3"/><line number="2" hits="0"/></lines></class>
<class filename="a.cpp"><lines><line number="3" hits="1" condition-coverage="50% (1/2)"/></lines></class>
</classes></package></packages></coverage>"""


def test_cobertura_of_others(read):
    report = read(COBERTURA)
    assert (report.tool, report.version) == ("Cobertura", "gcovr 7.2")
    assert report.metrics == pytest.approx(
        {
            "line-rate": 2 / 3,
            "branch-rate": 1 / 2,
            "covered-rate": 3 / 5,
            "line-rate:a.cpp": 2 / 3,
            "branch-rate:a.cpp": 1 / 2,
            "covered-rate:a.cpp": 3 / 5,
        }
    )
    assert str(report.made) == "2026-11-21 21:38:21+00:00"


def test_xml_that_names_an_encoding_or_a_document_type(read):
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE coverage SYSTEM "http://127.0.0.1:9/coverage-04.dtd">\n'
    )
    report = read(text + COBERTURA.replace("a.cpp", "ñ.cpp"))
    assert report.metrics["line-rate:ñ.cpp"] == pytest.approx(2 / 3)


def test_a_rate_of_nothing_is_none(read, samples):
    text = (samples / "coverage-7.17.3" / "coverage.xml").read_text(encoding="utf-8")
    text = text.replace('branches-valid="2"', 'branches-valid="0"').replace('lines-valid="8"', 'lines-valid="0"')
    report = read(text)
    assert "line-rate" not in report.metrics
    assert "branch-rate" not in report.metrics
    assert "line-rate:covered.py" in report.metrics


def test_xml_of_something_else(read):
    with pytest.raises(InputError, match=r"no report of coverage\.py"):
        read("<testsuites/>", "coverage")

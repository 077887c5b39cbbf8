"""Files of real tools are read as these tools mean them: verdicts, figures, version and date."""

from __future__ import annotations

import pytest

from mlscore.checks.reports.catalogue import FORMATS
from mlscore.checks.reports.read import read_report

YEAR = 2026

# file: format, tool, version, dated, rules passed, failed and without verdict
VERDICTS = {
    "deepchecks-0.19.1/suite.json": ("deepchecks", "deepchecks", None, False, (3, 2, 0)),
    "evidently-0.4.40/suite.json": ("evidently", "Evidently", "0.4.40", True, (3, 2, 1)),
    "evidently-0.4.40/report.json": ("evidently", "Evidently", "0.4.40", True, (0, 1, 0)),
    "evidently-0.6.7/suite.json": ("evidently", "Evidently", "0.6.7", True, (3, 2, 1)),
    "evidently-0.6.7/report.json": ("evidently", "Evidently", "0.6.7", True, (0, 1, 0)),
    "evidently-0.7.23/tests.json": ("evidently", "Evidently", None, False, (2, 3, 0)),
    "evidently-0.7.23/plain.json": ("evidently", "Evidently", None, False, (0, 0, 0)),
    "great_expectations-0.18.22/validation.json": (
        *("great-expectations", "Great Expectations", "0.18.22", True),
        (2, 2, 0),
    ),
    "great_expectations-0.18.22/checkpoint.json": (
        *("great-expectations", "Great Expectations", "0.18.22", True),
        (2, 2, 0),
    ),
    "great_expectations-1.24.1/validation.json": (
        *("great-expectations", "Great Expectations", "1.24.1", True),
        (2, 2, 1),
    ),
    "great_expectations-1.24.1/checkpoint.json": ("great-expectations", "Great Expectations", None, False, (2, 3, 0)),
    "tfdv-1.16.1/anomalies.pbtxt": ("tfdv", "TFDV", None, False, (4, 5, 0)),
    "tfdv-1.16.1/healthy.pbtxt": ("tfdv", "TFDV", None, False, (7, 0, 0)),
    "tfma-0.47.1/failing.pbtxt": ("tfma", "TFMA", None, False, (0, 5, 0)),
    "tfma-0.47.1/passing.pbtxt": ("tfma", "TFMA", None, False, (1, 0, 0)),
    "tfma-0.47.1/metrics.pbtxt": ("tfma", "TFMA", None, False, (0, 0, 0)),
    "fairlearn-0.15.0/by-group.json": ("fairlearn", "fairlearn", None, False, (0, 0, 0)),
    "scikit-learn-1.9.1/classification-report.json": ("sklearn", "scikit-learn", None, False, (0, 0, 0)),
    "scikit-learn-1.9.1/plain.json": ("metrics", "metrics", None, False, (0, 0, 0)),
    "mlflow-3.17.2/metrics.json": ("mlflow", "MLflow", None, False, (0, 0, 0)),
    "mlflow-3.17.2/saved-metrics.json": ("mlflow", "MLflow", None, False, (0, 0, 0)),
    "mlflow-3.17.2/store/*": ("mlflow", "MLflow", None, True, (0, 0, 0)),
    "mlflow-3.17.2/store/*/[0-9a-f]*": ("mlflow", "MLflow", None, True, (0, 0, 0)),
    "pytest-benchmark-5.3.1/benchmark.json": ("pytest-benchmark", "pytest-benchmark", "5.3.1", True, (0, 0, 0)),
    "coverage-7.17.3/coverage.xml": ("coverage", "coverage.py", "7.17.3", True, (0, 0, 0)),
    "coverage-7.17.3/coverage.json": ("coverage", "coverage.py", "7.17.3", True, (0, 0, 0)),
}

METRICS = {
    "evidently-0.4.40/report.json": {"DatasetMissingValuesMetric.current.number_of_missing_values": 50},
    "evidently-0.6.7/report.json": {"ColumnSummaryMetric:delay.current_characteristics.missing": 50},
    "evidently-0.7.23/tests.json": {"MissingValueCount(column=delay).count": 50},
    "fairlearn-0.15.0/by-group.json": {
        "accuracy:AA": 0.8172043011,
        "accuracy difference": 0.0495726496,
        "accuracy ratio": 0.9412955466,
    },
    "fairlearn-0.15.0/summary.json": {"accuracy": 0.8166666667, "accuracy difference": 0.0495726496},
    "scikit-learn-1.9.1/classification-report.json": {"recall:late": 73 / 93, "accuracy": 245 / 300},
    "scikit-learn-1.9.1/plain.json": {"accuracy": 245 / 300},
    "mlflow-3.17.2/metrics.json": {"accuracy_score": 245 / 300, "example_count": 300},
    "mlflow-3.17.2/saved-metrics.json": {"accuracy_score": 245 / 300, "example_count": 300},
    "mlflow-3.17.2/store/*": {"accuracy_score": 245 / 300, "example_count": 300},
    "mlflow-3.17.2/store/*/[0-9a-f]*": {"accuracy_score": 245 / 300, "example_count": 300},
    "tfma-0.47.1/metrics.pbtxt": {"binary_accuracy": 245 / 300, "example_count": 300},
    "pytest-benchmark-5.3.1/benchmark.json": {"rounds:test_sorting": 50, "rounds:test_that_fails": 20},
    "coverage-7.17.3/coverage.xml": {"line-rate": 6 / 8, "branch-rate": 1 / 2, "line-rate:covered.py": 6 / 8},
    "coverage-7.17.3/coverage.json": {"line-rate": 6 / 8, "branch-rate": 1 / 2, "covered-rate:covered.py": 7 / 10},
}


def found(samples, pattern):
    (path,) = (path for path in samples.glob(pattern) if path.name != "meta.yaml")
    return path


@pytest.mark.parametrize("sample", VERDICTS)
def test_verdicts(samples, sample):
    format_, tool, version, dated, counts = VERDICTS[sample]
    report = read_report(found(samples, sample))
    assert (report.format, report.tool, report.version) == (format_, tool, version)
    assert (report.made is not None) == dated
    assert report.made is None or report.made.year == YEAR
    verdicts = [one.passed for one in report.findings]
    assert (verdicts.count(True), verdicts.count(False), verdicts.count(None)) == counts
    assert report.items == FORMATS[format_].items
    assert report.untried is None
    # The format may be named as well.
    assert read_report(found(samples, sample), format_) == report


@pytest.mark.parametrize("sample", METRICS)
def test_metrics(samples, sample):
    report = read_report(found(samples, sample))
    assert {name: report.metrics.get(name) for name in METRICS[sample]} == pytest.approx(METRICS[sample])


@pytest.mark.parametrize("name", ["by-two-split.json", "by-two-columns.json", "by-two-table.json"])
def test_forms_of_one_frame_are_one(samples, name):
    folder = samples / "fairlearn-0.15.0"
    report = read_report(folder / name)
    assert report.metrics["accuracy:AA, far"] == pytest.approx(0.9210526316)
    assert report.metrics == read_report(folder / "by-two-split.json").metrics
    assert len(report.metrics) == 4 * 6 + 3 * 2


def test_what_a_report_is_about(samples):
    validation = read_report(samples / "great_expectations-1.24.1" / "validation.json")
    assert validation.about == {
        "suite": "flights",
        "data": "flights",
        "data digest": "f36c8f13a3fb0e95e04eb346e1fbda47",
    }
    run = read_report(found(samples, "mlflow-3.17.2/store/*/[0-9a-f]*"))
    assert run.about == {"data": "dataset", "data digest": "8877350f"}


def test_rules_of_evidently_speak_to_their_items(samples):
    report = read_report(samples / "evidently-0.7.23" / "tests.json")
    assert {one.title: one.items for one in report.findings} == {
        "Value Drift for column distance": ("monitor-3",),
        "Value Drift for column carrier": ("monitor-3",),
        "Column 'delay' missing values: Equal 0.000": ("data-1", "monitor-2"),
        "Column 'carrier' missing values: Equal 0.000": ("data-1", "monitor-2"),
        "Maximum value of 'distance': Less or Equal 1500.000": ("data-1", "monitor-2"),
    }
    assert [one.severity for one in report.findings][-1] == "warning"
    assert all(one.known for one in report.findings)


def test_anomalies_of_tfdv(samples):
    report = read_report(samples / "tfdv-1.16.1" / "anomalies.pbtxt")
    assert [one.title for one in report.failed] == [
        "ENUM_TYPE_UNEXPECTED_STRING_VALUES:carrier",
        "INVALID_FEATURE_SHAPE:delay",
        "FEATURE_TYPE_LOW_FRACTION_PRESENT:delay",
        "COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH:distance",
        "drift JENSEN_SHANNON_DIVERGENCE:distance",
    ]
    # The unexpected value is not quoted.
    assert "XX" not in repr(report)
    assert {one.title for one in report.judged if one.passed and "monitor-3" in one.items} == {"drift L_INFTY:carrier"}


def test_thresholds_that_tfma_found_missed(samples):
    report = read_report(samples / "tfma-0.47.1" / "failing.pbtxt")
    assert [(one.title, round(one.value, 3), one.limit) for one in report.failed[:2]] == [
        ("binary_accuracy:carrier=AA", 0.817, "at least 0.9"),
        ("binary_accuracy", 0.817, "at least 0.9"),
    ]
    assert report.failed[-1].title == "validation"


def test_samples_are_of_the_versions_that_are_said(samples):
    folders = {path.name for path in samples.iterdir() if path.is_dir()}
    names = {
        "great-expectations": "great_expectations",
        "sklearn": "scikit-learn",
    }
    said = {f"{names.get(one.id, one.id)}-{version}" for one in FORMATS.values() for version in one.tried}
    assert said == folders
    for path in samples.rglob("*"):
        assert not path.is_file() or path.stat().st_size < 30_000, path

"""Corners of what TFX's components write as text; these texts follow the documentation and were not made by the tools."""

from __future__ import annotations

import pytest

from mlscore.checks.reports.read import read_report
from mlscore.errors import InputError

ANOMALIES = """
baseline {
  feature { name: "carrier" type: BYTES }
  feature { name: "distance" type: FLOAT }
  feature { name: "delay" type: FLOAT }
}
anomaly_info {
  key: "carrier"
  value {
    description: "Examples contain values missing from the schema: Fly Away (<1%)."
    severity: ERROR
    short_description: "Unexpected string values"
    reason {
      type: ENUM_TYPE_UNEXPECTED_STRING_VALUES
      short_description: "Unexpected string values"
      description: "Examples contain values missing from the schema: Fly Away (<1%)."
    }
    path { step: "carrier" }
  }
}
drift_skew_info {
  path { step: "distance" }
  drift_measurements { type: JENSEN_SHANNON_DIVERGENCE value: 0.5 threshold: 0.1 }
  skew_measurements { type: L_INFTY value: 0.01 threshold: 0.1 }
}
anomaly_name_format: SERIALIZED_PATH
"""

VALIDATION = """
validation_ok: false
metric_validations_per_slice {
  slice_key {
    single_slice_keys { column: "carrier" bytes_value: "AA" }
  }
  failures {
    metric_key { name: "binary_accuracy" }
    metric_threshold { value_threshold { lower_bound { value: 0.9 } } }
    metric_value { double_value { value: 0.8 } }
  }
}
validation_details {
  slicing_details { slicing_spec { } num_matching_slices: 1 }
}
"""

METRICS = """
slice_key { }
metric_keys_and_values { key { name: "auc" } value { double_value { value: 0.91 } } }
metric_keys_and_values { key { name: "loss" } value { double_value { value: nan } } }
metric_keys_and_values { key { name: "plot" } value { bytes_value: "x" } }
"""


def test_anomalies(read):
    report = read(ANOMALIES, name="anomalies.pbtxt")
    assert (report.format, report.tool) == ("tfdv", "TFDV")
    assert [(one.title, one.passed, one.items) for one in report.findings] == [
        ("ENUM_TYPE_UNEXPECTED_STRING_VALUES:carrier", False, ("data-1", "monitor-2")),
        ("drift JENSEN_SHANNON_DIVERGENCE:distance", False, ("monitor-3",)),
        ("skew L_INFTY:distance", True, ("monitor-3",)),
        ("no anomaly:distance", True, ("data-1", "monitor-2")),
        ("no anomaly:delay", True, ("data-1", "monitor-2")),
    ]
    # The description quotes values.
    assert "Fly Away" not in repr(report)


def test_no_data(read):
    report = read("data_missing: true\n")
    assert [(one.name, one.passed) for one in report.findings] == [("DATA_MISSING", False)]


def test_a_validation(read):
    report = read(VALIDATION)
    assert (report.format, report.tool) == ("tfma", "TFMA")
    missed, whole = report.findings
    assert (missed.title, missed.passed, missed.value, missed.limit) == (
        *("binary_accuracy:carrier=AA", False, 0.8),
        "at least 0.9",
    )
    assert (whole.name, whole.passed) == ("validation", False)


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("validation_ok: true", True),
        ("validation_ok: true\nmissing_thresholds: true", None),
        ("validation_ok: true\nrubber_stamp: true", None),
        ("validation_ok: false\nmissing_thresholds: true", False),
        ("validation_details { }", False),
    ],
)
def test_the_whole_validation(read, text, passed):
    assert read(text).findings[-1].passed is passed


def test_a_missing_slice(read):
    report = read('validation_ok: false\nmissing_slices { feature_keys: "carrier" }')
    assert [one.name for one in report.findings] == ["missing slice", "validation"]


def test_metrics_of_a_slice(read):
    report = read(METRICS)
    assert report.metrics["auc"] == 0.91
    assert report.metrics["loss"] != report.metrics["loss"]
    assert set(report.metrics) == {"auc", "loss"}
    text = METRICS.replace("slice_key { }", 'slice_key { single_slice_keys { column: "hour" int64_value: 7 } }')
    assert read(text).metrics["auc:hour=7"] == 0.91
    with pytest.raises(InputError, match="the metrics of several slices run into each other; write a file for each"):
        read(METRICS + METRICS)


def test_a_text_that_is_cut(read):
    with pytest.raises(InputError, match="not a protocol buffer's text: it ends too early"):
        read(ANOMALIES[:300])


@pytest.mark.parametrize(
    ("mark", "name", "passed", "item"),
    [
        ("BLESSED", "model blessing", True, "infra-4"),
        ("NOT_BLESSED", "model blessing", False, "infra-4"),
        ("INFRA_BLESSED", "infra blessing", True, "infra-6"),
        ("INFRA_NOT_BLESSED", "infra blessing", False, "infra-6"),
    ],
)
def test_blessings(tmp_path, mark, name, passed, item):
    (tmp_path / mark).write_bytes(b"")
    report = read_report(tmp_path)
    assert (report.format, report.tool) == ("tfx", "TFX")
    assert [(one.name, one.passed, one.items) for one in report.findings] == [(name, passed, (item,))]

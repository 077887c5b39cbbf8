"""Evidently before 0.7: a test suite and a report of metrics. `python evidently_legacy.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from evidently.metrics import ColumnDriftMetric, ColumnSummaryMetric, DatasetMissingValuesMetric
from evidently.report import Report
from evidently.test_suite import TestSuite
from evidently.tests import TestColumnDrift, TestColumnShareOfMissingValues, TestColumnsType, TestNumberOfColumns
from frames import frames

earlier, later = frames()
folder = Path(sys.argv[1])
suite = TestSuite(
    tests=[
        TestNumberOfColumns(eq=5),
        TestColumnDrift(column_name="distance"),
        TestColumnDrift(column_name="carrier"),
        TestColumnShareOfMissingValues(column_name="delay", lte=0.05),
        TestColumnShareOfMissingValues(column_name="none-such", lte=0.05),
        TestColumnsType(),
    ]
)
suite.run(reference_data=earlier, current_data=later)
(folder / "suite.json").write_text(suite.json(), encoding="utf-8")
report = Report(metrics=[ColumnDriftMetric("distance"), DatasetMissingValuesMetric(), ColumnSummaryMetric("delay")])
report.run(reference_data=earlier, current_data=later)
(folder / "report.json").write_text(report.json(), encoding="utf-8")

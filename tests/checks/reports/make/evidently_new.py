"""Evidently from 0.7: a report with tests, and one without. `python evidently_new.py FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from evidently import Report
from evidently.metrics import MaxValue, MissingValueCount, ValueDrift
from evidently.tests import eq, lte
from frames import frames

earlier, later = frames()
folder = Path(sys.argv[1])
metrics = [
    ValueDrift(column="distance"),
    ValueDrift(column="carrier"),
    MissingValueCount(column="delay", tests=[eq(0)]),
    MissingValueCount(column="carrier", tests=[eq(0)]),
    MaxValue(column="distance", tests=[lte(1500, is_critical=False)]),
]
tested = Report(metrics, include_tests=True).run(later, earlier)
(folder / "tests.json").write_text(tested.json(), encoding="utf-8")
plain = Report(metrics[:2]).run(later, earlier)
(folder / "plain.json").write_text(plain.json(), encoding="utf-8")
tested.save_html(str(folder / "tests.html")) if "--html" in sys.argv else None

"""fairlearn: a MetricFrame's `by_group`, `overall` and `difference` as JSON. `python fairlearn_frame.py FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fairlearn.metrics import MetricFrame, count, false_positive_rate, selection_rate
from frames import frames
from sklearn.metrics import accuracy_score

earlier, _ = frames()
folder = Path(sys.argv[1])
metrics = {
    "accuracy": accuracy_score,
    "selection_rate": selection_rate,
    "false_positive_rate": false_positive_rate,
    "count": count,
}
truth = {"y_true": earlier["late"], "y_pred": earlier["predicted"]}
one = MetricFrame(metrics=metrics, sensitive_features=earlier[["carrier"]], **truth)
far = (earlier["distance"] > 1000).map({True: "far", False: "near"}).rename("reach")
two = MetricFrame(metrics=metrics, sensitive_features=earlier[["carrier"]].assign(reach=far), **truth)
(folder / "by-group.json").write_text(one.by_group.to_json(), encoding="utf-8")
(folder / "by-two-split.json").write_text(two.by_group.to_json(orient="split"), encoding="utf-8")
(folder / "by-two-columns.json").write_text(two.by_group.to_json(), encoding="utf-8")
(folder / "by-two-table.json").write_text(two.by_group.reset_index().to_json(orient="records"), encoding="utf-8")
summary = {
    "overall": json.loads(one.overall.to_json()),
    "by_group": json.loads(one.by_group.to_json()),
    "difference": json.loads(one.difference().to_json()),
    "ratio": json.loads(one.ratio().to_json()),
}
(folder / "summary.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")

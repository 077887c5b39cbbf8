"""scikit-learn: `classification_report` as a dictionary, and plain metrics, as JSON. `python ... FOLDER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from frames import frames
from sklearn.metrics import accuracy_score, classification_report, f1_score, log_loss

earlier, _ = frames()
folder = Path(sys.argv[1])
truth, predicted = earlier["late"], earlier["predicted"]
report = classification_report(truth, predicted, target_names=["on time", "late"], output_dict=True)
(folder / "classification-report.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
plain = {
    "accuracy": accuracy_score(truth, predicted),
    "f1": f1_score(truth, predicted),
    "log_loss": log_loss(truth, predicted.clip(0.1, 0.9)),
}
(folder / "plain.json").write_text(json.dumps(plain), encoding="utf-8")

"""TFMA: metrics and a validation of a table of predictions, as text. `python tfma_evaluation.py FOLDER`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import tensorflow_model_analysis as tfma
from frames import frames
from google.protobuf import text_format

earlier, _ = frames()
folder = Path(sys.argv[1])
table = earlier[["carrier", "late", "predicted"]].rename(columns={"predicted": "prediction"})


def evaluate(least: float) -> tfma.EvalResult:
    """The evaluation with a threshold on binary accuracy; its validation is written into the folder by TFMA itself."""
    config = text_format.Parse(
        f"""
        model_specs {{ label_key: "late" prediction_key: "prediction" }}
        slicing_specs {{}}
        slicing_specs {{ feature_keys: ["carrier"] }}
        metrics_specs {{
          metrics {{
            class_name: "BinaryAccuracy"
            threshold {{ value_threshold {{ lower_bound {{ value: {least} }} }} }}
          }}
          metrics {{ class_name: "ExampleCount" }}
        }}
        """,
        tfma.EvalConfig(),
    )
    out = tempfile.mkdtemp()
    tfma.analyze_raw_data(table, eval_config=config, output_path=out)
    return out


for name, least in (("failing", 0.9), ("passing", 0.5)):
    out = evaluate(least)
    (folder / f"{name}.pbtxt").write_text(str(tfma.load_validation_result(out)), encoding="utf-8")
for metrics in tfma.load_metrics(out):
    if not metrics.slice_key.single_slice_keys:
        (folder / "metrics.pbtxt").write_text(str(metrics), encoding="utf-8")

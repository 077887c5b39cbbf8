"""Five metrics by two sensitive columns, beside fairlearn's MetricFrame: time, peak memory, and whether figures agree."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.measure import Run

ROWS, QUICK_ROWS, PIECE = 5_000_000, 50_000, 1_000_000
FASTER, MEMORY, DIFFERENCE = 50, 0.1, 1e-9

OURS = """
import json, sys
from mlscore.checks import group_metrics
report = group_metrics("rows.parquet", label="y", prediction="p", protected=["sex", "region"])
found = {"|".join(g.values): {m: i.value for m, i in g.metrics.items()} for g in report.by("sex", "region")}
found[""] = {m: i.value for m, i in report.overall.items()}
json.dump(found, open(sys.argv[1], "w"))
"""

THEIRS = """
import json, sys
import pandas
from fairlearn.metrics import MetricFrame, false_positive_rate, selection_rate, true_positive_rate
from sklearn.metrics import accuracy_score, precision_score
rows = pandas.read_parquet("rows.parquet")
metrics = {
    "selection rate": selection_rate, "true positive rate": true_positive_rate,
    "false positive rate": false_positive_rate, "accuracy": accuracy_score, "precision": precision_score,
}
frame = MetricFrame(metrics=metrics, y_true=rows["y"], y_pred=rows["p"], sensitive_features=rows[["sex", "region"]])
found = {"|".join(key): {m: float(v) for m, v in row.items()} for key, row in frame.by_group.iterrows()}
found[""] = {m: float(v) for m, v in frame.overall.items()}
json.dump(found, open(sys.argv[1], "w"))
"""


def run(quick: bool) -> dict[str, object]:
    """Whole processes in turn, ours and fairlearn's on pandas, reading the same Parquet file."""
    rows = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "rows.parquet", rows)
        runs, found = peers.in_turn("fairlearn", OURS, THEIRS, folder, quick=quick)
    return {"rows": _table(runs, found, rows)}


def _table(runs: dict[str, list[Run]], found: dict[str, Any], rows: int) -> list[dict[str, Any]]:
    seconds = {side: statistics.median(one.seconds for one in each) for side, each in runs.items()}
    memory = {side: statistics.median(one.megabytes for one in each) for side, each in runs.items()}
    times = statistics.median(b.seconds / a.seconds for a, b in zip(runs["ours"], runs["theirs"], strict=True))
    part = memory["ours"] / memory["theirs"]
    what = f"5 metrics × 2 sensitive columns, {rows:,} rows / fairlearn's MetricFrame"
    differences = [
        abs(found["ours"][group][metric] - value)
        for group, metrics in found["theirs"].items()
        for metric, value in metrics.items()
    ]
    same = found["ours"].keys() == found["theirs"].keys()
    worst = max(differences)
    detail = f"{seconds['ours']:.2f} s beside {seconds['theirs']:.2f} s, whole processes; {len(runs['ours'])} pairs"
    return [
        {
            "what": f"{what}, times as fast",
            "figure": round(times, 1),
            "unit": "×",
            "sign": "≥",
            "limit": FASTER,
            "met": times >= FASTER,
            "detail": detail,
        },
        {
            "what": f"{what}, peak memory",
            "figure": round(part, 3),
            "unit": "×",
            "limit": MEMORY,
            "met": part <= MEMORY,
            "detail": f"{memory['ours']:.0f} MB beside {memory['theirs']:.0f} MB",
        },
        {
            "what": f"{what}, greatest difference of a figure",
            "figure": f"{worst:.1e}",
            "unit": "",
            "limit": DIFFERENCE,
            "met": same and worst <= DIFFERENCE,
            "detail": f"{len(differences)} figures of {len(found['theirs']) - 1} groups and the whole",
        },
    ]


def write(path: Path, rows: int, seed: int = 3) -> None:
    """Labels and predictions of people of 3 sexes and 5 regions, in pieces of a million."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as parquet

    random = np.random.default_rng(seed)
    sexes, regions = pa.array(["female", "male", "other"]), pa.array(["centre", "east", "north", "south", "west"])
    writer: Any = None
    for start in range(0, rows, PIECE):
        n = min(PIECE, rows - start)
        label = random.random(n) < 0.3
        table = pa.table(
            {
                "sex": sexes.take(pa.array(random.choice(3, n, p=[0.49, 0.49, 0.02]))),
                "region": regions.take(pa.array(random.integers(0, 5, n))),
                "y": pa.array(label.astype(np.int64)),
                "p": pa.array(np.where(random.random(n) < 0.9, label, ~label).astype(np.int64)),
            }
        )
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()

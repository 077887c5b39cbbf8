"""All slices of one and of two columns, beside deepchecks: time, planted slices found, false finds."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import peers

ROWS, QUICK_ROWS = 1_000_000, 20_000
NUMERIC, CATEGORICAL = 12, 8
RECALL, FALSE, ALARMS = 0.95, 0.05, 0.01
TABLES, TABLE_ROWS = 40, 50_000  # for recall and false finds
SHARES = (0.02, 0.16)  # of the rows: planted slices
WORSE, BASE = 0.3, 0.05  # the error in a planted slice is greater by so much

OURS = """
import json, sys
from mlscore.checks import check_slices
report = check_slices("rows.parquet", label="label", against="prediction")
json.dump({"weak": [s.name for s in report.weak], "examined": report.examined}, open(sys.argv[1], "w"))
"""

THEIRS = """
import json, sys
import numpy, pandas
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import WeakSegmentsPerformance
rows = pandas.read_parquet("rows.parquet")
said = rows.pop("prediction").to_numpy()
features = [c for c in rows.columns if c != "label"]
data = Dataset(rows, label="label", features=features, cat_features=[c for c in features if c.startswith("c")])
proba = numpy.where(said[:, None] == numpy.array([0, 1])[None, :], 0.9, 0.1)
try:
    result = WeakSegmentsPerformance().run(data, y_pred=said, y_proba=proba, model_classes=[0, 1])
    found = result.value["weak_segments_list"].iloc[:5, :5].astype(str).values.tolist()
except Exception as error:
    if "WeakSegments" not in str(error) and "segments" not in str(error):
        raise
    found = [str(error)]
json.dump({"weak": found}, open(sys.argv[1], "w"))
"""


def run(quick: bool) -> dict[str, object]:
    """Whole processes in pairs on one table; then many tables with and without planted slices, by our own check."""
    rows = QUICK_ROWS if quick else ROWS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder / "rows.parquet", rows, seed=1, planted=1)
        runs, found = peers.in_turn("deepchecks", OURS, THEIRS, folder, quick=quick)
    seconds = {side: statistics.median(one.seconds for one in each) for side, each in runs.items()}
    memory = {side: statistics.median(one.megabytes for one in each) for side, each in runs.items()}
    ratio = statistics.median(a.seconds / b.seconds for a, b in zip(runs["ours"], runs["theirs"], strict=True))
    columns = NUMERIC + CATEGORICAL
    table = [
        {
            "what": f"slices of one and two of {columns} columns, all {rows:,} rows / deepchecks on a sample of 10,000",
            "figure": round(ratio, 2),
            "unit": "×",
            "limit": 1,
            "met": ratio <= 1,
            "detail": f"{seconds['ours']:.1f} s, {memory['ours']:.0f} MB beside {seconds['theirs']:.1f} s, "
            f"{memory['theirs']:.0f} MB; {found['ours']['examined']:,} slices; {len(runs['ours'])} pairs",
        }
    ]
    return {"rows": [*table, *_quality(4 if quick else TABLES, 5_000 if quick else TABLE_ROWS)], "found": found}


def _quality(tables: int, rows: int) -> list[dict[str, Any]]:
    from mlscore.checks import check_slices

    planted = hit = finds = false = alarms = 0
    for seed in range(tables):
        # Of one table in four nothing is planted.
        table, slices = build(rows, seed=100 + seed, planted=seed % 4)
        report = check_slices(table, label="label", against="prediction")
        own = [_share(one.name, slices) for one in report.weak]
        planted += len(slices)
        hit += len({place for place in own if place is not None})
        finds += len(own)
        false += sum(place is None for place in own)
        alarms += bool(own) and not slices
    healthy = sum(seed % 4 == 0 for seed in range(tables))
    what = f"{tables} tables of {rows:,} rows × {NUMERIC + CATEGORICAL} columns"
    size = f"{SHARES[0]:.0%} to {SHARES[1]:.0%} of the rows, error {BASE + WORSE:g} against {BASE:g}"
    return [
        {
            "what": f"planted slices found, {what}",
            "figure": round(hit / planted, 3),
            "unit": "",
            "sign": "≥",
            "limit": RECALL,
            "met": hit >= RECALL * planted,
            "detail": f"{hit} of {planted}; {size}",
        },
        {
            "what": f"false finds among all finds, {what}",
            "figure": round(false / max(1, finds), 3),
            "unit": "",
            "limit": FALSE,
            "met": false <= FALSE * finds,
            "detail": f"{false} of {finds}; {alarms} of {healthy} tables without a planted slice alarm",
        },
    ]


def _share(name: str, slices: list[dict[str, str]]) -> int | None:
    """Which planted slice a find belongs to: one that is cut by the same columns, with the same values of named ones."""
    cut = [part.strip() for part in name.split(",")]
    for number, planted in enumerate(slices):
        if len(cut) == len(planted) and all(
            any(_fits(part, column, value) for part in cut) for column, value in planted.items()
        ):
            return number
    return None


def _fits(part: str, column: str, value: str) -> bool:
    if column.startswith("c"):
        return part == f"{column} = {value}"
    if column not in part.split():
        return False
    return part.startswith(f"{column} <=") if value == "low" else "> " in part or part.count("<") == 2


def write(path: Path, rows: int, *, seed: int, planted: int) -> None:
    """A table as a Parquet file."""
    import pyarrow.parquet as parquet

    parquet.write_table(build(rows, seed=seed, planted=planted)[0], path, row_group_size=122_880)


def build(rows: int, *, seed: int, planted: int) -> tuple[Any, list[dict[str, str]]]:
    """Labels, predictions and 20 columns, with so many planted slices of one or two columns that do not meet.

    A slice is told by its columns: the value of a named one, `low` or `high` (the end) of a numeric one.
    """
    import numpy as np
    import pyarrow as pa

    random = np.random.default_rng(seed)
    columns: dict[str, Any] = {f"n{number}": random.normal(size=rows) for number in range(NUMERIC)}
    names = np.array([f"v{value}" for value in range(8)])
    weights = np.array([30, 20, 15, 10, 10, 7, 5, 3]) / 100
    for number in range(CATEGORICAL):
        columns[f"c{number}"] = names[random.choice(8, rows, p=weights)]
    label = random.integers(0, 2, rows)
    chance = np.full(rows, BASE)
    slices: list[dict[str, str]] = []
    weak_before = np.zeros(rows, dtype=bool)
    while len(slices) < planted:
        chosen = random.choice(list(columns), int(random.integers(1, 3)), replace=False)
        inside = np.ones(rows, dtype=bool)
        told: dict[str, str] = {}
        for name in map(str, chosen):
            if name.startswith("c"):
                told[name] = str(random.choice(names[:6]))
                inside &= columns[name] == told[name]
            else:
                low, share = bool(random.integers(2)), random.uniform(0.1, 0.35)
                edge = np.quantile(columns[name], share if low else 1 - share)
                told[name] = "low" if low else "high"
                inside &= columns[name] <= edge if low else columns[name] > edge
        apart = not any(set(told) & set(other) for other in slices)
        inside &= ~weak_before
        if not SHARES[0] <= inside.mean() <= SHARES[1] or not apart:
            continue
        chance[inside] = BASE + WORSE
        weak_before |= inside
        slices.append(told)
    wrong = random.random(rows) < chance
    arrow = {name: pa.array(values) for name, values in columns.items()}
    return pa.table({**arrow, "label": label, "prediction": np.where(wrong, 1 - label, label)}), slices

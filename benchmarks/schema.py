"""A schema of ten checks on ten columns, beside pandera on pandas and pandera on polars: time, peak memory, violations."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Run, environment, once

ROWS, QUICK_ROWS, GROUP = 10_000_000, 200_000, 1_000_000
PANDAS, POLARS, MEGABYTES = 0.2, 0.5, 400

SCHEMA = """\
schema_type: dataframe
columns:
  id: {dtype: int64, nullable: false, checks: {greater_than: 0}}
  age: {dtype: int64, nullable: false, checks: {in_range: {min_value: 0, max_value: 120}}}
  price: {dtype: float64, nullable: true, checks: {greater_than_or_equal_to: 0.0}}
  score: {dtype: float64, nullable: true, checks: {in_range: {min_value: 0.0, max_value: 1.0}}}
  items: {dtype: int64, nullable: false, checks: {less_than: 100}}
  discount: {dtype: float64, nullable: false, checks: {less_than_or_equal_to: 0.9}}
  city: {dtype: str, nullable: false, checks: {isin: [madrid, bilbao, vigo, sevilla, cadiz]}}
  status: {dtype: str, nullable: true, checks: {notin: [deleted]}}
  code: {dtype: str, nullable: false, checks: {str_matches: "^[A-Z]{2}[0-9]{4}$"}}
  note: {dtype: str, nullable: true, checks: {str_length: {min_value: 1, max_value: 12}}}
"""

OURS = """
import json, sys
from mlscore.checks import check_schema
report = check_schema("schema.yaml", "rows.parquet")
found = {f"{r.column} {r.topic}": r.violations for r in report.rules if r.topic not in ("required", "dtype")}
json.dump(found, open(sys.argv[1], "w"))
"""

# The same checks in pandera's own words; `Column` and `Check` are those of the backend.
PEER = """
import json, sys
{imports}
C, K = pa.Column, pa.Check
schema = pa.DataFrameSchema({{
    "id": C({int}, K.gt(0)), "age": C({int}, K.in_range(0, 120)),
    "price": C({float}, K.ge(0.0), nullable=True), "score": C({float}, K.in_range(0.0, 1.0), nullable=True),
    "items": C({int}, K.lt(100)), "discount": C({float}, K.le(0.9)),
    "city": C({str}, K.isin(["madrid", "bilbao", "vigo", "sevilla", "cadiz"])),
    "status": C({str}, K.notin(["deleted"]), nullable=True),
    "code": C({str}, K.str_matches("^[A-Z]{{2}}[0-9]{{4}}$")),
    "note": C({str}, K.str_length(1, 12), nullable=True),
}})
found = {{}}
try:
    schema.validate({read}, lazy=True)
except pandera.errors.SchemaErrors as failure:
    for error in failure.schema_errors:
        null = "NULL" in error.reason_code.name
        topic = "not_null" if null else error.check.name
        found[f"{{error.schema.name}} {{topic}}"] = len(error.failure_cases)
json.dump(found, open(sys.argv[1], "w"))
"""
ON_PANDAS = PEER.format(
    imports="import pandas, pandera.errors, pandera.pandas as pa",
    int="'int64'",
    float="'float64'",
    str="str",
    read="pandas.read_parquet('rows.parquet')",
)
ON_POLARS = PEER.format(
    imports="import polars, pandera.errors, pandera.polars as pa",
    int="polars.Int64",
    float="polars.Float64",
    str="polars.String",
    read="polars.scan_parquet('rows.parquet')",
)
# pandera names a check where we name what it is about.
TOPICS = {
    "greater_than": "range",
    "in_range": "range",
    "greater_than_or_equal_to": "range",
    "less_than": "range",
    "less_than_or_equal_to": "range",
    "str_matches": "pattern",
}


def run(quick: bool) -> dict[str, object]:
    """Whole processes, in turn: ours, pandera on pandas, pandera on a lazy polars frame at full depth."""
    count = 1 if quick else 5
    sides = {"ours": OURS, "pandas": ON_PANDAS, "polars": ON_POLARS}
    runs: dict[str, list[Run]] = {side: [] for side in sides}
    found: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        rows = QUICK_ROWS if quick else ROWS
        # In a process of its own: a child's peak memory counts what its parent held when it was forked.
        make = "import sys; from benchmarks.schema import write; write(sys.argv[1], int(sys.argv[2]))"
        subprocess.run(
            [sys.executable, "-c", make, str(folder / "rows.parquet"), str(rows)],
            check=True,
            cwd=Path(__file__).parents[1],
        )
        (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
        for turn in range(count + 1):
            for side, code in sides.items():
                target = folder / f"{side}.json"
                # By default pandera looks at the types alone of a lazy frame, and passes wrong values.
                env = environment(PANDERA_VALIDATION_DEPTH="SCHEMA_AND_DATA")
                one = once([sys.executable, "-c", code, str(target)], cwd=folder, env=env)
                if one.code:
                    raise RuntimeError(f"{side} ended with {one.code}")
                if turn or quick:
                    runs[side].append(one)
                found[side] = json.loads(target.read_text(encoding="utf-8"))
    return {"rows": _table(runs, found, rows), "violations": found["ours"]}


def _table(runs: dict[str, list[Run]], found: dict[str, dict[str, int]], rows: int) -> list[dict[str, Any]]:
    seconds = {side: statistics.median(one.seconds for one in each) for side, each in runs.items()}
    memory = {side: statistics.median(one.megabytes for one in each) for side, each in runs.items()}
    what = f"schema of ten checks, {rows:,} rows × 10 columns"
    table: list[dict[str, Any]] = []
    for side, peer, limit in (("pandas", "pandera on pandas", PANDAS), ("polars", "pandera on lazy polars", POLARS)):
        ratio = statistics.median(a.seconds / b.seconds for a, b in zip(runs["ours"], runs[side], strict=True))
        detail = f"{seconds['ours']:.2f} s, {memory['ours']:.0f} MB beside {seconds[side]:.2f} s, {memory[side]:.0f} MB"
        work = statistics.median(a.processor / b.processor for a, b in zip(runs["ours"], runs[side], strict=True))
        detail += f"; {work:.2f} × the processors' time"
        row = {"what": f"{what} / {peer}", "figure": round(ratio, 3), "unit": "×", "limit": limit}
        table.append({**row, "met": ratio <= limit, "detail": f"{detail}; {len(runs['ours'])} pairs"})
    peak = round(max(one.megabytes for one in runs["ours"]))
    table.append(
        {
            "what": f"{what}, peak memory",
            "figure": peak,
            "unit": "MB",
            "limit": MEGABYTES,
            "met": peak <= MEGABYTES,
            "detail": "whole process",
        }
    )
    differing = sum(_differing(found["ours"], found[side]) for side in ("pandas", "polars"))
    total = sum(found["ours"].values())
    table.append(
        {
            "what": f"{what}, rules on which a peer finds other violations",
            "figure": differing,
            "unit": "",
            "limit": 0,
            "met": differing == 0 and total > 0,
            "detail": f"{total:,} violations of {sum(map(bool, found['ours'].values()))} rules",
        }
    )
    return table


def _differing(ours: dict[str, int], theirs: dict[str, int]) -> int:
    named = {f"{key.partition(' ')[0]} {_topic(key)}": count for key, count in theirs.items()}
    return sum(ours.get(key, 0) != named.get(key, 0) for key in {*ours, *named})


def _topic(key: str) -> str:
    topic = key.partition(" ")[2]
    return TOPICS.get(topic, topic)


def write(path: Path | str, rows: int, seed: int = 7) -> None:
    """Rows of ten columns, of each about one in a thousand wrong, in row groups of a million."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(seed)
    cities = pa.array(["madrid", "bilbao", "vigo", "sevilla", "cadiz", "MADRID"])
    states = pa.array(["new", "paid", "sent", "deleted", None])
    writer: pq.ParquetWriter | None = None
    for start in range(0, rows, GROUP):
        n = min(GROUP, rows - start)

        def spoilt(values: Any, wrong: Any, n: int = n) -> Any:
            return np.where(random.random(n) < 0.001, wrong, values)

        def holes(values: Any, n: int = n) -> Any:
            return pa.array(values, mask=random.random(n) < 0.05)

        letters = random.integers(65, 91, (n, 2)).astype(np.uint8)
        digits = random.integers(48, 58, (n, 4)).astype(np.uint8)
        letters[random.random(n) < 0.001, 0] = ord("-")
        codes = np.concatenate([letters, digits], axis=1)
        offsets = np.arange(0, 6 * n + 1, 6, dtype=np.int32)
        note = np.char.multiply("n", spoilt(random.integers(1, 13, n), 13))
        table = pa.table(
            {
                "id": spoilt(np.arange(start + 1, start + n + 1), -1),
                "age": spoilt(random.integers(18, 90, n), 999),
                "price": holes(spoilt(random.lognormal(3, 1, n), -1.0)),
                "score": holes(spoilt(random.random(n), 1.5)),
                "items": spoilt(random.integers(1, 50, n), 1000),
                "discount": spoilt(random.random(n) * 0.9, 1.0),
                "city": cities.take(pa.array(spoilt(random.integers(0, 5, n), 5))),
                "status": states.take(pa.array(spoilt(random.choice([0, 1, 2, 4], n), 3))),
                "code": pa.Array.from_buffers(
                    pa.string(), n, [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(codes))]
                ),
                "note": pa.array(note, mask=random.random(n) < 0.05),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=GROUP)
    if writer is not None:
        writer.close()

"""Drift of 20 columns between two Parquet files, beside a hand-written DuckDB script with the same memory limit."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import environment, pairs

LIMIT, MEGABYTES = 1.5, 600
MEMORY = 400  # megabytes that the engine may use, on both sides
NUMERIC, CATEGORICAL = 14, 6
DRIFTED = ("n2", "n7", "t3")

OURS = f"""
import json, sys
from mlscore.checks.drift import detect_drift
from mlscore.tables.shapes import TableOptions
report = detect_drift("reference.parquet", "current.parquet", options=TableOptions(memory_mb={MEMORY}, threads=2))
print(json.dumps({{"found": report.found, "joint": report.joint.drifted}}))
"""

# What one would write: edges from a sample of 100,000 rows, one histogram query a file, distances above 0.1.
HAND = f"""
import json, math
import duckdb, numpy
connection = duckdb.connect()
connection.execute("SET threads = 2; SET memory_limit = '{MEMORY}MB'; SET enable_progress_bar = false")
numeric = [f"n{{i}}" for i in range({NUMERIC})]
named = [f"t{{i}}" for i in range({CATEGORICAL})]
sample = connection.execute(
    f"SELECT {{', '.join(numeric)}} FROM 'reference.parquet' USING SAMPLE reservoir(100000 ROWS) REPEATABLE (1)"
).fetchnumpy()
shares = numpy.linspace(0, 1, 201)[1:-1]
edges = {{name: numpy.unique(numpy.quantile(sample[name], shares)).tolist() for name in numeric}}
parts = [f"histogram({{name}}, {{edges[name]}}::DOUBLE[])" for name in numeric] + [f"histogram({{n}})" for n in named]
rows = [
    connection.execute(f"SELECT {{', '.join(parts)}} FROM '{{file}}'").fetchall()[0]
    for file in ("reference.parquet", "current.parquet")
]
found = []
for name, before, now in zip(numeric + named, *rows):
    bins = sorted(set(before) | set(now))
    p = numpy.array([before.get(b, 0) for b in bins], dtype=float)
    q = numpy.array([now.get(b, 0) for b in bins], dtype=float)
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    with numpy.errstate(all="ignore"):
        divergence = numpy.nansum(p * numpy.log2(p / middle)) / 2 + numpy.nansum(q * numpy.log2(q / middle)) / 2
    if math.sqrt(max(0.0, divergence)) > 0.1:
        found.append(name)
print(json.dumps({{"found": found}}))
"""


def run(quick: bool) -> dict[str, object]:
    """Whole processes in pairs, and what each found: `DRIFTED` is what there is to find."""
    rows, count = (200_000, 2) if quick else (5_000_000, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", _make(rows)], cwd=folder, check=True, env=environment())
        pair = pairs([sys.executable, "-c", OURS], [sys.executable, "-c", HAND], count=count, cwd=folder)
        ours, hand = (_said(script, folder) for script in (OURS, HAND))
    what = f"drift of {NUMERIC + CATEGORICAL} columns, {rows:,} + {rows:,} rows"
    false = sorted(set(ours["found"]) - set(DRIFTED))
    missed = sorted(set(DRIFTED) - set(ours["found"]))
    detail = f"{pair.ours:.1f} s beside {pair.theirs:.1f} s, {pair.pairs} pairs, both with {MEMORY} MB for the engine"
    theirs = len(set(hand["found"]) - set(DRIFTED))
    return {
        "rows": [
            _row(f"{what} / hand-written DuckDB", round(pair.ratio, 2), "×", LIMIT, detail),
            _row(
                f"{what}, peak memory",
                round(pair.ours_megabytes),
                "MB",
                MEGABYTES,
                f"the hand-written script: {pair.theirs_megabytes:.0f} MB",
            ),
            _row(
                f"{what}, false alarms and misses",
                len(false) + len(missed) + bool(ours["joint"] and not ours["found"]),
                "",
                0,
                f"found {', '.join(ours['found'])}; the hand-written script has {theirs} false alarms",
            ),
        ]
    }


def _row(what: str, figure: float, unit: str, limit: float, detail: str) -> dict[str, object]:
    return {"what": what, "figure": figure, "unit": unit, "limit": limit, "met": figure <= limit, "detail": detail}


def _said(script: str, folder: Path) -> dict[str, list[str]]:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, check=True, capture_output=True, text=True, env=environment()
    )
    said: dict[str, list[str]] = json.loads(done.stdout.splitlines()[-1])  # a bar of progress may stand before it
    return said


def _make(rows: int) -> str:
    """A script that writes both files: heavy tails, rare categories, three columns drifted strongly."""
    script = [
        "import duckdb",
        "connection = duckdb.connect()",
        "connection.execute('SET threads = 2; SET enable_progress_bar = false')",
    ]
    for seed, file in ((0.1, "reference"), (0.2, "current")):
        now = file == "current"
        cells = []
        for number in range(NUMERIC):
            normal = "(random() + random() + random() + random() - 2)"
            moved = f"n{number}" in DRIFTED and now
            value = f"exp(3 * {normal})" if number % 3 == 0 else f"{number + 1} * {normal}"
            cells.append(f"{value} * {'2.5' if moved else '1'} AS n{number}")
        for number in range(CATEGORICAL):
            power = 1.2 if f"t{number}" in DRIFTED and now else 3
            cells.append(f"'c' || CAST(floor(pow(random(), {power}) * {10 + 8 * number}) AS INTEGER) AS t{number}")
        query = f"COPY (SELECT {', '.join(cells)} FROM range({rows})) TO '{file}.parquet'"
        script += [f"connection.execute('SELECT setseed({seed})')", f"connection.execute({query!r})"]
    return "\n".join(script)

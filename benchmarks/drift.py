"""Drift of 20 columns between two Parquet files, beside a DuckDB script by hand with the same memory, and beside peers."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import peers
from benchmarks.measure import Pair, environment, pairs

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

DEEPCHECKS = """
import json, sys
import pandas
from deepchecks.tabular import Dataset
from deepchecks.tabular.checks import FeatureDrift
named = [f"t{n}" for n in range(6)]
frames = (pandas.read_parquet(f"{side}.parquet") for side in ("reference", "current"))
said = FeatureDrift(n_samples=int(sys.argv[2])).run(*(Dataset(f, cat_features=named, label=None) for f in frames)).value
found = [name for name, one in said.items() if one["Drift score"] > 0.2]
json.dump(found, open(sys.argv[1], "w"))
"""
EVIDENTLY = """
import json, sys
import pandas
from evidently import Report
from evidently.presets import DataDriftPreset
before, now = (pandas.read_parquet(f"{side}.parquet") for side in ("reference", "current"))
said = [m for m in Report([DataDriftPreset()]).run(now, before).dict()["metrics"] if "column" in m["config"]]
found = [m["config"]["column"] for m in said if float(m["value"]) >= m["config"]["threshold"]]
json.dump(found, open(sys.argv[1], "w"))
"""
# The peer, its environment, its program, the rows it samples, and how many times as long as ours it has to take.
PEERS = (
    ("deepchecks, its sample of 100,000", "deepchecks", DEEPCHECKS, 100_000, 2),
    ("deepchecks, all rows", "deepchecks", DEEPCHECKS, 10**9, 10),
    ("Evidently", "evidently", EVIDENTLY, 0, 25),
)
PATIENCE = 1.2  # a peer is stopped when it has taken so many times as long as it has to


def run(quick: bool) -> dict[str, object]:
    """Whole processes in pairs, and what each found: `DRIFTED` is what there is to find. Each peer runs once.

    A quick run leaves out peers whose environment has not been made yet.
    """
    rows, count = (200_000, 2) if quick else (5_000_000, 5)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, "-c", _make(rows)], cwd=folder, check=True, env=environment())
        pair = pairs([sys.executable, "-c", OURS], [sys.executable, "-c", HAND], count=count, cwd=folder)
        ours, hand = (_said(script, folder) for script in (OURS, HAND))
        beside = [_beside(folder, rows, pair, peer) for peer in PEERS if not quick or peers.ready(peer[1])]
    what = f"drift of {NUMERIC + CATEGORICAL} columns, {rows:,} + {rows:,} rows"
    false = sorted(set(ours["found"]) - set(DRIFTED))
    missed = sorted(set(DRIFTED) - set(ours["found"]))
    detail = (
        f"{pair.ours:.1f} s beside {pair.theirs:.1f} s, {pair.processor:.2f} × the processors' time; {pair.pairs} pairs, "
        f"both with {MEMORY} MB for the engine"
    )
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
            *beside,
        ]
    }


def _beside(folder: Path, rows: int, pair: Pair, peer: tuple[str, str, str, int, int]) -> dict[str, object]:
    """How many times as long as ours a peer takes: more is better."""
    name, home, program, sample, limit = peer
    print(f"running {name} ...", file=sys.stderr, flush=True)
    target = folder / "found.json"
    most = PATIENCE * limit * pair.ours
    done = peers.once_within([peers.python(home), "-c", program, str(target), str(sample)], most, cwd=folder)
    if done is None:
        figure, detail = most / pair.ours, f"stopped after {most:.0f} s beside {pair.ours:.1f} s"
    else:
        found = set(json.loads(target.read_text(encoding="utf-8")))
        figure = done.seconds / pair.ours
        detail = (
            f"{done.seconds:.1f} s, {done.megabytes:.0f} MB beside {pair.ours:.1f} s, {pair.ours_megabytes:.0f} MB; "
            f"{len(found - set(DRIFTED))} false alarms, {len(set(DRIFTED) - found)} misses"
        )
    what = f"{name} / ours, drift of {NUMERIC + CATEGORICAL} columns, {rows:,} + {rows:,} rows"
    row = _row(what, round(figure, 1), "×", limit, detail)
    return {**row, "sign": "≥", "met": figure >= limit}


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

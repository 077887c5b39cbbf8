"""A table's profile and its counts per bin, beside queries of DuckDB written by hand for the same file."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import Run, environment, once

RATIO, COUNT_RATIO, LINEAR, MEGABYTES = 1.3, 1.5, 1.3, 1024
NUMBERS, TEXTS = [f"n{n}" for n in range(8)], [f"t{n}" for n in range(4)]
WIDE_NUMBERS, WIDE_TEXTS = [f"n{n}" for n in range(14)], [f"t{n}" for n in range(6)]

GENERATE = """
import duckdb, sys
path, rows, numbers, texts = sys.argv[1], *map(int, sys.argv[2:])
number = ["random() * 1000", "50 + 10 * sqrt(-2 * ln(1 - random())) * cos(6.283185307179586 * random())",
          "CAST(random() * 1000 AS INTEGER)", "exp(random() * 8)"]
text = ["'kind ' || CAST(floor(random() * 10) AS INTEGER)", "'v' || CAST(floor(pow(random(), 3) * 1000) AS INTEGER)",
        "'id-' || CAST(floor(random() * {rows}) AS BIGINT)".format(rows=rows)]
cells = [f"{number[n % 4]} AS n{n}" for n in range(numbers)] + [f"{text[n % 3]} AS t{n}" for n in range(texts)]
connection = duckdb.connect(config={"memory_limit": "4GB"})
connection.execute("SELECT setseed(0.25)")
connection.execute(f"COPY (SELECT {', '.join(cells)} FROM range({rows})) TO '{path}' (FORMAT parquet)")
"""
OURS = """
import sys
from mlscore.tables.table import open_table
from mlscore.tables.shapes import TableOptions
with open_table(sys.argv[1], options=TableOptions(memory_mb=400, threads=2)) as table:
    profile = table.profile()
    assert all(c.distinct and c.rows == profile.rows for c in profile.columns)
"""
BY_HAND = """
import sys, duckdb
cells = ["COUNT(*)"]
for n in range(8):
    x, (low, high) = f"n{n}", [(0, 1000), (-10, 110), (0, 1000), (1, 3000)][n % 4]
    edges = [low + (high - low) * k / 20 for k in range(1, 20)]
    cells += [f"COUNT({x}), MIN({x}), MAX({x}), AVG({x}), STDDEV_SAMP({x}), APPROX_COUNT_DISTINCT({x})",
              f"APPROX_QUANTILE({x}, [0.05, 0.25, 0.5, 0.75, 0.95])",
              f"HISTOGRAM(CAST({x} AS DOUBLE), CAST({edges} AS DOUBLE[]))"]
for n in range(4):
    x = f"t{n}"
    cells += [f"COUNT({x}), MIN({x}), MAX({x}), APPROX_COUNT_DISTINCT({x}), APPROX_TOP_K({x}, 10)"]
connection = duckdb.connect(config={"threads": 2})
assert connection.execute(f"SELECT {', '.join(cells)} FROM read_parquet('{sys.argv[1]}')").fetchall()
"""
COUNTS = """
import sys
from mlscore.tables.table import open_table
from mlscore.tables.shapes import TableOptions
numbers, texts = [f"n{n}" for n in range(14)], [f"t{n}" for n in range(6)]
with open_table(sys.argv[1], options=TableOptions(memory_mb=400, threads=2)) as table:
    counts = table.counts({**table.edges(numbers, 200), **table.top(texts, 100)})
    assert len({c.rows for found in counts.values() for c in found.values()}) == 1
"""
COUNTS_BY_HAND = """
import sys, duckdb
source = f"read_parquet('{sys.argv[1]}')"
connection = duckdb.connect(config={"threads": 2, "memory_limit": "400MB"})
names = [f"n{n}" for n in range(14)]
connection.execute(f"CREATE TEMP TABLE s AS SELECT * FROM {source} USING SAMPLE reservoir(100000 ROWS) REPEATABLE (1)")
shares = [k / 200 for k in range(1, 200)]
edges = connection.execute("SELECT " + ", ".join(f"QUANTILE_DISC({x}, {shares})" for x in names) + " FROM s").fetchone()
cells = [f"HISTOGRAM(CAST({x} AS DOUBLE), CAST({sorted(set(map(float, e)))} AS DOUBLE[]))" for x, e in zip(names, edges)]
for n in range(6):
    top = [v for v, in connection.execute(f"SELECT t{n} FROM s GROUP BY t{n} ORDER BY COUNT(*) DESC LIMIT 100").fetchall()]
    cells.append(f"HISTOGRAM_EXACT(t{n}, {top})")
assert connection.execute(f"SELECT {', '.join(cells)} FROM {source}").fetchall()
"""
DISTINCT = """
import sys
from mlscore.tables.table import open_table
from mlscore.tables.shapes import TableOptions
from mlscore.tables.conditions import Repeated
with open_table(sys.argv[1], options=TableOptions(memory_mb=400, threads=2)) as table:
    rows = table.count()
    assert abs(table.profile().columns[0].distinct - rows) < 0.05 * rows
    assert table.violations({"t": Repeated(("t",))}) == {"t": 0}
"""
TEXTS_OF_THEIR_OWN = """
import duckdb, sys
sql = f"SELECT 'a text of its own, number ' || range AS t FROM range({sys.argv[2]})"
duckdb.connect().execute(f"COPY ({sql}) TO '{sys.argv[1]}' (FORMAT parquet)")
"""


@dataclass(frozen=True)
class Size:
    """Rows of each file, and how often each side runs."""

    profile: int
    small: int
    counts: int
    distinct: int
    repeats: int
    links: int


FULL = Size(profile=20_000_000, small=1_000_000, counts=5_000_000, distinct=10_000_000, repeats=3, links=5)
QUICK = Size(profile=400_000, small=100_000, counts=200_000, distinct=300_000, repeats=1, links=2)


def run(quick: bool) -> dict[str, object]:
    """Whole processes in turn on the same files; every figure of time is a median."""
    size = QUICK if quick else FULL
    with tempfile.TemporaryDirectory(prefix="mlscore-bench-") as name:
        folder = Path(name)
        rows = [*_profile(folder, size), _counts(folder, size), _distinct(folder, size)]
    return {"rows": rows}


def _profile(folder: Path, size: Size) -> list[dict[str, object]]:
    path, small, many = folder / "rows.parquet", folder / "small.parquet", folder / "many"
    _made(GENERATE, str(path), str(size.profile), "8", "4")
    _made(GENERATE, str(small), str(size.small), "8", "4")
    many.mkdir()
    for number in range(size.links):  # the same file under several names: more rows without more disk
        os.link(path, many / f"{number}.parquet")
    ours, theirs = _turns(OURS, BY_HAND, path, size.repeats)
    little, much = (_several(OURS, place, size.repeats if place is small else 1) for place in (small, many))
    ratio = _seconds(ours) / _seconds(theirs)
    start = _seconds(_several("import mlscore.tables.table, duckdb; duckdb.connect()", small, size.repeats))
    per_row = ((_seconds(much) - start) / (size.links * size.profile)) / ((_seconds(little) - start) / size.small)
    many_rows = f"{size.links * size.profile:,} rows"
    return [
        _row(
            f"`profile` / one query by hand, {size.profile:,} × 12",
            ratio,
            "×",
            RATIO,
            f"{_both(ours, theirs)}, medians of {size.repeats}",
        ),
        _row(f"`profile`, {size.profile:,} × 12, peak memory", _memory(ours), "MB", MEGABYTES, "of the whole process"),
        _row(
            f"`profile`, time per row at {many_rows} / at {size.small:,}",
            per_row,
            "×",
            LINEAR,
            f"{_seconds(much):.1f} s and {_seconds(little):.2f} s, {start:.2f} s of it before the first row",
        ),
        _row(f"`profile`, {many_rows} × 12, peak memory", _memory(much), "MB", MEGABYTES, "of the whole process"),
    ]


def _counts(folder: Path, size: Size) -> dict[str, object]:
    path = folder / "wide.parquet"
    _made(GENERATE, str(path), str(size.counts), "14", "6")
    ours, theirs = _turns(COUNTS, COUNTS_BY_HAND, path, size.repeats)
    what = f"200 bins and 100 categories per column / by hand, {size.counts:,} × 20, 400 MB allowed to both"
    return _row(what, _seconds(ours) / _seconds(theirs), "×", COUNT_RATIO, _both(ours, theirs))


def _distinct(folder: Path, size: Size) -> dict[str, object]:
    path = folder / "distinct.parquet"
    _made(TEXTS_OF_THEIR_OWN, str(path), str(size.distinct))
    found = _several(DISTINCT, path, 1)
    what = f"profile and uniqueness of {size.distinct:,} distinct texts, peak memory"
    return _row(what, _memory(found), "MB", MEGABYTES, f"{_seconds(found):.1f} s, 400 MB allowed to the engine")


def _made(program: str, *arguments: str) -> None:
    if once([sys.executable, "-c", program, *arguments], env=environment()).code:
        raise RuntimeError("the data could not be made")


def _several(program: str, path: Path, repeats: int) -> list[Run]:
    runs = [once([sys.executable, "-c", program, str(path)]) for _ in range(repeats)]
    if any(run.code for run in runs):
        raise RuntimeError(f"a process over {path.name} failed")
    return runs


def _turns(ours: str, theirs: str, path: Path, repeats: int) -> tuple[list[Run], list[Run]]:
    """Both programs in turn, so that what else the machine does meets both."""
    pairs = [(_several(ours, path, 1)[0], _several(theirs, path, 1)[0]) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def _seconds(runs: Sequence[Run]) -> float:
    return statistics.median(run.seconds for run in runs)


def _memory(runs: Sequence[Run]) -> float:
    return max(run.megabytes for run in runs)


def _both(ours: Sequence[Run], theirs: Sequence[Run]) -> str:
    return f"{_seconds(ours):.1f} s and {_memory(ours):.0f} MB beside {_seconds(theirs):.1f} s and {_memory(theirs):.0f} MB"


def _row(what: str, figure: float, unit: str, limit: float, detail: str) -> dict[str, object]:
    shown = round(figure, 2) if unit == "×" else round(figure)
    return {"what": what, "figure": shown, "unit": unit, "limit": limit, "met": figure <= limit, "detail": detail}

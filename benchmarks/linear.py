"""From one million rows to a hundred: time per row and memory of a profile, a check of a schema, and a drift summary."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import Run, environment, once

RATIO, MEGABYTES = 1.3, 600
FEW = 1_000  # rows whose time is that of the start, and of what is asked however few rows there are
SMALL, PIECE, LARGE = 1_000_000, 5_000_000, 100_000_000
QUICK = (100_000, 200_000, 1_000_000)
REPEATS = 5
MEMORY = 400  # megabytes that the engine may use

# A folder of files: rows go on where the file before ended, as days of a log do.
GENERATE = """
import duckdb, sys
folder, rows, piece = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
connection = duckdb.connect(config={"memory_limit": "2GB", "threads": 2})
for number, start in enumerate(range(0, rows, piece)):
    connection.execute(f"SELECT setseed({number / 1000})")
    cells = '''TIMESTAMP '2024-01-01' + INTERVAL 1 SECOND * range AS at, range AS id, random() * 1000 AS amount,
        exp(random() * 8) AS weight, CAST(random() * 90 AS INTEGER) AS age,
        'kind ' || CAST(floor(pow(random(), 3) * 40) AS INTEGER) AS kind'''
    many = f"range({start}, {min(rows, start + piece)})"
    connection.execute(f"COPY (SELECT {cells} FROM {many}) TO '{folder}/{number:04}.parquet' (FORMAT parquet)")
"""
OPEN = f"""
import sys
from mlscore.tables.shapes import TableOptions
from mlscore.tables.table import open_table
options = TableOptions(memory_mb={MEMORY}, threads=2)
"""
WORK = {
    "profile": """
with open_table(sys.argv[1], options=options) as table:
    assert table.profile().rows == int(sys.argv[2])
""",
    "schema check": """
from mlscore.checks import check_schema
report = check_schema("schema.yaml", sys.argv[1], options=options)
assert len(report.broken) >= 3 and report.rows == int(sys.argv[2])
""",
    "drift summary": """
from mlscore.checks.drift.summarise import summarise
with open_table(sys.argv[1], options=options) as table:
    assert summarise(table, columns=["amount", "weight", "age", "kind"]).rows == int(sys.argv[2])
""",
}
# Some values break each limit, so that a file's statistics decide nothing.
SCHEMA = """\
schema_type: dataframe
columns:
  id: {dtype: int64, nullable: false, checks: {greater_than_or_equal_to: 0}}
  amount: {dtype: float64, nullable: false, checks: {in_range: {min_value: 0.0, max_value: 999.0}}}
  weight: {dtype: float64, nullable: false, checks: {greater_than: 1.5}}
  age: {dtype: int32, nullable: false, checks: {in_range: {min_value: 0, max_value: 89}}}
  kind: {dtype: str, nullable: false, checks: {str_matches: "^kind [0-9]"}}
"""


def run(quick: bool) -> dict[str, object]:
    """Whole processes: the small tables five times, the large one once. A quick run has a hundredth of the rows."""
    small, piece, large = QUICK if quick else (SMALL, PIECE, LARGE)
    table: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="mlscore-bench-") as name:
        folder = Path(name)
        (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
        for rows in (FEW, small, large):
            (folder / str(rows)).mkdir()
            _once(folder, GENERATE, str(folder / str(rows)), str(rows), str(piece))
        for what, program in WORK.items():
            print(f"{what} ...", file=sys.stderr, flush=True)
            turns = [[_work(folder, program, rows) for rows in (FEW, small)] for _ in range(REPEATS)]
            few, many = [turn[1] for turn in turns], _work(folder, program, large)
            table += _rows(what, [turn[0] for turn in turns], few, many, (small, large))
    return {"rows": table}


def _rows(what: str, start: list[Run], few: list[Run], many: Run, sizes: tuple[int, int]) -> list[dict[str, object]]:
    """By the processors' time, which other work on the machine does not lengthen; the wall clock's beside it."""
    small, large = sizes

    def grown(figure: str) -> float:
        first = statistics.median(getattr(run, figure) for run in start)
        little = statistics.median(getattr(run, figure) for run in few)
        return float((getattr(many, figure) - first) / (large - FEW) / ((little - first) / (small - FEW)))

    little = statistics.median(run.seconds for run in few)
    processor = statistics.median(run.processor for run in few)
    held = statistics.median(run.megabytes for run in few)
    ratio, memory = grown("processor"), many.megabytes / held
    title = f"`{what}`, {large:,} rows / {small:,} rows"
    return [
        {
            "what": f"{title}, processors' time per row",
            "figure": round(ratio, 2),
            "unit": "×",
            "limit": RATIO,
            "met": ratio <= RATIO,
            "detail": f"{many.processor:.1f} s and {processor:.2f} s, less those of {FEW:,} rows; by the clock "
            f"{grown('seconds'):.2f} ×, {many.seconds:.1f} s and {little:.2f} s",
        },
        {
            "what": f"{title}, peak memory",
            "figure": round(many.megabytes),
            "unit": "MB",
            "limit": MEGABYTES,
            "met": many.megabytes <= MEGABYTES,
            "detail": f"{memory:.2f} × the {held:.0f} MB of the small one; {MEMORY} MB allowed to the engine",
        },
    ]


def _work(folder: Path, program: str, rows: int) -> Run:
    return _once(folder, OPEN + program, str(folder / str(rows)), str(rows))


def _once(folder: Path, program: str, *arguments: str) -> Run:
    done = once([sys.executable, "-c", program, *arguments], cwd=folder, env=environment())
    if done.code:
        raise RuntimeError(f"a process ended with {done.code}:\n{program}")
    return done

"""What a profile and counts cost on Spark: tasks, shuffled bytes and time on this machine; from them 1 TB on 100 cores."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

CORES, TERABYTE = 100, 1_000  # GB of Parquet
# What the extrapolation assumes beside what is measured here.
SLOWER = 1.5  # a core that shares a network and a store with others, beside one with its own disk
SPLIT = 0.128  # GB that Spark gives to one task
OVERHEAD = 0.1  # seconds to send a task out and take its answer in


def run(quick: bool) -> dict[str, object]:
    """A profile of twelve columns and counts of 20 bins each, over files twice as large the second time.

    The processors' time for 1 GB is the difference of the two sizes, so that what starts only once is left out of it; it
    is what Spark says its tasks took, which other work on the machine does not lengthen as it does the wall clock's.
    """
    sizes = (20_000, 60_000) if quick else (2_000_000, 6_000_000)
    folder = Path(tempfile.mkdtemp(prefix="mlscore-spark-"))
    try:
        figures = _measured(folder, sizes)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    rows = []
    for name, (small, large) in figures.items():
        gigabytes = large["gigabytes"] - small["gigabytes"]
        each = max(0.0, large["processor"] - small["processor"]) / gigabytes
        tasks = TERABYTE / SPLIT
        whole = (each * SLOWER * TERABYTE + tasks * OVERHEAD) / CORES / 60
        shuffled = large["shuffled"] / max(1, large["tasks"]) * tasks / 1e9
        rows.append(
            {
                "what": f"{name} of 1 TB on {CORES} cores, extrapolated",
                "figure": round(whole, 1),
                "unit": "min",
                "limit": 60,
                "met": whole <= 60,
                "detail": f"{each:.0f} core seconds a GB of Parquet, of a core {SLOWER:g} × slower than here; "
                f"here {large['gigabytes']:.3f} GB in {large['seconds']:.1f} s, {large['processor']:.0f} core seconds, "
                f"{large['jobs']:.0f} jobs, "
                f"{large['tasks']:.0f} tasks, {large['shuffled'] / 1e6:.2f} MB shuffled; "
                f"there {tasks:.0f} tasks a pass, {shuffled:.1f} GB shuffled",
            }
        )
    return {"rows": rows}


def _measured(folder: Path, sizes: tuple[int, int]) -> dict[str, list[dict[str, float]]]:
    from mlscore.tables.engines import spark_session
    from mlscore.tables.shapes import Edges, TableOptions
    from mlscore.tables.table import open_table

    # The store of Spark's own figures, which its page in the browser shows, is kept without the page.
    session = spark_session.local(TableOptions(memory_mb=4_000))
    figures: dict[str, list[dict[str, float]]] = {"profile": [], "counts": []}
    for number, rows in enumerate((sizes[0], *sizes)):  # the first time warms Java up and is not counted
        path = folder / f"{number}.parquet"
        _write(path, rows)
        gigabytes = path.stat().st_size / 1e9
        with open_table(path, engine="spark") as table:
            numbers = [column.name for column in table.columns if column.kind.numeric]
            bins = {name: Edges(tuple(-2 + 0.2 * n for n in range(19))) for name in numbers}
            for name, work in (
                ("profile", table.profile),
                ("counts", lambda table=table, bins=bins: table.counts(bins)),
            ):
                found = _watched(session, work)
                if number:
                    figures[name].append({**found, "gigabytes": gigabytes})
        path.unlink()
    session.stop()
    return figures


def _watched(session: Any, work: Callable[[], object]) -> dict[str, float]:
    """Seconds, and jobs, tasks and bytes written for a shuffle by the stages that came meanwhile."""
    store = session.sparkContext._jsc.sc().statusStore()
    before = _stages(session, store)
    jobs = store.jobsList(None).size()
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    time.sleep(0.5)  # the figures come by a queue of their own
    came = {key: stage for key, stage in _stages(session, store).items() if key not in before}
    return {
        "seconds": seconds,
        "jobs": float(store.jobsList(None).size() - jobs),
        "tasks": float(sum(stage.numCompleteTasks() for stage in came.values())),
        "processor": sum(stage.executorCpuTime() for stage in came.values()) / 1e9,
        "shuffled": float(sum(stage.shuffleWriteBytes() for stage in came.values())),
    }


def _stages(session: Any, store: Any) -> dict[tuple[int, int], Any]:
    gateway = session.sparkContext._gateway
    nothing = gateway.new_array(gateway.jvm.double, 0)
    listed = store.stageList(None, False, False, nothing, gateway.jvm.java.util.ArrayList())
    found = [listed.apply(number) for number in range(listed.size())]
    return {(stage.stageId(), stage.attemptId()): stage for stage in found}


def _write(path: Path, rows: int) -> None:
    """Eight numbers and four texts a row, in row groups of the size of a task's share."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as parquet

    dice = np.random.default_rng(7)
    writer = None
    for start in range(0, rows, 500_000):
        some = min(500_000, rows - start)
        columns: dict[str, Any] = {f"n{number}": dice.normal(number, 1 + number, some) for number in range(8)}
        for number, most in enumerate((5, 50, 5_000, 500_000)):
            columns[f"t{number}"] = pa.array([f"value {n}" for n in dice.integers(0, most, some)])
        table = pa.table(columns)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=500_000)
    assert writer is not None
    writer.close()

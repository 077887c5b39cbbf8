"""What a table may use of the machine: memory kept, room on disk limited, time limited, progress told."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from mlscore.errors import OutputError, UsageError
from mlscore.tables.conditions import Repeated
from mlscore.tables.shapes import Progress, TableOptions

LIMIT = 150
SPILLING = """
import sys
from pathlib import Path
from mlscore.tables.conditions import Repeated
from mlscore.tables.shapes import TableOptions
from mlscore.tables.table import open_table
with open_table(sys.argv[1], options=TableOptions(memory_mb=int(sys.argv[2]), threads=2, temp_folder=sys.argv[3])) as table:
    assert table.violations({"t": Repeated(("t",))}) == {"t": 0}
    found = table.profile().columns[0]
    assert abs(found.distinct - found.rows) < 0.05 * found.rows
    print(found.rows)
# Not from getrusage: that would count the parent's memory, which a fork shares for a moment.
print(int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) // 1024)
"""


@pytest.fixture(scope="module")
def distinct(tmp_path_factory):
    """A Parquet file of many distinct texts: more than fits into the memory allowed."""
    path = tmp_path_factory.mktemp("distinct") / "texts.parquet"
    sql = (
        f"COPY (SELECT 'a rather long text, number ' || range AS t FROM range(3_000_000)) TO '{path}' (FORMAT parquet)"
    )
    duckdb.connect().execute(sql)
    return path


@pytest.mark.slow
def test_millions_of_distinct_texts_stay_within_the_limit_by_spilling(distinct, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", SPILLING, str(distinct), str(LIMIT), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    rows, megabytes = map(int, done.stdout.split())
    assert rows == 3_000_000
    # Python, its libraries and DuckDB's code come to some 80 MB.
    assert megabytes < LIMIT + 150
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_while_spilling_is_said(opened, distinct):
    options = TableOptions(memory_mb=60, threads=2, temp_mb=1)
    with pytest.raises(UsageError, match="the room of 1 MB for what does not fit into memory is used up"):
        opened(distinct, options=options).violations({"t": Repeated(("t",))})


def test_too_little_memory_is_said(opened, distinct):
    with pytest.raises(UsageError, match=r"2 MB of memory are too little|used up"):
        opened(distinct, options=TableOptions(memory_mb=2, threads=1)).violations({"t": Repeated(("t",))})


def test_a_query_ends_when_its_time_is_up(opened, distinct):
    table = opened(distinct, options=TableOptions(timeout=0.01, threads=1))
    with pytest.raises(UsageError, match=r"counting repeated rows took longer than 0\.01 s"):
        table.violations({"t": Repeated(("t",))})


def test_a_query_within_its_time_is_left_alone(opened, distinct):
    table = opened(distinct, options=TableOptions(timeout=60))
    assert table.count() == 3_000_000
    assert not [thread for thread in threading.enumerate() if thread.name == "mlscore watch"]


def test_progress_is_told(opened, distinct):
    told = []
    table = opened(distinct, options=TableOptions(threads=1, progress=told.append))
    for _ in range(10):
        table.violations({"t": Repeated(("t",))})
        if told:
            break
    assert all(isinstance(step, Progress) for step in told)
    assert {step.what for step in told} == {"counting repeated rows"}
    assert all(step.share is None or 0 <= step.share <= 1 for step in told)


def test_a_failing_callback_ends_the_query(opened, distinct):
    def stop(step):
        raise KeyError("enough")

    table = opened(distinct, options=TableOptions(threads=1, memory_mb=100, progress=stop))
    with pytest.raises(KeyError, match="enough"):
        table.violations({str(n): Repeated(("t",)) for n in range(20)})


def test_control_c_ends_a_query_as_it_ends_anything(opened, distinct):
    table = opened(distinct, options=TableOptions(threads=1))
    timer = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT))
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012 (whichever query it meets)
        timer.start()
        table.violations({str(n): Repeated(("t",)) for n in range(20)})
        timer.join()
        time.sleep(5)
    assert table.count() == 3_000_000


def test_a_closed_table_leaves_nothing_behind(opened, written, tmp_path, distinct):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    table = opened(distinct, options=TableOptions(temp_folder=str(temporary)))
    assert len(list(temporary.iterdir())) == 1
    table.close()
    assert list(temporary.iterdir()) == []


def test_a_temporary_folder_that_is_not_there(opened, distinct, tmp_path):
    with pytest.raises(OutputError, match="no temporary folder can be made"):
        opened(distinct, options=TableOptions(temp_folder=str(Path(tmp_path, "nowhere"))))


@pytest.mark.parametrize("given", [{"memory_mb": 0}, {"timeout": -1}, {"threads": 0}, {"temp_mb": 0}])
def test_limits_must_be_positive(given):
    with pytest.raises(ValueError, match="greater than 0"):
        TableOptions(**given)


def test_a_join_too_large_for_many_threads_goes_on_with_fewer(opened, tmp_path):
    for name, turned in (("left", 0), ("right", 1)):
        cells = ", ".join(f"(range * {n + 1}) % 99991 + {turned} AS n{n}" for n in range(10))
        sql = f"SELECT range AS id, {cells} FROM range(300_000) ORDER BY hash(range + {turned})"
        duckdb.connect().execute(f"COPY ({sql}) TO '{tmp_path / name}.parquet' (FORMAT parquet)")
    # Eight threads need more than this each for themselves, one thread does not.
    options = TableOptions(memory_mb=60, threads=8)
    left, right = (opened(tmp_path / f"{name}.parquet", options=options) for name in ("left", "right"))
    found = left.join(right, "id")
    assert (found.matched, found.differing) == (300_000, 300_000)
    assert [(column.differing, column.largest) for column in found.columns] == [(300_000, 1.0)] * 10

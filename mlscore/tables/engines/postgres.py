"""The engine in a PostgreSQL server: SQL goes there, figures come back; nothing but SELECT is needed.

Each query is a read-only transaction of its own (within a given connection's transaction: a savepoint), and everything
that is set is set for that transaction alone, so that a pool of connections between here and the server does no harm.
The table and its sample are named by common table expressions, for a read-only transaction makes no views.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from mlscore.errors import InputError
from mlscore.tables.dialects import translate
from mlscore.tables.engines import postgres_catalogue as catalogue
from mlscore.tables.engines.base import Engine, Row, Sample, sample_size
from mlscore.tables.engines.postgres_errors import explained
from mlscore.tables.engines.watch import Watch
from mlscore.tables.extras import need
from mlscore.tables.queries.quote import identifier
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import TableOptions
from mlscore.tables.sources import Source

if TYPE_CHECKING:
    import pyarrow as pa

_SOURCE, _SAMPLE, _OTHER = "mlscore source", "mlscore sample", "mlscore other"
_WIDEST = 1_200  # cells of one query; PostgreSQL has room for 1,664
_PATIENCE = 10  # seconds for a connection to be made, where the URL does not say
_ROWS = 10_000  # rows of a batch
_SEEDS = 2**63
# With thousands of aggregates, compiling them takes longer than running them; a scan that begins in the middle of the
# table because another is under way would number the rows otherwise each time.
_SETTINGS = (
    "SET TRANSACTION READ ONLY",
    "SET LOCAL TimeZone TO 'UTC'",
    "SET LOCAL DateStyle TO 'ISO, YMD'",
    "SET LOCAL extra_float_digits TO 1",
    "SET LOCAL standard_conforming_strings TO on",
    "SET LOCAL synchronize_seqscans TO off",
    "SET LOCAL jit TO off",
)


def open_engine(source: Source, options: TableOptions) -> PostgresEngine:
    """A connection with the table found. Raises InputError where that fails, UsageError without the extra."""
    engine = PostgresEngine(source, options)
    try:
        engine.bind()
    except BaseException:
        engine.close()
        raise
    return engine


class PostgresEngine(Engine):
    """One connection of SQLAlchemy's, made here from a URL or an Engine, or given."""

    name = "postgres"
    dialect = "postgres"

    def __init__(self, source: Source, options: TableOptions) -> None:
        super().__init__(source, options)
        self._sqlalchemy = need("sqlalchemy", "postgres")
        need("psycopg", "postgres")
        self._made: list[Any] = []  # what is closed at the end: the connection, the pool
        self._connection: Any = None
        self._relation: catalogue.Relation | None = None
        self._scope: Scope | None = None
        self._definitions: dict[str, str] = {}
        self._drawn: dict[object, Sample] = {}

    @property
    def scope(self) -> Scope:
        """The common table expression that stands for the table."""
        assert self._scope is not None
        return self._scope

    def bind(self) -> None:
        """Connect and find the table."""
        self._connection = self._connected()
        self._relation = catalogue.find(
            lambda sql: self._ask([sql], "looking for the table")[0], str(self.source.table), self.source.label
        )
        self._definitions[_SOURCE] = f"NOT MATERIALIZED (SELECT {self._relation.select()} FROM {self._relation.name})"
        self._scope = Scope(identifier(_SOURCE), self._relation.columns, self.source.label)

    def _connected(self) -> Any:
        given = self.source.frame
        if isinstance(given, self._sqlalchemy.Connection):
            return given
        try:
            if given is None:
                given = self._pool()
                self._made.append(given.dispose)
            connection = given.connect()
        except Exception as error:
            raise explained(error, self.source, self.options, "connecting") from None
        self._made.insert(0, connection.close)
        if connection.dialect.name != "postgresql":
            what = f"this is a connection to {connection.dialect.name}, not to PostgreSQL"
            raise InputError(
                what, where=self.source.label, hint="give one to PostgreSQL, or export the table to Parquet"
            )
        return connection

    def _pool(self) -> Any:
        parts = urlsplit(self.source.location)
        kept = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != "table"]
        address = urlunsplit(("postgresql+psycopg", parts.netloc, parts.path, urlencode(kept), ""))
        settings: dict[str, Any] = {"client_encoding": "UTF8", "prepare_threshold": None}
        if "connect_timeout" not in dict(kept):
            settings["connect_timeout"] = _PATIENCE
        return self._sqlalchemy.create_engine(
            address, poolclass=self._sqlalchemy.pool.NullPool, connect_args=settings, hide_parameters=True
        )

    def run(self, sql: str, what: str) -> list[Row]:
        """The rows of a query; one that asks for more than a SELECT can hold is asked in parts."""
        parts, keys = self._parts(sql)
        with Watch(_Statement(self._connection), replace(self.options, timeout=None), what):
            first, *more = self._ask([self._written(part) for part in parts], what)
        if not more:
            return first
        later = [{row[:keys]: row[keys:] for row in rows} for rows in more]
        return [row + tuple(chain.from_iterable(rows[row[:keys]] for rows in later)) for row in first]

    def _parts(self, sql: str) -> tuple[list[str], int]:
        """The query, or several that ask for some of its columns each; and how many cells name the group in all of them."""
        if sql.count(",") < _WIDEST:
            return [sql], 0
        tree = need("sqlglot").parse_one(sql, read="duckdb")
        cells, keys = tree.expressions, int(bool(tree.args.get("group")))
        if len(cells) <= _WIDEST:
            return [sql], 0
        made = []
        for start in range(keys, len(cells), _WIDEST - 1):
            part = tree.copy()
            part.set("expressions", [*part.expressions[:keys], *part.expressions[start : start + _WIDEST - 1]])
            made.append(part.sql(dialect="duckdb"))
        return made, keys

    def _written(self, sql: str) -> str:
        """The query in PostgreSQL's SQL, with the definitions of the tables that it names before it."""
        text = translate(sql, self.dialect)
        wanted: list[str] = []
        searched = text
        for name in reversed(self._definitions):  # a sample is defined after what it is drawn from
            if identifier(name) in searched:
                wanted.insert(0, f"{identifier(name)} AS {self._definitions[name]}")
                searched += self._definitions[name]
        return f"WITH {', '.join(wanted)} {text}" if wanted else text

    @contextmanager
    def _transaction(self, sql: str) -> Iterator[Any]:
        """The connection in a read-only transaction, or savepoint, that is always rolled back."""
        connection = self._connection
        nested = connection.in_transaction()
        by_hand = not nested and getattr(connection.connection.dbapi_connection, "autocommit", False)
        begun = connection.begin_nested() if nested else connection.begin()
        quiet = {"no_parameters": True}
        try:
            if by_hand:
                connection.exec_driver_sql("BEGIN", execution_options=quiet)
            settings = list(_SETTINGS)
            if not nested:
                settings.insert(0, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            if self.options.timeout:
                settings.append(f"SET LOCAL statement_timeout TO {max(1, round(self.options.timeout * 1000))}")
            if "ROW_NUMBER() OVER" in sql:  # workers would hand over rows in any order
                settings.append("SET LOCAL max_parallel_workers_per_gather TO 0")
            connection.exec_driver_sql("; ".join(settings), execution_options=quiet)
            yield connection
        finally:
            with suppress(Exception):
                if by_hand:
                    connection.exec_driver_sql("ROLLBACK", execution_options=quiet)
                begun.rollback()

    def _ask(self, queries: Sequence[str], what: str) -> list[list[Row]]:
        """The rows of queries that see the same state of the table."""
        try:
            with self._transaction("".join(queries)) as connection:
                options = {"no_parameters": True}
                return [
                    [tuple(row) for row in connection.exec_driver_sql(sql, execution_options=options)]
                    for sql in queries
                ]
        except Exception as error:
            raise explained(error, self.source, self.options, what) from None

    def batches(self, sql: str, what: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query through a cursor in the server."""
        arrow = need("pyarrow")
        text = self._written(sql)
        options = {"no_parameters": True, "stream_results": True, "max_row_buffer": _ROWS}
        try:
            quiet = replace(self.options, timeout=None)
            with Watch(_Statement(self._connection), quiet, what), self._transaction(text) as connection:
                found = connection.exec_driver_sql(text, execution_options=options)
                names = [f"c{number}" for number in range(len(found.cursor.description))]
                types = [_arrow_type(arrow, column) for column in found.cursor.description]
                schema = arrow.schema(list(zip(names, types, strict=True)))
                rows = found.fetchmany(_ROWS)
                while True:
                    cells = zip(*rows, strict=True) if rows else ([] for _ in names)
                    arrays = [_array(arrow, list(values), of) for values, of in zip(cells, types, strict=True)]
                    yield arrow.RecordBatch.from_arrays(arrays, schema=schema)
                    rows = found.fetchmany(_ROWS)
                    if not rows:
                        return
        except arrow.ArrowInvalid as error:
            what = f"a value cannot be brought here: {str(error)[:200]}"
            raise InputError(what, where=self.source.label, hint="cast the column in a view") from None
        except Exception as error:
            raise explained(error, self.source, self.options, what) from None

    def sampled(self, rows: int, seed: int, columns: Sequence[str]) -> Sample:
        """Rows drawn one by one by TABLESAMPLE; of a view those whose numbers have the smallest hashes."""
        scope, relation = self.scope, self._relation
        assert relation is not None
        size = sample_size(rows, len(columns))
        asked = (size, seed, tuple(columns))
        if asked in self._drawn:
            return self._drawn[asked]
        total = int(self.run(f"SELECT COUNT(*) FROM {scope.relation}", "counting rows")[0][0])
        if total <= size or not columns:
            drawn = Sample(scope, total, True)
        else:
            name = f"{_SAMPLE} {len(self._drawn)}"
            share = min(1.0, (size + 6 * size**0.5) / total)
            self._definitions[name] = f"MATERIALIZED ({_drawing(relation, columns, share, size, seed % _SEEDS)})"
            sample = scope.over(identifier(name))
            got = self.run(f"SELECT COUNT(*) FROM {sample.relation}", "drawing a sample")
            drawn = Sample(sample, int(got[0][0]), False)
        self._drawn[asked] = drawn
        return drawn

    def beside(self, other: Engine) -> Scope | None:
        """Another table of the same database, seen by the same user."""
        if other is self:
            return self.scope
        if not isinstance(other, PostgresEngine) or self._identity() != other._identity():
            return None
        name = f"{_OTHER} {len(self._definitions)}"
        self._definitions[name] = other._definitions[_SOURCE]
        return other.scope.over(identifier(name))

    def _identity(self) -> tuple[Any, ...]:
        """What tells connections apart: those to the same database by the same user see the same tables."""
        if isinstance(self.source.frame, self._sqlalchemy.Connection):
            return (id(self._connection),)
        url = self._connection.engine.url
        return url.host, url.port, url.database, url.username, tuple(sorted(url.query.items()))

    def close(self) -> None:
        """Close what was opened here; a connection that was given stays open."""
        for end in self._made:
            with suppress(Exception):
                end()
        self._made = []


def _drawing(relation: catalogue.Relation, columns: Sequence[str], share: float, size: int, seed: int) -> str:
    """A query for `size` rows of about `share` of all, the same for the same seed."""
    listed = relation.select(columns)
    names = ", ".join(identifier(column) for column in columns)
    if relation.addressed:
        inner = f"SELECT ctid AS place, {listed} FROM {relation.name} "
        inner += f"TABLESAMPLE BERNOULLI ({share * 100!r}) REPEATABLE ({seed})"
        by = f"pg_catalog.hashtextextended(CAST(place AS TEXT), {seed})"
        return f"SELECT {names} FROM ({inner}) AS drawn ORDER BY {by} LIMIT {size}"
    inner = f"SELECT ROW_NUMBER() OVER () AS place, {listed} FROM {relation.name}"
    by = f"pg_catalog.hashint8extended(place, {seed})"
    limit = min(2**63 - 1, int(share * 2**64) - 2**63)
    return f"SELECT {names} FROM ({inner}) AS drawn WHERE {by} <= {limit} ORDER BY {by} LIMIT {size}"


class _Statement:
    """What a Watch looks at: the server ends a query itself when its time is up, and does not tell how far it is."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def interrupt(self) -> None:
        """Cancel what the server does for this connection."""
        with suppress(Exception):
            self._connection.connection.dbapi_connection.cancel_safe(timeout=2)

    def query_progress(self) -> float:
        """Not known."""
        return -1.0


_ARROW = {
    "bool": "bool_",
    "int2": "int16",
    "int4": "int32",
    "int8": "int64",
    "float4": "float32",
    "float8": "float64",
    "bytea": "binary",
    "date": "date32",
}


def _arrow_type(arrow: Any, column: Any) -> Any:
    """The Arrow type of a cursor's column: numbers of a declared precision stay decimals, others become doubles."""
    types = need("psycopg", "postgres").adapters.types
    told = types.get(column.type_code)
    name = told.name if told is not None else "text"
    if told is not None and column.type_code == told.array_oid and told.array_oid:
        return arrow.list_(_plain(arrow, name, None))
    return _plain(arrow, name, column)


def _plain(arrow: Any, name: str, column: Any) -> Any:
    if name == "numeric":
        digits, scale = (column.precision, column.scale) if column is not None else (None, None)
        fits = digits is not None and 0 < digits <= 38 and 0 <= (scale or 0) <= digits
        return arrow.decimal128(digits, scale or 0) if fits else arrow.float64()
    if name in ("timestamp", "timestamptz"):
        return arrow.timestamp("us", tz="UTC" if name == "timestamptz" else None)
    return getattr(arrow, _ARROW.get(name, "string"))()


def _array(arrow: Any, values: list[Any], of: Any) -> Any:
    if arrow.types.is_floating(of):
        values = [None if value is None else float(value) for value in values]
    return arrow.array(values, of)

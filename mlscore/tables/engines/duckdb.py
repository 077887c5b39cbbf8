"""The embedded engine: DuckDB within a memory limit, spilling to a folder of its own, fetching nothing by itself."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.errors import InputError, OutputError
from mlscore.project.redact import redact
from mlscore.tables.engines import duckdb_reading as reading
from mlscore.tables.engines.base import Engine, Row, Sample, sample_size
from mlscore.tables.engines.duckdb_errors import explained, out_of_memory
from mlscore.tables.engines.watch import Watch
from mlscore.tables.extras import need
from mlscore.tables.queries.quote import identifier, string
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import Column, Kind, TableOptions
from mlscore.tables.sources import Form, Source

if TYPE_CHECKING:
    import pyarrow as pa

_NATIVE = {
    Kind.INTEGER: "TINYINT,SMALLINT,INTEGER,BIGINT,HUGEINT,UTINYINT,USMALLINT,UINTEGER,UBIGINT,UHUGEINT",
    Kind.NUMBER: "FLOAT,DOUBLE,DECIMAL",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TEXT: "VARCHAR,ENUM,UUID",
    Kind.DATE: "DATE",
    Kind.BINARY: "BLOB,BIT",
    Kind.NESTED: "STRUCT,MAP,UNION,JSON,VARIANT",
}
_KINDS = {native: kind for kind, names in _NATIVE.items() for native in names.split(",")}
_VIRTUAL = ("file_row_number", "file_index")
# A row group is held in memory while it is written, once per thread.
_GROUP_CELLS = 4_000_000
_WIDE = 64  # columns


def open_engine(source: Source, options: TableOptions) -> DuckDBEngine:
    """A session with the source bound. Raises InputError where it cannot be read, UsageError without the extra."""
    engine = DuckDBEngine(source, options)
    try:
        engine.bind()
    except OSError as error:
        engine.close()
        raise explained(error, source, options) from None
    except BaseException:
        engine.close()
        raise
    return engine


def kind_of(native: str) -> Kind:
    """The kind of a type of DuckDB's."""
    if native.endswith("]"):
        return Kind.NESTED
    if native.startswith("TIMESTAMP"):
        return Kind.DATETIME
    return _KINDS.get(native.partition("(")[0].strip(), Kind.OTHER)


class DuckDBEngine(Engine):
    """One connection to a database in memory, in which the source is a view."""

    name = "duckdb"
    dialect = "duckdb"
    searches = True
    estimated = ("distinct: within 5 %, HyperLogLog",)

    def __init__(self, source: Source, options: TableOptions) -> None:
        super().__init__(source, options)
        duckdb = need("duckdb")
        try:
            self._folder = Path(tempfile.mkdtemp(prefix="mlscore-", dir=options.temp_folder))
        except OSError as error:
            where = options.temp_folder or tempfile.gettempdir()
            raise OutputError(f"no temporary folder can be made: {error.strerror}", where=where) from None
        config: dict[str, Any] = {
            "memory_limit": f"{options.memory_mb}MB",
            "temp_directory": str(self._folder),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
        if options.threads:
            config["threads"] = options.threads
        self._connection = duckdb.connect(config=config)
        self._connection.execute("SET TimeZone = 'UTC'")
        if options.temp_mb:  # 2.0 does not heed it in the configuration
            self._connection.execute(f"SET max_temp_directory_size = '{options.temp_mb}MB'")
        # In 2.0 this one fails where the least of an expression over a row's number are taken, as samples are.
        self._connection.execute("SET disabled_optimizers = 'late_materialization'")
        # Without the first nothing is known of progress; without the second it is printed among our own output.
        self._connection.execute(f"SET enable_progress_bar = {'true' if options.progress else 'false'}")
        self._connection.execute("SET enable_progress_bar_print = false")
        self._scope: Scope | None = None
        self._reader = ""  # the text after FROM that reads files whose rows are numbered
        self._header: list[str] = []  # of a CSV file
        self._object: Any = None  # the frame, for another session to read
        self._system: Any = None
        self._sample: tuple[object, Sample] | None = None
        self._others = 0

    @property
    def scope(self) -> Scope:
        """The view of the source, with its columns."""
        assert self._scope is not None
        return self._scope

    def bind(self) -> None:
        """Make the source a view, after bringing text formats into a Parquet file that is read many times cheaply."""
        source = self.source
        if source.form is Form.FRAME:
            self._bind_frame()
            return
        if source.form is Form.DELTA:
            self._object = reading.delta(source)
            self._scope = self._registered("mlscore source", self._object, self._object.schema.names)
            return
        found = reading.files(source)
        if found.file_system is not None:
            self._system = found.file_system
            self._connection.register_filesystem(self._system)
        if found.several:
            # The list is made once: a file that is gone later is an error then, and not a smaller table.
            found = found.pinned(self._listed(found))
        self._reader = found.reader() if source.form is Form.PARQUET else self._settled(found)
        self._scope = self._view(self._connection, "mlscore source")

    def _bind_frame(self) -> None:
        given = self.source.frame
        lazy = type(given).__module__.startswith("polars") and type(given).__name__ == "LazyFrame"
        if not lazy:
            given = reading.frame(self.source)
        if not lazy and not hasattr(given, "read_next_batch"):
            self._object = given
            self._scope = self._registered("mlscore source", given, given.schema.names)
            return
        # What can be read only once, or is only a plan so far, is brought into a file batch by batch.
        path = self._folder / "frame.parquet"
        try:
            if lazy:
                given.sink_parquet(path)
            else:
                with need("pyarrow.parquet").ParquetWriter(path, given.schema) as writer:
                    for batch in given:
                        writer.write_batch(batch)
        except Exception as error:
            what = redact(f"{type(error).__name__}: {str(error)[:200]}")
            raise InputError(f"its rows cannot be had: {what}", where=self.source.label) from None
        self._reader = reading.Files(Form.PARQUET, string(str(path)), several=False).reader()
        self._scope = self._view(self._connection, "mlscore source")

    def _registered(self, view: str, frame: Any, names: Sequence[str], connection: Any = None) -> Scope:
        """An Arrow frame as a view whose columns are numbered where their names are twins to DuckDB, which ignores case."""
        connection = connection or self._connection
        if not names:
            raise InputError("it has no columns", where=self.source.label, hint="give a table with columns")
        connection.register(f"{view} frame", frame)
        self._refuse_twice(names)
        plain = len({name.casefold() for name in names}) == len(names) and all(names)
        inner = {} if plain else {name: f"c{number}" for number, name in enumerate(names)}
        listed = f"({', '.join(inner.values())})" if inner else ""
        self._ask(f"CREATE VIEW {identifier(view)}{listed} AS SELECT * FROM {identifier(f'{view} frame')}", connection)
        return self._described(connection, view, names, inner)

    def _refuse_twice(self, names: Sequence[str]) -> None:
        twice = next((name for name, often in Counter(names).items() if often > 1), None)
        if twice is not None:
            raise InputError(f"two columns are named {twice!r}", where=self.source.label, hint="rename one of them")

    def _view(self, connection: Any, view: str) -> Scope:
        self._ask(f"CREATE VIEW {identifier(view)} AS SELECT * FROM {self._reader}", connection)
        names = [row[0] for row in self._ask(f"DESCRIBE {identifier(view)}", connection)]
        given = self._names_in_file(names) if any(_numbered(name) for name in names) else names
        self._refuse_twice(given)
        inner = {outer: name for outer, name in zip(given, names, strict=True) if outer != name}
        return self._described(connection, view, given, inner)

    def _described(self, connection: Any, view: str, names: Sequence[str], inner: dict[str, str]) -> Scope:
        rows = self._ask(f"DESCRIBE {identifier(view)}", connection)
        columns = tuple(Column(name, kind_of(row[1]), row[1]) for name, row in zip(names, rows, strict=True))
        return Scope(identifier(view), columns, self.source.label, inner)

    def _names_in_file(self, names: Sequence[str]) -> Sequence[str]:
        """The columns' own names where DuckDB numbered twins such as `a` and `A`; as they are where files are many."""
        if self._header:
            return self._header if len(self._header) == len(names) else names
        literal = self._reader.partition("(")[2].rpartition(", hive_partitioning = false")[0]
        if not literal:
            return names
        rows = self._ask(f"SELECT name, num_children FROM parquet_schema({literal})", self._connection)
        own: list[str] = []
        skip = 0
        for name, children in rows[1:]:  # the first row is the schema itself
            if skip:
                skip += (children or 0) - 1
                continue
            own.append(name)
            skip = children or 0
        return own if len(own) == len(names) else names

    def _settled(self, found: reading.Files) -> str:
        """Text read once into a Parquet file, the text after FROM that reads that."""
        path = self._folder / "settled.parquet"
        names = found.names
        sign = None
        if found.form is Form.CSV:
            header = reading.first_line(names, found.file_system)
            if not header.strip():
                raise InputError("the file is empty: it has not even a header", where=self.source.label)
            sign = reading.delimiter(self.source, header)
            self._header = reading.fields(header, sign) if not found.several else []
        columns = 1
        for whole in (False, True):
            reader = found.reader(delimiter=sign, whole=whole)
            try:
                columns = max(1, len(self._ask(f"DESCRIBE SELECT * FROM {reader}", self._connection)))
                group = max(2_048, min(122_880, _GROUP_CELLS // columns))
                self.run(
                    f"COPY (SELECT * FROM {reader}) TO {string(str(path))} (FORMAT parquet, ROW_GROUP_SIZE {group})",
                    "reading text",
                )
                break
            except InputError as error:
                where = next(
                    (w for n in names if not found.file_system and sign and (w := reading.ragged(n, sign))), None
                )
                if where:
                    raise InputError(where, where=self.source.label, hint="mend the line, or quote the field") from None
                if whole or "convert" not in str(error).lower():
                    raise
        return reading.Files(Form.PARQUET, string(str(path)), several=False).reader()

    def _listed(self, found: reading.Files) -> list[str]:
        names = sorted(row[0] for row in self._ask(f"SELECT file FROM glob({found.literal})", self._connection))
        if not names:
            raise InputError("no file is there", where=self.source.label, hint="mend the path or the glob")
        return names

    def run(self, sql: str, what: str) -> list[Row]:
        """The rows of a query. Raises InputError and UsageError as the base class says."""
        with Watch(self._connection, self.options, what):
            return self._ask(sql, self._connection)

    def _ask(self, sql: str, connection: Any) -> list[Row]:
        try:
            found: list[Row] = connection.execute(sql).fetchall()
        except Exception as error:
            if connection is self._connection and out_of_memory(error) and self._fewer_threads():
                return self._ask(sql, connection)
            by_signal = type(error) is RuntimeError and str(error) == "Query interrupted"
            if by_signal or type(error).__name__ == "InterruptException":  # the watch's interrupts say why themselves
                raise KeyboardInterrupt from None
            raise explained(error, self.source, self.options) from None
        return found

    def _fewer_threads(self) -> bool:
        """Halve the threads of the session, for each needs memory of its own that cannot be spilled; False with one."""
        threads = int(self._connection.execute("SELECT current_setting('threads')").fetchall()[0][0])
        if threads > 1:
            self._connection.execute(f"SET threads = {threads // 2}")
        return threads > 1

    def batches(self, sql: str, what: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query in Arrow batches."""
        with Watch(self._connection, self.options, what):
            try:
                reader = self._connection.sql(sql).to_arrow_reader(100_000)
                empty = True
                for batch in reader:
                    empty = False
                    yield batch
                if empty:
                    yield from reader.schema.empty_table().to_batches() or [_no_rows(reader.schema)]
            except Exception as error:
                raise explained(error, self.source, self.options) from None

    def numbered(self) -> Scope:
        """Rows by their number in the file, and by the files before it; by their order in a frame."""
        names = {column.name.casefold() for column in self.scope.columns}
        if not self._reader or names & set(_VIRTUAL):
            return super().numbered()
        if "union_by_name" in self._reader:
            sql = f"SELECT file_index, COUNT(*) FROM {self._reader} GROUP BY file_index ORDER BY file_index"
            before, starts = 0, []
            for _, rows in self.run(sql, "numbering rows"):
                starts.append(str(before))
                before += rows
            number = f"CAST([{', '.join(starts)}] AS BIGINT[])[CAST(file_index AS BIGINT) + 1] + file_row_number"
        else:
            number = "file_row_number"
        return self.scope.over(f"(SELECT *, {number} AS {identifier(self.scope.row)} FROM {self._reader}) AS numbered")

    def sampled(self, rows: int, seed: int, columns: Sequence[str]) -> Sample:
        """Rows whose numbers have the smallest hashes; kept until another sample is drawn."""
        scope = self.scope
        size = sample_size(rows, len(columns))
        asked = (size, seed, tuple(columns))
        if self._sample and self._sample[0] == asked:
            return self._sample[1]
        total = int(self.run(f"SELECT COUNT(*) FROM {scope.relation}", "counting rows")[0][0])
        listed = ", ".join(scope.sql(name) for name in columns)
        if not columns or (total <= size and len(scope.columns) <= _WIDE):
            drawn = Sample(scope, total, True)
        elif total <= size:  # every query on a wide view plans all of its columns
            self.run(
                f'CREATE OR REPLACE TEMP TABLE "mlscore sample" AS SELECT {listed} FROM {scope.relation}', "reading"
            )
            drawn = Sample(scope.over('"mlscore sample"'), total, True)
        else:
            numbered = self.numbered()
            hashed = f"HASH({identifier(self.scope.row)}, {seed})"
            share = min(1.0, (size + 6 * size**0.5) / total)
            self.run(
                f'CREATE OR REPLACE TEMP TABLE "mlscore sample" AS SELECT {listed} FROM {numbered.relation} '
                f"WHERE {hashed} < {int(share * 2**64)} ORDER BY {hashed} LIMIT {size}",
                "drawing a sample",
            )
            got = int(self.run('SELECT COUNT(*) FROM "mlscore sample"', "drawing a sample")[0][0])
            drawn = Sample(scope.over('"mlscore sample"'), got, False)
        self._sample = (asked, drawn)
        return drawn

    def beside(self, other: Engine) -> Scope | None:
        """Another DuckDB source as a view in this session."""
        if not isinstance(other, DuckDBEngine):
            return None
        if other is self:
            return self.scope
        self._others += 1
        view = f"mlscore other {self._others}"
        if other._object is not None:
            return other._registered(view, other._object, other._object.schema.names, self._connection)
        if other._system is not None and not any(
            self._connection.filesystem_is_registered(name) for name in _protocols(other._system)
        ):
            self._connection.register_filesystem(other._system)
        return other._view(self._connection, view)

    def close(self) -> None:
        """Close the session and remove its folder."""
        self._connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _numbered(name: str) -> bool:
    """Whether DuckDB may have made this name by numbering a twin."""
    return name.rpartition("_")[2].isdigit()


def _protocols(system: Any) -> tuple[str, ...]:
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


def _no_rows(schema: Any) -> Any:
    arrow = need("pyarrow")
    return arrow.RecordBatch.from_arrays([arrow.array([], field.type) for field in schema], schema=schema)

"""The engine on Spark: the same queries as Spark SQL over a temporary view, no function of Python's among them."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from mlscore.errors import InputError
from mlscore.tables.dialects import translate
from mlscore.tables.engines import spark_session
from mlscore.tables.engines.base import Engine, Row, Sample, sample_size
from mlscore.tables.engines.spark_errors import explained
from mlscore.tables.engines.spark_plan import planned
from mlscore.tables.engines.watch import Watch
from mlscore.tables.extras import need
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import Column, Kind, TableOptions
from mlscore.tables.sources import Form, Source

if TYPE_CHECKING:
    import pyarrow as pa

_NATIVE = {
    Kind.INTEGER: "byte,short,integer,long,tinyint,smallint,int,bigint",
    Kind.NUMBER: "float,double,decimal",
    Kind.BOOLEAN: "boolean",
    Kind.TEXT: "string,char,varchar",
    Kind.DATE: "date",
    Kind.DATETIME: "timestamp,timestamp_ntz",
    Kind.BINARY: "binary",
    Kind.NESTED: "array,map,struct,variant",
}
_KINDS = {native: kind for kind, names in _NATIVE.items() for native in names.split(",")}
T = TypeVar("T")
_ROWS = 10_000  # rows of a batch
_WITHIN = 2**33 - 1  # the part of Spark's row ids that counts within a partition
_READERS: dict[Form, tuple[str, dict[str, Any]]] = {
    Form.PARQUET: ("parquet", {}),
    Form.CSV: ("csv", {"header": True, "inferSchema": True, "escape": '"', "multiLine": True, "mode": "FAILFAST"}),
    Form.JSON: ("json", {"mode": "FAILFAST"}),
    Form.DELTA: ("delta", {}),
}


def open_engine(source: Source, options: TableOptions) -> SparkEngine:
    """A view in a session. Raises InputError where the source cannot be read, UsageError without the extra or Java."""
    engine = SparkEngine(source, options)
    try:
        engine.bind()
    except BaseException:
        engine.close()
        raise
    return engine


class SparkEngine(Engine):
    """Temporary views of one session, under names that nobody else has; they are dropped at the end."""

    name = "spark"
    dialect = "spark"
    estimated = ("distinct: within 4 %, HyperLogLog",)

    def __init__(self, source: Source, options: TableOptions) -> None:
        super().__init__(source, options)
        self._session: Any = None
        self._frame: Any = None
        self._scope: Scope | None = None
        self._views: list[str] = []
        self._kept: list[Any] = []
        self._drawn: dict[object, Sample] = {}

    @property
    def scope(self) -> Scope:
        """The view of the source, whose columns are numbered: Spark takes `a` and `A` for one."""
        assert self._scope is not None
        return self._scope

    def bind(self) -> None:
        """Find the session and make the source a view in it."""
        need("pyspark", "spark")
        with self._guarded("opening it"):
            frame = self._opened()
            names = list(frame.columns)
            if not names:
                raise InputError("it has no columns", where=self.source.label, hint="give a table with columns")
            if len(set(names)) < len(names):
                twice = next(name for name in names if names.count(name) > 1)
                raise InputError(f"two columns are named {twice!r}", where=self.source.label, hint="rename one of them")
            inner = {name: f"c{number}" for number, name in enumerate(names)}
            fields = frame.schema.fields
            # Where values are put into sets, -0.0 would be another value than 0.0.
            plain = [
                f"{name} + CAST(0 AS {_word(field)}) AS {name}" if _word(field) in ("float", "double") else name
                for name, field in zip(inner.values(), fields, strict=True)
            ]
            self._frame = frame.toDF(*inner.values()).selectExpr(*plain)
            columns = tuple(
                Column(name, _KINDS.get(_word(field), Kind.OTHER), field.dataType.simpleString())
                for name, field in zip(names, fields, strict=True)
            )
            self._scope = Scope(self._view(self._frame), columns, self.source.label, inner)

    def _opened(self) -> Any:
        given, location = self.source.frame, self.source.location
        if location.startswith("sc://"):
            address, _, query = location.partition("?")
            self._session = spark_session.remote(address, self.source.label)
            path = dict(parse_qsl(query)).get("path")
            return self._read(path) if path else self._session.table(self.source.table)
        if location:
            self._session = spark_session.local(self.options)
            return self._read(location, given)
        if self.source.table is not None:
            self._session = given
            return given.table(self.source.table)
        self._session = given.sparkSession
        return given

    def _read(self, path: str, form: Form | None = None) -> Any:
        """Files as Spark reads them; a local path is made absolute, for Spark has a working folder of its own."""
        reader, options = _READERS[form or Form.PARQUET]
        if "://" not in path and form is not None:
            path = str(Path(path).absolute())
        if form is Form.CSV and self.source.location.lower().split(".gz")[0].endswith(".tsv"):
            options = {**options, "sep": "\t"}
        with spark_session.settled(self._session):
            return self._session.read.format(reader).options(**options).load(path)

    def _view(self, frame: Any) -> str:
        name = f"mlscore_{uuid.uuid4().hex}"
        frame.createOrReplaceTempView(name)
        self._views.append(name)
        return f'"{name}"'

    @contextmanager
    def _guarded(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            raise explained(error, self.source, self.options, what) from None

    def _done(self, what: str, work: Callable[[], T]) -> T:
        """The work's result, watched; failures are explained."""
        tagged = spark_session.Tagged(self._session, f"mlscore-{uuid.uuid4().hex}")
        with Watch(tagged, self.options, what), self._guarded(what):
            return tagged.do(work)

    def run(self, sql: str, what: str) -> list[Row]:
        """The rows of a query."""

        def work() -> list[Row]:
            asked, restore = planned(sql)
            frame = self._session.sql(translate(asked, self.dialect))
            read = _reading(frame)
            return [restore(read(row)) for row in frame.collect()]

        return self._done(what, work)

    def batches(self, sql: str, what: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query, brought here a partition at a time."""
        arrow = need("pyarrow")
        tagged = spark_session.Tagged(self._session, f"mlscore-{uuid.uuid4().hex}")
        watch = Watch(tagged, self.options, what)
        with watch, self._guarded(what), tagged, spark_session.settled(self._session):
            frame = self._session.sql(translate(sql, self.dialect))
            fields = frame.schema.fields
            types = [_arrow_type(arrow, field.dataType) for field in fields]
            schema = arrow.schema([(f"c{number}", of) for number, of in enumerate(types)])
            read = _reading(frame)
            rows = map(read, frame.toLocalIterator())
            empty = True
            while (some := list(itertools.islice(rows, _ROWS))) or empty:
                empty = False
                cells = zip(*some, strict=True) if some else ([] for _ in types)
                arrays = [arrow.array(list(values), of) for values, of in zip(cells, types, strict=True)]
                yield arrow.RecordBatch.from_arrays(arrays, schema=schema)

    def numbered(self) -> Scope:
        """Rows by their number within a partition and by the partitions before it: one look at how many each has."""
        scope = self.scope
        sql = f"SELECT p, COUNT(*) FROM (SELECT SPARK_PARTITION_ID() AS p FROM {scope.relation}) AS rows GROUP BY p"
        counted = {int(partition): int(rows) for partition, rows in self.run(sql, "numbering rows")}
        starts = [0, *itertools.accumulate(counted.get(p, 0) for p in range(max(counted, default=0) + 1))]
        listed = ", ".join(f"{start}L" for start in starts)
        place = f"MONOTONICALLY_INCREASING_ID() & {_WITHIN}L"
        number = f"ELEMENT_AT(ARRAY({listed}), SPARK_PARTITION_ID() + 1) + ({place})"
        with self._guarded("numbering rows"):
            return scope.over(self._view(self._frame.selectExpr("*", f"{number} AS `{scope.row}`")))

    def sampled(self, rows: int, seed: int, columns: Sequence[str]) -> Sample:
        """Rows whose places have the smallest hashes, kept by the executors until the table is closed."""
        scope = self.scope
        size = sample_size(rows, len(columns))
        asked = (size, seed, tuple(columns))
        if asked in self._drawn:
            return self._drawn[asked]
        total = int(self.run(f"SELECT COUNT(*) FROM {scope.relation}", "counting rows")[0][0])
        if total <= size or not columns:
            drawn = Sample(scope, total, True)
        else:
            share = min(1.0, (size + 6 * size**0.5) / total)
            limit = min(2**63 - 1, int(share * 2**64) - 2**63)
            listed = ", ".join(f"`{scope.inner[name]}`" for name in columns)
            hashed = f"XXHASH64(MONOTONICALLY_INCREASING_ID(), {seed % 2**31})"
            query = (
                f"SELECT {listed} FROM (SELECT {listed}, {hashed} AS h FROM {scope.relation.replace(chr(34), '`')}) "
                f"WHERE h <= {limit}L ORDER BY h LIMIT {size}"
            )

            def work() -> Sample:
                frame = self._session.sql(query).persist()
                self._kept.append(frame)
                got = int(frame.count())
                return Sample(scope.over(self._view(frame)), got, False)

            drawn = self._done("drawing a sample", work)
        self._drawn[asked] = drawn
        return drawn

    def beside(self, other: Engine) -> Scope | None:
        """Another table of the same session."""
        return other.scope if isinstance(other, SparkEngine) and other._session is self._session else None

    def close(self) -> None:
        """Drop the views and what is kept; the session lives on."""
        for frame in self._kept:
            with suppress(Exception):
                frame.unpersist()
        for name in self._views:
            with suppress(Exception):
                self._session.catalog.dropTempView(name)
        self._kept, self._views = [], []


def _word(field: Any) -> str:
    return str(field.dataType.simpleString()).partition("(")[0].partition("<")[0]


def _reading(frame: Any) -> Callable[[Any], Row]:
    """What makes a tuple of a row. Spark gives times with a zone in this machine's zone, without saying so."""
    zoned = [number for number, field in enumerate(frame.schema.fields) if _word(field) == "timestamp"]
    if not zoned:
        return tuple

    def read(row: Any) -> Row:
        cells = list(row)
        for number in zoned:
            if isinstance(cells[number], datetime):
                cells[number] = cells[number].astimezone(UTC)
        return tuple(cells)

    return read


def _arrow_type(arrow: Any, of: Any) -> Any:
    """The Arrow type of a Spark type. Raises InputError for one that Arrow has no like of."""
    name = str(of.simpleString()).partition("(")[0].partition("<")[0]
    plain = {
        "tinyint": arrow.int8(),
        "smallint": arrow.int16(),
        "int": arrow.int32(),
        "bigint": arrow.int64(),
        "float": arrow.float32(),
        "double": arrow.float64(),
        "boolean": arrow.bool_(),
        "string": arrow.string(),
        "char": arrow.string(),
        "varchar": arrow.string(),
        "binary": arrow.binary(),
        "date": arrow.date32(),
        "timestamp": arrow.timestamp("us", tz="UTC"),
        "timestamp_ntz": arrow.timestamp("us"),
        "void": arrow.null(),
    }
    if name in plain:
        return plain[name]
    if name == "decimal":
        return arrow.decimal128(of.precision, of.scale)
    if name == "array":
        return arrow.list_(_arrow_type(arrow, of.elementType))
    if name == "map":
        return arrow.map_(_arrow_type(arrow, of.keyType), _arrow_type(arrow, of.valueType))
    if name == "struct":
        return arrow.struct([(field.name, _arrow_type(arrow, field.dataType)) for field in of.fields])
    raise InputError(f"a value of Spark's type {name} cannot be brought here", hint="cast the column to text")

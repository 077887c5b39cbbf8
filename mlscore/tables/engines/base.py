"""What a Table asks of whatever holds the rows. A new engine is one module here and its line in the conformance suite."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.errors import OutputError
from mlscore.tables.extras import need
from mlscore.tables.queries.quote import identifier
from mlscore.tables.queries.scope import Scope
from mlscore.tables.shapes import TableOptions
from mlscore.tables.sources import Source

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Any, ...]
CELLS = 8_000_000  # a sample holds at most about so many values: of very wide tables fewer rows


@dataclass(frozen=True, slots=True)
class Sample:
    """A relation of `rows` rows drawn from a table; `whole`: it holds every row."""

    scope: Scope
    rows: int
    whole: bool


class Engine(ABC):
    """Rows somewhere, and a session in UTC that answers SQL.

    All SQL it is given is DuckDB's; an engine of another dialect carries it over with `mlscore.tables.dialects`.
    Every failure is raised as an InputError (the source is wrong) or a UsageError (a limit was met), without
    credentials and not chained to the library's own exception, which may hold them.
    """

    name: str
    dialect: str
    searches = False  # whether HISTOGRAM(value, edges) is there, faster than comparisons where edges are many
    estimated: tuple[str, ...] = ()

    def __init__(self, source: Source, options: TableOptions) -> None:
        self.source = source
        self.options = options

    @property
    @abstractmethod
    def scope(self) -> Scope:
        """The relation with its columns."""

    @abstractmethod
    def run(self, sql: str, what: str) -> list[Row]:
        """The rows of a query; `what` tells a person what is being done."""

    @abstractmethod
    def batches(self, sql: str, what: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query as Arrow batches, at least one, never all of them in memory at once."""

    @abstractmethod
    def sampled(self, rows: int, seed: int, columns: Sequence[str]) -> Sample:
        """At most `rows` rows drawn evenly from all, with these columns at least.

        The same seed draws the same rows of the same data.
        """

    @abstractmethod
    def beside(self, other: Engine) -> Scope | None:
        """The other engine's relation, in this engine's session; None where its rows must be brought here as a file."""

    def numbered(self) -> Scope:
        """The relation with one column more, which numbers the rows from 0 in the order in which they are stored."""
        scope = self.scope
        number = f"ROW_NUMBER() OVER () - 1 AS {identifier(scope.row)}"
        return scope.over(f"(SELECT *, {number} FROM {scope.relation}) AS numbered")

    def close(self) -> None:
        """Give back what the session holds; the engine cannot be asked any more."""
        return

    def export(self, path: Path, what: str) -> None:
        """Write all rows as a Parquet file. Raises OutputError where it cannot be written."""
        parquet = need("pyarrow.parquet")
        names = [column.name for column in self.scope.columns]
        listed = ", ".join(self.scope.sql(name) for name in names)
        writer = None
        try:
            for batch in self.batches(f"SELECT {listed} FROM {self.scope.relation}", what):
                named = batch.rename_columns(names)
                writer = writer or parquet.ParquetWriter(path, named.schema)
                writer.write_batch(named)
        except OSError as error:
            raise OutputError(f"cannot be written: {error.strerror}", where=path, hint="make room") from None
        finally:
            if writer is not None:
                writer.close()


def sample_size(rows: int, columns: int) -> int:
    """How many rows a sample of so many columns may have where `rows` are wanted."""
    return max(0, min(rows, max(1_000, CELLS // max(1, columns))))

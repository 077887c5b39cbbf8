"""What DuckDB reads a source with: the text after FROM for files, an Arrow object for frames and Delta tables."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mlscore.errors import InputError, UsageError
from mlscore.project.redact import redact
from mlscore.tables.extras import need
from mlscore.tables.queries.quote import string
from mlscore.tables.sources import Form, Source

_PATTERNS = {Form.PARQUET: "*.parquet", Form.CSV: "*.csv*", Form.JSON: "*.json*"}
_HEADER = 1 << 20  # bytes in which a header ends
_DELIMITERS = ",;\t|"
_FILE_SYSTEMS = {"s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}


@dataclass(frozen=True, slots=True)
class Files:
    """Files of one form as a literal for DuckDB's readers; `several`: a glob or folder, whose files may differ."""

    form: Form
    literal: str
    several: bool
    file_system: Any = None
    names: tuple[str, ...] = ()

    def pinned(self, names: Sequence[str]) -> Files:
        """These files and no others."""
        return replace(self, literal=f"[{', '.join(map(string, names))}]", names=tuple(names))

    def reader(self, *, delimiter: str | None = None, whole: bool = False) -> str:
        """The table function that reads them; `whole`: types are told by all rows and not by the first ones."""
        options = (
            ["union_by_name = true", "hive_partitioning = true"] if self.several else ["hive_partitioning = false"]
        )
        if self.form is Form.PARQUET:
            # Statistics in a file say nothing of NaN: by default DuckDB takes them to say that there is none.
            return f"read_parquet({self.literal}, {', '.join(options)}, can_have_nan = true)"
        if whole:
            options.append("sample_size = -1")
        if self.form is Form.JSON:
            return f"read_json({self.literal}, {', '.join(options)})"
        # Nothing but types is left to guess: a guessed dialect reads ragged lines as something else.
        options += [f"delim = {string(delimiter or ',')}", "header = true", "skip = 0", "quote = '\"'", "escape = '\"'"]
        return f"read_csv({self.literal}, {', '.join(options)}, comment = '', strict_mode = true)"


def files(source: Source) -> Files:
    """The files of a source. Raises InputError where they are not there, UsageError where a package is missing."""
    if source.scheme:
        system = file_system(source)
        location = source.location
        folder = location.endswith("/") or "." not in location.rpartition("/")[2]
        several = folder or any(sign in location for sign in "*?[")
        literal = f"{location.rstrip('/')}/**/{_PATTERNS[source.form]}" if folder else location
        return Files(source.form, string(literal), several, system, () if several else (location,))
    path = Path(source.location)
    if path.is_dir():
        return Files(source.form, string(f"{_literally(str(path))}/**/{_PATTERNS[source.form]}"), several=True)
    if path.exists():
        return Files(source.form, string(_literally(source.location)), several=False, names=(source.location,))
    if not any(sign in source.location for sign in "*?["):
        raise InputError("there is no such file or folder", where=source.label, hint="mend the path")
    return Files(source.form, string(source.location), several=True)


def _literally(path: str) -> str:
    """A path in which signs of globs stand for themselves."""
    return re.sub(r"([*?\[])", r"[\1]", path)


def file_system(source: Source) -> Any:
    """fsspec's file system of a URL. Raises UsageError where its package is missing, InputError for an unknown scheme."""
    fsspec = need("fsspec", package="fsspec")
    try:
        system = fsspec.filesystem(source.scheme, **source.storage)
        system.invalidate_cache()  # what was listed earlier may have changed
    except ImportError:
        package = _FILE_SYSTEMS.get(source.scheme, f"the fsspec file system of {source.scheme}://")
        raise UsageError(f"{source.scheme}:// needs a file system", hint=f"pip install {package}") from None
    except ValueError:
        raise InputError(
            f"{source.scheme}:// is not known", where=source.label, hint="give a path or a known URL"
        ) from None
    except Exception as error:
        what = redact(f"{type(error).__name__}: {error}", source.secrets)
        raise InputError(f"the object store cannot be reached: {what}", where=source.label) from None
    return system


def first_line(found: Sequence[str], system: Any) -> str:
    """The header of the first file."""
    with system.open(found[0], "rb") if system else open(found[0], "rb") as raw:
        if found[0].endswith(".gz"):
            with gzip.open(raw) as unpacked:
                line: bytes = unpacked.read(_HEADER)
        elif found[0].endswith(".zst"):
            line = need("pyarrow").CompressedInputStream(raw, "zstd").read(_HEADER)
        else:
            line = raw.read(_HEADER)
    return line.split(b"\n")[0].decode("utf-8-sig", errors="replace")


def delimiter(source: Source, header: str) -> str | None:
    """What parts the fields, told by the header outside quotes; None where a header has one field."""
    if source.location.lower().removesuffix(".gz").removesuffix(".zst").endswith(".tsv"):
        return "\t"
    bare = re.sub(r'"[^"]*"', "", header)
    counted = [(bare.count(sign), sign) for sign in _DELIMITERS]
    most, sign = max(counted, key=lambda pair: pair[0])
    return sign if most else None


def fields(header: str, sign: str | None) -> list[str]:
    """The names in a header; empty where they go on in the next line."""
    import csv

    try:
        return next(csv.reader([header], delimiter=sign or ",", strict=True), [])
    except csv.Error:
        return []


def ragged(path: str, sign: str) -> str | None:
    """Where a CSV file first has another number of fields than its header, in words; None where it has none."""
    import csv

    opener = gzip.open if path.endswith(".gz") else open
    try:
        with opener(path, "rt", encoding="utf-8", errors="replace", newline="") as stream:
            reader = csv.reader(stream, delimiter=sign)
            header = next(reader, [])
            for row in reader:
                if row and len(row) != len(header):
                    fields = f"{len(row)} field{'' if len(row) == 1 else 's'}"
                    return f"line {reader.line_num} has {fields}, the header has {len(header)}"
    except (OSError, csv.Error):
        return None
    return None


@contextmanager
def _zones_heeded() -> Iterator[None]:
    """Arrow takes the zones of Python's times into account inside; else they would be moved by hours, silently.

    Importing Spark's pandas or pandera's parts for it sets the variable for the whole process.
    """
    before = os.environ.pop("PYARROW_IGNORE_TIMEZONE", None)
    try:
        yield
    finally:
        if before is not None:
            os.environ["PYARROW_IGNORE_TIMEZONE"] = before


def frame(source: Source) -> Any:
    """A frame as Arrow, not copied where Arrow can help it; pandas' NaN is missing.

    Raises InputError for what Arrow cannot hold.
    """
    arrow = need("pyarrow")
    given = source.frame
    module = type(given).__module__.partition(".")[0]
    try:
        if module == "pandas":
            if type(given).__name__ == "Series":
                given = given.to_frame()
            with _zones_heeded():
                return arrow.Table.from_pandas(given, preserve_index=False)
        if module == "polars":
            if type(given).__name__ == "Series":
                given = given.to_frame()
            return given.to_arrow()
        if isinstance(given, arrow.RecordBatch):
            return arrow.Table.from_batches([given])
        if isinstance(given, (arrow.Table, arrow.RecordBatchReader)) or hasattr(given, "scanner"):
            return given
        with _zones_heeded():
            return arrow.table(dict(given))
    except Exception as error:
        # Arrow quotes the value it stumbled over, and a value may be somebody's name: only the column is passed on.
        column = re.search(r"for column (.+?) with type", str(error))
        names = [str(name) for name in getattr(given, "columns", ())]
        twice = next((name for name in names if names.count(name) > 1), None)
        what = f"the column {column[1]!r} holds values of several types" if column else type(error).__name__
        what = what if twice is None else f"two columns are named {twice!r}"
        raise InputError(
            f"it cannot be read as Arrow: {what}", where=source.label, hint="give each column one type"
        ) from None


def delta(source: Source) -> Any:
    """A Delta table's newest version as an Arrow dataset. Raises InputError where it cannot be read."""
    deltalake = need("deltalake", package="deltalake")
    try:
        table = deltalake.DeltaTable(source.location, storage_options=_delta_storage(source) or None)
        return table.to_pyarrow_dataset()
    except Exception as error:
        what = redact(f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}", source.secrets)
        raise InputError(f"the Delta table cannot be read: {what}", where=source.label) from None


def _delta_storage(source: Source) -> dict[str, str]:
    """The object store's options under the names that deltalake gives them."""
    names = {"key": "AWS_ACCESS_KEY_ID", "secret": "AWS_SECRET_ACCESS_KEY", "endpoint_url": "AWS_ENDPOINT_URL"}
    found = {names.get(name, name): str(value) for name, value in source.storage.items() if isinstance(value, str)}
    if found.get("AWS_ENDPOINT_URL", "").startswith("http://"):
        found["AWS_ALLOW_HTTP"] = "true"
    return found

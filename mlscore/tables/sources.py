"""What a user gives as data: a path, a glob, a folder, a URL or a frame; recognised here, read by an engine."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mlscore.errors import InputError
from mlscore.project.redact import HIDDEN, redact


class Form(StrEnum):
    """In what form the rows are there."""

    PARQUET = "parquet"
    CSV = "csv"
    JSON = "json"
    DELTA = "delta"
    FRAME = "frame"
    POSTGRES = "postgres"
    SPARK = "spark"


_ENDINGS = {
    ".parquet": Form.PARQUET,
    ".pq": Form.PARQUET,
    ".csv": Form.CSV,
    ".tsv": Form.CSV,
    ".jsonl": Form.JSON,
    ".ndjson": Form.JSON,
    ".json": Form.JSON,
}
_PACKED = (".gz", ".zst")
_FRAMES = ("pandas", "polars", "pyarrow")


@dataclass(frozen=True, slots=True)
class Source:
    """One table's rows: where they are, in what form, and which engine reads them; `str()` never shows credentials."""

    form: Form
    location: str = field(repr=False)
    label: str
    frame: Any = field(default=None, repr=False, compare=False)
    storage: Mapping[str, Any] = field(default_factory=dict, repr=False)
    table: str | None = None

    def __str__(self) -> str:
        return self.label

    @property
    def engine(self) -> str:
        """The name of the engine that reads it."""
        return {Form.POSTGRES: "postgres", Form.SPARK: "spark"}.get(self.form, "duckdb")

    @property
    def in_files(self) -> bool:
        """Whether it is in files that more than one engine can read."""
        return self.form in (Form.PARQUET, Form.CSV, Form.JSON, Form.DELTA)

    @property
    def scheme(self) -> str:
        """`s3`, `gs`, ... of an object store's URL; empty for a local path."""
        return self.location.partition("://")[0].lower() if "://" in self.location else ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that must not appear in any message: the password and other secrets in the URL, options of the storage."""
        found = [str(value) for value in self.storage.values() if isinstance(value, str) and len(value) > 3]
        if "://" in self.location:
            parts = _split(self.location, self.label)
            found += [password for password in (parts.password, unquote(parts.password or "")) if password]
            found += [value for name, value in parse_qsl(parts.query) if HIDDEN in redact(f"?{name}={value}")]
        return tuple(dict.fromkeys(found))


def read_source(given: object, *, storage: Mapping[str, Any] | None = None, engine: str | None = None) -> Source:
    """Recognise what a user gave: a path, glob, folder, URL, frame, a Source, or a function that returns one of these.

    A pair is a connection and the name of a table: SQLAlchemy's Engine or Connection, or a Spark session. `engine`
    "spark" lets Spark read a path or URL. `storage` is handed to the object store's file system (fsspec). Raises
    InputError where nothing fits.
    """
    if engine is not None:
        return _with_engine(read_source(given, storage=storage), engine)
    if isinstance(given, Source):
        return given
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str):
        return _connected(*given)
    if isinstance(given, (str, os.PathLike)):
        return _located(os.fspath(given), storage or {})
    module = type(given).__module__.partition(".")[0]
    if module == "pyspark":
        return Source(Form.SPARK, "", "a Spark frame", frame=given)
    if module in _FRAMES:
        return Source(Form.FRAME, "", f"a {module} {type(given).__name__}", frame=given)
    if isinstance(given, Mapping):
        return Source(Form.FRAME, "", "columns given as a mapping", frame=given)
    if callable(given):
        return _called(given, storage)
    raise InputError(
        f"a {type(given).__name__} is no table",
        hint="give a path, a URL, or a pandas, polars, Arrow or Spark frame",
    )


def _connected(connection: Any, table: str) -> Source:
    """A table of a connection or session that the user has opened."""
    module = type(connection).__module__.partition(".")[0]
    if module == "sqlalchemy" and type(connection).__name__ in ("Engine", "Connection"):
        url = connection.engine.url
        label = f"{table} at {redact(url.render_as_string(hide_password=True))}"
        hidden = {"password": str(url.password)} if url.password else {}
        return Source(Form.POSTGRES, "", label, frame=connection, storage=hidden, table=table)
    if module == "pyspark":
        return Source(Form.SPARK, "", f"the Spark table {table}", frame=connection, table=table)
    raise InputError(
        f"a {type(connection).__name__} with the name of a table is no source",
        hint="give an Engine or Connection of SQLAlchemy's, or a Spark session, with the table's name",
    )


def _with_engine(source: Source, engine: str) -> Source:
    """The source, read by the engine of that name. Raises InputError where it cannot."""
    if engine == source.engine:
        return source
    if engine == "spark" and source.in_files:
        return Source(Form.SPARK, source.location, source.label, frame=source.form, storage=source.storage)
    known = "duckdb, spark" if source.in_files else source.engine
    raise InputError(f"the engine {engine!r} cannot read it", where=source.label, hint=f"what can: {known}")


def _called(function: Callable[[], object], storage: Mapping[str, Any] | None) -> Source:
    name = getattr(function, "__qualname__", type(function).__name__)
    try:
        given = function()
    except Exception as error:
        raise InputError(redact(f"it failed with {type(error).__name__}: {error}"), where=f"{name}()") from None
    if given is None or (callable(given) and not hasattr(given, "columns")):
        raise InputError(f"it returned a {type(given).__name__}, not a table", where=f"{name}()")
    return read_source(given, storage=storage)


def _located(text: str, storage: Mapping[str, Any]) -> Source:
    label = redact(text)
    if not text.strip() or "\0" in text:
        raise InputError(f"{label!r} is no source of data", hint="give a path, a glob or a URL")
    scheme = text.partition("://")[0].lower() if "://" in text else ""
    if scheme in ("postgresql", "postgres") or scheme.startswith("postgresql+"):
        return Source(
            Form.POSTGRES, text, label, table=_table(text, label, "postgresql://server/database?table=schema.name")
        )
    if scheme == "sc":
        if any(name == "path" and value for name, value in parse_qsl(_split(text, label).query)):
            return Source(Form.SPARK, text, label)
        return Source(
            Form.SPARK, text, label, table=_table(text, label, "sc://server:15002/?table=catalog.schema.name")
        )
    if scheme == "file":
        return _located(unquote(text.partition("://")[2]), storage)
    if scheme == "delta" or scheme.startswith("delta+"):
        place, found = _without_user(text[6:], label) if scheme != "delta" else (text[8:], {})
        return Source(Form.DELTA, place, label, storage={**found, **storage})
    if scheme:
        text, given = _without_user(text, label)
        storage = {**given, **storage}
    try:
        form = _form(text, local=not scheme, label=label)
    except PermissionError:
        raise InputError("reading it is not permitted", where=label, hint="mend its permissions") from None
    except OSError as error:
        raise InputError(f"it cannot be read: {error.strerror}", where=label, hint="mend the path") from None
    return Source(form, text, label, storage=storage)


def _without_user(text: str, label: str) -> tuple[str, dict[str, Any]]:
    """An object store's URL without its user information, which becomes the file system's key and secret."""
    parts = _split(text, label)
    if parts.username is None:
        return text, {}
    address = text.replace(parts.netloc, parts.netloc.rpartition("@")[2], 1)
    names = {"s3": ("key", "secret"), "s3a": ("key", "secret")}.get(parts.scheme.lower(), ("username", "password"))
    given = {names[0]: unquote(parts.username), names[1]: unquote(parts.password or "")}
    return address, {name: value for name, value in given.items() if value}


def _form(text: str, *, local: bool, label: str) -> Form:
    bare = text.lower().rstrip("/")
    if not local and not bare.endswith((*_ENDINGS, *_PACKED)):
        bare = bare.partition("?")[0]  # a signed URL
    for ending in _PACKED:
        bare = bare.removesuffix(ending)
    for ending, form in _ENDINGS.items():
        if bare.endswith(ending):
            return form
    if local:
        path = Path(text)
        if (path / "_delta_log").is_dir():
            return Form.DELTA
        if path.is_dir():
            return _inside(path, label)
        if path.is_file() and not any(sign in text for sign in "*?["):
            raise InputError("the file's ending does not say what it is", where=label, hint=f"name it {_known()}")
        if not any(sign in text for sign in "*?[") and not path.exists():
            raise InputError("there is no such file or folder", where=label, hint="mend the path")
    elif text.endswith("/") or "." not in text.rpartition("/")[2]:
        return Form.PARQUET
    raise InputError("the ending does not say what the files are", where=label, hint=f"end the glob with {_known()}")


def _inside(folder: Path, label: str) -> Form:
    """The form of the files in a folder, which must all be of one."""
    try:
        found = {
            form
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(("_", "."))
            for form in [_ENDINGS.get(Path(path.name.removesuffix(".gz").removesuffix(".zst")).suffix.lower())]
            if form
        }
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", where=label, hint="mend its permissions") from None
    if len(found) == 1:
        return found.pop()
    if found:
        several = ", ".join(sorted(form.value for form in found))
        raise InputError(f"the folder holds files of several forms: {several}", where=label, hint="name one by a glob")
    raise InputError("the folder holds no data files", where=label, hint=f"they end with {_known()}")


def _known() -> str:
    return ", ".join(_ENDINGS)


def _table(text: str, label: str, example: str) -> str:
    tables = [value for name, value in parse_qsl(_split(text, label).query) if name == "table"]
    if len(tables) != 1 or not tables[0]:
        raise InputError("the URL does not name the table", where=label, hint=f"write it as {example}")
    return str(tables[0])


def _split(text: str, label: str) -> Any:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise InputError("this is not a URL", where=label, hint="mend it") from None
    return parts

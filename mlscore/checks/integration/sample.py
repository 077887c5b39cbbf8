"""A small sample put where the pipeline looks for its data: rows of a table, or what a function of the project writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.context import importable
from mlscore.checks.integration.clean import inside
from mlscore.errors import ConfigError, InputError, did_you_mean
from mlscore.project.redact import redact

if TYPE_CHECKING:
    from mlscore.checks.context import Context

ROWS = 500
_KEYS = ("rows", "to", "from", "function", "seed")
_ENDINGS = (".csv", ".tsv", ".parquet", ".jsonl", ".ndjson")


def read_sample(given: Mapping[str, Any], context: Context) -> Callable[[Path], str]:
    """How the sample is put into a folder; the text that comes back says what was put where.

    Rows come `from` a source of data, by default the training data, and are written `to` a path in the form of its
    ending. A `function`, "module:name", is called with the folder and the number of rows instead, and writes itself.
    Raises ConfigError for what does not fit.
    """
    for key in given:
        if key not in _KEYS:
            near = did_you_mean(key, _KEYS) or f"known are {', '.join(_KEYS)}"
            raise ConfigError(f'"sample" has no key "{key}"', where=context.where, hint=near)
    rows, seed = _whole(given, "rows", ROWS, 1, context), _whole(given, "seed", 0, 0, context)
    texts = {key: _text(given, key, context) for key in ("to", "from", "function")}
    function, to = texts["function"], texts["to"]
    if function is not None:
        if to is not None or texts["from"] is not None:
            hint = 'leave "to" and "from" out: the function writes'
            raise ConfigError('"sample" names a function besides', where=context.where, hint=hint)
        return lambda folder: _called(function, folder, rows, context)
    if to is None:
        hint = 'add to = "…", the path at which the pipeline looks for its data'
        raise ConfigError('"sample" does not say where it is put', where=context.where, hint=hint)
    path = inside(to, context.where)
    if not path.lower().endswith(_ENDINGS):
        hint = f"end it in one of {', '.join(_ENDINGS)}, or write it by a function"
        raise ConfigError(f'"{to}" does not say in what form rows are written', where=context.where, hint=hint)
    return lambda folder: _taken(texts["from"] or "train", path, folder, rows, seed, context)


def _whole(given: Mapping[str, Any], key: str, default: int, least: int, context: Context) -> int:
    value = given.get(key, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigError(f'"{key}" of the sample is {value!r}, not a whole number from {least}', where=context.where)
    return value


def _text(given: Mapping[str, Any], key: str, context: Context) -> str | None:
    value = given.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise ConfigError(f'"{key}" of the sample is {value!r}, not a text', where=context.where, hint="mend it")
    return value


def _taken(source: str, path: str, folder: Path, rows: int, seed: int, context: Context) -> str:
    with context.opened(source) as table:
        taken = table.sample(rows, seed)
        if taken.num_rows == 0:
            raise InputError("there is no row to take a sample of", where=str(table.source))
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    _write(taken, target)
    return f"{taken.num_rows:,} rows of {source} at {path}"


def _write(rows: Any, path: Path) -> None:
    ending = path.suffix.lower()
    if ending == ".parquet":
        import pyarrow.parquet as parquet

        parquet.write_table(rows, path)
    elif ending in (".csv", ".tsv"):
        from pyarrow import csv

        mark = "\t" if ending == ".tsv" else ","
        csv.write_csv(rows, path, csv.WriteOptions(delimiter=mark, quoting_style="needed"))
    else:
        lines = (json.dumps(row, default=str, ensure_ascii=False) for row in rows.to_pylist())
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _called(name: str, folder: Path, rows: int, context: Context) -> str:
    module, colon, function = name.partition(":")
    if not colon or not function:
        raise ConfigError(f'"{name}" names no function', where=context.where, hint='write "package.module:function"')
    with importable(context.root):
        try:
            found = getattr(import_module(module), function)
        except Exception as error:  # the project's own code
            said = redact(f"{name} cannot be imported: {type(error).__name__}: {error}")
            raise ConfigError(said, where=context.where) from None
        before = {one for one in folder.rglob("*") if one.is_file()}
        try:
            found(folder, rows)
        except Exception as error:
            said = redact(f"{name} failed: {type(error).__name__}: {error}")
            raise InputError(
                said, where=context.where, hint="it is called with the folder and the number of rows"
            ) from None
    new = sorted(one.relative_to(folder).as_posix() for one in folder.rglob("*") if one.is_file() and one not in before)
    return f"what {name} wrote{': ' + ', '.join(new[:5]) if new else ' over what was there'}"

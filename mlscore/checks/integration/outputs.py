"""What a stage made: whether it is there, new, not empty, readable, its own, and free of its folder's path."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mlscore.checks.integration.shapes import Finding, Kind, Output, Stage
from mlscore.checks.integration.swapped import swapped_columns
from mlscore.errors import InputError
from mlscore.predictors.sources import digest_of, size_of

_TABLES = (".csv", ".tsv", ".parquet", ".pq", ".jsonl", ".ndjson")
_PACKED = (".gz", ".zst")
_FINE = 2.0  # seconds to which some file systems keep times
_MOST_SEARCHED = 50_000_000  # bytes of a file in which a path is looked for


def is_table(path: Path) -> bool:
    """Whether its name says that rows are in it."""
    name = path.name.lower()
    for ending in _PACKED:
        name = name.removesuffix(ending)
    return name.endswith(_TABLES)


def judge_outputs(
    stage: Stage, place: Path, since: float, given: Mapping[str, str], folders: Sequence[Path]
) -> tuple[list[Output], list[Finding]]:
    """What the stage made in the clean folder `place`, and what is wrong with it.

    `since` is when the run began, in seconds since 1970; `given` are the digests of what the stage was given. `folders`
    are those whose paths must not stand in what it makes.
    """
    made: list[Output] = []
    found: list[Finding] = []
    for name in stage.makes:
        output, wrong = _judge(stage, name, place, since, given)
        if output is not None:
            made.append(output)
            path = place / name
            wrong += [Finding(Kind.PATH, says, stage.name) for says in _paths(name, path, folders)]
            if not wrong and output.columns:
                wrong += _swapped(stage, name, place)
        found += wrong
    return made, found


def _judge(
    stage: Stage, name: str, place: Path, since: float, given: Mapping[str, str]
) -> tuple[Output | None, list[Finding]]:
    path = place / name

    def wrong(kind: Kind, says: str) -> Finding:
        return Finding(kind, says, stage.name)

    if not path.exists():
        return None, [wrong(Kind.MISSING, f"it ended well and wrote no {name}")]
    files = list(_files(path))
    size = size_of(path)
    output = Output(name, size, digest_of(path))
    if not files or size == 0:
        what = "a folder without files" if path.is_dir() else "a file without a byte"
        return output, [wrong(Kind.EMPTY, f"{name} is {what}")]
    newest = max(one.stat().st_mtime for one in files)
    found = []
    if newest < since - _FINE:
        found.append(wrong(Kind.OLD, f"{name} is older than the run: it was copied from elsewhere, not made"))
    same = [need for need, digest in given.items() if digest == output.digest]
    if same and not stage.copies:
        says = f"{name} is the same as {same[0]}, which it was made from (write copies = true where that is right)"
        found.append(wrong(Kind.SAME, says))
    if path.is_file() and is_table(path):
        try:
            rows, columns = _table(path)
        except InputError as error:
            return output, [*found, wrong(Kind.UNREADABLE, f"{name} cannot be read as a table: {error.what}")]
        output = Output(name, size, output.digest, rows, columns)
        if rows == 0:
            found.append(wrong(Kind.EMPTY, f"{name} is a table without a row"))
    elif path.suffix.lower() == ".json" and path.is_file():
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, OSError) as error:
            found.append(wrong(Kind.UNREADABLE, f"{name} cannot be read as JSON: {error}"))
    return output, found


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from (one for one in path.rglob("*") if one.is_file())
    else:
        yield path


def _table(path: Path) -> tuple[int, tuple[str, ...]]:
    from mlscore.tables.table import open_table

    with open_table(path) as table:
        return table.count(), tuple(column.name for column in table.columns)


def _paths(name: str, path: Path, folders: Sequence[Path]) -> Iterator[str]:
    wanted = [os.fsencode(one) for one in folders]
    for file in sorted(_files(path)):
        if file.stat().st_size > _MOST_SEARCHED:
            continue
        held = file.read_bytes()
        if any(one in held for one in wanted):
            shown = name if file == path else f"{name}/{file.relative_to(path).as_posix()}"
            yield f"{shown} holds the path of the folder it was made in or of the project: elsewhere it leads nowhere"
            return


def _swapped(stage: Stage, name: str, place: Path) -> list[Finding]:
    found = []
    for need in stage.needs:
        path = place / need
        if path.is_file() and is_table(path):
            try:
                pairs = swapped_columns(path, place / name)
            except InputError:
                continue  # what cannot be read is the finding of the stage that made it
            found += [
                Finding(Kind.SWAPPED, f"{one} and {other} of {need} changed places in {name}", stage.name)
                for one, other in pairs
            ]
    return found

"""Reading pairs of an offline and an online figure: tables, rows of one's own, and the runs of MLflow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlscore.checks.online.shapes import Pair, Pairs
from mlscore.errors import InputError, did_you_mean

if TYPE_CHECKING:
    import pyarrow as pa

VERSION = "model"
_MOST_ROWS = 100_000
_SECONDS = 86_400.0
_HINT = "give a table with a row for each model: its version, its offline and its online figure"


def read_pairs(
    source: object,
    *,
    offline: str = "offline",
    online: str = "online",
    version: str | None = None,
    date: str | None = None,
    weight: str | None = None,
    experiment: str | None = None,
) -> Pairs:
    """The pairs of a history, one for each model version.

    `source` is a path (CSV, JSON lines, Parquet and the like; a folder or database of MLflow's runs; its tracking URI), a
    frame, rows as mappings or as (offline, online) or (version, offline, online), or a function that returns one of these.
    Rows of one version are one pair of their means; a version without one of the figures is counted in `lost`. Without the
    column `version` ("model" by default) each row is a version of its own; of MLflow's runs it names a parameter. `date` is
    a column of dates, `weight` one of positive numbers, such as that of users.

    Raises InputError where the source cannot be read, a column is missing, or a value is no number or date, ConfigError
    where one of several experiments has to be named.
    """
    if callable(source) and not hasattr(source, "columns"):
        source = source()
    found = None
    if isinstance(source, (str, Path)):
        from mlscore.checks.online.runs import read_runs

        found = read_runs(str(source), (offline, online), version, experiment)
    if found is not None:
        rows, lost = found
        return _grouped(rows, offline, online, lost)
    names = {"offline": offline, "online": online, "date": date, "weight": weight, "version": version}
    table, where = _table(source, names)
    return _grouped(_rows(table, names, where), offline, online, {})


def _table(source: object, names: Mapping[str, str | None]) -> tuple[pa.Table, str | None]:
    """The rows, and where they are from."""
    from mlscore.tables.table import open_table

    if not isinstance(source, (str, Path)) and not hasattr(source, "columns"):
        source = _columns(_listed(source, names), names)
    with open_table(str(source) if isinstance(source, Path) else source) as table:
        if table.count() > _MOST_ROWS:
            what = f"there are {table.count():,} rows, {_MOST_ROWS:,} the most"
            raise InputError(what, where=str(table.source), hint=_HINT)
        return table.sample(_MOST_ROWS), str(table.source) if isinstance(source, str) else None


def _listed(source: object, names: Mapping[str, str | None]) -> list[dict[str, Any]]:
    if not isinstance(source, Iterable) or isinstance(source, (bytes, Mapping)):
        raise InputError(f"a {type(source).__name__} holds no pairs", hint=_HINT)
    rows: list[dict[str, Any]] = []
    for number, one in enumerate(source, 1):
        if isinstance(one, Mapping):
            rows.append({str(key): value for key, value in one.items()})
        elif isinstance(one, (tuple, list)) and len(one) in (2, 3):
            keys = (names["version"] or VERSION, names["offline"], names["online"])[3 - len(one) :]
            rows.append({str(key): value for key, value in zip(keys, one, strict=True)})
        else:
            raise InputError(f"row {number:,} is a {type(one).__name__}, not a pair", hint=_HINT)
    return rows


def _columns(rows: list[dict[str, Any]], names: Mapping[str, str | None]) -> pa.Table:
    """The rows as a table; a column that only some of them have is empty in the others."""
    from mlscore.tables.extras import need

    arrow = need("pyarrow")
    known = dict.fromkeys([key for row in rows for key in row] or [str(names["offline"]), str(names["online"])])
    wanted = [key for key in known if key == VERSION or key in names.values()]
    made = {}
    for key in wanted or known:
        try:
            made[key] = arrow.array([row.get(key) for row in rows])
        except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError) as error:
            raise InputError(f'"{key}" holds values of several types ({error})', hint=_HINT) from None
    return arrow.table(made)


def _rows(table: pa.Table, names: Mapping[str, str | None], where: str | None) -> list[dict[str, Any]]:
    there = table.column_names
    for name in names.values():
        if name is not None and name not in there:
            hint = did_you_mean(name, tuple(there)) or f"there are {', '.join(there[:12])}"
            raise InputError(f'there is no column "{name}"', where=where, hint=hint)
    by = names["version"] or (VERSION if VERSION in there else None)
    versions = range(1, table.num_rows + 1) if by is None else table.column(by).to_pylist()
    found: list[dict[str, Any]] = [{"version": None if one is None else str(one)} for one in versions]
    for key, read in (("offline", _number), ("online", _number), ("weight", _weight), ("day", _day)):
        name = names["date" if key == "day" else key]
        if name is None:
            continue
        for row, value in zip(found, table.column(name).to_pylist(), strict=True):
            try:
                row[key] = read(value)
            except ValueError as error:
                what = f'"{name}" of "{row["version"]}" is {value!r}, {error}'
                raise InputError(what, where=where, hint="mend the row, or leave the value empty") from None
    return found


def _number(value: Any) -> float | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool):
        raise ValueError("which is no number")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError("which is no number") from None
    return number if math.isfinite(number) else None


def _weight(value: Any) -> float | None:
    number = _number(value)
    if number is not None and number < 0:
        raise ValueError("and no weight is below 0")
    return number or None


def _day(value: Any) -> float | None:
    from datetime import UTC, date, datetime

    if value is None:
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError("which is no date") from None
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp() / _SECONDS
    if isinstance(value, date):
        return float(value.toordinal() - date(1970, 1, 1).toordinal())
    raise ValueError("which is no date")


def _grouped(rows: list[dict[str, Any]], offline: str, online: str, lost: Mapping[str, int]) -> Pairs:
    """One pair for each version: the weighted means of its figures, its weights added up, its first day."""
    left = dict(lost)
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row["version"] is None:
            left["without a name"] = left.get("without a name", 0) + 1
        elif "weight" in row and row["weight"] is None:
            left["without a weight"] = left.get("without a weight", 0) + 1
        else:
            groups.setdefault(row["version"], []).append(row)
    pairs = []
    for version, own in groups.items():
        before, after = _mean(own, "offline"), _mean(own, "online")
        if before is None or after is None:
            without = [name for name, figure in ((offline, before), (online, after)) if figure is None]
            why = f"without a figure of {' and '.join(without)}"
            left[why] = left.get(why, 0) + 1
            continue
        days = [row["day"] for row in own if row.get("day") is not None]
        weight = sum(row.get("weight", 1.0) for row in own) if "weight" in own[0] else 1.0
        pairs.append(Pair(version, before, after, weight, min(days, default=None)))
    return Pairs(tuple(sorted(pairs, key=lambda pair: pair.version)), offline, online, left)


def _mean(rows: list[dict[str, Any]], key: str) -> float | None:
    there = [(row[key], row.get("weight", 1.0)) for row in rows if row.get(key) is not None]
    heavy = sum(weight for _, weight in there)
    return sum(value * weight for value, weight in there) / heavy if there else None

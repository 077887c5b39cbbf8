"""What a feature function returned, whatever it was, as columns of plain values that can be compared."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlscore.checks.feature_code.rules import absent

SINGLE = 1e-5  # relative: what two ways to the same float32 may differ by


class BadReturnError(Exception):
    """A function returned what are no features; the text says what it was."""


@dataclass(frozen=True, slots=True)
class Output:
    """Columns of values, their dtypes as text, and the index where there is one."""

    names: tuple[str, ...]
    dtypes: tuple[str, ...]
    columns: tuple[list[Any], ...]
    rows: int
    index: Any = None

    def row(self, place: int) -> tuple[Any, ...]:
        """The features of one row."""
        return tuple(column[place] for column in self.columns)


def read_output(given: Any) -> Output:
    """A frame, series, array, sparse matrix or list as an Output. Raises BadReturnError for anything else."""
    module = type(given).__module__.partition(".")[0]
    kind = type(given).__name__
    if given is None:
        raise BadReturnError("it returns nothing; a function that changes what it is given returns no features")
    if kind in ("generator", "coroutine", "async_generator", "map", "filter", "zip"):
        raise BadReturnError(f"it returns a {kind}, whose features cannot be read twice")
    if module == "polars":
        given = given.to_frame() if kind == "Series" else given.collect() if kind == "LazyFrame" else given
        names = tuple(given.columns)
        return Output(
            names, tuple(map(str, given.dtypes)), tuple(given[name].to_list() for name in names), given.height
        )
    if hasattr(given, "toarray"):
        given = given.toarray()
    if module == "pandas" and kind == "DataFrame":
        series = [given.iloc[:, place] for place in range(given.shape[1])]
        names = tuple(map(str, given.columns))
        return Output(
            names, tuple(map(_dtype, series)), tuple(one.tolist() for one in series), len(given), list(given.index)
        )
    if module == "pandas" and kind == "Series":
        name = "value" if given.name is None else str(given.name)
        return Output((name,), (_dtype(given),), (given.tolist(),), len(given), list(given.index))
    if hasattr(given, "ndim") and hasattr(given, "tolist"):
        return _array(given)
    if isinstance(given, Mapping):
        return _mapping(given)
    if isinstance(given, Sequence) and not isinstance(given, (str, bytes)):
        return _rows(given)
    raise BadReturnError(f"it returns a {kind}, which is no table of features")


def _dtype(series: Any) -> str:
    categories = getattr(series.dtype, "categories", None)
    if categories is not None:
        return f"category of {[str(one) for one in categories]}"
    return str(series.dtype)


def _array(given: Any) -> Output:
    if given.ndim == 0:
        raise BadReturnError("it returns one number for the whole batch, not features of each row")
    if given.ndim == 1:
        if given.dtype.names:
            names = tuple(given.dtype.names)
            return Output(
                names, tuple(str(given.dtype[n]) for n in names), tuple(given[n].tolist() for n in names), len(given)
            )
        return Output(("0",), (str(given.dtype),), (given.tolist(),), len(given))
    flat = given.reshape(len(given), -1) if len(given) else given.reshape(0, math.prod(given.shape[1:]))
    count = flat.shape[1]
    return Output(
        tuple(map(str, range(count))),
        (str(given.dtype),) * count,
        tuple(flat[:, place].tolist() for place in range(count)),
        len(given),
    )


def _mapping(given: Mapping[Any, Any]) -> Output:
    columns = []
    for name, column in given.items():
        values = column.tolist() if hasattr(column, "tolist") else column
        if not isinstance(values, list):
            raise BadReturnError(f"it returns a mapping whose {name!r} is a {type(column).__name__}, not a column")
        columns.append(values)
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise BadReturnError(f"it returns columns of different lengths: {sorted(lengths)}")
    names = tuple(map(str, given))
    return Output(names, tuple(map(_types, columns)), tuple(columns), lengths.pop() if lengths else 0)


def _rows(given: Sequence[Any]) -> Output:
    if all(isinstance(row, Mapping) for row in given) and len(given):
        names = tuple(dict.fromkeys(str(name) for row in given for name in row))
        columns = tuple([row.get(name) for row in given] for name in names)
    elif all(isinstance(row, (list, tuple)) for row in given) and len({len(row) for row in given}) == 1:
        columns = tuple(list(column) for column in zip(*given, strict=True))
        names = tuple(map(str, range(len(columns))))
    else:
        names, columns = ("value",), (list(given),)
    return Output(names, tuple(map(_types, columns)), columns, len(given))


def _types(values: Sequence[Any]) -> str:
    return "|".join(sorted({type(value).__name__ for value in values if not absent(value)})) or "nothing"


def same(a: Any, b: Any, tolerance: float) -> bool:
    """Whether two features agree: missing with missing, numbers within the tolerance, all else when equal."""
    if absent(a) or absent(b):
        return absent(a) and absent(b)
    if isinstance(a, (int, float)) and isinstance(b, (int, float)):
        return a == b or bool(abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-3))
    try:
        return bool(a == b)
    except (TypeError, ValueError):  # nested arrays
        return str(a) == str(b)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two outputs differ. `says` holds no value, `values` does."""

    says: str
    values: str


def difference(
    left: Output, right: Output, tolerance: float, words: tuple[str, str], places: Sequence[int] | None = None
) -> Difference | None:
    """Where the rows of `right` differ from those of `left` at `places` (by default the same rows); None where they agree.

    `words` name the two sides: "in the batch", "alone".
    """
    places = range(left.rows) if places is None else places
    if left.names != right.names:
        return Difference(f"the columns are {_listed(left.names)} {words[0]} and {_listed(right.names)} {words[1]}", "")
    if right.rows != len(places):
        return Difference(f"there are {len(places)} rows {words[0]} and {right.rows} {words[1]}", "")
    for name, dtype, mine, theirs in zip(left.names, left.dtypes, left.columns, right.columns, strict=True):
        limit = max(tolerance, SINGLE) if dtype in ("float32", "Float32") else tolerance
        for number, place in enumerate(places):
            if not same(mine[place], theirs[number], limit):
                shown = f"{brief(mine[place])} {words[0]}, {brief(theirs[number])} {words[1]}"
                return Difference(f"{name!r} differs", shown)
    return None


def brief(value: Any) -> str:
    """A value in few characters."""
    if absent(value):
        return "null"
    text = f"{value:.9g}" if isinstance(value, float) else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:6]) + ("…" if len(names) > 6 else "")

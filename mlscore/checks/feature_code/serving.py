"""Serving formats: what becomes of a batch that goes through JSON records or Parquet before the function gets it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from mlscore.checks.feature_code.rules import ColumnRule, absent
from mlscore.tables.extras import need
from mlscore.tables.shapes import Kind

FORMATS = ("json", "json-raw", "parquet")


def records(frame: Any) -> str:
    """The rows as JSON: missing values and infinities null, times ISO 8601, what JSON does not know as text."""
    columns = {str(name): frame[name].tolist() for name in frame.columns}
    rows = [{name: _plain(values[place]) for name, values in columns.items()} for place in range(len(frame))]
    return json.dumps(rows)


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple, set)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if absent(value) or (isinstance(value, float) and math.isinf(value)):
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if hasattr(value, "tolist"):
        return _plain(value.tolist())
    return value if isinstance(value, (str, int, float, bool)) else str(value)


def through(format_: str, frame: Any, rules: Sequence[ColumnRule], reader: Callable[[Any], Any] | None) -> Any:
    """The frame as the server has it: `reader` makes it of the records where there is one.

    "json" gives each column the plain dtype of its kind (int64, or float64 where one is null; float64; times; text),
    "json-raw" what pandas makes of the records, "parquet" what a file gives back.
    """
    pandas = need("pandas")
    if format_ == "parquet":
        buffer = BytesIO()
        frame.to_parquet(buffer, index=False)
        return pandas.read_parquet(BytesIO(buffer.getvalue()))
    rows = json.loads(records(frame))
    if reader is not None:
        return reader(rows)
    names = [rule.name for rule in rules]
    served = pandas.DataFrame.from_records(rows, columns=names)
    if format_ == "json-raw":
        return served
    for rule in rules:
        served[rule.name] = _typed(served[rule.name], rule)
    return served


def _typed(series: Any, rule: ColumnRule) -> Any:
    """A column as a typed request has it: the kind survives the format, the dtype does not."""
    pandas = need("pandas")
    some = bool(series.isna().any())
    match rule.kind:
        case Kind.INTEGER:
            return series.astype("float64" if some else "int64")
        case Kind.NUMBER:
            return series.astype("float64")
        case Kind.BOOLEAN:
            return series.astype("object" if some else "bool")
        case Kind.DATETIME:
            zone = getattr(rule.dtype, "tz", None)
            times = pandas.to_datetime(series, format="ISO8601", utc=zone is not None)
            return times.astype("datetime64[us]" if zone is None else "datetime64[us, UTC]")
        case Kind.DATE:
            values = [None if absent(value) else date.fromisoformat(value) for value in series.tolist()]
            return pandas.Series(values, dtype="object")
        case Kind.TEXT:
            return pandas.Series(series.tolist(), dtype=pandas.Series(["a"]).dtype)
    return series

"""A cell as engines give it, as JSON knows it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from mlscore.tables.shapes import Kind, Scalar

LONGEST = 200  # characters shown of a text


def scalar(value: Any) -> Scalar:
    """Times as ISO 8601 (those with a zone in UTC), decimals as floats, binary by its size, nested values as short text."""
    if value is None or isinstance(value, (bool, int, str)):
        return value if not isinstance(value, str) or len(value) <= LONGEST else value[: LONGEST - 1] + "…"
    if isinstance(value, (float, Decimal)):
        return float(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return f"<{len(bytes(value))} bytes>"
    return scalar(str(value))


def known(value: Any) -> float | None:
    """A finite figure, or None."""
    return float(value) if value is not None and math.isfinite(value) else None


def count(cells: Iterator[Any]) -> int:
    """The next cell, a count: some engines say null where no row was looked at."""
    return int(next(cells) or 0)


def of_text(kind: Kind, text: str) -> Scalar:
    """A value that an engine wrote as text, as its kind has it."""
    if kind is Kind.INTEGER:
        return int(text)
    if kind is Kind.NUMBER:
        return float(text)
    if kind is Kind.BOOLEAN:
        return text.lower() in ("true", "t", "1")
    if kind is Kind.DATETIME:
        return scalar(datetime.fromisoformat(text))
    return text

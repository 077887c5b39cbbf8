"""Rows as data frames for models that take categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def categorised(rows: pa.Table, columns: Sequence[str] | None = None) -> Any:
    """The rows as a data frame in which the columns, by default those of text, are categories."""
    import pyarrow as pa

    if columns is None:
        columns = [
            field.name
            for field in rows.schema
            if pa.types.is_string(field.type)
            or pa.types.is_large_string(field.type)
            or pa.types.is_dictionary(field.type)
        ]
    frame = rows.to_pandas()
    return frame.astype(dict.fromkeys(columns, "category")) if columns else frame

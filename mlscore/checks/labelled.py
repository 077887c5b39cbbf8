"""The column that is to be predicted: which one it is, and the rows that have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlscore.errors import ConfigError, InputError

if TYPE_CHECKING:
    import pyarrow as pa

    from mlscore.checks.context import Context


def label_of(context: Context) -> str:
    """The configured label. Raises ConfigError where none is."""
    if context.data.label is None:
        raise ConfigError(
            "nothing says which column is to be predicted",
            where=context.where,
            hint='add label = "…" to [tool.mlscore.data]',
        )
    return context.data.label


def labelled_rows(rows: pa.Table, label: str, what: str, least: int) -> tuple[pa.Table, list[str]]:
    """The rows with a label that is a value (no NaN or infinity), and a sentence on those without, if there are any.

    `what` names the table in the sentence. Raises InputError where fewer than `least` rows are left.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    column = rows.column(label)
    there = pc.is_valid(column)
    if pa.types.is_floating(column.type):
        there = pc.and_(there, pc.fill_null(pc.is_finite(column), False))
    kept = rows.filter(there)
    if kept.num_rows < least:
        raise InputError(f'{kept.num_rows} rows of {what} have a label "{label}", {least} the least')
    without = rows.num_rows - kept.num_rows
    return kept, [f"{without:,} rows of {what} without a label"] if without else []

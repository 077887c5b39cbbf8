"""The column that is to be predicted: which one it is, and the rows that have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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


SHOWN = 5  # classes that are named


def unknown_classes(labels: Any, classes: Sequence[object] | None) -> Counter[str]:
    """How many rows have each label that is none of the model's `classes`; none where nobody knows these.

    `labels` are an Arrow array. Both are compared as texts: a file may hold 1 where the model says "1".
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not classes:
        return Counter()
    kind = labels.type.value_type if pa.types.is_dictionary(labels.type) else labels.type
    known = {_text(one, kind) for one in classes}
    counted = {str(one["values"]): one["counts"] for one in pc.value_counts(labels.drop_null().cast(kind)).to_pylist()}
    return Counter({name: count for name, count in counted.items() if name not in known | {"nan"}})


def told(strangers: Counter[str], rows: int) -> list[str]:
    """A sentence on the rows whose label the model does not know, if there are any."""
    if not strangers:
        return []
    named = ", ".join(f'"{name}" ({count:,})' for name, count in strangers.most_common(SHOWN))
    more = f" and {len(strangers) - SHOWN} more" if len(strangers) > SHOWN else ""
    count = strangers.total()
    return [
        f"{count:,} of {rows:,} rows have a label that the model does not know, and can only be wrong: {named}{more}"
    ]


def _text(value: object, kind: Any) -> str:
    import pyarrow as pa

    try:
        return str(pa.scalar(value).cast(kind).as_py())
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError):
        return str(value)

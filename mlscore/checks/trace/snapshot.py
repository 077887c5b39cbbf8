"""Describing any value that passes between two steps: frames, arrays, tensors, lists, mappings, scalars."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

from mlscore.checks.trace.shapes import Cell, Snapshot

MOST = 60  # cells that are kept
_LONG = 200  # characters of a text


def describe(value: Any, names: Sequence[str] | None = None) -> Snapshot:
    """What a value is; `names` are the columns' names where the value has none itself."""
    form = type(value).__name__
    if hasattr(value, "detach"):
        dtype = str(value.dtype).removeprefix("torch.")
        return _array(value.detach().cpu().numpy(), f"{form}", names, dtype)
    if hasattr(value, "toarray") and hasattr(value, "nnz"):
        return _array(value.toarray(), form, names)
    if hasattr(value, "iloc") and hasattr(value, "dtypes"):
        return _frame(value, form)
    if hasattr(value, "to_pandas"):
        return _frame(value.to_pandas(), form)
    if isinstance(value, Mapping):
        return _of(form, (len(value),), list(value.values()), tuple(map(str, value)), ("object",))
    if hasattr(value, "dtype") and hasattr(value, "shape") and hasattr(value, "ravel"):
        return _array(value, form, names)
    if isinstance(value, (list, tuple)):
        return _list(value, form)
    return _of(form, (), [value], None, (form,))


def _frame(frame: Any, form: str) -> Snapshot:
    if not hasattr(frame, "columns"):  # a series
        return _of(form, tuple(frame.shape), frame.tolist(), (str(frame.name),), (str(frame.dtype),))
    columns = tuple(str(name) for name in frame.columns)
    cells = [frame.iloc[row, place] for row in range(len(frame)) for place in range(len(columns))]
    return _of(form, tuple(frame.shape), cells, columns, tuple(str(one) for one in frame.dtypes))


def _array(array: Any, form: str, names: Any, dtype: str | None = None) -> Snapshot:
    shape = tuple(int(one) for one in array.shape)
    columns = None
    if names is not None and shape and len(names) == shape[-1]:
        columns = tuple(str(name) for name in names)
    return _of(form, shape, array.ravel().tolist(), columns, (dtype or str(array.dtype),))


def _list(value: Any, form: str) -> Snapshot:
    inner = [len(one) for one in value if isinstance(one, (list, tuple))]
    if value and len(inner) == len(value) and len(set(inner)) == 1:
        flat = [cell for one in value for cell in one]
        return _of(form, (len(value), inner[0]), flat, None, (_types(flat),))
    if len(value) == 1 and isinstance(value[0], Mapping):
        return _of(form, (1, len(value[0])), list(value[0].values()), tuple(map(str, value[0])), ("object",))
    return _of(form, (len(value),), list(value), None, (_types(value),))


def _types(cells: Any) -> str:
    return " or ".join(sorted({type(one).__name__ for one in cells})) or "nothing"


def _of(
    form: str, shape: tuple[int, ...], cells: list[Any], columns: tuple[str, ...] | None, dtypes: tuple[str, ...]
) -> Snapshot:
    plain = [_cell(one) for one in cells]
    numbered = list(enumerate(plain))
    if len(plain) > MOST:
        told = [one for one in numbered if one[1] not in (0, None, False)]
        numbered = sorted((told or numbered)[:MOST])
    rounded = ["~" if one is None else f"{one:.6g}" if isinstance(one, float) else str(one) for one in plain]
    return Snapshot(
        form=form,
        shape=shape,
        size=len(plain),
        dtypes=dtypes,
        columns=columns,
        cells=tuple(numbered),
        nulls=sum(one is None for one in plain),
        infinite=sum(one in ("inf", "-inf") for one in plain),
        digest=hashlib.sha256("\0".join(rounded).encode()).hexdigest()[:16] if len(plain) > MOST else "",
    )


def _cell(value: Any) -> Cell:
    """A cell as JSON has it: what is missing is None, infinities are texts."""
    if hasattr(value, "item") and not hasattr(value, "strftime"):
        try:
            value = value.item()
        except (ValueError, TypeError):
            return _text(value)
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isfinite(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, str) and value in ("inf", "-inf"):
        return f"'{value}'"
    return _text(value)


def _text(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"

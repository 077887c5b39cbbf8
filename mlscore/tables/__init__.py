"""Data at any size behind one interface: `open_table(source)` gives a Table, whichever engine holds the rows."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlscore.tables.shapes import TableOptions
    from mlscore.tables.table import Table, open_table

__all__ = ["Table", "TableOptions", "open_table"]

_HOMES = {"Table": "table", "TableOptions": "shapes", "open_table": "table"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""The fault catalogue: documented, sized, reproducible ways in which a table goes wrong, to try checks and tests with.

    from mlscore.faults import catalogue, every_fault, fault

    injected = fault("nulls", share=0.2).apply(table, columns="age", seed=1)

The rooms behind these names use numpy and pyarrow throughout, so they are imported when the first name is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlscore.faults.base import CellFault, Effect, Fault, Injected
    from mlscore.faults.cases import Case, every_fault
    from mlscore.faults.kinds import ColumnKind
    from mlscore.faults.registry import catalogue, fault

__all__ = ["Case", "CellFault", "ColumnKind", "Effect", "Fault", "Injected", "catalogue", "every_fault", "fault"]

_ROOMS = {
    "Case": "cases",
    "CellFault": "base",
    "ColumnKind": "kinds",
    "Effect": "base",
    "Fault": "base",
    "Injected": "base",
    "catalogue": "registry",
    "every_fault": "cases",
    "fault": "registry",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    from mlscore.errors import UsageError

    try:
        room = import_module(f"{__name__}.{_ROOMS[name]}")
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "pyarrow"):
            raise
        raise UsageError(f"faults need {error.name}", hint='pip install "ml-test-score[data]"') from error
    return getattr(room, name)

"""The fault catalogue for models: documented, sized, reproducible ways in which a model goes wrong, to try gates with.

from mlscore.faults.models import model_fault

broken = model_fault("label-shuffled", share=0.5).apply(model, rows, labels, seed=1)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlscore.errors import UsageError

if TYPE_CHECKING:
    from mlscore.faults.models.base import Broken, ModelFault
    from mlscore.faults.models.registry import every_model_fault, model_catalogue, model_fault
    from mlscore.faults.models.subject import Subject

__all__ = ["Broken", "ModelFault", "Subject", "every_model_fault", "model_catalogue", "model_fault"]

_ROOMS = {
    "Broken": "base",
    "ModelFault": "base",
    "Subject": "subject",
    "every_model_fault": "registry",
    "model_catalogue": "registry",
    "model_fault": "registry",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        room = import_module(f"{__name__}.{_ROOMS[name]}")
    except ModuleNotFoundError as error:
        if error.name not in ("numpy", "pyarrow", "pandas"):
            raise
        raise UsageError(f"faults need {error.name}", hint='pip install "ml-test-score[data,model]"') from error
    return getattr(room, name)

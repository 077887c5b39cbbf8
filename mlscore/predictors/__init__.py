"""Models behind one interface: `open_predictor(settings, root)` gives a Predictor, whatever answers for it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlscore.predictors.predictor import Predictor, open_predictor
    from mlscore.predictors.shapes import Prediction, Provenance, Task

__all__ = ["Prediction", "Predictor", "Provenance", "Task", "open_predictor"]

_HOMES = {
    "Prediction": "shapes",
    "Predictor": "predictor",
    "Provenance": "shapes",
    "Task": "shapes",
    "open_predictor": "predictor",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

"""Drift between a reference and current data, with thresholds that the reference itself calibrates."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from mlscore.checks.drift.configured import CHECKS

if TYPE_CHECKING:
    from mlscore.checks.drift.detect import compare, detect_drift
    from mlscore.checks.drift.summary import Summary, load, save

__all__ = ["CHECKS", "Summary", "compare", "detect_drift", "load", "save"]

# What needs numpy is imported when it is asked for: to list the checks is light.
_HOMES = {"compare": "detect", "detect_drift": "detect", "Summary": "summary", "load": "summary", "save": "summary"}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)

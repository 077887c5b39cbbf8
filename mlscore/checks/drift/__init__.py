"""Drift between a reference and current data, with thresholds that the reference itself calibrates."""

from __future__ import annotations

from mlscore.checks.drift.detect import compare, detect_drift
from mlscore.checks.drift.summary import Summary, load, save

__all__ = ["Summary", "compare", "detect_drift", "load", "save"]

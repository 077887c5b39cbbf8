"""Schemas of data: read in five languages, checked in one pass, proposed, compared, measured by faults."""

from __future__ import annotations

from mlscore.checks.schema.configured import CHECKS

__all__ = ["CHECKS"]

"""Privacy: personal data by content and name, erasure, k-anonymity, and who has access."""

from __future__ import annotations

from mlscore.checks.privacy.check import CHECKS

__all__ = ["CHECKS"]

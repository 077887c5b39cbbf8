"""Importing what an extra brings, with the command that installs it when it is not there."""

from __future__ import annotations

import importlib
from typing import Any

from mlscore.errors import UsageError


def need(module: str, extra: str = "data", package: str | None = None) -> Any:
    """The module. Raises UsageError that says how to install it (`package`: one that no extra brings)."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = error.name or module
        command = f"pip install {package}" if package else f'pip install "ml-test-score[{extra}]"'
        raise UsageError(f"{missing} is not installed, which this needs", hint=command) from None

"""Importing what an extra brings, with the command that installs it when it is not there."""

from __future__ import annotations

import importlib
from typing import Any

from mlscore.errors import UsageError


def need(module: str, extra: str) -> Any:
    """The module. Raises UsageError that says how to install it."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        missing = (error.name or module).partition(".")[0]
        raise UsageError(
            f"{missing} is not installed, which this model needs", hint=f'pip install "ml-test-score[{extra}]"'
        ) from None

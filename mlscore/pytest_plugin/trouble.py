"""What went wrong with mlscore itself during a run, kept until the session closes so that no test's result is lost."""

from __future__ import annotations

import traceback

from mlscore.errors import ISSUES_URL


class Trouble:
    """The first failure of our own; after it the plugin stays out of the way."""

    def __init__(self) -> None:
        self.message: str | None = None
        self.details = ""

    def __bool__(self) -> bool:
        return self.message is not None

    def note(self, error: Exception) -> None:
        """Keep an exception that is our fault; the first one counts."""
        if self.message is None:
            self.message = f"{type(error).__name__}: {error}".rstrip(": ")
            self.details = "".join(traceback.format_exception(error))

    def take(self, message: str, details: str) -> None:
        """Keep a failure that a worker of pytest-xdist told of."""
        if self.message is None:
            self.message, self.details = message, details

    def sentence(self) -> str:
        """What a person reads."""
        return (
            f"mlscore: internal error: {self.message}; the tests' results above stand, but there is no score; this is our "
            f"fault: please report it at {ISSUES_URL} with what `pytest -v` shows below it"
        )

"""Watching a long query: progress to a callback, and an end to it when its time is up."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Any

from mlscore.errors import UsageError
from mlscore.tables.shapes import Progress, TableOptions

INTERVAL = 0.2  # seconds between two looks


class Watch:
    """While it is entered, a thread looks after a connection that has `interrupt()` and `query_progress()`.

    A failing callback ends the query and is raised by the `with` statement, as is a UsageError when time is up.
    """

    def __init__(self, connection: Any, options: TableOptions, what: str) -> None:
        self._connection = connection
        self._options = options
        self._what = what
        self._done = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None

    def __enter__(self) -> None:
        if self._options.timeout or self._options.progress:
            self._thread = threading.Thread(target=self._look, name="mlscore watch", daemon=True)
            self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        if self._failure is not None:
            raise self._failure from None

    def _look(self) -> None:
        started = time.monotonic()
        limit = self._options.timeout
        wait = min(INTERVAL, limit) if limit else INTERVAL
        while not self._done.wait(wait):
            if limit and time.monotonic() - started >= limit:
                self._failure = UsageError(
                    f"{self._what} took longer than {limit:g} s", hint="allow more time, or give less data"
                )
            elif self._options.progress:
                try:
                    self._options.progress(Progress(self._what, self._share()))
                except BaseException as error:
                    self._failure = error
            if self._failure is not None:
                # The query may not have begun, or be followed by another: interrupt until the statement is left.
                self._connection.interrupt()

    def _share(self) -> float | None:
        try:
            percent = float(self._connection.query_progress())
        except Exception:
            return None
        return percent / 100 if 0 <= percent <= 100 else None

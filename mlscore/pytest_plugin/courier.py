"""How a worker of pytest-xdist lets its controller know what it collected, and what went wrong with us there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlscore.pytest_plugin.recorder import Recorder
from mlscore.pytest_plugin.trouble import Trouble

COURIER = "mlscore_collection"
"""The attribute of a worker's first report in which its collection travels to the controller."""


class Courier:
    """On a worker of pytest-xdist: sends what it collected with its first report, or when it ends without one.

    Not later, so that the controller knows the marked tests even when the worker crashes.
    """

    def __init__(self, config: pytest.Config, recorder: Recorder, trouble: Trouble) -> None:
        self._config = config
        self._recorder = recorder
        self._trouble = trouble
        self._sent = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Before the report leaves: marked tests tell their evidence, and the first report carries the collection.

        It does so as an attribute, which pytest's serialisation keeps.
        """
        recorder = self._recorder
        told = recorder.concerns(report) and (recorder.marked_late(report.nodeid) or report.user_properties)
        if told and recorder.teller is not None:
            recorder.teller.tell(report)
        if not self._sent and recorder.collection is not None:
            self._sent = True
            setattr(report, COURIER, recorder.collection.to_text())

    def pytest_sessionfinish(self) -> None:
        """What is left to tell goes with the worker's farewell."""
        left: dict[str, Any] = {}
        if not self._sent and self._recorder.collection is not None:
            left["collection"] = self._recorder.collection.to_text()
        if self._trouble:
            left["trouble"] = [self._trouble.message, self._trouble.details]
        output: dict[str, Any] = self._config.workeroutput  # type: ignore[attr-defined]
        output["mlscore"] = json.dumps(left)

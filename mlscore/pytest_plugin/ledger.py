"""In the process that closes the session: takes down what reports tell, from this process or from xdist's workers."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from mlscore.collect.cases import PROPERTY, Case, Gathered, SuiteFacts, from_property, run_facts, settle
from mlscore.collect.merge import merge, partial_reasons
from mlscore.collect.phases import brief, ran
from mlscore.core.evidence import Outcome
from mlscore.pytest_plugin.courier import COURIER
from mlscore.pytest_plugin.items import Ruler
from mlscore.pytest_plugin.recorder import Collection, Recorder, mark_error, message_of
from mlscore.pytest_plugin.trouble import Trouble

if TYPE_CHECKING:
    from mlscore.pytest_plugin.reach import Reach, Reached

_OF_A_WORKER = re.compile(r"^<WorkerController (\w+)> received keyboard-interrupt$")
PHASES = ("setup", "call", "teardown")


class Ledger:
    """Takes down the reports of marked tests and counts the rest."""

    def __init__(self, recorder: Recorder, ruler: Ruler, trouble: Trouble) -> None:
        self._recorder = recorder
        self._ruler = ruler
        self._trouble = trouble
        self._from_worker: Collection | None = None
        self._distributed = False
        # By node id and worker: the last property told, and what the reports of that attempt say beside it.
        self._told: dict[tuple[str, str], tuple[str, dict[Outcome, str]]] = {}
        self._crashed: dict[str, str] = {}
        self._errors: dict[str, None] = {}
        self._skipped_files: dict[str, str] = {}
        self._stopped: str | None = None
        self._tests = 0
        self._skipped = 0
        self.started = False

    @property
    def collection(self) -> Collection | None:
        """What was collected here, or on the first worker that told."""
        return self._recorder.collection or self._from_worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Let a marked test tell its evidence, before anybody else reads the report, and take it down.

        Of unmarked tests, most reports are passed over and the rest is only counted.
        """
        outcome: str = report.outcome
        if outcome == "passed":
            # Nearly all reports are these: a phase that passed is a test that ran where it is the call.
            if report.when == "call" and report.__class__ is pytest.TestReport:
                self._tests += 1
        elif report.__class__ is pytest.TestReport:
            if outcome != "rerun" and ran(report.when, outcome, getattr(report, "wasxfail", None)):
                self._tests += 1
            elif outcome == "skipped":
                self._skipped += 1
        recorder = self._recorder
        if recorder.concerns(report) and (recorder.marked_late(report.nodeid) or report.user_properties):
            if recorder.teller is not None:
                recorder.teller.tell(report)
            self._guarded(report)
        elif self._distributed and (COURIER in report.__dict__ or report.when not in PHASES):
            self._guarded(report)

    def _guarded(self, report: pytest.TestReport) -> None:
        try:
            self._take_down(report, report.__class__ is pytest.TestReport)
        except Exception as error:
            self._trouble.note(error)

    def _take_down(self, report: pytest.TestReport, whole: bool) -> None:
        if self._distributed:
            text = report.__dict__.pop(COURIER, None)
            if text is not None and self._from_worker is None:
                self._from_worker = Collection.from_text(text)
            if report.outcome == "failed" and report.when not in PHASES:
                # xdist makes a report of its own for the test in which a worker died.
                self._crashed[report.nodeid] = message_of(report)
        told = next((value for name, value in report.user_properties if name == PROPERTY), None)
        if not isinstance(told, str):
            return
        key = (report.nodeid, getattr(report, "worker_id", ""))
        _, vetoes = self._told.get(key, ("", {}))
        if whole and report.when == "setup":
            vetoes = {}
        if whole and report.outcome == "failed":
            vetoes[Outcome.FAILED if report.when == "call" else Outcome.ERROR] = brief(message_of(report))
        self._told[key] = (told, vetoes)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Files that could not be collected, and those that skipped themselves."""
        if report.outcome == "failed":
            self._errors[self._path(report.nodeid)] = None
        elif report.outcome == "skipped":
            longrepr: Any = report.longrepr
            reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr or "")
            self._skipped_files[self._path(report.nodeid)] = brief(str(reason).removeprefix("Skipped: "))

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C, `pytest.exit`, or a plugin that stops the session."""
        error = excinfo.value
        if isinstance(error, pytest.exit.Exception):
            self._stopped = f"pytest.exit: {error.msg}"
        elif type(error) is KeyboardInterrupt:
            self._stopped = "interrupted from the keyboard"
        else:
            # pytest-xdist shows the object that stands for a worker.
            self._stopped = _OF_A_WORKER.sub(r"worker \1 was interrupted from the keyboard", str(error))

    def pytest_internalerror(self) -> None:
        """pytest itself, or another plugin, broke."""
        self._stopped = "an internal error of pytest or of a plugin"

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        """Know that tests were about to run; end the session over marks gone wrong that only workers could see."""
        self.started = True
        result = yield
        if self._from_worker is not None and self._from_worker.problems:
            raise pytest.UsageError(mark_error(self._from_worker.problems))
        return result

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker of pytest-xdist what it needs to place tests."""
        self._distributed = True
        node.workerinput["mlscore"] = self._ruler.to_text()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Read the farewell of a worker."""
        text = getattr(node, "workeroutput", {}).get("mlscore")
        if text is None:
            return
        left = json.loads(text)
        if "trouble" in left:
            self._trouble.take(*left["trouble"])
        if "collection" in left and self._from_worker is None:
            self._from_worker = Collection.from_text(left["collection"])

    def close(self, session: pytest.Session, reach: Reach) -> tuple[Gathered, SuiteFacts]:
        """Everything the run told, and what it says of itself beside its tests' own reports."""
        from mlscore.pytest_plugin.reach import Reached

        stopped = self._stop_reason(session)
        told = merge(("", case) for case in self._told_cases())
        cases = {case.nodeid: case for case in told}
        found = self.collection
        # Where no worker lived to tell what it found, nothing is known of any place.
        reached = Reached() if found is None else reach.reached(found.files, found.unopened)
        silent = self._silent(cases, stopped or "it did not run", reach, reached)
        cases.update(silent)
        interrupted = None if self._errors and stopped and "during collection" in stopped else stopped
        facts = SuiteFacts(
            tests=self._tests,
            silent=tuple(silent.values()),
            partial=partial_reasons(cases.values()),
            errors=tuple(self._errors),
            interrupted=interrupted,
            ci=self._ruler.ci,
            whole=reached.whole,
        )
        run = run_facts(
            "pytest",
            cases.values(),
            ci=facts.ci,
            tests=facts.tests,
            partial=facts.partial,
            errors=facts.errors,
            interrupted=facts.interrupted,
        )
        return Gathered(tuple(cases.values()), run), facts

    def _told_cases(self) -> Generator[Case, None, None]:
        for (nodeid, _), (text, vetoes) in self._told.items():
            told = from_property(text)
            if told is not None and nodeid not in self._crashed:
                yield settle(told.case, vetoes)

    def _silent(self, cases: dict[str, Case], why: str, reach: Reach, reached: Reached) -> dict[str, Case]:
        """Cases that no report tells, by node id: not run, crashed, in a skipped file, left out of the collection."""
        silent: dict[str, Case] = {}
        collection = self.collection or Collection()
        for nodeid, case in collection.chosen.items():
            if nodeid in self._crashed:
                silent[case.nodeid] = replace(case, outcome=Outcome.ERROR, detail=brief(self._crashed[nodeid]))
            elif case.nodeid not in cases or cases[case.nodeid].outcome is Outcome.NOT_RUN:
                silent[case.nodeid] = replace(cases.get(case.nodeid, case), outcome=Outcome.NOT_RUN, detail=why)
        for case in collection.left_out:
            silent.setdefault(case.nodeid, case)
        for path, reason in self._skipped_files.items():
            for case in reach.skipped(path, reason):
                silent.setdefault(case.nodeid, case)
        for case in reached.left_out:
            if case.nodeid not in cases:
                silent.setdefault(case.nodeid, case)
        placed = {(case.path, case.qualname) for case in cases.values()}
        for case in collection.unplaced.values():
            # A property that a test recorded may have placed it after all.
            if (case.path, case.qualname) not in placed:
                silent.setdefault(case.nodeid, case)
        return silent

    def _stop_reason(self, session: pytest.Session) -> str | None:
        if self._stopped is not None:
            return self._stopped
        if session.shouldfail or session.shouldstop:
            # The last test may be the one that would have stopped the session.
            left = session.testscollected - self._tests - self._skipped
            return str(session.shouldfail or session.shouldstop) if left > 0 else None
        return None

    def _path(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return self._ruler.base + path if path else self._ruler.base.rstrip("/") or "."

"""One test's outcome out of its phases: setup, call (subtests come as further calls) and teardown."""

from __future__ import annotations

from dataclasses import dataclass

from mlscore.core.evidence import Outcome

# How much of a failure's message the report keeps.
DETAIL_LENGTH = 160
NOT_EXECUTED = "[NOTRUN] "
# Before version 9 pytest puts this before what an xfail mark says.
REASON = "reason: "
TOLERATED = "passed, but its xfail mark tolerates failure: it cannot fail"


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase's report: `when` it was, `outcome` in pytest's words, and the xfail mark's reason if that applied."""

    when: str
    outcome: str
    message: str = ""
    wasxfail: str | None = None


class Phases:
    """The phases of one attempt at a test, in order; `outcome()` is asked at any time for what they say so far."""

    __slots__ = ("_call", "_failed", "_setup", "_teardown")

    def __init__(self) -> None:
        self._setup: Phase | None = None
        self._call: Phase | None = None
        self._failed: Phase | None = None
        self._teardown: Phase | None = None

    def add(self, phase: Phase) -> None:
        """Take note of the next phase. A later call supersedes an earlier one, but no subtest's failure is forgotten."""
        if phase.when == "setup":
            self._setup = phase
        elif phase.when == "call":
            self._call = phase
            if phase.outcome == "failed" and self._failed is None:
                self._failed = phase
        elif phase.when == "teardown":
            self._teardown = phase

    def outcome(self) -> tuple[Outcome, str]:
        """The outcome over all phases, and why in a few words.

        A failed call is a failure, a failed setup or teardown an error. Whatever an xfail mark expects or tolerates counts
        as skipped: such a test cannot fail. A strict xfail mark whose test passes reports a failed call by itself.
        """
        if self._failed is not None:
            return Outcome.FAILED, brief(self._failed.message)
        for phase in (self._setup, self._teardown):
            if phase is not None and phase.outcome == "failed":
                return Outcome.ERROR, f"error in {phase.when}: {brief(phase.message)}"
        for phase in (self._setup, self._call):
            if phase is not None and phase.outcome == "skipped":
                return Outcome.SKIPPED, _why_skipped(phase)
        if self._call is None:
            return Outcome.NOT_RUN, "its call phase did not run"
        if self._call.wasxfail is not None:
            return Outcome.SKIPPED, TOLERATED
        return Outcome.PASSED, ""


def _why_skipped(phase: Phase) -> str:
    if phase.wasxfail is None:
        return brief(phase.message.removeprefix("Skipped: "))
    reason = phase.wasxfail.removeprefix(REASON)
    verb = "not executed, as its xfail mark asks" if reason.startswith(NOT_EXECUTED) else "xfailed"
    reason = brief(reason.removeprefix(NOT_EXECUTED))
    return f"{verb}: {reason}" if reason else verb


def brief(message: str) -> str:
    """The first line that says something, at most `DETAIL_LENGTH` characters."""
    line = next((stripped for part in message.splitlines() if (stripped := part.strip())), "")
    return line if len(line) <= DETAIL_LENGTH else line[: DETAIL_LENGTH - 1].rstrip() + "…"


def ran(when: str | None, outcome: str, wasxfail: str | None) -> bool:
    """Whether a phase's report means that its test ran to an outcome: called (an expected failure too), or broken in setup.

    A skipped test did not run.
    """
    if outcome == "skipped":
        return wasxfail is not None and not wasxfail.removeprefix(REASON).startswith(NOT_EXECUTED)
    return when == "call" or (when == "setup" and outcome == "failed")

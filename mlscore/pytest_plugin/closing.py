"""The end of a session: the score is computed, reports go where they should, and the gate decides the exit status."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlscore.collect.cases import PROPERTY, to_suite_property
from mlscore.errors import EXIT_GATE_NOT_MET, EXIT_INTERNAL, MlscoreError
from mlscore.pytest_plugin.narrowing import runs_nothing
from mlscore.pytest_plugin.uncollected import uncollected

if TYPE_CHECKING:
    from mlscore.collect.cases import Gathered, SuiteFacts
    from mlscore.core.report import Report
    from mlscore.project.config import Config
    from mlscore.pytest_plugin.ledger import Ledger
    from mlscore.pytest_plugin.trouble import Trouble
    from mlscore.report.targets import Target

# Destinations of the terminal report that are the terminal.
ON_SCREEN = (None, "-")

# Only these are replaced by our own: whatever else pytest or a plugin ends with tells more than a gate does.
_FREE = (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)


class Buffer(io.StringIO):
    """Text on its way to a terminal of some encoding, which the one who writes may ask for."""

    def __init__(self, encoding: str | None) -> None:
        super().__init__()
        self._encoding = encoding

    @property
    def encoding(self) -> str | None:  # type: ignore[override]
        """The terminal's encoding, None where it is not known."""
        return self._encoding


class Closing:
    """Computes the score once the tests are over, delivers the reports, and raises the exit status when it must."""

    def __init__(
        self,
        config: pytest.Config,
        settings: Config | None,
        targets: Sequence[Target],
        ledger: Ledger | None,
        trouble: Trouble,
    ) -> None:
        self._config = config
        self._settings = settings
        self._targets = targets
        self._ledger = ledger
        self._trouble = trouble
        self._gathered: tuple[Gathered, SuiteFacts] | None = None
        self._report: Report | None = None
        self._screen = Buffer(None)
        self._messages: list[str] = []
        self._shown = False

    def gathered(self, session: pytest.Session) -> tuple[Gathered, SuiteFacts] | None:
        """What the session's tests told, computed once; None where nothing was to be run or nothing can be told."""
        if self._gathered is not None or self._settings is None or self._ledger is None:
            return self._gathered
        if not self._ledger.started or runs_nothing(self._config) or self._trouble:
            return None
        from mlscore.pytest_plugin.reach import Reach

        rubric_ids = tuple(item.id for item in self._settings.rubric.items)
        reach = Reach(session, self._settings.root, self._settings.conventions, rubric_ids)
        try:
            with uncollected():
                self._gathered = self._ledger.close(session, reach)
        except Exception as error:
            self._trouble.note(error)
        return self._gathered

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Last of all, so that no other plugin's exit status undoes a gate that is not met."""
        if session.exitstatus == pytest.ExitCode.USAGE_ERROR:
            return
        try:
            with uncollected():
                self._close(session)
        except KeyboardInterrupt:
            # The tests are over and their results are to be shown; files are written whole or not at all.
            self._messages.append("mlscore: interrupted before every report was written; run the suite again for them")
            session.exitstatus = pytest.ExitCode.INTERRUPTED
        except Exception as error:
            self._trouble.note(error)
        if self._trouble:
            self._messages = [self._trouble.sentence()]
            if self._verbosity() > 0 or self._config.getoption("fulltrace", False):
                self._messages.append(self._trouble.details)
            self._exit(session, EXIT_INTERNAL)
        if not self._config.pluginmanager.has_plugin("terminalreporter"):
            # Nobody writes to the terminal, but a gate never passes or fails without a word.
            said = [] if self._report is None or self._shows_the_screen() else [_quiet_line(self._report)]
            for message in (*said, *self._messages):
                print(message, file=sys.stderr)

    def _close(self, session: pytest.Session) -> None:
        settings = self._settings
        gathered = self.gathered(session)
        if gathered is None or settings is None:
            flag = runs_nothing(self._config)
            if flag is not None:
                self._messages.append(f"mlscore: {flag} runs no test: there is no score, and the gate is not judged")
            return
        from mlscore import pipeline

        report = self._report = pipeline.run(settings, gathered[0], now=datetime.now(UTC))
        try:
            self._deliver(report, settings)
        except MlscoreError as error:
            from mlscore.report.text import clean

            self._messages.append(f"mlscore: {clean(str(error))}")
            self._exit(session, pytest.ExitCode.USAGE_ERROR)
        if report.gate.passed is False:
            self._exit(session, EXIT_GATE_NOT_MET)

    def _deliver(self, report: Report, settings: Config) -> None:
        from mlscore.report.screen import Screen, is_dumb, speaks_unicode
        from mlscore.report.targets import deliver

        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        targets = list(self._targets)
        if not self._shows_the_screen():
            targets = [t for t in targets if t.type != "terminal" or t.destination not in ON_SCREEN]
        writer = None if terminal is None else self._config.get_terminal_writer()
        stream = sys.stdout if writer is None else getattr(writer, "_file", None)
        self._screen = Buffer(getattr(stream, "encoding", None))
        screen = Screen(
            width=80 if writer is None else writer.fullwidth,
            color=writer is not None and writer.hasmarkup,
            unicode=speaks_unicode(stream) and not is_dumb(os.environ),
        )
        deliver(
            report,
            targets,
            stdout=sys.stdout if terminal is None else self._screen,
            environ=os.environ,
            root=settings.root,
            cwd=Path(self._config.invocation_params.dir),
            screen=screen,
            note=lambda text: self._messages.append(f"mlscore: {text}"),
        )

    def _shows_the_screen(self) -> bool:
        """Whether the terminal report is shown: always when the call asks for it, else unless `-q` or no terminal."""
        if not any(t.type == "terminal" and t.destination in ON_SCREEN for t in self._targets):
            return False
        asked = any(str(text).partition(":")[0] == "terminal" for text in self._config.option.mlscore_report or ())
        quiet = self._verbosity() < 0 or self._config.getoption("no_summary", False)
        return asked or not (quiet or not self._config.pluginmanager.has_plugin("terminalreporter"))

    def _verbosity(self) -> int:
        """How much is to be said: 0 by default, and where `-p no:terminal` took the option away."""
        return int(self._config.getoption("verbose", 0))

    def _exit(self, session: pytest.Session, status: int) -> None:
        if session.exitstatus in _FREE:
            session.exitstatus = status

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """After the tests' own results."""
        with uncollected():
            self._show(terminalreporter)

    def pytest_unconfigure(self) -> None:
        """Where pytest shows no summary (`--no-summary`, a foreign exit status), the gate is told all the same."""
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is not None and not self._shown:
            self._show(terminal)

    def _show(self, terminalreporter: pytest.TerminalReporter) -> None:
        self._shown = True
        text = self._screen.getvalue()
        if text or self._messages or self._report is not None:
            terminalreporter.write_sep("=", "ML Test Score")
        if text:
            terminalreporter.write(text if text.endswith("\n") else text + "\n")
        if self._report is not None and not self._shows_the_screen():
            terminalreporter.write_line(_quiet_line(self._report))
        for message in self._messages:
            terminalreporter.write_line(message, red=True)


class Stamp:
    """Lets the JUnit file tell of the run what its test cases do not: what was not run, and what is partial."""

    def __init__(self, config: pytest.Config, closing: Closing) -> None:
        self._config = config
        self._closing = closing

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """First of all, before pytest writes the file."""
        gathered = self._closing.gathered(session)
        if gathered is None:
            return
        for plugin in self._config.pluginmanager.get_plugins():
            add = getattr(plugin, "add_global_property", None)
            if add is not None:
                add(PROPERTY, to_suite_property(gathered[1]))


def _quiet_line(report: Report) -> str:
    from mlscore.report.reading import quiet_line

    return quiet_line(report)

"""Starting pytest for the user: a process of its own in the project's folder, whose report comes back as JSON."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlscore.core.report import Report
from mlscore.errors import UsageError
from mlscore.project.config import Config
from mlscore.project.reports import read_report

# pytest's own exit codes under which there is no report to read.
_USAGE_ERROR = 4


def run_pytest(config: Config, args: Sequence[str], overrides: Mapping[str, object], *, judged: bool = True) -> Report:
    """Run the project's tests with the plugin and return its report.

    pytest's output goes to standard error, so that standard output carries nothing but the report. `overrides` are the
    options of the command line (`rubric`, `profile`, `fail_under`, `strict`) that the plugin is to take over. Unless
    `judged`, the committed baseline stays unread, and the report's gate means nothing.

    Raises UsageError when pytest ends without a report: a usage error of its own, or a crash.
    """
    with tempfile.TemporaryDirectory(prefix="mlscore-") as folder:
        target = Path(folder) / "report.json"
        command = [sys.executable, "-m", "pytest", "--mlscore", f"--mlscore-report=json:{target}"]
        command += _options(overrides)
        command += [*config.pytest_args, *args]
        # Without the ratchet the baseline is not read, whatever stands where the project keeps it.
        unread = {} if judged else {"MLSCORE_RATCHET": "false"}
        code = _call(command, config.root, {**os.environ, **unread})
        if not target.exists():
            hint = (
                "see pytest's message above"
                if code == _USAGE_ERROR
                else "see its output above; `pytest --mlscore` in that folder shows the same"
            )
            raise UsageError(
                f"pytest ended with exit code {code} and left no report", where=str(config.root), hint=hint
            )
        return read_report(target)


def _call(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> int:
    """Run a command to its end and return its exit code; after Ctrl-C too, which it hears of as well as we do.

    Killed at once, pytest would leave the fixtures of the tests standing. A second Ctrl-C does not wait any longer.
    """
    with subprocess.Popen(command, cwd=folder, env=environ, stdout=_standard_error()) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            try:
                process.wait()
            except KeyboardInterrupt:
                process.kill()
            raise


def _options(overrides: Mapping[str, object]) -> list[str]:
    options: list[str] = []
    for key, value in overrides.items():
        name = "--mlscore-" + key.replace("_", "-")
        if key == "rubric" and os.path.isfile(str(value)):
            # A path is relative to where it was typed, and pytest runs in the project's folder.
            value = os.path.abspath(str(value))
        if value is True:
            options.append(name)
        elif value not in (None, False):
            options.append(f"{name}={value}")
    return options


def _standard_error() -> int:
    """The descriptor of standard error, flushed, so that lines come in order."""
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        return sys.stderr.fileno()
    except (OSError, ValueError):
        # Standard error is captured by whoever called us and has no descriptor.
        return os.dup(2)

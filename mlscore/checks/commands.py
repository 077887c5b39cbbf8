"""Running a project's own command: within a time, with all it started ended afterwards, its last words kept."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mlscore.checks.leftovers import end_left, marked
from mlscore.errors import ConfigError
from mlscore.project.redact import redact

_SAID = 8_192  # bytes of the end of what a command says
_WORDS = 200


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended: its exit code (None: its time was up), its last words, and the seconds it took.

    `left` are the names of processes that it left running and that were ended.
    """

    code: int | None
    said: str
    seconds: float
    left: tuple[str, ...] = ()

    @property
    def last_words(self) -> str:
        """The last line it wrote, short, without passwords."""
        lines = [line for line in self.said.splitlines() if line.strip()]
        return redact(" ".join(lines[-1].split())[:_WORDS]) if lines else ""

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        if self.code is None:
            return f"did not end within {self.seconds:.0f} s"
        if self.code < 0:
            name = signal.Signals(-self.code).name if -self.code in set(signal.Signals) else f"signal {-self.code}"
            return f"was ended by {name}"
        return f"ended with exit code {self.code}"


def split_command(given: str | Sequence[str], where: object | None = None) -> tuple[str, ...]:
    """A command's words: those of a list, or of one text as a shell would part it. Raises ConfigError for none."""
    text = given if isinstance(given, str) else given[0] if len(given) == 1 else None
    try:
        words = tuple(given) if text is None else tuple(shlex.split(text))
    except ValueError as error:
        raise ConfigError(f"the command {text!r} cannot be read: {error}", where=where) from None
    if not words:
        raise ConfigError("the command is empty", where=where, hint="write the program and its arguments")
    return words


def fill(command: Sequence[str], values: Mapping[str, str]) -> tuple[str, ...]:
    """The command with `{name}` replaced by its value, for each of the names; other braces stay."""
    words = list(command)
    for name, value in values.items():
        words = [word.replace("{" + name + "}", value) for word in words]
    return tuple(words)


def program_of(command: Sequence[str], root: Path, where: object | None = None) -> tuple[str, ...]:
    """The command with its program found: `python` is the one that runs us. Raises ConfigError where there is none."""
    program = command[0]
    if program in ("python", "python3"):
        return (sys.executable, *command[1:])
    beside = root / program
    found = str(beside) if os.sep in program and beside.exists() else shutil.which(program)
    if found is None:
        raise ConfigError(f'there is no program "{program}"', where=where, hint="install it, or mend the command")
    return (found, *command[1:])


def run_command(
    command: Sequence[str], folder: Path, limit: float, environment: Mapping[str, str] | None = None
) -> Finished:
    """Run a command in a folder for at most `limit` seconds. What it started is ended with it."""
    start = time.monotonic()
    own, mark = marked(os.environ if environment is None else environment)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            list(command),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            env=own,
            start_new_session=True,
        )
        code: int | None
        try:
            code = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        said.seek(max(0, said.seek(0, os.SEEK_END) - _SAID))
        text = said.read().decode("utf-8", "replace")
    seconds = time.monotonic() - start
    return Finished(code, text, seconds, end_left(mark))


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()

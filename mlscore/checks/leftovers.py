"""Processes that a command leaves running, even where they went into a session of their own: found by a mark, and ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MARK = "MLSCORE_COMMAND"  # in the environment of whatever a command starts, and so of what that starts
_SETTLE = 0.2  # seconds for processes that are ending by themselves


def marked(environment: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The environment with a mark that no other command has, and the mark."""
    mark = os.urandom(16).hex()
    return {**environment, MARK: mark}, mark


def end_left(mark: str) -> tuple[str, ...]:
    """The names of processes with the mark that are still there; they are ended. Only Linux tells them."""
    if not _of(mark):
        return ()
    time.sleep(_SETTLE)
    found = _of(mark)
    for number, _ in found:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(number, signal.SIGKILL)
    return tuple(sorted({name for _, name in found}))


def _of(mark: str) -> list[tuple[int, str]]:
    wanted = f"{MARK}={mark}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0") and not _is_dying(folder):
                found.append((int(folder.name), (folder / "comm").read_text(encoding="utf-8").strip()))
        except (OSError, ValueError):
            continue
    return found


def _is_dying(folder: Path) -> bool:
    """Whether a process was ended and only has to find that out, which takes its time on a busy machine."""
    told = dict(line.partition(":")[::2] for line in (folder / "status").read_text(encoding="utf-8").splitlines())
    pending = int(told.get("SigPnd", "0"), 16) | int(told.get("ShdPnd", "0"), 16)
    return bool(pending & 1 << (signal.SIGKILL - 1)) or told.get("State", "").strip()[:1] in ("Z", "X")

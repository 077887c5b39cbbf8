"""Running foreign code within bounds: a time limit, nothing printed, no network, no file written, and a note of it all."""

from __future__ import annotations

import io
import os
import signal
import sys
import sysconfig
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.sendto", "urllib.Request")
_PROCESSES = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class TimeLimitError(BaseException):
    """A call took longer than it may; no `except Exception` of the code under test holds it."""


class BlockedError(ConnectionError):
    """The code under test asked for the network, another program or a file to write."""


@dataclass(slots=True)
class Seen:
    """What code did besides returning features."""

    outside: dict[str, None] = field(default_factory=dict)  # asked for and refused
    read: dict[str, None] = field(default_factory=dict)
    warned: dict[str, None] = field(default_factory=dict)
    printed: int = 0


class _Watch(threading.local):
    seen: Seen | None = None
    allowed = False


_watch = _Watch()
_installed: list[bool] = []


@contextmanager
def bounds(seconds: float, seen: Seen, *, outside: bool = False) -> Iterator[None]:
    """Run the block with at most so many seconds of real time, and note in `seen` what it does; `outside`: it may.

    Raises TimeLimitError, in the main thread of a system that knows alarms; elsewhere nothing ends the call.
    """
    if not _installed:
        # The folder of temporary files is found by writing one: inside of the hook, that would wait for itself.
        tempfile.gettempdir()
        # A hook cannot be taken away again: it looks at one attribute and does nothing outside of such a block.
        sys.addaudithook(_audit)
        _installed.append(True)
    before = _watch.seen, _watch.allowed
    out = io.StringIO()
    with warnings.catch_warnings(record=True) as caught, redirect_stdout(out), redirect_stderr(out):
        warnings.simplefilter("always")
        _watch.seen, _watch.allowed = seen, outside
        try:
            with _alarm(seconds):
                yield
        finally:
            _watch.seen, _watch.allowed = before
    seen.printed += len(out.getvalue().splitlines())
    for one in caught:
        seen.warned.setdefault(f"{one.category.__name__}: {str(one.message).strip().splitlines()[0][:120]}")


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(*_: object) -> None:
        raise TimeLimitError

    before = signal.signal(signal.SIGALRM, ring)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, left, interval)
        signal.signal(signal.SIGALRM, before)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    seen = _watch.seen
    if seen is None:
        return
    if event == "open":
        _opened(seen, *arguments[:3])
    elif event in _NETWORK:
        where = arguments[1] if event == "socket.connect" and len(arguments) > 1 else arguments[0]
        # A pair of sockets within the machine is how event loops wake themselves.
        if not isinstance(where, (str, bytes)) or event != "socket.connect":
            _refuse(seen, "for the network" + _host(event, arguments))
    elif event in _PROCESSES:
        _refuse(seen, "for another program")


def _host(event: str, arguments: tuple[Any, ...]) -> str:
    place = arguments[1] if event == "socket.connect" and len(arguments) > 1 else arguments[0]
    if isinstance(place, tuple) and len(place) >= 2:
        return f" ({place[0]}:{place[1]})"
    return f" ({place})" if isinstance(place, str) and event == "socket.getaddrinfo" else ""


def _opened(seen: Seen, path: Any, mode: Any, flags: Any) -> None:
    if not isinstance(path, (str, bytes)):
        return
    text = os.fsdecode(path)
    if "__pycache__" in text or text == os.devnull or text.endswith((".py", ".pyc", ".so", ".pth")):
        return
    writes = any(sign in mode for sign in "wax+") if isinstance(mode, str) else bool((flags or 0) & _WRITES)
    if writes:
        if not text.startswith(tempfile.gettempdir()) or text.startswith(str(Path.cwd())):
            _refuse(seen, f"to write the file {Path(text).name}")
    elif not text.startswith(_LIBRARIES) and not text.startswith(("/proc", "/sys", "/dev", "/etc", "/usr")):
        seen.read.setdefault(Path(text).name)


def _refuse(seen: Seen, what: str) -> None:
    seen.outside.setdefault(what)
    if not _watch.allowed:
        raise BlockedError(f"it asks {what}, which the check does not give")


_LIBRARIES = tuple({str(Path(place)) for place in (*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix)})

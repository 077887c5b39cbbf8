"""A process that answers for a model: started, asked, watched for time and memory, and ended with all it started."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from mlscore.predictors.channel import BrokenChannelError, read_frame, write_frame

_LOOK = 0.02  # seconds between two looks at the process
_SAID = 16_384  # bytes kept of what a process says
_MB = 1_000_000
_BOOT = (
    "import importlib.util as u, sys\n"
    "from pathlib import Path\n"
    "p = Path(sys.argv[1])\n"
    "s = u.spec_from_file_location('mlscore', p / '__init__.py', submodule_search_locations=[str(p)])\n"
    "m = u.module_from_spec(s); sys.modules['mlscore'] = m; s.loader.exec_module(m)\n"
    "from mlscore.predictors.worker import main; main()\n"
)


class EndedError(Exception):
    """The process is gone, or was ended. `what` says how, of "the model's process"; `hint` is what may help."""

    def __init__(self, what: str, hint: str | None = None, *, hung: bool = False, memory: bool = False) -> None:
        self.what = what
        self.hint = hint
        self.hung = hung
        self.memory = memory
        super().__init__(what)


class Watched:
    """A process in a group of its own, of which the last words are kept."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        root: Path,
        memory_mb: int,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._memory_mb = memory_mb
        self._said = bytearray()
        self.peak = 0.0
        self.process = subprocess.Popen(
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=root if root.is_dir() else None,
            env=dict(os.environ if environment is None else environment),
            start_new_session=True,
        )
        assert self.process.stderr is not None
        self._listener = threading.Thread(target=self._listen, args=(self.process.stderr,), daemon=True)
        self._listener.start()

    @property
    def said(self) -> str:
        """The end of what it wrote to its error stream."""
        return self._said.decode("utf-8", "replace")

    @property
    def last_words(self) -> str:
        """The last line of that, short."""
        lines = [line for line in self.said.splitlines() if line.strip()]
        return " ".join(lines[-1].split())[:300] if lines else ""

    def look(self, deadline: float, limit: float) -> None:
        """Raise EndedError, after ending it, when its time is up or its memory too much."""
        used = memory_of(self.process.pid) / _MB
        self.peak = max(self.peak, used)
        if used > self._memory_mb:
            self.end()
            raise EndedError(
                f"took more than {self._memory_mb:,} MB of memory and was ended",
                "allow more by memory-mb, or give it smaller batches by batch",
                memory=True,
            )
        if time.monotonic() > deadline:
            self.end()
            raise EndedError(
                f"gave no answer within {limit:g} s and was ended",
                "allow more by timeout, or give it smaller batches",
                hung=True,
            )

    def ended(self) -> EndedError:
        """How the process, which is gone, came to its end."""
        code = self.process.wait()
        self._listener.join(timeout=0.5)
        self.end()
        if code < 0:
            name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
            hint = "the system ends what takes too much memory" if name == "SIGKILL" else None
            return EndedError(f"was ended by {name}", hint)
        return EndedError(
            f"ended with exit code {code}", f'its last words: "{self.last_words}"' if self.last_words else None
        )

    def end(self) -> None:
        """End it and whatever it started, on Linux also what has left its group."""
        family = _descendants(self.process.pid) if self.process.returncode is None else []
        with suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        for pid in family:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                # Whoever got away may hold the other end, so that closing would wait for a reader or writer of ours.
                closing = threading.Thread(target=_close, args=(stream,), daemon=True)
                closing.start()
                closing.join(timeout=1.0)

    def _listen(self, stream: IO[bytes]) -> None:
        with suppress(OSError, ValueError):
            while chunk := os.read(stream.fileno(), 65_536):
                self._said += chunk
                del self._said[:-_SAID]
        with suppress(OSError):
            stream.close()


class Talk:
    """A worker process, asked by frames."""

    def __init__(self, *, root: Path, memory_mb: int, python: str = sys.executable) -> None:
        package = Path(__file__).parent.parent
        self._watched = Watched(
            [python, "-P", "-c", _BOOT, str(package)], root=root, memory_mb=memory_mb, environment=environment_of()
        )
        self._frames: queue.Queue[tuple[dict[str, Any], list[bytes]] | Exception | None] = queue.Queue()
        assert self._watched.process.stdout is not None
        threading.Thread(target=self._read, args=(self._watched.process.stdout,), daemon=True).start()

    @property
    def last_words(self) -> str:
        """The last line that the model's code printed."""
        return self._watched.last_words

    @property
    def said(self) -> str:
        """The end of what the model's code printed."""
        return self._watched.said

    def ask(
        self, header: Mapping[str, Any], parts: Sequence[bytes] = (), *, limit: float
    ) -> tuple[dict[str, Any], list[bytes]]:
        """The answer to a request, which may take `limit` seconds. Raises EndedError when there will be none."""
        deadline = time.monotonic() + limit
        # A process that is gone while a copy of it lives would never read: the writing must not hold us.
        threading.Thread(target=self._write, args=(header, parts), daemon=True).start()
        while True:
            try:
                frame = self._frames.get(timeout=_LOOK)
            except queue.Empty:
                if self._watched.process.poll() is None:
                    self._watched.look(deadline, limit)
                    continue
                try:
                    frame = self._frames.get(timeout=0.2)
                except queue.Empty:
                    frame = None
            if frame is None:
                raise self._watched.ended()
            if isinstance(frame, Exception):
                self._watched.end()
                raise EndedError("wrote into the channel that its answers take")
            return frame

    def close(self) -> None:
        """End the process."""
        self._watched.end()

    def _read(self, stream: IO[bytes]) -> None:
        try:
            while (frame := read_frame(stream)) is not None:
                self._frames.put(frame)
        except (BrokenChannelError, ValueError, OSError) as error:
            self._frames.put(error if isinstance(error, BrokenChannelError) else None)
            return
        self._frames.put(None)

    def _write(self, header: Mapping[str, Any], parts: Sequence[bytes]) -> None:
        assert self._watched.process.stdin is not None
        with suppress(OSError, ValueError):
            write_frame(self._watched.process.stdin, header, parts)


def environment_of() -> dict[str, str]:
    """The environment of a model's process: ours, without what measures our own coverage."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("COV_CORE", "COVERAGE_PROCESS"))}


def search_path(root: Path, *, ours: bool = True) -> list[str]:
    """Where modules are looked for: the project's root and its `src` folder, then, with `ours`, where we look."""
    own = [str(folder) for folder in (root, root / "src") if folder.is_dir()]
    return [*own, *(entry for entry in sys.path if ours and entry and entry not in own)]


def _close(stream: IO[bytes]) -> None:
    with suppress(OSError):
        stream.close()


def _descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that these have; none where there is no /proc."""
    found: list[int] = []
    with suppress(OSError, ValueError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text(encoding="ascii").split()):
                found += [child, *_descendants(child)]
    return found


def memory_of(pid: int) -> float:
    """Bytes of memory that a process and its children hold; 0 where the system does not say."""
    try:
        total = _resident(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                total += memory_of(int(child))
    except (OSError, ValueError):
        return _told_memory(pid) if sys.platform != "linux" else 0.0
    return total


def _resident(pid: int) -> float:
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _told_memory(pid: int) -> float:
    """What `ps` says, where there is no /proc."""
    try:
        found = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=False, timeout=5)
        return float(found.stdout.strip() or 0) * 1024
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0.0

"""Environments of peers whose libraries do not go with ours: made once from pinned versions, kept in the user's cache."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.measure import Run, environment, once

# The newest versions that work together; the rest pip chooses.
REQUIREMENTS = {
    "deepchecks": (
        "deepchecks==0.19.1",
        "pandas==2.3.3",
        "numpy==1.26.4",
        "scikit-learn==1.7.2",
        "pyarrow==20.0.0",
        "setuptools==80.9.0",
        "anywidget==0.11.0",
    ),
    "fairlearn": ("fairlearn==0.15.0", "pandas==3.1.1", "numpy==2.4.6", "scikit-learn==1.9.1", "pyarrow==26.0.1"),
    "evidently": ("evidently==0.7.23", "pandas==2.3.3", "pyarrow==26.0.1"),
    # No peer: mlscore itself, with what its examples need and no more.
    "flights": ("--editable", f"{Path(__file__).parents[1]}[examples]"),
}
PAIRS = 3
# Both would send reports of their use.
SILENT = {"DISABLE_DEEPCHECKS_ANONYMOUS_TELEMETRY": "True", "DO_NOT_TRACK": "1"}


def folder(name: str) -> Path:
    """Where a peer's environment is, or would be."""
    wanted = "\n".join((*REQUIREMENTS[name], sys.version.partition(" ")[0]))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "mlscore-benchmarks" / f"{name}-{hashlib.sha256(wanted.encode()).hexdigest()[:12]}"


def ready(name: str) -> bool:
    """Whether the environment has been made already."""
    return (folder(name) / "ready").exists()


def python(name: str) -> str:
    """The interpreter of a peer's environment, made now where it is not there: some minutes and up to a gigabyte.

    Raises CalledProcessError where pip fails.
    """
    place = folder(name)
    interpreter = place / "bin" / "python"
    if not ready(name):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(interpreter), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, *REQUIREMENTS[name]], check=True, env=environment())
        (place / "ready").touch()
    return str(interpreter)


def in_turn(
    peer: str, ours: str, theirs: str, folder: Path, *, quick: bool
) -> tuple[dict[str, list[Run]], dict[str, Any]]:
    """Two programs of Python in whole processes, ours and a peer's in its environment, in turn; and what each found.

    Each is given the path of a JSON file that it writes its finds to. They run three times after a warm-up, or once.
    Raises RuntimeError where one fails.
    """
    sides = {"ours": (sys.executable, ours), "theirs": (python(peer), theirs)}
    runs: dict[str, list[Run]] = {side: [] for side in sides}
    found: dict[str, Any] = {}
    for turn in range(1 if quick else PAIRS + 1):
        for side, (interpreter, code) in sides.items():
            target = folder / f"{side}.json"
            one = once([interpreter, "-c", code, str(target)], cwd=folder, env=environment(**SILENT))
            if one.code:
                raise RuntimeError(f"{side} ended with {one.code}")
            if turn or quick:
                runs[side].append(one)
            found[side] = json.loads(target.read_text(encoding="utf-8"))
    return runs, found


def once_within(command: Sequence[str], seconds: float, *, cwd: Path) -> Run | None:
    """Run a command and measure it; None where it took longer than so many seconds and was stopped."""
    start = time.perf_counter()
    stopped = threading.Event()
    with subprocess.Popen(
        command, cwd=cwd, env=environment(**SILENT), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:

        def stop() -> None:
            stopped.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    if stopped.is_set():
        return None
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    took = time.perf_counter() - start
    return Run(took, usage.ru_maxrss / 1024, process.returncode, usage.ru_utime + usage.ru_stime)

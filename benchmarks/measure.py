"""Timing whole processes in pairs: A B A B ..., medians of times and of ratios, peak memory beside them."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One process: wall-clock seconds, peak resident megabytes, exit code, seconds of the processors' time."""

    seconds: float
    megabytes: float
    code: int
    processor: float


@dataclass(frozen=True)
class Pair:
    """Medians over the pairs of runs: seconds and megabytes of each side, and of the ratio ours to theirs.

    `processor` is the same ratio of the processors' time, which other work on the machine does not lengthen.
    """

    ours: float
    theirs: float
    ratio: float
    ours_megabytes: float
    theirs_megabytes: float
    pairs: int
    processor: float


def environment(**changes: str) -> dict[str, str]:
    """This process's environment as users have it: byte code caches on, not in CI unless `changes` says so."""
    kept = {
        k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "PYTHONPROFILEIMPORTTIME", "CI")
    }
    return {**kept, **changes}


def once(command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None) -> Run:
    """Run a command to its end, its output thrown away, and measure it with the system's own accounting."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=cwd, env=dict(env or environment()), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    return Run(seconds, usage.ru_maxrss / 1024, process.returncode, usage.ru_utime + usage.ru_stime)


def pairs(
    ours: Sequence[str],
    theirs: Sequence[str],
    *,
    count: int,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> Pair:
    """Run two commands in turn, `count` times each after a warm-up. Raises RuntimeError on an exit code not in `codes`."""
    runs: tuple[list[Run], list[Run]] = ([], [])
    for number in range(count + 1):
        for side, command in enumerate((ours, theirs)):
            run = once(command, cwd=cwd, env=env)
            if run.code not in codes:
                raise RuntimeError(f"{' '.join(command)} ended with {run.code}")
            if number:
                runs[side].append(run)
    a, b = runs
    return Pair(
        ours=statistics.median(r.seconds for r in a),
        theirs=statistics.median(r.seconds for r in b),
        ratio=statistics.median(x.seconds / y.seconds for x, y in zip(a, b, strict=True)),
        ours_megabytes=statistics.median(r.megabytes for r in a),
        theirs_megabytes=statistics.median(r.megabytes for r in b),
        pairs=count,
        processor=statistics.median(x.processor / y.processor for x, y in zip(a, b, strict=True)),
    )

"""Measuring one feature function: the time of one row and of a batch, in rounds, and the peak of memory of a batch."""

from __future__ import annotations

import gc
import math
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mlscore.checks.cost.shapes import Measured, Timing
from mlscore.checks.feature_code.forms import Feature
from mlscore.checks.feature_code.guard import Seen, TimeLimitError, bounds
from mlscore.checks.feature_code.outputs import BadReturnError, Output, read_output
from mlscore.checks.feature_code.rules import absent
from mlscore.checks.intervals import Interval

ROUNDS = 5
LEAST_CALLS = 2  # of each round, for its time to have a spread of its own
MOST_CALLS = 40
LEAST_WAIT = 2.0  # seconds that any call is given: within fewer, a busy machine looks like a hanging function
PATIENCE = 3  # times the seconds, where other programs have the processor
TIMED = 0.7  # the share of the seconds that is for timing; the rest is for memory
_UNNAMED = ("value", "0")
_NOISE = 1e6  # bytes of resident memory that come and go by themselves


def measure(feature: Feature, frame: Any, batch: int, seconds: float, known: Sequence[str] = ()) -> Measured:
    """What computing a function's features costs on the frame's first `batch` rows, within about so many seconds.

    What it is given is made before each call and is not measured, nor is what it prints. A single column goes by its own
    name where that is a `known` feature or none of the input's, else by the function's.
    """
    name = feature.name
    whole = frame.iloc[:batch].reset_index(drop=True)
    singles = [frame.iloc[[place]].reset_index(drop=True) for place in range(min(len(frame), MOST_CALLS))]
    seen, answered, began = Seen(), False, waited()
    most = max(seconds, LEAST_WAIT)
    try:
        with bounds(most, seen, outside=True):
            feature.ready(singles[0])()
        answered = True
        with bounds(most, seen, outside=True):
            output = read_output(feature.ready(whole)())
        if output.rows != len(whole):
            return Measured(name, trouble=f"it makes {output.rows:,} rows of {len(whole):,}")
        row, many = _timed(feature, [singles, [whole]], seconds, seen)
        with bounds(most, seen, outside=True):
            memory = peak(feature.ready(whole)) / 1e6
    except TimeLimitError:
        trouble = f"{'a batch' if answered else 'one row'} did not return within {most:g} s"
        return Measured(
            name, tuple({_own(name)} & set(known)), trouble=trouble, beyond=_sure(most, began), beyond_row=not answered
        )  # fmt: skip
    except BadReturnError as error:
        return Measured(name, trouble=str(error))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return Measured(name, trouble=f"it raises {_said(error)}")
    missing = tuple(sum(map(absent, column)) for column in output.columns)
    names = _named(name, output, known, [str(column) for column in frame.columns])
    return Measured(name, names, row, many, memory, missing, output.rows)


def _named(name: str, output: Output, known: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    """The names of what a function computes."""
    own = _own(name)
    if len(output.names) > 1:
        return output.names
    (only,) = output.names
    if own in known or (only not in known and (only in _UNNAMED or only in given)):
        return (own,)
    return (only,)


def _own(name: str) -> str:
    return name.rpartition(":")[2].rpartition(".")[2]


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:160]}" if lines else type(error).__name__


def _timed(feature: Feature, kinds: Sequence[Sequence[Any]], seconds: float, seen: Seen) -> list[Timing]:
    """The time of calls on each kind of frames, in rounds that take turns; one call of each at least."""
    began, until = own_time(), time.perf_counter() + PATIENCE * seconds
    share = TIMED * seconds / ROUNDS / len(kinds)
    rounds: list[list[list[float]]] = [[] for _ in kinds]
    for number in range(ROUNDS):
        for place, frames in enumerate(kinds):
            if number and (own_time() - began > TIMED * seconds or time.perf_counter() > until):
                break
            rounds[place].append(_round(feature, frames, share, seconds, seen, number))
    return [timing(each) for each in rounds]


def _round(
    feature: Feature, frames: Sequence[Any], share: float, seconds: float, seen: Seen, number: int
) -> list[float]:
    taken: list[float] = []
    gc.collect()
    began = own_time()
    gc.disable()  # a collection belongs to the whole process, not to the call in which it falls
    try:
        # Making what it is given takes of the time too, though it is not measured.
        while len(taken) < MOST_CALLS and (len(taken) < LEAST_CALLS or own_time() - began < share):
            call = feature.ready(frames[(number + len(taken)) % len(frames)])
            with bounds(max(seconds, LEAST_WAIT), seen, outside=True):
                start = own_time()
                call()
                taken.append(max(0.0, own_time() - start))
            if taken[-1] > share:
                break
    finally:
        gc.enable()
    return taken


def own_time() -> float:
    """Seconds on a clock that stands still while other programs have the processor."""
    return time.perf_counter() - waited()


def waited() -> float:
    """Seconds in which this thread could have run and other programs did: no cost of what it runs; 0 where nobody tells.

    What it waits for by itself, a disk, the network or a sleep, is not among them.
    """
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/thread-self/schedstat").read_bytes().split()[1]) / 1e9
    return 0.0


def _sure(seconds: float, began: float) -> float:
    """Of so many seconds those that were surely the function's."""
    return max(0.0, seconds - (waited() - began))


def timing(rounds: Sequence[Sequence[float]]) -> Timing:
    """Seconds by round as milliseconds: median and 95th percentile of all, from the least to the greatest round's."""
    every = [second for each in rounds for second in each]

    def over(of: Callable[[Sequence[float]], float]) -> Interval:
        own = [of(each) for each in rounds]
        # That of all calls may lie outside of what it is by round.
        value = of(every)
        return Interval(1e3 * value, 1e3 * min(value, *own), 1e3 * max(value, *own))

    return Timing(over(statistics.median), over(_p95), len(every))


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def peak(call: Callable[[], Any]) -> float:
    """Bytes that a call takes at most beyond those held before: what Python and numpy ask for, or the process holds.

    Libraries that ask the system themselves (Arrow, Polars) show in the process alone, which Linux tells.
    """
    gc.collect()
    before = _resident_peak(reset=True)
    tracing = tracemalloc.is_tracing()
    if not tracing:
        tracemalloc.start()
    try:
        tracemalloc.reset_peak()
        base = tracemalloc.get_traced_memory()[0]
        call()
        traced = float(tracemalloc.get_traced_memory()[1] - base)
    finally:
        if not tracing:
            tracemalloc.stop()
    after = _resident_peak()
    held = 0.0 if before is None or after is None else after - before
    return max(0.0, traced, held if held > traced + _NOISE else 0.0)


def _resident_peak(*, reset: bool = False) -> float | None:
    """The most bytes that this process has held since the last reset; None where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        if reset:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return 1024.0 * int(line.split()[1])
    return None

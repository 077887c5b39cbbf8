"""Holding what a Python process takes from its surroundings: random bytes, the clock, the order of a folder's entries.

It is executed in the training's own processes before anything else is imported, and uses the standard library alone.
"""

from __future__ import annotations

import ctypes
import datetime
import gc
import os
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

_TICK = 0.001  # seconds by which a held clock advances each time it is read, so that nobody waits for it in vain


def install(seed: int | None = None, clock: float | None = None, order: str | None = None) -> None:
    """Hold what is given: the stream of random bytes, the time of day, the order ("sorted" or "reversed") of entries."""
    if seed is not None:
        hold_seed(seed)
    if clock is not None:
        hold_clock(clock)
    if order is not None:
        hold_order(reverse=order == "reversed")


def hold_seed(seed: int) -> None:
    """Give every generator that asks the system for a seed the same ones.

    numpy's generators ask by `secrets`, which asks by `random`; networks' own generators begin with fixed seeds.
    """
    stream = random.Random(seed)
    plain = random.Random.seed

    def held(self: random.Random, a: Any = None, version: int = 2) -> None:
        plain(self, stream.getrandbits(64) if a is None else a, version)

    random.Random.seed = held  # type: ignore[method-assign]
    os.urandom = stream.randbytes
    setattr(random, "_urandom", stream.randbytes)  # noqa: B010 - it is no public name
    random.seed = getattr(random, "_inst").seed  # noqa: B009 - it is no public name
    random.seed(seed)


def hold_clock(start: float) -> None:
    """Let the clock begin at `start`, in seconds since 1970, and advance only when it is read."""
    count = 0

    def now() -> float:
        nonlocal count
        count += 1
        return start + count * _TICK

    broken_down, universal = time.localtime, time.gmtime
    text, written = time.strftime, time.asctime

    changes: dict[str, Any] = {
        "time": now,
        "time_ns": lambda: int(now() * 1e9),
        "perf_counter": now,
        "process_time": now,
        "localtime": lambda seconds=None: broken_down(now() if seconds is None else seconds),
        "gmtime": lambda seconds=None: universal(now() if seconds is None else seconds),
        "strftime": lambda form, at=None: text(form, broken_down(now()) if at is None else at),
        "asctime": lambda at=None: written(broken_down(now()) if at is None else at),
        "ctime": lambda seconds=None: written(broken_down(now() if seconds is None else seconds)),
    }
    for name, change in changes.items():
        setattr(time, name, change)
    _put(datetime.datetime, "now", lambda cls, tz=None: cls.fromtimestamp(now(), tz))
    _put(datetime.datetime, "today", lambda cls: cls.fromtimestamp(now()))
    _put(datetime.datetime, "utcnow", lambda cls: cls.fromtimestamp(now(), datetime.UTC).replace(tzinfo=None))
    _put(datetime.date, "today", lambda cls: cls.fromtimestamp(now()))


def _put(kind: type, name: str, method: Callable[..., Any]) -> None:
    """Replace a class method of a class that is written in C.

    A subclass in its place would not do: compiled modules, pandas among them, take the class as it was.
    """
    (held,) = (one for one in gc.get_referents(kind.__dict__) if isinstance(one, dict))
    held[name] = classmethod(method)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


class _Entries:
    """What os.scandir returns, in a held order."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries = iter(entries)

    def __iter__(self) -> Iterator[Any]:
        return self._entries

    def __next__(self) -> Any:
        return next(self._entries)

    def __enter__(self) -> _Entries:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def close(self) -> None:
        """Nothing is open."""


def hold_order(*, reverse: bool) -> None:
    """List the entries of folders in the order of their names, or the other way round."""
    plain, scan = os.listdir, os.scandir

    def listdir(*given: Any) -> Any:
        return sorted(plain(*given), reverse=reverse)

    def scandir(*given: Any) -> Any:
        with scan(*given) as found:
            return _Entries(sorted(found, key=lambda one: one.name, reverse=reverse))

    os.listdir = listdir  # type: ignore[assignment]
    os.scandir = scandir  # type: ignore[assignment]

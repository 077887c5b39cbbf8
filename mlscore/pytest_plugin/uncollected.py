"""Short work without the garbage collector, which would walk a large suite's objects for the few that are made here."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the cyclic garbage collector from running inside; it is left as it was found.

    A full collection takes longer the more tests pytest holds, and whether a few more objects set one off is chance.
    What is made inside is little and mostly stays; reference counting frees the rest.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()

"""Code of which coverage.py sees a part run: `coverage run --branch covered.py`."""

from __future__ import annotations


def late(delay: float) -> bool:
    """Whether a flight is late."""
    if delay < 0:
        delay = 0.0
    return delay > 15


def never(delay: float) -> float:
    """Not called."""
    return delay * 2


assert not late(3)

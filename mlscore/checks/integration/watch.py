"""Writing down which files a Python process opens outside of its folder.

It is executed in the pipeline's own processes before anything else is imported, and uses the standard library alone.
"""

from __future__ import annotations

import os
import sys
import threading
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_SYSTEM = ("/dev/", "/proc/", "/sys/")
# The audit events of changes, each with the place of the path among its arguments, and whether the path is gone then.
_CHANGES = {
    "os.rename": ((0, True), (1, False)),
    "os.link": ((1, False),),
    "os.symlink": ((1, False),),
    "os.mkdir": ((0, False),),
    "os.remove": ((0, True),),
    "os.rmdir": ((0, True),),
    "os.truncate": ((0, False),),
    "sqlite3.connect": ((0, False),),
}


def install(log: str, folder: str, root: str) -> None:
    """Write a line to `log` for each file outside of `folder` that is written or removed, and each read below `root`.

    A line is a letter (r, w or d), a tab and the path.
    """
    own = tuple(one + os.sep for one in {folder, os.path.realpath(folder)})
    below = tuple(one + os.sep for one in {root, os.path.realpath(root)})
    told: set[tuple[str, str]] = set()
    busy = threading.local()

    def look(event: str, given: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = given
            tell("w" if isinstance(flags, int) and flags & _WRITES else "r", path)
        elif event in _CHANGES:
            for place, gone in _CHANGES[event]:
                tell("d" if gone else "w", given[place])

    def tell(what: str, given: Any) -> None:
        if not isinstance(given, (str, bytes, os.PathLike)) or getattr(busy, "now", False):
            return
        busy.now = True
        try:
            path = os.path.abspath(os.fsdecode(given))
            if path.startswith(own) or (what, path) in told:
                return
            told.add((what, path))
            real = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
            if real.startswith((*own, *_SYSTEM)) or (what == "r" and not real.startswith(below)):
                return
            if what == "r" and not os.path.isfile(real):
                return
            number = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(number, f"{what}\t{real}\n".encode("utf-8", "surrogateescape"))
            finally:
                os.close(number)
        except (OSError, ValueError):
            # A path that cannot be a path, or a log that is gone: the pipeline's own code has to go on.
            return
        finally:
            busy.now = False

    sys.addaudithook(look)

"""Finding a Python with which an extra's environment can be made."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mlscore.errors import UsageError
from mlscore.extras.shapes import Extra

_ASK = (
    "import json, sys\n"
    "try:\n    import ensurepip, venv\n    able = True\nexcept ImportError:\n    able = False\n"
    "print(json.dumps(['%d.%d' % sys.version_info[:2], '%d.%d.%d' % sys.version_info[:3], able]))"
)
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python: `minor` is "3.12", `version` "3.12.1"; `able` says whether it can make environments."""

    path: str
    minor: str
    version: str
    able: bool


def choose(extra: Extra, given: Path | None = None) -> Interpreter:
    """The Python to build with: the given one, else ours, else one on the PATH that there are pins for.

    Raises UsageError where it is none that the extra works with.
    """
    wanted = " or ".join(reversed(extra.pythons))
    if given is not None:
        found = ask(str(given))
        if found is None:
            raise UsageError("this is no Python that runs", where=given, hint=f"name one of Python {wanted}")
        if found.minor not in extra.pythons:
            raise UsageError(
                f"this is Python {found.version}; {extra.id} works with Python {wanted}",
                where=given,
                hint="name one of these",
            )
        if not found.able:
            raise UsageError(
                "this Python cannot make environments: its ensurepip is missing",
                where=given,
                hint="install it (Debian and Ubuntu: python3-venv), or name another by --python",
            )
        return found
    seen = []
    for candidate in (sys.executable, *(shutil.which(f"python{minor}") for minor in extra.pythons)):
        found = ask(candidate) if candidate else None
        if found is None:
            continue
        if found.minor in extra.pythons and found.able:
            return found
        seen.append(found)
    mute = next((one for one in seen if one.minor in extra.pythons), None)
    if mute is not None:
        raise UsageError(
            f"Python {mute.version} ({mute.path}) cannot make environments: its ensurepip is missing",
            hint="install it (Debian and Ubuntu: python3-venv), or name another: "
            f"mlscore extra install {extra.id} --python PATH",
        )
    own = ".".join(map(str, sys.version_info[:3]))
    raise UsageError(
        f"{extra.id} works with Python {wanted}; this is {own}, and no other is on the PATH",
        hint=f"install one and name it: mlscore extra install {extra.id} --python PATH",
    )


def ask(path: str) -> Interpreter | None:
    """What a Python says of itself; None where it does not run."""
    try:
        done = subprocess.run(
            [path, "-I", "-c", _ASK], capture_output=True, check=True, timeout=_SECONDS, stdin=subprocess.DEVNULL
        )
        minor, version, able = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return Interpreter(path, str(minor), str(version), bool(able))

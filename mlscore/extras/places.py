"""Where extra environments stand: in the user's data folder, each with a marker that says what it was built from."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from mlscore.errors import UsageError
from mlscore.extras.known import EXTRAS, find_extra
from mlscore.extras.shapes import Environment, Extra, python_in

MARKER = "mlscore.json"  # written last: a folder without it is half built


def home(environ: Mapping[str, str] | None = None) -> Path:
    """The folder of mlscore's own data: MLSCORE_HOME, else `mlscore` in the user's data folder (XDG_DATA_HOME).

    Raises UsageError where the system does not say what the user's folder is.
    """
    given = os.environ if environ is None else environ
    if given.get("MLSCORE_HOME"):
        return Path(given["MLSCORE_HOME"]).expanduser().absolute()
    # A relative one is to be ignored, by the XDG Base Directory Specification.
    for name in ("XDG_DATA_HOME", *(("LOCALAPPDATA",) if sys.platform == "win32" else ())):
        if os.path.isabs(given.get(name, "")):
            return Path(given[name]) / "mlscore"
    try:
        user = Path.home()
    except RuntimeError:
        raise UsageError("the user's home folder is not known", hint="set MLSCORE_HOME to a folder") from None
    return user / "Library" / "Application Support" / "mlscore" if sys.platform == "darwin" else _local(user)


def _local(user: Path) -> Path:
    return user / ("AppData/Local" if sys.platform == "win32" else ".local/share") / "mlscore"


def folder_of(extra: Extra) -> Path:
    """Where the environment of an extra stands, or would."""
    return home() / "extras" / extra.id


def find(extra: Extra) -> Environment | None:
    """The environment, where it was built whole, from the pins of today, and its Python is still there."""
    folder = folder_of(extra)
    try:
        said = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        python = str(said["python"])
        minor = ".".join(python.split(".")[:2])
        if minor not in extra.pythons or said["pins"] != extra.digest(minor) or not python_in(folder).exists():
            return None
        return Environment(extra, folder, python, str(said["made"]), int(said["size"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def need(id_: str) -> Environment:
    """The environment of an extra. Raises UsageError that says the one command where there is none to use."""
    extra = find_extra(id_)
    found = find(extra)
    if found is None:
        there = folder_of(extra).exists()
        what = "is broken, or not of today's pins" if there else "is not there"
        raise UsageError(f"the environment of {extra.id} {what}", hint=f"mlscore extra install {extra.id}")
    return found


def found_all() -> dict[str, Environment | None]:
    """Every extra with its environment, None where there is none to use."""
    return {id_: find(extra) for id_, extra in EXTRAS.items()}
